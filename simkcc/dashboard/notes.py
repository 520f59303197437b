"""What people write down themselves: a reason of contact, a callback, a desk visit.

They become events like all others, so that tiles live where the exchange knows nothing of them.
"""

import csv
import io
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from simkcc.errors import SettingError
from simkcc.model.contact_log import DAY, NONE, SECOND, Origin, Outcome
from simkcc.model.directory import Directory
from simkcc.model.events import Event, Happening

OWN = 2**60
"""Serials from here on are of what people wrote down; no source counts so far."""

KINDS = {
    "reason": "reason", "reden": "reason", "contactreden": "reason", "callback": "callback",
    "terugbel": "callback", "terugbelverzoek": "callback", "visit": "visit", "bezoek": "visit",
    "baliebezoek": "visit",
}  # fmt: skip
"""What can be written down, by the words a file may use."""

COLUMNS = {
    "kind": "kind", "soort": "kind", "time": "time", "tijd": "time", "tijdstip": "time",
    "topic": "topic", "onderwerp": "topic", "minutes": "minutes", "minuten": "minutes",
    "due": "due", "tegen": "due",
}  # fmt: skip
"""Headings of a file."""

MOST_ROWS = 5_000
MOST_MINUTES = 480


@dataclass(frozen=True)
class Note:
    """One thing written down."""

    kind: str
    """reason, callback or visit."""
    topic: int
    at: int
    """When, in microseconds: a visit began, a callback was asked for."""
    minutes: int = 0
    """Length of a visit."""
    due: int = NONE
    """When a callback should be done."""

    def events(self, serial: int) -> list[Event]:
        """Return what it means."""
        if self.kind == "reason":
            return [Event(self.at, "call", Happening.REASON, serial, topic=self.topic)]
        if self.kind == "callback":
            asked = Event(
                self.at, "callback", Happening.ARRIVED, serial, code=Origin.TASK, topic=self.topic,
                due=self.due,
            )  # fmt: skip
            return [asked]
        ends = self.at + self.minutes * 60 * SECOND
        return [
            Event(self.at, "visit", Happening.ARRIVED, serial, code=Origin.FIRST, topic=self.topic),
            Event(self.at, "visit", Happening.TALKING, serial, leg=0),
            Event(ends, "visit", Happening.ENDED, serial, leg=1, code=Outcome.DIRECT),
        ]


@dataclass
class Notebook:
    """What was written down so far, as events tell."""

    reasons: dict[int, Event] = field(default_factory=dict)
    visits: dict[int, Event] = field(default_factory=dict)
    open: dict[int, Event] = field(default_factory=dict)
    """Callbacks that are not done, by serial."""
    any: bool = False
    """Whether anything was ever written down."""

    def apply(self, event: Event) -> bool:
        """Take an event into account; return whether it is a note and nothing else."""
        if event.what is Happening.REASON and event.family == "call" and event.topic >= 0:
            self.reasons[event.contact] = event
            self.any = True
            return True
        if event.contact < OWN:
            return False
        self.any = True
        if event.family == "visit" and event.what is Happening.ARRIVED:
            self.visits[event.contact] = event
        elif event.family == "callback" and event.what is Happening.ARRIVED:
            self.open[event.contact] = event
        elif event.family == "callback" and event.what is Happening.ENDED:
            self.open.pop(event.contact, None)
        return False

    def today(self, now: int) -> dict[str, Any]:
        """Return what was written down on the day of `now`."""
        midnight = now // DAY * DAY
        for found in (self.reasons, self.visits):
            for serial in [serial for serial, event in found.items() if event.at < midnight]:
                del found[serial]
        reasons = Counter(event.topic for event in self.reasons.values())
        return {
            "reasons": sum(reasons.values()), "visits": len(self.visits),
            "by_topic": {str(topic): number for topic, number in reasons.most_common()},
        }  # fmt: skip


def new_serial() -> int:
    """Return a serial for something new."""
    return OWN + secrets.randbits(48)


