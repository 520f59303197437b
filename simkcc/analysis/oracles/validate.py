"""The engines against every oracle: play the cases, read the figures, judge them by interval.

Two conditions make a pass: the figure's own 99 % interval is narrow enough to mean something, and
the truth lies in the wider interval that holds for all figures of the table together at 99.9 %.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np

from simkcc.analysis import erlang
from simkcc.analysis.intervals import Interval, ratio_interval, score_interval
from simkcc.analysis.oracles.cases import PATIENCE, all_cases, centre, exponential
from simkcc.analysis.oracles.figures import Case, Figure, Read, abandoned, answered_within
from simkcc.analysis.oracles.reading import Reading, play_kernel, play_reference
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.statistics import Count
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND, ContactLog, LegKind
from simkcc.model.scenario import Scenario

OnProgress = Callable[[int, int, str], None]

FAMILY = 0.999
"""Confidence with which all figures of a table together are judged."""
LEVEL = 0.99
"""Confidence of the half-width that must be narrow enough."""
REPLICATIONS = {"kernel": 100, "reference": 12}
WIDTH = {"kernel": 0.01, "reference": 0.40}
"""Widest half-width allowed, as a share of the truth. The reference is 1500 times slower."""
WIDTH_RARE = {"kernel": 0.0005, "reference": 0.005}
"""The same for probabilities below 0.01 or above 0.99, absolute."""
RARE = 0.01


@dataclass(frozen=True)
class Verdict:
    """One figure: what is true, what came out, and whether they agree."""

    case: str
    parameters: str
    figure: str
    engine: str
    truth: float
    estimate: float
    low: float
    """Lower end of the interval of the family."""
    high: float
    half_width: float
    """Of the interval at LEVEL."""
    allowed: float
    """Widest half-width that passes."""
    replications: int
    calls: int
    verdict: str
    """`pass`, `differs` or `too wide`."""

    @property
    def passed(self) -> bool:
        """Return whether the engine reproduces the figure."""
        return self.verdict == "pass"

    def as_dict(self) -> dict[str, Any]:
        """Return the row of a table."""
        return asdict(self)


def table(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the verdicts as rows."""
    return [verdict.as_dict() for verdict in verdicts]


def validate(
    jobs: int,
    on_progress: OnProgress = lambda done, of, what: None,
    cases: Sequence[str] | None = None,
    engine: str = "kernel",
    effort: float = 1.0,
) -> list[Verdict]:
    """Return a verdict on every figure of the chosen cases.

    cases: names or their beginnings, such as `A` or `D5`; None is every case. The reference engine
    plays a few cases, and those shorter. effort multiplies the days of every case; at 4 the
    intervals of the whole family are as narrow as those of single figures have to be.
    """
    if engine not in REPLICATIONS:
        raise SettingError(f"unknown engine '{engine}'; known: {', '.join(REPLICATIONS)}")
    chosen = [case for case in all_cases() if cases is None or case.name.startswith(tuple(cases))]
    if engine == "reference":
        chosen = [case for case in chosen if case.days_reference]
    exact = cases is None or any("J".startswith(name) for name in cases)
    if not chosen and not exact:
        known = ", ".join(case.name for case in all_cases())
        raise SettingError(
            f"no case {' or '.join(cases or ())} on the {engine}; there are {known}, J"
        )
    level = 1 - (1 - FAMILY) / max(sum(len(case.figures) for case in chosen), 1)
    verdicts = []
    of = REPLICATIONS[engine] * len(chosen)
    for number, case in enumerate(chosen):
        before = number * REPLICATIONS[engine]
        report = partial(_report, on_progress, before, of, case.name)
        days = case.days if engine == "kernel" else case.days_reference
        readings = read_case(case, jobs, engine, report, days=math.ceil(effort * days))
        verdicts += [judge(case, figure, readings, level, engine) for figure in case.figures]
    return verdicts + (exact_verdicts(engine) if exact else [])


def _report(on_progress: OnProgress, before: int, of: int, what: str, done: int) -> None:
    on_progress(before + done, of, what)


# ---------------------------------------------------------------------------------------------
# playing


