"""Packets of Asterisk's manager interface -> messages: what is under way, as a machine of states.

Leaving a queue says nothing by itself: AgentConnect follows, or QueueCallerAbandon went before, or
neither. An abandonment cannot be told from a timeout here, so every exit without an agent has no
reason, unless the dialplan or a queue_log tells it.
"""

from collections import Counter, deque
from collections.abc import Callable

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.ami_members import Members
from simkcc.streams.ami_snapshot import LISTS, Live, Pending, Snapshot, Stage
from simkcc.streams.ami_wire import LISTED, LIVE, MEMBER, Packet
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import Pseudonyms

GRACE = 3 * SECOND
"""How long a leave waits for its answer, and a hang-up for its AgentComplete."""

FAMILIES = 50_000
"""Calls of which the first channel is remembered, to know what a consult call came out of."""

GRACE_PACKETS = 400
"""The same where nothing tells the time."""

EXITS = {
    "TIMEOUT": "timeout", "LEAVEEMPTY": "no_agents", "LEAVEUNAVAIL": "no_agents",
    "WITHDRAW": "withdrawn",
}  # fmt: skip
"""What the channel variable QUEUESTATUS says of a visit that is over."""


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
        self._live: dict[str, Live] = {}
        self._talkers: dict[str, str] = {}
        self._families: dict[str, str] = {}
        self._owed: dict[tuple[str, str], bool] = {}
        self._other_names: dict[str, str] = {}
        self._pending: deque[Pending] = deque()
        self._now: int | None = None
        self._packets = 0
        self._snapshot = Snapshot(self._live, self._talkers)
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
        if at is not None and received is not None:
            self._ahead = received - at
        if at is not None and not self._stamped:
            self._stamped, self._now, self.began = (
                True,
                None,
                None,
            )  # until now, the listener's clock had to do
        if at is None and received is not None:
            at = received - self._ahead
        if at is not None:
            self._now = max(at, self._now or 0)
            self.latest = max(at, self.latest or 0)
            self.began = at if self.began is None else self.began
        return at

    def lost(self) -> list[Message]:
        """Return what is certain now that the connection is gone, and the gap itself."""
        gap = Message(neutral.GAP, self._now, reason="connection")
        return [*self._settle(everything=True), gap]

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
        live = self._live.get(uid)
        if live is not None and not live.seen and live.stage is Stage.WAITING:
            if live.queue == queue and live.connection == self.connection:
                live.seen = True  # a snapshot was quicker than the event
                return []
        messages = self._moves_on(uid)
        self._know(uid, Live(queue, Stage.WAITING, at, connection=self.connection))
        family = packet.get("Linkedid") or uid
        first = self._families.setdefault(family, uid)
        if len(self._families) > FAMILIES:
            del self._families[next(iter(self._families))]
        parent = self.pseudonyms.of(first) if first != uid else ""
        return [*messages, Message(neutral.QUEUED, at, self._of(uid), queue, parent=parent)]

    def _moves_on(self, uid: str) -> list[Message]:
        """Return how the visit before ended; a talk's AgentComplete may still be on its way."""
        live = self._live.get(uid)
        if live is None or live.stage is not Stage.TALKING:
            return self._settle_call(uid)
        self._owed[uid, live.queue] = True
        self._talkers.pop(live.dest, None)
        return []

    def _named(self, packet: Packet) -> str:
        """Return the channel a packet is about, by the name it had when it joined the queue.

        A transfer that is completed while the consult call still waits puts the caller's channel,
        and its identifier, in its place: the channel that joined hangs up without ever leaving.
        """
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        uid = self._other_names.get(uid, uid)
        live = self._live.get(uid)
        if not uid or (live is not None and live.queue == queue and live.stage is not Stage.OVER):
            return uid
        for other, found in self._live.items():
            if found.queue == queue and found.stage is Stage.WAITING and found.hung_up:
                found.hung_up = False
                self._other_names[uid] = other
                return other
        return uid

    def _leave(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = self._named(packet), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        live = self._live.get(uid)
        if live is None:
            live = self._know(uid, Live(queue, Stage.WAITING, None, seen=False))
        if live.queue == queue and live.stage is Stage.WAITING:
            live.stage, live.since = Stage.LEAVING, at
            self._wait_for(uid, at)
        return []

    def _abandon(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = self._named(packet), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        live = self._live.get(uid)
        if live is not None and live.stage is Stage.TALKING:
            return self._pass_over()
        self._know(uid, Live(queue, Stage.OVER, at, connection=self.connection))
        wait = packet.seconds("HoldTime")
        return [Message(neutral.LEFT, at, self._of(uid), queue, wait_s=wait)]

    def _connect(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue, dest = self._named(packet), packet.get("Queue"), packet.get("DestUniqueid")
        if not uid or not queue:
            return self._pass_over()
        agent = self.members.name_of(packet)
        messages = self._talk_before(agent, at)
        self._know(uid, Live(queue, Stage.TALKING, at, agent, dest, connection=self.connection))
        self._families.setdefault(packet.get("Linkedid") or uid, uid)
        if dest:
            self._talkers[dest] = uid
        wait = packet.seconds("HoldTime")
        messages.append(Message(neutral.ANSWERED, at, self._of(uid), queue, agent, wait_s=wait))
        return messages

    def _talk_before(self, agent: str, at: int | None) -> list[Message]:
        """Return the end of a talk from before a gap: its agent talks with somebody else now."""
        for uid in sorted(self._snapshot.missing):
            live = self._live.get(uid)
            if live is not None and live.stage is Stage.TALKING and live.agent == agent:
                self._snapshot.missing.discard(uid)
                self._talkers.pop(live.dest, None)
                live.stage = Stage.OVER
                return [Message(neutral.TALKED, at, self._of(uid), live.queue, agent, vague=True)]
        return []

    def _complete(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue, dest = packet.get("Uniqueid"), packet.get("Queue"), packet.get("DestUniqueid")
        uid = self._other_names.get(uid, uid) or self._talkers.get(dest, "") or dest
        if not uid or not queue:
            return self._pass_over()
        call, agent = self._of(uid), self.members.name_of(packet)
        wait, talk = packet.seconds("HoldTime"), packet.seconds("TalkTime")
        live = self._live.get(uid)
        ours = live is not None and live.queue == queue and live.stage is Stage.TALKING
        messages = []
        owed = None if ours else self._owed.pop((uid, queue), None)
        if owed is False:
            return []  # the agent's channel told it before
        if owed is None and (not ours or (live is not None and not live.seen)):
            since = None if at is None or talk is None else at - round(talk * SECOND)
            if live is None or live.stage is not Stage.TALKING or ours:
                messages.append(Message(neutral.ANSWERED, since, call, queue, agent, wait_s=wait))
        messages.append(
            Message(
                neutral.TALKED, at, call, queue, agent, packet.get("Reason"), wait_s=wait,
                talk_s=talk,
            )
        )  # fmt: skip
        if live is not None and owed is None and (ours or live.stage is not Stage.TALKING):
            self._talkers.pop(live.dest, None)
            if live.queue == queue:
                live.stage = Stage.OVER
            if live.hung_up:
                messages += self._end(uid, at)
        return messages

    def _hold(self, packet: Packet, at: int | None) -> list[Message]:
        uid = self._talkers.get(packet.get("Uniqueid"))
        if uid is None:
            self.counts["of others"] += 1
            return []
        kind = neutral.HELD if packet.name == "Hold" else neutral.RESUMED
        return [Message(kind, at, self._of(uid))]

    def _hangup(self, packet: Packet, at: int | None) -> list[Message]:
        uid = packet.get("Uniqueid")
        uid = self._other_names.pop(uid, uid)
        agent_of = self._talkers.get(uid)
        if agent_of is not None:
            self._wait_for(agent_of, at)
        live = self._live.get(uid)
        if live is None:
            self.counts["of others"] += 1
            return []
        if live.stage is Stage.TALKING:
            live.hung_up = True
            self._wait_for(uid, at)
            return []
        if live.stage is Stage.WAITING and live.connection == self.connection:
            live.hung_up = True  # whoever leaves says so first: another channel took its place
            return []
        return [*self._settle_call(uid), *self._end(uid, at)]

    def _ring(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        agent = self.members.name_of(packet)
        if packet.name == "AgentCalled":
            return [Message(neutral.OFFERED, at, self._of(uid), queue, agent)]
        return [Message(neutral.REFUSED, at, self._of(uid), queue, agent, "no_answer")]

    def _variable(self, packet: Packet, at: int | None) -> list[Message]:
        reason = EXITS.get(packet.get("Value"))
        live = self._live.get(packet.get("Uniqueid"))
        if reason is None or live is None or live.stage not in (Stage.LEAVING, Stage.OVER):
            return []
        left = live.since if live.stage is Stage.LEAVING else at
        live.stage = Stage.OVER
        call = self._of(packet.get("Uniqueid"))
        return [Message(neutral.LEFT, left, call, live.queue, reason=reason)]

    # ----------------------------------------------------------------- what is certain later

    def _wait_for(self, uid: str, at: int | None) -> None:
        due = None if at is None else at + GRACE
        self._pending.append(Pending(due, self._packets + GRACE_PACKETS, uid, at))

    def _settle(self, everything: bool = False) -> list[Message]:
        """Return what nothing contradicted in time."""
        messages: list[Message] = []
        while self._pending:
            first = self._pending[0]
            if not everything and first.due is not None and first.due > (self._now or 0):
                break
            if not everything and first.due is None and first.due_packet > self._packets:
                break
            self._pending.popleft()
            live = self._live.get(first.uid)
            if live is None:
                continue
            if first.uid in self._snapshot.missing and live.stage is Stage.WAITING:
                live.stage = Stage.OVER  # listed nowhere, and no list of channels came
                messages.append(
                    Message(neutral.LEFT, first.at, self._of(first.uid), live.queue, vague=True)
                )
            if live.stage is Stage.TALKING and not live.hung_up and first.at is not None:
                if live.since is not None and first.at < live.since:
                    continue  # the leave before this very answer
            if live.stage in (Stage.LEAVING, Stage.TALKING):
                messages += self._settle_call(first.uid, first.at)
                if live.hung_up:
                    messages += self._end(first.uid, first.at)
        return messages

    def _settle_call(self, uid: str, at: int | None = None) -> list[Message]:
        """Return how a caller's visit ended, as far as anyone knows, if it is not over."""
        live = self._live.get(uid)
        if live is None or live.stage is Stage.OVER:
            return []
        stage, live.stage = live.stage, Stage.OVER
        if stage is Stage.TALKING:
            self._talkers.pop(live.dest, None)
            self._owed[uid, live.queue] = False
            return [Message(neutral.TALKED, at or self._now, self._of(uid), live.queue, live.agent)]
        when = live.since if stage is Stage.LEAVING else self._now
        return [Message(neutral.LEFT, when, self._of(uid), live.queue)]

    def _end(self, uid: str, at: int | None, vague: bool = False) -> list[Message]:
        live = self._live.pop(uid, None)
        if live is not None and self._owed:
            self._owed.pop((uid, live.queue), None)
        self._snapshot.missing.discard(uid)
        if live is not None:
            self._talkers.pop(live.dest, None)
        return [Message(neutral.ENDED, at, self._of(uid), vague=vague)]

    def _know(self, uid: str, live: Live) -> Live:
        self._live[uid] = live
        self._snapshot.missing.discard(uid)
        return live

    def _of(self, uid: str) -> str:
        return self.pseudonyms.of(uid)

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
        if not self._snapshot.ready:
            return []
        listed = self._snapshot
        messages = list(listed.compare(self._now, self.connection, self.members, self._of))
        for uid in sorted(listed.missing):
            if self._live[uid].stage is Stage.WAITING:
                self._wait_for(uid, self._now)
        return messages
