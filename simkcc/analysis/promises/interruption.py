"""What an interruption may cost before another way of reaching the second line takes fewer hours.

The time to resume work only counts: it changes no call. So the hours of an arm are a straight line
in it, and where two arms meet follows from the figures of one run of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simkcc.analysis.intervals import (
    Difference,
    Interval,
    paired_ratio_difference,
    ratio_interval,
)
from simkcc.analysis.promises.stability import judgements
from simkcc.analysis.results import Result
from simkcc.analysis.status import DIVERGES
from simkcc.engine.compile import compile_plan
from simkcc.errors import SettingError

RESUMPTIONS = (0.0, 173.0, 300.0, 411.0, 1380.0)
"""Seconds that are tried: none, two break-evens found by others, the default, and 23 minutes."""


@dataclass(frozen=True)
class AtResumption:
    """Hours of the second line a day in two arms, if an interruption costs so many seconds."""

    seconds: float
    first: Interval
    second: Interval
    difference: Difference
    """First minus second."""


def work(result: Result) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hours of work, interruptions and working days of each replication."""
    hours, days = result.pairs("backoffice_handling")
    return hours, result.pairs("interruptions")[0], days


def sensitivity(
    first: Result, second: Result, seconds: Sequence[float] = RESUMPTIONS
) -> list[AtResumption]:
    """Return the hours of two arms on the same callers at several times to resume work."""
    found = []
    for each in seconds:
        arms = [
            (hours + number * each / 3600, days)
            for hours, number, days in (work(first), work(second))
        ]
        difference = paired_ratio_difference(*arms[0], *arms[1], 0.95)
        found.append(
            AtResumption(each, ratio_interval(*arms[0]), ratio_interval(*arms[1]), difference)
        )
    return found


def break_even(first: Result, second: Result) -> Interval:
    """Return the seconds of an interruption at which two arms take as many hours; nan if never.

    3600 (hours of the second - of the first) / (interruptions of the first - of the second), as a
    ratio of sums over pairs of replications. Below zero: one arm takes fewer hours whatever an
    interruption costs. Arms whose pile grows without end are refused: their work is their roster.
    """
    for arm in (first, second):
        _check_stable(arm)
    hours_a, number_a, _ = work(first)
    hours_b, number_b, _ = work(second)
    if number_a.sum() == number_b.sum():
        return Interval(np.nan, np.nan, np.nan, 0.95, len(hours_a))
    return ratio_interval(3600 * (hours_b - hours_a), number_a - number_b)


def _check_stable(arm: Result) -> None:
    plan = compile_plan(arm.scenario, arm.callers_per_attempt)
    for load, judgement in judgements(arm.scenario, plan, arm):
        if judgement == DIVERGES:
            raise SettingError(
                f"{arm.label}: what is open grows without end, so its hours are those of the "
                f"roster, not of the work; give {', '.join(load.owners)} {load.work:.2f} hours a "
                "day or more"
            )
