"""What a change of the centre must change, and what it must leave alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine.plans import seeded_scenario
from engine.test_identities import FAST, small
from seeds import few_of

from simkcc.engine import reference, runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import NONE, SECOND, ContactLog, LegKind, Origin
from simkcc.model.scenario import Scenario
from simkcc.model.steps import Pause, StepKind


def test_same_seed_gives_the_same_log() -> None:
    for seed, plan, log in small(FAST):
        assert runs.play(plan).in_order() == log
        assert runs.play(compile_plan(seeded_scenario(seed))).in_order() == log


def offered(log: ContactLog) -> np.ndarray:
    """Return who called of their own accord: topic, birth and key, in order of the key."""
    first = log.contacts[log.contacts["origin"] == Origin.FIRST]
    return np.sort(first[["truth_key", "kind", "topic", "born"]])


def test_offered_load_does_not_depend_on_routing() -> None:
    for seed, _, log in small(FAST):
        scenario = seeded_scenario(seed)
        routes = {name: queue.routes[::-1] for name, queue in scenario.queues.items()}
        queues = {
            name: queue.model_copy(update={"routes": routes[name], "at_close": "keep", "balk": ()})
            for name, queue in scenario.queues.items()
        }
        groups = {
            name: group.model_copy(update={"speed": 0.5, "choice": "uniform", "pick": "priority"})
            for name, group in scenario.groups.items()
        }
        other = scenario.model_copy(update={"queues": queues, "groups": groups, "redial": None})
        assert np.array_equal(offered(log), offered(runs.play(compile_plan(other))))


NAMES = {"a": "zebra", "b": "aardvark", "one": "x one", "two": "a two", "second": "9", "left": "right one", "right": "A", "experts": "0"}  # fmt: skip
NAMED = ("queue", "group", "topic", "pulls")
SECTIONS = ("topics", "queues", "groups")


def renamed(value: Any, key: str = "") -> Any:
    """Return a piece of a scenario with other names of topics, queues and groups."""
    if isinstance(value, dict):
        names = NAMES if key in SECTIONS else {}
        return {names.get(name, name): renamed(part, name) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(part, key) for part in value]
    return NAMES.get(value, value) if key in NAMED and isinstance(value, str) else value


def test_names_are_only_names() -> None:
    """Streams of callers and of absence keep their identity."""
    changed = 0
    for seed, _, _ in small(FAST):
        table = seeded_scenario(seed).model_dump()
        for name, topic in table["topics"].items():
            topic["stream"] = f"topic {name}"
        for name, group in table["groups"].items():
            group["stream"] = f"group {name}"
        one, other = Scenario.model_validate(table), Scenario.model_validate(renamed(table))
        assert list(one.topics) != list(other.topics)
        log = runs.play(compile_plan(one))
        assert log == runs.play(compile_plan(other))
        changed += len(log.contacts)
    assert changed > 0


@pytest.mark.parametrize("seed", few_of(range(12), 3))
def test_more_agents_never_lengthen_the_total_wait_of_patient_callers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    topics = {
        f"caller {index}": {
            "arrivals": [float(rng.integers(60))],
            "handling": {"talk": float(rng.integers(12)), "wrap_up": float(rng.integers(4))},
        }
        for index in range(40)
    }
    totals = []
    for agents in range(1, 8):
        table = {
            "tick": 1.0, "horizon": {"days": 1, "end": "run_out"}, "topics": topics,
            "queues": {"all": {"routes": [{"group": "all"}]}}, "groups": {"all": {"agents": agents}},
        }  # fmt: skip
        legs = runs.play(compile_plan(Scenario.model_validate(table))).legs
        waits = legs[legs["kind"] == LegKind.QUEUE]
        totals.append(int((waits["end"] - waits["start"]).sum()))
    assert totals == sorted(totals, reverse=True)
    assert totals[0] > totals[-1]


def slower(plan: Plan, factor: int) -> Plan:
    """Return the plan in which every tick and every stated time is `factor` times as long."""

    def longer(table: np.ndarray, *names: str) -> np.ndarray:
        made = table.copy()
        for name in names:
            made[name] = np.where(made[name] == NONE, NONE, made[name] * factor)
        return made

    return replace(
        plan,
        spans=longer(plan.spans, "start", "end"),
        changes=longer(plan.changes, "at"),
        pieces=longer(plan.pieces, "at"),
        moments=plan.moments * factor,
        groups=longer(plan.groups, "switching"),
        settings=longer(plan.settings, "tick", "day", "until", "warm_up", "thresholds"),
    )


def has_dated_pauses(plan: Plan) -> bool:
    """Return whether some delay ends at a uniform moment of a day."""
    delays = plan.steps[plan.steps["kind"] == StepKind.DELAY]
    return bool(np.isin(delays["mode"], (Pause.LATER_TODAY, Pause.NEXT_DAY)).any())


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_ticks_64_times_as_long_give_waits_64_times_as_long(engine: str) -> None:
    """Except after a redial later today or tomorrow, whose moment is rounded to a microsecond."""
    seen = 0
    for _, plan, log in small(FAST if engine == "kernel" else FAST[:10]):
        if has_dated_pauses(plan):
            continue
        slow = slower(plan, 64)
        other = runs.play(slow) if engine == "kernel" else reference.play(slow).log()
        for name, times in (("legs", ("start", "end")), ("contacts", ("born", "ended", "due")), ("sessions", ("start", "end"))):  # fmt: skip
            expected = getattr(log, name).copy()
            for time in times:
                expected[time] = np.where(expected[time] == NONE, NONE, expected[time] * 64)
            assert np.array_equal(getattr(other.in_order(), name), expected)
        seen += len(log.legs)
    assert seen > 0


def test_redial_later_today_falls_on_a_tick() -> None:
    table = {
        "tick": 1.0, "horizon": {"days": 1, "end": "run_out"}, "patience": 5.0,
        "topics": {"calls": {"arrivals": [60.0], "handling": {"talk": 60.0}}},
        "queues": {"all": {"routes": [{"group": "all"}]}}, "groups": {"all": {"agents": 0}},
        "redial": {"share": 1.0, "at_most": 1, "delay": {"soon": 0.0, "later_today": 1.0}},
    }  # fmt: skip
    legs = runs.play(compile_plan(Scenario.model_validate(table))).legs
    assert not (legs["start"] % SECOND).any()


def test_shorter_menu_moves_those_who_stay_forward_by_the_difference() -> None:
    joined = {}
    for length in (80.0, 13.0):
        table = {
            "horizon": {"days": 1, "end": "run_out"},
            "topics": {"calls": {"per_hour": 60.0, "handling": {"aht": 200.0}}},
            "queues": {"all": {"routes": [{"group": "all"}]}}, "groups": {"all": {"agents": 4}},
            "menu": {"length": length, "hang_up": 0.002},
            "patience": {"kind": "exponential", "mean": 120.0},
        }  # fmt: skip
        log = runs.play(compile_plan(Scenario.model_validate(table)))
        visits = log.legs[log.legs["kind"] == LegKind.QUEUE]
        keys = log.contacts["truth_key"][visits["contact"]]
        joined[length] = dict(zip(keys.tolist(), visits["start"].tolist(), strict=True))
    long, short = joined[80.0], joined[13.0]
    assert 1000 < len(long) < len(short)
    assert set(long) <= set(short)
    assert {long[key] - short[key] for key in long} == {67 * SECOND}
