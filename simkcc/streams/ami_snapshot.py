"""After a gap: what was under way, against what Asterisk's own lists say is.

QueueStatus lists who waits and since when; CoreShowChannels who talks with whom. What vanished in
the gap is over, and nobody knows how.
"""

from collections import defaultdict
from collections.abc import Iterator

from simkcc.model.contact_log import SECOND
from simkcc.streams.ami_members import Members
from simkcc.streams.ami_stays import Stage, Stay, Stays
from simkcc.streams.ami_wire import Packet

WAITING_LISTED = "QueueStatusComplete"
CHANNELS_LISTED = "CoreShowChannelsComplete"
LISTS = (WAITING_LISTED, CHANNELS_LISTED)
"""Events that end an answer in the form of a list."""


LATE = 10 * SECOND
"""How much later than a list the next event with a time may come."""


class Snapshot:
    """Gathers the lists of one connection; the reader of events asks it what they tell."""

    def __init__(self, stays: Stays) -> None:
        self.stays = stays
        self.missing: set[Stay] = set()
        """Stays from before the gap that nothing has confirmed yet."""
        self.doubtful: set[Stay] = set()
        """Those that a list no longer has, and events may still tell of."""
        self.ready: set[str] = set()
        """Lists that are complete and not compared yet."""
        self.entries: list[Packet] = []
        """Lines about who waits, not yet read."""
        self.idle: set[tuple[str, str]] = set()
        """Queue and agent, where a list says that the agent has no call of the queue."""
        self._channels: dict[str, Packet] = {}
        self._stirred: set[str] = set()

    def begin(self) -> None:
        """Start anew: another connection."""
        self.missing = set(self.stays.under_way())
        self.doubtful.clear()
        self.ready.clear()
        self.entries.clear()
        self.idle.clear()
        self._channels.clear()
        self._stirred.clear()

    def in_order(self) -> list[Stay]:
        """Return the stays that nothing has confirmed yet, always in the same order."""
        return sorted(self.missing, key=lambda stay: (stay.call, stay.number))

    def add(self, packet: Packet) -> None:
        """Note a line of a list."""
        if packet.name == "QueueEntry":
            self.entries.append(packet)
        else:
            self._channels[packet.get("Uniqueid")] = packet

    def stir(self, stay: Stay) -> None:
        """Note that something happened with a stay: the lists tell nothing newer about it."""
        self.missing.discard(stay)
        self.doubtful.discard(stay)
        if self._channels or self.entries:
            self._stirred.update((stay.uid, stay.call))

    def takes(self, stay: Stay | None, packet: Packet, joined: int | None, late: bool) -> bool:
        """Return whether a listed entry is a stay that is known.

        joined: since when by the list. late: whether the time is that of something after the list.
        """
        if packet.get("Uniqueid") in self._stirred:
            return True
        if stay is None or stay.queue != packet.get("Queue"):
            return False
        if stay not in self.missing:
            return True
        if stay.stage is not Stage.WAITING:
            return False
        if late and joined is not None and stay.joined is not None and joined > stay.joined:
            return joined - stay.joined <= LATE
        return stay.began_at(joined)

    def channel(self, stay: Stay) -> Packet | None:
        """Return the channel of a stay, if it is up."""
        return self._channels.get(stay.uid)

    def goes_on(self, stay: Stay) -> bool:
        """Return whether a talk from before the gap goes on: both channels are up."""
        return stay.uid in self._channels and (not stay.dest or stay.dest in self._channels)

    def talks(self, members: Members) -> Iterator[tuple[str, Packet, str, str]]:
        """Yield who talks with an agent in a queue's name: queue, channel, agent's channel, agent."""
        bridges: defaultdict[str, list[Packet]] = defaultdict(list)
        for packet in self._channels.values():
            bridges[packet.get("BridgeId")].append(packet)
        for uid, packet in self._channels.items():
            bridge = packet.get("BridgeId")
            queue = packet.get("ApplicationData").partition(",")[0]
            if not bridge or not queue or packet.get("Application") != "Queue":
                continue
            if uid in self._stirred:
                continue
            for other in bridges[bridge]:
                agent = members.of_channel(other.get("Channel"))
                called = other.get("Application") == "AppQueue"
                if other is not packet and (agent or called):
                    yield queue, packet, other.get("Uniqueid"), agent or _telephone(other)
                    break

    def done(self) -> None:
        """Forget the list of channels: it has been compared."""
        self._channels.clear()
        self._stirred.clear()


def joined_by(packet: Packet, now: int | None) -> int | None:
    """Return when a listed caller joined: between two whole seconds, so in the middle."""
    wait = packet.seconds("Wait")
    if now is None or wait is None:
        return now
    return min((now // SECOND - int(wait)) * SECOND + SECOND // 2, now)


def _telephone(packet: Packet) -> str:
    """Return what an agent's channel is called, where nobody lists its owner any more."""
    return packet.get("Channel").rpartition("-")[0]
