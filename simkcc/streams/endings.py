"""Endings: what was under way when nobody listened any more is over, and nobody knows how."""

from collections.abc import Collection, Iterable

from simkcc.model.contact_log import NONE, How, Outcome
from simkcc.model.events import Event, Happening
from simkcc.streams.calls import LEGS

STARTS = (Happening.QUEUED, Happening.TALKING, Happening.HELD)


def endings(
    events: Iterable[Event], contacts: Collection[int] = (), agents: Collection[int] = ()
) -> list[Event]:
    """Return the ends of calls and the departures of agents that these events leave open.

    Whoever listens again afterwards meets those who are still there as if for the first time.
    contacts, agents: those that go on.
    """
    under_way: dict[int, Event | None] = {}
    there: dict[int, Event] = {}
    at = 0
    for event in events:
        at = max(at, event.at)
        if event.family == "agent" and event.what is Happening.STATE:
            if event.code == 1:
                there[event.agent] = event
            else:
                there.pop(event.agent, None)
        elif event.family == "call" and event.contact in contacts:
            continue
        elif event.family == "call" and event.what is Happening.ENDED:
            under_way.pop(event.contact, None)
        elif event.family == "call" and event.what is Happening.ARRIVED:
            under_way.setdefault(event.contact, None)
        elif event.family == "call" and event.contact in under_way:
            if event.what in STARTS:
                under_way[event.contact] = event
            elif event.what in (Happening.LEFT, Happening.TALKED):
                under_way[event.contact] = None
    found: list[Event] = []
    for contact, last in under_way.items():
        found += _ends(contact, last, at)
    found += [
        Event(at, "agent", Happening.STATE, place=event.place, agent=agent, code=0)
        for agent, event in there.items()
        if agent not in agents
    ]
    return found


def _ends(contact: int, last: Event | None, at: int) -> list[Event]:
    ends = []
    if last is not None and last.what is Happening.QUEUED:
        ends.append(
            Event(at, "call", Happening.LEFT, contact, last.leg, last.place, code=How.VANISHED)
        )
    elif last is not None:
        ends.append(
            Event(
                at, "call", Happening.TALKED, contact, last.leg, agent=last.agent, code=How.UNKNOWN
            )
        )  # fmt: skip
    leg = LEGS if last is None or last.leg == NONE else LEGS * (last.leg // LEGS + 1)
    ends.append(Event(at, "call", Happening.ENDED, contact, leg, code=Outcome.UNKNOWN))
    return ends
