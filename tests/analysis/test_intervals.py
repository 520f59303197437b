"""Intervals cover what they claim, and say nothing where nothing can be said."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simkcc.analysis import intervals
from simkcc.analysis.intervals import (
    MANY,
    holm,
    mean_interval,
    paired_difference,
    paired_ratio_difference,
    pooled_percentile,
    ratio_interval,
    replications_needed,
    score_interval,
    student_quantile,
)

EXPERIMENTS = 2000
NAN = math.nan


def days_of_calls(seed: int, replications: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answered-in-time and offered, correlated as on busy and quiet days; true ratio 0.8."""
    chance = np.random.default_rng(seed)
    offered = chance.poisson(50.0 * chance.gamma(8.0, 1 / 8.0, (EXPERIMENTS, replications))) + 1
    in_time = chance.binomial(offered, chance.beta(16.0, 4.0, offered.shape))
    return in_time.astype(float), offered.astype(float)


def share_covering(truth: float, estimates: list) -> float:
    return sum(estimate.low <= truth <= estimate.high for estimate in estimates) / len(estimates)


def test_mean_interval_is_students():
    interval = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0], level=0.95)
    assert interval.mean == 3.0
    assert interval.half_width == pytest.approx(2.7764451 * math.sqrt(2.5 / 5))
    assert (interval.level, interval.n) == (0.95, 5)


def test_mean_interval_leaves_out_replications_without_the_figure():
    assert mean_interval([1.0, NAN, 3.0]) == mean_interval([1.0, 3.0])


@pytest.mark.parametrize(
    "interval",
    [
        mean_interval([3.0]),
        mean_interval([]),
        mean_interval([3.0, math.inf]),
        ratio_interval([3.0], [4.0]),
        ratio_interval([3.0], [4.0], method="jackknife"),
        ratio_interval([0.0, 0.0], [0.0, 0.0]),
        ratio_interval([1.0, 0.0, 0.0], [2.0, 0.0, 0.0], method="jackknife"),
        ratio_interval([1.0, math.inf], [2.0, 3.0]),
        paired_difference([3.0], [3.0]),
        paired_difference([math.inf, 1.0], [math.inf, 1.0]),
        paired_ratio_difference([1.0], [2.0], [1.0], [2.0]),
        paired_ratio_difference([1.0, 2.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]),
        score_interval(0, 0),
    ],
)
def test_bounds_are_nan_where_nothing_can_be_said(interval):
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert math.isnan(getattr(interval, "p", NAN))


def test_a_single_replication_keeps_its_mean():
    assert mean_interval([3.0]).mean == 3.0
    assert ratio_interval([3.0], [4.0]).mean == 0.75
    assert paired_difference([3.0], [1.0]).mean == 2.0
    assert mean_interval([3.0, math.inf]).mean == math.inf


def test_ratio_is_of_sums_and_not_the_mean_of_ratios():
    assert ratio_interval([1.0, 90.0], [10.0, 90.0]).mean == 0.91


def test_ratio_interval_by_hand():
    """Ratio 3 / 4, residuals (1/4, -1/4) / 2 after division by the mean denominator."""
    interval = ratio_interval([1.0, 2.0], [1.0, 3.0], level=0.95)
    assert interval.mean == 0.75
    assert interval.half_width == pytest.approx(12.7062047 * math.sqrt(2 / 64 / 2))


def test_replication_without_callers_counts_and_nan_does_not():
    assert ratio_interval([4.0, 0.0, 5.0], [5.0, 0.0, 8.0]).n == 3
    assert ratio_interval([4.0, NAN, 5.0], [5.0, 3.0, 8.0]) == ratio_interval([4, 5], [5, 8])


@pytest.mark.parametrize("method", ["delta", "jackknife"])
def test_ratio_with_equal_denominators_is_the_interval_of_the_mean(method):
    values = [3.0, 4.0, 4.0, 7.0]
    ratio = ratio_interval(values, [10.0] * 4, method=method)
    mean = mean_interval(np.array(values) / 10.0)
    assert (ratio.mean, ratio.low, ratio.high) == pytest.approx((mean.mean, mean.low, mean.high))


@pytest.mark.parametrize("method", ["delta", "jackknife"])
def test_ratio_intervals_of_correlated_pairs_cover(method):
    in_time, offered = days_of_calls(seed=11, replications=50)
    estimates = [
        ratio_interval(above, below, 0.95, method=method)
        for above, below in zip(in_time, offered, strict=True)
    ]
    assert 0.93 <= share_covering(0.8, estimates) <= 0.97


