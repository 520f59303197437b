"""What agents did, whoever called: the time of each group, cut to what counts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simkcc.analysis.columns.legs import Legs, tally
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import NONE, SECOND, ContactLog, LegKind

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

    def __init__(self, log: ContactLog, plan: Plan, window: Window, legs: Legs) -> None:
        """Keep a log and its legs."""
        self.log, self.plan, self.window = log, plan, window
        self.group_of = np.append(plan.group_of(), NONE)
        """(agents + 1,) group of each agent; nobody has none."""
        self._legs = legs

    @cached_property
    def busy_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group could take no one else, cut to the window."""
        return self.seconds_of_groups(*BUSY)

    def seconds_of_groups(self, *kinds: LegKind) -> np.ndarray:
        """Return the seconds agents of each group spent in legs of some kinds, cut to the window.

        All contacts count, not only the counted ones: an agent is busy whoever calls. In a queue
        only who waits along is busy.
        """
        return sum((self._work(kind) for kind in kinds), np.zeros(len(self.plan.groups))) / SECOND

    def _work(self, kind: LegKind) -> np.ndarray:
        start, end, agent, second = self._legs.of_all(kind)
        lengths = self._inside(start, end)
        size = len(self.plan.groups)
        both = (second,) if kind == LegKind.QUEUE else (agent, second)
        total = np.zeros(size)
        for who in both:
            if (who != NONE).any():
                total += tally(self.group_of[who] + 1, size + 1, lengths)[1:]
        return total

    @cached_property
    def there_seconds(self) -> np.ndarray:
        """Return the seconds agents of each group were there, cut to the window."""
        sessions = self.log.sessions
        lengths = self._inside(sessions["start"], sessions["end"])
        return np.bincount(sessions["group"], lengths, minlength=len(self.plan.groups)) / SECOND

    def _inside(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        stop = np.where(end == NONE, self.window.end, end)
        inside = np.minimum(stop, self.window.end) - np.maximum(start, self.window.start)
        return np.maximum(inside, 0)
