"""Dates, opening hours, rosters and demand of a scenario, as spans, changes and cumulative rates."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simkcc.engine.plan import ChangeKind
from simkcc.model.calendar import Hours, seconds_of_day
from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.demand import Demand, Topic
from simkcc.model.holidays import closed_dates
from simkcc.model.scenario import Scenario
from simkcc.model.staffing import Group, SquareRoot

BEYOND = 90
"""Days after the horizon for which hours and rosters are known."""

ROUND_THE_CLOCK = ((0, 86_400),)

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Almanac:
    """The dates of a scenario."""

    scenario: Scenario

    @property
    def start(self) -> datetime.date:
        """Return the first date."""
        return self.scenario.horizon.start

    @property
    def n_days(self) -> int:
        """Return the number of simulated dates."""
        return self.scenario.horizon.length

    def date(self, index: int) -> datetime.date:
        """Return the date `index` days after the first."""
        return self.start + datetime.timedelta(index)

    @cached_property
    def holidays(self) -> set[datetime.date]:
        """Return every closed date of the years concerned."""
        last = self.date(self.n_days + BEYOND)
        return closed_dates(self.scenario.calendar, self.start, last)

    def spans(self, hours: Hours | None, date: datetime.date) -> Spans:
        """Return the open spans of a date, in seconds since midnight."""
        if hours is None:
            return ROUND_THE_CLOCK
        if date in self.holidays and not hours.on_holidays:
            return ()
        return hours.spans(date.weekday())

    def hours(self, name: str | None) -> Hours | None:
        """Return the hours of that name; None is around the clock."""
        return None if name is None else self.scenario.hours.get(name)

    def all_spans(self, hours: Hours | None) -> list[tuple[int, int]]:
        """Return every open span of horizon and beyond, in microseconds."""
        return [
            (index * DAY + start * SECOND, index * DAY + end * SECOND)
            for index in range(self.n_days + BEYOND)
            for start, end in self.spans(hours, self.date(index))
        ]


def hour_changes(index: int, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the openings and closings of hours; spans that touch are one."""
    last_end = None
    for start, end in spans:
        if start != last_end:
            if last_end is not None:
                yield last_end, ChangeKind.HOURS, index, 0
            yield start, ChangeKind.HOURS, index, 1
        last_end = end
    if last_end is not None:
        yield last_end, ChangeKind.HOURS, index, 0


# ---------------------------------------------------------------------------------------------
# demand


