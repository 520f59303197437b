"""Sums of figures by topic, queue, half hour, weekday, line and group.

Calls that agree in all of these share a cell, and few cells are occupied. The column of a figure is
added up by cell as soon as it is known, and may be forgotten then; the cells are added up at the
end, for all figures together.
"""

import math
from abc import ABC, abstractmethod
from weakref import ref

import numpy as np

from simkcc.analysis.columns.calls import HALF_HOUR, Calls
from simkcc.analysis.columns.tallies import tally, total
from simkcc.analysis.metrics.registry import Grain, Metric, Pair
from simkcc.engine.plan import Plan
from simkcc.engine.statistics import BUCKETS
from simkcc.model.calendar import WEEKDAYS
from simkcc.model.contact_log import DAY

Whole = dict[str, tuple[float, float]]
"""Numerator and denominator by figure."""
Parts = dict[str, dict[str, np.ndarray]]
"""(2, values) numerators and denominators by dimension and figure."""

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
    """Sums of columns over the values of some dimensions.

    Rows whose value is NONE belong to no value of that dimension.
    """

    def __init__(self, columns: dict[str, tuple[np.ndarray, int]]) -> None:
        """Find the occupied cells. columns: value of each row and number of values, by dimension."""
        self._sizes = {name: size for name, (_, size) in columns.items()}
        shape = tuple(size + 1 for size in self._sizes.values())
        cell = np.ravel_multi_index([column + 1 for column, _ in columns.values()], shape)
        there = np.flatnonzero(np.bincount(cell, minlength=math.prod(shape)))
        dense = np.zeros(math.prod(shape), np.intp)
        dense[there] = np.arange(len(there))
        self._cell, self._n_cells = dense[cell], len(there)
        self._values = dict(zip(columns, np.unravel_index(there, shape), strict=True))
        """(cells,) 1 + value of each cell, 0 for NONE, by dimension."""
        self._sums: list[np.ndarray] = [np.zeros(self._n_cells)]
        self.totals = [0.0]
        """The sum of each column in all."""
        self._known: dict[int, tuple[ref[np.ndarray], int]] = {}

    def add(self, column: np.ndarray) -> int:
        """Return the number of a column, added up by cell; one that comes back is not added again."""
        known, number = self._known.get(id(column), (None, 0))
        if known is not None and known() is column:
            return number
        if np.count_nonzero(
            column
        ):  # of most centres most are zero: no mail, no cases, no second line
            number = len(self._sums)
            self._sums.append(np.bincount(self._cell, column, minlength=self._n_cells))
            self.totals.append(total(column))
        else:
            number = 0
        self._known[id(column)] = ref(column), number
        return number

    def by_dimension(self) -> dict[str, np.ndarray]:
        """Return the sums (columns, values) of all columns added so far, by dimension."""
        sums, found = np.array(self._sums), {}
        for name, size in self._sizes.items():
            place = np.add.outer(np.arange(len(sums)) * (size + 1), self._values[name])
            added = tally(place.ravel(), len(sums) * (size + 1), sums.ravel())
            found[name] = added.reshape(len(sums), size + 1)[:, 1:]
        return found


