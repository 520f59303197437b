"""Numbering: messages that speak of calls by name -> events that number contacts and legs.

A contact is what an exchange knows as one caller's channel. Each of its visits to a queue has a
block of legs of its own, so that what becomes known later about a visit still finds room: the wait,
then talk and hold by turns. An event is about what was told, and about nothing that was not.
"""

from collections import deque
from collections.abc import Callable

from simkcc.model.contact_log import NONE, SECOND, How, Origin
from simkcc.model.directory import NO_DATE, Directory, number_of
from simkcc.model.events import Event, Happening
from simkcc.streams import neutral
from simkcc.streams.agents import Agents
from simkcc.streams.calls import LEGS, Call, Callers, Visit
from simkcc.streams.clock import Clock
from simkcc.streams.moments import Moments
from simkcc.streams.names import CALL, ByName, Heard
from simkcc.streams.neutral import REASONS, Message

REMEMBERED = 50_000
"""Calls that are over and still remembered, for what comes late."""

IDLE = 60 * SECOND
"""A call of which nothing is told so long after its last visit is over, if its end is not told."""


class Numbering(Moments):
    """Gives calls, queues and agents their numbers, as they are met."""

    def __init__(
        self, directory: Directory, clock: Clock, wrap_up: int = 0,
        heard: Callable[[Message], None] | None = None,
    ) -> None:  # fmt: skip
        self.heard = heard
        """Who else wants to know every message."""
        self.directory = directory
        directory.topics[:] = directory.topics or ["-"]  # what every call and every agent is of,
        directory.groups[:] = directory.groups or ["agents"]  # where nobody tells
        self.clock = clock
        self.wrap_up = wrap_up
        """Seconds an agent is given after a talk: inferred, where no exchange tells."""
        self.passed_over = 0
        """Messages that could not be applied to any call."""
        self.names = Heard()
        self.agents = Agents(directory, self.names)
        self._calls: ByName[Call] = ByName(Call.rename)
        self._past: ByName[Call] = ByName(Call.rename)
        self._callers = Callers(REMEMBERED)
        self._idle: deque[tuple[int, Call, int]] = deque()
        self.wrapping: deque[Event] = deque()
        """Ends of after-call work to come."""
        self._queues: dict[str, int] = {}
        self._next = self._now = 0
        self._told = {
            neutral.QUEUED: self._queued,
            neutral.OFFERED: self._rings,
            neutral.REFUSED: self._rings,
            neutral.ANSWERED: self._answered,
            neutral.HELD: self._held,
            neutral.RESUMED: self._held,
            neutral.LEFT: self._left,
            neutral.TALKED: self._talked,
            neutral.ENDED: self._ended,
            neutral.WRAP_UP: self._wraps,
            neutral.WRAPPED_UP: self._wraps,
            neutral.AGENT_STATE: self._agent,
            neutral.GAP: self._stream,
            neutral.HEARTBEAT: self._stream,
        }

    def number(self, message: Message) -> list[Event]:
        """Return the events that a message tells."""
        if self.heard is not None:
            self.heard(message)
        apply = self._told.get(message.type)
        if apply is None:
            return []
        if message.at is None:
            self._now += 1
        else:
            if self.clock.first_date is None and self.directory.first_date != NO_DATE:
                self.clock.first_date = self.directory.first_date
            self._now = max(self._now, self._at(message))
            if self.clock.first_date is not None:
                self.directory.first_date = self.clock.first_date
        self.names.now = self._now
        events: list[Event] = []
        self._pass_time(events)
        apply(message, events)
        if message.at is None and events:
            self._now = max(self._now, events[-1].at)  # a clock of sorts, so that order is kept
        return events

    def finish(self) -> list[Event]:
        """Return the ends of calls of which nothing more will be told: the stream is over."""
        events: list[Event] = []
        self._pass_time(events, everything=True)
        return events

    def go_on(self, contact: int) -> None:
        """Number what follows behind what is kept: contacts from here, and agents as others."""
        self._next = max(self._next, contact)
        self.agents.go_on()

    def pick_up(self, digest: bytes, call: Call) -> None:
        """Go on with a call that was kept."""
        (self._calls if call.ended == NONE else self._past).keep(digest, call)
        self._now = max(self._now, call.last)
        self._note_idle(call)

    # ----------------------------------------------------------------- calls

    def _queued(self, message: Message, events: list[Event]) -> None:
        call = self._calls.find(message.call)
        known = call.open if call is not None else None
        if call is not None and known is not None and call.visit(message.visit) is known:
            self._since(call, known, self._at(message), events)
            return
        if call is not None and known is not None:
            self._close(call, self._time(message, call), events)
        call = self._call(message, events)
        self._visit(call, message, self._free(call, self._at(message), events), events)

    def _visit(self, call: Call, message: Message, at: int, events: list[Event]) -> Visit:
        visit = Visit(message.queue, self._place(message.queue), LEGS * len(call.visits), at)
        call.visits.append(visit)
        call.last = max(call.last, at)
        visit.vague = message.vague
        if message.vague:
            self.directory.told[call.serial, visit.leg] = None
        events.append(call.queued(visit))
        return visit

    def _answered(self, message: Message, events: list[Event]) -> None:
        found = self._meant(message, events)
        if found is None:
            return
        call, visit = found
        if visit.how is How.ANSWERED and not message.vague and visit.agent != NONE:
            self._sharpen(call, visit, message, events)
            return
        if visit.left != NONE and not visit.unexplained:
            self.passed_over += 1
            return
        if visit.left != NONE and visit is call.visits[-1]:
            call.last = visit.joined  # that it left was never seen: it is taken back
        visit.how, visit.left = How.ANSWERED, NONE
        visit.agent = self.agents.number(message.agent) if message.agent else NONE
        self.agents.silence(call.serial)
        if not message.vague:
            self._joined(call, visit, message, self._at(message), events)
        visit.answered = self._after(visit, visit.joined, message, message.wait_s, call, events)
        visit.talking, visit.held, visit.vague_answer = 1, False, message.vague
        events += call.answered(visit)
        told, doubt = self.directory.told, (call.serial, visit.leg)
        if not message.vague and not visit.vague and doubt in told:  # it had seemed to vanish
            if message.at is not None:
                del told[doubt]
            elif message.wait_s is not None:
                told[doubt] = round(message.wait_s * SECOND)
        if message.vague:
            for leg in (visit.leg, visit.leg + 1):
                self.directory.told[call.serial, leg] = None

    def _held(self, message: Message, events: list[Event]) -> None:
        found = self._calls.find(message.call)
        visit = found.open if found is not None else None
        if (
            found is None
            or visit is None
            or not visit.talking
            or found.visit(message.visit) not in (visit, None)
        ):
            self.passed_over += 1
            return
        hold = message.type == neutral.HELD
        if visit.held == hold or visit.talking >= LEGS - 1:
            return
        visit.held, visit.talking = hold, visit.talking + 1
        what = Happening.HELD if hold else Happening.TALKING
        at = visit.turned = self._time(message, found)
        leg = visit.leg + visit.talking
        events.append(Event(at, "call", what, found.serial, leg, agent=visit.agent))

    def _left(self, message: Message, events: list[Event]) -> None:
        found = self._meant(message, events)
        if found is None:
            return
        call, visit = found
        how = How.VANISHED if message.vague else REASONS.get(message.reason, How.UNKNOWN)
        if visit.left != NONE:
            if visit.unexplained and how not in (How.UNKNOWN, How.VANISHED):
                visit.how = how
                told, doubt = self.directory.told, (call.serial, visit.leg)
                doubtful = doubt in told
                if message.at is not None:
                    self._joined(call, visit, message, self._at(message), events)
                if doubtful and message.at is not None and not visit.vague:
                    visit.left = self._after(
                        visit, visit.joined, message, message.wait_s, call, events
                    )
                    told.pop(doubt, None)
                elif doubtful and message.wait_s is not None:
                    told[doubt] = round(message.wait_s * SECOND)
                events.append(call.left(visit))
                self._say_ended(call, events)
            return
        if visit.how is not How.OPEN:
            self.passed_over += 1
            return
        visit.how = how
        self.agents.silence(call.serial)
        self._joined(call, visit, message, self._at(message), events)
        visit.left = self._after(visit, visit.joined, message, message.wait_s, call, events)
        if message.vague:
            self.directory.told[call.serial, visit.leg] = None
        events.append(call.left(visit))
        self._note_idle(call)

    def _talked(self, message: Message, events: list[Event]) -> None:
        found = self._meant(message, events)
        if found is None:
            return
        call, visit = found
        if visit.how is not How.ANSWERED or (visit.left != NONE and visit.end is How.DONE):
            self.passed_over += 1
            return
        known = visit.left != NONE or visit is not call.visits[-1]
        if visit.left == NONE or message.at is not None:
            visit.left = self._after(visit, visit.answered, message, message.talk_s, call, events)
        if known and message.at is None:
            for leg in range(1, visit.talking + 1):
                self.directory.told[call.serial, visit.leg + leg] = 0
            seconds = message.talk_s
            length = None if seconds is None else round(seconds * SECOND)
            self.directory.told[call.serial, visit.leg + 1] = length
        visit.end = How.UNKNOWN if message.vague else How.DONE
        self._say_talked(call, visit, events)
        self._say_ended(call, events)
        self._note_idle(call)

    def _say_talked(self, call: Call, visit: Visit, events: list[Event]) -> None:
        """Tell the end of a talk, and the wrap-up that an agent is given after it."""
        events.append(call.talked(visit))
        self.directory.wrap_up_told = False
        if not self.wrap_up or visit.agent == NONE or visit.end is not How.DONE:
            return
        leg, until = visit.leg + visit.talking + 1, visit.left + self.wrap_up * SECOND
        told = {"contact": call.serial, "leg": leg, "agent": visit.agent}
        events.append(Event(visit.left, "call", Happening.WRAP_UP, **told))
        self.wrapping.append(Event(until, "call", Happening.WRAPPED_UP, **told))

    def _say_ended(self, call: Call, events: list[Event]) -> None:
        over = call.over()
        events += [] if over is None else [over]

    def _ended(self, message: Message, events: list[Event]) -> None:
        call = self._calls.find(message.call)
        if call is None:
            self.passed_over += self._past.find(message.call) is None
            return
        at = self._time(message, call)
        if call.open is not None:
            self._close(call, at, events, How.UNKNOWN if message.vague else How.DONE, message.vague)
        self._end(call, at, events)

    # ----------------------------------------------------------------- the parts

    def _call(self, message: Message, events: list[Event], joined: int = NONE) -> Call:
        """Return the open call of a message; one that is over is followed by another."""
        call = self._calls.find(message.call)
        if call is None:
            past = self._past.find(message.call)
            parent = self._calls.find(message.parent) or self._past.find(message.parent) or past
            at = self._at(message)
            last = at if joined == NONE else joined
            call = Call(message.call, self._next, last, max(message.visit, 0))
            self._next += 1
            self._calls[message.call] = call
            self.names.note(CALL, message.call, call.serial, call.first)
            before = self._callers.before(message.caller, call)
            origin = before.again() if before is not None and parent is None else Origin.FIRST
            parent = parent or before
            events.append(call.arrived(call.last, parent.serial if parent else NONE, origin))
        return call

    def _meant(self, message: Message, events: list[Event]) -> tuple[Call, Visit] | None:
        """Return the visit a message is about; one that was never announced is made up for."""
        call = self._calls.find(message.call) or self._past.find(message.call)
        visit = call.visit(message.visit) if call is not None else None
        if call is not None and visit is not None:
            return call, visit
        for visit in reversed(call.visits) if call is not None else ():
            if message.queue in ("", visit.queue) and self._fits(message, visit):
                assert call is not None
                return call, visit
        if not message.queue:
            self.passed_over += 1
            return None
        return self._made_up(message, events)

    def _fits(self, message: Message, visit: Visit) -> bool:
        """Return whether a message can be about a visit, and not about one that was missed."""
        if message.type != neutral.TALKED:
            return visit.left == NONE or visit.unexplained
        if visit.how is not How.ANSWERED:
            return False
        if visit.left == NONE or visit.end is How.UNKNOWN:
            return True
        return message.at is None or self._at(message) <= visit.left + SECOND

    def _made_up(self, message: Message, events: list[Event]) -> tuple[Call, Visit]:
        """Number a visit whose start was not seen, from what is told at its answer or its end."""
        before = (message.wait_s or 0) + (message.talk_s or 0)
        now = self._at(message)
        joined = max(now - round(before * SECOND), 0)
        call = self._calls.find(message.call)
        if call is not None and call.open is not None:
            self._close(call, max(joined, call.last), events)
        call = self._call(message, events, joined)
        visit = self._visit(call, message, self._free(call, joined, events), events)
        if message.wait_s is None:
            self.directory.told[call.serial, visit.leg] = None
        if message.type == neutral.TALKED:
            visit.how = How.ANSWERED
            visit.agent = self.agents.number(message.agent) if message.agent else NONE
            latest = max(now, visit.joined)
            visit.answered = min(visit.joined + round((message.wait_s or 0) * SECOND), latest)
            visit.talking = 1
            events += call.answered(visit)
        return call, visit

    def _close(
        self, call: Call, at: int, events: list[Event], end: How = How.UNKNOWN, vague: bool = False
    ) -> None:
        """End the open visit of a call, because it goes on elsewhere or is over."""
        visit = call.open
        if visit is None:
            return
        visit.left = max(at, call.last)
        if visit.how is How.ANSWERED:
            visit.end = end
            self._say_talked(call, visit, events)
        else:
            visit.how = How.VANISHED if vague else How.UNKNOWN
            events.append(call.left(visit))
        call.last = visit.left

    def _end(self, call: Call, at: int, events: list[Event]) -> None:
        call.ended = max(at, call.last)
        self._calls.pop(call.name, None)
        self._past[call.name] = call
        if len(self._past) > REMEMBERED:
            self._past.popitem(last=False)
        self._say_ended(call, events)

    def _note_idle(self, call: Call) -> None:
        self._idle.append((self._now + IDLE, call, len(call.visits)))

    def _pass_time(self, events: list[Event], everything: bool = False) -> None:
        """Tell what time alone brings: the ends of wrap-ups and of calls that nothing is told of."""
        while self.wrapping and (everything or self.wrapping[0].at <= self._now):
            events.append(self.wrapping.popleft())
        while self._idle and (everything or self._idle[0][0] <= self._now):
            _, call, visits = self._idle.popleft()
            over = call.open is None and call.ended == NONE and len(call.visits) == visits
            if over and self._calls.get(call.name) is call:
                self._end(call, call.last, events)

    def _place(self, name: str) -> int:
        number = self._queues.get(name)
        if number is None:
            number = self._queues[name] = number_of(name, self.directory.queues)
        return number

    # ----------------------------------------------------------------- agents and the stream

    def _agent(self, message: Message, events: list[Event]) -> None:
        event = self.agents.state(message, self._at(message))
        events += [] if event is None else [event]

    def _rings(self, message: Message, events: list[Event]) -> None:
        call = self._calls.find(message.call)
        if call is not None:
            self.agents.rings(message, call.serial)

    def _wraps(self, message: Message, events: list[Event]) -> None:
        call = self._calls.find(message.call) or self._past.find(message.call)
        agent = self.agents.number(message.agent) if message.agent else NONE
        begins = message.type == neutral.WRAP_UP
        event = None if call is None else call.wraps(self._at(message), agent, begins)
        self.passed_over += event is None
        events += [] if event is None else [event]

    def _stream(self, message: Message, events: list[Event]) -> None:
        what = Happening.GAP if message.type == neutral.GAP else Happening.HEARTBEAT
        events.append(Event(self._at(message), "stream", what))
