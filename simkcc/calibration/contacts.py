"""Contact records: one call each, from any source that can name its moments.

A source is an iterable of `Record`. The readers here give them from our own Parquet log and from
the CSV of another tool; a stream of events can give them too.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from typing import Any, NamedTuple

import numpy as np

from simkcc.calibration import cells
from simkcc.calibration.columns import CONTACTS, Column, find_columns, missing
from simkcc.calibration.halfhours import Cells, HalfHours
from simkcc.calibration.tables import DataError, Table

NAN = float("nan")
NOBODY = -1

MOST_WAIT = 4 * 3600.0
"""A longer wait is a mistake of the file."""


class Record(NamedTuple):
    """One call. Moments are seconds since 1970 of the local clock; nan if unknown."""

    dialled: float
    """When the centre's door opened for it: when it came in."""
    queue: str
    """Queue or line, as the source names it."""
    wait: float
    """Seconds in the queue until the answer or the hang-up; nan if it never joined one."""
    answered: bool
    """Whether an agent answered; else the caller gave up, or `wait` is nan."""
    talk: float = NAN
    """Seconds of talk with the first agent."""
    wrap_up: float = NAN
    """Seconds of after-call work."""
    agent: int = NOBODY
    """Number of who answered."""
    caller: int = NOBODY
    """Pseudonym of who called; the same for the same caller within this run only."""
    in_menu: float = 0.0
    """Seconds between dialling and joining the queue."""
    talk_holds: bool = True
    """Whether `talk` includes holding."""
    handle: float = NAN
    """Seconds of the first agent, all-in; talk and wrap-up if not known."""


