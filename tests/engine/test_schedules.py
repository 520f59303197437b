"""Holidays are those of the almanac; volumes add up over a year; rosters are those made by hand."""

import datetime
from typing import Any

import numpy as np
import pytest
from seeds import few_of

from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.schedules import (
    Almanac,
    Volume,
    hour_changes,
    pieces_of_date,
    roster_levels,
)
from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.holidays import easter, public_holidays
from simkcc.model.scenario import Scenario

HOUR = 3600 * SECOND
ROUTES = {"a": {"routes": [{"group": "a"}]}}


def scenario(**changes: Any) -> Scenario:
    """Return a centre with one topic, one queue and one group, changed."""
    table: dict[str, Any] = {
        "horizon": {"start": "2024-01-01", "days": 366},
        "hours": {"open": {"weekdays": ["08:00-18:00"], "sat": ["09:00-12:00"]}},
        "demand": {"per_year": 100_000.0},
        "handling": {"aht": 240.0},
        "topics": {"a": {"share": 1.0}},
        "queues": ROUTES,
        "groups": {"a": {"agents": 1}},
    }
    return Scenario.model_validate(table | changes)


def dates_of(year: int) -> list[datetime.date]:
    first = datetime.date(year, 1, 1)
    days = (datetime.date(year + 1, 1, 1) - first).days
    return [first + datetime.timedelta(day) for day in range(days)]


def expected(centre: Scenario, date: datetime.date, topic: str = "a", scale: float = 1.0) -> list:
    """Return (hour, contacts expected so far) of a date."""
    almanac = Almanac(centre)
    volume = Volume(almanac, centre.demand)
    pieces = pieces_of_date(almanac, volume, centre.topics[topic], scale, date)
    return [(at / HOUR, so_far) for at, so_far in pieces]


def over(year: int, centre: Scenario, topic: str = "a") -> float:
    """Return the contacts expected in a year."""
    almanac = Almanac(centre)
    volume = Volume(almanac, centre.demand)
    days = (pieces_of_date(almanac, volume, centre.topics[topic], 1.0, d) for d in dates_of(year))
    return sum(float(pieces[-1][1]) for pieces in days if pieces)


def total(centre: Scenario, date: datetime.date, topic: str = "a", scale: float = 1.0) -> float:
    pieces = expected(centre, date, topic, scale)
    return float(pieces[-1][1]) if pieces else 0.0


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# ---------------------------------------------------------------------------------------------
# holidays


@pytest.mark.parametrize(
    "sunday",
    ["1818-03-22", "1943-04-25", "1961-04-02", "2000-04-23", "2008-03-23", "2011-04-24",
     "2019-04-21", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05",
     "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22"],
)  # fmt: skip
def test_easter_is_on_its_published_date(sunday: str) -> None:
    assert easter(date(sunday).year) == date(sunday)


