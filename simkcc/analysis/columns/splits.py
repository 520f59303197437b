"""Sums of a figure by topic, queue, half hour, weekday, line and group, from one pass each."""

import math
from functools import cached_property

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.metrics.registry import DIMENSIONS, Grain, Metric, Pair
from simkcc.engine.plan import Plan
from simkcc.engine.statistics import BUCKETS
from simkcc.model.calendar import WEEKDAYS
from simkcc.model.contact_log import DAY, SECOND

LINES = 3
"""First, second and third line."""
HALF_HOURS = 48


def names_of_values(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the names of the values of each dimension."""
    return {
        "topic": plan.topics,
        "queue": plan.queue_names,
        "half_hour": tuple(f"{i // 2:02d}:{30 * (i % 2):02d}" for i in range(HALF_HOURS)),
        "weekday": WEEKDAYS,
        "line": tuple(str(1 + line) for line in range(LINES)),
        "group": plan.group_names,
    }


def lines_of_queues(plan: Plan, lines: np.ndarray) -> np.ndarray:
    """Return the line of each queue, 0 = first: that of the first group of its route.

    lines: (G,) line of each group, 1 = first.
    """
    return lines[plan.routes["group"][:, 0]] - 1


class Cells:
    """Sums of a column over the values of some dimensions, found together.

    Rows whose value is NONE belong to no value of that dimension.
    """

    def __init__(self, columns: dict[str, tuple[np.ndarray, int]]) -> None:
        """Note the value of each row and the number of values, by dimension."""
        self.sizes = {name: size for name, (_, size) in columns.items()}
        self._shape = tuple(size + 1 for size in self.sizes.values())
        self._n_cells = math.prod(self._shape)
        places = [np.asarray(column, np.int64) + 1 for column, _ in columns.values()]
        self._cell = np.ravel_multi_index(places, self._shape)
        self._known: dict[int, tuple[np.ndarray, dict[str, np.ndarray]]] = {}

    def everywhere(self, number: float) -> dict[str, np.ndarray]:
        """Return the same number for every value of every dimension."""
        return {name: np.full(size, number) for name, size in self.sizes.items()}

    def sums(self, column: np.ndarray) -> dict[str, np.ndarray]:
        """Return the sums by dimension; a column that comes back is not summed again."""
        if id(column) not in self._known:
            self._known[id(column)] = (column, self._sums(column))
        return self._known[id(column)][1]

    def _sums(self, column: np.ndarray) -> dict[str, np.ndarray]:
        rows = np.flatnonzero(column)
        if not len(rows):  # most figures of most centres: no mail, no cases, no second line
            return self.everywhere(0.0)
        cell, weights = self._cell, column
        if 3 * len(rows) < len(column):
            cell, weights = cell[rows], column[rows]
        counts = np.bincount(cell, weights, minlength=self._n_cells)
        counts = counts.reshape(self._shape)
        axes = range(len(self._shape))
        return {
            name: counts.sum(axis=tuple(other for other in axes if other != axis))[1:]
            for axis, name in enumerate(self.sizes)
        }


class Splits:
    """The cells of calls, visits and groups of one replication."""

    def __init__(self, calls: Calls, lines: np.ndarray) -> None:
        """Note the replication. lines: (G,) line of each group, 1 = first."""
        self.calls, self.lines = calls, lines
        self.plan = calls.plan

    def parts(self, metric: Metric, pair: Pair) -> dict[str, np.ndarray]:
        """Return (2, values) numerators and denominators of a figure by dimension."""
        if metric.grain == "whole":
            return {}
        cells = getattr(self, f"of_{metric.grain}s")
        above = cells.sums(pair[0])
        below = cells.everywhere(pair[1][0]) if metric.weekly else cells.sums(pair[1])
        wanted = DIMENSIONS[metric.grain]
        return {name: np.array([above[name], below[name]]) for name in wanted}

    @cached_property
    def of_calls(self) -> Cells:
        """Return the cells of calls."""
        calls = self.calls
        return Cells({
            "topic": (calls.contacts["topic"], len(self.plan.topics)),
            "queue": (calls.queue, len(self.plan.queue_names)),
            "half_hour": (calls.half_hour, HALF_HOURS),
            "weekday": (calls.weekday, len(WEEKDAYS)),
        })  # fmt: skip

    @cached_property
    def of_visits(self) -> Cells:
        """Return the cells of visits to queues."""
        visits, first_date = self.calls.visits, self.calls.first_date
        return Cells({
            "queue": (visits.queue, len(self.plan.queue_names)),
            "line": (lines_of_queues(self.plan, self.lines)[visits.queue], LINES),
            "half_hour": (visits.joined % DAY // (1800 * SECOND), HALF_HOURS),
            "weekday": ((first_date - 1 + visits.joined // DAY) % 7, len(WEEKDAYS)),
        })  # fmt: skip

    @cached_property
    def of_groups(self) -> Cells:
        """Return the cells of groups."""
        return Cells({
            "group": (np.arange(len(self.plan.groups)), len(self.plan.groups)),
            "line": (self.lines - 1, LINES),
        })  # fmt: skip

    @cached_property
    def of_topics(self) -> Cells:
        """Return the cells of topics."""
        return Cells({"topic": (np.arange(len(self.plan.topics)), len(self.plan.topics))})


class TotalSplits:
    """The cells of sums: what a run without a contact log can be split by.

    Calls by topic; visits by queue, line, half hour and weekday; agents by group and line.
    """

    def __init__(self, plan: Plan, lines: np.ndarray) -> None:
        """Note the plan. lines: (G,) line of each group, 1 = first."""
        self._plan, self._lines = plan, lines

    def parts(self, metric: Metric, pair: Pair) -> dict[str, np.ndarray]:
        """Return (2, values) numerators and denominators of a figure by dimension."""
        cells = self._cells.get(metric.grain)
        if cells is None:
            return {}
        above = cells.sums(np.asarray(pair[0]))
        below = cells.everywhere(pair[1][0]) if metric.weekly else cells.sums(pair[1])
        return {name: np.array([above[name], below[name]]) for name in cells.sizes}

    @cached_property
    def _cells(self) -> dict[Grain, Cells]:
        plan = self._plan
        queue, bucket = np.divmod(np.arange(len(plan.queues) * BUCKETS), BUCKETS)
        topics, groups = len(plan.topics), len(plan.groups)
        return {
            "call": Cells({"topic": (np.arange(topics), topics)}),
            "visit": Cells({
                "queue": (queue, len(plan.queues)),
                "line": (lines_of_queues(plan, self._lines)[queue], LINES),
                "half_hour": (bucket % HALF_HOURS, HALF_HOURS),
                "weekday": (bucket // HALF_HOURS, len(WEEKDAYS)),
            }),
            "group": Cells({
                "group": (np.arange(groups), groups), "line": (self._lines - 1, LINES),
            }),
        }  # fmt: skip


# ---------------------------------------------------------------------------------------------
# waits


Sparse = tuple[np.ndarray, np.ndarray]
"""Cells of a histogram that are not zero (value x bins + bin), and their counts."""


def waits_by(calls: Calls, bins: np.ndarray, n_bins: int) -> dict[str, Sparse]:
    """Return histograms of the waits of answered calls by dimension.

    bins: bin of each answered call.
    """
    answered = np.flatnonzero(calls.answered)
    columns = {
        "topic": calls.contacts["topic"], "queue": calls.queue,
        "half_hour": calls.half_hour, "weekday": calls.weekday,
    }  # fmt: skip
    found = {}
    for name, column in columns.items():
        counts = np.bincount(column[answered].astype(np.int64) * n_bins + bins)
        cells = np.flatnonzero(counts)
        found[name] = cells.astype(np.int32), counts[cells].astype(np.int32)
    return found