@dataclass(frozen=True)
class Volume:
    """The expected number of contacts per date and interval of a scenario's demand."""

    almanac: Almanac
    demand: Demand

    def within(self, hours: str | None) -> "Volume":
        """Return the same volume spread over other hours; the same object for the same hours."""
        if hours is None or hours == self.demand.hours:
            return self
        if hours not in self._elsewhere:
            demand = self.demand.model_copy(update={"hours": hours})
            self._elsewhere[hours] = Volume(self.almanac, demand)
        return self._elsewhere[hours]

    @cached_property
    def _elsewhere(self) -> dict[str, "Volume"]:
        return {}

    def weight(self, date: datetime.date) -> float:
        """Return the weight of a date within its year, not scaled."""
        hours = self.almanac.hours(self.demand.hours)
        if not self.almanac.spans(hours, date):
            return 0.0
        weekday = self.demand.weekday
        factor = weekday[date.weekday()] if date.weekday() < len(weekday) else 0.0
        return factor * self.demand.month[date.month - 1]

    @cached_property
    def _totals(self) -> dict[int, float]:
        return {}

    def total_of_year(self, year: int) -> float:
        """Return the sum of the weights of a year's dates."""
        if year not in self._totals:
            dates = _dates_of_year(year)
            self._totals[year] = sum(self.weight(date) for date in dates)
        return self._totals[year]

    def share_of(self, date: datetime.date) -> float:
        """Return the share of a yearly volume that falls on a date."""
        weight = self.weight(date)
        return weight / self.total_of_year(date.year) if weight else 0.0

    def day_shape(self, spans: Spans) -> list[tuple[int, int, float]]:
        """Return (start, end, share) of the parts of a day with these spans; seconds."""
        pieces = [
            (
                max(start, low),
                min(end, high),
                share * (min(end, high) - max(start, low)) / (end - start),
            )
            for start, end, share in self._intervals()
            for low, high in spans
            if min(end, high) > max(start, low)
        ]
        total = sum(share for _, _, share in pieces)
        return (
            [(start, end, share / total) for start, end, share in sorted(pieces)] if total else []
        )

    def _intervals(self) -> list[tuple[int, int, float]]:
        profile = self.demand.profile
        if profile is None:
            return [(0, 86_400, 1.0)]
        start, length = seconds_of_day(profile.start), 60 * profile.minutes
        return [
            (start + index * length, start + (index + 1) * length, share)
            for index, share in enumerate(profile.shares)
        ]

    @cached_property
    def weekday_shares(self) -> tuple[float, ...]:
        """Return the mean share of a year's volume that falls on an open date of each weekday."""
        return self._shares_of(_dates_of_year(self.almanac.start.year))

    @cached_property
    def month_shares(self) -> dict[int, tuple[float, ...]]:
        """Return the same by month, 1 to 12."""
        dates = _dates_of_year(self.almanac.start.year)
        return {
            month: self._shares_of([date for date in dates if date.month == month])
            for month in range(1, 13)
        }

    def _shares_of(self, dates: list[datetime.date]) -> tuple[float, ...]:
        shares: list[list[float]] = [[] for _ in range(7)]
        for date in dates:
            if self.weight(date) > 0:
                shares[date.weekday()].append(self.share_of(date))
        return tuple(float(np.mean(found)) if found else 0.0 for found in shares)

    @cached_property
    def weekday_shapes(self) -> tuple[list[tuple[int, int, float]], ...]:
        """Return the parts of each weekday, as day_shape does."""
        hours = self.almanac.hours(self.demand.hours)
        return tuple(
            self.day_shape(ROUND_THE_CLOCK if hours is None else hours.spans(weekday))
            for weekday in range(7)
        )

    def interval_load(
        self, weekday: int, month: int, rule: SquareRoot, start: int, end: int
    ) -> float:
        """Return the mean load in erlang of a weekday's interval at `rule`'s volume.

        The mean is over the year, or over the month if the rule follows the months.
        """
        shares = self.month_shares[month] if rule.monthly else self.weekday_shares
        inside = sum(
            share * max(0, min(end, high) - max(start, low)) / (high - low)
            for low, high, share in self.weekday_shapes[weekday]
        )
        return rule.per_year * shares[weekday] * inside * rule.aht / (end - start)


def _dates_of_year(year: int) -> list[datetime.date]:
    first = datetime.date(year, 1, 1).toordinal()
    last = datetime.date(year, 12, 31).toordinal()
    return [datetime.date.fromordinal(day) for day in range(first, last + 1)]


Pieces = list[tuple[int, float]]


def pieces_of_date(
    almanac: Almanac, volume: Volume, topic: Topic, callers_per_attempt: float, date: datetime.date
) -> Pieces:
    """Return the cumulative rate of a topic's arrivals on a date; empty if there are none."""
    scenario = almanac.scenario
    if topic.share is not None or topic.per_year is not None:
        yearly = topic.per_year
        if topic.share is not None:
            yearly = (scenario.demand.per_year or 0.0) * topic.share * callers_per_attempt
        volume = volume.within(topic.hours)
        amount = (yearly or 0.0) * volume.share_of(date)
        hours = almanac.hours(volume.demand.hours)
        shape = volume.day_shape(almanac.spans(hours, date))
        return _cumulative([(start, end, amount * share) for start, end, share in shape])
    spans = almanac.spans(almanac.hours(topic.hours), date)
    steps = [(0, 86_400, topic.per_hour or 0.0)]
    if topic.rates is not None:
        starts = [seconds_of_day(rate.at) for rate in topic.rates]
        ends = [*starts[1:], 86_400]
        steps = [
            (start, end, rate.per_hour)
            for start, end, rate in zip(starts, ends, topic.rates, strict=True)
        ]
    return _cumulative(
        [
            (max(start, low), min(end, high), rate * (min(end, high) - max(start, low)) / 3600)
            for low, high in spans
            for start, end, rate in steps
            if min(end, high) > max(start, low)
        ]
    )


