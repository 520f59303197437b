"""Who calls, and when: yearly volume by month, weekday and half hour, or plain rates."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from simkcc.model.calendar import TimeOfDay, seconds_of_day
from simkcc.model.distribution import Duration
from simkcc.model.handling import Handling
from simkcc.model.part import (
    Flag,
    Minutes,
    Name,
    Number,
    Part,
    PerHour,
    PerYear,
    PositiveCount,
    PositiveNumber,
    PositiveSeconds,
    Seconds,
    Share,
)


class Profile(Part):
    """How a day's contacts spread over it."""

    start: TimeOfDay = "08:00"
    """Start of the first interval."""
    minutes: Minutes = 30
    """Length of an interval, in minutes."""
    shares: tuple[Number, ...] = Field(min_length=1)
    """Share of each interval; they are scaled to add up to 1 within the hours of the demand."""

    @model_validator(mode="after")
    def _within_the_day(self) -> Self:
        end = seconds_of_day(self.start) + 60 * self.minutes * len(self.shares)
        if end > 86_400:
            raise ValueError(f"{len(self.shares)} shares from {self.start} pass the end of the day")
        if sum(self.shares) <= 0:
            raise ValueError("shares are all zero")
        return self


class Rate(Part):
    """A rate from a time of day on."""

    at: TimeOfDay
    """From when."""
    per_hour: PerHour
    """Contacts per hour."""


class Demand(Part):
    """The volume that the topics share, and its shape over year, week and day."""

    per_year: PerYear | None = None
    """Contacts a year, over all topics with a `share`."""
    counts: Literal["callers", "attempts"] = "callers"
    """What `per_year` counts. Published volumes are `attempts`: they hold redials and repeats, and
    are brought back to callers by a fixed point in the baseline, the same for every variant."""
    hours: Name = "open"
    """Hours in which these contacts arrive."""
    weekday: tuple[Number, ...] = Field(default=(1.0,) * 7, min_length=5, max_length=7)
    """Factor of each weekday, Monday first; days left out are zero. A day that is open for half as long
    has as many contacts, unless its factor says less."""
    month: tuple[Number, ...] = Field(default=(1.0,) * 12, min_length=12, max_length=12)
    """Factor of each month, January first."""
    profile: Profile | None = None
    """Spread over the day; even over the hours if absent."""
    busyness_cv: Annotated[float, Strict(), Field(ge=0, le=5)] = 0.0
    """Coefficient of variation of the Gamma busyness of a day (mean 1), shared by all topics."""

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        for name, factors in (("weekday", self.weekday), ("month", self.month)):
            if not any(factors):
                raise ValueError(f"every factor of {name} is zero; give one above zero")
        return self


class RedialDelay(Part):
    """When a caller who gave up tries again."""

    soon: Share = 0.30
    """Share that tries again after `soon_after`."""
    soon_after: Duration = Field(
        default={"kind": "exponential", "mean": 300.0}, validate_default=True
    )
    """Delay of those who try again soon."""
    later_today: Share = 0.40
    """Share that tries at a uniform moment until closing; the rest tries the next working day."""

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if self.soon + self.later_today > 1 + 1e-12:
            raise ValueError(
                f"soon {self.soon:g} and later_today {self.later_today:g} pass 1 together"
            )
        return self


class Redial(Part):
    """Callers who gave up, found all lines busy or the doors closed, and call again."""

    share: Share
    """Share of callers who abandon in the queue and call again."""
    after_menu: Share = 0.0
    """Share of callers who hang up in the menu and call again."""
    after_blocked: Share = 0.0
    """Share of callers who find all lines busy and call again."""
    after_closed: Share = 0.0
    """Share of callers who find the centre closed and call again."""
    delay: RedialDelay = RedialDelay()
    """When."""
    patience: Literal["keep", "redraw"] = "keep"
    """Whether the next attempt has the patience of the first or a new draw."""
    at_most: PositiveCount = 5
    """Redials of one caller."""


class Repeat(Part):
    """Citizens whose question was not resolved and who contact the centre again."""

    share: Share
    """Share of unresolved questions that come back."""
    after: Duration = Field(
        default={"kind": "exponential", "mean": 100_000.0}, validate_default=True
    )
    """Working time until they do, in seconds of `hours`."""
    hours: Name = "open"
    """Hours in which that time runs."""
    handling_factor: PositiveNumber = 1.3
    """Handling of the repeated contact relative to the first."""
    at_most: PositiveCount = 5
    """Repeats of one question."""


