"""Stays of callers in queues, as Asterisk's manager interface lets one follow them.

A stay is one visit of a call to a queue. Its channel names it, but not for ever: a blind transfer
takes the same channel to the next queue, perhaps to the same again, while the end of the talk before
is still to be told; and a transfer may put another channel in the place of one that waits.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from simkcc.model.contact_log import SECOND

APART = 3 * SECOND
"""How far two ways to work out the same moment may be apart: whole seconds, and lists that lag."""

UNCONFIRMED = 8
"""Talks of one agent in one queue that may still be told to be complete, long after they were over."""

FAMILIES = 50_000
"""Calls of which the first channel is remembered, to know what a consult call came out of."""

MOST_OVER = 10_000
"""Stays that are over and still remembered: where no hang-up is told, nothing else lets go of a call."""

T = TypeVar("T")


def shorten(remembered: dict[Any, T]) -> None:
    """Forget what was remembered first."""
    while len(remembered) > FAMILIES:
        del remembered[next(iter(remembered))]


class Stage(Enum):
    """How far a stay is."""

    WAITING = 1
    LEAVING = 2
    """It left the queue; an answer may follow."""
    TALKING = 3
    OVER = 4


@dataclass(slots=True, eq=False)
class Stay:
    """One visit of a call to a queue."""

    call: str
    """The channel that joined: what the exchange calls the call."""
    uid: str
    """The channel that events name now."""
    number: int
    """Ordinal among the visits of its call, from 0."""
    queue: str
    stage: Stage
    joined: int | None
    since: int | None
    """When its stage began."""
    connection: int
    """The connection that told of it last."""
    family: str = ""
    """Linkedid: what its channels have in common."""
    agent: str = ""
    dest: str = ""
    """The agent's channel."""
    answer_seen: bool = True
    """Whether the answer was told as it happened, if there was one."""
    line_gone: int | None = None
    """When the agent's channel hung up, if that is known."""
    hung_up: bool = False
    listed: bool = False
    """Whether only a list told that it began: before its connection did."""

    @property
    def waits(self) -> bool:
        """Return whether nobody has answered, as far as is known."""
        return self.stage in (Stage.WAITING, Stage.LEAVING)

    def is_with(self, queue: str, agent: str) -> bool:
        """Return whether it is a talk with an agent in the name of a queue."""
        return self.stage is Stage.TALKING and self.queue == queue and self.agent == agent

    def seen_with(self, dest: str) -> bool:
        """Return whether a list showed it in talk with a channel before its answer was told."""
        return not self.answer_seen and self.dest == dest

    def answered_at(self, answered: int) -> bool:
        """Return whether it can be the talk that began at a moment; unknown ones can."""
        seen = self.since if self.answer_seen else None
        return seen is None or abs(answered - seen) <= APART

    def began_at(self, joined: int | None) -> bool:
        """Return whether it can be the stay that began at a moment; unknown ones can."""
        return joined is None or self.joined is None or abs(joined - self.joined) <= APART


