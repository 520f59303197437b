"""A run without a contact log gives the same figures as one with it, or says why it cannot."""

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine.plans import seeded_scenario

from simkcc.analysis.folding import Sums, fold, fold_totals
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.results import play, run, stream_totals
from simkcc.engine.compile import compile_plan
from simkcc.errors import SettingError, UnsupportedError
from simkcc.model.scenario import Scenario

CENTRE: dict[str, Any] = {
    "horizon": {"start": "2024-03-04", "days": 12},
    "hours": {"open": {"weekdays": ["08:00-18:00"], "sat": ["09:00-12:00"]}},
    "patience": {"kind": "exponential", "mean": 120.0},
    "redial": {"share": 0.6, "after_menu": 0.5, "after_closed": 0.3, "after_blocked": 0.5},
    "repeat": {"share": 0.7},
    "lines": 9,
    "menu": {"length": 13, "hang_up": 0.01},
    "topics": {
        "a": {
            "per_hour": 40.0, "hours": "open", "handling": {"aht": 180.0, "wrap_up": 20.0},
            "resolved": 0.8, "second_line": {"name": "desk", "share": 0.2},
        },
        "visit": {
            "per_hour": 5.0, "channel": "desk", "queue": "b", "handling": {"aht": 60.0},
        },
        "b": {"per_hour": 20.0, "handling": {"aht": 120.0, "hold_during": 0.2}},
    },
    "queues": {
        "a": {"routes": [{"group": "one"}, {"group": "two", "after": 20.0}]},
        "b": {"routes": [{"group": "two"}]},
        "second": {"routes": [{"group": "experts"}]},
    },
    "second_lines": {
        "desk": {
            "queue": "second", "pick_up": 10.0, "take_back": 20.0, "talk": 60.0, "wrap_up": 10.0,
            "failed": "end",
        },
    },
    "groups": {
        "one": {"agents": 3, "hours": "open", "absence": 0.1},
        "two": {"agents": 2},
        "experts": {"agents": 1, "hours": "open", "line": 2},
    },
    "probes": {"research": {"topic": "a", "per_hour": 5.0}},
}  # fmt: skip
"""Redials, repeats, blocked lines, a second line, visitors at a desk who find it closed too, agents
who never go home; and no wrong choices."""


def both(scenario: Scenario, seed: int = 1) -> tuple[Sums, Sums]:
    """Return the sums of a run with a log and of the same run without one."""
    plan = compile_plan(scenario).seeded(seed, 0)
    return fold(play(plan), plan, scenario), fold_totals(
        stream_totals(plan, scenario), plan, scenario
    )


@lru_cache
def of_centre(warm_up: int = 0) -> tuple[Sums, Sums]:
    horizon = CENTRE["horizon"] | {"warm_up_days": warm_up}
    return both(Scenario.model_validate(CENTRE | {"horizon": horizon}))


def differing(logged: Sums, streamed: Sums) -> dict[str, tuple[Any, Any]]:
    """Return the figures that the second has and that differ from those of the first."""
    return {
        name: (logged.whole[name], pair)
        for name, pair in streamed.whole.items()
        if name not in streamed.refused and pair != pytest.approx(logged.whole[name])
    }


@pytest.mark.parametrize("warm_up", [0, 3])
def test_figures_without_a_log_are_those_of_the_log(warm_up: int) -> None:
    logged, streamed = of_centre(warm_up)
    assert differing(logged, streamed) == {}
    assert logged.whole["dialled"][0] > 2000
    assert logged.whole["sl2"][0] > 100


def test_every_figure_that_can_be_had_is_had_and_no_other() -> None:
    _, streamed = of_centre()
    had = set(METRICS) - set(streamed.refused)
    assert had == {name for name, metric in METRICS.items() if metric.streamed}
    never = ("accessibility_r3", "fcr", "callbacks_returned", "citizen_hours", "transfer_success")
    assert all(name in streamed.refused for name in never)


def test_parts_without_a_log_are_those_of_the_log() -> None:
    logged, streamed = of_centre()
    for dimension, parts in streamed.parts.items():
        for name, part in parts.items():
            assert part == pytest.approx(logged.parts[dimension][name]), (dimension, name)
    assert set(streamed.parts["queue"]) == {name for name in METRICS if name.startswith("queue_")}
    assert "occupancy" in streamed.parts["group"]
    assert "sl2" in streamed.parts["topic"]


def test_percentiles_without_a_log_are_those_of_the_log() -> None:
    logged, streamed = of_centre()
    assert np.array_equal(logged.waits, streamed.waits)
    assert logged.waits.sum() > 1000


@pytest.mark.parametrize("first", range(0, 60, 20))
@pytest.mark.slow  # twenty centres
def test_small_centres_made_at_random_agree_or_refuse(first: int) -> None:
    found = {}
    for seed in range(first, first + 20):
        try:
            logged, streamed = both(seeded_scenario(seed), seed)
        except UnsupportedError:
            continue
        found[seed] = differing(logged, streamed)
        if "wait_p50" not in streamed.refused and not np.array_equal(logged.waits, streamed.waits):
            found[seed]["waits"] = logged.waits, streamed.waits
    assert {seed: names for seed, names in found.items() if names} == {}
    assert found


def test_callers_sent_on_leave_no_percentile_without_a_log() -> None:
    menu = {"length": 13, "complete": {"wrong": 0.3}}
    _, streamed = both(Scenario.model_validate(CENTRE | {"menu": menu}))
    assert "second queue" in streamed.refused["wait_p90"]
    assert "queue_asa" not in streamed.refused


def test_a_warm_up_refuses_what_it_would_blur() -> None:
    _, streamed = of_centre(3)
    assert "warm-up" in streamed.refused["occupancy"]


def test_redials_after_a_run_that_runs_out_are_refused() -> None:
    horizon = {"start": "2024-03-04", "days": 2, "end": "run_out"}
    with pytest.raises(UnsupportedError, match="run_out"):
        run(Scenario.model_validate(CENTRE | {"horizon": horizon}), replications=1, stream=True)


def test_the_reference_engine_always_keeps_a_log() -> None:
    with pytest.raises(SettingError, match="kernel"):
        run(Scenario.model_validate(CENTRE), replications=1, engine="reference", stream=True)


def test_probes_have_no_percentiles_without_a_log() -> None:
    _, streamed = of_centre()
    assert {name for name in PERCENTILES if name in streamed.refused} == {
        name for name in PERCENTILES if name.startswith("probe")
    }
