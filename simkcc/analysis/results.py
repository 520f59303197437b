"""A scenario run: replications folded to sums, sums to figures with their intervals."""

from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from simkcc.analysis.calls import Calls, Window
from simkcc.analysis.intervals import Interval, ratio_interval
from simkcc.analysis.metrics import METRICS, PERCENTILES, Rules
from simkcc.analysis.percentiles import percentile_interval
from simkcc.analysis.promised import on_rota
from simkcc.analysis.stability import judge
from simkcc.analysis.status import DIVERGES, Status
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.errors import ScenarioError, SettingError
from simkcc.model.calendar import WEEKDAYS
from simkcc.model.contact_log import DAY, SECOND, ContactKind, ContactLog
from simkcc.model.files import BASE
from simkcc.model.scenario import Scenario

OnProgress = Callable[[int, int, str], None]

BINS = np.concatenate([[0.0], np.geomspace(0.1, 36_000.0, 1200)])
"""Edges of the pooled histogram of waits, in seconds: about 1 % apart."""
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
            return percentile_interval(self.waits, EDGES, PERCENTILES[metric], level)
        return ratio_interval(*self.pairs(metric), level)

    @property
    def waits(self) -> np.ndarray:
        """Return the histograms of waits of answered calls, (R, bins)."""
        return np.array([sums.waits for sums in self.sums])

    def split(self, metric: str, dimension: str) -> dict[str, Interval]:
        """Return a figure by the values of a dimension; values without data are left out."""
        parts = np.array([sums.parts[dimension][metric] for sums in self.sums])
        return {
            value: ratio_interval(parts[:, 0, index], parts[:, 1, index], 0.95)
            for index, value in enumerate(self.values[dimension])
            if parts[:, 1, index].sum() > 0
        }


def fold(
    log: ContactLog, plan: Plan, scenario: Scenario, only: Collection[str] | None = None
) -> Sums:
    """Return the sums of one replication; of some figures only, they are not split."""
    window, rules = counting(scenario, plan)
    calls = Calls(log, plan, window)
    split = _Split(calls) if only is None else None
    whole: dict[str, tuple[float, float]] = {}
    parts: dict[str, dict[str, np.ndarray]] = {name: {} for name in (split.sizes if split else ())}
    for name, metric in METRICS.items():
        if only is not None and name not in only:
            continue
        pair = metric.function(calls, rules)
        whole[name] = float(pair[0].sum()), float(pair[1].sum())
        if split is not None and metric.per_call:
            above = split.sums(pair[0])
            below = split.everywhere(pair[1][0]) if metric.weekly else split.sums(pair[1])
            for dimension in parts:
                parts[dimension][name] = np.array([above[dimension], below[dimension]])
    place = np.searchsorted(BINS, calls.wait[calls.answered])
    waits = np.bincount(np.minimum(place, len(BINS) - 1), minlength=len(BINS))
    return Sums(whole, parts, waits)


class _Split:
    """Sums of a column of calls by every dimension, from one pass over their combinations."""

    def __init__(self, calls: Calls) -> None:
        columns = {
            "topic": (calls.contacts["topic"], len(calls.plan.topics)),
            "queue": (calls.queue + 1, len(calls.plan.queue_names) + 1),
            "half_hour": (calls.half_hour, 48),
            "weekday": (calls.weekday, 7),
        }
        self.sizes = {name: size for name, (_, size) in columns.items()}
        shape = tuple(self.sizes.values())
        self._cell = np.ravel_multi_index([column for column, _ in columns.values()], shape)
        self._known: dict[int, tuple[np.ndarray, dict[str, np.ndarray]]] = {}

    def everywhere(self, number: float) -> dict[str, np.ndarray]:
        """Return the same number for every value of every dimension."""
        sizes = self.sizes | {"queue": self.sizes["queue"] - 1}
        return {name: np.full(size, number) for name, size in sizes.items()}

    def sums(self, column: np.ndarray) -> dict[str, np.ndarray]:
        """Return the sums by dimension; a column that comes back is not summed again."""
        if id(column) not in self._known:
            shape = tuple(self.sizes.values())
            cells = np.bincount(self._cell, column, minlength=int(np.prod(shape))).reshape(shape)
            found = {}
            for axis, name in enumerate(self.sizes):
                others = tuple(other for other in range(len(shape)) if other != axis)
                sums = cells.sum(axis=others)
                found[name] = sums[1:] if name == "queue" else sums
            self._known[id(column)] = (column, found)
        return self._known[id(column)][1]


