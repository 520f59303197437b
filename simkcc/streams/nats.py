"""NATS JetStream as a source and a sink. What is taken is acknowledged when it is safe."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import nats.aio.client
from nats.errors import Error, NoRespondersError, NoServersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import BadRequestError, NotFoundError

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.broker import broker_at, distrusted
from simkcc.streams.brokered import Brokered
from simkcc.streams.live import RefusedError
from simkcc.streams.named import NamedReading
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Source
from simkcc.streams.subjects import WILD, collide, covers

FETCH = 200
LOOK_S = 5.0
"""Seconds after which this reader looks whether all is well, and whether there are new streams."""

KEPT_S = 24 * 3600
"""Seconds the stream keeps events, if it is made here."""

OVERLAPS = 10065
"""What JetStream answers when another stream holds the subject."""

PORT, SUBJECT = 4222, "simkcc.events"

REFUSED = re.compile("uthoriz|uthentic")


def open_nats(rest: str, options: Options) -> Source:
    """Open `nats://[user:secret@]host[:port]/subject[?durable=NAME]`."""
    return NatsSource(f"nats://{rest}", options)


def open_nats_tls(rest: str, options: Options) -> Source:
    """Open `nats+tls://…`."""
    return NatsSource(f"nats+tls://{rest}", options)


class Client:
    """How to reach a server and a subject of it."""

    def __init__(self, address: str, more: Mapping[str, str], many: bool = False) -> None:
        """many: whether the subject may stand for more than one."""
        self.broker = broker_at(address, more, PORT, SUBJECT)
        self.subject = self.broker.topic
        if set(" /") & set(self.subject) or (WILD & set(self.subject) and not many):
            raise SettingError(f"nats: the address looks like nats://host:{PORT}/{SUBJECT}")

    async def connect(self) -> tuple[Any, Any]:
        """Return a connection and its JetStream; the stream is made if there is none."""
        broker, seen = self.broker, list[Exception]()

        async def note(error: Exception) -> None:
            seen.append(error)

        login: dict[str, Any] = {"user": broker.user, "password": broker.secret}
        client = nats.aio.client.Client()
        try:
            await client.connect(
                f"{'nats' if broker.tls is None else 'tls'}://{broker.hosts}",
                allow_reconnect=False, connect_timeout=5, error_cb=note, max_reconnect_attempts=1,
                tls=broker.tls, **(login if broker.user else {}),
            )  # fmt: skip
        except (OSError, Error) as error:
            self._refused([error, *seen])
            raise
        jet = client.jetstream()
        try:
            await jet.find_stream_name_by_subject(self.subject)
        except NotFoundError:
            name = self.subject.replace(".", "-").replace("*", "each").replace(">", "all")
            try:
                await jet.add_stream(name=name, subjects=[self.subject], max_age=KEPT_S)
            except BadRequestError as error:
                if error.err_code != OVERLAPS:
                    raise  # else somebody made one a moment before us
        return client, jet

    async def filters(self, jet: Any) -> dict[str, str]:
        """Return the streams that hold the subject, and what to ask each for: empty is all.

        Towns that came before the board of them all have each a stream of its own; then no
        stream can be made that holds them all, and the next town makes its own too.
        """
        if not WILD & set(self.subject):
            return {await jet.find_stream_name_by_subject(self.subject): self.subject}
        held = {each.config.name: each.config.subjects or [] for each in await jet.streams_info()}
        found = {
            name: "" if all(covers(self.subject, subject) for subject in subjects) else self.subject
            for name, subjects in held.items()
            if any(collide(self.subject, subject) for subject in subjects)
        }
        if not found:
            raise NotFoundError
        return found

    def _refused(self, seen: list[Exception]) -> None:
        """Raise what coming back would not help."""
        for error in seen:
            why = distrusted(error) or (str(error) if REFUSED.search(str(error)) else "")
            if why:
                raise RefusedError(f"nats: {self.broker.host} refuses us: {why}") from None


class _Pull:
    """What one stream holds for this reader: a request is always open."""

    def __init__(self, taken: Any, heard: int) -> None:
        """heard: number of the last message that was sent to readers of this name before."""
        self._taken, self._heard, self._sent = taken, heard, heard
        self.task = asyncio.ensure_future(_batch(taken))

    def take(self) -> list[Any]:
        """Return what came, if anything did, and ask for more."""
        if not self.task.done():
            return []
        found = self.task.result()
        if found:
            self._heard = found[-1].metadata.sequence.consumer
        self.task = asyncio.ensure_future(_batch(self._taken))
        return found

    async def check(self) -> None:
        """Raise an error if we are no longer known there, or do not hear what is sent to us.

        Debian's server (2.9) was seen, once in thousands, to fill an inbox that never gets anything.
        """
        if self._sent > self._heard:
            raise ConnectionError("what was sent by the last look has not come")
        self._sent = (await self._taken.consumer_info()).delivered.consumer_seq


class _Pulls:
    """What all streams of a subject hold."""

    def __init__(self, jet: Any, at: Client, durable: str | None) -> None:
        self._jet, self._at, self._durable = jet, at, durable
        self._of: dict[str, _Pull] = {}
        self._looked = -LOOK_S

    async def next(self) -> list[Any]:
        """Return what came, of any stream; nothing after a second."""
        if time.monotonic() - self._looked >= LOOK_S:
            self._looked = time.monotonic()
            await self._look()
        waiting = [pull.task for pull in self._of.values()]
        await asyncio.wait(waiting, timeout=1, return_when=asyncio.FIRST_COMPLETED)
        return [each for pull in self._of.values() for each in pull.take()]

    async def _begin(self, stream: str, subject: str, durable: str) -> None:
        """Have what was taken and not acknowledged given again first, in its order.

        By itself the server does so after half a minute, behind what came meanwhile.
        """
        try:
            found = await self._jet.consumer_info(stream, durable)
        except NotFoundError:
            return
        if not found.num_ack_pending:
            return
        await self._jet.delete_consumer(stream, durable)
        first = ConsumerConfig(
            durable_name=durable, filter_subject=subject or None, ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=found.ack_floor.stream_seq + 1,
        )  # fmt: skip
        await self._jet.add_consumer(stream, first)

    async def stop(self) -> None:
        """Ask for nothing more."""
        for pull in self._of.values():
            pull.task.cancel()
        await asyncio.gather(*(pull.task for pull in self._of.values()), return_exceptions=True)

    async def _look(self) -> None:
        """See whether all is well, and whether there are new streams."""
        for pull in self._of.values():
            await pull.check()
        for name, subject in (await self._at.filters(self._jet)).items():
            if name not in self._of:
                if self._durable is not None:
                    await self._begin(name, subject, self._durable)
                taken = await self._jet.pull_subscribe(subject, self._durable, name)
                told = await taken.consumer_info()
                self._of[name] = _Pull(taken, told.delivered.consumer_seq)


async def _batch(taken: Any) -> list[Any]:
    """Return what comes next, with what already stands behind it; nothing after a second."""
    found: list[Any] = []
    with suppress(NatsTimeoutError):
        found += await taken.fetch(1, timeout=1)
        behind = found[0].metadata.num_pending
        if behind:
            found += await taken.fetch(min(behind, FETCH), timeout=1)
    return found


class NatsSource(Brokered):
    """Events of a subject, from where this reader stopped if it has a durable name."""

    losses = (OSError, Error)

    def __init__(self, address: str, options: Options) -> None:
        self.at = Client(address, options.more, many=True)
        self.subject = self.at.subject
        self.durable = options.more.get("durable")
        reading = NamedReading(options, apart=bool(WILD & set(self.subject)))
        super().__init__(reading, resumes=self.durable is not None)
        self._client: Any = None

    async def _connection(self) -> AsyncGenerator[Event, None]:
        self._client, jet = await self.at.connect()
        pulls = _Pulls(jet, self.at, self.durable)
        try:
            while not self._closed and self._client.is_connected:
                batches = await pulls.next()
                now = time.time_ns() // 1000
                for event in self._passed(now):
                    yield event
                self.receipts.handed_over()
                for each in batches:
                    for event in self.reading.body(each.data, now, each):
                        yield event
                    self.receipts.handed_over()
                    await self._acknowledge()
                await self._acknowledge()
        finally:
            await pulls.stop()

    async def _acknowledge(self) -> None:
        done = self.receipts.done
        while done:
            await done.popleft().ack()

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            with suppress(OSError, Error):
                await self._acknowledge()
            await client.close()


class NatsSink(Sink):
    """Publishes to a subject. JetStream itself drops an id that comes twice within two minutes."""

    def __init__(self, address: str) -> None:
        self.at = Client(address, {})
        self._client: Any = None
        self._stream: Any = None

    async def write(self, batch: list[Wrapped]) -> None:
        """Publish, and wait until the stream has them."""
        try:
            if self._client is None or not self._client.is_connected:
                await self.close()
                self._client, self._stream = await self.at.connect()
            for each in batch:
                headers = {
                    "Nats-Msg-Id": str(each["id"]),
                    "content-type": "application/cloudevents+json",
                }
                await self._stream.publish(
                    self.at.subject, json.dumps(each).encode(), headers=headers
                )
        except (OSError, Error, NoServersError, NoRespondersError):
            raise Unreachable from None

    async def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            await client.close()
