"""Packets of Asterisk's manager interface -> messages: what is under way, as a machine of states.

Leaving a queue says nothing by itself: AgentConnect follows, or QueueCallerAbandon went before, or
neither. An abandonment cannot be told from a timeout here, so every exit without an agent has no
reason, unless the dialplan or a queue_log tells it.
"""

from collections.abc import Callable

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.ami_following import GRACE, GRACE_PACKETS, Following
from simkcc.streams.ami_snapshot import LISTS
from simkcc.streams.ami_stays import Stage, Stay
from simkcc.streams.ami_wire import LISTED, LIVE, MEMBER, NUMBER, Packet
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import CallerOf, Pseudonyms, nobody

EXITS = {
    "TIMEOUT": "timeout", "LEAVEEMPTY": "no_agents", "LEAVEUNAVAIL": "no_agents",
    "WITHDRAW": "withdrawn",
}  # fmt: skip
"""What the channel variable QUEUESTATUS says of a visit that is over."""


class Ami(Following):
    """Follows callers through queues. Knows them by the exchange's channel identifiers."""

    def __init__(self, pseudonyms: Pseudonyms, caller: CallerOf = nobody) -> None:
        super().__init__(pseudonyms)
        self._caller = caller
        self._optimizing: dict[str, tuple[str, str, str, int | None, int]] = {}
        """End of a Local channel -> both, the channel that is to take their place, and since when."""
        self._handlers: dict[str, Callable[[Packet, int | None], list[Message]]] = {
            "QueueCallerJoin": self._join,
            "QueueCallerLeave": self._leave,
            "QueueCallerAbandon": self._abandon,
            **dict.fromkeys(("AgentCalled", "AgentRingNoAnswer"), self._ring),
            "AgentConnect": self._connect,
            "AgentComplete": self._complete,
            **dict.fromkeys(("Hold", "Unhold"), self._hold),
            "Hangup": self._hangup,
            "FullyBooted": self._booted,
            "VarSet": self._variable,
            "LocalOptimizationBegin": self._optimizes,
            **dict.fromkeys(LISTED, self._listed),
            **dict.fromkeys(MEMBER, self._member),
        }

    def read(self, packet: Packet, received: int | None = None) -> list[Message]:
        """Return what a packet tells. received: when it came, in microseconds since 1970."""
        self._packets += 1
        name = packet.name
        at = self._time_of(packet, received)
        messages: list[Message] = []
        if self._uptime is not None and at is not None:
            messages += self._since_boot(at)
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

    def _join(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue = packet.get("Uniqueid"), packet.get("Queue")
        if not uid or not queue:
            return self._pass_over()
        before = self._stays.here.get(uid)
        if before is not None and before.queue == queue and before.stage is Stage.WAITING:
            if before.connection == self.connection and before not in self._snapshot.missing:
                before.listed = False  # a list was quicker than the event
                return []
        messages = self._moves_on(before, at)
        stay = self._stays.new(uid, queue, at, self.connection, packet.get("Linkedid"))
        self._snapshot.stir(stay)
        parent = self._stays.parent_of(stay)
        queued = self._say(neutral.QUEUED, at, stay, parent=self._of(parent))
        queued.caller = self._caller(packet.get(NUMBER), at)
        return [*messages, queued]

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
        queued.stray = uid != packet.get("Uniqueid")
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
        if stay is None or (stay.stage is Stage.TALKING and not stay.seen_with(dest)):
            stay, begun = self._unseen(packet, uid, at, wait)
            messages += begun
        self._talks(stay, at, agent, dest)
        messages.append(
            self._say(neutral.ANSWERED, at, stay, agent, wait_s=wait, line=self._of(dest))
        )
        return messages

    def _talk_before(self, agent: str, at: int | None) -> list[Message]:
        """Return the end of a talk from before a gap: its agent talks with somebody else now."""
        for stay in self._snapshot.missing:
            if stay.stage is Stage.TALKING and stay.agent == agent:
                self._snapshot.missing.discard(stay)
                return self._vanished(stay, at)
        return []

    def _complete(self, packet: Packet, at: int | None) -> list[Message]:
        uid, queue, dest = packet.get("Uniqueid"), packet.get("Queue"), packet.get("DestUniqueid")
        agent = self.members.name_of(packet)
        if not queue or not (uid or dest or agent):
            return self._pass_over()
        wait, talk = packet.seconds("HoldTime"), packet.seconds("TalkTime")
        answered = None if at is None or talk is None else at - round(talk * SECOND)
        messages: list[Message] = []
        vague = False
        stay = self._stays.talk(uid, queue, dest, agent, answered)
        if stay is None:
            stay, messages = self._met_at_its_end(packet, agent, at, answered)
            if stay is None:
                return []
            messages = [*self._talk_before(agent, at), *messages]
            on = self._next_of(stay, uid, answered)
            vague = on is not None  # it may have been elsewhere before, while nobody listened
            if on is not None and at is not None and answered is not None:
                at, talk = at if on.joined is None else min(at, on.joined), None
            stay.answer_seen = False
        self._snapshot.stir(stay)
        if not stay.answer_seen:
            known = at if answered is None else answered
            line = self._of(dest or stay.dest)
            messages.append(self._say(neutral.ANSWERED, known, stay, agent, wait_s=wait, line=line))
        if at is not None and stay.line_gone is not None:
            at = min(at, stay.line_gone)  # nobody talks without a line
        reason = packet.get("Reason")
        messages.append(
            self._say(
                neutral.TALKED, at, stay, agent, reason, wait_s=wait, talk_s=talk, vague=vague
            )
        )
        stay.agent = agent
        if stay.joined is None and answered is not None and wait is not None:
            stay.joined = answered - round(wait * SECOND)
        self._stays.over(stay)
        return messages + (self._end(stay, at) if stay.hung_up or stay.uid != uid else [])

    def _met_at_its_end(
        self, packet: Packet, agent: str, at: int | None, answered: int | None
    ) -> tuple[Stay | None, list[Message]]:
        """Return the stay of a talk of which only the end is told, or None if that is known."""
        uid, queue, dest = packet.get("Uniqueid"), packet.get("Queue"), packet.get("DestUniqueid")
        if self._stays.confirms(uid, queue, dest, agent, answered):
            return None, []
        wait, talk = packet.seconds("HoldTime"), packet.seconds("TalkTime")
        joined = None if answered is None or wait is None else answered - round(wait * SECOND)
        stay = self._stays.waited(uid, queue, packet.get("DestLinkedid"), joined)
        if stay is not None:
            told = stay.agent and stay.stage is Stage.OVER  # by the agent's channel
            return (None if told else stay), []
        on = self._next_of(None, uid, answered)
        if self._began_before(on, uid):
            return None, []  # the talk was over before anybody listened
        before = None if wait is None or talk is None else wait + talk
        name = uid if uid and on is None else dest or f"{uid}/{self._packets}"
        return self._unseen(packet, name, at, before)

    def _began_before(self, on: Stay | None, uid: str) -> bool:
        """Return whether a caller had gone on to another queue before anybody listened."""
        if self.connection == 1 and any(stay.listed for stay in self._stays.named_by(uid)[:1]):
            return True
        return (
            on is not None
            and on.joined is not None
            and self.began is not None
            and on.joined < self.began
        )

    def _next_of(self, stay: Stay | None, uid: str, answered: int | None) -> Stay | None:
        """Return where a caller went first after a talk, if it went on.

        After a transfer that failed, AgentComplete comes late and counts the time there as talk.
        """
        named = self._stays.named_by(uid)
        if stay in named:
            return next(iter(named[named.index(stay) + 1 :]), None)
        for on in named:
            if answered is not None and on.joined is not None and answered + SECOND < on.joined:
                return on
        latest = self._stays.here.get(uid)
        if latest is None or latest.stage is Stage.OVER or latest in self._snapshot.missing:
            return None
        if latest.joined is not None and answered is not None:
            return latest if answered - SECOND <= latest.joined else None
        return latest

    def _hold(self, packet: Packet, at: int | None) -> list[Message]:
        stay = self._stays.talkers.get(packet.get("Uniqueid"))
        if stay is None:
            self.counts["of others"] += 1
            return []
        kind = neutral.HELD if packet.name == "Hold" else neutral.RESUMED
        return [Message(kind, at, self._of(stay.call), visit=stay.number)]

    def _hangup(self, packet: Packet, at: int | None) -> list[Message]:
        uid = packet.get("Uniqueid")
        self._taken_out(uid, at)
        talk = self._stays.talkers.get(uid)
        if talk is not None and talk not in self._snapshot.doubtful:
            talk.line_gone = at
            self._wait_for(talk, at)
        stay = self._stays.here.get(uid)
        if stay is None:
            self.counts["of others"] += 1
            return []
        unseen = stay in self._snapshot.doubtful
        self._snapshot.stir(stay)
        if unseen and stay.stage is not Stage.LEAVING:
            return [*self._vanished(stay, at), *self._end(stay, at, vague=True)]
        if stay.stage is Stage.TALKING:
            stay.hung_up = True
            self._wait_for(stay, at)
            return []
        if stay.stage is Stage.WAITING:
            stay.hung_up = True  # whoever leaves says so first: another channel took its place
            return []
        return [*self._exit(stay, at), *self._end(stay, at)]

    def _booted(self, packet: Packet, at: int | None) -> list[Message]:
        """Note how long the exchange has been up: it may be another life of it."""
        self._uptime = packet.seconds("Uptime")
        return []

    def _optimizes(self, packet: Packet, at: int | None) -> list[Message]:
        """Note which channel is about to take the place of a Local one.

        That its ends hang up at once says that it did: the Success told afterwards was always No.
        """
        one, two = packet.get("LocalOneUniqueid"), packet.get("LocalTwoUniqueid")
        for end in (one, two):
            self._optimizing[end] = one, two, packet.get("SourceUniqueid"), at, self._packets
        return []

    def _taken_out(self, uid: str, at: int | None) -> None:
        """Let another channel have the place of a Local one that hangs up because it was optimized."""
        found = self._optimizing.pop(uid, None)
        if found is None:
            return
        one, two, source, since, packet = found
        self._optimizing.pop(one, None)
        self._optimizing.pop(two, None)
        soon = self._packets - packet <= GRACE_PACKETS
        if soon if at is None or since is None else at - since <= GRACE:
            self._stays.optimizes(one, two, source)

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

    def _member(self, packet: Packet, at: int | None) -> list[Message]:
        if packet.name == "QueueMember":
            at = self._now if at is None else at
            if packet.get("InCall") == "0":
                self._snapshot.idle.add((packet.get("Queue"), packet.get("Name")))
        return self.members.read(packet, at)

    def _listed(self, packet: Packet, at: int | None) -> list[Message]:
        if not packet.get("Uniqueid") or (packet.name == "QueueEntry" and not packet.get("Queue")):
            return self._pass_over()
        self._snapshot.add(packet)
        return []
