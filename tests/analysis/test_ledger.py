"""Events become rows, in whatever order and however often they come; nothing is lost silently."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simkcc.analysis.ledger import Ledger
from simkcc.analysis.ledger_rules import CODES, Rejection
from simkcc.engine.trace import events_of
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
    ContactKind,
    How,
    LegKind,
    Origin,
    Outcome,
    contact_dtype,
    leg_dtype,
    session_dtype,
)
from simkcc.model.events import FAMILIES, Event, Happening

ANSWERED_CALL = (
    Event(10, "call", Happening.ARRIVED, 0, code=Origin.FIRST, topic=4, key=99),
    Event(10, "call", Happening.MENU_ENTERED, 0, 0),
    Event(23, "call", Happening.MENU, 0, 0, code=How.DONE),
    Event(23, "call", Happening.QUEUED, 0, 1, place=2),
    Event(30, "call", Happening.ANSWERED, 0, 1, place=2, agent=7, code=How.ANSWERED),
    Event(30, "call", Happening.TALKING, 0, 2, agent=7),
    Event(90, "call", Happening.HELD, 0, 3, agent=7),
    Event(95, "call", Happening.WRAP_UP, 0, 4, agent=7),
    Event(95, "call", Happening.ENDED, 0, 5, code=Outcome.DIRECT),
    Event(99, "call", Happening.WRAPPED_UP, 0, 4, agent=7),
)
"""Menu, queue, talk, hold; the agent wraps up when the caller is gone."""

CONSULTED_CALL = (
    Event(20, "call", Happening.ARRIVED, 1, code=Origin.REDIAL, topic=1, parent=0),
    Event(20, "call", Happening.TALKING, 1, 0, agent=3),
    Event(40, "call", Happening.CONSULTED, 1, 1, place=5, agent=3),
    Event(50, "call", Happening.TAKEN_BACK, 1, 1, place=5, agent=3, code=How.NOBODY_FREE),
    Event(50, "call", Happening.CONSULTED, 1, 2, place=5, agent=3, second=8),
    Event(60, "call", Happening.TRANSFERRED, 1, 2, place=5, agent=3, second=8, code=How.REACHED),
    Event(60, "call", Happening.HANDOVER, 1, 3, agent=3, second=8),
    Event(65, "call", Happening.WRAP_UP, 1, 4, agent=3),
    Event(65, "call", Happening.TALKING, 1, 5, agent=8),
    Event(70, "call", Happening.WRAPPED_UP, 1, 4, agent=3),
    Event(80, "call", Happening.WRAP_UP, 1, 6, agent=8),
    Event(80, "call", Happening.ENDED, 1, 7, code=Outcome.TRANSFERRED),
    Event(85, "call", Happening.WRAPPED_UP, 1, 6, agent=8),
)
"""Nobody free at first, then a warm handover to agent 8."""

CALLBACK = (
    Event(30, "callback", Happening.ARRIVED, 2, code=Origin.TASK, topic=1, parent=1, due=500),
    Event(30, "callback", Happening.WAITING, 2, 0),
    Event(60, "callback", Happening.QUEUED, 2, 1, place=5),
)
"""A promise that nobody has kept yet."""

TURNED_AWAY_CALL = (
    Event(70, "call", Happening.ARRIVED, 3, code=Origin.FIRST, topic=0),
    Event(70, "call", Happening.CLOSED, 3, 0),
    Event(70, "call", Happening.ENDED, 3, 0, code=Outcome.CLOSED),
)

STATES = (
    Event(5, "agent", Happening.STATE, agent=7, place=1, code=1),
    Event(8, "agent", Happening.STATE, agent=3, place=0, code=1),
    Event(60, "agent", Happening.STATE, agent=3, place=0, code=0),
    Event(60, "agent", Happening.STATE, agent=3, place=0, code=1),
    Event(99, "agent", Happening.STATE, agent=7, place=1, code=0),
)
"""Agent 3 goes and comes back in the same microsecond."""

DAY = ANSWERED_CALL + CONSULTED_CALL + CALLBACK + TURNED_AWAY_CALL + STATES

CONTACTS = [
    (ContactKind.CALL, Origin.FIRST, Outcome.DIRECT, 4, NONE, 10, 95, NONE, 99),
    (ContactKind.CALL, Origin.REDIAL, Outcome.TRANSFERRED, 1, 0, 20, 80, NONE, 0),
    (ContactKind.CALLBACK, Origin.TASK, Outcome.OPEN, 1, 1, 30, NONE, 500, 0),
    (ContactKind.CALL, Origin.FIRST, Outcome.CLOSED, 0, NONE, 70, 70, NONE, 0),
]

LEGS = [
    (0, 0, LegKind.MENU, How.DONE, NONE, NONE, NONE, 10, 23),
    (0, 1, LegKind.QUEUE, How.ANSWERED, 2, 7, NONE, 23, 30),
    (0, 2, LegKind.TALK, How.DONE, NONE, 7, NONE, 30, 90),
    (0, 3, LegKind.HOLD, How.DONE, NONE, 7, NONE, 90, 95),
    (0, 4, LegKind.WRAP, How.DONE, NONE, 7, NONE, 95, 99),
    (1, 0, LegKind.TALK, How.DONE, NONE, 3, NONE, 20, 40),
    (1, 1, LegKind.CONSULT, How.NOBODY_FREE, 5, 3, NONE, 40, 50),
    (1, 2, LegKind.CONSULT, How.REACHED, 5, 3, 8, 50, 60),
    (1, 3, LegKind.HANDOVER, How.DONE, NONE, 3, 8, 60, 65),
    (1, 4, LegKind.WRAP, How.DONE, NONE, 3, NONE, 65, 70),
    (1, 5, LegKind.TALK, How.DONE, NONE, 8, NONE, 65, 80),
    (1, 6, LegKind.WRAP, How.DONE, NONE, 8, NONE, 80, 85),
    (2, 0, LegKind.DELAY, How.DONE, NONE, NONE, NONE, 30, 60),
    (2, 1, LegKind.QUEUE, How.OPEN, 5, NONE, NONE, 60, NONE),
]

SESSIONS = [(7, 1, 5, 99), (3, 0, 8, 60), (3, 0, 60, NONE)]


def rows(table: np.ndarray) -> list[tuple[int, ...]]:
    return table.tolist()


def test_a_day_becomes_its_rows() -> None:
    ledger = Ledger(DAY)
    log = ledger.log()
    assert rows(log.contacts) == CONTACTS
    assert rows(log.legs) == LEGS
    assert rows(log.sessions) == SESSIONS
    assert not ledger.rejected


def test_an_empty_ledger_has_three_empty_tables() -> None:
    log = Ledger().log()
    found = [(table.dtype, len(table)) for table in (log.contacts, log.legs, log.sessions)]
    assert found == [(contact_dtype, 0), (leg_dtype, 0), (session_dtype, 0)]


def test_rows_tell_the_events_again() -> None:
    assert events_of(Ledger(DAY).log()) == sorted(DAY, key=lambda event: event.order)


@given(st.permutations(DAY), st.data())
def test_order_and_repetition_change_nothing(day: list[Event], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(DAY), min_size=len(DAY) * 3 // 10))
    ledger = Ledger(day + again)
    assert ledger.log() == Ledger(DAY).log()
    assert not ledger.rejected


@given(st.permutations(DAY), st.integers(0, len(DAY)))
def test_looking_in_between_changes_nothing(day: list[Event], looked: int) -> None:
    ledger = Ledger(day[:looked])
    ledger.log()
    for event in day[looked:]:
        ledger.apply(event)
    assert ledger.log() == Ledger(DAY).log()
    assert not ledger.rejected


def test_events_wait_for_the_arrival_of_their_contact() -> None:
    ledger = Ledger(ANSWERED_CALL[1:])
    assert len(ledger.log().contacts) == 0
    assert ledger.rejected == {Rejection.UNKNOWN_CONTACT: 9}
    ledger.apply(ANSWERED_CALL[0])
    assert rows(ledger.log().legs) == LEGS[:5]
    assert not ledger.rejected


def test_rows_are_numbered_by_the_contacts_that_have_arrived() -> None:
    log = Ledger(CONSULTED_CALL + CALLBACK).log()
    assert rows(log.contacts) == [(*CONTACTS[1][:4], NONE, *CONTACTS[1][5:]),
                                  (*CONTACTS[2][:4], 0, *CONTACTS[2][5:])]  # fmt: skip
    assert log.legs["contact"].tolist() == [0] * 7 + [1] * 2


def test_serials_may_be_huge() -> None:
    events = [event._replace(contact=event.contact + FOREVER - 9) for event in CONSULTED_CALL]
    assert len(Ledger(events).log().contacts) == 1


def test_a_leg_whose_end_was_lost_ended_nobody_knows_how() -> None:
    lost = (ANSWERED_CALL[2], ANSWERED_CALL[4])
    ledger = Ledger(event for event in ANSWERED_CALL if event not in lost)
    assert rows(ledger.log().legs)[:2] == [
        (0, 0, LegKind.MENU, How.UNKNOWN, NONE, NONE, NONE, 10, 23),
        (0, 1, LegKind.QUEUE, How.UNKNOWN, 2, NONE, NONE, 23, 30),
    ]
    assert not ledger.rejected


def test_a_contact_turned_away_is_over_even_if_its_end_was_lost() -> None:
    assert rows(Ledger(TURNED_AWAY_CALL[:2]).log().contacts) == [
        (*CONTACTS[3][:4], NONE, *CONTACTS[3][5:])
    ]


def test_an_agent_may_be_there_several_times() -> None:
    states = [Event(at, "agent", Happening.STATE, agent=1, place=0, code=at % 2) for at in range(9)]
    ledger = Ledger(states)
    assert rows(ledger.log().sessions) == [(1, 0, 1, 2), (1, 0, 3, 4), (1, 0, 5, 6), (1, 0, 7, 8)]
    assert ledger.rejected == {Rejection.NOT_STARTED: 1}


def changed(event: Event, **fields: Any) -> Event:
    return event._replace(**fields)


ARRIVED, ENTERED, CHOSE, QUEUED, TOOK, TALKED, _, _, ENDED, WRAPPED = ANSWERED_CALL
CAME, LEFT = STATES[0], STATES[4]

REJECTED = {
    "type that is reserved": (changed(QUEUED, what=Happening.OFFERED), Rejection.RESERVED),
    "family nobody knows": (changed(QUEUED, family="fax"), Rejection.RESERVED),
    "family without contacts": (changed(QUEUED, family="stream"), Rejection.RESERVED),
    "agent joining a queue": (changed(CAME, what=Happening.QUEUE), Rejection.RESERVED),
    "leg without ordinal": (changed(QUEUED, leg=NONE), Rejection.MALFORMED),
    "leg beyond its column": (changed(QUEUED, leg=2**31), Rejection.MALFORMED),
    "queue beyond its column": (changed(QUEUED, place=2**15), Rejection.MALFORMED),
    "agent beyond its column": (changed(TOOK, agent=2**31), Rejection.MALFORMED),
    "time before the first day": (changed(QUEUED, at=-5), Rejection.MALFORMED),
    "time that never comes": (changed(QUEUED, at=FOREVER), Rejection.MALFORMED),
    "no contact": (changed(QUEUED, contact=NONE), Rejection.MALFORMED),
    "how that does not exist": (changed(CHOSE, code=99), Rejection.MALFORMED),
    "answer that is none": (changed(TOOK, code=How.ABANDONED), Rejection.MALFORMED),
    "end that is open": (changed(ENDED, code=Outcome.OPEN), Rejection.MALFORMED),
    "topic beyond its column": (changed(ARRIVED, topic=2**31), Rejection.MALFORMED),
    "key beyond its column": (changed(ARRIVED, key=2**64), Rejection.MALFORMED),
    "agent nobody is": (changed(CAME, agent=NONE), Rejection.MALFORMED),
    "state nobody knows": (changed(CAME, code=2), Rejection.MALFORMED),
    "second, later answer": (changed(TOOK, at=31), Rejection.CONTRADICTED),
    "second, later end": (changed(ENDED, at=96), Rejection.CONTRADICTED),
    "two legs in one": (changed(QUEUED, at=29, what=Happening.HELD), Rejection.CONTRADICTED),
    "call that is a chat": (changed(CHOSE, leg=3, family="chat"), Rejection.CONTRADICTED),
    "other reason for the end": (
        Event(95, "call", Happening.CLOSED, 0, 5),
        Rejection.CONTRADICTED,
    ),
    "coming to another group": (changed(CAME, place=4), Rejection.CONTRADICTED),
    "contact nobody knows": (changed(QUEUED, contact=8), Rejection.UNKNOWN_CONTACT),
    "end without start": (changed(CHOSE, leg=2), Rejection.NOT_STARTED),
    "wrong way to end": (changed(WRAPPED, leg=3), Rejection.NOT_STARTED),
    "leaving twice": (changed(LEFT, at=120), Rejection.NOT_STARTED),
    "turned away before it came": (
        Event(2, "call", Happening.BLOCKED, 0, 5),
        Rejection.TOO_EARLY,
    ),
    "leg behind the last": (changed(TALKED, leg=6, at=99), Rejection.AFTER_END),
    "coming twice": (changed(CAME, at=50), Rejection.ALREADY_THERE),
}  # fmt: skip


@pytest.mark.parametrize(("event", "reason"), REJECTED.values(), ids=REJECTED)
def test_what_does_not_fit_is_counted_once_and_changes_nothing(
    event: Event, reason: Rejection
) -> None:
    events = [*ANSWERED_CALL, CAME, LEFT]
    expected = Ledger(events).log()
    for order in (events + [event] * 2, [event] * 2 + events):
        ledger = Ledger(order)
        assert ledger.rejected == {reason: 1}
        assert ledger.log() == expected


def test_a_leg_that_starts_before_the_one_before_it_is_too_early() -> None:
    early = changed(TALKED, at=22)
    ledger = Ledger(early if event is TALKED else event for event in ANSWERED_CALL)
    assert ledger.rejected == {Rejection.TOO_EARLY: 1}
    assert rows(ledger.log().legs) == [*LEGS[:2], *LEGS[3:5]]


def test_an_end_before_the_start_is_too_early_and_leaves_the_leg_open() -> None:
    ledger = Ledger([*ANSWERED_CALL[:9], changed(WRAPPED, at=94)])
    assert ledger.rejected == {Rejection.TOO_EARLY: 1}
    assert rows(ledger.log().legs)[4] == (0, 4, LegKind.WRAP, How.OPEN, NONE, 7, NONE, 95, NONE)


def test_a_contact_does_not_end_before_its_last_leg() -> None:
    ledger = Ledger([*ANSWERED_CALL[:8], changed(ENDED, at=80)])
    assert ledger.rejected == {Rejection.TOO_EARLY: 1}
    assert rows(ledger.log().contacts)[0][2] == Outcome.OPEN


small = st.integers(NONE, 4)
any_events = st.builds(
    Event,
    at=st.integers(-1, 20),
    family=st.sampled_from(("call", "call", "call", "agent", "fax")),
    what=st.sampled_from((*CODES, Happening.STATE, Happening.OFFERED)),
    contact=small,
    leg=small,
    place=small,
    agent=small,
    code=small,
)


@given(st.lists(any_events, max_size=40), st.randoms(use_true_random=False))
def test_no_event_is_fatal_and_nonsense_too_is_free_of_order(
    events: list[Event], chance: random.Random
) -> None:
    ledger = Ledger(events)
    shuffled = events + events[::3]
    chance.shuffle(shuffled)
    again = Ledger(shuffled)
    assert again.log() == ledger.log()
    assert again.rejected == ledger.rejected


INFERRED = {
    Happening.LEFT,
    Happening.TAKEN_BACK,
    Happening.CLOSED,
    Happening.BLOCKED,
    Happening.ENDED,
}
"""What a log may tell although nobody said so: a contact turned away, a leg whose end was lost."""


@given(st.lists(any_events, max_size=40))
def test_every_event_is_in_the_log_or_counted(events: list[Event]) -> None:
    ledger = Ledger(events)
    told = events_of(ledger.log())
    certain = [event for event in told if event.what not in INFERRED]
    applied = len(set(events)) - ledger.rejected.total()
    assert len(certain) <= applied <= len(told)


def test_all_families_of_contacts_can_arrive() -> None:
    kinds = {family: kind for family, kind in FAMILIES.items() if kind is not None}
    events = [
        Event(1, family, Happening.ARRIVED, serial, code=0) for serial, family in enumerate(kinds)
    ]
    assert Ledger(events).log().contacts["kind"].tolist() == list(kinds.values())


LEFT_UNKNOWN = Event(30, "call", Happening.LEFT, 0, 1, place=2, code=How.UNKNOWN)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "known",
    [
        Event(31, "call", Happening.LEFT, 0, 1, place=2, code=How.KEY),
        Event(29, "call", Happening.LEFT, 0, 1, place=2, code=How.ABANDONED),
        Event(31, "call", Happening.ANSWERED, 0, 1, place=2, agent=7, code=How.ANSWERED),
    ],
    ids=["key", "abandoned", "answered"],
)
def test_a_known_end_fills_in_an_unknown_one(known: Event, after: bool) -> None:
    start = [ANSWERED_CALL[0], Event(23, "call", Happening.QUEUED, 0, 1, place=2)]
    ends = [LEFT_UNKNOWN, known, LEFT_UNKNOWN]
    ledger = Ledger([*start, *(ends if after else ends[1:])])
    leg = ledger.log().legs[0]
    assert (leg["how"], leg["end"]) == (known.code, known.at)
    assert not ledger.rejected


def test_two_known_ends_still_contradict_each_other() -> None:
    start = [ANSWERED_CALL[0], Event(23, "call", Happening.QUEUED, 0, 1, place=2)]
    ends = [LEFT_UNKNOWN._replace(code=how) for how in (How.KEY, How.TIMEOUT)]
    assert Ledger([*start, *ends]).rejected == {Rejection.CONTRADICTED: 1}


def test_a_talk_that_is_over_leaves_the_call_open() -> None:
    talked = Event(60, "call", Happening.TALKED, 0, 2, agent=7, code=How.DONE)
    again = Event(70, "call", Happening.QUEUED, 0, 32, place=3)
    log = Ledger([*ANSWERED_CALL[:6], talked, again]).log()
    talk = log.legs[log.legs["kind"] == LegKind.TALK][0]
    assert (talk["how"], talk["end"]) == (How.DONE, 60)
    assert log.contacts["outcome"][0] == Outcome.OPEN
    assert log.legs[-1]["start"] == 70


def test_what_a_source_says_of_itself_is_no_part_of_the_log() -> None:
    said = [Event(5, "stream", what) for what in (Happening.GAP, Happening.HEARTBEAT)]
    ledger = Ledger([*ANSWERED_CALL, *said])
    assert ledger.log() == Ledger(ANSWERED_CALL).log()
    assert not ledger.rejected
