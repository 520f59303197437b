"""Opening hours, times of day and the horizon."""

import datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from simkcc.model.calendar import Horizon, Hours, TimeOfDay, seconds_of_day, span_of_day


def test_time_of_day_is_seconds_since_midnight() -> None:
    assert seconds_of_day("08:30") == 30_600
    assert seconds_of_day("24:00") == 86_400


@pytest.mark.parametrize("text", ["8.30", "24:01", "08:60", "", "8:3"])
def test_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day"):
        seconds_of_day(text)


def test_time_of_toml_is_a_time_of_day() -> None:
    assert TypeAdapter(TimeOfDay).validate_python(datetime.time(8, 30)) == "08:30"


def test_span_lies_within_one_day() -> None:
    assert span_of_day("09:00-17:00") == (32_400, 61_200)
    with pytest.raises(ValueError, match="ends before it starts"):
        span_of_day("22:00-06:00")


def test_most_specific_hours_win() -> None:
    hours = Hours(daily=("10:00-12:00",), weekdays=("09:00-17:00",), wed=(), sat=None)
    assert hours.spans(0) == ((32_400, 61_200),)
    assert hours.spans(2) == ()
    assert hours.spans(5) == ((36_000, 43_200),)


def test_overlapping_spans_are_refused() -> None:
    with pytest.raises(ValidationError, match="put them in order"):
        Hours(mon=("09:00-12:00", "11:00-13:00"))


def test_horizon_is_half_a_year_unless_told_otherwise() -> None:
    assert Horizon().length == 182
    assert Horizon(weeks=2).length == 14
    assert Horizon(days=3).length == 3


def test_warm_up_leaves_something_to_measure() -> None:
    with pytest.raises(ValidationError, match="leaves nothing of 7 days"):
        Horizon(weeks=1, warm_up_days=7)


@pytest.mark.parametrize("found", [20_240_131, datetime.datetime(2024, 1, 31, 8), "31/1/2024"])
def test_only_a_date_is_a_date(found: object) -> None:
    with pytest.raises(ValidationError, match="a date like 2024-01-31"):
        Horizon.model_validate({"start": found})
