"""What independent replications say about a figure, and how sure that is.

Every sequence holds one value per replication. A single replication says nothing about
uncertainty: bounds and p-values are then nan, never zero width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with a two-sided confidence interval."""

    mean: float
    low: float
    high: float
    level: float
    n: int
    """Replications used; trials in a score interval."""

    @property
    def half_width(self) -> float:
        """Return half the distance between the bounds."""
        return (self.high - self.low) / 2.0


@dataclass(frozen=True)
class Difference:
    """An estimated difference, first minus second, on common random numbers."""

    mean: float
    low: float
    high: float
    p: float
    """Two-sided Student t p-value of no difference."""
    n: int
    """Pairs of replications used."""


def mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean over replications with its Student t interval.

    A nan value is a replication in which the figure does not exist (no such caller); it is left
    out and not counted in `n`. An infinite value makes the mean infinite and the bounds nan.

    >>> round(mean_interval([10.0, 12.0, 14.0], level=0.95).half_width, 4)
    4.9683
    """
    _check_level(level)
    (kept,) = _complete(values=values)
    mean, residuals = _centre(kept)
    return _student(mean, _standard_error(residuals), level, kept.size)


def ratio_interval(
    numerators: npt.ArrayLike,
    denominators: npt.ArrayLike,
    level: float = 0.95,
    *,
    method: Literal["delta", "jackknife"] = "delta",
) -> Interval:
    """Return the ratio of sums over replications with its interval.

    "delta" centres on the ratio of sums; "jackknife" on the estimate with its bias of order 1 / n
    removed. A replication with denominator 0 counts: it adds nothing to the sums. One with nan on
    either side is left out and not counted in `n`. If the denominators, or with "jackknife" all
    denominators but one, sum to 0, the ratio does not exist: nan.
    Source: Cochran (1977), "Sampling techniques", on ratio estimators.
    """
    _check_level(level)
    if method not in ("delta", "jackknife"):
        raise ValueError(f"method = {method!r} is unknown; it can be 'delta' or 'jackknife'")
    above, below = _complete(numerators=numerators, denominators=denominators)
    if method == "jackknife" and above.size > 1:
        return _jackknife(above, below, level)
    ratio, residuals = _linearise(above, below)
    return _student(ratio, _standard_error(residuals), level, above.size)


def paired_difference(
    first: npt.ArrayLike, second: npt.ArrayLike, level: float = 0.95
) -> Difference:
    """Return mean(first) - mean(second), replication by replication on common random numbers.

    A pair with nan on either side is left out and not counted in `n`. Pairs that all differ by
    exactly the same amount leave no doubt: the interval is that point, with p = 1 if the amount is
    0 and p = 0 otherwise.
    """
    _check_level(level)
    first_kept, second_kept = _complete(first=first, second=second)
    with np.errstate(invalid="ignore"):
        gaps = first_kept - second_kept
    mean, residuals = _centre(gaps)
    return _difference(mean, _standard_error(residuals), level, gaps.size)


def paired_ratio_difference(
    first_numerators: npt.ArrayLike,
    first_denominators: npt.ArrayLike,
    second_numerators: npt.ArrayLike,
    second_denominators: npt.ArrayLike,
    level: float = 0.95,
) -> Difference:
    """Return the first ratio of sums minus the second, on common random numbers.

    Both ratios are linearised, so that what a replication does to both cancels. Denominators of 0
    and nan are treated as in `ratio_interval`, equal ratios as in `paired_difference`.
    """
    _check_level(level)
    first_above, first_below, second_above, second_below = _complete(
        first_numerators=first_numerators,
        first_denominators=first_denominators,
        second_numerators=second_numerators,
        second_denominators=second_denominators,
    )
    first_ratio, first_residuals = _linearise(first_above, first_below)
    second_ratio, second_residuals = _linearise(second_above, second_below)
    error = _standard_error(first_residuals - second_residuals)
    return _difference(first_ratio - second_ratio, error, level, first_above.size)


def difference_of(mean: float, residuals: npt.ArrayLike, level: float = 0.95) -> Difference:
    """Return an estimated difference, given what each pair of replications adds to its error.

    residuals: (R,), summing to zero; with fewer than two, or nan among them, nothing is known.
    """
    _check_level(level)
    gaps = np.asarray(residuals, dtype=np.float64)
    return _difference(mean, _standard_error(gaps), level, gaps.size)


def score_interval(successes: float, trials: int, level: float = 0.95) -> Interval:
    """Return a probability with its Wilson score interval, fit for rare events.

    Trials must be independent: callers of one day are not. Without trials everything is nan.
    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    _check_level(level)
    if not 0 <= successes <= trials:
        raise ValueError(f"successes = {successes:g} must lie between 0 and trials = {trials}")
    if trials == 0:
        return Interval(math.nan, math.nan, math.nan, level, 0)
    share, quantile = successes / trials, NormalDist().inv_cdf(0.5 + level / 2.0)
    shrink = 1.0 + quantile**2 / trials
    centre = (share + quantile**2 / (2.0 * trials)) / shrink
    spread = share * (1.0 - share) / trials + quantile**2 / (4.0 * trials**2)
    half = quantile * math.sqrt(spread) / shrink
    low = max(centre - half, 0.0) if successes > 0 else 0.0
    high = min(centre + half, 1.0) if successes < trials else 1.0
    return Interval(share, low, high, level, trials)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for testing them all at once, in the order given.

    A nan is a comparison that could not be made: it stays nan and does not count as one.
    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    for p_value in p_values:
        if p_value < 0.0 or p_value > 1.0:
            raise ValueError(f"p_values holds {p_value:g}; a p-value lies between 0 and 1")
    made = [i for i, p_value in enumerate(p_values) if not math.isnan(p_value)]
    adjusted = [math.nan] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(made, key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(made) - rank) * p_values[i]))
        adjusted[i] = largest
    return tuple(adjusted)


