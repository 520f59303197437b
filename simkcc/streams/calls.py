"""Calls and their visits to queues, as far as they were numbered."""

from collections import OrderedDict
from dataclasses import dataclass, field

from simkcc.model.contact_log import NONE, How, Origin, Outcome
from simkcc.model.events import Event, Happening

LEGS = 32
"""Legs of one visit: its wait, and talk and hold by turns."""

EXITS = {
    How.ANSWERED: Outcome.DIRECT,
    How.ABANDONED: Outcome.ABANDONED_QUEUE,
    How.TIMEOUT: Outcome.TURNED_AWAY,
    How.NOBODY_FREE: Outcome.TURNED_AWAY,
    How.KEY: Outcome.TURNED_AWAY,
    How.UNKNOWN: Outcome.UNKNOWN,
    How.VANISHED: Outcome.UNKNOWN,
}
"""Outcome of a contact, by how its last visit ended."""


@dataclass(slots=True)
class Visit:
    """One stay in a queue and what came of it."""

    queue: str
    place: int
    leg: int
    """Its first leg: the wait."""
    joined: int
    how: How = How.OPEN
    answered: int = NONE
    left: int = NONE
    """When it was over: the end of the talk, or of the wait without one."""
    agent: int = NONE
    talking: int = 0
    """Which leg of talk or hold is open, from 1; 0 if none."""
    held: bool = False
    turned: int = 0
    """When its talk last turned to hold or back."""
    end: How = How.DONE
    vague: bool = False
    """Whether nobody saw it begin."""
    vague_answer: bool = False
    """Whether nobody saw when it was answered."""

    @property
    def unexplained(self) -> bool:
        """Return whether it is over without an answer, as far as is known, and nobody knows why."""
        return self.how in (How.UNKNOWN, How.VANISHED)


@dataclass(slots=True)
class Call:
    """What was numbered of a call so far."""

    name: str
    serial: int
    last: int
    first: int = 0
    """Ordinal of its first visit here: those before belong to a call that was thought over."""
    visits: list[Visit] = field(default_factory=list)
    ended: int = NONE

    def rename(self, name: str) -> None:
        """Go by another name."""
        self.name = name

    @property
    def open(self) -> Visit | None:
        """Return the visit that is not over."""
        return self.visits[-1] if self.visits and self.visits[-1].left == NONE else None

    def visit(self, number: int) -> Visit | None:
        """Return a visit by its ordinal, if it is here."""
        place = number - self.first
        return self.visits[place] if 0 <= place < len(self.visits) else None

    def arrived(self, at: int, parent: int, origin: Origin = Origin.FIRST) -> Event:
        """Return the event of its arrival."""
        return Event(
            at, "call", Happening.ARRIVED, self.serial, code=origin, topic=0, parent=parent
        )  # fmt: skip

    def again(self) -> Origin:
        """Return what a later call of the same caller is: after an answer another matter of its own."""
        answered = any(visit.how is How.ANSWERED for visit in self.visits)
        return Origin.REPEAT if answered else Origin.REDIAL

    def queued(self, visit: Visit) -> Event:
        """Return the event of a visit's start."""
        due = visit.joined if visit.vague else NONE
        return Event(
            visit.joined, "call", Happening.QUEUED, self.serial, visit.leg, visit.place, due=due
        )

    def answered(self, visit: Visit) -> tuple[Event, Event]:
        """Return the events of a visit's answer."""
        at, leg, agent = visit.answered, visit.leg, visit.agent
        due = at if visit.vague_answer else NONE
        return (
            Event(
                at, "call", Happening.ANSWERED, self.serial, leg, visit.place, agent,
                code=How.ANSWERED, due=due,
            ),
            Event(at, "call", Happening.TALKING, self.serial, leg + 1, agent=agent, due=due),
        )  # fmt: skip

    def left(self, visit: Visit) -> Event:
        """Return the event of a visit's end without an answer."""
        return Event(
            visit.left, "call", Happening.LEFT, self.serial, visit.leg, visit.place, code=visit.how
        )

    def talked(self, visit: Visit) -> Event:
        """Return the event of the end of a visit's talk."""
        leg = visit.leg + visit.talking
        return Event(
            visit.left, "call", Happening.TALKED, self.serial, leg, agent=visit.agent,
            code=visit.end,
        )  # fmt: skip

    def wraps(self, at: int, agent: int, begins: bool) -> Event | None:
        """Return the event of after-call work that an exchange tells, behind the talk it is about."""
        for visit in reversed(self.visits):
            if visit.how is How.ANSWERED and visit.left != NONE and agent in (NONE, visit.agent):
                what = Happening.WRAP_UP if begins else Happening.WRAPPED_UP
                leg = visit.leg + visit.talking + 1
                at = max(at, visit.left)
                return Event(at, "call", what, self.serial, leg, agent=visit.agent)
        return None

    def over(self) -> Event | None:
        """Return the event of its end, if it has ended after a visit."""
        if self.ended == NONE or not self.visits:
            return None
        self.ended = max(self.ended, self.visits[-1].left)
        last = self.visits[-1]
        unseen = last.how is How.ANSWERED and last.end is How.UNKNOWN
        if unseen or any(visit.how is How.VANISHED for visit in self.visits):
            leg = LEGS * len(self.visits)
            return Event(
                self.ended, "call", Happening.ENDED, self.serial, leg, code=Outcome.UNKNOWN
            )
        answered = sum(visit.how is How.ANSWERED for visit in self.visits)
        outcome = EXITS[How.ANSWERED if answered else self.visits[-1].how]
        if answered > 1:
            outcome = Outcome.TRANSFERRED
        leg = LEGS * len(self.visits)
        return Event(self.ended, "call", Happening.ENDED, self.serial, leg, code=outcome)


class Callers:
    """The latest call of each caller of the day, where somebody asked to know who calls again."""

    def __init__(self, most: int) -> None:
        self._latest: OrderedDict[str, Call] = OrderedDict()
        self._most = most

    def before(self, caller: str, call: Call) -> Call | None:
        """Return the call before this one of the same caller, and remember this one."""
        if not caller:
            return None
        found = self._latest.pop(caller, None)
        self._latest[caller] = call
        if len(self._latest) > self._most:
            self._latest.popitem(last=False)
        return found
