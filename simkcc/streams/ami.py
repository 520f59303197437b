"""Packets of Asterisk's manager interface -> messages: what is under way, as a machine of states.

Leaving a queue says nothing by itself: AgentConnect follows, or QueueCallerAbandon went before, or
neither. An abandonment cannot be told from a timeout here, so every exit without an agent has no
reason, unless the dialplan or a queue_log tells it.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.ami_members import Members
from simkcc.streams.ami_snapshot import CHANNELS_LISTED, LISTS, WAITING_LISTED, Snapshot, joined_by
from simkcc.streams.ami_stays import Stage, Stay, Stays
from simkcc.streams.ami_wire import LISTED, LIVE, MEMBER, Packet
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import Pseudonyms

GRACE = 3 * SECOND
"""How long a leave waits for its answer, and a hang-up for its AgentComplete."""

GRACE_PACKETS = 400
"""The same where nothing tells the time."""

EXITS = {
    "TIMEOUT": "timeout", "LEAVEEMPTY": "no_agents", "LEAVEUNAVAIL": "no_agents",
    "WITHDRAW": "withdrawn",
}  # fmt: skip
"""What the channel variable QUEUESTATUS says of a visit that is over."""


@dataclass(slots=True)
class Pending:
    """Something that is so unless another packet says otherwise soon."""

    due: int | None
    due_packet: int
    stay: Stay
    stage: Stage
    at: int | None


class Ami:
    """Follows callers through queues. Knows them by the exchange's channel identifiers."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms
        self.members = Members()
        self.counts: Counter[str] = Counter()
        self.began: int | None = None
        """The first time that was told; None where nothing tells the time."""
        self.latest: int | None = None
        """The latest time that was told, over all connections."""
        self.connection = 0
        self._stamped = False
        self._ahead = 0
        self._received = False
        """Whether times of receipt are known."""
        self._stays = Stays()
        self._pending: deque[Pending] = deque()
        self._now: int | None = None
        self._packets = 0
        self._snapshot = Snapshot(self._stays)
        self._handlers: dict[str, Callable[[Packet, int | None], list[Message]]] = {
            "QueueCallerJoin": self._join,
            "QueueCallerLeave": self._leave,
            "QueueCallerAbandon": self._abandon,
            **dict.fromkeys(("AgentCalled", "AgentRingNoAnswer"), self._ring),
            "AgentConnect": self._connect,
            "AgentComplete": self._complete,
            **dict.fromkeys(("Hold", "Unhold"), self._hold),
            "Hangup": self._hangup,
            "VarSet": self._variable,
            **dict.fromkeys(LISTED, self._listed),
            **dict.fromkeys(MEMBER, self._member),
        }

    def read(self, packet: Packet, received: int | None = None) -> list[Message]:
        """Return what a packet tells. received: when it came, in microseconds since 1970."""
        self._packets += 1
        name = packet.name
        at = self._time_of(packet, received)
        messages: list[Message] = []
        if self._snapshot.ready and (at is not None or name in LIVE):
            messages += self._compare()
        handler = self._handlers.get(name)
        if handler is not None:
            self.counts["read"] += 1
            messages += handler(packet, at if at is not None else self._now)
        else:
            self.counts["other"] += 1
        if name in LISTS:
            self._snapshot.ready.add(name)
            if self._now is not None:
                messages += self._compare()
        if self._pending:
            messages += self._settle()
        return messages

    def _time_of(self, packet: Packet, received: int | None) -> int | None:
        """Return when a packet was sent, by the exchange's clock as far as it ever showed it."""
        at = packet.moment
        self._received = received is not None
        if at is not None and received is not None:
            self._ahead = received - at
        if at is not None and not self._stamped:
            # until now the listener's clock had to do
            self._stamped, self._now, self.began = True, None, None
        if at is None and received is not None:
            at = received - self._ahead
        if at is not None:
            self._now = max(at, self._now or 0)
            self.latest = max(at, self.latest or 0)
            self.began = at if self.began is None else self.began
        return at

    @property
    def renamed(self) -> dict[tuple[str, str], str]:
        """Return whose place in which queue another channel took."""
        return self._stays.renamed

    @property
    def timeless(self) -> bool:
        """Return whether lists wait for something that tells the time."""
        return bool(self._snapshot.ready)

    def lost(self) -> list[Message]:
        """Return what is certain now that the connection is gone, and the gap itself."""
        self._now = self._now or self.latest
        gap = Message(neutral.GAP, self._now, reason="connection")
        return [*self._compare(), *self._settle(everything=True, lost=True), gap]

    def connected(self) -> None:
        """Begin another connection: its lists will tell what is left of what was under way."""
        self.connection += 1
        self._now = None
        self._snapshot.begin()

    def finish(self) -> list[Message]:
        """Return what is certain now that nothing follows."""
        return self._compare() + self._settle(everything=True)

    def tick(self, now: int) -> list[Message]:
        """Return what became certain because time went by. now: by the clock of whoever listens."""
        if self._now is not None:
            self._now = max(now - self._ahead, self._now)
        return self._settle()

    # ----------------------------------------------------------------- callers

    def _join(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        before = self._stays.here.get(uid)
        if before is not None and before.queue == queue and before.stage is Stage.WAITING:
            if before.connection == self.connection and before not in self._snapshot.missing:
                return []  # a list was quicker than the event
        messages = self._moves_on(before, at)
        stay = self._stays.new(uid, queue, at, self.connection, packet.get("Linkedid"))
        self._snapshot.stir(stay)
        parent = self._stays.parent_of(stay)
        return [*messages, self._say(neutral.QUEUED, at, stay, parent=self._of(parent))]

    def _moves_on(self, stay: Stay | None, at: int | None) -> list[Message]:
        """Return how the visit before ended; a talk's AgentComplete may still be on its way."""
        if stay is None or stay.stage is Stage.OVER:
            return []
        if stay.stage is Stage.TALKING:
            self._stays.owe(stay)
            self._wait_for(stay, at)
            return []
        return self._vanished(stay, at) if stay in self._snapshot.missing else self._exit(stay, at)

    def _found(self, packet: Packet) -> Stay | None:
        """Return the stay that an event means, if it is known."""
        stay = self._stays.named(
            packet.get("Uniqueid"), packet.get("Queue"), packet.get("Linkedid")
        )
        if stay is not None:
            self._snapshot.stir(stay)
        return stay

    def _unseen(
        self, packet: Packet, uid: str, at: int | None, before: float | None
    ) -> tuple[Stay, list[Message]]:
        """Return a stay whose beginning nobody saw, so many seconds before, and what to say of it."""
        messages = self._moves_on(self._stays.here.get(uid), at)
        joined = None if at is None or before is None else at - round(before * SECOND)
        stay = self._stays.new(
            uid, packet.get("Queue"), joined, self.connection, packet.get("Linkedid")
        )
        self._snapshot.stir(stay)
        parent = self._of(self._stays.parent_of(stay))
        when = at if joined is None else joined
        queued = self._say(neutral.QUEUED, when, stay, parent=parent, vague=joined is None)
        return stay, [*messages, queued]

    def _leave(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        messages: list[Message] = []
        stay = self._found(packet)
        if stay is None:
            latest = self._stays.here.get(uid)
            if latest is not None and latest.queue == queue:
                return []  # QueueCallerAbandon went before
            stay, messages = self._unseen(packet, uid, at, None)
        if stay.stage is Stage.WAITING:
            stay.stage, stay.since = Stage.LEAVING, at
            self._wait_for(stay, at)
        return messages

    def _abandon(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        messages: list[Message] = []
        stay = self._found(packet)
        if stay is not None and stay.stage is Stage.TALKING:
            return self._pass_over()
        if stay is None:
            stay, messages = self._unseen(packet, uid, at, packet.seconds("HoldTime"))
        return messages + self._exit(stay, at, packet.seconds("HoldTime"))

    def _connect(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue, dest = packet.get("Uniqueid"), packet.get("Queue"), packet.get("DestUniqueid")
        if not uid or not queue:
            return self._pass_over()
        agent, wait = self.members.name_of(packet), packet.seconds("HoldTime")
        messages = self._talk_before(agent, at)
        stay = self._found(packet)
        if stay is None or stay.stage is Stage.TALKING:
            stay, begun = self._unseen(packet, uid, at, wait)
            messages += begun
        self._talks(stay, at, agent, dest)
        messages.append(
            self._say(neutral.ANSWERED, at, stay, agent, wait_s=wait, line=self._of(dest))
        )
        return messages

    def _talks(self, stay: Stay, at: int | None, agent: str, dest: str) -> None:
        stay.stage, stay.since, stay.agent, stay.dest = Stage.TALKING, at, agent, dest
        stay.answer_seen, stay.hung_up, stay.connection = True, False, self.connection
        if dest:
            self._stays.talkers[dest] = stay

    def _talk_before(self, agent: str, at: int | None) -> list[Message]:
        """Return the end of a talk from before a gap: its agent talks with somebody else now."""
        for stay in self._snapshot.missing:
            if stay.stage is Stage.TALKING and stay.agent == agent:
                self._snapshot.missing.discard(stay)
                return self._vanished(stay, at)
        return []

    def _complete(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue, dest = packet.get("Uniqueid"), packet.get("Queue"), packet.get("DestUniqueid")
        if not queue or not (uid or dest):
            return self._pass_over()
        agent = self.members.name_of(packet)
        wait, talk = packet.seconds("HoldTime"), packet.seconds("TalkTime")
        answered = None if at is None or talk is None else at - round(talk * SECOND)
        messages: list[Message] = []
        stay = self._stays.talk(uid, queue, dest, answered)
        if stay is None:
            joined = None if answered is None or wait is None else answered - round(wait * SECOND)
            stay = self._stays.waited(uid, queue, packet.get("DestLinkedid"), joined)
            if stay is not None and stay.agent and stay.stage is Stage.OVER:
                return []  # the agent's channel told it before
            if stay is None:
                before = None if wait is None or talk is None else wait + talk
                stay, messages = self._unseen(packet, self._name(uid, dest), at, before)
            stay.answer_seen = False
        self._snapshot.stir(stay)
        if not stay.answer_seen:
            known = at if answered is None else answered
            line = self._of(dest or stay.dest)
            messages.append(self._say(neutral.ANSWERED, known, stay, agent, wait_s=wait, line=line))
        reason = packet.get("Reason")
        messages.append(
            self._say(neutral.TALKED, at, stay, agent, reason, wait_s=wait, talk_s=talk)
        )
        stay.agent = agent
        self._stays.over(stay)
        return messages + (self._end(stay, at) if stay.hung_up or stay.uid != uid else [])

    def _name(self, uid: str, dest: str) -> str:
        """Return what to call a call of which only an AgentComplete is told."""
        latest = self._stays.here.get(uid)
        if uid and (
            latest is None or latest.stage is Stage.OVER or latest in self._snapshot.missing
        ):
            return uid
        return dest or f"{uid}/{self._packets}"  # its caller is elsewhere by now

    def _hold(self, packet: Packet, at: int | None) -> list[Message]:
        stay = self._stays.talkers.get(packet.get("Uniqueid"))
        if stay is None:
            self.counts["of others"] += 1
            return []
        kind = neutral.HELD if packet.name == "Hold" else neutral.RESUMED
        return [Message(kind, at, self._of(stay.call), visit=stay.number)]

    def _hangup(self, packet: Packet, at: int | None) -> list[Message]:
        uid = packet.get("Uniqueid")
        talk = self._stays.talkers.get(uid)
        if talk is not None:
            self._wait_for(talk, at)
        stay = self._stays.here.get(uid)
        if stay is None:
            self.counts["of others"] += 1
            return []
        self._snapshot.stir(stay)
        if stay.stage is Stage.TALKING:
            stay.hung_up = True
            self._wait_for(stay, at)
            return []
        if stay.stage is Stage.WAITING:
            stay.hung_up = True  # whoever leaves says so first: another channel took its place
            return []
        return [*self._exit(stay, at), *self._end(stay, at)]

    def _ring(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        stay = self._found(packet)
        if stay is None:
            return []
        agent = self.members.name_of(packet)
        if packet.name == "AgentCalled":
            return [self._say(neutral.OFFERED, at, stay, agent)]
        return [self._say(neutral.REFUSED, at, stay, agent, reason="no_answer")]

    def _variable(self, packet: Packet, at: int | None) -> list[Message]:
        reason = EXITS.get(packet.get("Value"))
        stay = self._stays.here.get(packet.get("Uniqueid"))
        if reason is None or stay is None or stay.stage not in (Stage.LEAVING, Stage.OVER):
            return []
        if stay.agent:
            return []
        left = stay.since if stay.stage is Stage.LEAVING else at
        self._stays.over(stay)
        return [self._say(neutral.LEFT, left, stay, reason=reason)]

    # ----------------------------------------------------------------- what is certain later

    def _wait_for(self, stay: Stay, at: int | None) -> None:
        due = None if at is None else at + GRACE
        self._pending.append(Pending(due, self._packets + GRACE_PACKETS, stay, stay.stage, at))

    def _settle(self, everything: bool = False, lost: bool = False) -> list[Message]:
        """Return what nothing contradicted in time."""
        messages: list[Message] = []
        while self._pending:
            first = self._pending[0]
            if not everything and first.due is not None and first.due > (self._now or 0):
                break
            if not everything and first.due is None and first.due_packet > self._packets:
                break
            self._pending.popleft()
            stay = first.stay
            if stay.stage is not first.stage:
                continue
            if stay in self._snapshot.missing and stay.stage is not Stage.LEAVING:
                messages += self._vanished(stay, self._now)  # in no list, and none of channels came
            elif stay.stage is Stage.LEAVING and not lost:
                messages += self._exit(stay, first.at)
            elif stay.stage is Stage.TALKING:
                messages.append(self._say(neutral.TALKED, first.at, stay, stay.agent))
                self._stays.over(stay)
                if stay.hung_up:
                    messages += self._end(stay, first.at)
        return messages

    def _exit(self, stay: Stay, at: int | None, wait: float | None = None) -> list[Message]:
        """Return that a caller left without an agent, and nobody says why."""
        if stay.stage is Stage.OVER:
            return []
        when = stay.since if stay.stage is Stage.LEAVING else at
        self._stays.over(stay)
        return [self._say(neutral.LEFT, when, stay, wait_s=wait)]

    def _vanished(self, stay: Stay, now: int | None) -> list[Message]:
        """Return that a stay was over at a look: nobody knows since when, and how."""
        self._snapshot.missing.discard(stay)
        stage = stay.stage
        self._stays.over(stay)
        if stage is Stage.TALKING:
            return [self._say(neutral.TALKED, now, stay, stay.agent, vague=True)]
        if stage is Stage.LEAVING:
            return [self._say(neutral.LEFT, stay.since, stay)]
        return [] if stage is Stage.OVER else [self._say(neutral.LEFT, now, stay, vague=True)]

    def _end(self, stay: Stay, at: int | None, vague: bool = False) -> list[Message]:
        self._snapshot.missing.discard(stay)
        self._stays.forget(stay)
        return [Message(neutral.ENDED, at, self._of(stay.call), vague=vague)]

    def _say(
        self, kind: str, at: int | None, stay: Stay, agent: str = "", reason: str = "",
        wait_s: float | None = None, talk_s: float | None = None, parent: str = "",
        vague: bool = False, line: str = "",
    ) -> Message:  # fmt: skip
        return Message(
            kind, at, self._of(stay.call), stay.queue, agent, reason, wait_s, talk_s, parent,
            stay.number, vague=vague, line=line,
        )  # fmt: skip

    def _of(self, uid: str) -> str:
        return self.pseudonyms.of(uid) if uid else ""

    def _pass_over(self) -> list[Message]:
        self.counts["passed over"] += 1
        return []

    # ----------------------------------------------------------------- agents and snapshots

    def _member(self, packet: Packet, at: int | None) -> list[Message]:
        if packet.name == "QueueMember" and at is None:
            at = self._now
        return self.members.read(packet, at)

    def _listed(self, packet: Packet, at: int | None) -> list[Message]:
        if not packet.get("Uniqueid") or (packet.name == "QueueEntry" and not packet.get("Queue")):
            return self._pass_over()
        self._snapshot.add(packet)
        return []

    def _compare(self) -> list[Message]:
        """Compare what is under way with what the exchange says is, after its lists are complete."""
        listed = self._snapshot
        messages: list[Message] = []
        ready = set(listed.ready)
        listed.ready.clear()
        if WAITING_LISTED in ready:
            messages += self._compare_waiting()
        if CHANNELS_LISTED in ready:
            messages += self._compare_channels()
        return messages

    def _compare_waiting(self) -> list[Message]:
        messages: list[Message] = []
        for packet in self._snapshot.entries:
            uid, joined = packet.get("Uniqueid"), joined_by(packet, self._now)
            known = self._stays.here.get(uid)
            if self._snapshot.takes(known, packet, joined, not self._received):
                if known is not None:
                    known.connection = self.connection
                    self._snapshot.missing.discard(known)
                continue
            messages += self._moves_on(known, self._now)
            stay = self._stays.new(uid, packet.get("Queue"), joined, self.connection)
            messages.append(self._say(neutral.QUEUED, joined, stay, vague=not self._received))
        self._snapshot.entries.clear()
        for stay in self._snapshot.in_order():
            if stay.stage is Stage.WAITING:
                self._wait_for(stay, self._now)
        return messages

    def _compare_channels(self) -> list[Message]:
        now, listed, stays = self._now, self._snapshot, self._stays
        messages: list[Message] = []
        talks = list(listed.talks(self.members))
        for queue, packet, dest, agent in talks:
            stay = stays.here.get(packet.get("Uniqueid"))
            if stay is None or stay not in listed.missing or stay.queue != queue:
                continue
            if stay.stage is Stage.TALKING and stay.dest in ("", dest):
                listed.missing.discard(stay)
            elif stay.waits:
                messages.append(self._found_talking(stay, agent, dest))
        for stay in listed.in_order():
            if stay.stage is Stage.TALKING and listed.goes_on(stay):
                listed.missing.discard(stay)
                continue
            messages += self._vanished(stay, now)
            if listed.channel(stay) is None:
                messages += self._end(stay, now, vague=True)
        for queue, packet, dest, agent in talks:
            uid = packet.get("Uniqueid")
            latest = stays.here.get(uid)
            if latest is None or (latest.stage is Stage.OVER and dest not in stays.talkers):
                stay = stays.new(uid, queue, None, self.connection, packet.get("Linkedid"))
                messages.append(self._say(neutral.QUEUED, now, stay, vague=True))
                messages.append(self._found_talking(stay, agent, dest))
        listed.done()
        return messages

    def _found_talking(self, stay: Stay, agent: str, dest: str) -> Message:
        """Return that somebody is seen to talk, who was answered some time before."""
        left = stay.since if stay.stage is Stage.LEAVING else None
        self._snapshot.missing.discard(stay)
        self._talks(stay, left or self._now, agent, dest)
        stay.answer_seen = left is not None
        line, vague = self._of(dest), left is None
        return self._say(neutral.ANSWERED, stay.since, stay, agent, vague=vague, line=line)
