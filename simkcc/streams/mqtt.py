"""MQTT as a source and a sink, at quality of service 1: at least once.

With a client name the broker keeps what comes while this reader is away. What is taken is
acknowledged when it is safe.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiomqtt

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.broker import broker_at, distrusted
from simkcc.streams.brokered import Brokered
from simkcc.streams.live import RefusedError
from simkcc.streams.named import NamedReading
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


class MqttSource(Brokered):
    """Events of a topic."""

    losses = (OSError, aiomqtt.MqttError)

    def __init__(self, address: str, options: Options) -> None:
        self._how, self.topic = _parts(address, options.more, many=True)
        client = options.more.get("client")
        if client:
            self._how |= {"identifier": client, "clean_session": False}
        reading = NamedReading(options, apart="+" in self.topic)
        super().__init__(reading, resumes=bool(client))

    async def _connection(self) -> AsyncGenerator[Event, None]:
        async with _admitted(self._client(), self._how["hostname"]) as client:
            await client.subscribe(self.topic, qos=1)
            found = aiter(client.messages)
            coming = asyncio.ensure_future(anext(found))
            try:
                while not self._closed:
                    await self._either(coming)
                    now = time.time_ns() // 1000
                    for event in self._passed(now):
                        yield event
                    self.receipts.handed_over()
                    if coming.done():
                        each = coming.result()
                        coming = asyncio.ensure_future(anext(found))
                        for event in self.reading.body(bytes(each.payload or b""), now, each):
                            yield event
                        self.receipts.handed_over()
                    self._acknowledge(client)
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def _either(self, coming: asyncio.Future[Any]) -> None:
        """Wait for the next message, or for something to give back, at most a second."""
        news = asyncio.ensure_future(self.receipts.news.wait())
        await asyncio.wait({coming, news}, timeout=1, return_when="FIRST_COMPLETED")
        news.cancel()
        self.receipts.news.clear()

    def _acknowledge(self, client: aiomqtt.Client) -> None:
        done = self.receipts.done
        while done:
            each = done.popleft()
            client._client.ack(each.mid, each.qos)

    def _client(self) -> aiomqtt.Client:
        """Return a client that acknowledges when it is told to: its own way is to do so at once."""
        client = aiomqtt.Client(**self._how)
        client._client.manual_ack_set(True)
        return client


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