def pooled_percentile(histogram_counts: npt.ArrayLike, edges: npt.ArrayLike, share: float) -> float:
    """Return the upper edge of the bin in which the pooled histogram reaches `share`.

    histogram_counts: (R, B), or (B,) if pooled already. edges: (B + 1,), the last may be inf.
    The true percentile lies in that bin, so the figure errs upwards by at most its width. Nothing
    counted gives nan.

    >>> pooled_percentile([[5, 3, 0], [4, 7, 1]], edges=[0.0, 10.0, 20.0, 40.0], share=0.90)
    20.0
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share = {share:g} must lie above 0 and up to 1, e.g. 0.90")
    bounds = np.asarray(edges, dtype=np.float64)
    counts = np.atleast_2d(np.asarray(histogram_counts, dtype=np.float64)).sum(axis=0)
    if bounds.shape != (counts.size + 1,):
        raise ValueError(
            f"edges has {bounds.size} values for {counts.size} bins; give {counts.size + 1}"
        )
    reached = np.cumsum(counts)
    if reached.size == 0 or not reached[-1] > 0.0:
        return math.nan
    wanted = share * reached[-1] * (1.0 - 1e-12)  # 0.07 * 100 exceeds 7 by a rounding error
    return float(bounds[1 + np.searchsorted(reached, wanted)])


def replications_needed(interval: Interval, half_width: float) -> int:
    """Return how many replications in all would bring a Student t interval to `half_width`.

    The spread between replications is taken to stay what it is. Never fewer than were made.
    """
    if not half_width > 0.0:
        raise ValueError(f"half_width = {half_width:g} must be positive")
    if interval.n < 2 or not math.isfinite(interval.half_width):
        raise ValueError(
            f"an interval over n = {interval.n} replications has no width to plan with; "
            "run at least 2 in which the figure exists"
        )
    reach = (
        interval.half_width * math.sqrt(interval.n) / student_quantile(interval.level, interval.n)
    )

    def is_enough(count: int) -> bool:
        return student_quantile(interval.level, count) * reach <= half_width * math.sqrt(count)

    if interval.half_width <= half_width:
        return interval.n
    low, high = interval.n, 2 * interval.n
    while not is_enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level = {level:g} must lie between 0 and 1, e.g. 0.95")


def _complete(**columns: npt.ArrayLike) -> list[Floats]:
    """Return the columns without the replications in which any of them is nan."""
    arrays = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    sizes = {name: array.shape for name, array in arrays.items()}
    if len(set(sizes.values())) > 1 or any(len(shape) != 1 for shape in sizes.values()):
        found = ", ".join(f"{name} {shape}" for name, shape in sizes.items())
        raise ValueError(f"one value per replication is needed on every side; found {found}")
    kept = ~np.isnan(np.array(list(arrays.values()))).any(axis=0)
    return [array[kept] for array in arrays.values()]


def _sum(values: Floats) -> float:
    """Return the sum; nan if there is nothing to add, or infinities of both signs."""
    if values.size == 0:
        return math.nan
    with np.errstate(invalid="ignore"):
        return float(np.sum(values))


def _centre(values: Floats) -> tuple[float, Floats]:
    """Return the mean, exact if all values are equal, and the deviations from it."""
    mean = _sum(values) / max(values.size, 1)
    if not math.isfinite(mean):
        return mean, np.full(values.shape, math.nan)
    if (values == values[0]).all():
        mean = float(values[0])
    return mean, values - mean


def _linearise(above: Floats, below: Floats) -> tuple[float, Floats]:
    """Return the ratio of sums and what each replication adds to its error."""
    total = _sum(below)
    if total == 0.0 or not math.isfinite(total):
        return math.nan, np.full(above.shape, math.nan)
    ratio = _sum(above) / total
    if not math.isfinite(ratio):
        return ratio, np.full(above.shape, math.nan)
    return ratio, (above - ratio * below) * (above.size / total)


def _jackknife(above: Floats, below: Floats, level: float) -> Interval:
    """Return the interval of the ratio of sums from leaving out one replication at a time."""
    count, total = above.size, _sum(below)
    others_below = total - below
    if not math.isfinite(total + _sum(above)) or total == 0.0 or (others_below == 0.0).any():
        return Interval(math.nan, math.nan, math.nan, level, count)
    others = (_sum(above) - above) / others_below
    pseudo = count * (_sum(above) / total) - (count - 1) * others
    mean, residuals = _centre(pseudo)
    return _student(mean, _standard_error(residuals), level, count)


def _standard_error(residuals: Floats) -> float:
    """Return the standard error of a mean from deviations that sum to zero; nan below two."""
    count = residuals.size
    if count < 2:
        return math.nan
    return math.sqrt(float(np.sum(residuals**2)) / (count - 1) / count)


MANY = 100_000
"""Degrees of freedom above which a series gives the quantile: sums over them would not end."""


@cache
def student_quantile(level: float, count: int) -> float:
    """Return the two-sided Student t quantile for `count` replications.

    Newton's method from the normal quantile: the share within ±t is concave in t, so that every
    step stays below the quantile. scipy.special has the same, but takes 0.2 s to import.
    """
    freedom = count - 1
    if freedom > MANY:
        return _quantile_of_many(level, freedom)
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    scale -= math.log(freedom * math.pi) / 2
    t = NormalDist().inv_cdf(0.5 + level / 2.0)
    for _ in range(200):
        density = math.exp(scale - (freedom + 1) / 2 * math.log1p(t * t / freedom))
        step = (level - _share_within(t, freedom)) / (2.0 * density)
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def _quantile_of_many(level: float, freedom: int) -> float:
    """Return the quantile of so many degrees of freedom that the terms left out are below 1e-13.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.7.5.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2


def _share_within(t: float, freedom: int) -> float:
    """Return the share of Student's t within ±t.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    below = np.arange(2 + freedom % 2, freedom, 2)
    terms = float(np.cumprod((below - 1) / below * cosine**2).sum())
    if freedom % 2 == 0:
        return sine * (1.0 + terms)
    return 2.0 / math.pi * (angle + sine * cosine * (1.0 + terms) * (freedom > 1))


def _student(mean: float, error: float, level: float, count: int) -> Interval:
    """Return mean plus and minus t times its standard error."""
    half = math.nan if math.isnan(error) else student_quantile(level, count) * error
    return Interval(mean, mean - half, mean + half, level, count)


def _difference(mean: float, error: float, level: float, count: int) -> Difference:
    """Return the difference with its interval and p-value."""
    from scipy.special import stdtr

    interval = _student(mean, error, level, count)
    if math.isnan(error):
        p_value = math.nan
    elif error == 0.0:
        p_value = 1.0 if mean == 0.0 else 0.0
    else:
        p_value = 2.0 * float(stdtr(count - 1, -abs(mean) / error))
    return Difference(mean, interval.low, interval.high, p_value, count)
