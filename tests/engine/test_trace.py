"""What the kernel's log tells afterwards is what the reference engine told as it happened."""

import random
from functools import lru_cache

import pytest
from engine.plans import first_difference, seeded_plan
from seeds import few_of

from simkcc.analysis.ledger import Ledger
from simkcc.engine import reference, runs
from simkcc.engine.trace import events_of, in_order
from simkcc.model.contact_log import SECOND, ContactKind, ContactLog
from simkcc.model.events import FAMILIES, Event

SEEDS = 40
MOST_CONTACTS = 800
MOMENTS = (0, 60 * SECOND, 61 * SECOND, 150 * SECOND)

Run = tuple[ContactLog, ContactLog, list[Event]]


@lru_cache(maxsize=SEEDS)
def both_runs(seed: int) -> Run:
    """Return the kernel's log, the reference's log and the events it told, in its own order."""
    plan = seeded_plan(seed)
    log = runs.play(plan)
    if len(log.contacts) > MOST_CONTACTS:
        pytest.skip(f"{len(log.contacts)} contacts")
    centre = reference.play(plan)
    return log, centre.log(), centre.events


each_seed = pytest.mark.parametrize("seed", few_of(range(SEEDS), 12))


@each_seed
def test_trace_of_the_kernel_is_what_the_reference_told(seed: int) -> None:
    log, _, told = both_runs(seed)
    assert events_of(log) == in_order(told)


@each_seed
def test_no_two_events_of_a_run_share_their_place_in_the_order(seed: int) -> None:
    _, _, told = both_runs(seed)
    assert len({event.order for event in told}) == len(told)


@each_seed
def test_ledger_of_either_is_the_log(seed: int) -> None:
    log, reference_log, told = both_runs(seed)
    for events in (told, in_order(told), events_of(log)):
        ledger = Ledger(events)
        assert first_difference(ledger.log(), reference_log) is None
        assert first_difference(ledger.log(), log.in_order()) is None
        assert not ledger.rejected


@each_seed
def test_ledger_does_not_care_for_order_and_repetition(seed: int) -> None:
    _, reference_log, told = both_runs(seed)
    chance = random.Random(seed)
    events = told + chance.sample(told, len(told) * 3 // 10)
    chance.shuffle(events)
    ledger = Ledger(events)
    assert first_difference(ledger.log(), reference_log) is None
    assert not ledger.rejected


@each_seed
def test_ledger_follows_a_run_that_is_not_over(seed: int) -> None:
    plan, ledger = seeded_plan(seed), Ledger()
    state, centre, told = runs.start(plan), reference.Centre(plan), 0
    for moment in MOMENTS:
        runs.advance(plan, state, moment)
        centre.run(moment)
        for event in centre.events[told:]:
            ledger.apply(event)
        told = len(centre.events)
        log = runs.contact_log(plan, state)
        assert first_difference(ledger.log(), log.in_order()) is None
        assert events_of(log) == in_order(centre.events)
        assert not ledger.rejected


@pytest.mark.slow
def test_plans_have_what_a_trace_can_go_wrong_with() -> None:
    told = [event for seed in range(SEEDS) for event in both_runs(seed)[2]]
    missing = {"call.closed", "call.blocked", "call.held", "call.handover", "call.ringing"}
    missing |= {"call.consulted", "call.taken_back", "callback.waiting", "probe.answered"}
    assert missing - {event.type for event in told} == set()


def test_trace_holds_plain_numbers_only() -> None:
    log, _, _ = both_runs(0)
    numbers = {type(getattr(event, name)) for event in events_of(log) for name in ("at", "key")}
    assert numbers == {int}


def test_trace_of_some_kinds_leaves_out_the_others() -> None:
    log, _, told = both_runs(0)
    some = events_of(log, ContactKind.CALL)
    assert some == [event for event in in_order(told) if event.family == "call"]
    assert len(some) < len(told)
    contacts = {family for family, kind in FAMILIES.items() if kind is not None}
    assert events_of(log, *ContactKind) == [
        event for event in in_order(told) if event.family in contacts
    ]
