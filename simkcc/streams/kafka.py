"""Kafka as a source and a sink. What is taken is committed when it is safe."""

import json
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiokafka
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.broker import broker_at, distrusted
from simkcc.streams.brokered import Brokered
from simkcc.streams.live import RefusedError
from simkcc.streams.named import NamedReading
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Source

HEADERS = [("content-type", b"application/cloudevents+json")]


def open_kafka(rest: str, options: Options) -> Source:
    """Open `kafka://[user:secret@]host:port[,host:port…]/topic[?group=NAME]`."""
    return KafkaSource(f"kafka://{rest}", options)


def open_kafka_tls(rest: str, options: Options) -> Source:
    """Open `kafka+tls://…`."""
    return KafkaSource(f"kafka+tls://{rest}", options)


REFUSED = (
    AuthenticationFailedError, AuthenticationMethodNotSupported, SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)  # fmt: skip

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
"""Ways to show who we are, of those the client knows the ones with a name and a secret."""


def _parts(address: str, more: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Return how to connect, and the topic."""
    broker = broker_at(address, more, 9092, "simkcc.events", several=True)
    if "/" in broker.topic:
        raise SettingError("kafka: the address looks like kafka://host:9092/simkcc.events")
    mechanism = (dict(parse_qsl(urlsplit(address).query)) | dict(more)).get("mechanism", "PLAIN")
    if mechanism not in MECHANISMS:
        raise SettingError(f"kafka: mechanism={mechanism} is not one of {', '.join(MECHANISMS)}")
    how: dict[str, Any] = {
        "bootstrap_servers": broker.hosts,
        "security_protocol": f"{'SASL_' if broker.user else ''}{'SSL' if broker.tls else 'PLAINTEXT'}",
    }
    if broker.tls is not None:
        how["ssl_context"] = broker.tls
    if broker.user:
        how |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": broker.user,
            "sasl_plain_password": broker.secret,
        }
    return how, broker.topic


async def _started(client: Any) -> None:
    """Connect; what coming back would not help is one sentence."""
    try:
        await client.start()
    except (OSError, KafkaError) as error:
        why = distrusted(error) or (str(error) if isinstance(error, REFUSED) else "")
        if why:
            raise RefusedError(f"kafka: refuses us: {why}") from None
        raise


class KafkaSource(Brokered):
    """Events of a topic, from where this group of readers stopped."""

    losses = (OSError, KafkaError)

    def __init__(self, address: str, options: Options) -> None:
        self._how, self.topic = _parts(address, options.more)
        self.group = options.more.get("group")
        super().__init__(NamedReading(options), resumes=self.group is not None)

    async def _connection(self) -> AsyncGenerator[Event, None]:
        client: Any = aiokafka.AIOKafkaConsumer(
            self.topic, group_id=self.group, enable_auto_commit=False,
            auto_offset_reset="earliest" if self.group else "latest", **self._how,
        )  # fmt: skip
        try:
            await _started(client)
            while not self._closed:
                found = await client.getmany(timeout_ms=1000, max_records=500)
                now = time.time_ns() // 1000
                for event in self._passed(now):
                    yield event
                for place, records in found.items():
                    for each in records:
                        of = place, each.offset
                        for event in self.reading.body(each.value or b"", now, of):
                            yield event
                        self.receipts.handed_over()
                self.receipts.handed_over()
                await self._commit(client)
        finally:
            await client.stop()

    async def _commit(self, client: Any) -> None:
        """Say how far it is safe: up to the first in each partition that is not."""
        places: dict[Any, int] = {}
        done = self.receipts.done
        while done:
            place, offset = done.popleft()
            places[place] = max(places.get(place, 0), offset + 1)
        for place, offset in self.receipts.unsettled():
            if place in places:
                places[place] = min(places[place], offset)
        if places and self.group:
            await client.commit(places)


class KafkaSink(Sink):
    """Publishes to a topic, each call to one partition, so that its order is kept."""

    def __init__(self, address: str) -> None:
        self._how, self.topic = _parts(address, {})
        self._client: Any = None

    async def write(self, batch: list[Wrapped]) -> None:
        """Publish, and wait until all replicas have them."""
        try:
            if self._client is None:
                self._client = aiokafka.AIOKafkaProducer(acks="all", **self._how)
                await _started(self._client)
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
