"""FreeSWITCH as a source: recorded bytes of its event socket, or a connection that comes back."""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from urllib.parse import unquote

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.bytefile import pieces_of
from simkcc.streams.callcenter import Fields
from simkcc.streams.callcenter_lists import ListedCenter
from simkcc.streams.esl_wire import EslWire, Frame, rows_of
from simkcc.streams.live import Live, RefusedError, hung_up
from simkcc.streams.source import Options, Recording, Source

PORT = 8021
ADDRESS = re.compile(
    r"((?P<user>[^:@/]*):)?((?P<secret>[^@/]*)@)?(?P<host>[^:/@]+)(:(?P<port>\d{1,5}))?/?"
)

EVENTS = "event plain HEARTBEAT CHANNEL_HOLD CHANNEL_UNHOLD CUSTOM callcenter::info"
"""What is asked for. Its HEARTBEAT comes every 20 seconds, whether there are calls or not."""

SILENCE = 65.0
"""Seconds without a byte after which a connection is given up: three heartbeats."""

EVERY_EVENT = "event plain ALL"
"""What is asked for with `all=yes`: then a jump in Event-Sequence is a loss."""

LISTS = ("callcenter_config agent list", "callcenter_config queue list")


def open_live(rest: str, options: Options) -> Source:
    """Open `freeswitch://:secret@host[:port]`; with a user, log in as `user@domain`."""
    found = ADDRESS.fullmatch(rest)
    if not found or not found["secret"]:
        raise SettingError(
            "freeswitch: the address looks like freeswitch://:secret@host:8021, with the password "
            "of event_socket.conf.xml"
        )
    return EslConnection(
        found["host"], int(found["port"] or PORT), unquote(found["user"] or ""),
        unquote(found["secret"]), options,
    )  # fmt: skip


def open_recording(rest: str, options: Options) -> Recording:
    """Open `freeswitch+file:PATH[,PATH…]`: each further file is the connection after a gap."""
    paths = [Path(part) for part in rest.split(",") if part]
    for path in paths:
        if not path.is_file():
            raise SettingError(f"freeswitch+file:{rest}: there is no file {path}")
    if not paths:
        raise SettingError("freeswitch+file: needs a path, as in freeswitch+file:recorded.esl")
    return EslRecording(paths, options)


