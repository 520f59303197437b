"""Local times through the change of the clocks: none comes twice, and each leads back to its moment."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from simkcc.streams.clock import Clock

MINUTE = 60_000_000


def microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize("zone", ["Europe/Brussels", "America/New_York", "UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("day", [date(2026, 10, 24), date(2026, 3, 28), date(2026, 10, 31)])
def test_no_time_comes_twice_and_each_leads_back(zone: str, day: date) -> None:
    clock = Clock(ZoneInfo(zone), day)
    start = microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
    moments = [start + minute * MINUTE for minute in range(2880)]
    told = [clock.at(moment) for moment in moments]
    assert all(later > earlier for earlier, later in pairwise(told))
    assert [clock.moment(at) for at in told] == moments


def test_after_the_change_the_clock_on_the_wall_is_right() -> None:
    zone = ZoneInfo("Europe/Brussels")
    clock = Clock(zone, date(2026, 10, 24))
    for local in (datetime(2026, 10, 25, 1, 59), datetime(2026, 10, 25, 3, 1)):
        moment = microseconds(local.replace(tzinfo=zone).astimezone(UTC))
        midnight = datetime(2026, 10, 24)
        assert clock.at(moment) == (local - midnight) // timedelta(microseconds=1)
