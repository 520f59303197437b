"""Ingest: CloudEvents that others hand over, as a body of HTTP or lines of a file, to events.

Whatever cannot be read is counted by reason and never stops the rest.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from simkcc.errors import SettingError
from simkcc.model.cloudevents import from_json
from simkcc.model.contact_log import DAY, NONE
from simkcc.model.events import Event

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

MOST = 1_000
"""Events of one batch."""


@dataclass
class Reader:
    """Reads CloudEvents of one source, whose time 0 is one midnight."""

    source: str | None = None
    """The only source listened to; the first one met if absent."""
    first_date: date | None = None
    """Local date of time 0; that of the first event met if absent."""
    simulated: bool = True
    """Whether events of a simulation are let in; a board of real calls shows none."""
    malformed: Counter[str] = field(default_factory=Counter)
    """How many were refused, by reason."""

    def read(self, wrapped: object) -> Event:
        """Return the event that a CloudEvent holds; a SettingError says what is wrong with it."""
        try:
            event = from_json(wrapped)
        except SettingError:
            self.malformed["malformed"] += 1
            raise
        assert isinstance(wrapped, dict)
        source = str(wrapped["source"])
        if self.source is None:
            self.source = source
        if source != self.source:
            self.malformed["other source"] += 1
            raise SettingError(
                f"event {wrapped['id']!r}: source is {source!r}; here only {self.source!r} is heard"
            )
        if wrapped["origin"] == "sim" and not self.simulated:
            self.malformed["simulated"] += 1
            raise SettingError(f"event {wrapped['id']!r}: origin is sim; here are real calls only")
        self._check_midnight(event, wrapped)
        return event

    def since(self, event: Event, first_date: date) -> Event:
        """Return an event with its times counted from midnight of another date."""
        assert self.first_date is not None
        shift = (self.first_date - first_date).days * DAY
        due = NONE if event.due == NONE else event.due + shift
        return event if shift == 0 else replace(event, at=event.at + shift, due=due)

    def body(self, text: bytes, content_type: str) -> tuple[list[Event], list[str]]:
        """Return the events of an HTTP body, and a sentence for each that cannot be read."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in (SINGLE, BATCH):
            raise SettingError(f"content type is {kind[:60]!r}; it can be {SINGLE} or {BATCH}")
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            self.malformed["not JSON"] += 1
            raise SettingError("body: not JSON in UTF-8") from None
        wrapped = parsed if kind == BATCH else [parsed]
        if not isinstance(wrapped, list) or len(wrapped) > MOST:
            self.malformed["not a batch"] += 1
            raise SettingError(f"body: a batch is a JSON array of at most {MOST} events")
        return self._all(wrapped)

    def lines(self, lines: Iterable[str]) -> Iterator[Event]:
        """Yield the events of JSON lines; those that cannot be read are counted only."""
        for line in lines:
            if not line.strip():
                continue
            try:
                yield self.read(json.loads(line))
            except SettingError:
                continue
            except (ValueError, RecursionError):
                self.malformed["not JSON"] += 1

    def _all(self, wrapped: list[object]) -> tuple[list[Event], list[str]]:
        events, refused = [], []
        for each in wrapped:
            try:
                events.append(self.read(each))
            except SettingError as error:
                refused.append(str(error))
        return events, refused

    def _check_midnight(self, event: Event, wrapped: dict[str, object]) -> None:
        """Hold on to one midnight: `at` counts from it, `time` says which it is."""
        told = wrapped.get("time")
        if told is None and self.first_date is not None:
            return
        first = None if told is None else _first_date(event, str(told))
        if first is None or (self.first_date is not None and first != self.first_date):
            self.malformed["other midnight"] += 1
            raise SettingError(
                f"event {wrapped['id']!r}: time is {told!r} and data.at {event.at}; together they "
                f"must tell midnight of {self.first_date or 'a first day'}"
            )
        self.first_date = first


def _first_date(event: Event, told: str) -> date | None:
    try:
        return datetime.fromisoformat(told).date() - timedelta(days=event.at // DAY)
    except OverflowError:
        return None
