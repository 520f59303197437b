"""What a scenario is expected to bring out, and what that is worth as evidence."""

from typing import Annotated, Literal, Self

from pydantic import Strict, model_validator

from simkcc.model.part import Flag, Name, Number, Part
from simkcc.model.words import Words


class Expectation(Part):
    """A figure with a tolerance, or an ordering between variants."""

    metric: str
    """Name of the metric (`simkcc metrics` lists them)."""
    variant: str | None = None
    """Variant it is about; every one if absent."""
    topic: Name | None = None
    """Topic it is about; all if absent."""
    queue: Name | None = None
    """Queue it is about."""
    group: Name | None = None
    """Group it is about."""
    value: Annotated[float, Strict()] | None = None
    """Expected figure."""
    tolerance: Number | None = None
    """How far off still meets it, in the unit of the figure."""
    versus: str | None = None
    """Variant to compare with, for an ordering."""
    sign: Literal["higher", "lower", "equal"] | None = None
    """Ordering: how `variant` stands to `versus`."""
    absent: Flag = False
    """If true, there should be no such figure: a share in time of what has no term."""
    basis: Literal["input", "fitted", "predicted"]
    """`input` was put in, `fitted` was tuned to; only `predicted` validates."""
    source: str = ""
    """Where the expectation comes from."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        point = self.value is not None and self.tolerance is not None
        ordering = self.sign is not None and self.variant is not None and self.versus is not None
        if point + ordering + self.absent != 1:
            raise ValueError("give value and tolerance, or variant, versus and sign, or absent")
        if sum(part is not None for part in (self.topic, self.queue, self.group)) > 1:
            raise ValueError("give topic, queue or group, one of them")
        if ordering and self.variant == self.versus:
            raise ValueError(f"variant and versus are both '{self.variant}'; name two")
        return self

    @property
    def part(self) -> tuple[str, str] | None:
        """Return the dimension it is about and the value of that, or None for the whole."""
        for dimension in ("topic", "queue", "group"):
            value = getattr(self, dimension)
            if value is not None:
                return dimension, value
        return None


class TurningPoint(Part):
    """An assumption that may overturn a conclusion: where does the difference change its sign?"""

    metric: str
    """Metric whose difference is followed."""
    first: str
    """Variant."""
    second: str
    """Variant it is compared with."""
    key: str
    """Dotted key of the assumption, set in both variants."""
    low: Annotated[float, Strict()]
    """Smallest value that is tried."""
    high: Annotated[float, Strict()]
    """Largest value that is tried."""
    meaning: Words = Words()
    """What the assumption is."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"high {self.high:g} must lie above low {self.low:g}")
        if self.first == self.second:
            raise ValueError(f"first and second are both '{self.first}'; name two variants")
        return self
