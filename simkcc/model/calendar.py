"""When things are open and which days are simulated: hours by weekday, holidays, the horizon."""

import datetime
import re
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from simkcc.model.part import Count, Day, Flag, Part, PositiveCount

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")


def seconds_of_day(text: str) -> int:
    """Return the seconds since midnight of a time like `08:30`; `24:00` is the end of the day."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    seconds = int(match[1]) * 3600 + int(match[2]) * 60 if match else -1
    if not match or int(match[2]) > 59 or seconds > 86_400:
        raise ValueError(f"'{text}' is not a time of day; write it like 08:30, at most 24:00")
    return seconds


@cache
def span_of_day(text: str) -> tuple[int, int]:
    """Return start and end, in seconds since midnight, of a span like `08:00-18:00`."""
    if not _SPAN.fullmatch(text):
        raise ValueError(f"'{text}' is not a span of hours; write it like 08:00-18:00")
    start, end = (seconds_of_day(part) for part in text.split("-"))
    if end <= start:
        raise ValueError(f"'{text}' ends before it starts; a span lies within one day")
    return start, end


def _ordered_spans(spans: tuple[str, ...]) -> tuple[str, ...]:
    ends = 0
    for text in spans:
        start, end = span_of_day(text)
        if start < ends:
            raise ValueError(f"'{text}' starts before the span before it ends; put them in order")
        ends = end
    return spans


def _from_time(value: Any) -> Any:
    """Read a time of TOML, `08:30:00`, as the text `08:30`."""
    if isinstance(value, datetime.time) and not (value.second or value.microsecond):
        return value.strftime("%H:%M")
    return value


def _time_of_day(text: str) -> str:
    seconds_of_day(text)
    return text


TimeOfDay = Annotated[str, AfterValidator(_time_of_day), BeforeValidator(_from_time)]
"""A time of day, like `"08:30"`."""

Spans = Annotated[tuple[str, ...], AfterValidator(_ordered_spans)]
"""Spans of one day, like `["08:00-12:00", "13:00-17:00"]`; an empty list is closed."""


class Hours(Part):
    """Opening hours by weekday. The most specific key wins: `mon` over `weekdays` over `daily`."""

    daily: Spans | None = None
    """Every day of the week."""
    weekdays: Spans | None = None
    """Monday to Friday."""
    mon: Spans | None = None
    """Monday."""
    tue: Spans | None = None
    """Tuesday."""
    wed: Spans | None = None
    """Wednesday."""
    thu: Spans | None = None
    """Thursday."""
    fri: Spans | None = None
    """Friday."""
    sat: Spans | None = None
    """Saturday."""
    sun: Spans | None = None
    """Sunday."""
    on_holidays: Flag = False
    """If true, open on holidays as on any other day."""

    def spans(self, weekday: int) -> tuple[tuple[int, int], ...]:
        """Return the open spans of a weekday (0 = Monday), in seconds since midnight."""
        common = self.weekdays if weekday < 5 and self.weekdays is not None else self.daily
        own = getattr(self, WEEKDAYS[weekday])
        return tuple(span_of_day(text) for text in (own if own is not None else common) or ())


LAST = datetime.date(9990, 1, 1)
"""Where the calendar ends, with room for what is due later."""


class Horizon(Part):
    """Which days are simulated."""

    start: Day = datetime.date(2024, 1, 1)
    """First day. Month factors and holidays follow from it."""
    weeks: Count | None = None
    """Length in weeks; give this or `days`; 26 weeks if neither is given."""
    days: PositiveCount | None = None
    """Length in days; give this or `weeks`."""
    warm_up_days: Count = 0
    """First days, simulated but left out of every figure."""
    end: Literal["run_out", "clear"] = "clear"
    """At the end: `run_out` goes on until the last contact is done; `clear` stops, and what is
    not finished counts as open."""

    @model_validator(mode="after")
    def _length(self) -> Self:
        if self.weeks is not None and self.days is not None:
            raise ValueError("weeks and days are both given; give one")
        if self.weeks == 0:
            raise ValueError("weeks is 0; simulate at least one")
        if (LAST - self.start).days < self.length:
            raise ValueError(f"ends after the year {LAST.year}, the last of the calendar")
        if self.warm_up_days >= self.length:
            raise ValueError(
                f"warm_up_days {self.warm_up_days} leaves nothing of {self.length} days; "
                "lower it or simulate longer"
            )
        return self

    @property
    def length(self) -> int:
        """Return the number of simulated days, warm-up included."""
        return self.days if self.days is not None else 7 * (self.weeks or 26)


class Calendar(Part):
    """Holidays of the centre."""

    country: Literal["BE", "NL", "none"] = "none"
    """Country whose public holidays are closed days."""
    holidays: tuple[Day, ...] = Field(default=(), max_length=2000)
    """Further closed days."""