def read_case(
    case: Case,
    jobs: int,
    engine: str = "kernel",
    on_done: Callable[[int], None] = lambda done: None,
    days: int | None = None,
    replications: int | None = None,
) -> list[Reading]:
    """Play a case and return what each replication leaves, in the order of the replications."""
    if days is None:
        days = case.days if engine == "kernel" else case.days_reference
    scenario = case.scenario(days)
    plan = compile_plan(scenario)
    play = play_kernel if engine == "kernel" else play_reference
    tasks: list[Callable[[], object]] = [
        partial(play, plan.seeded(scenario.seed, number), case.moments)
        for number in range(replications or REPLICATIONS[engine])
    ]
    found: dict[int, Reading] = {}
    for index, reading in runs.replications(tasks, jobs):
        found[index] = cast(Reading, reading)
        on_done(len(found))
    return [found[index] for index in range(len(tasks))]


# ---------------------------------------------------------------------------------------------
# judging


def judge(
    case: Case, figure: Figure, readings: Sequence[Reading], level: float, engine: str = "kernel"
) -> Verdict:
    """Return the verdict on one figure. level: of the interval that must hold the truth."""
    family, usual = (estimate(case, figure, readings, one) for one in (level, LEVEL))
    allowed = WIDTH_RARE[engine] if is_rare(figure) else WIDTH[engine] * figure.truth
    if not family.low <= figure.truth <= family.high:
        verdict = "differs"
    else:
        verdict = "pass" if usual.half_width <= allowed else "too wide"
    return Verdict(
        case.name, case.title, figure.name, engine, figure.truth, family.mean, family.low,
        family.high, usual.half_width, allowed, len(readings), calls(readings), verdict,
    )  # fmt: skip


def calls(readings: Sequence[Reading]) -> int:
    """Return the number of calls behind the warm-up, over all replications."""
    return int(sum(r.counts[len(r.plan.queues) :, Count.BORN].sum() for r in readings))


def is_rare(figure: Figure) -> bool:
    """Return whether a figure is a probability near 0, or near 1 so that its complement is."""
    return figure.is_share and min(figure.truth, 1 - figure.truth) < RARE


def estimate(case: Case, figure: Figure, readings: Sequence[Reading], level: float) -> Interval:
    """Return a figure with its interval at `level`."""
    above, below = _columns(figure.read, readings)
    if is_rare(figure):
        return clustered_score(above, below, level)
    if figure.is_plain or not case.controls:
        found = ratio_interval(above, below, level)
    else:
        known = np.array([[control(r) for control in case.controls] for r in readings])
        found = controlled_ratio(above, below, known, level)
    if figure.is_deviation:
        ends = np.sqrt(np.maximum([found.mean, found.low, found.high], 0.0))
        found = replace(found, mean=ends[0], low=ends[1], high=ends[2])
    return found


def _columns(read: Read, readings: Sequence[Reading]) -> tuple[np.ndarray, np.ndarray]:
    """Return the numerators and the denominators of a figure over the replications."""
    above, below = np.array([read(reading) for reading in readings], np.float64).T
    return above, below


def clustered_score(above: np.ndarray, below: np.ndarray, level: float) -> Interval:
    """Return a score interval of a rare share whose trials come in clusters.

    Callers of one day are alike: trials are divided by the variance between replications over
    what independent trials would show, at least 1.
    """
    trials, share = float(below.sum()), float(above.sum() / below.sum())
    usual = ratio_interval(above, below, 0.6827).half_width
    spread = share * (1 - share) / trials
    alike = max(usual**2 / spread, 1.0) if spread > 0 else 1.0
    fewer = max(int(trials / alike), 1)
    return replace(score_interval(share * fewer, fewer, level), mean=share)


def controlled_ratio(
    above: np.ndarray, below: np.ndarray, controls: np.ndarray, level: float
) -> Interval:
    """Return a ratio of sums, freed from the noise that controls explain.

    controls: (R, C), each zero on average. The ratio is linearised and regressed on them; where
    they are zero it is the estimate.
    Source: Lavenberg and Welch (1981), "A perspective on the use of control variables to increase
    the efficiency of Monte Carlo simulations".
    """
    from scipy.special import stdtrit

    ratio = above.sum() / below.sum()
    values = ratio + (above - ratio * below) / below.mean()
    scale = np.maximum(np.abs(controls).max(axis=0), 1e-300)
    design = np.column_stack([np.ones(len(values)), controls / scale])
    weights, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    freedom = len(values) - int(rank)
    variance = float(np.sum((values - design @ weights) ** 2)) / freedom
    error = math.sqrt(variance * float(np.linalg.pinv(design.T @ design)[0, 0]))
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    mean = float(weights[0])
    return Interval(mean, mean - half, mean + half, level, len(values))


