"""Percentiles of pooled samples, and how sure they are.

A percentile of each replication cannot be averaged: days with many calls weigh more, and the
average of percentiles is biased. So samples are pooled, as histograms, and the doubt about the
*share* of callers below the pooled percentile, a ratio of sums over replications, is carried over
to the percentile itself. Source: Woodruff (1952), "Confidence intervals for medians and other
position measures"; for differences the same by Bahadur's linearisation.
"""

import math

import numpy as np
import numpy.typing as npt

from simkcc.analysis.intervals import (
    Difference,
    Floats,
    Interval,
    difference_of,
    pooled_percentile,
    ratio_interval,
)


def percentile_interval(
    counts: npt.ArrayLike, edges: npt.ArrayLike, share: float, level: float = 0.95
) -> Interval:
    """Return the pooled percentile with its interval.

    counts: (R, B), callers of each replication per bin; edges: (B + 1,). The percentile is the
    upper edge of its bin, as in `pooled_percentile`; the bounds are interpolated within theirs.
    """
    rows, bounds = _as_rows(counts), np.asarray(edges, np.float64)
    pooled = pooled_percentile(rows, bounds, share)
    if math.isnan(pooled):
        return Interval(math.nan, math.nan, math.nan, level, len(rows))
    below = ratio_interval(_below(rows, bounds, pooled), rows.sum(axis=1), level)
    if math.isnan(below.low):
        return Interval(pooled, math.nan, math.nan, level, len(rows))
    low, high = _bounds(rows.sum(axis=0), bounds, share, below.half_width)
    return Interval(pooled, min(low, pooled), max(high, pooled), level, len(rows))


def paired_percentile_difference(
    first: npt.ArrayLike, second: npt.ArrayLike, edges: npt.ArrayLike, share: float,
    level: float = 0.95,
) -> Difference:  # fmt: skip
    """Return the first pooled percentile minus the second, on common random numbers."""
    bounds = np.asarray(edges, np.float64)
    rows = _as_rows(first), _as_rows(second)
    means = [pooled_percentile(each, bounds, share) for each in rows]
    residuals = [_residuals(each, bounds, share, level) for each in rows]
    gaps = residuals[0] - residuals[1]
    return difference_of(means[0] - means[1], gaps, level)


def _as_rows(counts: npt.ArrayLike) -> Floats:
    return np.atleast_2d(np.asarray(counts, np.float64))


def _below(rows: Floats, bounds: Floats, value: float) -> Floats:
    """Return how many callers of each replication lie in bins up to the one that ends at `value`."""
    bins = int(np.searchsorted(bounds[1:], value)) + 1
    return rows[:, :bins].sum(axis=1)


def _bounds(pooled: Floats, bounds: Floats, share: float, half: float) -> tuple[float, float]:
    """Return the percentiles of share - half and share + half, interpolated within their bins."""
    finite = np.minimum(bounds, bounds[np.isfinite(bounds)].max())
    reached = np.append(0.0, np.cumsum(pooled)) / pooled.sum()
    low, high = np.interp([share - half, share + half], reached, finite)
    return float(low), float(high)


def _residuals(rows: Floats, bounds: Floats, share: float, level: float) -> Floats:
    """Return what each replication adds to the error of the pooled percentile."""
    interval = percentile_interval(rows, bounds, share, level)
    if math.isnan(interval.low):
        return np.full(len(rows), math.nan)
    totals = rows.sum(axis=1)
    below = _below(rows, bounds, interval.mean)
    ratio = ratio_interval(below, totals, level)
    if ratio.half_width == 0.0:
        return np.zeros(len(rows))
    slope = (interval.high - interval.low) / (2.0 * ratio.half_width)
    return -slope * (below - ratio.mean * totals) * (len(rows) / totals.sum())
