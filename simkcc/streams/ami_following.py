"""What is under way on an Asterisk, as a machine of states: what time settles, and what lists tell."""

from collections import Counter, deque
from dataclasses import dataclass

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.ami_members import Members
from simkcc.streams.ami_snapshot import CHANNELS_LISTED, WAITING_LISTED, Snapshot, joined_by
from simkcc.streams.ami_stays import Stage, Stay, Stays
from simkcc.streams.ami_wire import Packet
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import Pseudonyms

GRACE = 3 * SECOND
"""How long a leave waits for its answer, and a hang-up for its AgentComplete."""

GRACE_PACKETS = 400
"""The same where nothing tells the time."""


@dataclass(slots=True)
class Pending:
    """Something that is so unless another packet says otherwise soon."""

    due: int | None
    due_packet: int
    stay: Stay
    stage: Stage | None
    """The stage it is about; None if about any, of a stay that nothing has confirmed by then."""
    at: int | None
    ends: bool = False
    """Whether its call is over with it."""


class Following:
    """Stays under way, the clock of the exchange, and what becomes certain later."""

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
        self._lost_at: int | None = None
        self._uptime: float | None = None
        """Seconds that the exchange had been up, until somebody tells the time."""
        self._packets = 0
        self._snapshot = Snapshot(self._stays)

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
        self._lost_at = self.latest
        gap = Message(neutral.GAP, self._now, reason="connection")
        return [*self._compare(), *self._settle(everything=True, lost=True), gap]

    def connected(self) -> None:
        """Begin another connection: its lists will tell what is left of what was under way."""
        self.connection += 1
        self._now = None
        self._stays.connection = self.connection
        self._snapshot.begin()

    def _since_boot(self, at: int) -> list[Message]:
        """Return the ends of what was under way if the exchange started again since.

        Its lists would tell, too, but whoever asks a young exchange may hear that it knows none.
        """
        booted = at - round((self._uptime or 0) * SECOND)
        self._uptime = None
        if self._lost_at is None or booted < self._lost_at:
            return []
        messages: list[Message] = []
        for stay in self._snapshot.in_order():
            messages += [*self._vanished(stay, booted), *self._end(stay, booted, vague=True)]
        return messages

    def finish(self) -> list[Message]:
        """Return what is certain now that nothing follows."""
        messages = self._compare() + self._settle(everything=True)
        for stay in self._snapshot.in_order():
            if stay.stage is Stage.LEAVING:
                messages += self._vanished(stay, self._now)
        return messages

    def tick(self, now: int) -> list[Message]:
        """Return what became certain because time went by. now: by the clock of whoever listens."""
        if self._now is not None:
            self._now = max(now - self._ahead, self._now)
        return self._settle()

    def _moves_on(self, stay: Stay | None, at: int | None) -> list[Message]:
        """Return how the visit before ended; a talk's AgentComplete may still be on its way."""
        if stay is None or stay.stage is Stage.OVER:
            return []
        if stay.stage is Stage.TALKING:
            self._stays.owe(stay)
            self._wait_for(stay, at)
            return []
        return self._vanished(stay, at) if stay in self._snapshot.missing else self._exit(stay, at)

    def _talks(self, stay: Stay, at: int | None, agent: str, dest: str) -> None:
        stay.stage, stay.since, stay.agent, stay.dest = Stage.TALKING, at, agent, dest
        stay.answer_seen, stay.hung_up, stay.connection = True, False, self.connection
        stay.line_gone = None
        if dest:
            self._stays.talkers[dest] = stay

    def _wait_for(self, stay: Stay, at: int | None) -> None:
        due = None if at is None else at + GRACE
        self._pending.append(Pending(due, self._packets + GRACE_PACKETS, stay, stay.stage, at))

    def _doubt(self, stay: Stay, ends: bool = False) -> None:
        """Let a stay that a list no longer has be over, unless an event still confirms it.

        Lists are told at once, events a little later: what ended in between comes after the list.
        """
        due = None if self._now is None else self._now + GRACE
        late = self._packets + GRACE_PACKETS
        self._snapshot.doubtful.add(stay)
        self._pending.append(Pending(due, late, stay, None, self._now, ends))

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
            if first.stage is None and stay in self._snapshot.missing:
                messages += self._vanished(stay, first.at)
                messages += self._end(stay, first.at, vague=True) if first.ends else []
            if stay.stage is not first.stage:
                continue
            if stay in self._snapshot.missing and stay.stage is not Stage.LEAVING:
                messages += self._vanished(stay, self._now)  # in no list, and none of channels came
            elif stay.stage is Stage.LEAVING and not lost:
                if stay in self._snapshot.missing:
                    self._stays.lose(stay)
                messages += self._exit(stay, first.at)
            elif stay.stage is Stage.TALKING:
                messages.append(self._say(neutral.TALKED, first.at, stay, stay.agent))
                self._stays.over(stay)
                self._stays.ended_early(stay)
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
            self._stays.ended_early(stay)
            return [self._say(neutral.TALKED, now, stay, stay.agent, vague=True)]
        if stage is not Stage.OVER:
            self._stays.lose(stay)
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
            place = self._place_taken(packet, joined)
            messages += self._moves_on(known, self._now)
            if place is not None:
                self._stays.rename(place, uid)
                self._snapshot.missing.discard(place)
                continue
            stay = self._stays.new(uid, packet.get("Queue"), joined, self.connection)
            stay.listed = True
            messages.append(self._say(neutral.QUEUED, joined, stay, vague=not self._received))
        self._snapshot.entries.clear()
        for stay in self._snapshot.in_order():
            if stay.waits:
                self._wait_for(stay, self._now)
            elif (stay.queue, stay.agent) in self._snapshot.idle:
                self._doubt(stay)
        self._snapshot.idle.clear()
        return messages

    def _place_taken(self, packet: Packet, joined: int | None) -> Stay | None:
        """Return the stay that a listed caller goes on with under another channel's name, if any.

        Its consult call waited; the transfer was completed while nobody listened.
        """
        queue, uid = packet.get("Queue"), packet.get("Uniqueid")
        if not self._snapshot.missing:
            return None
        latest = self._stays.here.get(uid)
        family = uid if latest is None else latest.family
        listed = {entry.get("Uniqueid") for entry in self._snapshot.entries}
        for stay in self._snapshot.in_order():
            same = stay.queue == queue and stay.stage is Stage.WAITING and stay.family == family
            if same and stay.uid not in listed and stay.began_at(joined):
                return stay
        return None

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
        elsewhere = {packet.get("Uniqueid") for _, packet, _, _ in talks}
        for stay in listed.in_order():
            if stay.stage is Stage.TALKING and listed.goes_on(stay):
                listed.missing.discard(stay)
                continue
            gone = listed.channel(stay) is None
            if stay.stage is not Stage.OVER and stay.uid not in elsewhere:
                self._doubt(stay, ends=gone)
                continue
            messages += self._vanished(stay, now)
            if gone:
                messages += self._end(stay, now, vague=True)
        for queue, packet, dest, agent in talks:
            uid = packet.get("Uniqueid")
            latest = stays.here.get(uid)
            if latest is None or (latest.stage is Stage.OVER and dest not in stays.talkers):
                stay = stays.new(uid, queue, None, self.connection, packet.get("Linkedid"))
                stay.listed = True
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
