"""What adapters share: names, numbers, counted troubles, and messages that come twice or mixed up."""

from collections import Counter, OrderedDict, deque
from datetime import date

from simkcc.model.contact_log import SECOND
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.clock import Clock
from simkcc.streams.names import ByName
from simkcc.streams.neutral import Message
from simkcc.streams.numbering import Numbering
from simkcc.streams.source import Options

REMEMBERED = 200_000
"""Identifiers of what was taken, so that it is not taken twice."""

GRACE = 10 * SECOND
"""How long a message waits for what must have come before it."""


class Reading:
    """Messages to events, with the names behind the numbers."""

    def __init__(self, options: Options) -> None:
        self.directory = Directory(date(1970, 1, 1), options.zone, topics=["-"], groups=["agents"])
        self.pseudonyms = options.pseudonyms
        self.counts: Counter[str] = Counter()
        """Everything that was taken, by kind: read, other, duplicate, malformed, late."""
        self.numbering = Numbering(
            self.directory, Clock(options.zone), options.wrap_up, options.heard
        )

    def number(self, messages: list[Message]) -> list[Event]:
        """Return the events of messages."""
        return [event for message in messages for event in self.numbering.number(message)]

    def finish(self) -> list[Event]:
        """Return what is certain now that nothing follows."""
        return self.numbering.finish()

    @property
    def troubles(self) -> Counter[str]:
        """Return what could not be read or used, by kind."""
        kinds = ("malformed", "refused", "late")
        found = Counter({kind: self.counts[kind] for kind in kinds})
        found["passed over"] = self.numbering.passed_over
        return +found