# ---------------------------------------------------------------------------------------------
# exact


COUNTER_EXAMPLE = ((1, 1, 1), (1, 4, 8), (3, 9, 2), (5, 12, 1), (5, 12, 6))
"""(arrives, handling, patience) of five callers, in seconds."""
TOTAL_WAITS = {1: 5.0, 2: 6.0}
"""With impatient callers a second agent can lengthen the total wait."""


def counter_example(agents: int) -> Scenario:
    """Return the centre in which more agents wait longer: a topic for each caller, one queue."""
    topics = {
        f"caller {index}": {
            "arrivals": [float(arrives)], "patience": float(patience), "queue": "first",
            "handling": {"talk": float(handling)},
        }
        for index, (arrives, handling, patience) in enumerate(COUNTER_EXAMPLE)
    }  # fmt: skip
    return Scenario.model_validate(
        {
            "tick": 1.0,
            "horizon": {"days": 1, "end": "run_out"},
            "topics": topics,
            "queues": {"first": {"routes": [{"group": "first"}]}},
            "groups": {"first": {"agents": agents}},
        }
    )


def total_wait(log: ContactLog) -> int:
    """Return the sum of all waits, in microseconds."""
    waits = log.legs[log.legs["kind"] == LegKind.QUEUE]
    return int(np.sum(waits["end"] - waits["start"]))


def exact_verdicts(engine: str) -> list[Verdict]:
    """Return the verdicts on the counter-example, which has no chance in it."""
    verdicts = []
    for agents, truth in TOTAL_WAITS.items():
        plan = compile_plan(counter_example(agents))
        if engine == "kernel":
            log = runs.play(plan)
        else:
            from simkcc.engine import reference

            log = reference.play(plan).log()
        found = total_wait(log) / SECOND
        verdicts.append(
            Verdict(
                "J",
                f"five stated callers, {agents} agents",
                "total wait, s",
                engine,
                truth,
                found,
                found,
                found,
                0.0,
                0.0,
                1,
                len(log.contacts),
                "pass" if found == truth else "differs",
            )
        )
    return verdicts


# ---------------------------------------------------------------------------------------------
# face validity


YEARS = {2016: (0.37, 0.19, 336.0), 2017: (0.45, 0.14, 342.0), 2018: (0.71, 0.06, 287.0), 2019: (0.67, 0.07, 292.0)}  # fmt: skip
"""'s-Hertogenbosch: share answered within 25 s of offered, share abandoned, mean talk in seconds."""
YEAR_AGENTS = 8
"""Assumed: 163,000 to 215,000 calls a year in some 2,100 hours are 6.5 to 9 erlang."""
YEAR_TOLERANCE = 0.02
"""Two points of the service level."""


def patience_fit(jobs: int, patience: float = PATIENCE, days: int = 20) -> list[dict[str, Any]]:
    """Return how well one patience reproduces four years of a municipal centre.

    The load is chosen so that the share abandoned is the published one; the service level then
    follows. A report, not a gate: the number of agents is assumed, and the load is taken constant.
    """
    rows = []
    for year, (level, lost, talk) in YEARS.items():
        load = load_that_loses(lost, YEAR_AGENTS, talk, patience)
        build = centre(load * 3600 / talk, talk, YEAR_AGENTS, exponential(patience), threshold=25.0)
        case = Case(str(year), "", build, (), days)
        readings = read_case(case, jobs)
        found = {
            name: ratio_interval(*_columns(read, readings), level=LEVEL)
            for name, read in (("service_level", answered_within()), ("abandoned", abandoned))
        }
        error = found["service_level"].mean - level
        rows.append(
            {
                "year": year,
                "patience": patience,
                "agents": YEAR_AGENTS,
                "load": load,
                "abandoned_published": lost,
                "abandoned": found["abandoned"].mean,
                "service_level_published": level,
                "service_level": found["service_level"].mean,
                "half_width": found["service_level"].half_width,
                "error": error,
                "fits": abs(error) <= YEAR_TOLERANCE,
            }
        )
    return rows


def load_that_loses(share: float, agents: int, aht: float, patience: float) -> float:
    """Return the load, in erlang, at which Erlang A loses `share` of the callers."""
    low, high = 0.0, 10.0 * agents
    for _ in range(60):
        middle = (low + high) / 2
        loses = erlang.erlang_a(middle, agents, aht, patience).abandoned
        low, high = (middle, high) if loses < share else (low, middle)
    return high
