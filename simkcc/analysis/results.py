"""A scenario run: replications folded to sums, sums to figures with their intervals."""

from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.floor import Window
from simkcc.analysis.columns.log import LogColumns
from simkcc.analysis.columns.promised import on_rota
from simkcc.analysis.columns.splits import (
    CallSplits,
    Sparse,
    Splits,
    TotalSplits,
    names_of_values,
    waits_by,
)
from simkcc.analysis.columns.tallies import total
from simkcc.analysis.columns.totals import Totals
from simkcc.analysis.columns.usage import Usage, usage
from simkcc.analysis.intervals import Interval, ratio_interval
from simkcc.analysis.metrics import METRICS, PERCENTILES, Percentile, Rules
from simkcc.analysis.percentiles import percentile_interval
from simkcc.analysis.promises.stability import judge
from simkcc.analysis.stated import refuse_unknown_figures
from simkcc.analysis.status import DIVERGES, Status
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.statistics import bin_edges
from simkcc.errors import SettingError, UnsupportedError
from simkcc.model.contact_log import DAY, SECOND, ContactKind, ContactLog
from simkcc.model.files import BASE
from simkcc.model.scenario import Scenario

OnProgress = Callable[[int, int, str], None]

BIN_EDGES = bin_edges()
BINS = BIN_EDGES / SECOND
"""Upper edges of the pooled histogram of waits, in seconds: those of the kernel's, 32 per doubling."""
EDGES = np.concatenate([[0.0], BINS])
"""The same as bounds of bins: the first bin holds waits of exactly zero."""
JUDGED_BY = ("callbacks_opened", "backlog_growth")
"""Figures from which it is judged whether promises can be kept."""


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


