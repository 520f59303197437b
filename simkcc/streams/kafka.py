"""Kafka as a source and a sink. What is taken is committed after it was told."""

import json
import time
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import aiokafka
from aiokafka.errors import KafkaError

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.live import Live
from simkcc.streams.named import NamedReading
from simkcc.streams.neutral import Message
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Source

HEADERS = [("content-type", b"application/cloudevents+json")]


def open_kafka(rest: str, options: Options) -> Source:
    """Open `kafka://host:port/topic[?group=NAME]`."""
    return KafkaSource(f"kafka://{rest}", options)


def _parts(address: str) -> tuple[str, str]:
    """Return the broker's address and the topic."""
    found = urlsplit(address)
    topic = found.path.strip("/") or "simkcc.events"
    if not found.netloc or "/" in topic:
        raise SettingError("kafka: the address looks like kafka://host:9092/simkcc.events")
    return found.netloc, topic


class KafkaSource(Live):
    """Events of a topic, from where this group of readers stopped."""

    losses = (OSError, KafkaError)

    def __init__(self, address: str, options: Options) -> None:
        self.server, self.topic = _parts(address)
        self.group = options.more.get("group")
        self.reading = NamedReading(options)
        self.directory = self.reading.directory

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        client: Any = aiokafka.AIOKafkaConsumer(
            self.topic, bootstrap_servers=self.server, group_id=self.group,
            enable_auto_commit=False, auto_offset_reset="earliest" if self.group else "latest",
        )  # fmt: skip
        try:
            await client.start()
            while not self._closed:
                found = await client.getmany(timeout_ms=1000, max_records=500)
                now = time.time_ns() // 1000
                for event in self.reading.tick(now):
                    yield event
                for each in (record for records in found.values() for record in records):
                    for event in self.reading.body(each.value or b"", now):
                        yield event
                if found and self.group:
                    await client.commit()
        finally:
            await client.stop()

    def _lost(self) -> list[Event]:
        return self.reading.number([Message(neutral.GAP, time.time_ns() // 1000, reason="broker")])


class KafkaSink(Sink):
    """Publishes to a topic, each call to one partition, so that its order is kept."""

    def __init__(self, address: str) -> None:
        self.server, self.topic = _parts(address)
        self._client: Any = None

    async def write(self, batch: list[Wrapped]) -> None:
        """Publish, and wait until all replicas have them."""
        try:
            if self._client is None:
                self._client = aiokafka.AIOKafkaProducer(bootstrap_servers=self.server, acks="all")
                await self._client.start()
            for each in batch:
                key = str(each.get("partitionkey", "")).encode() or None
                await self._client.send(self.topic, json.dumps(each).encode(), key, headers=HEADERS)
            await self._client.flush()
        except (OSError, KafkaError):
            await self.close()
            raise Unreachable from None

    async def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            await client.stop()