def test_mean_intervals_cover():
    draws = np.random.default_rng(5).exponential(1.0, (EXPERIMENTS, 100))
    assert 0.93 <= share_covering(1.0, [mean_interval(row) for row in draws]) <= 0.97


def test_score_intervals_of_a_rare_event_cover():
    counts = np.random.default_rng(7).binomial(3000, 0.004, EXPERIMENTS)
    estimates = [score_interval(int(count), 3000, 0.95) for count in counts]
    assert 0.93 <= share_covering(0.004, estimates) <= 0.97


def test_paired_ratio_differences_cover_and_reject_seldom():
    shared, offered = days_of_calls(seed=13, replications=50)
    chance = np.random.default_rng(17)
    first = chance.binomial(shared.astype(int), 0.9)
    second = chance.binomial(shared.astype(int), 0.9)
    differences = [
        paired_ratio_difference(one, calls, other, calls, 0.95)
        for one, other, calls in zip(first, second, offered, strict=True)
    ]
    assert 0.93 <= share_covering(0.0, differences) <= 0.97
    assert all((gap.p < 0.05) != (gap.low <= 0.0 <= gap.high) for gap in differences)


def test_pairing_beats_independent_replications():
    chance = np.random.default_rng(3)
    busyness = chance.normal(100.0, 20.0, 30)
    first, second = busyness + chance.normal(1.0, 1.0, 30), busyness + chance.normal(0.0, 1.0, 30)
    paired = paired_difference(first, second)
    unpaired = paired_difference(first, chance.permutation(second))
    assert paired.p < 0.05 < unpaired.p
    assert paired.high - paired.low < 0.2 * (unpaired.high - unpaired.low)


def test_pairing_beats_independent_replications_for_ratios():
    in_time, offered = (rows[0] for rows in days_of_calls(seed=23, replications=30))
    better = np.minimum(in_time + 1.0, offered)
    paired = paired_ratio_difference(better, offered, in_time, offered)
    turned = np.roll(np.arange(30), 7)
    unpaired = paired_ratio_difference(better, offered, in_time[turned], offered[turned])
    assert paired.p < 0.001 < unpaired.p
    assert paired.mean == pytest.approx(unpaired.mean)


def test_paired_difference_is_first_minus_second_and_skips_incomplete_pairs():
    gap = paired_difference([5.0, 7.0, NAN, 4.0], [1.0, 2.0, 3.0, NAN])
    assert (gap.mean, gap.n) == (4.5, 2)
    assert gap.p == pytest.approx(2.0 * math.atan(1.0 / 9.0) / math.pi)


def test_ratio_difference_with_equal_denominators_is_the_paired_difference():
    first, second, ones = [3.0, 5.0, 4.0, 8.0], [2.0, 5.0, 3.0, 4.0], [1.0] * 4
    by_ratio = paired_ratio_difference(first, ones, second, ones)
    plain = paired_difference(first, second)
    assert (by_ratio.low, by_ratio.high, by_ratio.p) == pytest.approx(
        (plain.low, plain.high, plain.p)
    )


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 500)), min_size=2, max_size=20))
def test_no_difference_at_all_is_exactly_zero_with_certainty(pairs):
    above, below = (list(column) for column in zip(*pairs, strict=True))
    for gap in (
        paired_difference(above, above),
        paired_ratio_difference(above, below, above, below),
    ):
        assert (gap.mean, gap.low, gap.high, gap.p) == (0.0, 0.0, 0.0, 1.0)


def test_the_same_difference_in_every_pair_leaves_no_doubt():
    gap = paired_difference([3.0, 4.0, 5.0], [1.0, 2.0, 3.0])
    assert (gap.low, gap.high, gap.p) == (2.0, 2.0, 0.0)


def test_plans_of_any_size_are_told_at_once():
    # a series takes over where sums over the degrees of freedom would fill the memory
    for count in (MANY, MANY + 1, MANY + 2, 10 * MANY):
        assert student_quantile(0.95, count) == pytest.approx(
            stats.t.ppf(0.975, count - 1), rel=1e-10
        )
    needed = replications_needed(mean_interval([0.2, 0.4, 0.5, 0.9]), 1e-9)
    assert needed == pytest.approx((1.959964 * np.std([0.2, 0.4, 0.5, 0.9], ddof=1) / 1e-9) ** 2)


