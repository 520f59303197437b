"""A contact log as plain columns, each read once, whoever asks for it.

A row of a plain array is found ten times as fast as one of a table of records, and codes that lie
next to each other are compared many at a time.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.tallies import among, tally
from simkcc.model.contact_log import NONE, ContactKind, ContactLog, LegKind, Origin

Rows = np.ndarray | slice
"""Which rows of a table: their numbers, or a stretch of them."""
EVERY = slice(None)
BLOCK = 8192
"""Rows that stay in the processor's cache while their columns are read."""
AGAIN = (Origin.REDIAL, Origin.REPEAT)
"""Origins of calls that follow from an earlier one."""


class Table:
    """Some rows of a table as columns (N,), each read when it is first asked for.

    Indices (topic, place, agent, second) are as wide as those of the machine, to be used as such.
    """

    def __init__(
        self, source: "np.ndarray | Table", rows: Rows = EVERY, **columns: np.ndarray
    ) -> None:
        """Choose rows of an array of records or of another table. columns: further ones."""
        self._source, self._rows = source, rows
        self._columns = columns
        self._size = (
            len(range(*rows.indices(len(source)))) if isinstance(rows, slice) else len(rows)
        )

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns:
            column = self._source[name]
            if isinstance(self._source, np.ndarray):
                column = np.ascontiguousarray(column, _width(column.dtype))
            self._columns[name] = column[self._rows]
        return self._columns[name]

    def where(self, chosen: np.ndarray) -> "Table":
        """Return the rows of which (N,) bool is true."""
        return Table(self, EVERY if chosen.all() else np.flatnonzero(chosen))


def _width(dtype: np.dtype) -> np.dtype:
    """Return how wide a column is kept."""
    index = dtype.kind == "i" and 1 < dtype.itemsize < 8
    return np.dtype(np.intp) if index else dtype


def columns_of(table: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return every column of some rows, read block by block: each row comes from memory once."""
    found = {
        name: np.empty(len(rows), _width(table.dtype[name])) for name in table.dtype.names or ()
    }
    for start in range(0, len(rows), BLOCK):
        some = table.take(rows[start : start + BLOCK])
        for name, column in found.items():
            column[start : start + BLOCK] = some[name]
    return found


class Stays(Table):
    """Legs of one kind, as columns (L,)."""

    @cached_property
    def lengths(self) -> np.ndarray:
        """Return the microseconds of each leg that is over, 0 of others: whole numbers, as floats."""
        return np.where(self["end"] == NONE, 0.0, self["end"] - self["start"])


class LogColumns:
    """The contacts, legs and sessions of a contact log."""

    def __init__(self, log: ContactLog) -> None:
        """Keep a log."""
        self.contacts = Table(log.contacts, serial=np.arange(len(log.contacts)))
        """With the `serial` of each."""
        self.legs, self.sessions = Table(log.legs), Table(log.sessions)
        self._log = log

    def stays(self, kind: LegKind) -> Stays:
        """Return the legs of a kind, whoever they are of, in the log's order."""
        return self._stays[kind]

    @cached_property
    def _stays(self) -> dict[LegKind, Stays]:
        """Return the legs by kind: stretches of the columns of all, put in order of kind."""
        rows = [np.flatnonzero(among(self.legs["kind"], [kind])) for kind in LegKind]
        ends = np.cumsum([len(each) for each in rows]).tolist()
        legs = Table(self._log.legs, **columns_of(self._log.legs, np.concatenate(rows)))
        return {
            kind: Stays(legs, slice(start, end))
            for kind, start, end in zip(LegKind, [0, *ends], ends, strict=False)
        }

    def has(self, kind: ContactKind) -> bool:
        """Return whether there is a contact of a kind."""
        return bool(self._numbers[kind])

    @cached_property
    def _numbers(self) -> list[int]:
        """Return how many contacts there are of each kind."""
        found: list[int] = tally(self.contacts["kind"], len(ContactKind)).tolist()
        return found

    @cached_property
    def again(self) -> np.ndarray:
        """Return the serials of redials and repeats."""
        return np.flatnonzero(among(self.contacts["origin"], AGAIN))

    @cached_property
    def dialled(self) -> np.ndarray:
        """Return when each contact dialled: at birth, or for a redial or repeat after its delay.

        NONE for those that have not dialled yet.
        """
        since = self.contacts["born"]
        delays = self.stays(LegKind.DELAY)
        if not len(self.again) or not len(delays):
            return since
        first = np.flatnonzero(delays["leg"] == 0)
        owner = delays["contact"][first]
        mine = among(self.contacts["origin"][owner], AGAIN)
        since = since.copy()
        since[owner[mine]] = delays["end"][first[mine]]
        return since
