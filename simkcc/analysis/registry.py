"""What a figure is, by which rules it counts, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simkcc.analysis.calls import Calls

Unit = Literal[
    "share", "s", "per week", "h per week", "EUR per year", "EUR", "per call", "h", "per day",
    "h per day", "number",
]  # fmt: skip
Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Rules:
    """What the centre's norms say about counting, and what its prices are."""

    threshold: float = 20.0
    """T, in seconds."""
    short: float = 5.0
    """Abandoned within so many seconds is a short abandon."""
    weeks: float = 1.0
    """Length of what is counted, in weeks."""
    hour_prices: tuple[float, ...] = ()
    """Euros per rostered hour of each group."""
    minute_prices: tuple[float, ...] = ()
    """Euros per minute of talk of each group."""
    call_prices: tuple[float, ...] = ()
    """Euros per answered call of each group."""
    yearly: float = 0.0
    """Euros a year of fixed contracts."""
    rostered_hours: tuple[float, ...] = ()
    """Rostered hours of each group within what is counted, absence not deducted."""
    rota: tuple[bool, ...] = ()
    """Whether each group is on rota: there to be disturbed by transferred calls."""
    resumption: float = 0.0
    """Seconds a specialist loses to getting back into work that a transferred call disturbed."""


Function = Callable[[Calls, Rules], Pair]


@dataclass(frozen=True)
class Metric:
    """A figure: its name, unit, definition and function."""

    name: str
    unit: Unit
    better: Literal["higher", "lower", ""]
    """Which way is better for who calls; empty where that depends."""
    nl: str
    en: str
    formula: str
    function: Function
    per_call: bool = True
    """Whether it can be split by topic, queue, half hour and weekday."""

    @property
    def weekly(self) -> bool:
        """Return whether its denominator is the weeks counted, the same for every part."""
        return self.unit in ("per week", "h per week")


METRICS: dict[str, Metric] = {}


def metric(
    name: str, unit: Unit, better: Literal["higher", "lower", ""], nl: str, en: str, formula: str,
    *, per_call: bool = True,
) -> Callable[[Function], Function]:  # fmt: skip
    """Register a function as a figure."""

    def register(function: Function) -> Function:
        METRICS[name] = Metric(name, unit, better, nl, en, formula, function, per_call)
        return function

    return register
