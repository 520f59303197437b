"""A connection to Asterisk's manager interface that comes back: log in, filter, ask, listen."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from urllib.parse import unquote

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.ami_wire import Packet
from simkcc.streams.asterisk import LATE, AmiReading
from simkcc.streams.live import Live, RefusedError, hung_up
from simkcc.streams.neutral import Message
from simkcc.streams.queue_log_file import Tail
from simkcc.streams.source import Options, Source

PORT = 5038
ADDRESS = re.compile(
    r"(?P<user>[^:@/]+):(?P<secret>[^@]*)@(?P<host>[^:/@]+)(:(?P<port>\d{1,5}))?/?"
)

FILTER = (
    "^Event: (Queue|Agent|Hangup|Hold|Unhold|VarSet|LocalOptimizationBegin|FullyBooted|Shutdown)"
)
"""What the exchange is asked to send; it sends all if it does not grant this."""

BEAT = 10.0
"""Seconds between signs of life."""

AGAIN = 2.0
"""Seconds after which an exchange that has just started is asked again for what it did not know yet."""

LOOK = 1.0
"""Seconds a connection waits for bytes before it looks at the clock."""

SILENCE = 30.0
"""Seconds without a byte, pings included, after which a connection is given up."""


def open_live(rest: str, options: Options) -> Source:
    """Open `asterisk://user:secret@host[:port]`."""
    found = ADDRESS.fullmatch(rest)
    if not found:
        raise SettingError("asterisk: the address looks like asterisk://user:secret@host:5038")
    return AmiConnection(
        found["host"], int(found["port"] or PORT), unquote(found["user"]),
        unquote(found["secret"]), options,
    )  # fmt: skip


ASKED = ("QueueStatus", "CoreShowChannels")
"""What the exchange is asked for once, after each login."""


def is_unknown(packet: Packet, action: str) -> bool:
    """Return whether a packet says that the exchange does not know an action: it is not all up yet."""
    return (
        packet.get("ActionID") == f"simkcc-{action}"
        and packet.get("Response") == "Error"
        and "unknown command" in packet.get("Message")
    )


class AmiConnection(Live):
    """A live exchange."""

    def __init__(self, host: str, port: int, user: str, secret: str, options: Options) -> None:
        self.host, self.port = host, port
        self.reading = AmiReading(options)
        self.directory = self.reading.directory
        self._user, self._secret = user, secret
        self._tail = Tail(options.queue_log) if options.queue_log else None
        self._writer: asyncio.StreamWriter | None = None
        self._unknown: list[str] = []
        """Actions that the exchange did not know when it was asked."""
        if self._tail is not None and options.queue_log is not None:
            self._tail.offset = options.queue_log.stat().st_size

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        """Yield the events of one connection, until it is lost."""
        reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self.reading.connected()
        self._send("Login", Username=self._user, Secret=self._secret)
        self._send("Filter", Operation="Add", Filter=FILTER)
        for action in ASKED:
            self._send(action)
        self._unknown.clear()
        heard = beat = asked = time.monotonic()
        quiet: int | None = None
        while True:
            looked = time.time_ns() // 1000
            try:
                piece = await asyncio.wait_for(reader.read(1 << 16), LOOK)
            except TimeoutError:
                piece = None
            now = time.monotonic()
            if piece == b"" or now - heard > SILENCE:
                return
            if piece:
                heard = now
                for event in self._events_of(piece):
                    yield event
            for event in self._settled(None if piece else quiet):
                yield event
            quiet = None if piece else looked
            if now - asked > AGAIN:
                asked = now
                while self._unknown:
                    self._send(self._unknown.pop(0))
            if now - beat > BEAT:
                beat = now
                self._send("Ping")
                heartbeat = Message(neutral.HEARTBEAT, time.time_ns() // 1000)
                for event in self.reading.numbering.number(heartbeat):
                    yield event

    def _events_of(self, piece: bytes) -> Iterator[Event]:
        received = time.time_ns() // 1000
        for packet in self.reading.wire.feed(piece):
            if packet.get("Response") == "Error" and packet.get("ActionID") == "simkcc-Login":
                raise RefusedError(
                    f"asterisk://{self._user}@{self.host}:{self.port}: the exchange refuses the "
                    "login; look at the user's section in manager.conf"
                )
            self._unknown += [name for name in ASKED if is_unknown(packet, name)]
            yield from self.reading.number(self.reading.ami.read(packet, received))

    def _settled(self, quiet: int | None) -> Iterator[Event]:
        """Yield what became certain with time, and what the queue_log adds.

        quiet: until when all that came was read, in microseconds since 1970: the start of the look before one
        that found nothing. On a busy machine what contradicts may have come and not been read yet.
        """
        ami, reasons = self.reading.ami, self.reading.reasons
        if quiet is not None:
            yield from self.reading.number(ami.tick(quiet))
        if self._tail is None or reasons is None or ami.latest is None:
            return
        for line in self._tail.lines():
            reasons.read(line)
        for message in reasons.settled(ami.began, ami.latest, ami.latest - LATE):
            yield from self.reading.numbering.number(message)

    def _send(self, action: str, **fields: str) -> None:
        assert self._writer is not None
        lines = [f"Action: {action}", f"ActionID: simkcc-{action}"]
        lines += [f"{key}: {value}" for key, value in fields.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _lost(self) -> list[Event]:
        return self.reading.number(self.reading.ami.lost())

    async def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        await hung_up(writer)