def names_of_values(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the names of the values of each dimension."""
    return {
        "topic": plan.topics,
        "queue": plan.queue_names,
        "half_hour": tuple(f"{i // 2:02d}:{30 * (i % 2):02d}" for i in range(48)),
        "weekday": WEEKDAYS,
    }


def counting(scenario: Scenario, plan: Plan) -> tuple[Window, Rules]:
    """Return what counts, and by which rules."""
    start, end = int(plan.settings[0]["warm_up"]), int(plan.settings[0]["until"])
    counted = np.array([topic.counted for topic in scenario.topics.values()])
    providers = [scenario.providers.get(group.provider or "") for group in scenario.groups.values()]
    groups = list(zip(scenario.groups.values(), providers, strict=True))
    used = {group.provider for group in scenario.groups.values() if group.provider}
    first_line = np.array([group.line == 1 for group in scenario.groups.values()])
    return Window(start, end, counted, first_line), Rules(
        threshold=scenario.norms.threshold,
        short=scenario.norms.short_abandon,
        weeks=(end - start) / (7 * DAY),
        hour_prices=tuple(p.per_hour if p else group.per_hour for group, p in groups),
        minute_prices=tuple(p.per_minute if p else 0.0 for _, p in groups),
        call_prices=tuple(p.per_call if p else 0.0 for _, p in groups),
        yearly=sum(scenario.providers[name].per_year for name in used if name),
        rostered_hours=tuple(rostered_seconds(plan, start, end) / 3600),
        rota=on_rota(scenario),
        resumption=scenario.costs.resumption,
    )


def rostered_seconds(plan: Plan, start: int, end: int) -> np.ndarray:
    """Return the rostered seconds of each group in [start, end), absence not deducted."""
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
    callers_per_attempt: float | None = None,
    applied: dict[str, Any] | None = None,
    only: Collection[str] | None = None,
    on_progress: OnProgress = lambda done, of, what: None,
) -> Result:
    """Run a scenario and fold every replication; with the same seed, the same callers.

    only: the figures that are wanted, not split; every one, split, if None.
    """
    number = scenario.replications if replications is None else replications
    if number < 1:
        raise SettingError(f"replications {number}: give at least 1")
    result = begin(
        scenario, name=name, variant=variant, seed=seed, callers_per_attempt=callers_per_attempt,
        applied=applied,
    )  # fmt: skip
    grow(result, number, jobs=jobs, engine=engine, only=only, on_progress=on_progress)
    return result


def begin(
    scenario: Scenario, *, name: str = "scenario", variant: str | None = None,
    seed: int | None = None, callers_per_attempt: float | None = None,
    applied: dict[str, Any] | None = None,
) -> Result:  # fmt: skip
    """Return a run without replications yet; `grow` makes them."""
    _known_metrics(scenario, name)
    seed = scenario.seed if seed is None else seed
    scale = callers_per_attempt if callers_per_attempt is not None else deflation(scenario, seed)
    return Result(scenario, name, variant, seed, scale, applied or {}, {})


def grow(
    result: Result, number: int, *, jobs: int = 2, engine: str = "kernel",
    only: Collection[str] | None = None,
    on_progress: OnProgress = lambda done, of, what: None,
) -> None:  # fmt: skip
    """Add replications to a run until it has `number`; the same ones as if made at once."""
    scenario, first = result.scenario, len(result.sums)
    plan = compile_plan(scenario, result.callers_per_attempt)
    result.values = names_of_values(plan)
    tasks = (
        _task(plan.seeded(result.seed, index), scenario, engine, only)
        for index in range(first, number)
    )
    found: dict[int, Sums] = {}
    with closing(runs.replications(tasks, jobs)) as finished:
        for done, (index, sums) in enumerate(finished, first + 1):
            found[index] = sums
            on_progress(done, number, result.label)
    result.sums += [found[index] for index in sorted(found)]
    if only is None or set(JUDGED_BY) <= set(only):
        result.statuses = {}
        result.statuses = judge(scenario, plan, result)


def _known_metrics(scenario: Scenario, name: str) -> None:
    """Refuse expectations and turning points about figures that do not exist."""
    known = [*METRICS, *PERCENTILES]
    for part in ("expectations", "turning_points"):
        for index, each in enumerate(getattr(scenario, part)):
            if each.metric not in known:
                near = get_close_matches(each.metric, known, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise ScenarioError(
                    f"{name}: {part}.{index}.metric: unknown metric '{each.metric}'{hint} "
                    "(simkcc metrics lists them)"
                )


def _task(
    plan: Plan, scenario: Scenario, engine: str, only: Collection[str] | None
) -> Callable[[], Sums]:
    def task() -> Sums:
        return fold(play(plan, engine), plan, scenario, only)

    return task


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
