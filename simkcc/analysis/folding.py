"""One replication folded to sums: numerators and denominators of every figure, and waits."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.floor import Window
from simkcc.analysis.columns.log import LogColumns
from simkcc.analysis.columns.promised import on_rota
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import total
from simkcc.analysis.columns.totals import Totals
from simkcc.analysis.columns.usage import Usage, usage
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.metrics.splits import (
    CallSplits,
    Sparse,
    Splits,
    TotalSplits,
    names_of_values,
    waits_by,
)
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.statistics import bin_edges
from simkcc.errors import UnsupportedError
from simkcc.model.contact_log import DAY, SECOND, ContactLog
from simkcc.model.scenario import Scenario

BIN_EDGES = bin_edges()
BINS = BIN_EDGES / SECOND
"""Upper edges of the pooled histogram of waits, in seconds: those of the kernel's, 32 per doubling."""
EDGES = np.concatenate([[0.0], BINS])
"""The same as bounds of bins: the first bin holds waits of exactly zero."""


@dataclass
class Sums:
    """Numerators and denominators of every figure in one replication."""

    whole: dict[str, tuple[float, float]]
    parts: dict[str, dict[str, np.ndarray]]
    """By dimension and metric: (2, values) numerators and denominators."""
    waits: np.ndarray
    """Counts of waits of answered calls per bin."""
    probe_waits: np.ndarray | None = None
    """Counts of waits of probes per bin; None: there were none."""
    waits_by: dict[str, Sparse] = field(default_factory=dict)
    """Counts of waits of answered calls per dimension, value and bin."""

    refused: dict[str, str] = field(default_factory=dict)
    """Figures that could not be had without a contact log, and why."""

    usage: Usage | None = None
    """What was used of everything that has a price; None without a whole contact log."""

    def take(self, splits: Splits) -> None:
        """Keep the sums of figures, in their order; those that could not be had are zero."""
        whole, parts = splits.sums()
        self.whole |= {name: whole.get(name, (0.0, 0.0)) for name in METRICS}
        self.parts |= parts

    def histogram(self, sample: str) -> np.ndarray:
        """Return the counts of waits of `answered` calls or of `probes` per bin."""
        if sample == "answered":
            return self.waits
        return np.zeros(len(BINS)) if self.probe_waits is None else self.probe_waits


def fold(
    log: ContactLog, plan: Plan, scenario: Scenario, only: Collection[str] | None = None
) -> Sums:
    """Return the sums of one replication; of some figures only, they are not split."""
    window, rules = counting(scenario, plan)
    calls = Calls(LogColumns(log), plan, window)
    bins = bins_of(calls.answered_waits)
    sums = _no_sums(plan, np.bincount(bins, minlength=len(BINS)))
    probe_bins = bins_of(np.rint(calls.probe_waits[0] * SECOND))
    sums.probe_waits = np.bincount(probe_bins, minlength=len(BINS))
    if only is not None:
        for name in METRICS.keys() & set(only):
            above, below = METRICS[name].function(calls, rules)
            sums.whole[name] = total(above), total(below)
        return sums
    splits = CallSplits(calls, lines_of(scenario))
    for name, metric in METRICS.items():
        splits.add(name, metric, metric.function(calls, rules))
    sums.take(splits)
    sums.usage = usage(calls, rules)
    sums.waits_by = waits_by(calls, bins, len(BINS))
    return sums


def fold_totals(totals: Totals, plan: Plan, scenario: Scenario) -> Sums:
    """Return the sums of one replication that kept no log: of the figures that can be had so."""
    _, rules = counting(scenario, plan)
    splits = TotalSplits(plan, lines_of(scenario))
    sums = _no_sums(plan, np.zeros(len(BINS), np.int64))
    for name, metric in METRICS.items():
        try:
            if not metric.streamed:
                raise UnsupportedError("only a contact log tells")
            pair = metric.function(totals, rules)
        except UnsupportedError as error:
            sums.refused[name] = str(error)
            continue
        splits.add(name, metric, pair)
    sums.take(splits)
    _fold_waits(totals, sums)
    return sums


def _no_sums(plan: Plan, waits: np.ndarray) -> Sums:
    return Sums({}, {name: {} for name in names_of_values(plan)}, waits)


def lines_of(scenario: Scenario) -> np.ndarray:
    """Return the line of each group, (G,): 1 = first."""
    return np.array([group.line for group in scenario.groups.values()])


def _fold_waits(totals: Totals, sums: Sums) -> None:
    try:
        sums.waits = totals.histogram
    except UnsupportedError as error:
        sums.refused |= {
            name: str(error) for name, each in PERCENTILES.items() if each.sample == "answered"
        }
    for name, each in PERCENTILES.items():
        if each.sample == "probes":
            sums.refused[name] = "only a contact log tells"


def bins_of(waits: np.ndarray) -> np.ndarray:
    """Return the bin of each wait, in microseconds."""
    return np.minimum(np.searchsorted(BIN_EDGES, waits), len(BINS) - 1)


def counting(scenario: Scenario, plan: Plan) -> tuple[Window, Rules]:
    """Return what counts, and by which rules."""
    start, end = int(plan.settings[0]["warm_up"]), int(plan.settings[0]["until"])
    counted = np.array([topic.counted for topic in scenario.topics.values()])
    first_line = np.array([group.line == 1 for group in scenario.groups.values()])
    outside = np.array(
        [
            group.provider is not None or group.home != "in_house"
            for group in scenario.groups.values()
        ]
    )
    at_once = [group.at_once for group in scenario.groups.values()]
    return Window(start, end, counted, first_line, outside), Rules(
        threshold=scenario.norms.threshold,
        short=scenario.norms.short_abandon,
        weeks=(end - start) / (7 * DAY),
        rostered_hours=tuple(rostered_seconds(plan, start, end) / 3600 / at_once),
        at_once=tuple(at_once),
        citizen_hour=scenario.costs.citizen_hour,
        rota=on_rota(scenario),
        resumption=scenario.costs.resumption,
        scenario=scenario,
    )


def rostered_seconds(plan: Plan, start: int, end: int) -> np.ndarray:
    """Return the rostered seconds of each group in [start, end), absence not deducted.

    Of places: whoever holds two chats at once counts twice.
    """
    total = np.zeros(len(plan.groups))
    rosters = plan.changes[plan.changes["kind"] == ChangeKind.ROSTER]
    for group in range(len(total)):
        rows = rosters[rosters["subject"] == group]
        ends = np.append(rows["at"][1:], plan.settings[0]["until"])
        length = np.minimum(ends, end) - np.maximum(rows["at"], start)
        total[group] = float((np.maximum(length, 0) * rows["level"]).sum()) / SECOND
    return total
