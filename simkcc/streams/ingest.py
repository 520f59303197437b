"""Ingest: CloudEvents that others hand over, as a body of HTTP or lines of a file, to events.

They come in one of two forms: with the numbers of the ledger, or naming calls, queues and agents as
text. Whatever cannot be read is counted by reason and never stops the rest.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from simkcc.errors import SettingError
from simkcc.model.cloudevents import from_json
from simkcc.model.contact_log import DAY, NONE
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event, Happening
from simkcc.streams.clock import Clock
from simkcc.streams.names import MESSAGE, Name, digest_of
from simkcc.streams.neutral import Message, read_cloudevents
from simkcc.streams.numbering import Numbering
from simkcc.streams.reading import Course, Once
from simkcc.streams.receipts import Receipts

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

MOST = 1_000
"""Events of one batch."""

MOST_AGENTS, MOST_QUEUES = 100_000, 10_000
"""Numbers up to which agents and queues without a name are given one."""


class Reader:
    """Reads the CloudEvents of one source, whose time 0 is one midnight."""

    def __init__(
        self, directory: Directory, source: str | None = None, simulated: bool = True,
        learns: bool = False, heard: Callable[[Message], None] | None = None,
    ) -> None:  # fmt: skip
        """directory: gets the first date, if it has none, and the names that are met.

        source: the only source listened to; the first one met if absent. simulated: whether events
        of a simulation are let in; a board of real calls shows none. learns: whether names that
        stand beside numbers are taken over. heard: told every message in named form.
        """
        self.directory, self.source, self.simulated = directory, source, simulated
        self.malformed: Counter[str] = Counter()
        """How many were refused, by reason."""
        self.numbering = Numbering(directory, Clock(directory.zone), heard=heard)
        self.before_named: Callable[[], list[Event]] | None = None
        """What is told before the first event in named form: the end of what an earlier run left open."""
        self._learns = learns
        self._first_date: date | None = None
        self._named: bool | None = None
        self._once = Once()
        self.receipts = Receipts()
        """What was taken in named form, until it is kept."""

    def read(self, wrapped: object) -> list[Event]:
        """Return the events that a CloudEvent holds; a SettingError says what is wrong with it."""
        named = _is_named(wrapped)
        try:
            events = [] if named else [from_json(wrapped)]
            messages = read_cloudevents(wrapped) if named else []  # type: ignore[arg-type]
        except SettingError:
            self.malformed["malformed"] += 1
            raise
        assert isinstance(wrapped, Mapping)
        self._check_source(wrapped, named)
        if not named:
            return [self._placed(events[0], wrapped)]
        if self.before_named is not None:
            events += self.before_named()
            self.before_named = None
        identity = str(wrapped.get("id"))
        if not self._once.again(digest_of(identity).hex()):
            self.numbering.names.note(MESSAGE, identity)
            for message in messages:
                events += self.numbering.number(message)
        names = self.numbering.names
        return self.receipts.took(events, names.taken(), []) if names.wanted else events

    def resume(self, names: list[Name], courses: dict[int, Course]) -> None:
        """Go on where another reader was: nothing that it took is taken again."""
        for name in names:
            if name.kind == MESSAGE:
                self._once.again(name.digest.hex())

    @property
    def by_name(self) -> bool:
        """Return whether this source names its calls: then what it hands over is numbered once only."""
        return self._named is True

    def body(self, text: bytes, content_type: str) -> tuple[list[Event], int, list[str]]:
        """Return the events of an HTTP body, how many were read, and a sentence for each other."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in (SINGLE, BATCH):
            raise SettingError(f"content type is {kind[:60]!r}; it can be {SINGLE} or {BATCH}")
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            self.malformed["not JSON"] += 1
            raise SettingError("body: not JSON in UTF-8") from None
        batch = parsed if kind == BATCH else [parsed]
        if not isinstance(batch, list) or len(batch) > MOST:
            self.malformed["not a batch"] += 1
            raise SettingError(f"body: a batch is a JSON array of at most {MOST} events")
        events: list[Event] = []
        refused = []
        for each in batch:
            try:
                events += self.read(each)
            except SettingError as error:
                refused.append(str(error))
        return events, len(batch) - len(refused), refused

    def lines(self, lines: Iterable[bytes]) -> Iterator[Event]:
        """Yield the events of JSON lines; those that cannot be read are counted only."""
        for line in lines:
            if not line.strip():
                continue
            try:
                yield from self.read(json.loads(line))
            except SettingError:
                continue
            except (ValueError, RecursionError):
                self.malformed["not JSON"] += 1
        yield from self.numbering.finish()

    def _check_source(self, wrapped: Mapping[str, object], named: bool) -> None:
        source = str(wrapped.get("source"))
        where = f"event {str(wrapped.get('id'))[:60]!r}"
        self.source = source if self.source is None else self.source
        self._named = named if self._named is None else self._named
        if source != self.source:
            self.malformed["other source"] += 1
            raise SettingError(
                f"{where}: source is {source[:60]!r}; here only {self.source!r} is heard"
            )
        if named != self._named:
            self.malformed["other form"] += 1
            raise SettingError(
                f"{where}: the source {'names' if named else 'numbers'} its calls here, and did "
                "not before; it can do only one of the two"
            )
        if wrapped.get("origin") == "sim" and not self.simulated:
            self.malformed["simulated"] += 1
            raise SettingError(f"{where}: origin is sim; here are real calls only")

    def _placed(self, event: Event, wrapped: Mapping[str, object]) -> Event:
        """Return an event with its times counted from the first date of the directory."""
        self._check_midnight(event, wrapped)
        assert self._first_date is not None
        directory = self.directory
        if directory.first_date == NO_DATE:
            directory.first_date = self._first_date
        if self._learns:
            self._learn(event, wrapped["data"])
        shift = (self._first_date - directory.first_date).days * DAY
        due = NONE if event.due == NONE else event.due + shift
        return event if shift == 0 else event._replace(at=event.at + shift, due=due)

    def _check_midnight(self, event: Event, wrapped: Mapping[str, object]) -> None:
        """Hold on to one midnight: `at` counts from it, `time` says which it is."""
        told = wrapped.get("time")
        if told is None and self._first_date is not None:
            return
        first = None if told is None else _first_date(event, str(told))
        if first is None or (self._first_date is not None and first != self._first_date):
            self.malformed["other midnight"] += 1
            raise SettingError(
                f"event {wrapped['id']!r}: time is {told!r} and data.at {event.at}; together they "
                f"must tell midnight of {self._first_date or 'a first day'}"
            )
        self._first_date = first

    def _learn(self, event: Event, told: object) -> None:
        """Take names from what stands beside the numbers."""
        directory = self.directory
        assert isinstance(told, Mapping)
        if event.what is Happening.STATE:
            _name(directory.groups, event.place, told.get("group_name"))
        else:
            _name(directory.queues, event.place, told.get("queue_name"))
        _name(directory.topics, event.topic, told.get("topic_name"))
        for agent in (event.agent, event.second):
            while len(directory.agents) <= agent < MOST_AGENTS:
                directory.agents.append(f"agent-{len(directory.agents) + 1}")


def _is_named(wrapped: object) -> bool:
    """Return whether an event names its calls; one with a time in numbers does not."""
    told = wrapped.get("data") if isinstance(wrapped, Mapping) else None
    return isinstance(told, Mapping) and "at" not in told and (
        any(isinstance(told.get(key), str) for key in ("call", "agent", "queue"))
        or str(wrapped.get("type", "")).startswith("simkcc.stream.")  # type: ignore[attr-defined]
    )  # fmt: skip


def _name(names: list[str], number: int, name: object) -> None:
    """Note the name of a number; a number without one is called by its number."""
    while len(names) <= number < MOST_QUEUES:
        names.append(f"#{len(names)}")
    if 0 <= number < len(names) and isinstance(name, str):
        names[number] = name


def _first_date(event: Event, told: str) -> date | None:
    try:
        return datetime.fromisoformat(told).date() - timedelta(days=event.at // DAY)
    except OverflowError:
        return None