@pytest.mark.parametrize("century", range(1600, 2600, 100))
def test_easter_is_that_of_the_tables_of_the_calendar(century: int) -> None:
    for year in range(century, century + 100):
        moon = (
            19 * (year % 19)
            + 15
            + century // 100
            - century // 400
            - (8 * (century // 100) + 13) // 25
        ) % 30
        moon -= moon == 29 or (moon == 28 and year % 19 > 10)
        full = datetime.date(year, 3, 21) + datetime.timedelta(int(moon))
        assert easter(year) == full + datetime.timedelta(6 - full.weekday() or 7)


HOLIDAYS = {
    ("BE", 2024): "01-01 04-01 05-01 05-09 05-20 07-21 08-15 11-01 11-11 12-25",
    ("BE", 2025): "01-01 04-21 05-01 05-29 06-09 07-21 08-15 11-01 11-11 12-25",
    ("BE", 2008): "01-01 03-24 05-01 05-12 07-21 08-15 11-01 11-11 12-25",
    ("NL", 2024): "01-01 04-01 04-27 05-09 05-20 12-25 12-26",
    ("NL", 2025): "01-01 04-21 04-26 05-29 06-09 12-25 12-26",
    ("NL", 2012): "01-01 04-09 04-30 05-17 05-28 12-25 12-26",
    ("NL", 2006): "01-01 04-17 04-29 05-25 06-05 12-25 12-26",
    ("none", 2024): "",
}
"""In 2008 Ascension fell on the first of May; in 2025 and 2006 the king's or queen's day on a Sunday."""


@pytest.mark.parametrize(("country", "year"), HOLIDAYS)
def test_public_holidays_are_those_of_the_almanac(country: str, year: int) -> None:
    wanted = {date(f"{year}-{day}") for day in HOLIDAYS[country, year].split()}
    assert public_holidays(country, year) == wanted


def test_own_holidays_come_on_top_of_those_of_the_country_in_every_year_of_the_horizon() -> None:
    centre = scenario(
        horizon={"start": "2024-12-30", "days": 3},
        calendar={"country": "NL", "holidays": ["2024-12-31"]},
    )
    closed = Almanac(centre).holidays
    assert {date("2024-12-31"), date("2024-12-26"), date("2025-01-01")} <= closed
    assert total(centre, date("2024-12-30")) > 0
    assert total(centre, date("2024-12-31")) == total(centre, date("2025-01-01")) == 0


def test_hours_may_be_open_on_holidays() -> None:
    hours = {"weekdays": ["08:00-18:00"]}
    for on_holidays, spans in ((False, ()), (True, ((28_800, 64_800),))):
        centre = scenario(
            calendar={"country": "BE"}, hours={"open": hours | {"on_holidays": on_holidays}}
        )
        almanac = Almanac(centre)
        assert almanac.spans(almanac.hours("open"), date("2024-05-01")) == spans
        assert almanac.spans(almanac.hours("open"), date("2024-05-02")) == ((28_800, 64_800),)


def test_hours_that_are_not_defined_are_around_the_clock() -> None:
    almanac = Almanac(scenario())
    assert almanac.spans(None, date("2024-01-01")) == ((0, 86_400),)


def test_spans_that_touch_open_and_close_once() -> None:
    spans = [(0, 10), (10, 20), (30, 40), (40, 50)]
    assert list(hour_changes(3, spans)) == [
        (0, ChangeKind.HOURS, 3, 1), (20, ChangeKind.HOURS, 3, 0),
        (30, ChangeKind.HOURS, 3, 1), (50, ChangeKind.HOURS, 3, 0),
    ]  # fmt: skip
    assert list(hour_changes(3, [])) == []


# ---------------------------------------------------------------------------------------------
# volumes

SEASON = {
    "per_year": 100_000.0,
    "weekday": (1.3, 1.1, 1.0, 0.9, 0.7, 0.4),
    "month": (1.2, 1.0, 1.0, 0.9, 1.0, 1.0, 0.7, 0.7, 1.3, 1.0, 1.0, 0.8),
}
PROFILE = {
    "start": "08:00",
    "minutes": 60,
    "shares": (1.0, 3.0, 4.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0),
}


@pytest.mark.parametrize("year", few_of([2024, 2023], 1))
@pytest.mark.parametrize(
    "demand", few_of([SEASON | {"profile": PROFILE}, {"per_year": 100_000.0}, SEASON], 1)
)
@pytest.mark.parametrize("country", few_of(["BE", "none", "NL"], 2))
def test_yearly_volume_adds_up_over_the_year(year: int, demand: Any, country: str) -> None:
    centre = scenario(
        horizon={"start": f"{year}-01-01", "days": 5}, demand=demand, calendar={"country": country}
    )
    assert over(year, centre) == pytest.approx(100_000.0, rel=1e-12)


def test_shares_of_topics_share_the_volume_and_own_volumes_stand_beside_it() -> None:
    centre = scenario(
        topics={"a": {"share": 0.3}, "b": {"share": 0.7, "queue": "a"},
                "c": {"per_year": 5000.0, "queue": "a"}},
        demand=SEASON,
    )  # fmt: skip
    sums = [over(2024, centre, topic) for topic in "abc"]
    assert sums == pytest.approx([30_000, 70_000, 5000], rel=1e-12)


def test_volume_of_a_topic_with_hours_of_its_own_adds_up_too() -> None:
    centre = scenario(
        hours={"open": {"weekdays": ["08:00-18:00"]}, "desk": {"mon": ["09:00-12:00"]}},
        topics={"a": {"per_year": 5000.0, "hours": "desk"}},
    )
    assert over(2024, centre) == pytest.approx(5000.0, rel=1e-12)


def test_attempts_are_brought_back_to_callers_for_shares_only() -> None:
    centre = scenario(topics={"a": {"share": 1.0}, "b": {"per_year": 5000.0, "queue": "a"}})
    monday = date("2024-01-08")
    assert total(centre, monday, "a", 0.5) == pytest.approx(total(centre, monday) / 2, rel=1e-12)
    assert total(centre, monday, "b", 0.5) == total(centre, monday, "b")


def test_weekdays_and_months_are_in_proportion_to_their_factors() -> None:
    centre = scenario(demand=SEASON)
    january = [total(centre, date(f"2024-01-{8 + day:02}")) for day in range(7)]
    assert january[:6] == pytest.approx([january[2] * f for f in SEASON["weekday"]], rel=1e-12)
    assert january[6] == 0
    july = total(centre, date("2024-07-10"))
    assert july / january[2] == pytest.approx(0.7 / 1.2, rel=1e-12)


def test_volume_is_even_over_the_hours_without_a_profile() -> None:
    hours = {"weekdays": ["08:00-12:00", "13:00-17:00"]}
    centre = scenario(hours={"open": hours})
    pieces = expected(centre, date("2024-01-08"))
    day = pieces[-1][1]
    assert pieces == [
        (8, 0),
        (12, pytest.approx(day / 2)),
        (13, pytest.approx(day / 2)),
        (17, pytest.approx(day)),
    ]


def test_profile_is_scaled_to_the_hours_of_the_day() -> None:
    centre = scenario(demand=SEASON | {"profile": PROFILE})
    monday, saturday = expected(centre, date("2024-01-08")), expected(centre, date("2024-01-13"))
    shares = np.cumsum(PROFILE["shares"]) / 18
    assert [at for at, _ in monday] == list(range(8, 19))
    assert [n / monday[-1][1] for _, n in monday[1:]] == pytest.approx(shares.tolist())
    assert [at for at, _ in saturday] == [9, 10, 11, 12]
    assert [n / saturday[-1][1] for _, n in saturday] == pytest.approx([0, 3 / 9, 7 / 9, 1])
    assert saturday[-1][1] / monday[-1][1] == pytest.approx(0.4 / 1.3)


def test_interval_that_is_half_open_keeps_half_its_share() -> None:
    centre = scenario(
        hours={"open": {"daily": ["08:30-10:00"]}},
        demand={"per_year": 36_600.0, "profile": {"minutes": 60, "shares": (2.0, 3.0)}},
    )
    assert expected(centre, date("2024-01-08")) == [
        (8.5, 0), (9, pytest.approx(25)), (10, pytest.approx(100)),
    ]  # fmt: skip


def test_constant_rate_holds_within_its_hours() -> None:
    centre = scenario(topics={"a": {"per_hour": 12.0, "hours": "open"}})
    assert expected(centre, date("2024-01-06")) == [(9, 0), (12, pytest.approx(36))]
    assert expected(centre, date("2024-01-07")) == []
    always = scenario(topics={"a": {"per_hour": 12.0}})
    assert expected(always, date("2024-01-07")) == [(0, 0), (24, pytest.approx(288))]


def test_rates_hold_each_until_the_next_and_nothing_before_the_first() -> None:
    rates = [
        {"at": "09:00", "per_hour": 10},
        {"at": "11:00", "per_hour": 0},
        {"at": "12:00", "per_hour": 4},
    ]
    always = scenario(topics={"a": {"rates": rates}})
    assert expected(always, date("2024-01-07")) == [(9, 0), (11, 20), (12, 20), (24, 68)]
    inside = scenario(topics={"a": {"rates": rates, "hours": "open"}})
    assert expected(inside, date("2024-01-08")) == [(9, 0), (11, 20), (12, 20), (18, 44)]


# ---------------------------------------------------------------------------------------------
# rosters


def changes(plan: Plan, group: int = 0) -> list[tuple[float, int]]:
    """Return (hour since the start, agents) of each change of a group's roster."""
    rows = plan.changes[plan.changes["kind"] == ChangeKind.ROSTER]
    rows = rows[rows["subject"] == group]
    return [(float(row["at"]) / HOUR, int(row["level"])) for row in rows]


def rostered(horizon: dict[str, Any] | None = None, **group: Any) -> Plan:
    days = horizon or {"start": "2024-01-05", "days": 4}
    return compile_plan(scenario(horizon=days, groups={"a": group}))


def test_constant_agents_without_hours_come_once() -> None:
    assert changes(rostered(agents=3)) == [(0, 3)]


def test_agents_with_hours_come_and_go_with_them() -> None:
    plan = rostered(agents=3, hours="open")
    assert changes(plan) == [(8, 3), (18, 0), (33, 3), (36, 0), (80, 3), (90, 0)]
    assert plan.n_agents == 3


def test_roster_changes_only_where_levels_differ() -> None:
    plan = rostered(
        roster={"start": "08:00", "minutes": 60, "weekdays": [2, 2, 5, 5, 0, 1], "sat": [4]}
    )
    friday = [(8, 2), (10, 5), (12, 0), (13, 1), (14, 0)]
    assert changes(plan) == [*friday, (32, 4), (33, 0), *((72 + at, level) for at, level in friday)]
    assert plan.n_agents == 5


def test_roster_is_empty_on_holidays_unless_it_says_otherwise() -> None:
    for on_holidays, wanted in ((False, []), (True, [(8, 2), (9, 0)])):
        roster = {"weekdays": [2], "minutes": 60, "on_holidays": on_holidays}
        centre = scenario(
            horizon={"start": "2024-05-01", "days": 1}, calendar={"country": "BE"},
            groups={"a": {"roster": roster}},
        )  # fmt: skip
        assert changes(compile_plan(centre)) == wanted


def test_agents_who_may_be_absent_are_asked_again_each_day() -> None:
    plan = rostered(agents=2, absence=0.1)
    assert [at for at, level in changes(plan) if level == 2] == [0, 24, 48, 72]


def test_roster_goes_on_after_the_horizon_only_if_the_centre_runs_out() -> None:
    for end, days in (("clear", 1), ("run_out", 91)):
        plan = rostered({"start": "2024-01-01", "days": 1, "end": end}, agents=1, hours="open")
        assert plan.changes["at"].max() <= days * DAY
        assert (len(changes(plan)) > 2) == (end == "run_out")


SQUARE = {"start": "08:00", "minutes": 60}
FLAT = {
    "hours": {"open": {"daily": ["08:00-10:00"]}},
    "demand": {"per_year": 1.0, "profile": {"start": "08:00", "minutes": 60, "shares": (1.0, 3.0)}},
}


def square_root_levels(
    weekday: int, *, roster: Any = SQUARE, rule: Any = None, **words: Any
) -> tuple:
    """Return the levels of a roster made by the rule: 36,600 contacts a year are 100 a day in 2024."""
    stated = {"beta": 1.0, "per_year": 36_600.0, "aht": 240.0} | (rule or {})
    group = {"roster": roster | {"square_root": stated}}
    centre = scenario(**(FLAT | words), groups={"a": group})
    almanac = Almanac(centre)
    return roster_levels(almanac, Volume(almanac, centre.demand), centre.groups["a"], weekday)


@pytest.mark.parametrize(
    ("rule", "levels"),
    [
        # loads: 25 and 75 contacts of 240 s in an hour are 1.667 and 5 erlang
        ({}, (3, 7)),
        ({"beta": 0.0}, (2, 5)),
        ({"beta": 2.0}, (4, 9)),
        ({"beta": -1.0}, (2, 3)),
        ({"beta": -1.0, "minimum": 0}, (0, 3)),
        ({"minimum": 5}, (5, 7)),
        ({"aht": 480.0}, (5, 13)),
        ({"per_year": 73_200.0}, (5, 13)),
    ],
)
def test_square_root_roster_is_the_one_made_by_hand(rule: Any, levels: tuple[int, ...]) -> None:
    assert {square_root_levels(weekday, rule=rule) for weekday in range(7)} == {levels}


def test_square_root_roster_follows_weekdays_and_averages_months() -> None:
    # 2024 has 53 Mondays and Tuesdays and 52 of each other day; Monday counts twice
    demand = FLAT["demand"] | {
        "weekday": (2.0, 1, 1, 1, 1, 1, 1),
        "month": (0.5, 1.5) + (1.0,) * 10,
    }
    centre = scenario(hours=FLAT["hours"], demand=demand)
    volume = Volume(Almanac(centre), centre.demand)
    weights = [volume.weight(day) for day in dates_of(2024)]
    mondays = [w for day, w in zip(dates_of(2024), weights, strict=True) if day.weekday() == 0]
    load = 36_600 * np.mean(mondays) / sum(weights) * 0.75 * 240 / 3600
    assert square_root_levels(0, demand=demand)[1] == round(load + load**0.5)
    assert square_root_levels(0, demand=demand) == (5, 12)
    assert square_root_levels(1, demand=demand) == (3, 6)


def test_square_root_roster_has_nobody_while_closed() -> None:
    hours = {"open": {"weekdays": ["08:00-10:00"], "wed": ["09:00-10:00"]}}
    assert square_root_levels(5, hours=hours) == (0, 0)
    assert square_root_levels(2, hours=hours)[0] == 0
    assert square_root_levels(2, hours=hours)[1] > square_root_levels(1, hours=hours)[1]


@pytest.mark.parametrize(("minutes", "levels"), [(30, (3, 3, 7, 7)), (120, (5,))])
def test_square_root_roster_covers_the_day_whatever_its_intervals(
    minutes: int, levels: tuple[int, ...]
) -> None:
    # over both hours: 100 contacts of 240 s in 7200 s are 3.333 erlang, plus 1.826
    found = square_root_levels(0, roster={"start": "08:00", "minutes": minutes})
    assert found[: len(levels)] == levels
    assert not any(found[len(levels) :])


def test_square_root_roster_without_a_profile_is_even_over_the_hours() -> None:
    found = square_root_levels(
        0, demand={"per_year": 1.0}, roster={"start": "08:00", "minutes": 60}
    )
    assert found[:2] == (5, 5)
    assert not any(found[2:])
