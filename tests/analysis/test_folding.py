"""The fold of a log against a plain count over its rows, and what must not matter to it."""

import gc
from dataclasses import replace
from functools import lru_cache
from weakref import ref

import numpy as np
import pytest
from analysis.slow_fold import DIMENSIONS, busy_seconds, slow_fold
from engine.plans import seeded_scenario
from seeds import few_of

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import BLOCK, LogColumns, columns_of
from simkcc.analysis.columns.tallies import distinct
from simkcc.analysis.folding import Sums, counting, fold
from simkcc.analysis.metrics import METRICS
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.engine.runs import play
from simkcc.model.contact_log import (
    NONE,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Outcome,
    leg_dtype,
)
from simkcc.model.scenario import Scenario

each_seed = pytest.mark.parametrize("seed", few_of(range(40), 6))


@lru_cache(maxsize=4)
def centre(seed: int) -> tuple[ContactLog, Plan, Scenario]:
    scenario = seeded_scenario(seed)
    plan = compile_plan(scenario).seeded(seed, 0)
    return play(plan), plan, scenario


def as_of(log: ContactLog, moment: int) -> ContactLog:
    """Return what was known of a log at a moment: what began later is not, what ended later is open."""
    contacts = log.contacts[log.contacts["born"] <= moment].copy()
    legs, sessions = (table[table["start"] <= moment].copy() for table in (log.legs, log.sessions))
    legs = legs[legs["contact"] < len(contacts)]
    contacts["outcome"][contacts["ended"] > moment] = Outcome.OPEN
    legs["how"][legs["end"] > moment] = How.OPEN
    for table, name in ((contacts, "ended"), (legs, "end"), (sessions, "end")):
        table[name][table[name] > moment] = NONE
    return ContactLog(contacts, legs, sessions)


def vanished(log: ContactLog, seed: int) -> ContactLog:
    """Return a log in which nobody saw how some of the waits ended."""
    legs = log.legs.copy()
    waits = np.flatnonzero(legs["kind"] == LegKind.QUEUE)
    legs["how"][waits[np.random.default_rng(seed).random(len(waits)) < 0.2]] = How.VANISHED
    return replace(log, legs=legs)


def agrees(sums: Sums, log: ContactLog, plan: Plan, scenario: Scenario) -> None:
    whole, parts = slow_fold(log, plan, scenario)
    for name, pair in whole.items():
        weekly = METRICS[name].weekly
        assert sums.whole[name][: 1 if weekly else 2] == pytest.approx(pair[: 1 if weekly else 2])
        for dimension in DIMENSIONS:
            found = sums.parts[dimension][name]
            for which in range(1 if weekly else 2):
                expected = [parts[dimension, value, name, which] for value in range(found.shape[1])]
                assert found[which] == pytest.approx(expected), (name, dimension)
    assert sums.parts["group"]["occupancy"][0] * at_once(scenario) == pytest.approx(
        busy_seconds(log, plan, scenario)
    )


def at_once(scenario: Scenario) -> np.ndarray:
    return np.array([group.at_once for group in scenario.groups.values()])


@each_seed
def test_the_fold_counts_what_a_plain_count_over_the_rows_counts(seed: int) -> None:
    log, plan, scenario = centre(seed)
    agrees(fold(log, plan, scenario), log, plan, scenario)


@each_seed
def test_so_it_does_of_a_day_that_is_not_over_and_where_callers_vanished(seed: int) -> None:
    log, plan, scenario = centre(seed)
    half = int(np.median(log.contacts["born"])) if len(log.contacts) else 0
    for other in (as_of(log, half), vanished(log, seed)):
        agrees(fold(other, plan, scenario), other, plan, scenario)


@each_seed
def test_the_order_of_the_legs_does_not_matter(seed: int) -> None:
    log, plan, scenario = centre(seed)
    mixed = np.random.default_rng(seed).permutation(len(log.legs))
    one, other = (fold(each, plan, scenario) for each in (log, replace(log, legs=log.legs[mixed])))
    assert one.whole == other.whole
    assert one.usage == other.usage


@each_seed
def test_some_figures_alone_are_what_they_are_among_all(seed: int) -> None:
    log, plan, scenario = centre(seed)
    names = tuple(METRICS)[seed % 7 :: 7]
    every, some = fold(log, plan, scenario), fold(log, plan, scenario, names)
    np.testing.assert_equal(some.whole, {name: every.whole[name] for name in names})


def test_columns_are_read_in_blocks_as_they_stand_in_the_table() -> None:
    random = np.random.default_rng(1)
    legs = np.zeros(2 * BLOCK + 3, leg_dtype)
    for name in leg_dtype.names or ():
        legs[name] = random.integers(0, 99, len(legs))
    rows = random.permutation(len(legs))[: BLOCK + 5]
    for name, column in columns_of(legs, rows).items():
        assert (column == legs[name][rows]).all()


def test_kinds_that_do_not_occur_are_looked_for_once() -> None:
    log, plan, scenario = centre(0)
    calls_only = replace(log, contacts=log.contacts.copy())
    calls_only.contacts["kind"] = ContactKind.CALL
    calls = Calls(LogColumns(calls_only), plan, counting(scenario, plan)[0])
    none = calls.of_kind(ContactKind.MAIL)
    assert len(none) == 0
    assert none is calls.of_kind(ContactKind.CHAT)


def test_a_fold_leaves_nothing_behind_for_the_collector() -> None:
    log, plan, scenario = centre(1)
    window, rules = counting(scenario, plan)
    gc.disable()
    try:
        calls = Calls(LogColumns(log), plan, window)
        for metric in METRICS.values():
            metric.function(calls, rules)
        columns = ref(calls.log)
        del calls
        assert columns() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("values", [[], [3], [2, 2], [5, 1, 5, 3, 1, 1]])
def test_distinct_values_are_those_numpy_finds(values: list[int]) -> None:
    column = np.array(values, np.int64)
    assert np.array_equal(distinct(column), np.unique(column))
