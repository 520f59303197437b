"""A scenario run: replications played and folded, their sums turned to figures with intervals."""

from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simkcc.analysis.columns.totals import Totals
from simkcc.analysis.folding import BINS, EDGES, Sums, counting, fold, fold_totals
from simkcc.analysis.intervals import Interval, ratio_interval
from simkcc.analysis.metrics import PERCENTILES, Percentile
from simkcc.analysis.metrics.money import OF_MONEY
from simkcc.analysis.metrics.splits import names_of_values
from simkcc.analysis.percentiles import percentile_interval
from simkcc.analysis.promises.stability import judge
from simkcc.analysis.stated import refuse_unknown_figures
from simkcc.analysis.status import DIVERGES, Status
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.errors import SettingError
from simkcc.model.contact_log import ContactKind, ContactLog, Origin
from simkcc.model.files import BASE
from simkcc.model.scenario import Scenario

OnProgress = Callable[[int, int, str], None]

JUDGED_BY = ("callbacks_opened", "backlog_growth")
"""Figures from which it is judged whether promises can be kept."""


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

    def forget_splits(self) -> None:
        """Keep whole figures alone: what is split by topic or half hour is most of the memory."""
        for sums in self.sums:
            sums.parts = {dimension: {} for dimension in sums.parts}
            sums.waits_by = {}

    def without_price(self, metric: str) -> bool:
        """Return whether a figure is unknown because the file gives no price at all."""
        return metric in OF_MONEY and not self.scenario.is_priced

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
        contacts = runs.play(compile_plan(scenario, scale).seeded(seed, 0)).contacts
        calls = (contacts["kind"] == ContactKind.CALL) & topics[contacts["topic"]]
        first = calls & (contacts["origin"] == Origin.FIRST)
        share = np.count_nonzero(first) / np.count_nonzero(calls) if calls.any() else 1.0
        if abs(share - scale) < 2e-4:
            return share
        scale = share
    return scale
