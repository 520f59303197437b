"""What an exchange writes down: packets of its manager interface, times of receipt, a queue_log.

Field lists, their order and the disorders of time are those of recordings of Asterisk 22.
"""

import gzip
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

END = b"\r\n\r\n"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
SECOND = 1_000_000

STEP_BACK = 0.03
"""How often a packet's time lies before that of the one before it: by up to 13 ms."""


@dataclass(eq=False)
class Channel:
    """A leg of a call, as CoreShowChannels would show it."""

    name: str
    uid: str
    linked: str
    number: str = "<unknown>"
    application: str = ""
    data: str = ""
    bridge: str = ""
    since: int = 0
    last: str = ""
    """The queue it was in last."""
    pair: "Channel | None" = None
    """The other half of a Local channel, which lives and dies with it."""

    def block(self, prefix: str = "") -> list[tuple[str, str]]:
        """Return the fields that tell of it in an event."""
        said = {
            "Channel": self.name, "ChannelState": "6", "ChannelStateDesc": "Up",
            "CallerIDNum": self.number, "CallerIDName": "<unknown>",
            "ConnectedLineNum": self.number, "ConnectedLineName": "<unknown>", "Language": "en",
            "AccountCode": "", "Context": "q", "Exten": "s", "Priority": "5",
            "Uniqueid": self.uid, "Linkedid": self.linked,
        }  # fmt: skip
        return [(prefix + key, value) for key, value in said.items()]


@dataclass
class Connection:
    """What one connection to the manager interface received."""

    began: int
    sent: list[tuple[int, bytes]] = field(default_factory=list)
    """When each packet came, and the packet."""
    ended: int | None = None
    rest: bytes = b""
    """The beginning of a packet that the loss of the connection cut off."""

    @property
    def raw(self) -> bytes:
        """Return all bytes."""
        return b"".join(packet for _, packet in self.sent) + self.rest


class Writer:
    """Writes packets while somebody is connected, and lines of the log always."""

    def __init__(self, rng: random.Random, timestamps: bool) -> None:
        self.rng = rng
        self.timestamps = timestamps
        self.connections: list[Connection] = []
        self.lines: list[str] = []
        self.now = self.booted = 0
        self._told = 0

    @property
    def open(self) -> Connection | None:
        """Return the connection that is up."""
        last = self.connections[-1] if self.connections else None
        return last if last is not None and last.ended is None else None

    def connect(self) -> None:
        """Begin a connection."""
        self.connections.append(Connection(self.now))
        self.put(BANNER + b"Response: Success\r\nActionID: rec-login\r\nMessage: Authentication "
                 b"accepted" + END)  # fmt: skip
        up = (self.now - self.booted) // SECOND
        self.put(f"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: {up}\r\nLastReload: {up}"
                 "\r\nStatus: Fully Booted".encode() + END)  # fmt: skip

    def disconnect(self) -> None:
        """Lose the connection, in the middle of a packet."""
        last = self.open
        if last is not None:
            last.ended = self.now
            last.rest = last.sent[-1][1][: self.rng.randrange(30)]

    def event(self, name: str, fields: Iterable[tuple[str, object]], privilege: str = "agent,all"
              ) -> bool:  # fmt: skip
        """Write an event that happens now; return whether anybody was there to read it."""
        self._told = max(self._told + self.rng.randrange(5, 400), self.now)
        if self.open is None:
            return False
        told = self._told
        if self.rng.random() < STEP_BACK:
            told -= self.rng.randrange(13_000)
        head: list[tuple[str, object]] = [("Event", name), ("Privilege", privilege)]
        if self.timestamps:
            head.append(("Timestamp", f"{told // SECOND}.{told % SECOND:06d}"))
        self.put("\r\n".join(f"{key}: {value}" for key, value in [*head, *fields]).encode() + END)
        return True

    def answer(self, fields: Iterable[tuple[str, object]]) -> None:
        """Write a line of a list: no time, no privilege."""
        if self.open is not None:
            self.put("\r\n".join(f"{key}: {value}" for key, value in fields).encode() + END)

    def put(self, packet: bytes) -> None:
        """Write a packet."""
        assert self.open is not None
        self.open.sent.append((max(self._told, self.now) + self.rng.randrange(50, 900), packet))

    def log(self, *parts: object) -> None:
        """Write a line of the queue_log, to the second."""
        self.lines.append("|".join(map(str, (self.now // SECOND, *parts))))


def write_down(folder: Path, writer: Writer, receipts: bool, packed: bool = False
               ) -> tuple[str, Path]:  # fmt: skip
    """Write what was received to files; return the address of the connections, and the log."""
    paths = []
    for number, connection in enumerate(writer.connections):
        path = folder / f"ami.{number}.ami{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(connection.raw, 1) if packed else connection.raw)
        paths.append(path)
        if receipts:
            (folder / f"ami.{number}.recv.csv").write_text(_receipts(connection, writer.rng))
    log = folder / "queue_log"
    log.write_text("".join(f"{line}\n" for line in writer.lines))
    return "asterisk+file:" + ",".join(map(str, paths)), log


def _receipts(connection: Connection, rng: random.Random) -> str:
    """Return a line per recv(): several packets may come at once, and one may come in two."""
    said, offset, at, begun = [], 0, 0, 0
    for number, (when, packet) in enumerate(connection.sent):
        at, offset = max(at, when), offset + len(packet)
        following = connection.sent[number + 1 : number + 2]
        soon = bool(following) and following[0][0] < at + 2000
        if not soon or rng.random() < 0.5:
            said.append(f"{at // SECOND}.{at % SECOND:06d},{begun},{offset - begun}")
            begun = offset
    return "\n".join(said) + "\n"
