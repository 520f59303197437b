"""However the kernel is run — in steps, copied, grown, in threads, uncompiled — the log is the same."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from engine.plans import first_difference, seeded_plan

import simkcc
from simkcc.engine import reference, runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.engine.state import State, Status
from simkcc.errors import BrokenEngineError
from simkcc.model.contact_log import DAY, SECOND, ContactLog
from simkcc.model.scenario import Scenario

ROOT = Path(simkcc.__file__).parents[1]
SEEDS = range(8)
each_seed = pytest.mark.parametrize("seed", SEEDS)


def crowded(**changes: object) -> Plan:
    """Return a plan with thousands of contacts of which hundreds wait at the same time."""
    table = {
        "horizon": {"days": 1, "end": "run_out"},
        "hours": {"open": {"daily": ["00:00-01:00"]}},
        "patience": {"kind": "exponential", "mean": 1200.0},
        "redial": {"share": 0.5},
        "topics": {"a": {"per_hour": 2400.0, "hours": "open", "handling": {"aht": 60.0}}},
        "queues": {"a": {"routes": [{"group": "a"}]}},
        "groups": {"a": {"agents": 12, "hours": "open"}},
    }
    return compile_plan(Scenario.model_validate(table | changes))


def digest(log: ContactLog) -> str:
    """Return a name for every bit of a log."""
    whole = log.in_order()
    content = b"".join(table.tobytes() for table in (whole.contacts, whole.legs, whole.sessions))
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------------------------------------
# in steps, and from a copy


@each_seed
def test_many_small_steps_are_one_run(seed: int) -> None:
    plan = seeded_plan(seed)
    state = runs.start(plan)
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.choice([1, 1, SECOND, 7 * SECOND, 20 * SECOND], 120))
    for until in [*steps.tolist(), DAY - 1, DAY, DAY + 1]:
        runs.advance(plan, state, min(until, int(plan.settings[0]["until"])))
    assert runs.advance(plan, state) in (Status.REACHED, Status.FINISHED)
    assert first_difference(runs.contact_log(plan, state), runs.play(plan)) is None


@each_seed
def test_advancing_twice_to_the_same_moment_changes_nothing(seed: int) -> None:
    plan = seeded_plan(seed)
    state = runs.start(plan)
    runs.advance(plan, state, 61 * SECOND)
    before = digest(runs.contact_log(plan, state))
    runs.advance(plan, state, 61 * SECOND)
    assert digest(runs.contact_log(plan, state)) == before


@each_seed
def test_what_falls_due_at_a_moment_happens_after_it_is_reached(seed: int) -> None:
    plan = seeded_plan(seed)
    state = runs.start(plan)
    runs.advance(plan, state, 60 * SECOND)
    log = runs.contact_log(plan, state)
    assert log.contacts["born"].max(initial=0) < 60 * SECOND
    assert log.legs["end"].max(initial=0) < 60 * SECOND


@each_seed
def test_copied_state_goes_the_way_of_the_original(seed: int) -> None:
    plan = seeded_plan(seed)
    state = runs.start(plan)
    runs.advance(plan, state, 61 * SECOND)
    at_copy = digest(runs.contact_log(plan, state))
    copy = state.copy()
    runs.advance(plan, copy)
    assert digest(runs.contact_log(plan, state)) == at_copy
    runs.advance(plan, state)
    whole = digest(runs.play(plan))
    assert digest(runs.contact_log(plan, copy)) == digest(runs.contact_log(plan, state)) == whole


def test_run_without_a_log_says_so_when_asked_for_one() -> None:
    plan = seeded_plan(0)
    state = runs.start(plan, logging=False)
    runs.advance(plan, state)
    with pytest.raises(BrokenEngineError, match="kept no log; start it with logging"):
        runs.contact_log(plan, state)


# ---------------------------------------------------------------------------------------------
# growth


@pytest.fixture
def count_growth(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Return a list that gets one entry whenever tables grow."""
    grown: list[Plan] = []
    grow: Callable[[State, Plan], None] = State.grow

    def counted(state: State, plan: Plan) -> None:
        grown.append(plan)
        grow(state, plan)

    monkeypatch.setattr(State, "grow", counted)
    return grown


