"""MQTT as a source and a sink, at quality of service 1: at least once.

With a client name the broker keeps what comes while this reader is away. What is taken is
acknowledged after it was told.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiomqtt

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.broker import broker_at, distrusted
from simkcc.streams.live import Live, RefusedError
from simkcc.streams.named import NamedReading
from simkcc.streams.neutral import Message
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Source

PORT, SAFE_PORT = 1883, 8883


def open_mqtt(rest: str, options: Options) -> Source:
    """Open `mqtt://[user:secret@]host[:port]/topic[?client=NAME]`."""
    return MqttSource(f"mqtt://{rest}", options)


def open_mqtts(rest: str, options: Options) -> Source:
    """Open `mqtts://…`."""
    return MqttSource(f"mqtts://{rest}", options)


def _parts(address: str, more: Mapping[str, str], many: bool = False) -> tuple[dict[str, Any], str]:
    """Return how to connect, and the topic. many: whether `+` may stand for any one level of it."""
    port = SAFE_PORT if address.startswith("mqtts:") else PORT
    broker = broker_at(address, more, port, "simkcc/events")
    if "+" in broker.topic and not many:
        raise SettingError("mqtt: one topic is written to; `+` stands for many")
    login = {"username": broker.user, "password": broker.secret} if broker.user else {}
    how = {"hostname": broker.host, "port": broker.port, "tls_context": broker.tls}
    return how | login, broker.topic


REFUSED = re.compile("uthori|user name")


@asynccontextmanager
async def _admitted(client: aiomqtt.Client, host: str) -> AsyncIterator[aiomqtt.Client]:
    """Connect; what coming back would not help is one sentence."""
    try:
        async with client:
            yield client
    except aiomqtt.MqttError as error:
        why = distrusted(error) or (str(error) if REFUSED.search(str(error)) else "")
        if why:
            raise RefusedError(f"mqtt: {host} refuses us: {why}") from None
        raise


class MqttSource(Live):
    """Events of a topic."""

    losses = (OSError, aiomqtt.MqttError)

    def __init__(self, address: str, options: Options) -> None:
        self._how, self.topic = _parts(address, options.more, many=True)
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
        async with _admitted(self._client(), self._how["hostname"]) as client:
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
                    each = coming.result()
                    coming = asyncio.ensure_future(anext(found))
                    for event in self.reading.body(bytes(each.payload or b""), now):
                        yield event
                    client._client.ack(each.mid, each.qos)
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    def _client(self) -> aiomqtt.Client:
        """Return a client that acknowledges when it is told to: its own way is to do so at once."""
        client = aiomqtt.Client(**self._how)
        client._client.manual_ack_set(True)
        return client

    def _lost(self) -> list[Event]:
        return self.reading.number([Message(neutral.GAP, time.time_ns() // 1000, reason="broker")])


class MqttSink(Sink):
    """Publishes to a topic."""

    def __init__(self, address: str) -> None:
        self._how, self.topic = _parts(address, {})
        self._stack = AsyncExitStack()
        self._client: aiomqtt.Client | None = None

    async def write(self, batch: list[Wrapped]) -> None:
        """Publish, and wait until the broker has them."""
        try:
            if self._client is None:
                client = aiomqtt.Client(**self._how)
                self._client = await self._stack.enter_async_context(
                    _admitted(client, self._how["hostname"])
                )
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
