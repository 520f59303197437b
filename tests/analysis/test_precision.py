"""Replications until figures are sure enough: what is asked, when it ends, and what it does not spoil."""

from collections.abc import Callable

import numpy as np
import pytest

from simkcc.analysis.intervals import Interval, mean_interval
from simkcc.analysis.precision import (
    PILOT,
    Limits,
    Reached,
    Target,
    parse_precision,
    until_precise,
)
from simkcc.errors import SettingError


def test_targets_are_read() -> None:
    assert parse_precision("sl2=0.01") == (Target("sl2", 0.01),)
    assert parse_precision(" sl2 = 1% , asa=2,wait_p90=5") == (
        Target("sl2", 0.01), Target("asa", 2.0), Target("wait_p90", 5.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sl2", "write metric=half-width"),
        ("", "write metric=half-width"),
        ("sl=0.01", "unknown figure 'sl'"),
        ("assa=2", "did you mean 'asa'"),
        ("asa=0", "half-width above 0, in s"),
        ("asa=-1", "half-width above 0"),
        ("asa=nan", "half-width above 0"),
        ("asa=inf", "half-width above 0"),
        ("asa=two", "half-width above 0"),
        ("asa=2,", "write metric=half-width"),
    ],
)
def test_what_cannot_be_read_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        parse_precision(text)


class Sample:
    """Values that grow, and what is known of their mean."""

    def __init__(self, seed: int, spread: float = 1.0) -> None:
        self.random, self.spread = np.random.default_rng(seed), spread
        self.values = np.zeros(0)
        self.looks: list[int] = []

    def grow(self, number: int) -> None:
        more = self.random.standard_normal(number - len(self.values))
        self.values = np.append(self.values, self.spread * more)
        self.looks.append(number)

    def until(self, half_width: float, limits: Limits | None = None, start: int = 4) -> Reached:
        (found,) = until_precise(
            lambda: [(Target("asa", half_width), "arm", mean_interval(self.values))],
            self.grow, start, limits, clock=lambda: 0.0,
        )  # fmt: skip
        return found


@pytest.mark.parametrize("half_width", [0.08, 0.2, 0.9])
def test_it_ends_when_it_is_met_after_few_looks(half_width: float) -> None:
    sample = Sample(1)
    found = sample.until(half_width)
    assert found.met
    assert found.half_width == mean_interval(sample.values).half_width <= half_width
    assert sample.looks[0] == PILOT
    assert len(sample.looks) <= 5
    expected = (1.96 / half_width) ** 2
    assert len(sample.values) <= max(2 * PILOT, 1.6 * expected)


def test_more_replications_asked_for_are_the_first_batch() -> None:
    sample = Sample(1)
    sample.until(0.9, start=25)
    assert sample.looks == [25]


def test_a_limit_of_replications_is_kept_and_what_would_do_is_said() -> None:
    sample = Sample(3)
    found = sample.until(0.05, Limits(replications=60))
    assert not found.met
    assert len(sample.values) == found.replications == 60
    assert found.needed == pytest.approx((1.96 / 0.05) ** 2, rel=0.4)


def test_time_that_runs_out_ends_it() -> None:
    sample, now = Sample(3), [0.0]

    def grow(number: int) -> None:
        now[0] += 3.0 * (number - len(sample.values))
        sample.grow(number)

    (found,) = until_precise(
        lambda: [(Target("asa", 0.01), "arm", mean_interval(sample.values))],
        grow, 4, Limits(minutes=2.0), clock=lambda: now[0],
    )  # fmt: skip
    assert not found.met
    assert now[0] <= 120.0
    assert len(sample.values) == 40


def test_a_figure_that_does_not_exist_ends_it_at_once() -> None:
    nothing = Interval(np.nan, np.nan, np.nan, 0.95, 0)
    looks: list[int] = []
    (found,) = until_precise(lambda: [(Target("asa", 1.0), "arm", nothing)], looks.append, 4)
    assert (found.met, found.needed, looks) == (False, None, [PILOT])


def test_the_least_sure_arm_counts() -> None:
    def arms(number: int) -> Callable[[], list[tuple[Target, str, Interval]]]:
        widths = {"sure": 0.1, "unsure": 0.4, "middling": 0.2}
        return lambda: [
            (Target("asa", 0.5), arm, Interval(0.0, -half, half, 0.95, number))
            for arm, half in widths.items()
        ]

    (found,) = until_precise(arms(PILOT), lambda number: None, 4)
    assert (found.arm, found.half_width) == ("unsure", 0.4)


def test_stopping_leaves_intervals_their_coverage() -> None:
    held = 0
    for seed in range(800):
        sample = Sample(seed)
        sample.until(0.45)
        interval = mean_interval(sample.values)
        held += interval.low <= 0.0 <= interval.high
    assert held / 800 > 0.92
