"""Trace: a contact log -> the events that made it, as the reference engine tells them."""

from collections.abc import Iterable, Iterator

import numpy as np

from simkcc.model.contact_log import NONE, ContactKind, ContactLog, How, LegKind, Outcome
from simkcc.model.events import FAMILY_OF, Event, Happening

STARTS = {
    LegKind.MENU: Happening.MENU_ENTERED,
    LegKind.QUEUE: Happening.QUEUED,
    LegKind.TALK: Happening.TALKING,
    LegKind.HOLD: Happening.HELD,
    LegKind.HANDOVER: Happening.HANDOVER,
    LegKind.RING: Happening.RINGING,
    LegKind.CONSULT: Happening.CONSULTED,
    LegKind.WRAP: Happening.WRAP_UP,
    LegKind.DELAY: Happening.WAITING,
}
"""What is said when a leg of a kind starts."""

ENDS = {
    LegKind.MENU: (How.DONE, Happening.MENU, Happening.LEFT),
    LegKind.QUEUE: (How.ANSWERED, Happening.ANSWERED, Happening.LEFT),
    LegKind.CONSULT: (How.REACHED, Happening.TRANSFERRED, Happening.TAKEN_BACK),
}
"""What is said when a leg of a kind ends so, and when it ends otherwise. Of the other kinds but
WRAP nothing is said: the next leg starts, or the contact ends."""

TURNED_AWAY = {Outcome.CLOSED: Happening.CLOSED, Outcome.BLOCKED: Happening.BLOCKED}


def events_of(log: ContactLog, *kinds: ContactKind) -> list[Event]:
    """Return the events that made a log, in their one order.

    kinds: if any are named, only events about contacts of these kinds, and none about agents.
    """
    families = [FAMILY_OF[kind] for kind in ContactKind]
    of = [families[kind] for kind in log.contacts["kind"].tolist()]
    events = list(_of_contacts(log, of))
    for row in log.legs.tolist():
        events += _of_leg(of[row[0]], *row)
    if kinds:
        wanted = {FAMILY_OF[kind] for kind in kinds}
        return in_order(event for event in events if event.family in wanted)
    for row in log.sessions.tolist():
        events += _of_session(*row)
    return in_order(events)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events in their one order."""
    return sorted(events, key=lambda event: event.order)


def _of_contacts(log: ContactLog, of: list[str]) -> Iterator[Event]:
    n_legs = np.bincount(log.legs["contact"], minlength=len(log.contacts)).tolist()
    for serial, row in enumerate(log.contacts.tolist()):
        _, origin, outcome, topic, parent, born, ended, due, key = row
        yield Event(
            born, of[serial], Happening.ARRIVED, serial, code=origin, topic=topic, parent=parent,
            due=due, key=key,
        )  # fmt: skip
        if ended == NONE:
            continue
        if outcome in TURNED_AWAY:
            yield Event(ended, of[serial], TURNED_AWAY[outcome], serial, n_legs[serial])
        yield Event(ended, of[serial], Happening.ENDED, serial, n_legs[serial], code=outcome)


def _of_leg(
    family: str, contact: int, leg: int, kind: int, how: int, place: int, agent: int, second: int,
    start: int, end: int,
) -> Iterator[Event]:  # fmt: skip
    at_start = NONE if kind == LegKind.QUEUE else agent
    yield Event(start, family, STARTS[LegKind(kind)], contact, leg, place, at_start, second)
    if end == NONE:
        return
    if kind == LegKind.WRAP:
        yield Event(end, family, Happening.WRAPPED_UP, contact, leg, agent=agent)
    elif kind in ENDS:
        good, then, otherwise = ENDS[LegKind(kind)]
        what = then if how == good else otherwise
        if kind == LegKind.MENU:
            yield Event(end, family, what, contact, leg, code=how)
        else:
            yield Event(end, family, what, contact, leg, place, agent, second, how)


def _of_session(agent: int, group: int, start: int, end: int) -> Iterator[Event]:
    yield Event(start, "agent", Happening.STATE, place=group, agent=agent, code=1)
    if end != NONE:
        yield Event(end, "agent", Happening.STATE, place=group, agent=agent, code=0)
