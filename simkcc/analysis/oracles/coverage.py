"""Do 95 % intervals hold the truth in 95 of 100 experiments? Measured, on a queue that is solved.

The centre is an M/M/n+M (Erlang A): its service level, mean wait, abandonment and cost per call are
known. Each experiment is a whole study of a few replications of one day after a day of warm-up; it
makes its intervals as every run does, and the truth lies in them or not.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from simkcc.analysis import erlang
from simkcc.analysis.folding import fold
from simkcc.analysis.intervals import ratio_interval, score_interval
from simkcc.analysis.oracles.cases import centre, exponential
from simkcc.analysis.results import OnProgress
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.model.scenario import Scenario

PER_HOUR, AHT, AGENTS, PATIENCE, THRESHOLD, PRICE = 40.0, 180.0, 2, 300.0, 20.0, 50.0
"""The centre: two erlang on two agents, so that waits and hang-ups are common."""
WITHIN = (0.93, 0.97)
"""Shares of experiments that hold the truth with which 95 % intervals pass."""


@dataclass(frozen=True)
class Coverage:
    """How often the intervals of one figure held the truth."""

    metric: str
    truth: float
    experiments: int
    replications: int
    """Of each experiment."""
    covered: float
    """Share of experiments whose interval holds the truth."""
    low: float
    """Lower end of the 95 % score interval of that share."""
    high: float
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        """Return its columns."""
        return asdict(self)


def truths() -> dict[str, float]:
    """Return the figures of the centre in steady state."""
    exact = erlang.erlang_a(PER_HOUR * AHT / 3600, AGENTS, AHT, PATIENCE)
    return {
        "sl2": exact.served_within(THRESHOLD),
        "asa": exact.asa,
        "abandonment": exact.abandoned,
        "cost_per_call": PRICE * AGENTS / (PER_HOUR * (1 - exact.abandoned)),
    }


def coverage(
    experiments: int = 1000,
    replications: int = 10,
    *,
    seed: int = 1,
    jobs: int = 2,
    on_progress: OnProgress = lambda done, of, what: None,
) -> list[Coverage]:
    """Return how often the intervals of the figures held the truth."""
    table = centre(PER_HOUR, AHT, AGENTS, exponential(PATIENCE), THRESHOLD)(2)
    table["groups"]["first"]["per_hour"] = PRICE
    scenario = Scenario.model_validate(table)
    plan, true = compile_plan(scenario), truths()
    tasks = (
        _experiment(plan, scenario, true, seed + experiment, replications)
        for experiment in range(experiments)
    )
    held = dict.fromkeys(true, 0)
    for done, (_, covered) in enumerate(runs.replications(tasks, jobs), 1):
        for metric in covered:
            held[metric] += 1
        on_progress(done, experiments, "experiments on the coverage of intervals")
    return [
        _judged(metric, truth, held[metric], experiments, replications)
        for metric, truth in true.items()
    ]


def _experiment(
    plan: Plan, scenario: Scenario, true: dict[str, float], seed: int, replications: int
) -> Callable[[], list[str]]:
    """Return a study whose result is the figures whose intervals hold the truth."""

    def task() -> list[str]:
        sums = [
            fold(runs.play(seeded), seeded, scenario, true)
            for seeded in (plan.seeded(seed, index) for index in range(replications))
        ]
        covered = []
        for metric, truth in true.items():
            above, below = zip(*(each.whole[metric] for each in sums), strict=True)
            interval = ratio_interval(above, below)
            if interval.low <= truth <= interval.high:
                covered.append(metric)
        return covered

    return task


def _judged(metric: str, truth: float, held: int, experiments: int, replications: int) -> Coverage:
    interval = score_interval(held, experiments)
    low, high = WITHIN
    passed = low <= interval.mean <= high
    return Coverage(
        metric, truth, experiments, replications, interval.mean, interval.low, interval.high, passed
    )
