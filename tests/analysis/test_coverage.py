"""Intervals hold the truth as often as they say: measured on a queue that is solved."""

import pytest

from simkcc.analysis.oracles.coverage import coverage, truths

METRICS = {"sl2", "asa", "abandonment", "cost_per_call"}


def test_a_few_experiments_are_judged_by_their_share() -> None:
    found = coverage(12, 6, jobs=1)
    assert {each.metric for each in found} == METRICS
    for each in found:
        assert (each.experiments, each.replications) == (12, 6)
        assert each.low <= each.covered <= each.high
        assert each.passed == (0.93 <= each.covered <= 0.97)
        assert each.covered >= 0.5


def test_truths_are_those_of_a_queue_where_waits_and_hang_ups_are_common() -> None:
    true = truths()
    assert 0.2 < true["sl2"] < 0.8
    assert 0.1 < true["abandonment"] < 0.5


@pytest.mark.slow
def test_intervals_hold_the_truth_in_95_experiments_of_100() -> None:
    for each in coverage(1000, 10, jobs=2):
        assert each.passed, each
