"""Both engines write the same contact log, in every cell, ties included."""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
import pytest
from engine.plans import Difference, first_difference, scenario, seeded_plan, seeded_scenario
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from simkcc.engine import reference, runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Origin,
    Outcome,
)
from simkcc.model.steps import StepKind

FAST, SLOW, CHUNK = 24, 2000, 100
MOMENTS = (60 * SECOND, 121 * SECOND, DAY)
"""When the logs are compared before the end: at a moment full of ties, between, and at midnight."""


def difference_in(plan: Plan) -> Difference | None:
    """Return where the engines first differ on a plan, at some moments or at the end."""
    state, centre = runs.start(plan), reference.Centre(plan)
    for moment in MOMENTS:
        runs.advance(plan, state, moment)
        centre.run(moment)
        found = first_difference(runs.contact_log(plan, state).in_order(), centre.log())
        if found is not None:
            return found
    return first_difference(runs.play(plan).in_order(), reference.play(plan).log())


@pytest.mark.parametrize("seed", range(FAST))
def test_engines_agree_in_every_cell(seed: int) -> None:
    assert difference_in(seeded_plan(seed)) is None


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FAST, FAST + SLOW, CHUNK))
def test_engines_agree_in_every_cell_of_many_plans(first: int) -> None:
    found = {seed: difference_in(seeded_plan(seed)) for seed in range(first, first + CHUNK)}
    assert {seed: each for seed, each in found.items() if each is not None} == {}


@settings(
    deadline=None, max_examples=settings.default.max_examples // 5,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.data())
def test_engines_agree_on_the_smallest_plan_that_hypothesis_finds(data: st.DataObject) -> None:
    centre = scenario(lambda options: data.draw(st.sampled_from(options)))
    note(centre.model_dump_json(exclude_defaults=True, indent=1))
    assert difference_in(compile_plan(centre)) is None


@pytest.mark.parametrize("replication", [0, 1, 2**64 - 1])
@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_engines_agree_for_any_seed_and_replication(seed: int, replication: int) -> None:
    assert difference_in(seeded_plan(5).seeded(seed, replication)) is None


# ---------------------------------------------------------------------------------------------
# what the plans cover

UNREACHABLE: dict[type[IntEnum], set[str]] = {
    How: {"UNKNOWN", "KEY", "VANISHED"},
}
"""What only other sources of events say."""


@pytest.fixture(scope="module")
def played() -> list[tuple[Plan, ContactLog]]:
    plans = [seeded_plan(seed) for seed in range(300)]
    return [(plan, runs.play(plan)) for plan in plans]


def missing(kinds: type[IntEnum], columns: Iterable[np.ndarray]) -> set[str]:
    """Return the members that no column holds."""
    seen = {int(value) for column in columns for value in np.unique(column)}
    return {kind.name for kind in kinds if kind not in seen} - UNREACHABLE.get(kinds, set())


Played = list[tuple[Plan, ContactLog]]


@pytest.mark.slow
def test_plans_use_every_kind_of_step(played: Played) -> None:
    assert missing(StepKind, (plan.steps["kind"] for plan, _ in played)) == set()


@pytest.mark.slow
def test_legs_of_every_kind_end_in_every_way(played: Played) -> None:
    assert missing(LegKind, (log.legs["kind"] for _, log in played)) == set()
    assert missing(How, (log.legs["how"] for _, log in played)) == set()


@pytest.mark.slow
def test_contacts_of_every_kind_and_origin_end_with_every_outcome(played: Played) -> None:
    assert missing(ContactKind, (log.contacts["kind"] for _, log in played)) == set()
    assert missing(Origin, (log.contacts["origin"] for _, log in played)) == set()
    assert missing(Outcome, (log.contacts["outcome"] for _, log in played)) == set()


@pytest.mark.slow
def test_plans_are_small_and_full_of_ties(played: Played) -> None:
    sizes = [len(log.contacts) for _, log in played]
    assert max(sizes) <= 150
    assert float(np.median(sizes)) >= 15
    starts = [log.legs["start"] for _, log in played]
    shared = sum(len(each) - len(np.unique(each)) for each in starts)
    assert shared / sum(map(len, starts)) > 0.3


@pytest.mark.slow  # three hundred scenarios
def test_plans_use_every_word_of_a_scenario() -> None:
    made = [seeded_scenario(seed) for seed in range(300)]
    lines = [each.second_lines["experts"] for each in made]
    for words, wanted in (
        ([line.via for line in lines], {"consult", "blind", "conference"}),
        ([line.permanence for line in lines], {"constant", "urgent", "form", "none"}),
        ([line.failed for line in lines], {"callback", "queue", "end"}),
        ([each.horizon.end for each in made], {"run_out", "clear"}),
        ([each.queues["one"].at_close for each in made], {"run_out", "clear", "keep"}),
        ([each.queues["one"].capacity for each in made], {None, 0, 1, 3}),
        ([bool(each.journeys) for each in made], {True, False}),
        ([bool(each.probes) for each in made], {True, False}),
        ([each.lines is None for each in made], {True, False}),
        ([each.groups["left"].absence > 0 for each in made], {True, False}),
        ([each.groups["left"].pick for each in made], {"longest_wait", "priority", "weighted"}),
        ([each.groups["left"].choice for each in made], {"longest_idle", "uniform", "priority"}),
    ):
        assert set(words) == wanted
