"""Whether a pile of promises can be worked off: closed forms, by hand and against a random search."""

import datetime
import random
from types import SimpleNamespace

import numpy as np
import pytest

from simkcc.analysis.columns.promised import WorkingDays
from simkcc.analysis.intervals import Interval
from simkcc.analysis.promises.stability import (
    AFFECTED,
    Load,
    expected_effort,
    judge,
    loads,
    residual,
    stated_tasks,
    with_load,
)
from simkcc.engine.compile import compile_plan
from simkcc.engine.working_time import closing_after
from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.referral import Callback
from simkcc.model.scenario import Scenario


def centre(**changes: object) -> Scenario:
    """Return a centre in which every call becomes a form: 40 a day of 8 hours, 4 h to call back."""
    made: dict = {
        "horizon": {"start": "2024-01-01", "weeks": 4, "warm_up_days": 7},
        "hours": {"open": {"weekdays": ["09:00-17:00"]}, "morning": {"weekdays": ["08:00-08:01"]}},
        "topics": {
            "question": {
                "per_hour": 5.0, "hours": "open", "queue": "kcc",
                "second_line": {"name": "office", "share": 0.5},
            }
        },
        "handling": {"aht": 100.0, "wrap_up": 10.0},
        "second_lines": {"office": {"permanence": "form", "callback": "form"}},
        "callbacks": {
            "form": {
                "kind": "form", "queue": "back", "handed_out": "morning", "reach": 0.5,
                "effort": 400.0, "failed_effort": 100.0, "attempts": 20,
            }
        },
        "queues": {
            "kcc": {"routes": [{"group": "kcc"}]},
            "back": {"routes": [{"group": "back"}], "at_close": "keep"},
        },
        "groups": {
            "kcc": {"agents": 4, "hours": "open"},
            "back": {"line": 2, "roster": {"start": "09:00", "minutes": 240, "weekdays": [1]}},
        },
    }  # fmt: skip
    for path, value in changes.items():
        place = made
        *way, last = path.split("__")
        for key in way:
            place = place[key]
        place[last] = value
    return Scenario.model_validate(made)


def load_of(scenario: Scenario, tasks: float = 20.0) -> Load:
    """Return the only load of a centre."""
    (found,) = loads(scenario, compile_plan(scenario), tasks)
    return found


def measured(growth: float = 0.0, half: float = 0.1, opened: float = 100.0) -> SimpleNamespace:
    """Return what a run measured."""
    figures = {
        "backlog_growth": Interval(growth, growth - half, growth + half, 0.95, 5),
        "callbacks_opened": Interval(opened, opened, opened, 0.95, 5),
    }
    return SimpleNamespace(interval=figures.__getitem__)


@pytest.mark.parametrize(
    ("reach", "attempts", "expected"),
    [
        (0.62, 1000, 480 + 0.38 / 0.62 * 90),  # 535 s: the effort of a form that is never given up
        (1.0, 3, 480.0),
        (0.0, 3, 3 * 90.0),
        (0.5, 2, 0.5 * 480 + 0.5 * 90 + 0.25 * 480 + 0.25 * 90),
    ],
)
def test_effort_counts_failed_attempts(reach: float, attempts: int, expected: float) -> None:
    callback = Callback(reach=reach, attempts=attempts, effort=480.0, failed_effort=90.0)
    assert expected_effort(callback) == pytest.approx(expected)


def test_effort_is_what_a_thousand_promises_take() -> None:
    chance = random.Random(7)
    callback = Callback(reach=0.3, attempts=3, effort=500.0, failed_effort=70.0)
    total = 0.0
    for _ in range(40_000):
        for _ in range(3):
            if chance.random() < 0.3:
                total += 500
                break
            total += 70
    assert total / 40_000 == pytest.approx(expected_effort(callback), rel=0.01)


def test_load_is_work_over_hours() -> None:
    found = load_of(centre())
    assert found.effort == pytest.approx(500, abs=0.01)  # 400 + 1 x 100
    assert found.hours == pytest.approx(4)
    assert found.rho == pytest.approx(20 * 500 / 3600 / 4, abs=1e-4)
    assert found.bearable == pytest.approx(4 * 3600 / 500, abs=0.01)
    # one evening a day; the residual of an attempt of 400 or 100 s, as often each
    assert found.overtime == pytest.approx((400**2 + 100**2) / (2 * 500) / 3600)


def test_twice_as_fast_or_twice_as_many_is_half_the_load() -> None:
    half = load_of(centre()).rho / 2
    assert load_of(centre(groups__back__speed=2.0)).rho == pytest.approx(half)
    two = {"start": "09:00", "minutes": 240, "weekdays": [2]}
    assert load_of(centre(groups__back__roster=two)).rho == pytest.approx(half)
    assert load_of(centre(groups__back__absence=0.5)).rho == pytest.approx(4 * half)
    assert load_of(with_load(centre(), load_of(centre()), 0.8)).rho == pytest.approx(0.8)


def test_tasks_follow_from_demand_and_policy_where_no_chance_decides() -> None:
    def stated(**changes: object) -> float | None:
        scenario = centre(**changes)
        return stated_tasks(scenario, compile_plan(scenario))

    assert stated() == pytest.approx(20)
    assert stated(callbacks__form__forgotten=0.25) == pytest.approx(15)
    use = {"name": "form", "share": 0.1}
    assert stated(topics__question__callback=use) == pytest.approx(20 + 2)
    assert stated(second_lines__office__permanence="urgent") is None


