"""Exchanges that only count: a table of intervals per queue, read once or every so many seconds.

`intervals:PATH` or `intervals:https://…`, as CSV with a heading or as a JSON list of objects, with the
columns queue, start, length_s, offered, answered, and optionally abandoned, within, waiting, agents.
No single call is known: whoever shows these figures says so.
"""

import asyncio
import csv
import io
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from urllib.request import urlopen

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.directory import Directory, number_of
from simkcc.model.events import Event, Happening
from simkcc.model.interval import Interval
from simkcc.streams.clock import Clock
from simkcc.streams.jsontext import objects_of, parsed
from simkcc.streams.source import Options, Recording, Source

LONGEST = 86_400
"""Seconds of one interval."""

MAYBE = ("abandoned", "within", "waiting", "agents")


def open_intervals(rest: str, options: Options) -> Source:
    """Open `intervals:PATH[?every=SECONDS]`: once a recording, asked again and again a source without end."""
    every = options.more.get("every", "0")
    if not every.isascii() or not every.isdigit() or len(every) > 5:
        raise SettingError(f"intervals: every={every} must be whole seconds")
    table = IntervalTable(rest, options)
    return IntervalPoll(table, int(every)) if int(every) and not options.to_end else table


class IntervalTable(Recording):
    """A table somebody else keeps."""

    def __init__(self, place: str, options: Options) -> None:
        self.place = place
        self.troubles = Counter()
        self.directory = Directory(
            date(1970, 1, 1), options.zone, topics=["-"], groups=["agents"],
            partial=("waiting", "reasons", "holds", "calls"),
        )  # fmt: skip
        self._clock = Clock(options.zone)
        self._read_text()

    def read(self) -> Iterator[Event]:
        """Yield an event per interval that is new, or whose counts changed; counts are in `directory`."""
        for row in self._rows(self._read_text()):
            found = self._interval(row)
            if found is None:
                self.troubles["malformed"] += 1
                continue
            queue, at, interval = found
            place = number_of(queue, self.directory.queues)
            if self.directory.intervals.get((place, at)) != interval:
                self.directory.intervals[place, at] = interval
                self._learn(interval)
                yield Event(at, "metrics", Happening.INTERVAL, place=place)

    def _learn(self, interval: Interval) -> None:
        """Take off what cannot be known whatever this exchange counts all the same."""
        counted = {"waiting": interval.waiting, "reasons": interval.abandoned}
        known = {part for part, count in counted.items() if count is not None}
        self.directory.partial = tuple(p for p in self.directory.partial if p not in known)

    def _read_text(self) -> bytes:
        try:
            if self.place.startswith(("http://", "https://")):
                with urlopen(self.place, timeout=20) as answer:
                    text: bytes = answer.read()
            else:
                text = Path(self.place).read_bytes()
        except OSError as error:  # a URLError is one, and says why as its reason
            why = getattr(error, "reason", None) or error.strerror
            raise SettingError(f"intervals:{self.place}: cannot be read ({why})") from None
        self.size = self.done = len(text)
        return text

    def _rows(self, text: bytes) -> Iterable[Mapping[str, object]]:
        if text.lstrip().startswith((b"[", b"{")):
            return [row or {} for row in objects_of(parsed(text))]
        lines = io.StringIO(text.decode("utf-8-sig", "replace"), newline="")
        return csv.DictReader(lines)

    def _interval(self, row: Mapping[str, object]) -> tuple[str, int, Interval] | None:
        """Return queue, start and counts of a row; None if it is not one."""
        queue, start = row.get("queue"), row.get("start")
        counts = {name: _count(row.get(name)) for name in ("offered", "answered", *MAYBE)}
        length, offered, answered = (
            _count(row.get("length_s")),
            counts["offered"],
            counts["answered"],
        )
        if not isinstance(queue, str) or not queue or not isinstance(start, str):
            return None
        if not length or length > LONGEST or offered is None or answered is None:
            return None
        try:
            moment = datetime.fromisoformat(start)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=self.directory.zone)
        at = self._clock.at(round(moment.timestamp() * SECOND))
        self.directory.first_date = self._clock.first_date or self.directory.first_date
        interval = Interval(length * SECOND, **counts)  # type: ignore[arg-type]
        return (queue[:200], at, interval) if at >= 0 else None


class IntervalPoll(Source):
    """The same table, asked again every so many seconds."""

    def __init__(self, table: IntervalTable, every: int) -> None:
        self.table, self.every = table, every
        self.directory, self.troubles = table.directory, table.troubles
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield what is there, and again what is new or changed; each answer is a sign of life."""
        while not self._closed:
            try:
                events = await asyncio.to_thread(lambda: list(self.table.read()))
                events.append(self._sign(Happening.HEARTBEAT))
            except SettingError:
                self.troubles["unreachable"] += 1
                events = [self._sign(Happening.GAP)]
            for event in events:
                yield event
            for _ in range(self.every):
                if not self._closed:
                    await asyncio.sleep(1)

    async def close(self) -> None:
        """Stop asking."""
        self._closed = True

    def _sign(self, what: Happening) -> Event:
        clock = Clock(self.directory.zone, self.directory.first_date)
        return Event(max(clock.at(time.time_ns() // 1000), 0), "stream", what)


def _count(found: object) -> int | None:
    """Return a count; None if there is none."""
    text = str(found).strip()
    if isinstance(found, bool) or not (text.isascii() and text.isdigit()) or len(text) > 9:
        return None
    return int(text)
