"""Sources that are called: an exchange hands over what happened by HTTP. No server stands in here.

Whoever serves HTTP passes each request to `receive`, which answers at once; the events follow.
"""

import asyncio
import re
import sys
import time
from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.bytefile import lines_of
from simkcc.streams.neutral import Message
from simkcc.streams.reading import Mixed
from simkcc.streams.source import Options, Recording, Source

ADDRESS = re.compile(r"(?P<host>[^:/]+):(?P<port>\d{1,5})(?P<path>/[^?#]*)?")
LONGEST = 1 << 22
"""Bytes of one body."""

FULL = 1_000
"""Requests that may wait to be passed on; beyond that the exchange is asked to come back."""


@dataclass(frozen=True)
class Request:
    """What somebody sent."""

    url: str
    """As it was asked for here, with what follows the question mark."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    method: str = "POST"


@dataclass(frozen=True)
class Answer:
    """What it gets: any status but 2xx makes it try again."""

    status: int
    text: str = ""


class Hook(Source):
    """A source that listens for requests."""

    def __init__(self, host: str, port: int, path: str, reading: "Bodies") -> None:
        self.host, self.port, self.path = host, port, path
        self.reading = reading
        self.directory = reading.directory
        self._requests: asyncio.Queue[bytes | None] = asyncio.Queue(FULL)
        self._closed = False

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    def receive(self, request: Request) -> Answer:
        """Take a request; the answer goes back at once."""
        answer = self.judge(request)
        if answer is not None:
            if not 200 <= answer.status < 300:
                self.reading.counts["refused"] += 1
            return answer
        if len(request.body) > LONGEST:
            self.reading.counts["refused"] += 1
            return Answer(413)
        if self._closed:  # nobody would read it; who asks may ask again
            return Answer(503)
        try:
            self._requests.put_nowait(request.body)
        except asyncio.QueueFull:
            return Answer(503)
        return Answer(204)

    @abstractmethod
    def judge(self, request: Request) -> Answer | None:
        """Return the answer to a request that holds nothing, or is not to be believed; else None."""

    async def bodies(self) -> AsyncIterator[bytes]:
        """Yield the body of each request until closed, an empty one after a second of silence."""
        while True:
            try:
                body = await asyncio.wait_for(self._requests.get(), 1.0)
            except TimeoutError:
                body = b""
            if body is None:
                return
            yield body

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events until closed."""
        async for body in self.bodies():
            now = time.time_ns() // 1000
            for event in self.reading.body(body, now) if body else self.reading.alive(now):
                yield event
        for event in self.reading.finish():
            yield event

    async def close(self) -> None:
        """Take what has come, and no more."""
        self._closed = True
        await self._requests.put(None)


BEAT = 20 * 1_000_000
"""Microseconds between signs of life of a source that is reached, whether there are calls or not."""


class Bodies(Mixed):
    """A reading of bodies of JSON."""

    _beat = 0

    def alive(self, now: int) -> list[Event]:
        """Return what has waited long enough, and now and then a sign of life: somebody listens."""
        events = self.tick(now)
        self._beat = self._beat or now
        if now - self._beat >= BEAT:
            self._beat = now
            events += self.number([Message(neutral.HEARTBEAT, now)])
        return events

    @abstractmethod
    def body(self, text: bytes, received: int) -> list[Event]:
        """Return the events of a body. received: microseconds since 1970."""


class BodyFile(Recording):
    """Bodies that were written down, one per line; `-` is what comes in by the pipe."""

    def __init__(self, rest: str, reading: Bodies) -> None:
        path = Path(rest)
        self.piped = rest == "-"
        if not self.piped and not path.is_file():
            raise SettingError(f"{path}: there is no such file")
        self.reading = reading
        self.directory = reading.directory
        self.size = 0 if self.piped else path.stat().st_size
        self._lines = iter(sys.stdin.buffer) if self.piped else lines_of(path)

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    def read(self) -> Iterator[Event]:
        """Yield all events. Of a file time is what the messages say: nobody waits."""
        for line in self._lines:
            self.done += len(line) + 1
            if line.strip():
                now = time.time_ns() // 1000 if self.piped else 0
                yield from self.reading.body(line, now)
        yield from self.reading.finish()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield all events; waiting for a pipe stops nobody else."""
        if not self.piped:
            async for event in super().__aiter__():
                yield event
            return
        events = self.read()
        while (told := await asyncio.to_thread(next, events, None)) is not None:
            yield told


def address_of(rest: str, scheme: str) -> tuple[str, int, str]:
    """Return host, port and path to listen at."""
    found = ADDRESS.fullmatch(rest)
    if not found:
        raise SettingError(f"{scheme}: the address looks like {scheme}://127.0.0.1:8085/{scheme}")
    return found["host"], int(found["port"]), found["path"] or f"/{scheme}"


def secret_of(options: Options, name: str, scheme: str) -> bytes:
    """Return a secret kept in a file: never in the address, which others may see."""
    path = options.more.get(name)
    if not path:
        raise SettingError(f"{scheme}: give {name}=FILE behind the question mark of the address")
    try:
        secret = Path(path).read_bytes().strip()
    except OSError as error:
        raise SettingError(f"{scheme}: cannot read {name} {path} ({error.strerror})") from None
    if not secret:
        raise SettingError(f"{scheme}: {name} {path} is empty")
    return secret


def recorded(make: Callable[[Options], Bodies]) -> Callable[[str, Options], Recording]:
    """Return what opens files of bodies that `make` can read."""

    def opens(rest: str, options: Options) -> Recording:
        return BodyFile(rest, make(options))

    return opens