class SecondLineUse(Part):
    """How much of a topic needs the second line, and which."""

    name: Name
    """Name under `second_lines`."""
    share: Share
    """Share of talks that need it."""
    urgent: Share = 0.25
    """Share of those that are urgent; matters for permanence `urgent`."""


class CallbackUse(Part):
    """How often a talk ends with a promise to call back."""

    name: Name
    """Name under `callbacks`."""
    share: Share
    """Share of talks that end so, of those that need no second line."""


class Limit(Part):
    """How long a desk works on a contact; what takes longer goes on to another queue."""

    after: PositiveSeconds
    """Talk after which it is sent on."""
    queue: Name
    """Queue of those who finish it."""
    talk: Duration
    """Their talk."""
    wrap_up: Duration = Field(default=0.0, validate_default=True)
    """Their after-call work."""


class Topic(Part):
    """What a caller asks about, how often, and what it takes to answer.

    Exactly one of `share`, `per_year`, `per_hour`, `rates` and `arrivals` says how often.
    """

    share: Share | None = None
    """Part of the demand's volume."""
    per_year: PerYear | None = None
    """Own yearly volume, spread as the demand is."""
    per_hour: PerHour | None = None
    """Constant rate around the clock, or within `hours`."""
    rates: tuple[Rate, ...] | None = None
    """Rates by time of day, each until the next one starts; zero before the first."""
    arrivals: tuple[Seconds, ...] | None = None
    """Moments of arrival, in seconds from the start of the horizon (a recorded day)."""
    hours: Name | None = None
    """Hours in which contacts of `per_hour`, `rates` or `per_year` arrive."""
    busyness: Flag = True
    """If false, the busyness of the day does not touch this topic."""
    stream: str | None = Field(default=None, min_length=1, max_length=60)
    """Identity of the stream of chance, so that a renamed topic keeps its callers."""
    channel: Literal["phone", "desk", "mail", "chat", "case"] = "phone"
    """How they come. Only the telephone has lines, a menu and redials; mail (e-mail, post and web
    forms) and cases come at any hour and wait. The scenario's patience is for telephone and chat."""
    queue: Name | None = None
    """Queue of this topic; the queue of the same name, or the only one, if absent."""
    priority: Annotated[int, Strict(), Field(ge=-1000, le=1000)] = 0
    """Higher goes first within a queue."""
    patience: Duration | None = None
    """Wait after which the caller hangs up; the scenario's if absent."""
    handling: Handling | None = None
    """Handling; the scenario's if absent."""
    resolved: Share = 1.0
    """Share of directly answered questions that are really resolved; the rest may come back."""
    second_line: SecondLineUse | None = None
    """Need of the second line."""
    callback: CallbackUse | None = None
    """Promises to call back without need of the second line."""
    journey: Name | None = None
    """Name under `journeys`, instead of the journey that the scenario's words describe."""
    limit: Limit | None = None
    """Sent on when it takes longer (a quick desk)."""
    uses_menu: Flag = True
    """If false, these contacts come in behind the menu."""
    counted: Flag = True
    """If false, left out of every figure: calls of another client of a shared pool."""

    @property
    def in_menu(self) -> bool:
        """Return whether these contacts come through the menu, if there is one."""
        return self.uses_menu and self.channel == "phone"

    @model_validator(mode="after")
    def _one_volume(self) -> Self:
        ways = ("share", "per_year", "per_hour", "rates", "arrivals")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(
                f"gives {' and '.join(given) or 'no volume'}; give exactly one of {', '.join(ways)}"
            )
        if self.rates is not None:
            times = [seconds_of_day(rate.at) for rate in self.rates]
            if times != sorted(set(times)):
                raise ValueError("rates must be in order of time, each time once")
        if self.arrivals is not None and list(self.arrivals) != sorted(self.arrivals):
            raise ValueError("arrivals must be in order of time")
        return self


class Probe(Part):
    """A patient caller who occupies nobody: it measures what research calls measure."""

    topic: Name
    """Topic it asks about; it goes through the menu, as a right and patient caller, if any."""
    per_hour: Annotated[PerHour, Field(gt=0)]
    """Probes per hour, at random moments."""
    hours: Name = "open"
    """Hours in which probes are made."""