class Stays:
    """All stays that are under way, by the channels that name them."""

    def __init__(self) -> None:
        self.connection = 0
        """The connection that is read."""
        self.here: dict[str, Stay] = {}
        """Caller's channel -> its latest stay."""
        self.talkers: dict[str, Stay] = {}
        """Agent's channel -> the stay it talks with."""
        self.renamed: dict[tuple[str, str], str] = {}
        """Channel and queue -> the call whose place the channel took there."""
        self._owed: dict[tuple[str, str], deque[Stay]] = {}
        self._lost: dict[str, list[Stay]] = {}
        """Caller's channel -> waits of which nobody saw the end."""
        self._unconfirmed: dict[tuple[str, str], deque[Stay]] = {}
        """Queue and agent -> talks that are over without an AgentComplete."""
        self._named: dict[str, list[Stay]] = {}
        """Caller's channel -> the stays it named, as they were met."""
        self._families: dict[str, str] = {}
        self._over: deque[Stay] = deque()

    def new(
        self, uid: str, queue: str, joined: int | None, connection: int, family: str = ""
    ) -> Stay:
        """Return a stay that begins, behind those its call had before."""
        named = self._named.setdefault(uid, [])
        number = sum(stay.call == uid for stay in named)
        stay = Stay(uid, uid, number, queue, Stage.WAITING, joined, joined, connection, family)
        named.append(stay)
        self.here[uid] = stay
        shorten(self._named)
        return stay

    def named_by(self, uid: str) -> list[Stay]:
        """Return the stays that a channel named, as they were met."""
        return self._named.get(uid, [])

    def parent_of(self, stay: Stay) -> str:
        """Return the call that a call came out of, or nothing: the first of its family."""
        family = stay.family or stay.call
        first = self._families.setdefault(family, stay.call)
        shorten(self._families)
        return first if first != stay.call else ""

    def named(self, uid: str, queue: str, family: str = "") -> Stay | None:
        """Return the stay in a queue that an event about a channel means.

        A transfer that is completed while the consult call still waits puts the caller's channel,
        and its identifier, in its place: the channel that joined hangs up without ever leaving.
        """
        stay = self.here.get(uid)
        if stay is not None and stay.queue == queue and stay.stage is not Stage.OVER:
            return stay
        gone = [
            other for other in self.here.values()
            if other.queue == queue and other.stage is Stage.WAITING and other.hung_up
        ]  # fmt: skip
        kin = [other for other in gone if family and other.family == family]
        if stay is None or stay.queue != queue:
            kin = kin or gone
        if not kin:
            return None
        self.rename(kin[0], uid)
        return kin[0]

    def rename(self, stay: Stay, uid: str) -> None:
        """Note that another channel took the place of the one that joined."""
        stay.hung_up = False
        self.here.pop(stay.uid, None)
        stay.uid = uid
        self.here[uid] = stay
        self._named.setdefault(uid, []).append(stay)
        self.renamed[uid, stay.queue] = stay.call
        shorten(self.renamed)

    def optimizes(self, one: str, two: str, source: str) -> None:
        """Note that a channel takes the place of a Local channel's two ends, which hang up.

        Behind the first may be an agent, behind the second a caller.
        """
        talk = self.talkers.pop(one, None)
        if talk is not None:
            talk.dest = source
            self.talkers[source] = talk
        stay = self.here.get(two)
        if stay is not None and stay.stage is not Stage.OVER:
            self.rename(stay, source)

    def owe(self, stay: Stay) -> None:
        """Note that a caller went on before the end of the talk was told."""
        self._owed.setdefault((stay.uid, stay.queue), deque()).append(stay)

    def talk(
        self, uid: str, queue: str, dest: str, agent: str, answered: int | None
    ) -> Stay | None:
        """Return the talk that an AgentComplete ends; it may lack either channel, or both."""
        stay = self.talkers.get(dest)
        if stay is not None and stay.queue == queue:
            return stay
        owed = list(self._owed.get((uid, queue), ()))
        latest = self.here.get(uid)
        if latest is not None and latest.queue == queue and latest.stage is Stage.TALKING:
            owed.append(latest)
        if dest:
            owed = [talk for talk in owed if not talk.dest or talk.dest == dest]
        elif not uid:
            owed = self._with(queue, agent, answered)
        if not owed and answered is not None:
            # Local channels were taken out of the line since: others have their place
            owed = [talk for talk in self._with(queue, agent, answered) if talk.answer_seen]
        if answered is None or len(owed) < 2:
            return owed[0] if owed else None
        return min(owed, key=lambda talk: abs((talk.since or 0) - answered))

    def _with(self, queue: str, agent: str, answered: int | None) -> list[Stay]:
        """Return the talks with an agent that can be meant where neither channel is named."""
        if answered is None and any(map(self._is_fresh, self._ended(queue, agent))):
            return []  # one that was over before is more likely
        owed = [talk for talks in self._owed.values() for talk in talks]
        talks = [talk for talk in (*owed, *self.here.values()) if talk.is_with(queue, agent)]
        fit = [talk for talk in talks if answered is None or talk.answered_at(answered)]
        return sorted(fit, key=lambda talk: -talk.connection)  # seen since the gap: before others

    def ended_early(self, stay: Stay) -> None:
        """Note that a talk is over, though nothing told it to be complete."""
        of_agent = (stay.queue, stay.agent)
        self._unconfirmed.setdefault(of_agent, deque(maxlen=UNCONFIRMED)).append(stay)

    def confirms(self, uid: str, queue: str, dest: str, agent: str, answered: int | None) -> bool:
        """Return whether an AgentComplete is about a talk that is known to be over.

        After a transfer that failed it comes only when the caller hangs up, be it after another
        queue. It confirms a talk once.
        """
        ended = self._ended(queue, agent)
        for stay in ended:
            if answered is None and not (uid or self._is_fresh(stay)):
                continue
            if uid not in ("", stay.uid) or (dest and stay.dest not in ("", dest)):
                continue
            if answered is None or stay.answered_at(answered):
                ended.remove(stay)
                return True
        return False

    def _ended(self, queue: str, agent: str) -> deque[Stay]:
        return self._unconfirmed.get((queue, agent), deque())

    def _is_fresh(self, stay: Stay) -> bool:
        """Return whether its end cannot have been told while nobody listened."""
        return stay.connection == self.connection

    def waited(self, uid: str, queue: str, family: str, joined: int | None) -> Stay | None:
        """Return the stay of which only the end is told, after a gap: by its channel, or its kin."""
        stay = self.here.get(uid)
        if stay is not None and stay.queue == queue and stay.began_at(joined):
            return stay
        if uid:
            lost = [s for s in self._lost.get(uid, ()) if s.queue == queue and not s.agent]
            return next((stay for stay in lost if stay.began_at(joined)), None)
        fits = (s for s in self.here.values() if s.queue == queue and s.began_at(joined))
        return next((s for s in fits if not s.agent and s.family == family), None)

    def lose(self, stay: Stay) -> None:
        """Note that a wait is over and nobody saw how: the end of a talk may still tell."""
        self._lost.setdefault(stay.uid, []).append(stay)
        shorten(self._lost)

    def over(self, stay: Stay) -> None:
        """Note that a stay is over."""
        if stay.stage is not Stage.OVER:
            self._over.append(stay)
        stay.stage = Stage.OVER
        if self.talkers.get(stay.dest) is stay:
            del self.talkers[stay.dest]
        owed = self._owed.get((stay.uid, stay.queue))
        if owed is not None and stay in owed:
            owed.remove(stay)
            if not owed:
                del self._owed[stay.uid, stay.queue]
        if len(self._over) > MOST_OVER:
            oldest = self._over.popleft()
            if self.here.get(oldest.uid) is oldest and oldest.stage is Stage.OVER:
                self.forget(oldest)

    def forget(self, stay: Stay) -> None:
        """Let go of a call that has ended."""
        if self.here.get(stay.uid) is stay:
            del self.here[stay.uid]
        self._named.pop(stay.call, None)
        self._lost.pop(stay.uid, None)

    def under_way(self) -> Iterator[Stay]:
        """Yield the stays that are not known to be over, and the calls that go on after one."""
        yield from self.here.values()
        for owed in self._owed.values():
            yield from owed