def test_tasks_that_hang_on_chance_are_those_counted() -> None:
    scenario = centre(second_lines__office__permanence="none")
    plan = compile_plan(scenario)
    assert judge(scenario, plan, measured(opened=5 * 20)) == {}
    # 30 a day of 500 s are 4.17 hours: more than the 4 there are and what overtime adds
    found = judge(scenario, plan, measured(opened=5 * 30))
    assert {each.name for each in found.values()} == {"diverges"}


@pytest.mark.parametrize(
    ("per_hour", "word"),
    [(6.0, "stable"), (6.8, "stable"), (7.0, "near"), (7.25, "near"), (7.4, "diverges")],
)
def test_judgement_turns_at_the_hours_there_are(per_hour: float, word: str) -> None:
    """4 h bear 28.8 forms of 500 s, 29.0 with 85 s of overtime: 7.2 and 7.3 calls an hour."""
    scenario = centre(topics__question__per_hour=per_hour)
    found = judge(scenario, compile_plan(scenario), measured())
    if word == "stable":
        assert found == {}
        return
    assert set(found) == set(AFFECTED)
    assert {each.name for each in found.values()} == {word}


def test_a_status_says_what_would_mend_it() -> None:
    scenario = centre(topics__question__per_hour=9.0)
    status = judge(scenario, compile_plan(scenario), measured())["time_to_resolution"]
    for text in ("36.0", "5.00 hours a day", "at most 28.8"):
        assert text in status.en
    for text in ("36,0", "5,00 uur per dag", "hoogstens 28,8"):
        assert text in status.nl


def test_owners_who_answer_calls_too_are_judged_by_the_pile() -> None:
    routes = {"routes": [{"group": "kcc"}, {"group": "back"}]}
    scenario = centre(queues__kcc=routes)
    plan = compile_plan(scenario)
    assert judge(scenario, plan, measured(growth=0.05, half=0.2)) == {}
    grown = judge(scenario, plan, measured(growth=2.0, half=0.2))
    assert {each.name for each in grown.values()} == {"diverges"}


def test_nobody_simulated_means_nothing_to_judge() -> None:
    scenario = centre(callbacks={"form": {"kind": "form", "returned": 0.5}})
    assert judge(scenario, compile_plan(scenario), measured()) == {}


# ---------------------------------------------------------------------------------------------
# working days


def test_friday_afternoon_and_two_working_days_is_tuesday_at_closing() -> None:
    days = WorkingDays(compile_plan(centre()))
    friday = datetime.date(2024, 1, 5).toordinal() - datetime.date(2024, 1, 1).toordinal()
    late = np.array([friday * DAY + (16 * 3600 + 55 * 60) * SECOND])
    closing = 17 * 3600 * SECOND
    assert days.due(late, 2)[0] == (friday + 4) * DAY + closing
    assert days.due(late, 0)[0] == friday * DAY + closing
    assert days.due(late + 600 * SECOND, 0)[0] == (friday + 3) * DAY + closing


@pytest.mark.parametrize("days", [0, 1, 2, 5])
def test_due_times_are_those_of_the_engine(days: int) -> None:
    plan = compile_plan(
        centre(hours__open={"mon": ["09:00-12:00", "13:00-17:00"], "thu": ["10:00-11:00"]})
    )
    row = plan.hours[0]
    moments = np.random.default_rng(3).integers(0, 21 * DAY, 400)
    exact = [
        closing_after(plan.spans, row["first"], row["last"], moment, days, DAY)
        for moment in moments
    ]  # fmt: skip
    assert WorkingDays(plan).due(moments, days).tolist() == exact


M, S = 300.0, 60.0
EXPONENTIAL = {"kind": "exponential", "mean": M}


@pytest.mark.parametrize(
    ("effort", "left"),
    [
        (M, M / 2),
        ({"kind": "deterministic", "value": M, "shift": S}, (M + S) / 2),
        ({"kind": "deterministic", "value": M, "shift": S, "cap": M}, M / 2),
        (EXPONENTIAL, M),  # no memory
        (EXPONENTIAL | {"zero": 0.4}, M),  # who has nothing to do is never interrupted
        (EXPONENTIAL | {"shift": S}, (2 * M**2 + 2 * M * S + S**2) / (2 * (M + S))),
        ({"kind": "uniform", "high": M}, M / 3),
        ({"kind": "empirical", "values": [100.0, 500.0]}, (100**2 + 500**2) / 2 / (2 * 300.0)),
        ({"kind": "empirical", "values": [100.0, 500.0], "shift": S},
         (160**2 + 560**2) / 2 / (2 * 360.0)),
    ],
)  # fmt: skip
def test_what_is_left_of_an_attempt_is_half_its_mean_square_over_its_mean(
    effort: object, left: float
) -> None:
    sure = Callback.model_validate({"queue": "back", "effort": effort})
    assert residual(sure) == pytest.approx(left, rel=2e-3)
    never = {"queue": "back", "effort": 1.0, "failed_effort": effort, "reach": 0.0}
    assert residual(Callback.model_validate(never)) == pytest.approx(left, rel=2e-3)


def test_attempts_are_met_in_proportion_to_how_long_they_take() -> None:
    both = {"queue": "back", "effort": 400.0, "failed_effort": 100.0, "reach": 0.25}
    seconds = 0.25 * 400**2 + 0.75 * 100**2
    assert residual(Callback.model_validate(both)) == pytest.approx(seconds / (2 * (100 + 75)))