def note_of(found: dict[str, Any], directory: Directory, now: int) -> Note:
    """Return what a form says; a SettingError says in one sentence what is wrong."""
    word = str(found.get("kind", "")).strip().casefold()
    if word not in KINDS:
        raise SettingError(f"kind: {word[:40]!r}; it can be reason, callback or visit")
    kind = KINDS[word]
    minutes = _minutes(found.get("minutes")) if kind == "visit" else 0
    at = _moment(found.get("time"), "time", directory, now - minutes * 60 * SECOND)
    if at + minutes * 60 * SECOND > now:
        raise SettingError("time: that is still to come; give when it was")
    due = NONE
    if kind == "callback" and found.get("due"):
        due = _moment(found["due"], "due", directory, now)
        if due < at:
            raise SettingError("due: that is before it was asked for")
    return Note(kind, _topic(found.get("topic"), directory), at, minutes, due)


def read_csv(text: str, directory: Directory, now: int) -> tuple[list[Event], list[str]]:
    """Return the events of a file, and a sentence for each row that cannot be used.

    The same file twice is the same events: a serial is a digest of its row. Rows that are alike
    within one file count as many times as they stand there.
    """
    first = text.lstrip("\ufeff").partition("\n")[0]
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in first else ",")
    events: list[Event] = []
    wrong: list[str] = []
    seen: Counter[Note] = Counter()
    try:
        headings = [COLUMNS.get(cell.strip().casefold(), "") for cell in next(rows, [])]
        if "kind" not in headings or "topic" not in headings:
            raise SettingError(
                "the first line must name the columns: kind, time, topic, minutes, due "
                "(soort, tijd, onderwerp, minuten, tegen)"
            )
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(seen) >= MOST_ROWS:
                raise SettingError(f"more than {MOST_ROWS} rows; cut the file in parts")
            try:
                note = note_of(dict(zip(headings, row, strict=False)), directory, now)
            except SettingError as error:
                wrong.append(f"line {rows.line_num}: {error}")
                continue
            seen[note] += 1
            events += note.events(_digest(note, seen[note]))
    except csv.Error as error:
        raise SettingError(f"line {rows.line_num}: {error}") from None
    return events, wrong


def done(serial: int, now: int) -> Event:
    """Return that a callback that people wrote down is done."""
    return Event(now, "callback", Happening.ENDED, serial, leg=0, code=Outcome.RETURNED)


def _digest(note: Note, copy: int) -> int:
    said = repr((note.kind, note.topic, note.at, note.minutes, note.due, copy)).encode()
    return OWN + int.from_bytes(sha256(said).digest()[:6], "big")


def _topic(found: Any, directory: Directory) -> int:
    """Return the number of a topic, by number or by name."""
    names = directory.topics
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < len(names):
        return found
    wanted = str(found or "").strip().casefold()
    for number, name in enumerate(names):
        if name.casefold() == wanted:
            return number
    raise SettingError(f"topic: {wanted[:40]!r}; it can be {', '.join(names)}")


def _minutes(found: Any) -> int:
    text = str(found if found is not None else "").strip()
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_MINUTES:
        raise SettingError(f"minutes: {text[:20]!r}; give a whole number up to {MOST_MINUTES}")
    return int(text)


def _moment(found: Any, name: str, directory: Directory, default: int) -> int:
    """Return a time of day of today, or a date and a time, in microseconds."""
    text = str(found or "").strip()
    if not text:
        return max(default, 0)
    try:
        if len(text) <= 8:
            clock = datetime.strptime(text[:5].strip(), "%H:%M")
            return default // DAY * DAY + (clock.hour * 3600 + clock.minute * 60) * SECOND
        told = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(f"{name}: {text[:30]!r}; give 14:30 or 2024-01-31T14:30") from None
    if told.tzinfo is not None:
        told = told.astimezone(directory.zone).replace(tzinfo=None)
    midnight = datetime.combine(directory.first_date, datetime.min.time())
    at = (told - midnight) // timedelta(microseconds=1)
    if at < 0:
        raise SettingError(f"{name}: {text[:30]!r} is before the first day of the board")
    return at
