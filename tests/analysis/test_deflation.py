"""Published volumes count attempts: the baseline brings them out, and callers stay who they are."""

from typing import Any

import numpy as np
import pytest

from simkcc.analysis.results import deflation, play, run
from simkcc.engine.compile import compile_plan
from simkcc.model.contact_log import ContactKind, Origin
from simkcc.model.scenario import Scenario

PER_YEAR = 100_000.0
AGAIN = {
    "redial": {"share": 0.8, "after_menu": 0.5, "delay": {"soon": 1.0, "later_today": 0.0}},
    "repeat": {"share": 0.5, "after": 3600.0},
}


def centre(counts: str = "attempts", agents: int = 7, **parts: Any) -> Scenario:
    """Return a busy centre around the clock, whose days are all the same."""
    return Scenario.model_validate(
        {
            "seed": 3,
            "horizon": {"start": "2024-01-01", "weeks": 4},
            "hours": {"open": {"daily": ["00:00-24:00"]}},
            "demand": {"per_year": PER_YEAR, "counts": counts},
            "topics": {
                "one": {"share": 0.7, "resolved": 0.8},
                "two": {"share": 0.3},
            },
            "menu": {"length": 30.0, "hang_up": 0.002},
            "handling": {"aht": 1800.0, "wrap_up": 30.0},
            "patience": {"kind": "exponential", "mean": 300.0},
            "queues": {"kcc": {"routes": [{"group": "team"}]}},
            "groups": {"team": {"agents": agents}},
        }
        | parts
    )


@pytest.mark.slow  # a fixed point, and ten replications
def test_attempts_of_the_baseline_come_out_at_the_published_volume() -> None:
    found = run(centre(**AGAIN), replications=10, jobs=2)
    per_week = PER_YEAR * 7 / 366
    interval = found.interval("dialled")
    assert 0.5 < found.callers_per_attempt < 0.8
    assert interval.low <= per_week <= interval.high
    assert interval.half_width < 0.02 * per_week


def test_volumes_of_callers_are_left_alone() -> None:
    scenario = centre("callers", **AGAIN)
    found = run(scenario, replications=2, jobs=2)
    assert deflation(scenario, 3) == found.callers_per_attempt == 1.0
    assert found.interval("dialled").mean > 1.3 * PER_YEAR * 7 / 366


def test_without_redials_and_repeats_attempts_are_callers() -> None:
    assert deflation(centre(), 3) == 1.0


def test_topics_with_a_volume_of_their_own_do_not_count() -> None:
    topics = {
        "one": {"share": 1.0},
        "own": {"per_hour": 60.0, "resolved": 0.0, "uses_menu": False},
    }
    assert deflation(centre(topics=topics, repeat=AGAIN["repeat"]), 3) == 1.0


def test_deflation_is_a_function_of_scenario_and_seed() -> None:
    scenario = centre(**AGAIN)
    assert deflation(scenario, 3) == deflation(scenario, 3)
    assert deflation(scenario, 3) == pytest.approx(deflation(scenario, 4), abs=0.02)


def test_worse_baselines_have_fewer_callers_behind_the_same_attempts() -> None:
    assert deflation(centre(agents=5, **AGAIN), 3) < deflation(centre(agents=14, **AGAIN), 3)


def test_variants_have_the_same_callers() -> None:
    scale = deflation(centre(**AGAIN), 3)
    logs = [
        play(compile_plan(scenario, scale).seeded(3, 1))
        for scenario in (
            centre(**AGAIN),
            centre(agents=14, **AGAIN),
            centre(),
            centre(**AGAIN, menu={"length": 5.0, "hang_up": 0.01}),
        )
    ]
    firsts = [
        log.contacts[
            (log.contacts["kind"] == ContactKind.CALL) & (log.contacts["origin"] == Origin.FIRST)
        ]
        for log in logs
    ]
    assert len({len(log.contacts) for log in logs}) == 4
    for other in firsts[1:]:
        for column in ("truth_key", "born", "topic"):
            np.testing.assert_array_equal(other[column], firsts[0][column])
    assert len(set(firsts[0]["truth_key"].tolist())) == len(firsts[0])
