"""Replications until figures are as sure as asked for: `--precision sl2=0.01,asa=2`.

A first batch tells how many replications each figure needs; then all of those are made at once and
the widths are looked at again. So there are few looks, and an interval that happens to be narrow
early on rarely ends the run: stopping at the first moment at which it is narrow enough would spoil
its coverage. Source: Stein (1945), "A two-sample test for a linear hypothesis whose power is
independent of the variance".
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simkcc.analysis.figures import unit_of
from simkcc.analysis.intervals import Interval, replications_needed
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.errors import SettingError
from simkcc.model.complaints import hint, shown

PILOT = 10
"""Replications of the first batch, or more if more are asked for."""
MOST = 1000
"""Replications beyond which nothing is tried unless the user says so."""
MINUTES = 10.0
"""Minutes beyond which nothing more is begun unless the user says so."""


@dataclass(frozen=True)
class Target:
    """How sure a figure is to be."""

    metric: str
    half_width: float
    """Half of its 95 % interval, in the unit of the figure."""


@dataclass(frozen=True)
class Limits:
    """When to give up."""

    replications: int = MOST
    minutes: float = MINUTES


@dataclass(frozen=True)
class Reached:
    """How sure a figure is after all replications."""

    target: Target
    arm: str
    """The arm whose figure, or difference from the baseline, is the least sure."""
    half_width: float
    """nan if the figure does not exist."""
    replications: int
    needed: int | None
    """Replications in all that would do, by what was seen; None if none would."""

    @property
    def met(self) -> bool:
        """Return whether it is as sure as asked for."""
        return self.half_width <= self.target.half_width


def parse_precision(text: str) -> tuple[Target, ...]:
    """Return the targets of `sl2=0.01,asa=2`; `1%` stands for 0.01.

    Raises SettingError with a sentence.
    """
    return tuple(_target(part.strip()) for part in text.split(","))


def _target(text: str) -> Target:
    metric, sign, width = (part.strip() for part in text.partition("="))
    known = [*METRICS, *PERCENTILES]
    if not sign:
        raise SettingError(f"--precision {shown(text)}: write metric=half-width, as sl2=0.01")
    if metric not in known:
        raise SettingError(f"--precision: unknown figure '{shown(metric)}'{hint(metric, known)}")
    try:
        half_width = float(width.removesuffix("%")) / (100 if width.endswith("%") else 1)
    except ValueError:
        half_width = math.nan
    if not 0 < half_width < math.inf:
        raise SettingError(
            f"--precision {metric}={shown(width)}: give a half-width above 0, in {unit_of(metric)}"
        )
    return Target(metric, half_width)


Measure = Callable[[], Sequence[tuple[Target, str, Interval]]]
"""Returns how sure each figure is by now: target, arm, interval."""


def until_precise(
    measure: Measure, grow: Callable[[int], None], start: int, limits: Limits | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Reached, ...]:  # fmt: skip
    """Make replications until every figure is sure enough or a limit is reached.

    grow: makes replications until there are so many. Returns the least sure arm of each target.
    """
    limits = limits or Limits()
    number = min(max(start, PILOT), limits.replications)
    began = clock()
    while True:
        grow(number)
        reached = _reached(measure(), number)
        needed = [each.needed for each in reached if not each.met and each.needed is not None]
        left = 60 * limits.minutes - (clock() - began)
        affordable = int(left * number / max(clock() - began, 1e-9)) if left > 0 else 0
        wanted = max(max(needed), math.ceil(1.1 * number)) if needed else number
        following = min(wanted, limits.replications, number + affordable)
        if following <= number:
            return reached
        number = following


def _reached(measured: Sequence[tuple[Target, str, Interval]], number: int) -> tuple[Reached, ...]:
    worst: dict[Target, Reached] = {}
    for target, arm, interval in measured:
        needed = None
        if interval.n >= 2 and math.isfinite(interval.half_width):
            made = replications_needed(interval, target.half_width)
            needed = max(number, math.ceil(made * number / interval.n))
        found = Reached(target, arm, interval.half_width, number, needed)
        if target not in worst or _doubt(found) > _doubt(worst[target]):
            worst[target] = found
    return tuple(worst.values())


def _doubt(found: Reached) -> float:
    return math.inf if math.isnan(found.half_width) else found.half_width
