"""Bytes of Asterisk's manager interface -> packets. Any cut of the bytes gives the same packets.

Only fields that are needed are kept: a caller's number or name does not get past this layer.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from simkcc.streams.bytefile import text_of

BREAKS = (b"\r\n", b"\n")
"""Ends of lines: those of the protocol, and those of a recording that went through a text tool."""

LONGEST = 1 << 20
"""Bytes without an end of a packet, after which they are given up as unreadable."""

KEPT = frozenset(
    ("Event", "Response", "ActionID", "Message", "Timestamp", "EventList", "Queue", "Uniqueid",
     "Linkedid", "DestUniqueid", "DestLinkedid", "Interface", "StateInterface", "Location",
     "MemberName", "Name", "InCall", "HoldTime", "TalkTime", "Wait", "Paused", "PausedReason", "Status", "BridgeId", "Application",
     "ApplicationData", "Channel", "Variable", "Value", "Reason", "Uptime", "LocalOneUniqueid",
     "LocalTwoUniqueid", "SourceUniqueid")
)  # fmt: skip
"""Fields that are looked at. CallerIDNum, ConnectedLineNum and their names are not among them."""

NUMBER = "CallerIDNum"
"""Looked at only if somebody asks who calls again."""

WANTED = frozenset(
    ("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon", "AgentCalled", "AgentConnect",
     "AgentComplete", "AgentRingNoAnswer", "Hold", "Unhold", "Hangup", "VarSet", "QueueParams",
     "QueueMember", "QueueMemberStatus", "QueueMemberAdded", "QueueMemberRemoved",
     "QueueMemberPause", "QueueEntry", "QueueStatusComplete", "CoreShowChannel",
     "CoreShowChannelsComplete", "FullyBooted", "Shutdown", "LocalOptimizationBegin")
)  # fmt: skip
"""Events that are read; the others are only counted."""

MEMBER = (
    "QueueMember", "QueueMemberStatus", "QueueMemberAdded", "QueueMemberPause",
    "QueueMemberRemoved",
)  # fmt: skip
"""Events about an agent in a queue."""

LISTED = ("QueueEntry", "CoreShowChannel")
"""Events that are a line of a list."""

LIVE = frozenset(
    ("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon", "AgentConnect", "AgentComplete",
     "AgentCalled", "Hangup", "QueueMemberStatus")
)  # fmt: skip
"""Events that only happen live: after one, it is known whether the exchange tells the time."""

CHANNEL_OF = frozenset(("CoreShowChannel",))
"""Events whose Channel is needed, to know an agent's telephone; elsewhere it is dropped."""

IGNORED = "ignored"
UNREADABLE = "unreadable"


@dataclass(slots=True)
class Packet:
    """One event or response."""

    fields: dict[str, str]
    end: int
    """Offset of the byte behind it."""

    @property
    def name(self) -> str:
        """Return the name of the event, or nothing for a response."""
        return self.fields.get("Event", "")

    def get(self, key: str) -> str:
        """Return a field, or nothing."""
        return self.fields.get(key, "")

    def seconds(self, key: str) -> float | None:
        """Return a field that holds whole seconds, or None."""
        text = self.get(key)
        return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None

    @property
    def moment(self) -> int | None:
        """Return microseconds since 1970 from a Timestamp `1700000000.123456`, without rounding."""
        whole, _, part = self.get("Timestamp").partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) <= 11):
            return None
        if part and not (part.isascii() and part.isdigit()):
            return None
        return int(whole) * 1_000_000 + int(part[:6].ljust(6, "0") or 0)


class Wire:
    """Cuts a stream of bytes into packets and counts what it lets go."""

    def __init__(self, callers: bool = False) -> None:
        """Start at the first byte. callers: whether the number of who joins a queue is kept."""
        self.counts: Counter[str] = Counter()
        self.callers = callers
        self.eager = False
        """Whether the times of events that are not read are wanted, too."""
        self._rest = b""
        self._done = 0
        self._end = b""

    def feed(self, piece: bytes) -> Iterator[Packet]:
        """Yield the packets that are complete with this piece."""
        self._rest += piece
        if not self._end:
            first = self._rest.find(b"\n")
            self._end = 2 * BREAKS[first > 0 and self._rest[first - 1] != 13] if first >= 0 else b""
        if not self._end:
            blocks: list[bytes] = []
        else:
            *blocks, self._rest = self._rest.split(self._end)
        for block in blocks:
            self._done += len(block) + len(self._end)
            packet = self._packet(block)
            if packet is not None:
                yield packet
        if len(self._rest) > LONGEST:
            self.counts[UNREADABLE] += 1
            self._done += len(self._rest)
            self._rest = b""

    def _packet(self, block: bytes) -> Packet | None:
        if block[:7] == b"Event: ":
            name = block[7:].partition(b"\n")[0].strip()
            if name.decode("latin-1") not in WANTED:
                self.counts[IGNORED] += 1
                return self._time_of(block) if self.eager else None
            if name == b"VarSet" and b"\nVariable: QUEUESTATUS" not in block:
                self.counts[IGNORED] += 1
                return None
        fields: dict[str, str] = {}
        for line in _lines_of(block):
            key, colon, value = line.partition(":")
            if colon and key in KEPT:
                fields.setdefault(key, value.strip())
        if "Event" not in fields and "Response" not in fields:
            self.counts[UNREADABLE] += 1
            return None
        if "Event" in fields and fields["Event"] not in WANTED:
            self.counts[IGNORED] += 1
            return None
        if fields.get("Event", "") not in CHANNEL_OF:
            fields.pop("Channel", None)
        if self.callers and fields.get("Event") == "QueueCallerJoin":
            fields[NUMBER] = _field(block, NUMBER)
        return Packet(fields, self._done)

    def _time_of(self, block: bytes) -> Packet | None:
        """Return a packet that tells nothing but the time."""
        stamp = _field(block, "Timestamp")
        return Packet({"Timestamp": stamp}, self._done) if stamp else None


def _lines_of(block: bytes) -> list[str]:
    """Return the lines of a packet. A caller's name in another alphabet spoils no other line."""
    try:
        return block.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return [text_of(line) for line in block.split(b"\n")]


def _field(block: bytes, name: str) -> str:
    """Return one field of a packet, or nothing."""
    return block.partition(f"\n{name}: ".encode())[2].partition(b"\n")[0].strip().decode("latin-1")
