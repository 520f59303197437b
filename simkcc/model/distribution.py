"""Distributions of durations: how long, in seconds, something may last.

A bare number is a fixed duration. Every kind may have a `zero` share (a mass at zero), a `shift`
that is added, and a `cap` that cuts the tail (the mass beyond it sits at the cap).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from simkcc.model.part import (
    Name,
    Part,
    PerSecond,
    PositiveNumber,
    PositiveSeconds,
    Seconds,
    Share,
)


class Shaped(Part):
    """What every kind of distribution may add to its shape."""

    zero: Share = 0.0
    """Share of draws that are exactly zero."""

    shift: Seconds = 0.0
    """Seconds added to every draw that is not zero by `zero`."""

    cap: PositiveSeconds | None = None
    """Longest value, in seconds; longer draws become exactly this."""

    @model_validator(mode="after")
    def _cap_above_shift(self) -> Self:
        if self.cap is not None and self.cap < self.shift:
            raise ValueError(f"cap {self.cap:g} lies below shift {self.shift:g}; raise the cap")
        return self


class Deterministic(Shaped):
    """Always the same duration."""

    kind: Literal["deterministic"] = "deterministic"
    value: Seconds
    """The duration, in seconds."""


class Exponential(Shaped):
    """Exponential: as likely to end in the next second whatever has passed."""

    kind: Literal["exponential"]
    mean: PositiveSeconds
    """Mean before shift, cap and zero, in seconds."""


class Uniform(Shaped):
    """Every value between two bounds is as likely."""

    kind: Literal["uniform"]
    low: Seconds = 0.0
    """Lower bound, in seconds."""
    high: PositiveSeconds
    """Upper bound, in seconds."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"high {self.high:g} must lie above low {self.low:g}")
        return self


class Triangular(Shaped):
    """Rises from `low` to `mode`, falls to `high`."""

    kind: Literal["triangular"]
    low: Seconds = 0.0
    """Lower bound, in seconds."""
    mode: Seconds
    """Most likely value, in seconds."""
    high: PositiveSeconds
    """Upper bound, in seconds."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise ValueError(
                f"low {self.low:g}, mode {self.mode:g}, high {self.high:g} must be in this order"
            )
        return self


class Lognormal(Shaped):
    """Lognormal: many short, a few long; the usual shape of handling times."""

    kind: Literal["lognormal"]
    mean: PositiveSeconds
    """Mean before shift, cap and zero, in seconds."""
    cv: PositiveNumber
    """Coefficient of variation: standard deviation over mean."""


class Gamma(Shaped):
    """Gamma with the given mean and coefficient of variation."""

    kind: Literal["gamma"]
    mean: PositiveSeconds
    """Mean before shift, cap and zero, in seconds."""
    cv: PositiveNumber
    """Coefficient of variation: standard deviation over mean."""


class Weibull(Shaped):
    """Weibull: shape below 1, the longer the less likely to end; above 1, the more."""

    kind: Literal["weibull"]
    mean: PositiveSeconds
    """Mean before shift, cap and zero, in seconds."""
    shape: PositiveNumber
    """Shape; 1 is exponential."""


class Hyperexponential(Shaped):
    """A mixture of exponentials: kinds of cases that cannot be told apart beforehand."""

    kind: Literal["hyperexponential"]
    shares: tuple[Share, ...] = Field(min_length=1)
    """Share of each branch; they add up to 1."""
    means: tuple[PositiveSeconds, ...] = Field(min_length=1)
    """Mean of each branch, in seconds."""

    @model_validator(mode="after")
    def _branches(self) -> Self:
        if len(self.shares) != len(self.means):
            raise ValueError(f"{len(self.shares)} shares but {len(self.means)} means; give as many")
        if abs(sum(self.shares) - 1) > 1e-9:
            raise ValueError(f"shares add up to {sum(self.shares):g}; they must add up to 1")
        return self


class Hazard(Shaped):
    """Piecewise constant hazard: the chance per second of ending, changing at given times."""

    kind: Literal["hazard"]
    from_seconds: tuple[Seconds, ...] = Field(min_length=1)
    """Seconds from which each rate holds; the first is 0."""
    per_second: tuple[PerSecond, ...] = Field(min_length=1)
    """Rate per second from then on; the last must be above zero."""

    @model_validator(mode="after")
    def _pieces(self) -> Self:
        if len(self.from_seconds) != len(self.per_second):
            raise ValueError("from_seconds and per_second must have as many values")
        if self.from_seconds[0] != 0 or list(self.from_seconds) != sorted(set(self.from_seconds)):
            raise ValueError("from_seconds must start at 0 and rise")
        if self.per_second[-1] <= 0:
            raise ValueError("the last rate of per_second must be above zero, or it never ends")
        return self


class Empirical(Shaped):
    """The given values, each as likely or as its weight says."""

    kind: Literal["empirical"]
    values: tuple[Seconds, ...] = Field(min_length=1, max_length=200_000)
    """Observed durations, in seconds."""
    weights: tuple[PositiveNumber, ...] | None = None
    """How often each occurs, in any unit; equal if absent."""

    @model_validator(mode="after")
    def _weighted(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.values):
            raise ValueError(f"{len(self.values)} values but {len(self.weights)} weights")
        return self


def _from_number(value: Any) -> Any:
    """Read a bare number as a fixed duration."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"kind": "deterministic", "value": value} if is_number else value


class Window(Part):
    """A distribution that holds in some opening hours."""

    hours: Name
    """Name of the hours in which this one holds."""
    then: "Duration"
    """The distribution in those hours."""


class ByTime(Part):
    """A distribution that depends on when the step starts: the first window that is open wins."""

    kind: Literal["by_time"]
    windows: tuple[Window, ...] = Field(min_length=1)
    """Windows, tried in this order."""
    otherwise: "Duration"
    """The distribution when no window is open."""


Duration = Annotated[
    Deterministic
    | Exponential
    | Uniform
    | Triangular
    | Lognormal
    | Gamma
    | Weibull
    | Hyperexponential
    | Hazard
    | Empirical
    | ByTime,
    Field(discriminator="kind"),
    BeforeValidator(_from_number),
]
"""A number of seconds, or a table with a `kind`."""

Window.model_rebuild()
ByTime.model_rebuild()