def test_score_interval_of_wilson():
    interval = score_interval(10, 50, 0.95)
    assert (interval.mean, interval.n) == (0.2, 50)
    assert (interval.low, interval.high) == pytest.approx((0.1124376, 0.3303711), abs=1e-6)


def test_score_interval_reaches_zero_and_one_but_not_beyond():
    assert score_interval(0, 20).low == 0.0
    assert 0.0 < score_interval(0, 20).high < 0.2
    assert score_interval(20, 20).high == 1.0


def test_holm_agrees_with_the_example_worked_by_hand():
    """Sorted .01 .02 .03 .04, times 4 3 2 1: .04 .06 .06 .04, never falling: .04 .06 .06 .06."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx((0.06, 0.04, 0.06, 0.06))


def test_holm_stops_at_one_and_passes_over_comparisons_not_made():
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([]) == ()
    adjusted = holm([0.02, NAN, 0.01])
    assert (adjusted[0], adjusted[2]) == (0.02, 0.02)
    assert math.isnan(adjusted[1])


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12))
def test_holm_lies_between_no_correction_and_bonferroni(p_values):
    for p_value, adjusted in zip(p_values, holm(p_values), strict=True):
        assert p_value <= adjusted <= min(1.0, len(p_values) * p_value)


@pytest.mark.parametrize(
    ("share", "edge"), [(0.01, 10.0), (0.07, 10.0), (0.08, 20.0), (0.90, 20.0), (1.0, math.inf)]
)
def test_pooled_percentile_is_the_upper_edge_of_its_bin(share, edge):
    assert pooled_percentile([[4, 43, 3], [3, 40, 7]], [0.0, 10.0, 20.0, math.inf], share) == edge


def test_pooled_percentile_passes_over_empty_bins_and_empty_histograms():
    assert pooled_percentile([0, 0, 5], [0.0, 1.0, 2.0, 3.0], 0.01) == 3.0
    assert math.isnan(pooled_percentile([0, 0], [0.0, 1.0, 2.0], 0.5))


def test_replications_needed_is_the_fewest_that_do():
    from scipy.special import stdtrit

    interval = mean_interval(np.random.default_rng(1).normal(100.0, 10.0, 10))
    needed = replications_needed(interval, 1.0)
    spread = interval.half_width / stdtrit(9, 0.975) * math.sqrt(10)
    assert stdtrit(needed - 1, 0.975) * spread / math.sqrt(needed) <= 1.0
    assert stdtrit(needed - 2, 0.975) * spread / math.sqrt(needed - 1) > 1.0


def test_no_more_replications_are_needed_once_precise_enough():
    assert replications_needed(mean_interval([1.0, 1.1, 0.9]), 5.0) == 3


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: mean_interval([1.0], level=95), "level = 95 must lie between 0 and 1"),
        (lambda: paired_difference([1.0, 2.0], [1.0]), r"found first \(2,\), second \(1,\)"),
        (lambda: ratio_interval([1.0], [1.0], method="magic"), "method = 'magic' is unknown"),
        (lambda: score_interval(5, 4), "successes = 5 must lie between 0 and trials = 4"),
        (lambda: holm([0.5, 1.5]), "p_values holds 1.5"),
        (lambda: pooled_percentile([1, 2], [0.0, 1.0], 0.5), "edges has 2 values for 2 bins"),
        (lambda: pooled_percentile([1], [0.0, 1.0], 90), "share = 90 must lie above 0"),
        (lambda: replications_needed(mean_interval([1.0]), 0.1), "n = 1 .* run at least 2"),
        (lambda: replications_needed(mean_interval([math.inf, 2.0]), 0.1), "n = 2 .* no width"),
        (lambda: replications_needed(mean_interval([1.0, 2.0]), 0.0), "half_width = 0 must be"),
    ],
)
def test_impossible_arguments_are_named_with_what_would_do(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@given(st.integers(2, 5000), st.floats(0.05, 0.9999))
def test_quantiles_of_student_are_those_of_scipy(count: int, level: float) -> None:
    from scipy.special import stdtrit

    wanted = stdtrit(count - 1, 0.5 + level / 2)
    assert intervals.student_quantile(level, count) == pytest.approx(wanted, rel=1e-10)
