"""What it takes to answer: talk, hold and after-call work."""

from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from simkcc.model.distribution import ByTime, Duration
from simkcc.model.part import Part, PositiveSeconds, Seconds, Share


class Handling(Part):
    """Time of an agent for one contact: talk, hold and wrap-up.

    Give `aht`, all-in, from which the talk is what remains after hold and wrap-up (lognormal with
    `cv`), or give `talk` itself.
    """

    aht: PositiveSeconds | None = None
    """Mean handle time, all-in: talk, hold and wrap-up, in seconds."""
    transfers: Seconds = 0.0
    """Mean time per contact that transfers take, part of `aht`, in seconds; the engine adds what
    transfers really take."""
    cv: Annotated[float, Strict(), Field(gt=0, le=20)] = 0.75
    """Coefficient of variation of the talk that follows from `aht`."""
    talk: Duration | None = None
    """Talk with the caller."""
    wrap_up: Duration = Field(default=0.0, validate_default=True)
    """After-call work of the agent."""
    hold_at_pick_up: Share = 0.0
    """Share of calls put on hold right at pick-up."""
    hold_during: Share = 0.0
    """Share of calls put on hold during the talk."""
    hold: Duration = Field(default=25.0, validate_default=True)
    """How long a hold lasts."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.aht is None) == (self.talk is None):
            raise ValueError("give either aht (all-in) or talk")
        holds = self.hold_at_pick_up + self.hold_during
        besides = self.transfers + _plain_mean(self.wrap_up) + holds * _plain_mean(self.hold)
        if self.aht is not None and besides > self.aht:
            raise ValueError(
                f"aht {self.aht:g} s is all-in, but hold, wrap-up and transfers alone take "
                f"{besides:g} s; raise aht or give talk"
            )
        return self


def _plain_mean(duration: Duration) -> float:
    """Return the mean of a duration where it stands in the file, else 0."""
    if isinstance(duration, ByTime) or duration.zero or duration.shift or duration.cap is not None:
        return 0.0
    return float(getattr(duration, "mean", getattr(duration, "value", 0.0)))