class EslReading(ListedCenter):
    """Bytes to events."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.wire = EslWire(numbers=options.repeats)
        self._wrap_up_given = bool(options.wrap_up)
        self._rows: list[Fields] = []

    def connected(self) -> None:
        """Begin a new connection: bytes of the one before may have been cut anywhere."""
        super().connected()
        self.wire.restart()
        self._rows = []

    def event(self, frame: Frame, received: int | None = None) -> list[Event]:
        """Return the events of a frame that holds one."""
        told = self.wire.event_of(frame.body)
        if not told:
            self.wire.counts["malformed"] += 1
            return []
        return self.told(told, received)

    def agents(self, body: bytes, now: int) -> list[Event]:
        """Return what the list of agents tells; it also says how long after-call work may last."""
        rows = rows_of(body)
        times = Counter(row.get("wrap_up_time", "") for row in rows if row.get("wrap_up_time"))
        usual = times.most_common(1)[0][0] if times else ""
        if usual.isdigit() and len(usual) < 5 and not self._wrap_up_given:
            self.numbering.wrap_up = int(usual)
        return self.agents_listed(rows, now)

    def members(self, body: bytes, last: bool, now: int) -> list[Event]:
        """Take the list of one queue; return what the lists of all tell when it is the last."""
        self._rows += rows_of(body)
        if not last:
            return []
        rows, self._rows = self._rows, []
        return self.members_listed(rows, now)

    @property
    def troubles(self) -> Counter[str]:
        """Return what could not be read or used, by kind."""
        found = super().troubles
        found["malformed"] += self.wire.counts["malformed"]
        return +found


class EslRecording(Recording):
    """Recorded bytes of one or more connections, to their end."""

    def __init__(self, paths: list[Path], options: Options) -> None:
        self.paths = paths
        self.reading = EslReading(options)
        self.directory = self.reading.directory
        self.size = sum(path.stat().st_size for path in paths)

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    def read(self) -> Iterator[Event]:
        """Yield all events."""
        for number, path in enumerate(self.paths):
            if number:
                yield from self.reading.lost()
            self.reading.connected()
            for piece in pieces_of(path):
                self.done += len(piece)
                for frame in self.reading.wire.feed(piece):
                    if frame.kind == "text/event-plain":
                        yield from self.reading.event(frame)
        yield from self.reading.finish()


class EslConnection(Live):
    """A live exchange: log in, ask for the lists, listen."""

    def __init__(self, host: str, port: int, user: str, secret: str, options: Options) -> None:
        self.host, self.port = host, port
        self.reading = EslReading(options)
        self.directory = self.reading.directory
        self._user, self._secret = user, secret
        self._writer: asyncio.StreamWriter | None = None
        self._asked: deque[str] = deque()
        self._events = EVERY_EVENT if "all" in options.more else EVENTS

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self.reading.connected()
        self._asked.clear()
        heard = time.monotonic()
        while True:
            try:
                piece = await asyncio.wait_for(reader.read(1 << 16), 1.0)
            except TimeoutError:
                piece = None
            if piece == b"" or time.monotonic() - heard > SILENCE:
                return
            heard = time.monotonic() if piece else heard
            for frame in self.reading.wire.feed(piece or b""):
                for event in self._answer(frame):
                    yield event
            for event in self.reading.tick(time.time_ns() // 1000):
                yield event
            await self._writer.drain()

    def _lost(self) -> list[Event]:
        return self.reading.lost()

    def _answer(self, frame: Frame) -> list[Event]:
        """Do what a frame asks for; return the events it tells."""
        now = time.time_ns() // 1000
        if frame.kind == "text/event-plain":
            return self._told(frame, now)
        if frame.kind == "auth/request":
            login = f"userauth {self._user}:" if self._user else "auth "
            self._send("auth", login + self._secret)
        elif frame.kind == "command/reply":
            self._replied(frame)
        elif frame.kind == "api/response" and self._asked:
            return self._listed(self._asked.popleft(), frame.body, now)
        elif frame.kind == "text/rude-rejection":
            raise self._refused("its access list (apply-inbound-acl) does not allow this machine")
        elif frame.kind == "text/disconnect-notice":
            raise EOFError
        return []

    def _told(self, frame: Frame, now: int) -> list[Event]:
        """Return what an event tells; if it shows that some were lost, ask for the lists again."""
        skipped = self.reading.skipped
        events = self.reading.event(frame, now)
        if self.reading.skipped > skipped:
            self.reading.connection += 1
            self._ask_lists()
        return events

    def _ask_lists(self) -> None:
        for command in LISTS:
            self._send(command, f"api {command}")

    def _replied(self, frame: Frame) -> None:
        asked = self._asked.popleft() if self._asked else ""
        accepted = frame.reply.startswith("+OK")
        if asked == "auth" and not accepted:
            raise self._refused("look at the password in event_socket.conf.xml")
        if asked == "auth":
            self._send("events", self._events)
        elif asked == "events" and not accepted:
            raise self._refused(f"it does not grant {self._events!r}; is mod_callcenter loaded?")
        elif asked == "events":
            self._ask_lists()

    def _listed(self, asked: str, body: bytes, now: int) -> list[Event]:
        if asked == LISTS[0]:
            return self.reading.agents(body, now)
        if asked == LISTS[1]:
            names = [row["name"] for row in rows_of(body) if row.get("name")]
            if not names:
                return self.reading.members(b"", True, now)
            for name in names:
                command = f"callcenter_config queue list members {name}"
                self._send(command, f"api {command}")
            return []
        return self.reading.members(body, not self._asked, now)

    def _refused(self, why: str) -> RefusedError:
        return RefusedError(f"freeswitch://{self.host}:{self.port}: the exchange refuses: {why}")

    def _send(self, what: str, line: str) -> None:
        assert self._writer is not None
        self._asked.append(what)
        self._writer.write(line.encode() + b"\n\n")

    async def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        await hung_up(writer)
