"""Percentiles of pooled samples: what they are, how sure, and how they differ."""

import math

import numpy as np
import pytest

from simkcc.analysis.folding import BINS, EDGES
from simkcc.analysis.intervals import pooled_percentile
from simkcc.analysis.percentiles import paired_percentile_difference, percentile_interval


def histograms(samples: list[np.ndarray]) -> np.ndarray:
    """Return the counts of waits per bin, as a run makes them."""
    return np.array(
        [np.bincount(np.searchsorted(BINS, each), minlength=len(BINS)) for each in samples]
    )


def days(random: np.random.Generator, number: int, factor: float = 1.0) -> list[np.ndarray]:
    """Return waits of days that are busier or quieter, and longer when busier."""
    busy = random.gamma(8.0, 1 / 8.0, number)
    return [
        factor * each * 60 * random.exponential(1.0, random.poisson(300 * each)) for each in busy
    ]


def truth(share: float) -> float:
    """Return the percentile over very many days."""
    pooled = np.concatenate(days(np.random.default_rng(99), 4000))
    return float(np.quantile(pooled, share))


@pytest.mark.parametrize("share", [0.9, 0.5, 0.95])
@pytest.mark.slow  # four hundred experiments
def test_intervals_of_pooled_percentiles_cover(share: float) -> None:
    exact, random, held = truth(share), np.random.default_rng(4), 0
    for _ in range(400):
        found = percentile_interval(histograms(days(random, 20)), EDGES, share)
        assert found.low <= found.mean <= found.high
        held += found.low <= exact <= found.high
    assert 0.90 < held / 400 < 0.99


def test_the_mean_is_that_of_the_pooled_sample() -> None:
    few, many = [np.zeros(10)], [np.full(90, 100.0)]
    found = percentile_interval(histograms(few + many), EDGES, 0.5)
    assert found.mean == pooled_percentile(histograms(few + many), EDGES, 0.5)
    assert found.mean == pytest.approx(100, rel=0.011)


def test_equal_replications_leave_no_doubt_and_one_says_nothing() -> None:
    day = histograms([np.arange(1.0, 101.0)] * 5)
    found = percentile_interval(day, EDGES, 0.9)
    assert (found.low <= found.mean <= found.high, found.half_width < 1.0) == (True, True)
    alone = percentile_interval(day[:1], EDGES, 0.9)
    assert alone.mean == found.mean
    assert math.isnan(alone.low)
    nothing = percentile_interval(np.zeros((4, len(BINS))), EDGES, 0.9)
    assert all(map(math.isnan, (nothing.mean, nothing.low)))


def test_the_same_waits_differ_by_exactly_nothing() -> None:
    waits = histograms(days(np.random.default_rng(1), 12))
    found = paired_percentile_difference(waits, waits, EDGES, 0.9)
    assert (found.mean, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_pairing_pays_and_differences_cover() -> None:
    exact = 0.1 * truth(0.9)
    held, narrower = 0, 0
    for seed in range(150):
        first = histograms(days(np.random.default_rng(seed), 20, 1.1))
        second = histograms(days(np.random.default_rng(seed), 20))
        found = paired_percentile_difference(first, second, EDGES, 0.9)
        held += found.low - 2.0 <= exact <= found.high + 2.0  # bins are 1 % wide, 1.5 s here
        alone = percentile_interval(second, EDGES, 0.9).half_width
        narrower += (found.high - found.low) / 2 < 0.5 * alone
    assert held >= 140
    assert narrower >= 140


def test_without_data_there_is_no_difference() -> None:
    waits, nothing = histograms(days(np.random.default_rng(1), 4)), np.zeros((4, len(BINS)))
    found = paired_percentile_difference(waits, nothing, EDGES, 0.9)
    assert all(map(math.isnan, (found.mean, found.low, found.p)))
