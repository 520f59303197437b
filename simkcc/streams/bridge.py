"""A bridge: events of any source, passed on to any sink, in batches, again until they are there."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simkcc.model.cloudevents import Envelope, to_json
from simkcc.model.events import Event
from simkcc.streams.named import to_cloudevent
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.receipts import Receipts
from simkcc.streams.sink import Sink, Unreachable, Wrapped
from simkcc.streams.source import Options, Recording, Source, open_source

MOST = 500
"""Events of one batch."""

SOON = 0.2
"""Seconds an event waits for others to travel with."""

LAST = 3.0
"""Seconds without an event after which a source has told what it had taken, when the bridge is asked to stop.

A recording, which can be read again, gets them in all.
"""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


def open_bridge(address: str, sink: Callable[[], Sink], name: str, options: Options) -> "Bridge":
    """Return a bridge from an address. The sink is opened last: a mistake before leaves nothing behind."""
    heard: list[Message] = []
    options.heard = heard.append
    source = open_source(address, options)
    return Bridge(source, sink(), name, heard, options.pseudonyms)


@dataclass
class Status:
    """How far a bridge is."""

    passed: int = 0
    behind: int = 0
    failures: int = 0
    """Attempts to write that failed."""
    latest: float | None = None
    """When the last batch arrived, in seconds since 1970."""


@dataclass
class Bridge:
    """Reads and writes by turns: while the sink cannot be reached, nothing more is read."""

    source: Source
    sink: Sink
    name: str
    """URI of who tells the events."""
    heard: list[Message]
    """What the source says by name, until it is passed on: whoever opened it made it listen here."""
    pseudonyms: Pseudonyms
    status: Status = field(default_factory=Status)
    shown: Callable[[Status, Source], None] = lambda status, source: None
    first_pause: float = FIRST_PAUSE
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Pass on until the source ends or somebody sets `stopping`."""
        events = aiter(self.source)
        receipts, taken = self.source.receipts or Receipts(), 0
        receipts.wanted = True
        batch: list[Event] = []
        coming: Any = asyncio.ensure_future(anext(events, None))
        stop = asyncio.ensure_future(self.stopping.wait())
        over, closing = False, None
        since = last = time.monotonic()
        try:
            while not over:
                waits = {coming} if closing else {coming, stop}
                await asyncio.wait(waits, timeout=SOON, return_when="FIRST_COMPLETED")
                if coming.done():
                    event = coming.result()
                    over = event is None
                    if event is not None:
                        batch.append(event)
                        taken += 1
                        coming = asyncio.ensure_future(anext(events, None))
                        if not isinstance(self.source, Recording):
                            last = time.monotonic()
                if stop.done() and closing is None:
                    closing, last = asyncio.ensure_future(self.source.close()), time.monotonic()
                over = over or (closing is not None and time.monotonic() - last > LAST)
                due = time.monotonic() - since > SOON or len(batch) >= MOST
                if due or over:
                    written, told = receipts.until(taken), self._wrapped(batch)
                    if await self._write(told):
                        receipts.settle(written)
                    batch, since = [], time.monotonic() if told else since
                self.shown(self.status, self.source)
        finally:
            for task in (coming, stop):
                task.cancel()
            await asyncio.gather(coming, stop, return_exceptions=True)
            await (closing or self.source.close())
            await self.sink.close()

    def _wrapped(self, batch: list[Event]) -> list[Wrapped]:
        heard = self.heard[:]
        self.heard.clear()
        if not self.sink.numbered:
            return [to_cloudevent(message, self.name, self.pseudonyms) for message in heard]
        names = self.source.directory
        envelope = Envelope(self.name, "live", names.first_date, names.zone, queues=names.queues)
        return [to_json(event, envelope) for event in batch]

    async def _write(self, batch: list[Wrapped]) -> bool:
        """Write until it is there, or until somebody wants to stop; return whether it is there."""
        pause, self.status.behind = self.first_pause, len(batch)
        for start in range(0, len(batch), MOST):
            some, failures = batch[start : start + MOST], 0
            while True:
                try:
                    await self.sink.write(some)
                    break
                except Unreachable:
                    self.status.failures += 1
                    failures += 1
                    self.shown(self.status, self.source)
                    if self.stopping.is_set() and failures > 3:
                        return False
                    await asyncio.sleep(pause * (0.5 + random.random() / 2))
                    pause = min(2 * pause, LONGEST_PAUSE)
            self.status.passed += len(some)
            self.status.behind -= len(some)
            self.status.latest = time.time()
        return True
