"""Who answers: groups of agents, their rosters, and the contracts of providers."""

from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from simkcc.model.calendar import WEEKDAYS, TimeOfDay, seconds_of_day
from simkcc.model.part import (
    Count,
    Euros,
    EurosPerHour,
    EurosPerMinute,
    Flag,
    Minutes,
    Name,
    Part,
    PerYear,
    PositiveSeconds,
    Seconds,
    Share,
)

Levels = Annotated[tuple[Count, ...], Field(max_length=1440)]
"""Agents per interval of the day."""


class SquareRoot(Part):
    """Square-root staffing: s = max(minimum, round(a + beta sqrt(a))) per weekday interval.

    a is the expected load in erlang of that weekday interval over the year (months averaged, or
    each month by itself) of a stated volume, spread as the scenario's demand is. The volume is
    stated, not measured, so that a roster stays the same when a variant changes who reaches the
    queue.
    """

    beta: Annotated[float, Strict(), Field(ge=-10, le=10)]
    """Margin in square roots of the load."""
    per_year: PerYear
    """Contacts a year that the roster is made for."""
    aht: Seconds
    """Mean handle time the roster is made for, in seconds."""
    minimum: Count = 2
    """Fewest agents of an open interval."""
    monthly: Flag = False
    """If true, the roster follows the months: a is the load of that weekday interval in the month
    of the date. If false, one roster serves the whole year."""


class Roster(Part):
    """Agents per interval of each weekday; or a rule that makes them.

    Where it falls, those with the highest numbers go home, after the contact they are in; who stays
    goes on answering.
    """

    start: TimeOfDay = "08:00"
    """Start of the first interval."""
    minutes: Minutes = 30
    """Length of an interval, in minutes."""
    weekdays: Levels | None = None
    """Monday to Friday, unless the day has its own."""
    mon: Levels | None = None
    """Monday."""
    tue: Levels | None = None
    """Tuesday."""
    wed: Levels | None = None
    """Wednesday."""
    thu: Levels | None = None
    """Thursday."""
    fri: Levels | None = None
    """Friday."""
    sat: Levels | None = None
    """Saturday."""
    sun: Levels | None = None
    """Sunday."""
    square_root: SquareRoot | None = None
    """A rule instead of numbers."""
    on_holidays: Flag = False
    """If true, agents are there on holidays too."""

    @model_validator(mode="after")
    def _fits_the_day(self) -> Self:
        for day in ("weekdays", *WEEKDAYS):
            levels = getattr(self, day)
            end = seconds_of_day(self.start) + 60 * self.minutes * len(levels or ())
            if end > 86_400:
                raise ValueError(
                    f"{day}: {len(levels)} intervals of {self.minutes} min from {self.start} are "
                    "longer than the day; shorten the roster"
                )
        given = any(getattr(self, day) is not None for day in ("weekdays", *WEEKDAYS))
        if given == (self.square_root is not None):
            raise ValueError("give numbers by weekday or square_root, one of the two")
        return self

    def levels(self, weekday: int) -> tuple[int, ...]:
        """Return the agents per interval of a weekday (0 = Monday)."""
        own = getattr(self, WEEKDAYS[weekday])
        if own is None and weekday < 5:
            own = self.weekdays
        return own or ()


class Group(Part):
    """Agents who are interchangeable for routing (a hunt group)."""

    agents: Count | None = None
    """A constant number of agents within `hours`; give this or `roster`."""
    roster: Roster | None = None
    """Agents per interval."""
    hours: Name | None = None
    """Hours in which the constant number is there; around the clock if absent."""
    choice: Literal["longest_idle", "uniform", "priority"] = "longest_idle"
    """Which free agent answers: the longest idle, any with equal chance, or the lowest number."""
    pick: Literal["longest_wait", "priority", "weighted"] = "longest_wait"
    """Which queue a free agent serves: that of the longest-waiting caller, the first of `pulls`
    with a caller, or one drawn with the weights of the routes."""
    pulls: tuple[Name, ...] | None = None
    """Queues in the group's own order; the order of the file if absent."""
    absence: Share = 0.0
    """Chance that a rostered agent is absent for the day."""
    stream: str | None = Field(default=None, min_length=1, max_length=60)
    """Identity of the stream of chance, so that in a renamed group the same agents are absent."""
    speed: Annotated[float, Strict(), Field(gt=0, le=100)] = 1.0
    """Speed of talk and wrap-up relative to the handling of the topic; 2 is twice as fast."""
    at_once: Annotated[int, Strict(), Field(ge=1, le=20)] = 1
    """Chats that one agent holds at the same time; more than one for groups that do nothing but chat.
    How long a chat takes beside others is for its handling to say."""
    switching: Seconds = 0.0
    """Time to get going again when the next contact comes by another channel than the last one."""
    line: Literal[1, 2, 3] = 1
    """First, second or third line."""
    home: Literal["in_house", "provider", "shared_pool"] = "in_house"
    """Whose agents they are."""
    provider: Name | None = None
    """Name under `providers`."""
    per_hour: EurosPerHour = 0.0
    """Cost of one rostered hour, in euros, if they have no provider."""

    @model_validator(mode="after")
    def _one_roster(self) -> Self:
        if (self.agents is None) == (self.roster is None):
            raise ValueError("give either agents or roster")
        if self.roster is not None and self.hours is not None:
            raise ValueError("hours goes with agents; a roster says its own hours")
        return self


class Guarantee(Part):
    """The service level a provider promises, and what the city gets back when it is not kept."""

    service_level: Share
    """Share of the city's calls offered to its queues that it answers in time."""
    within: PositiveSeconds = 20.0
    """Wait that is in time."""
    malus: Share = 0.0
    """Part of the prices by hour, minute and call that is not paid if it is not kept, judged once
    over everything that is counted."""


class Provider(Part):
    """The contract of an external call centre. Only contacts that count are paid for.

    A group whose `home` is `shared_pool` serves other clients too, as topics with
    `counted = false`; of its rostered hours the city pays its share of the work they did.
    """

    per_hour: EurosPerHour = 0.0
    """Price of one rostered hour."""
    per_minute: EurosPerMinute = 0.0
    """Price of one minute of talk."""
    per_call: Annotated[Euros, Field(json_schema_extra={"unit": "EUR/call"})] = 0.0
    """Price of one call of a citizen, however often it was put through there; callbacks and forms are
    not calls."""
    charges: Literal["answered", "offered"] = "answered"
    """Which calls `per_call` is paid for: those it answered, or all that were offered to a queue it
    serves. A price that was found as yearly cost over all calls is one per call offered."""
    per_year: Annotated[Euros, Field(json_schema_extra={"unit": "EUR/year"})] = 0.0
    """Fixed yearly price."""
    management_per_year: Annotated[Euros, Field(json_schema_extra={"unit": "EUR/year"})] = 0.0
    """What it costs the city a year to manage the contract."""
    minimum_calls: PerYear = 0.0
    """Calls a year that are paid for at least."""
    guarantee: Guarantee | None = None
    """Service level it promises."""
