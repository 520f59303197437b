"""NATS JetStream as a source and a sink. What is taken is acknowledged after it was told."""

import json
import time
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import nats
from nats.errors import Error, NoRespondersError, NoServersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NotFoundError

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.live import Live, RefusedError
from simkcc.streams.named import NamedReading
from simkcc.streams.neutral import Message
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Source

FETCH = 200
KEPT_S = 24 * 3600
"""Seconds the stream keeps events, if it is made here."""


def open_nats(rest: str, options: Options) -> Source:
    """Open `nats://[user:secret@]host[:port]/subject[?durable=NAME]`."""
    return NatsSource(f"nats://{rest}", options)


WILD = frozenset("*>")
"""Signs of a subject that stands for many."""


def _parts(address: str, many: bool = False) -> tuple[str, str]:
    """Return the server's address and the subject. many: whether it may stand for more than one."""
    found = urlsplit(address)
    subject = found.path.strip("/") or "simkcc.events"
    if not found.hostname or set(" /") & set(subject) or (WILD & set(subject) and not many):
        raise SettingError("nats: the address looks like nats://host:4222/simkcc.events")
    return f"nats://{found.netloc}", subject


async def _connect(server: str, subject: str) -> tuple[Any, Any]:
    """Return a connection and its JetStream; the stream is made if there is none."""
    client = await nats.connect(
        server, allow_reconnect=False, connect_timeout=5, error_cb=_quiet, max_reconnect_attempts=1
    )
    stream = client.jetstream()
    try:
        await stream.find_stream_name_by_subject(subject)
    except NotFoundError:
        name = subject.replace(".", "-").replace("*", "each").replace(">", "all")
        await stream.add_stream(name=name, subjects=[subject], max_age=KEPT_S)
    return client, stream


async def _quiet(_: Exception) -> None:
    """Errors come out where they are waited for."""


class NatsSource(Live):
    """Events of a subject, from where this reader stopped if it has a durable name."""

    losses = (OSError, Error)

    def __init__(self, address: str, options: Options) -> None:
        self.server, self.subject = _parts(address, many=True)
        self.durable = options.more.get("durable")
        self.reading = NamedReading(options, apart=bool(WILD & set(self.subject)))
        self.directory = self.reading.directory
        self._client: Any = None

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        try:
            self._client, stream = await _connect(self.server, self.subject)
        except Error as error:
            if "uthoriz" in str(error):
                raise RefusedError(
                    f"nats: {urlsplit(self.server).hostname} refuses us: {error}"
                ) from None
            raise
        taken = await stream.pull_subscribe(self.subject, durable=self.durable)
        while not self._closed:
            try:
                found = await taken.fetch(FETCH, timeout=1)
            except NatsTimeoutError:
                found = []
            if not self._client.is_connected:
                return
            now = time.time_ns() // 1000
            for event in self.reading.tick(now):
                yield event
            for each in found:
                for event in self.reading.body(each.data, now):
                    yield event
                await each.ack()

    def _lost(self) -> list[Event]:
        return self.reading.number([Message(neutral.GAP, time.time_ns() // 1000, reason="broker")])

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            await client.close()


class NatsSink(Sink):
    """Publishes to a subject. JetStream itself drops an id that comes twice within two minutes."""

    def __init__(self, address: str) -> None:
        self.server, self.subject = _parts(address)
        self._client: Any = None
        self._stream: Any = None

    async def write(self, batch: list[Wrapped]) -> None:
        """Publish, and wait until the stream has them."""
        try:
            if self._client is None or not self._client.is_connected:
                await self.close()
                self._client, self._stream = await _connect(self.server, self.subject)
            for each in batch:
                headers = {
                    "Nats-Msg-Id": str(each["id"]),
                    "content-type": "application/cloudevents+json",
                }
                await self._stream.publish(self.subject, json.dumps(each).encode(), headers=headers)
        except (OSError, Error, NoServersError, NoRespondersError):
            raise Unreachable from None

    async def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            await client.close()