@dataclass(frozen=True)
class Contacts:
    """The records of a source as columns (N,), in order of dialling."""

    dialled: np.ndarray
    queue: np.ndarray
    """Index into `queues`."""
    wait: np.ndarray
    answered: np.ndarray
    talk: np.ndarray
    wrap_up: np.ndarray
    agent: np.ndarray
    caller: np.ndarray
    in_menu: np.ndarray
    handle: np.ndarray
    queues: tuple[str, ...]
    talk_holds: bool
    sessions: "Sessions | None" = None
    from_queue: bool = False
    """Whether contacts are seen only from the moment they join a queue: who gave up in a menu is not."""

    def __len__(self) -> int:
        return len(self.dialled)

    @property
    def offered(self) -> np.ndarray:
        """Return whether each joined a queue and its wait has ended."""
        return ~np.isnan(self.wait)

    @property
    def abandoned(self) -> np.ndarray:
        """Return whether each joined a queue and gave up."""
        return self.offered & ~self.answered

    @property
    def date(self) -> np.ndarray:
        """Return the ordinal of the date on which each dialled."""
        return (self.dialled // 86_400).astype(int) + cells.EPOCH.toordinal()

    def half_hours(self, threshold: float) -> HalfHours:
        """Return the same contacts as counts per half hour of dialling."""
        interval = ((self.dialled % 86_400) // 1800).astype(int)
        handling = self.talk + np.where(np.isnan(self.wrap_up), 0.0, self.wrap_up)
        handling = np.where(np.isnan(self.handle), handling, self.handle)
        known = self.answered & ~np.isnan(handling)
        columns = {
            "dialled": np.ones(len(self)), "offered": self.offered, "answered": self.answered, "abandoned": self.abandoned,
            "within": self.answered & (self.wait <= threshold),
            "wait_seconds": np.where(self.answered, self.wait, 0.0),
            "handle_seconds": np.where(known, handling, 0.0), "handled": known,
        }  # fmt: skip
        if self.from_queue:
            del columns["dialled"]
        sums: dict[tuple[int, int, str], dict[str, float]] = {}
        keys = np.stack([self.date, interval, self.queue], axis=1)
        found, place = np.unique(keys, axis=0, return_inverse=True)
        totals = {name: np.bincount(place, column) for name, column in columns.items()}
        for index, (date, half_hour, queue) in enumerate(found.tolist()):
            values = {name: float(column[index]) for name, column in totals.items()}
            sums[date, half_hour, self.queues[queue]] = values
        return Cells(30, sums).arrays(tuple(columns))


@dataclass(frozen=True)
class Sessions:
    """Stretches of time agents were there, if the source knows them; seconds since 1970."""

    group: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray


COLUMNS = (
    "dialled", "wait", "answered", "talk", "wrap_up", "agent", "caller", "in_menu", "handle",
)  # fmt: skip
"""What contacts take over from their records as it is; the queue gets a number."""


def collect(
    records: Iterable[Record], sessions: Sessions | None = None, from_queue: bool = False
) -> Contacts:
    """Return the columns of records; raises DataError if there are none."""
    rows = sorted(records, key=lambda record: record.dialled)
    if not rows:
        raise DataError("the log holds no calls; give one with at least a few hundred")
    names = sorted({record.queue for record in rows})
    place = {name: index for index, name in enumerate(names)}
    columns: dict[str, Any] = {
        name: np.array([getattr(record, name) for record in rows]) for name in COLUMNS
    }
    queue = np.array([place[record.queue] for record in rows])
    holds = any(record.talk_holds for record in rows)
    return Contacts(
        queue=queue, queues=tuple(names), talk_holds=holds, sessions=sessions, from_queue=from_queue,
        **columns,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------
# the log of another tool


def looks_like_contacts(table: Table, own: Mapping[str, tuple[str, float | None]]) -> bool:
    """Return whether a table is a contact log rather than counts."""
    if {"arrived", "ended", "wait"} & own.keys():
        return True
    if {"offered", "date"} & own.keys():
        return False
    counts, contacts = find_columns(table, COUNTS_KEYS, {}), find_columns(table, CONTACTS, {})
    ends = {"answered", "ended", "wait", "talk"} & contacts.keys()
    return "arrived" in contacts and "offered" not in counts and len(ends) >= 2


COUNTS_KEYS = {"offered": ("aangeboden", "offered", "calls offered", "presentes", "appels presentes",
                           "inkomend", "aangeboden oproepen", "oproepen")}  # fmt: skip


class _Pseudonyms:
    """Numbers for people: callers by a keyed hash whose key is forgotten, agents in order."""

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._agents: dict[str, int] = {}

    def caller(self, cell: Any) -> int:
        text = "".join(str(cell or "").split())
        if not text or text.casefold() in (
            "anonymous",
            "anoniem",
            "anonyme",
            "unknown",
            "onbekend",
        ):
            return NOBODY
        return int.from_bytes(blake2b(text.encode(), key=self._key, digest_size=7).digest(), "big")

    def agent(self, cell: Any) -> int:
        text = str(cell or "").strip()
        return self._agents.setdefault(text, len(self._agents)) if text else NOBODY


def read_contacts(table: Table, own: Mapping[str, tuple[str, float | None]]) -> Iterator[Record]:
    """Yield the records of another tool's log; raises DataError with one sentence.

    Numbers of callers are hashed as they are read, with a key that lives in memory only.
    """
    columns = find_columns(table, CONTACTS, own)
    if "arrived" not in columns:
        raise missing(table, "arrived", "when each call came in")
    if "answered" not in columns and not {"wait", "talk"} <= columns.keys():
        raise missing(table, "answered", "when each call was answered, empty if it was not")
    if not {"ended", "wait"} & columns.keys():
        raise missing(table, "ended", "when each call was over, by which patience is measured")
    _judge_order(table, columns)
    people = _Pseudonyms()
    for number in range(len(table.rows)):
        yield _record(table, columns, number, people)


def _judge_order(table: Table, columns: Mapping[str, Column]) -> None:
    """Refuse columns of moments that are swapped: most rows run backwards."""
    pairs = (("arrived", "answered"), ("answered", "ended"), ("arrived", "ended"))
    for before, after in pairs:
        if before not in columns or after not in columns:
            continue
        first, then = columns[before].index, columns[after].index
        both = [(cells.moment(row[first]), cells.moment(row[then])) for row in table.rows[:2000]]
        known = [(a, b) for a, b in both if a is not None and b is not None]
        wrong = [b < a for a, b in known]
        if known and sum(wrong) > 0.01 * len(known):
            row = next(i for i, (a, b) in enumerate(both) if a and b and b < a)
            raise table.error(
                row, then, table.rows[row][then],
                f"{after} cannot lie before {before} ({table.rows[row][first]}), as it does in "
                f"{sum(wrong)} of {len(known)} rows; are the columns swapped? "
                f"--columns {before}=HEADING,{after}=HEADING",
            )  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """One row of a table, whose cells are read by what they hold."""

    table: Table
    columns: Mapping[str, Column]
    number: int

    def cell(self, field: str) -> Any:
        """Return a cell; None if it is empty or there is no such column."""
        if field not in self.columns:
            return None
        cell = self.table.rows[self.number][self.columns[field].index]
        return None if cell is None or str(cell).strip() in ("", "-") else cell

    def wrong(self, field: str, cell: Any, wanted: str) -> DataError:
        """Return what to raise about a cell."""
        return self.table.error(self.number, self.columns[field].index, cell, wanted)

    def moment(self, field: str) -> float:
        """Return seconds since 1970; nan if the cell is empty."""
        if (cell := self.cell(field)) is None:
            return NAN
        found = cells.moment(cell)
        if found is None:
            raise self.wrong(field, cell, "write a moment like 2024-01-31 08:30:15")
        return (found - cells.EPOCH) / datetime.timedelta(seconds=1)

    def seconds(self, field: str) -> float:
        """Return a length in seconds; nan if the cell is empty."""
        if (cell := self.cell(field)) is None:
            return NAN
        unit = self.columns[field].unit or 1.0
        found = cells.duration(cell, self.table.decimal_comma, unit)
        if found is None or found < 0:
            raise self.wrong(field, cell, f"{field} is in seconds, or mm:ss")
        return found


def _record(
    table: Table, columns: Mapping[str, Column], number: int, people: _Pseudonyms
) -> Record:
    row = _Row(table, columns, number)
    dialled, answered, ended = map(row.moment, ("arrived", "answered", "ended"))
    if dialled != dialled:
        raise row.wrong("arrived", "", "every call has a moment it came in")
    wait, talk = row.seconds("wait"), row.seconds("talk")
    was_answered = answered == answered if "answered" in columns else bool(talk > 0)
    if wait != wait:
        wait = (answered if was_answered else ended) - dialled
    if talk != talk and was_answered:
        talk = ended - answered
    if wait != wait or wait < 0 or wait > MOST_WAIT:
        field = next(each for each in ("wait", "ended", "arrived") if each in columns)
        wanted = f"a wait is known and lies between 0 and {MOST_WAIT / 3600:.0f} h"
        raise row.wrong(field, table.rows[number][columns[field].index], wanted)
    text = {
        f: table.rows[number][c.index]
        for f, c in columns.items()
        if f in ("queue", "agent", "caller")
    }
    return Record(
        dialled, str(text.get("queue") or "").strip(), wait, was_answered,
        talk if was_answered and talk >= 0 else NAN, row.seconds("wrap_up"),
        people.agent(text.get("agent")) if was_answered else NOBODY,
        people.caller(text.get("caller")),
    )  # fmt: skip


def is_own_log(path: Path) -> bool:
    """Return whether a path is a contact log as `simkcc run --out` writes it."""
    return (path / "contacts.parquet").exists() or path.suffix == ".parquet"
