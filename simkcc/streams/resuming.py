"""Going on after a restart: calls under way, agents and messages that were taken, from what is kept.

For receivers whose sender keeps for them what happens meanwhile: a broker, or whoever sends again
until it is told that it arrived. Whoever else listens meets everybody anew (see `endings`).
"""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from simkcc.model.contact_log import DAY, NONE, SECOND, How
from simkcc.model.events import Event, Happening
from simkcc.streams import neutral
from simkcc.streams.calls import Call, Visit
from simkcc.streams.endings import endings
from simkcc.streams.names import AGENT, CALL, Name
from simkcc.streams.numbering import Numbering
from simkcc.streams.reading import Course
from simkcc.streams.store import Store


class Resumes(Protocol):
    """A reading that can go on where another one was."""

    numbering: Numbering

    @abstractmethod
    def resume(self, names: list[Name], courses: dict[int, Course]) -> None:
        """Go on. courses: how far the calls are, by contact."""


def resume(reading: Resumes, store: Store, now: int) -> list[Event]:
    """Let a reading go on where what is kept ends; return the ends of what cannot go on.

    now: microseconds of local time. Whoever was away for a day does not wait for the ends of calls.
    """
    numbering, last = reading.numbering, store.last
    since = last - DAY
    names = store.heard(since)
    found = _kept(event for events in store.read() for event in events)
    numbering.go_on(store.next_contact)
    numbering.clock.first_date = numbering.directory.first_date
    lasting = (
        {agent for agent, at in found.there.items() if at >= since} if now < last + DAY else set()
    )
    for name in names:
        if name.kind == AGENT:
            numbering.agents.pick_up(name.digest, name.number, name.number in lasting)
    known = {name.number for name in names if name.kind == AGENT}
    called = {name.number: name for name in names if name.kind == CALL and now < last + DAY}
    calls = {serial: call for serial, call in found.calls.items() if serial in called}
    for call in sorted(calls.values(), key=lambda each: each.last):
        _named(call, called[call.serial], numbering)
    numbering.wrapping.extend(_wrapped_up(found.wrapping, numbering.wrap_up))
    reading.resume(names, {serial: _course(call, numbering) for serial, call in calls.items()})
    kept = (event for events in store.read() for event in events)
    return endings(kept, calls, lasting & known)


@dataclass
class _Kept:
    """What events tell of how things stand."""

    calls: dict[int, Call] = field(default_factory=dict)
    there: dict[int, int] = field(default_factory=dict)
    """Since when agents are there."""
    wrapping: dict[tuple[int, int], Event] = field(default_factory=dict)


def _kept(events: Iterable[Event]) -> _Kept:
    found = _Kept()
    for event in events:
        if event.family == "agent" and event.what is Happening.STATE:
            if event.code == 1:
                found.there[event.agent] = event.at
            else:
                found.there.pop(event.agent, None)
        elif event.family == "call":
            call = found.calls.setdefault(event.contact, Call("", event.contact, event.at))
            _apply(event, call)
            if event.what is Happening.WRAP_UP:
                found.wrapping[event.contact, event.leg] = event
            elif event.what is Happening.WRAPPED_UP:
                found.wrapping.pop((event.contact, event.leg), None)
    return found


def _named(call: Call, name: Name, numbering: Numbering) -> None:
    """Hand a call over to who numbers what follows."""
    call.name, call.first = name.digest.hex(), name.first
    for visit in call.visits:
        visit.queue = numbering.directory.queues[visit.place]
        if visit.vague:
            numbering.directory.told[call.serial, visit.leg] = None
    numbering.pick_up(name.digest, call)


def _wrapped_up(wrapping: dict[tuple[int, int], Event], seconds: int) -> list[Event]:
    """Return the ends of after-call work that was under way, where they are inferred."""
    ends = (
        each._replace(at=each.at + seconds * SECOND, what=Happening.WRAPPED_UP)
        for each in wrapping.values()
        if seconds
    )
    return sorted(ends, key=lambda each: each.at)


def _apply(event: Event, call: Call) -> None:
    """Let an event change a call as it did when it was told."""
    call.last = max(call.last, event.at)
    if event.what is Happening.ENDED:
        call.ended = event.at
        return
    visit = next((each for each in reversed(call.visits) if each.leg <= event.leg), None)
    if event.what is Happening.QUEUED and (visit is None or visit.leg != event.leg):
        visit = Visit("", event.place, event.leg, event.at)
        call.visits.append(visit)
    if visit is None:
        return
    match event.what:
        case Happening.QUEUED:
            visit.joined, visit.vague = event.at, event.due != NONE
        case Happening.ANSWERED:
            visit.how, visit.left, visit.answered = How.ANSWERED, NONE, event.at
            visit.agent, visit.vague_answer = event.agent, event.due != NONE
        case Happening.TALKING | Happening.HELD:
            visit.talking, visit.held = event.leg - visit.leg, event.what is Happening.HELD
            visit.turned = event.at if visit.talking > 1 else 0
        case Happening.LEFT:
            visit.how, visit.left = How(event.code), event.at
        case Happening.TALKED:
            visit.left, visit.end = event.at, How(event.code)


def _course(call: Call, numbering: Numbering) -> Course:
    """Return how far a call is."""
    if not call.visits:
        return Course()
    visit = call.visits[-1]
    answered = visit.how is How.ANSWERED
    if visit.left != NONE:
        stage = neutral.TALKED if answered else neutral.LEFT
    else:
        stage = neutral.ANSWERED if answered else neutral.QUEUED
    at = max(visit.joined, visit.answered, visit.left)
    return Course(stage, visit.queue, numbering.clock.moment(at))
