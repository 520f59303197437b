"""The calendar of a rollout: its periods cover it, means over them are exact, callers are not lost."""

import datetime
import itertools
from pathlib import Path

import numpy as np
import pytest
from analysis.rollout_cases import town
from hypothesis import example, given
from hypothesis import strategies as st

from simkcc.analysis.rollout.calendar import (
    DAYS_PER_MONTH,
    OLD,
    Period,
    Stage,
    laid,
    overlay,
    periods,
    postponed,
    quarters_later,
    stage,
)
from simkcc.errors import SettingError
from simkcc.model.rollout import Rollout

Date = datetime.date


def plan(**changes: object) -> Rollout:
    table: dict[str, object] = {
        "starts": Date(2024, 2, 10), "until": Date(2025, 5, 1), "group": "kcc", "direct": "old",
        "half_life": 3.0, "learning": 4.0, "departments": {"a": {}, "b": {}},
        "phases": {
            "one": {"starts": Date(2024, 3, 1), "entry": ["a"], "knowledge": ["a"]},
            "two": {"starts": Date(2024, 11, 18), "abolished": ["a", "b"]},
        },
    }  # fmt: skip
    return Rollout.model_validate(table | changes)


def test_periods_follow_on_each_other_and_cover_whole_quarters() -> None:
    found = periods(plan())
    assert found[0].start == Date(2024, 1, 1)
    assert found[-1].end == Date(2025, 7, 1)
    assert all(a.end == b.start for a, b in itertools.pairwise(found))


def test_a_switch_within_a_quarter_cuts_it() -> None:
    starts = [each.start for each in periods(plan())]
    assert Date(2024, 3, 1) in starts
    assert Date(2024, 11, 18) in starts
    begins = {each.start: each.begins for each in periods(plan())}
    assert begins[Date(2024, 11, 18)] == ("two",)


def test_people_who_leave_within_a_quarter_cut_it() -> None:
    away = [{"starts": Date(2024, 8, 15), "until": Date(2024, 9, 1)}]
    starts = [each.start for each in periods(plan(absences=away))]
    assert {Date(2024, 8, 15), Date(2024, 9, 1)} <= set(starts)


def days_of(period: Period) -> list[Period]:
    one = datetime.timedelta(1)
    return [
        Period(period.start + n * one, period.start + (n + 1) * one, None, ())
        for n in range(period.days)
    ]


@given(st.floats(0.2, 24), st.floats(0, 24), st.integers(0, 5))
def test_the_stage_of_a_period_is_the_mean_of_its_days(
    half_life: float, learning: float, number: int
) -> None:
    rollout = plan(half_life=half_life, learning=learning)
    period = periods(rollout)[number]
    for name in ("a", "b"):
        whole = stage(rollout, name, period)
        days = [stage(rollout, name, day) for day in days_of(period)]
        assert whole.direct == pytest.approx(np.mean([each.direct for each in days]), abs=1e-9)
        assert whole.learned == pytest.approx(np.mean([each.learned for each in days]), abs=1e-9)


def test_calls_to_a_number_halve_in_a_half_life() -> None:
    rollout = plan(half_life=30 / DAYS_PER_MONTH)
    first = Date(2024, 3, 1)
    at = [
        stage(rollout, "a", Period(day, day + datetime.timedelta(1), None, ())).direct
        for day in (first, first + datetime.timedelta(30), first + datetime.timedelta(60))
    ]
    assert at[1] / at[0] == pytest.approx(0.5)
    assert at[2] / at[0] == pytest.approx(0.25)


def test_an_abolished_number_does_not_fade_and_an_untouched_one_stays() -> None:
    by_start = {each.start: each for each in periods(plan())}
    after = by_start[Date(2024, 11, 18)]
    before = by_start[Date(2024, 10, 1)]
    assert stage(plan(), "b", before) == Stage(1.0, 0.0)
    assert stage(plan(), "b", after) == Stage(0.0, 0.0)
    assert stage(plan(), "a", after).direct == 0.0


def test_postponing_moves_a_phase_by_quarters_and_nothing_else() -> None:
    moved = postponed(plan(), {"one": 2})
    assert moved.phases["one"].starts == Date(2024, 9, 1)
    assert moved.phases["two"] == plan().phases["two"]
    assert postponed(plan(), {"one": 5}).phases["one"].starts == Date(2025, 6, 1)
    assert postponed(plan(), {"one": 5}).until >= Date(2025, 6, 1)
    assert list(postponed(plan(), {"one": 5}).phases) == ["two", "one"]
    assert postponed(postponed(plan(), {"two": 3}), {"two": -3}) != plan()  # the calendar grew
    assert postponed(plan(), {}) == plan()


def test_postponing_an_unknown_phase_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="no phase 'tow'; did you mean 'two'"):
        postponed(plan(), {"tow": 1})


@example(Date(2023, 8, 31), 1)
@example(Date(2023, 9, 30), 1)
@given(st.dates(Date(2000, 1, 1), Date(2050, 12, 31)), st.integers(-12, 12))
def test_quarters_later_keeps_the_day_where_there_is_one(day: Date, quarters: int) -> None:
    found = quarters_later(day, quarters)
    assert (12 * found.year + found.month) - (12 * day.year + day.month) == 3 * quarters
    assert found.day <= day.day
    assert found.day == day.day or (found + datetime.timedelta(1)).day == 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_no_caller_is_lost_when_a_topic_splits(direct: float, learned: float) -> None:
    topic = {"per_year": 1000.0, "queue": "kcc", "second_line": {"name": "x", "share": 0.3}}
    data = {"topics": {"a": topic, "b": {"per_year": 1.0}}}
    rollout = plan()
    found = laid(data, overlay(data, rollout, {"a": Stage(direct, learned)}))["topics"]
    assert sum(each["per_year"] for each in found.values()) == pytest.approx(1001.0)
    old = [name for name in found if name.endswith(OLD)]
    assert bool(old) == (0 < direct < 1)
    for name in old or (["a"] if direct == 1 else []):
        assert found[name]["queue"] == "old"
        assert "second_line" not in found[name]
    if direct < 1:
        share = found["a"]["second_line"]["share"]
        assert share == pytest.approx(learned * 0.3 + (1 - learned) * rollout.unready)


def test_the_overlay_of_the_end_is_the_file_itself(tmp_path: Path) -> None:
    loaded = town(tmp_path)
    assert loaded.scenario.rollout is not None
    done = dict.fromkeys(loaded.scenario.rollout.departments, Stage(0.0, 1.0))
    assert laid(loaded.data, overlay(loaded.data, loaded.scenario.rollout, done)) == loaded.data
