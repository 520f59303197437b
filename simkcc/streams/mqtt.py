"""MQTT as a source and a sink, at quality of service 1: at least once.

With a client name the broker keeps what comes while this reader is away. Within a reader what was
delivered is acknowledged at once: what it had in hand when it died is lost.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.live import Live, RefusedError
from simkcc.streams.named import NamedReading
from simkcc.streams.neutral import Message
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Source

PORT = 1883


def open_mqtt(rest: str, options: Options) -> Source:
    """Open `mqtt://[user:secret@]host[:port]/topic[?client=NAME]`."""
    return MqttSource(f"mqtt://{rest}", options)


def _parts(address: str, many: bool = False) -> tuple[dict[str, Any], str]:
    """Return how to connect, and the topic. many: whether `+` may stand for any one level of it."""
    found = urlsplit(address)
    topic = found.path.strip("/") or "simkcc/events"
    try:
        port = found.port or PORT
    except ValueError:
        port = 0
    if not found.hostname or not port or ("+" in topic and not many) or "#" in address:
        raise SettingError("mqtt: the address looks like mqtt://host:1883/simkcc/events")
    login = {"username": unquote(found.username or ""), "password": unquote(found.password or "")}
    return {"hostname": found.hostname, "port": port, **(login if found.username else {})}, topic


class MqttSource(Live):
    """Events of a topic."""

    losses = (OSError, aiomqtt.MqttError)

    def __init__(self, address: str, options: Options) -> None:
        self._how, self.topic = _parts(address, many=True)
        client = options.more.get("client")
        if client:
            self._how |= {"identifier": client, "clean_session": False}
        self.reading = NamedReading(options, apart="+" in self.topic)
        self.directory = self.reading.directory

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        async with self._connected() as client:
            await client.subscribe(self.topic, qos=1)
            found = aiter(client.messages)
            coming = asyncio.ensure_future(anext(found))
            try:
                while not self._closed:
                    await asyncio.wait({coming}, timeout=1)
                    now = time.time_ns() // 1000
                    for event in self.reading.tick(now):
                        yield event
                    if not coming.done():
                        continue
                    payload = coming.result().payload
                    coming = asyncio.ensure_future(anext(found))
                    for event in self.reading.body(bytes(payload or b""), now):
                        yield event
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiomqtt.Client]:
        try:
            async with aiomqtt.Client(**self._how) as client:
                yield client
        except aiomqtt.MqttError as error:
            if "uthori" in str(error) or "user name" in str(error):
                raise RefusedError(f"mqtt: {self._how['hostname']} refuses us: {error}") from None
            raise

    def _lost(self) -> list[Event]:
        return self.reading.number([Message(neutral.GAP, time.time_ns() // 1000, reason="broker")])


class MqttSink(Sink):
    """Publishes to a topic."""

    def __init__(self, address: str) -> None:
        self._how, self.topic = _parts(address)
        self._stack = AsyncExitStack()
        self._client: aiomqtt.Client | None = None

    async def write(self, batch: list[Wrapped]) -> None:
        """Publish, and wait until the broker has them."""
        try:
            if self._client is None:
                self._client = await self._stack.enter_async_context(aiomqtt.Client(**self._how))
            for each in batch:
                await self._client.publish(self.topic, json.dumps(each).encode(), qos=1)
        except (OSError, aiomqtt.MqttError):
            await self.close()
            raise Unreachable from None

    async def close(self) -> None:
        """Hang up."""
        self._client = None
        try:
            await self._stack.aclose()
        except aiomqtt.MqttError:
            return
