"""The contacts that count, as rows, and the legs they were in."""

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar
from weakref import proxy

import numpy as np

from simkcc.analysis.columns.floor import SPOKEN, Floor, Window
from simkcc.analysis.columns.log import LogColumns, Stays, Table
from simkcc.analysis.columns.tallies import tally
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import NONE, SECOND, ContactKind, LegKind

HANDLING = (
    *((kind, "agent") for kind in (*SPOKEN, LegKind.CONSULT, LegKind.WRAP)),
    *((kind, "second") for kind in (*SPOKEN, LegKind.QUEUE)),
)
"""Work on a call: of the agent who answered, of a second one on the line, and of who waits along in
another queue. Ringing is nobody's handle time."""

NOBODY = np.zeros(0, np.intp)

Found = TypeVar("Found")


class Counted(Floor):
    """The counted contacts of one kind in one replication, as columns. Every column is an array (N,)."""

    def __init__(
        self, log: LogColumns, plan: Plan, window: Window, kind: ContactKind
    ) -> None:  # fmt: skip
        """Choose the contacts of a kind; they come in order of birth."""
        super().__init__(log, plan, window)
        self.serials = NOBODY
        if log.has(kind):
            self.serials = np.flatnonzero((log.contacts["kind"] == kind) & self._chosen)
        self.contacts = Table(log.contacts, self.serials)
        self._kept: dict[Hashable, Any] = {}

    def once(self, make: Callable[..., Found], *more: Any) -> Found:
        """Return what is made of these contacts; made when it is first asked for, and kept.

        It knows them weakly: columns of a long run fill hundreds of megabytes, and are to go with
        the contacts, at once.
        """
        return self.kept(make, lambda: make(proxy(self), *more))

    def kept(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """Return what is known under a key; made when it is first asked for."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Found = self._kept[key]
        return found

    @cached_property
    def _chosen(self) -> np.ndarray:
        """Return whether each contact of the log counts, of whatever kind."""
        since, window = self.log.dialled, self.window
        inside = (since >= window.start) & (since < window.end)
        if window.counted.all():
            return inside
        return inside & window.counted[self.log.contacts["topic"]]

    @cached_property
    def _number(self) -> np.ndarray:
        """Return which of these contacts each contact of the log is, or NONE."""
        number = np.full(len(self.log.contacts), NONE)
        number[self.serials] = np.arange(len(self))
        return number

    def __len__(self) -> int:
        return len(self.serials)

    def numbers_of(self, serials: np.ndarray) -> np.ndarray:
        """Return which of these contacts some contacts are; NONE for those that do not count."""
        return self._number[serials]

    # ----------------------------------------------------------------- legs

    def stays(self, kind: LegKind) -> Stays:
        """Return the legs of a kind that are of these contacts; `owner` is the number of the contact."""
        return self.kept(("stays", kind), lambda: self._own(self.log.stays(kind)))

    def _own(self, stays: Stays) -> Stays:
        if not len(self) or not len(stays):
            return Stays(stays, NOBODY, owner=NOBODY)
        owner = self._number[stays["contact"]]
        mine = owner != NONE
        if mine.all():
            return Stays(stays, owner=owner)
        rows = np.flatnonzero(mine)
        return Stays(stays, rows, owner=owner[rows])

    def leg_columns(self, kind: LegKind, *names: str) -> tuple[np.ndarray, ...]:
        """Return columns of the legs of a kind; `owner` is the number of the contact."""
        stays = self.stays(kind)
        return tuple(stays[name] for name in names)

    def _spent(self, kind: LegKind) -> np.ndarray:
        """Return the microseconds each contact spent in finished legs of a kind."""
        stays = self.stays(kind)
        return self.kept(("spent", kind), lambda: tally(stays["owner"], len(self), stays.lengths))

    def seconds_in(self, *kinds: LegKind) -> np.ndarray:
        """Return the seconds each contact spent in finished legs of some kinds."""
        first, *more = map(self._spent, kinds)
        return sum(more, first) / SECOND

    @cached_property
    def handled_in_front(self) -> np.ndarray:
        """Return the seconds that agents of the first line gave each contact; see HANDLING."""
        return self._handled(self.window.first_line)

    @cached_property
    def handled_behind(self) -> np.ndarray:
        """Return the seconds that agents of the second and third line gave each contact."""
        return self._handled(~self.window.first_line)

    def _handled(self, groups: np.ndarray) -> np.ndarray:
        chosen = np.append(groups, False)[self.group_of]
        found = np.zeros(len(self))
        if not chosen.any():
            return found
        for kind, column in HANDLING:
            stays = self.stays(kind)
            if not len(stays):
                continue
            mine = chosen[stays[column]]
            if mine.all():
                found += self._spent(kind)
            elif mine.any():
                found += tally(stays["owner"], len(self), stays.lengths * mine)
        return found / SECOND

    def handled_by_groups(self, chosen: np.ndarray) -> np.ndarray:
        """Return the seconds that the agents of each group gave some contacts, (N,) bool, together; (G,)."""
        found = np.zeros(len(self.plan.groups) + 1)
        for kind, column in HANDLING:
            stays = self.stays(kind)
            if (stays[column] != NONE).any():
                lengths = stays.lengths * chosen[stays["owner"]]
                found += tally(self.group_of[stays[column]] + 1, len(found), lengths)
        return found[1:] / SECOND