@dataclass
class Result:
    """What a scenario brought out."""

    scenario: Scenario
    name: str
    variant: str | None
    seed: int
    callers_per_attempt: float
    applied: dict[str, Any]
    values: dict[str, tuple[str, ...]]
    """Names of the values of each dimension."""
    sums: list[Sums] = field(default_factory=list)
    alias: str | None = None
    statuses: dict[str, Status] = field(default_factory=dict)
    """By metric: what is known of it that its replications do not show."""

    @property
    def label(self) -> str:
        """Return how the arm is called: by its variant, or by the file where that is not enough."""
        return self.alias or self.variant or self.name

    @property
    def variant_name(self) -> str:
        """Return the name of its variant within its file; the file itself is `base`."""
        return self.variant or BASE

    @property
    def refused(self) -> dict[str, str]:
        """Return the figures that a run without a contact log could not have, and why."""
        return self.sums[0].refused if self.sums else {}

    def pairs(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        """Return numerators and denominators of a figure over the replications."""
        found = np.array([sums.whole[metric] for sums in self.sums], float).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def diverges(self, metric: str) -> bool:
        """Return whether a figure has no mean, whatever its replications average to."""
        return metric in self.statuses and self.statuses[metric].name == DIVERGES

    def interval(self, metric: str, level: float = 0.95) -> Interval:
        """Return a figure with its interval; percentiles from pooled samples, nan if it diverges."""
        if self.diverges(metric):
            return Interval(np.nan, np.nan, np.nan, level, len(self.sums))
        if metric in PERCENTILES:
            counts = self.histograms(metric)
            return percentile_interval(counts, EDGES, PERCENTILES[metric].share, level)
        return ratio_interval(*self.pairs(metric), level)

    def histograms(self, metric: str) -> np.ndarray:
        """Return the histograms of waits of a percentile, (R, bins)."""
        return np.array([sums.histogram(PERCENTILES[metric].sample) for sums in self.sums])

    def split(self, metric: str, dimension: str) -> dict[str, Interval]:
        """Return a figure by the values of a dimension; values without data are left out."""
        if metric in PERCENTILES:
            return self._percentiles_by(PERCENTILES[metric], dimension)
        parts = np.array([sums.parts[dimension][metric] for sums in self.sums])
        return {
            value: ratio_interval(parts[:, 0, index], parts[:, 1, index], 0.95)
            for index, value in enumerate(self.values[dimension])
            if parts[:, 1, index].sum() > 0
        }

    def dimensions_of(self, metric: str) -> tuple[str, ...]:
        """Return by what a figure can be split here."""
        first = self.sums[0]
        if metric in PERCENTILES:
            answered = PERCENTILES[metric].sample == "answered"
            return tuple(first.waits_by) if answered else ()
        return tuple(name for name in self.values if metric in first.parts.get(name, {}))

    def _percentiles_by(self, percentile: Percentile, dimension: str) -> dict[str, Interval]:
        values = self.values[dimension]
        counts = np.zeros((len(self.sums), len(values), len(BINS)), np.int64)
        for each, sums in zip(counts, self.sums, strict=True):
            cells, number = sums.waits_by[dimension]
            each.reshape(-1)[cells] = number
        return {
            value: percentile_interval(counts[:, index], EDGES, percentile.share)
            for index, value in enumerate(values)
            if counts[:, index].any()
        }


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


def run(
    scenario: Scenario,
    *,
    name: str = "scenario",
    variant: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int = 2,
    engine: str = "kernel",
    stream: bool = False,
    callers_per_attempt: float | None = None,
    applied: dict[str, Any] | None = None,
    only: Collection[str] | None = None,
    on_progress: OnProgress = lambda done, of, what: None,
) -> Result:
    """Run a scenario and fold every replication; with the same seed, the same callers.

    only: the figures that are wanted, not split; every one, split, if None.
    stream: keep no contact log, in constant memory; figures that need one are refused by name.
    """
    number = scenario.replications if replications is None else replications
    if number < 1:
        raise SettingError(f"replications {number}: give at least 1")
    result = begin(
        scenario, name=name, variant=variant, seed=seed, callers_per_attempt=callers_per_attempt,
        applied=applied,
    )  # fmt: skip
    grow(
        result, number, jobs=jobs, engine=engine, only=only, stream=stream, on_progress=on_progress
    )
    return result


def begin(
    scenario: Scenario, *, name: str = "scenario", variant: str | None = None,
    seed: int | None = None, callers_per_attempt: float | None = None,
    applied: dict[str, Any] | None = None,
) -> Result:  # fmt: skip
    """Return a run without replications yet; `grow` makes them."""
    refuse_unknown_figures(scenario, name)
    seed = scenario.seed if seed is None else seed
    scale = callers_per_attempt if callers_per_attempt is not None else deflation(scenario, seed)
    if scenario.demand.counts == "callers":
        scale = 1.0  # whatever the baseline counts, this volume is not one of attempts
    return Result(scenario, name, variant, seed, scale, applied or {}, {})


def grow(
    result: Result, number: int, *, jobs: int = 2, engine: str = "kernel",
    only: Collection[str] | None = None, stream: bool = False,
    on_progress: OnProgress = lambda done, of, what: None,
) -> None:  # fmt: skip
    """Add replications to a run until it has `number`; the same ones as if made at once."""
    if stream and engine != "kernel":
        raise SettingError(f"engine {engine}: only the kernel plays without a contact log")
    scenario, first = result.scenario, len(result.sums)
    plan = compile_plan(scenario, result.callers_per_attempt)
    result.values = names_of_values(plan)
    tasks = (
        _task(plan.seeded(result.seed, index), scenario, engine, only, stream)
        for index in range(first, number)
    )
    found: dict[int, Sums] = {}
    with closing(runs.replications(tasks, jobs)) as finished:
        for done, (index, sums) in enumerate(finished, first + 1):
            found[index] = sums
            on_progress(done, number, result.label)
    result.sums += [found[index] for index in sorted(found)]
    if not stream and (only is None or set(JUDGED_BY) <= set(only)):
        result.statuses = {}
        result.statuses = judge(scenario, plan, result)


def _task(
    plan: Plan, scenario: Scenario, engine: str, only: Collection[str] | None, stream: bool
) -> Callable[[], Sums]:
    def task() -> Sums:
        if stream:
            return fold_totals(stream_totals(plan, scenario), plan, scenario)
        return fold(play(plan, engine), plan, scenario, only)

    return task


def stream_totals(plan: Plan, scenario: Scenario) -> Totals:
    """Play a plan on the kernel without a contact log: constant memory, sums only."""
    state = runs.start(plan, logging=False)
    runs.advance(plan, state)
    return Totals(state, plan, counting(scenario, plan)[0])


def play(plan: Plan, engine: str = "kernel") -> ContactLog:
    """Play a plan on the engine of that name."""
    if engine == "reference":
        from simkcc.engine import reference

        return reference.play(plan).log()
    if engine != "kernel":
        raise SettingError(f"engine '{engine}': give kernel or reference")
    return runs.play(plan)


def deflation(scenario: Scenario, seed: int, rounds: int = 8) -> float:
    """Return callers per attempt of a baseline whose volume counts attempts; 1 if it counts callers.

    Published volumes hold redials and repeats. The share of first attempts depends on how many
    calls there are, so it is found by a fixed point, on the first replication of the baseline.
    """
    if scenario.demand.counts == "callers":
        return 1.0
    topics = np.array([topic.share is not None for topic in scenario.topics.values()])
    scale = 1.0
    for _ in range(rounds):
        log = runs.play(compile_plan(scenario, scale).seeded(seed, 0))
        calls = log.contacts[(log.contacts["kind"] == ContactKind.CALL)]
        calls = calls[topics[calls["topic"]]]
        share = float((calls["origin"] == 0).mean()) if len(calls) else 1.0
        if abs(share - scale) < 2e-4:
            return share
        scale = share
    return scale
