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
                wide = column.dtype.kind == "i" and 1 < column.dtype.itemsize < 8
                column = np.ascontiguousarray(column, np.intp if wide else None)
            self._columns[name] = column[self._rows]
        return self._columns[name]

    def where(self, chosen: np.ndarray) -> "Table":
        """Return the rows of which (N,) bool is true."""
        return Table(self, EVERY if chosen.all() else np.flatnonzero(chosen))


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
        self._by_kind = Table(log.legs, np.zeros(0, np.intp))
        self._bounds: dict[LegKind, slice] = {}
        self._stays: dict[LegKind, Stays] = {}
        self._sort(log.legs)

    def _sort(self, legs: np.ndarray) -> None:
        """Put the legs in order of kind: those of one kind are a stretch, in the log's order."""
        kinds, end = self.legs["kind"], 0
        order = []
        for kind in LegKind:
            order.append(np.flatnonzero(among(kinds, [kind])))
            start, end = end, end + len(order[-1])
            self._bounds[kind] = slice(start, end)
        self._by_kind = Table(legs, np.concatenate(order))

    def stays(self, kind: LegKind) -> Stays:
        """Return the legs of a kind, whoever they are of."""
        if kind not in self._stays:
            self._stays[kind] = Stays(self._by_kind, self._bounds[kind])
        return self._stays[kind]

    def has(self, kind: ContactKind) -> bool:
        """Return whether there is a contact of a kind."""
        return bool(self._numbers[kind])

    @cached_property
    def _numbers(self) -> np.ndarray:
        """Return how many contacts there are of each kind."""
        return tally(self.contacts["kind"], len(ContactKind))

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