@pytest.mark.slow
def test_tables_that_grow_hold_what_the_reference_engine_writes(count_growth: list[Plan]) -> None:
    plan = crowded()
    log = runs.play(plan).in_order()
    assert len(count_growth) >= 4
    assert len(log.contacts) > 2500
    assert first_difference(log, reference.play(plan).log()) is None


def test_tables_that_start_large_hold_the_same(count_growth: list[Plan]) -> None:
    plan = crowded()
    whole = digest(runs.play(plan))
    needed = len(count_growth)
    count_growth.clear()
    state = runs.start(plan)
    for name in ("contacts", "legs", "sessions"):
        table = getattr(state, name)
        setattr(state, name, np.zeros(60_000, table.dtype))
    runs.advance(plan, state)
    assert len(count_growth) < needed
    assert digest(runs.contact_log(plan, state)) == whole


def test_streaming_needs_no_more_room_for_more_contacts() -> None:
    sizes = []
    for days in (1, 10):
        plan = crowded(horizon={"days": days, "end": "run_out"}, groups={"a": {"agents": 200}})
        state = runs.start(plan, logging=False)
        runs.advance(plan, state)
        tables = ("live", "heap", "contacts", "legs", "sessions", "counts", "sums", "waits")
        sizes.append([len(getattr(state, name)) for name in tables])
        assert int(state.clock[0]["born"]) > 2000 * days
    assert sizes[0] == sizes[1]


# ---------------------------------------------------------------------------------------------
# replications


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_log_is_the_same_to_the_bit_however_many_threads_play(jobs: int) -> None:
    plans = [crowded().seeded(7, number) for number in range(6)]
    alone = [digest(runs.play(plan)) for plan in plans]
    found = dict(runs.replications([partial(runs.play, plan) for plan in plans], jobs))
    assert [digest(found[number]) for number in range(6)] == alone
    assert len(set(alone)) == 6


def test_replications_may_be_left_early() -> None:
    tasks = [partial(runs.play, seeded_plan(3).seeded(1, number)) for number in range(20)]
    index, log = next(runs.replications(tasks, 1))
    assert index == 0
    assert digest(log) == digest(tasks[0]())


def test_a_failing_replication_is_heard_of() -> None:
    def fail() -> None:
        raise BrokenEngineError("on purpose")

    with pytest.raises(BrokenEngineError, match="on purpose"):
        list(runs.replications([fail], 2))


# ---------------------------------------------------------------------------------------------
# elsewhere

SCRIPT = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from engine.test_kernel_modes import digest
from engine.plans import seeded_plan
from simkcc.engine import runs
print(*(digest(runs.play(seeded_plan(seed))) for seed in {seeds}))
"""


def digests_elsewhere(
    seeds: list[int], python: str = sys.executable, **environment: str
) -> list[str]:
    """Return the names of logs of small plans, played in a process of its own."""
    script = SCRIPT.format(tests=str(ROOT / "tests"), root=str(ROOT), seeds=seeds)
    found = subprocess.run(
        [python, "-c", script], env=os.environ | environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return found.stdout.split()


def digests_here(seeds: list[int]) -> list[str]:
    return [digest(runs.play(seeded_plan(seed))) for seed in seeds]


@pytest.mark.slow
def test_log_is_the_same_without_compilation() -> None:
    seeds = [1, 2, 5]
    assert digests_elsewhere(seeds, NUMBA_DISABLE_JIT="1") == digests_here(seeds)


@pytest.mark.slow
def test_log_is_the_same_on_the_plainest_processor_with_bounds_checks_and_none_is_passed() -> None:
    """Both in one process: each for itself would compile the kernel once more."""
    seeds = list(range(120))
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    assert digests_elsewhere(seeds, NUMBA_BOUNDSCHECK="1", **plain) == digests_here(seeds)


@pytest.mark.slow
def test_log_is_the_same_on_another_python() -> None:
    python = os.environ.get("SIMKCC_OTHER_PYTHON")
    if not python:
        pytest.skip("SIMKCC_OTHER_PYTHON names no interpreter with the requirements of simkcc")
    seeds = list(range(20))
    assert digests_elsewhere(seeds, python) == digests_here(seeds)
