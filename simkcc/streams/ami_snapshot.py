"""After a gap: what was under way, against what Asterisk's own lists say is.

QueueStatus lists who waits and since when; CoreShowChannels who talks with whom. What vanished in
the gap is over, and nobody knows how.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.ami_members import Members
from simkcc.streams.ami_wire import Packet
from simkcc.streams.neutral import Message

WAITING_LISTED = "QueueStatusComplete"
CHANNELS_LISTED = "CoreShowChannelsComplete"
LISTS = (WAITING_LISTED, CHANNELS_LISTED)
"""Events that end an answer in the form of a list."""


class Stage(Enum):
    """How far a visit to a queue is."""

    WAITING = 1
    LEAVING = 2
    TALKING = 3
    OVER = 4


@dataclass(slots=True)
class Live:
    """A caller's channel in a queue, or with an agent."""

    queue: str
    stage: Stage
    since: int | None
    agent: str = ""
    dest: str = ""
    """The agent's channel."""
    seen: bool = True
    """Whether its start was seen; else a snapshot told of it."""
    hung_up: bool = False
    connection: int = 0
    """Which connection told of it first."""


@dataclass(slots=True)
class Pending:
    """Something that is so unless another packet says otherwise soon."""

    due: int | None
    due_packet: int
    uid: str
    at: int | None


class Snapshot:
    """Gathers the lists of one connection and compares them with what is under way."""

    def __init__(self, live: dict[str, Live], talkers: dict[str, str]) -> None:
        self.live = live
        """Callers' channels, shared with the machine of states."""
        self.talkers = talkers
        """Agent's channel -> caller's channel."""
        self.missing: set[str] = set()
        """Callers from before the gap whom no list has confirmed yet."""
        self.ready: set[str] = set()
        """Lists that are complete and not compared yet."""
        self._entries: dict[str, tuple[str, int]] = {}
        self._channels: dict[str, Packet] = {}
        self._waiting_known = False

    def begin(self) -> None:
        """Start anew: another connection."""
        self.missing = set(self.live)
        self.ready.clear()
        self._entries.clear()
        self._channels.clear()
        self._waiting_known = False

    def add(self, packet: Packet) -> None:
        """Note a line of a list."""
        uid = packet.get("Uniqueid")
        if packet.name == "QueueEntry":
            wait = packet.get("Wait")
            seconds = int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 8 else 0
            self._entries[uid] = (packet.get("Queue"), seconds * SECOND)
        else:
            self._channels[uid] = packet

    def compare(
        self, now: int | None, connection: int, members: Members, of: Callable[[str], str]
    ) -> Iterator[Message]:
        """Yield what the complete lists tell that was not known. of: pseudonym of a channel."""
        if WAITING_LISTED in self.ready:
            self._waiting_known = True
            yield from self._waiting(now, connection, of)
        if CHANNELS_LISTED in self.ready:
            yield from self._bridged(now, connection, members, of)
        self.ready.clear()

    def _waiting(
        self, now: int | None, connection: int, of: Callable[[str], str]
    ) -> Iterator[Message]:
        for uid, (queue, wait) in self._entries.items():
            live = self.live.get(uid)
            if live is not None and live.queue == queue:
                if live.stage is Stage.WAITING or live.connection == connection:
                    self.missing.discard(uid)
                    continue
            since = None if now is None else now - wait
            self.live[uid] = Live(queue, Stage.WAITING, since, seen=False, connection=connection)
            self.missing.discard(uid)
            yield Message(neutral.QUEUED, since, of(uid), queue)
        self._entries.clear()

    def _bridged(
        self, now: int | None, connection: int, members: Members, of: Callable[[str], str]
    ) -> Iterator[Message]:
        bridges: defaultdict[str, list[Packet]] = defaultdict(list)
        for packet in self._channels.values():
            bridges[packet.get("BridgeId")].append(packet)
        for uid in sorted(self.missing):
            live = self.live[uid]
            here = self._channels.get(uid)
            if live.stage is Stage.WAITING and not self._waiting_known:
                continue
            yield from self._vanished(uid, live, here, bridges, members, now, of)
        self.missing.clear()
        for uid, packet in self._channels.items():
            bridge = packet.get("BridgeId")
            if not bridge or packet.get("Application") != "Queue" or uid in self.live:
                continue
            queue = packet.get("ApplicationData").partition(",")[0]
            dest, agent = _partner(uid, bridges[bridge], members)
            if queue and agent:
                yield Message(neutral.QUEUED, now, of(uid), queue, vague=True)
                yield self._found_talking(uid, queue, dest, agent, now, connection, of)
        self._channels.clear()

    def _vanished(
        self, uid: str, live: Live, here: Packet | None, bridges: dict[str, list[Packet]],
        members: Members, now: int | None, of: Callable[[str], str],
    ) -> Iterator[Message]:  # fmt: skip
        """Yield what became of one caller in the gap, as far as the lists tell."""
        stage = live.stage
        if here is not None and stage is Stage.TALKING:
            if live.dest in self._channels:
                return
        if here is not None and stage is Stage.WAITING and here.get("BridgeId"):
            dest, agent = _partner(uid, bridges[here.get("BridgeId")], members)
            if agent:
                yield self._found_talking(uid, live.queue, dest, agent, now, live.connection, of)
                return
        if stage is Stage.TALKING:
            self.talkers.pop(live.dest, None)
            yield Message(neutral.TALKED, now, of(uid), live.queue, live.agent, vague=True)
        elif stage is Stage.WAITING:
            yield Message(neutral.LEFT, now, of(uid), live.queue, vague=True)
        live.stage = Stage.OVER
        if here is None:
            del self.live[uid]
            yield Message(neutral.ENDED, now, of(uid), vague=True)

    def _found_talking(
        self, uid: str, queue: str, dest: str, agent: str, now: int | None, connection: int,
        of: Callable[[str], str],
    ) -> Message:  # fmt: skip
        self.live[uid] = Live(queue, Stage.TALKING, now, agent, dest, False, False, connection)
        self.talkers[dest] = uid
        return Message(neutral.ANSWERED, now, of(uid), queue, agent, vague=True)


def _partner(uid: str, bridge: list[Packet], members: Members) -> tuple[str, str]:
    """Return the agent's channel in a bridge and whose it is, or nothing."""
    for packet in bridge:
        agent = members.of_channel(packet.get("Channel"))
        if agent and packet.get("Uniqueid") != uid:
            return packet.get("Uniqueid"), agent
    return "", ""
