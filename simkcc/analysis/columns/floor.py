"""What agents did, whoever called: the time of each group, cut to what counts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simkcc.analysis.columns.log import LogColumns, Table
from simkcc.analysis.columns.tallies import tally
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import NONE, SECOND, LegKind

SPOKEN = (LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER)
"""Legs in which both agents on the line are with the caller."""
BUSY = (*SPOKEN, LegKind.CONSULT, LegKind.WRAP, LegKind.RING, LegKind.QUEUE)
"""Legs in which an agent can take no one else; in a queue, who waits along with a caller."""


@dataclass(frozen=True)
class Window:
    """Which contacts count: dialled in [start, end) microseconds, about a counted topic."""

    start: int
    end: int
    counted: np.ndarray
    """(K,) bool: topics that count."""
    first_line: np.ndarray
    """(G,) bool: groups of the first line."""
    outside: np.ndarray | None = None
    """(G,) bool: groups of a provider or a shared pool; None: none."""


class Floor:
    """The groups of agents of one replication, as columns. Every column is an array (G,)."""

    def __init__(self, log: LogColumns, plan: Plan, window: Window) -> None:
        """Keep the columns of a log."""
        self.log, self.plan, self.window = log, plan, window
        self.group_of = np.append(plan.group_of(), NONE)
        """(agents + 1,) group of each agent; nobody has none."""
        self._inside: dict[LegKind, np.ndarray] = {}
        self._work: dict[LegKind, np.ndarray] = {}

    @cached_property
    def busy_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group could take no one else, cut to the window."""
        return self.seconds_of_groups(*BUSY)

    def seconds_of_groups(self, *kinds: LegKind) -> np.ndarray:
        """Return the seconds agents of each group spent in legs of some kinds, cut to the window.

        All contacts count, not only the counted ones: an agent is busy whoever calls. In a queue
        only who waits along is busy.
        """
        for kind in kinds:
            if kind not in self._work:
                self._work[kind] = self.by_group(kind, self.inside(kind))
        return sum((self._work[kind] for kind in kinds), np.zeros(len(self.plan.groups))) / SECOND

    def by_group(self, kind: LegKind, lengths: np.ndarray) -> np.ndarray:
        """Return the sums of (L,) lengths of the legs of a kind by the groups at work in them."""
        stays, size = self.log.stays(kind), len(self.plan.groups)
        found = np.zeros(size)
        for column in ("second",) if kind == LegKind.QUEUE else ("agent", "second"):
            who = stays[column]
            if (who != NONE).any():
                found += tally(self.group_of[who] + 1, size + 1, lengths)[1:]
        return found

    def inside(self, kind: LegKind) -> np.ndarray:
        """Return the microseconds of each leg of a kind within the window, whoever it is of.

        An open leg lasts to its end. Whole numbers, as floats.
        """
        if kind not in self._inside:
            self._inside[kind] = self._cut(self.log.stays(kind))
        return self._inside[kind]

    @cached_property
    def there_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group were there, cut to the window."""
        sessions = self.log.sessions
        return tally(sessions["group"], len(self.plan.groups), self._cut(sessions)) / SECOND

    def _cut(self, rows: Table) -> np.ndarray:
        start, end, window = rows["start"], rows["end"], self.window
        stop = np.where(end == NONE, window.end, end)
        inside = np.minimum(stop, window.end) - np.maximum(start, window.start)
        return np.maximum(inside, 0.0)