def _cumulative(parts: list[tuple[int, int, float]]) -> Pieces:
    """Return (microsecond, expected so far) from (start, end, expected) in order of time."""
    pieces: Pieces = []
    total = 0.0
    for start, end, amount in parts:
        if amount <= 0:
            continue
        if not pieces or pieces[-1][0] != start * SECOND:
            pieces.append((start * SECOND, total))
        total += amount
        pieces.append((end * SECOND, total))
    return pieces


# ---------------------------------------------------------------------------------------------
# rosters


def day_levels(
    almanac: Almanac, volume: Volume, group: Group, date: datetime.date
) -> list[tuple[int, int]]:
    """Return (second, agents) of each change of a group's roster on a date; ends with nobody."""
    if group.roster is None:
        spans = almanac.spans(almanac.hours(group.hours), date)
        return [step for low, high in spans for step in ((low, group.agents or 0), (high, 0))]
    roster = group.roster
    if date in almanac.holidays and not roster.on_holidays:
        return []
    levels = roster_levels(almanac, volume, group, date.weekday(), date.month)
    if not levels:
        return []
    start, length = seconds_of_day(roster.start), 60 * roster.minutes
    steps = [(start + index * length, level) for index, level in enumerate(levels)]
    return [*steps, (start + len(levels) * length, 0)]


def roster_levels(
    almanac: Almanac, volume: Volume, group: Group, weekday: int, month: int = 1
) -> tuple[int, ...]:
    """Return the agents per interval of a weekday; month: 1 to 12, for rosters that follow it."""
    roster = group.roster
    if roster is None or roster.square_root is None:
        return () if roster is None else roster.levels(weekday)
    rule, profile = roster.square_root, volume.demand.profile
    start, length = seconds_of_day(roster.start), 60 * roster.minutes
    end = 86_400
    if profile is not None:
        end = seconds_of_day(profile.start) + 60 * profile.minutes * len(profile.shares)
    count = max(0, -(-(end - start) // length))
    loads = [
        volume.interval_load(weekday, month, rule, start + i * length, start + (i + 1) * length)
        for i in range(count)
    ]
    return tuple(
        max(rule.minimum, round(load + rule.beta * load**0.5)) if load > 0 else 0 for load in loads
    )


def follows_months(group: Group) -> bool:
    """Return whether a group's roster differs by month."""
    rule = group.roster.square_root if group.roster is not None else None
    return rule is not None and rule.monthly


def roster_changes(
    almanac: Almanac, volume: Volume, group: Group, index: int, days: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the changes of a group's roster over the horizon, in places: an agent has `at_once`."""
    constant = group.roster is None and group.hours is None
    if constant and group.absence == 0:
        yield 0, ChangeKind.ROSTER, index, group.at_once * (group.agents or 0)
        return
    level = 0
    monthly = follows_months(group)
    cache: dict[tuple[int, int, bool], list[tuple[int, int]]] = {}
    for day in range(days):
        date = almanac.date(day)
        key = (date.weekday(), date.month if monthly else 0, date in almanac.holidays)
        if key not in cache:
            cache[key] = day_levels(almanac, volume, group, date)
        fresh = group.absence > 0
        for at, people in _merged(cache[key]):
            wanted = group.at_once * people
            if wanted != level or fresh:
                yield day * DAY + at * SECOND, ChangeKind.ROSTER, index, wanted
            level, fresh = wanted, False


def _merged(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep the last of several steps at the same second."""
    return list(dict(steps).items())


def most_places(almanac: Almanac, volume: Volume, group: Group) -> int:
    """Return the most contacts a group ever works on at once: its agents, each `at_once` times."""
    return group.at_once * _most_agents(almanac, volume, group)


def _most_agents(almanac: Almanac, volume: Volume, group: Group) -> int:
    if group.roster is None:
        return group.agents or 0
    days = (
        roster_levels(almanac, volume, group, weekday, month)
        for weekday in range(7)
        for month in (range(1, 13) if follows_months(group) else (1,))
    )
    return max((max(levels, default=0) for levels in days), default=0)
