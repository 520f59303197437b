"""What a figure is, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.totals import Totals

Unit = Literal[
    "share", "s", "per week", "h per week", "EUR per week", "EUR per year", "EUR", "per call",
    "per question", "per half hour", "h", "per day", "h per day", "number", "days",
]  # fmt: skip
Pair = tuple[np.ndarray, np.ndarray]
Grain = Literal["call", "visit", "group", "topic", "whole"]

DIMENSIONS: dict[Grain, tuple[str, ...]] = {
    "call": ("topic", "queue", "half_hour", "weekday"),
    "visit": ("queue", "line", "half_hour", "weekday"),
    "group": ("group", "line"),
    "topic": ("topic",),
    "whole": (),
}
"""By what a figure can be split. Calls count where they dialled: under their first queue, and at the
half hour and weekday of dialling. Visits count under each queue that is joined, and when."""


Figure = TypeVar("Figure", bound=Callable[..., Pair])
Counting = Calls | Totals
"""What figures are counted from: a contact log, or the sums of a run that kept none."""


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
    function: Callable[..., Pair]
    grain: Grain = "call"
    """What its sums are made of; that decides by what it can be split."""
    streamed: bool = False
    """Whether a run without a contact log has it too."""

    @property
    def per_call(self) -> bool:
        """Return whether it can be split by topic, queue, half hour and weekday of calls."""
        return self.grain == "call"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return by what it can be split."""
        return DIMENSIONS[self.grain]

    @cached_property
    def weekly(self) -> bool:
        """Return whether its denominator is the same for every part: the weeks counted, or the run."""
        return self.unit.endswith("per week") or (
            self.unit == "number" and self.grain in ("topic", "group")
        )

    @property
    def family(self) -> str:
        """Return the name of its family: the file that defines it."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def definition(self) -> str:
        """Return what it is, and what it hides: a sentence or two."""
        said = " ".join((self.function.__doc__ or "").split()).removeprefix("Return ")
        return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class Percentile:
    """A percentile of pooled waits."""

    sample: Literal["answered", "probes"]
    """Waits of answered calls, or of probes."""
    share: float
    nl: str
    en: str

    @property
    def formula(self) -> str:
        """Return its formula."""
        of = "W over A" if self.sample == "answered" else "waits of probes"
        return f"{self.share:.0%} of pooled {of} are at most this"


METRICS: dict[str, Metric] = {}


def metric(
    name: str, unit: Unit, better: Literal["higher", "lower", ""], nl: str, en: str, formula: str,
    *, per_call: bool = True, grain: Grain = "call", streamed: bool = False,
) -> Callable[[Figure], Figure]:  # fmt: skip
    """Register a function as a figure. per_call=False is short for grain="whole"."""
    made_of: Grain = grain if per_call else "whole"

    def register(function: Figure) -> Figure:
        METRICS[name] = Metric(name, unit, better, nl, en, formula, function, made_of, streamed)
        return function

    return register
