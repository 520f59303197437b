"""The hub: events from a source are kept, then shown; one frame for all viewers."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from simkcc.dashboard.board import Board
from simkcc.model.events import Event

LOG = logging.getLogger("simkcc.wallboard")

COALESCE = 0.05
"""Seconds an event waits for others, so that a burst makes one frame."""

REST = 4.0
"""After a frame the hub rests this many times as long as the frame took."""

BEAT = 1.0
"""Seconds after which a frame is sent although nothing happened."""

SILENT = 60.0
"""Seconds after which a live source that says nothing counts as lost."""

AGAIN = 1.0
"""Seconds after which events that could not be kept are tried again."""

MOST_PENDING = 50_000
"""Events read ahead of the store; then the source waits."""

Keep = Callable[[list[Event]], Awaitable[None]]

Batch = tuple[list[Event], asyncio.Future[None] | None, bool]
"""Events that came together, who waits until they are kept, and whether they can be had again."""


@dataclass
class Feed:
    """Where the board's events come from, and how that goes."""

    origin: str
    """sim, replay or live."""
    name: str
    """What people call it."""
    state: str = "running"
    """running, ended or failed."""
    kept: bool = True
    """Whether the store took what came last; nothing is shown that it did not."""


class Hub:
    """Takes events, has them kept, applies them, and publishes frames."""

    def __init__(self, board: Board, feed: Feed, keep: Keep | None = None) -> None:
        """keep: writes events down; returns when they are safe. Now and then it is asked with none."""
        self.board, self.feed = board, feed
        self.boot = secrets.token_hex(6)
        self.viewers = 0
        self.seq = 0
        self.frame = b""
        self.shown: dict[str, Any] = {}
        self.watchers: list[Callable[[dict[str, Any]], None]] = []
        self.cost = 0.0
        self.heard = time.monotonic()
        self._keep = keep
        self._pending: list[Batch] = []
        self._read_ahead = 0
        self._draining = asyncio.Lock()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._next: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def follow(self, events: AsyncIterator[Event]) -> None:
        """Take every event of a source, until it ends."""
        try:
            async for event in events:
                self._add([event], None, False)
                if self._read_ahead > MOST_PENDING:
                    self._room.clear()
                    await self._room.wait()
            self.feed.state = "ended"
            LOG.info("source ended", extra={"source": self.feed.name})
        except Exception:
            self.feed.state = "failed"
            LOG.exception("source failed", extra={"source": self.feed.name})
        self._wake.set()

    async def take(self, events: list[Event], again: bool = True) -> None:
        """Take events that were handed over; when this returns, they are kept and applied.

        again: whether the same events come again if they could not be kept now.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._add(events, done, again)
        await done

    async def run(self) -> None:
        """Keep, apply and publish, for ever."""
        while True:
            started = time.monotonic()
            async with self._draining:
                await self._drain()
            self.publish()
            self.cost = time.monotonic() - started
            await asyncio.sleep(max(REST * self.cost, COALESCE if self.feed.kept else AGAIN))
            if not self._pending:
                try:
                    rest = max(started + BEAT - time.monotonic(), 0.0)
                    await asyncio.wait_for(self._wake.wait(), rest)
                except TimeoutError:
                    continue
                await asyncio.sleep(COALESCE)

    async def _drain(self) -> None:
        """Write down what came in, then apply it and say so to who handed it over."""
        self._wake.clear()
        taken, self._pending = self._pending, []
        events = [event for batch, _, _ in taken for event in batch]
        try:
            if self._keep is not None:
                await self._keep(events)
        except Exception as error:
            self._could_not_keep(taken, error)
            return
        if events:
            self.feed.kept = True
            self._read_ahead -= len(events)
            self.board.apply(events)
            self.heard = time.monotonic()
            self._room.set()
        for _, done, _ in taken:
            if done is not None and not done.done():
                done.set_result(None)

    def _could_not_keep(self, taken: list[Batch], error: Exception) -> None:
        """Tell senders, who will send again; what a source told waits here for the store."""
        level = logging.ERROR if self.feed.kept else logging.DEBUG
        LOG.log(level, "events could not be kept", extra={"why": str(error)})
        self.feed.kept = False
        for batch, done, again in taken:
            if again:
                self._read_ahead -= len(batch)
            if done is not None and not done.done():
                done.set_exception(error)
        self._pending[:0] = [(batch, None, False) for batch, _, again in taken if not again]

    async def finish(self) -> None:
        """Keep and apply what came in so far."""
        async with self._draining:
            await self._drain()

    def publish(self) -> None:
        """Make a frame of the board as it is, and wake the viewers."""
        self.seq += 1
        found = self.board.snapshot() | {
            "seq": self.seq, "boot": self.boot, "feed": self.state(), "origin": self.feed.origin,
            "age": round(self.age, 1),
        }  # fmt: skip
        self.shown = found
        for watch in self.watchers:
            watch(found)
        data = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
        self.frame = f"id: {self.boot}-{self.seq}\nevent: board\ndata: {data}\n\n".encode()
        ready, self._next = self._next, asyncio.get_running_loop().create_future()
        ready.set_result(None)

    @property
    def age(self) -> float:
        """Return for how many seconds nothing came from the source."""
        return time.monotonic() - self.heard

    def state(self) -> str:
        """Return how it does: running, paused, silent, ended, failed, or unkept (by the store)."""
        if not self.feed.kept:
            return "unkept"
        if self.feed.state != "running":
            return self.feed.state
        if self.board.clock.speed == 0:
            return "paused"
        silent = self.feed.origin == "live" and self.age > SILENT
        return "silent" if silent else "running"

    async def next_frame(self, seen: int) -> bytes:
        """Return the newest frame, waiting until there is one that was not seen."""
        while self.seq <= seen:
            await asyncio.shield(self._next)
        return self.frame

    def figures(self) -> dict[str, Any]:
        """Return what the hub knows about itself."""
        return {
            "events": self.board.events, "viewers": self.viewers, "frames": self.seq,
            "frame_seconds": self.cost, "rejected": self.board.rejected,
            "waiting": self.shown.get("waiting", {}).get("n", 0),
            "agents": self.shown.get("agents", {}).get("there", 0),
        }  # fmt: skip

    def _add(self, events: list[Event], done: asyncio.Future[None] | None, again: bool) -> None:
        self._pending.append((events, done, again))
        self._read_ahead += len(events)
        self._wake.set()
