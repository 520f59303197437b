"""Whether the contenders simulate the same thing: every figure of each against all others.

Each contender runs the same number of calls under seeds of its own; a figure disagrees when
Welch's two-sided test rejects at 0.1 %, divided by the number of comparisons (Bonferroni).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, variance

from scipy.special import stdtr

from bench.contenders import Run
from bench.outcome import figures

ERROR_RATE = 0.001
"""Chance that one or more of all comparisons rejects although all contenders are right."""

SEEDS_APART = 1_000
PAIR = 2

Samples = dict[str, dict[str, list[float]]]
"""contender -> figure -> its value per replication."""


@dataclass(frozen=True)
class Comparison:
    """One figure of one contender against the pooled others."""

    contender: str
    figure: str
    distance: float
    """Difference of the means in standard errors; inf when two constants differ."""
    chance: float
    """Chance of a distance as wide, if they simulate the same thing."""


@dataclass(frozen=True)
class Agreement:
    """The samples of a workload and what comparing them says."""

    samples: Samples
    widest: dict[str, Comparison]
    """Per contender its least likely figure, against all others that were left."""
    disagreeing: dict[str, list[Comparison]]
    """Per contender that disagrees the figures that do."""


def replicate(workload: str, runs: dict[str, Run], calls: int, replications: int) -> Samples:
    """Run every contender under its own seeds and print a line for each."""
    samples: Samples = {}
    for place, (name, run) in enumerate(runs.items(), start=1):
        seeds = range(place * SEEDS_APART, place * SEEDS_APART + replications)
        found = [figures(workload, run(calls, seed), calls) for seed in seeds]
        samples[name] = {figure: [each[figure] for each in found] for figure in found[0]}
        print(f"{workload} check: {name}, {replications} runs of {calls:,} calls", flush=True)
    return samples


def judge(samples: Samples) -> Agreement:
    """Set the worst contender apart until the others agree; two who differ both disagree."""
    limit = ERROR_RATE / sum(len(by_figure) for by_figure in samples.values())
    left = dict(samples)
    widest: dict[str, Comparison] = {}
    disagreeing: dict[str, list[Comparison]] = {}
    while len(left) > 1:
        compared = {name: compare(name, left) for name in left}
        widest |= {name: least_likely(found) for name, found in compared.items()}
        worst = least_likely(widest[name] for name in left)
        if worst.chance >= limit:
            break
        for name in [worst.contender] if len(left) > PAIR else list(left):
            disagreeing[name] = [each for each in compared[name] if each.chance < limit]
            del left[name]
    return Agreement(samples, widest, disagreeing)


def least_likely(comparisons: Iterable[Comparison]) -> Comparison:
    """Return the comparison with the smallest chance, the widest of equals."""
    return min(comparisons, key=lambda each: (each.chance, -each.distance))


def compare(name: str, samples: Samples) -> list[Comparison]:
    """Compare each figure of a contender with the pooled replications of the others."""
    others = [by_figure for other, by_figure in samples.items() if other != name]
    found = []
    for figure, values in samples[name].items():
        pooled = [value for by_figure in others for value in by_figure[figure]]
        distance, chance = welch(values, pooled)
        found.append(Comparison(name, figure, distance, chance))
    return found


def welch(values: list[float], others: list[float]) -> tuple[float, float]:
    """Return the distance of two means in standard errors and its two-sided chance.

    Source: Welch (1947), "The generalization of Student's problem when several different
    population variances are involved".
    """
    difference = abs(fmean(values) - fmean(others))
    squares = [variance(sample) / len(sample) for sample in (values, others)]
    total = sum(squares)
    if total == 0.0:
        return (0.0, 1.0) if difference == 0.0 else (inf, 0.0)
    sizes = (len(values), len(others))
    freedom = total**2 / sum(
        square**2 / (size - 1) for square, size in zip(squares, sizes, strict=True)
    )
    distance = difference / sqrt(total)
    return distance, 2.0 * float(stdtr(freedom, -distance))


def standard_error(values: list[float]) -> float:
    """Return the standard error of the mean of independent values."""
    return sqrt(variance(values) / len(values))
