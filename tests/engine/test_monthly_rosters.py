"""Square-root rosters that follow the months."""

import datetime
from typing import Any

import pytest

from simkcc.engine.schedules import Almanac, Volume, day_levels, most_places
from simkcc.model.scenario import Scenario

MONTH = [2.0, *([1.0] * 10), 0.5]


def centre(*, monthly: bool, month: list[float] = MONTH, beta: float = 0.0) -> Scenario:
    rule = {"beta": beta, "per_year": 100_000.0, "aht": 240.0, "minimum": 0, "monthly": monthly}
    parts: dict[str, Any] = {
        "horizon": {"start": "2023-01-01", "days": 365},
        "hours": {"open": {"daily": ["08:00-18:00"]}},
        "demand": {"per_year": 100_000.0, "month": month,
                   "profile": {"start": "08:00", "shares": [1.0, 3.0] * 10}},
        "topics": {"calls": {"share": 1.0}},
        "handling": {"aht": 240.0},
        "queues": {"kcc": {"routes": [{"group": "kcc"}]}},
        "groups": {"kcc": {"roster": {"square_root": rule}}},
    }  # fmt: skip
    return Scenario.model_validate(parts)


def levels(scenario: Scenario, date: str) -> list[int]:
    almanac = Almanac(scenario)
    volume = Volume(almanac, scenario.demand)
    steps = day_levels(almanac, volume, scenario.groups["kcc"], datetime.date.fromisoformat(date))
    return [level for _, level in steps[:-1]]


def test_agents_of_a_month_are_the_load_of_that_month() -> None:
    scenario = centre(monthly=True)
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    total = sum(factor * count for factor, count in zip(MONTH, days, strict=True))
    for date, factor in (("2023-01-11", 2.0), ("2023-06-14", 1.0), ("2023-12-13", 0.5)):
        busy = 100_000 * factor / total * 3 / 40 * 240 / 1800
        assert max(levels(scenario, date)) == round(busy)


def test_one_roster_serves_the_year_unless_it_follows_the_months() -> None:
    flat = centre(monthly=False)
    assert levels(flat, "2023-01-11") == levels(flat, "2023-12-13")
    same = centre(monthly=True, month=[1.0] * 12)
    assert levels(same, "2023-03-08") == levels(
        centre(monthly=False, month=[1.0] * 12), "2023-03-08"
    )


@pytest.mark.parametrize("monthly", [True, False])
def test_a_group_has_room_for_its_busiest_month(monthly: bool) -> None:
    scenario = centre(monthly=monthly, beta=1.0)
    almanac = Almanac(scenario)
    volume = Volume(almanac, scenario.demand)
    most = most_places(almanac, volume, scenario.groups["kcc"])
    assert most == max(max(levels(scenario, f"2023-{month:02d}-15")) for month in range(1, 13))