class Once:
    """Remembers what was taken."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, identity: str) -> bool:
        """Return whether this was taken."""
        return identity in self._taken

    def again(self, identity: str) -> bool:
        """Return whether this was taken before; from now on it was."""
        if identity in self._taken:
            return True
        self._taken[identity] = None
        if len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
        return False


class Mixed(Reading):
    """A reading of messages that come more than once and in any order.

    A message that cannot be true yet, such as an answer to a call that never joined, waits a while
    for the one that must come before it. Nothing else is held back.
    """

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.once = Once()
        self.released = 0
        """Counts how often something that waited had its turn."""
        self._calls: ByName[Course] = ByName()
        self._waiting: deque[tuple[int, str]] = deque()
        self._doubtful: dict[str, tuple[int, Message]] = {}

    def doubt(self, key: str, message: Message, received: int) -> None:
        """Keep a message a while: it is taken unless `settle` says that something else was so."""
        self._doubtful.setdefault(key, (received + GRACE, message))

    def settle(self, key: str) -> Message | None:
        """Drop a message that was in doubt, and return it."""
        return self._doubtful.pop(key, (0, None))[1]

    def pick_up(self, digest: bytes, course: "Course") -> None:
        """Go on with a call that was kept."""
        self._calls.keep(digest, course)

    def holds(self, message: Message) -> bool:
        """Return whether a message that was taken still waits for its turn."""
        course = self._calls.get(message.call)
        return course is not None and any(each is message for each in course.held)

    def take(self, messages: list[Message], received: int) -> list[Event]:
        """Return the events of messages that just came. received: microseconds since 1970."""
        events = self.tick(received)
        for message in messages:
            events += self._take(message, received)
        while len(self._calls) > REMEMBERED:
            _, course = self._calls.popitem(last=False)
            self.released += 1
            events += self._release(course, everything=True)
        return events

    def _take(self, message: Message, received: int) -> list[Event]:
        if not message.type.startswith("call."):
            return self.numbering.number(message)
        course = self._calls.find(message.call)
        if course is None:
            course = self._calls[message.call] = Course()
        self._calls.move_to_end(message.call)
        course.held.append(message)
        waiting = len(course.held)
        events = self._release(course)
        self.released += waiting > 1 and len(course.held) < waiting
        if waiting == 1 and course.held:
            course.due = received + GRACE
            self._waiting.append((course.due, message.call))
        return events

    def tick(self, now: int) -> list[Event]:
        """Return the events of what has waited long enough."""
        events = self._undoubted(now)
        while self._waiting and self._waiting[0][0] <= now:
            due, call = self._waiting.popleft()
            course = self._calls.get(call)
            if course is not None and course.held and course.due == due:
                self.released += 1
                events += self._release(course, everything=True)
        return events

    def finish(self) -> list[Event]:
        """Return what is certain now that nothing follows."""
        events = self._undoubted(None)
        for course in self._calls.values():
            events += self._release(course, everything=True)
        return events + super().finish()

    def _undoubted(self, now: int | None) -> list[Event]:
        events: list[Event] = []
        while self._doubtful:
            key, (due, message) = next(iter(self._doubtful.items()))
            if now is not None and due > now:
                break
            del self._doubtful[key]
            events += self._take(message, due)
        return events

    def _release(self, course: "Course", everything: bool = False) -> list[Event]:
        events: list[Event] = []
        while course.held:
            course.held.sort(key=_by_time)
            ready = next((each for each in course.held if course.fits(each)), None)
            if ready is None and everything:
                ready = course.held[0]
                if course.is_past(ready):
                    course.held.remove(ready)
                    self.counts["late"] += 1
                    continue
            if ready is None:
                break
            course.held.remove(ready)
            if ready.type == neutral.TALKED and course.stage == neutral.QUEUED:
                events += self.numbering.number(_answer_before(ready))
            course.follow(ready)
            events += self.numbering.number(ready)
        return events


STAGES = {
    neutral.QUEUED: 0, neutral.OFFERED: 1, neutral.REFUSED: 1, neutral.ANSWERED: 2,
    neutral.HELD: 3, neutral.RESUMED: 3, neutral.LEFT: 4, neutral.TALKED: 4, neutral.ENDED: 5,
    neutral.WRAP_UP: 6, neutral.WRAPPED_UP: 7,
}  # fmt: skip
"""Order of what is told of one visit at the same moment."""


def _answer_before(talked: Message) -> Message:
    """Return the answer that must have gone before a talk whose end is all that was told."""
    at = talked.at
    if at is not None and talked.talk_s is not None:
        at -= round(talked.talk_s * SECOND)
    return Message(
        neutral.ANSWERED, at, talked.call, talked.queue, talked.agent, vague=talked.talk_s is None
    )


def _by_time(message: Message) -> tuple[int, int]:
    return (message.at or 0, STAGES.get(message.type, 3))


class Course:
    """How far a call is, and what waits for its turn."""

    __slots__ = ("at", "due", "held", "queue", "stage")

    def __init__(self, stage: str = "", queue: str = "", at: int = 0) -> None:
        self.held: list[Message] = []
        self.due = 0
        """When the first of them has waited long enough."""
        self.stage = stage
        """Type of the last message that moved it: queued, answered, left, talked or ended."""
        self.queue = queue
        self.at = at

    def fits(self, message: Message) -> bool:
        """Return whether a message can come next."""
        told, stage = message.type, self.stage
        if told == neutral.QUEUED:
            return stage in ("", neutral.LEFT, neutral.TALKED) and not self.is_past(message)
        if message.queue and message.queue != self.queue and told != neutral.ENDED:
            return False
        if told == neutral.ANSWERED or told == neutral.LEFT:
            return stage == neutral.QUEUED
        if told in (neutral.TALKED, neutral.HELD, neutral.RESUMED):
            return stage == neutral.ANSWERED
        if told in (neutral.OFFERED, neutral.REFUSED):
            return stage != ""
        if told in (neutral.WRAP_UP, neutral.WRAPPED_UP):
            return stage in (neutral.TALKED, neutral.ENDED)
        if told == neutral.ENDED:
            return stage in (neutral.LEFT, neutral.TALKED) and len(self.held) == 1
        return stage != ""

    def follow(self, message: Message) -> None:
        """Note that a message was the next."""
        if message.type in MOVES:
            self.stage = message.type
            self.queue = message.queue or self.queue
            self.at = max(self.at, message.at or 0)

    def is_past(self, message: Message) -> bool:
        """Return whether a message comes after it was found out without it."""
        return (message.at or 0) < self.at


MOVES = (neutral.QUEUED, neutral.ANSWERED, neutral.LEFT, neutral.TALKED, neutral.ENDED)