class Splits(ABC):
    """Numerators and denominators of figures, in all and by what they can be split by."""

    def __init__(self) -> None:
        """Begin without a figure."""
        self._cells: dict[Grain, Cells | None] = {}
        self._figures: dict[Grain, list[tuple[str, int, int, float]]] = {}
        self._whole: Whole = {}

    @abstractmethod
    def cells(self, grain: Grain) -> Cells | None:
        """Return the cells of what figures of a grain are made of; None if they cannot be split."""

    def add(self, name: str, metric: Metric, pair: Pair) -> None:
        """Take the columns of a figure; they may be forgotten then."""
        grain = metric.grain
        if grain not in self._cells:
            self._cells[grain], self._figures[grain] = self.cells(grain), []
        cells = self._cells[grain]
        if cells is None:
            self._whole[name] = total(pair[0]), total(pair[1])
            return
        below, everywhere = (0, float(pair[1][0])) if metric.weekly else (cells.add(pair[1]), 0.0)
        self._figures[grain].append((name, cells.add(pair[0]), below, everywhere))

    def sums(self) -> tuple[Whole, Parts]:
        """Return numerators and denominators of each figure, in all and by dimension."""
        found_whole: Whole = dict(self._whole)
        found: Parts = {}
        for grain, cells in self._cells.items():
            if cells is None:
                continue
            names, above, below, everywhere = zip(*self._figures[grain], strict=True)
            places, same = np.column_stack([above, below]), np.zeros((len(names), 2))
            same[:, 1] = everywhere
            whole = np.array(cells.totals)[places] + same
            found_whole |= zip(names, map(tuple, whole.tolist()), strict=True)
            for dimension, sums in cells.by_dimension().items():
                pairs = sums[places] + same[:, :, None]
                found.setdefault(dimension, {}).update(zip(names, pairs, strict=True))
        return found_whole, found


class CallSplits(Splits):
    """Calls, visits and groups of one replication."""

    def __init__(self, calls: Calls, lines: np.ndarray) -> None:
        """Note the replication. lines: (G,) line of each group, 1 = first."""
        super().__init__()
        self._calls, self._lines = calls, lines

    def cells(self, grain: Grain) -> Cells | None:
        """Return the cells of calls by their first queue and when they dialled, and so on."""
        calls, plan = self._calls, self._calls.plan
        if grain == "call":
            return Cells({
                "topic": (calls.contacts["topic"], len(plan.topics)),
                "queue": (calls.queue, len(plan.queue_names)),
                "half_hour": (calls.half_hour, HALF_HOURS),
                "weekday": (calls.weekday, len(WEEKDAYS)),
            })  # fmt: skip
        if grain == "visit":
            visits = calls.visits
            day, line = visits.joined // DAY, lines_of_queues(plan, self._lines)
            return Cells({
                "queue": (visits.queue, len(plan.queue_names)),
                "line": (line[visits.queue], LINES),
                "half_hour": (visits.joined // HALF_HOUR - HALF_HOURS * day, HALF_HOURS),
                "weekday": ((calls.first_date - 1 + day) % 7, len(WEEKDAYS)),
            })  # fmt: skip
        return cells_of_plan(grain, plan, self._lines)


class TotalSplits(Splits):
    """What a run without a contact log can be split by: its calls by topic only."""

    def __init__(self, plan: Plan, lines: np.ndarray) -> None:
        """Note the plan. lines: (G,) line of each group, 1 = first."""
        super().__init__()
        self._plan, self._lines = plan, lines

    def cells(self, grain: Grain) -> Cells | None:
        """Return the cells of topics, of queues in the half hours of a week, and of groups."""
        plan = self._plan
        if grain == "visit":
            queue, bucket = np.divmod(np.arange(len(plan.queues) * BUCKETS), BUCKETS)
            return Cells({
                "queue": (queue, len(plan.queues)),
                "line": (lines_of_queues(plan, self._lines)[queue], LINES),
                "half_hour": (bucket % HALF_HOURS, HALF_HOURS),
                "weekday": (bucket // HALF_HOURS, len(WEEKDAYS)),
            })  # fmt: skip
        return cells_of_plan("topic" if grain == "call" else grain, plan, self._lines)


def cells_of_plan(grain: Grain, plan: Plan, lines: np.ndarray) -> Cells | None:
    """Return the cells of figures with one row per topic or group; None if they have one in all."""
    topics, groups = len(plan.topics), len(plan.groups)
    if grain == "topic":
        return Cells({"topic": (np.arange(topics), topics)})
    if grain == "group":
        return Cells({"group": (np.arange(groups), groups), "line": (lines - 1, LINES)})
    return None


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
        counts = np.bincount(column[answered] * n_bins + bins)
        cells = np.flatnonzero(counts)
        found[name] = cells.astype(np.int32), counts[cells].astype(np.int32)
    return found
