"""Receipts: what was taken of a broker, until what it told is safe. Only then it is acknowledged.

Whoever is killed in between gets it again; what was kept with it (`names`) tells what to pass over.
"""

import asyncio
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Protocol

from simkcc.model.events import Event
from simkcc.streams.names import Name
from simkcc.streams.neutral import Message


@dataclass(slots=True, eq=False)
class Receipt:
    """Something that was taken."""

    of: Any
    """What the broker wants back; None if nothing."""
    names: list[Name]
    messages: list[Message]
    """What it says."""
    told: int = 0
    """How many events had been told with it."""
    events: list[Event] = field(default_factory=list)
    """Those that came of it."""


class Held(Protocol):
    """Where messages wait for what must come before them."""

    released: int
    """Counts how often any of them had its turn."""

    @abstractmethod
    def holds(self, message: Message) -> bool:
        """Return whether a message still waits."""


class Receipts:
    """What was taken of one source, in order."""

    def __init__(self, held: Held | None = None) -> None:
        """held: knows which messages wait for what must come before them."""
        self.wanted = False
        """Whether somebody says what is safe; else it is so once it was handed over."""
        self.done: deque[Any] = deque()
        """What is to be given back to the broker."""
        self.news = asyncio.Event()
        """Set when there is."""
        self._held = held
        self._released = 0
        self._told = 0
        self._waiting: list[Receipt] = []
        self._open: deque[Receipt] = deque()

    def took(
        self, events: list[Event], names: list[Name], messages: list[Message], of: Any = None
    ) -> list[Event]:
        """Note what was taken, and return its events. messages: what it says; none if it is nothing new."""
        self._told += len(events)
        self._note([Receipt(of, names, messages)], events)
        return events

    def passed(self, events: list[Event], names: list[Name]) -> list[Event]:
        """Note what time alone brought, and return its events."""
        if events or names:
            return self.took(events, names, [])
        self._note([], events)
        return events

    def _note(self, receipts: list[Receipt], events: list[Event]) -> None:
        """Note receipts, and those that wait no longer, as told with events."""
        released = 0 if self._held is None else self._held.released
        if released != self._released:
            receipts, self._waiting = [*self._waiting, *receipts], []
            self._released = released
        for each in receipts:
            if self._waits(each):
                self._waiting.append(each)
            else:
                each.told, each.events = self._told, events
                self._open.append(each)

    def _waits(self, receipt: Receipt) -> bool:
        """Return whether something of it is not told yet; what says nothing new waits for all before it."""
        if self._held is None:
            return False
        if not receipt.messages:
            return bool(self._waiting)
        return any(self._held.holds(message) for message in receipt.messages)

    def handed_over(self) -> None:
        """Note that whoever asked has all events told so far."""
        if not self.wanted:
            self.settle(self.until(self._told))

    def until(self, count: int) -> list[Receipt]:
        """Return what the first `count` events came of, the last of it perhaps in part."""
        return list(
            takewhile(
                lambda each: each.told <= count or each.told - len(each.events) < count, self._open
            )
        )

    def settle(self, receipts: list[Receipt]) -> None:
        """Note that the oldest receipts are safe."""
        for each in receipts:
            self._open.popleft()
            if each.of is not None:
                self.done.append(each.of)
        self.news.set()

    def unsettled(self) -> list[Any]:
        """Return what the broker does not get back yet."""
        return [each.of for each in (*self._open, *self._waiting) if each.of is not None]

    def lost(self) -> None:
        """Note that the line is lost: what was not given back comes again."""
        self.done.clear()
        for each in (*self._open, *self._waiting):
            each.of = None
