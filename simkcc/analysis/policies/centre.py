"""A centre seen from above, for whoever lays another policy over it: lines, teams, loads, hours.

What policies share: which topics are lines, who answers them, how many hours that is a week, and
how the same hours are split over teams of their own.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simkcc.analysis.apportion import largest_remainder
from simkcc.engine.samplers import mean_of
from simkcc.engine.schedules import Almanac, Volume, day_levels, follows_months, pieces_of_date
from simkcc.errors import SettingError
from simkcc.model.calendar import WEEKDAYS
from simkcc.model.overlay import ABSENT
from simkcc.model.scenario import Scenario
from simkcc.model.staffing import Group

Table = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """Topics that share a queue."""

    name: str
    topics: tuple[str, ...]
    load: float
    """Expected work, in seconds over the horizon."""


@dataclass(frozen=True)
class Levels:
    """Agents per interval of each weekday, all weekdays on one grid."""

    start: int
    """Seconds since midnight of the first interval."""
    minutes: int
    agents: np.ndarray
    """(7, intervals) whole numbers."""

    def roster(self) -> Table:
        """Return it as the file writes a roster."""
        clock = f"{self.start // 3600:02d}:{self.start % 3600 // 60:02d}"
        found: Table = {"start": clock, "minutes": self.minutes}
        days = {day: row.tolist() for day, row in zip(WEEKDAYS, self.agents, strict=True)}
        return found | {day: row for day, row in days.items() if any(row)}


class Centre:
    """A scenario, and what policies want to know of it."""

    def __init__(self, scenario: Scenario) -> None:
        """Note the scenario."""
        self.scenario = scenario
        self.almanac = Almanac(scenario)
        self.volume = Volume(self.almanac, scenario.demand)

    # ----------------------------------------------------------------- lines

    def topics(self, channel: str = "phone") -> tuple[str, ...]:
        """Return the counted topics of a channel that take the ordinary journey."""
        return tuple(
            name
            for name, topic in self.scenario.topics.items()
            if topic.channel == channel
            and topic.counted
            and topic.journey is None
            and self.team_of(self.scenario.queue_of(name))
        )

    def queues(self, channel: str = "phone") -> tuple[str, ...]:
        """Return their queues, in order."""
        return tuple(dict.fromkeys(self.scenario.queue_of(name) for name in self.topics(channel)))

    def team_of(self, queue: str) -> tuple[str, ...]:
        """Return the groups of the first line that answer a queue, shared pools left out."""
        groups = self.scenario.groups
        return tuple(
            route.group
            for route in self.scenario.queues[queue].routes
            if groups[route.group].line == 1 and groups[route.group].home != "shared_pool"
        )

    def team(self, channel: str = "phone") -> tuple[str, ...]:
        """Return the groups of the first line that answer a channel.

        Raises SettingError if there are none.
        """
        found = [group for queue in self.queues(channel) for group in self.team_of(queue)]
        if not found:
            what = "the telephone" if channel == "phone" else f"the {channel}"
            raise SettingError(f"this centre has no group of the first line that answers {what}")
        return tuple(dict.fromkeys(found))

    def work(self, name: str) -> float:
        """Return the expected work of a topic over the horizon, in agent seconds."""
        topic = self.scenario.topics[name]
        handling = topic.handling or self.scenario.handling
        assert handling is not None
        seconds = handling.aht
        if seconds is None:
            assert handling.talk is not None
            seconds = mean_of(handling.talk) + mean_of(handling.wrap_up)
        if topic.arrivals is not None:
            return len(topic.arrivals) * seconds
        dates = [self.almanac.date(index) for index in range(self.almanac.n_days)]
        days = [pieces_of_date(self.almanac, self.volume, topic, 1.0, date) for date in dates]
        return float(sum(day[-1][1] for day in days if day) * seconds)

    def lines(self, most: int | None = None) -> tuple[Line, ...]:
        """Return the lines: the queues of the telephone, or its topics if there is one queue.

        most: so many at most; the lightest share one then.
        """
        queues = self.queues()
        by_queue = len(queues) > 1
        parts = {
            name: [t for t in self.topics() if self.scenario.queue_of(t) == name] if by_queue else [name]
            for name in (queues if by_queue else self.topics())
        }  # fmt: skip
        found = [
            Line(name, tuple(topics), sum(self.work(topic) for topic in topics))
            for name, topics in parts.items()
        ]
        most = len(found) if most is None else max(most, 1)
        while len(found) > most:
            found.sort(key=lambda line: line.load)
            first, second, *rest = found
            joined = Line(second.name, second.topics + first.topics, first.load + second.load)
            found = [joined, *rest]
        return tuple(sorted(found, key=lambda line: -line.load))

    # ----------------------------------------------------------------- hours

    def levels(self, names: Sequence[str]) -> Levels:
        """Return the agents of some groups together, per interval of each weekday."""
        groups = [self.scenario.groups[name] for name in names]
        for name, group in zip(names, groups, strict=True):
            if follows_months(group):
                raise SettingError(
                    f"groups.{name}.roster: follows the months; a policy that makes other teams "
                    "needs one roster a weekday: give square_root.monthly = false"
                )
        steps = [[self._steps(group, day) for day in range(7)] for group in groups]
        times = {at for days in steps for day in days for at, _ in day}
        if not times:
            raise SettingError(f"nobody is ever rostered in {', '.join(names)}")
        start, end = min(times), max(times)
        length = math.gcd(*(at - start for at in times)) or 60
        if length % 60:
            raise SettingError("rosters change within a minute; give hours in whole minutes")
        agents = np.zeros((7, (end - start) // length), int)
        for days in steps:
            for row, day in zip(agents, days, strict=True):
                for (low, level), (high, _) in itertools.pairwise(day):
                    row[(low - start) // length : (high - start) // length] += level
        return Levels(start, length // 60, agents)

    def _steps(self, group: Group, weekday: int) -> list[tuple[int, int]]:
        dates = (self.almanac.date(index) for index in range(60))
        for date in dates:
            if date.weekday() == weekday and date not in self.almanac.holidays:
                return day_levels(self.almanac, self.volume, group, date)
        return []

    def group_like(self, names: Sequence[str], levels: Levels) -> Table:
        """Return a group with other hours that is otherwise like some groups together.

        Speed, absence and price are means over their rostered hours.
        """
        groups = [self.scenario.groups[name] for name in names]
        hours = [float(self.levels([name]).agents.sum()) for name in names]
        first = groups[0]

        def mean(field: str) -> float:
            return float(np.average([getattr(each, field) for each in groups], weights=hours))

        roster = levels.roster()
        if all(self._on_holidays(each) for each in groups):
            roster["on_holidays"] = True
        found: Table = {
            "roster": roster, "speed": mean("speed"), "absence": mean("absence"),
            "per_hour": mean("per_hour"), "home": first.home, "switching": mean("switching"),
        }  # fmt: skip
        if len({each.at_once for each in groups}) > 1:
            raise SettingError(
                f"{', '.join(names)}: hold different numbers of chats at once; a policy that makes "
                "one team of them needs the same at_once"
            )
        found["at_once"] = first.at_once
        if first.provider is not None:
            found["provider"] = first.provider
        return found

    def _on_holidays(self, group: Group) -> bool:
        if group.roster is not None:
            return group.roster.on_holidays
        hours = self.almanac.hours(group.hours)
        return hours is None or hours.on_holidays

    # ----------------------------------------------------------------- overlays

    def dismissed(self, gone: Sequence[str], heirs: Sequence[str], done: Sequence[str]) -> Table:
        """Return an overlay that takes groups away; other queues they served go to the heirs.

        done: queues that have their new routes already.
        """
        groups: Table = {name: ABSENT for name in gone if name not in heirs}
        for name, group in self.scenario.groups.items():
            if name not in gone and group.pulls is not None:
                kept = [queue for queue in group.pulls if queue not in done]
                groups[name] = {"pulls": kept or ABSENT}
        queues = {}
        for name, queue in self.scenario.queues.items():
            routes = queue.model_dump(exclude_unset=True)["routes"]
            if name not in done and any(route["group"] in gone for route in routes):
                queues[name] = {"routes": _handed_over(routes, gone, heirs)}
        return {"groups": groups, "queues": queues}


def _handed_over(routes: Sequence[Table], gone: Sequence[str], heirs: Sequence[str]) -> list[Table]:
    found: list[Table] = []
    for route in routes:
        for group in heirs if route["group"] in gone else (route["group"],):
            if group not in [each["group"] for each in found]:
                found.append({**route, "group": group})
    return found


def split(levels: Levels, weights: Sequence[float]) -> tuple[Levels, ...]:
    """Return the same hours of each weekday as teams: by load, largest remainder, at least one each.

    Where an interval has fewer agents than there are teams each still has one, and the hours are
    taken from the same day, where a team has most to spare. Raises SettingError if a day has too few.
    """
    number = len(weights)
    if number > most_teams(levels):
        raise SettingError(
            f"{number} teams of at least one are more than the hours of the weakest day allow "
            f"({most_teams(levels)})"
        )
    share = np.asarray(weights, float) / sum(weights)
    teams = np.zeros((number, *levels.agents.shape), int)
    for day, agents in enumerate(levels.agents):
        teams[:, day] = _of_day(agents, share)
    return tuple(Levels(levels.start, levels.minutes, team) for team in teams)


def _of_day(agents: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the (teams, intervals) agents of a day; their sum is that of `agents`, (intervals,)."""
    number = len(share)
    teams = np.zeros((number, len(agents)), int)
    for place in np.flatnonzero(agents):
        wanted = max(int(agents[place]), number)
        teams[:, place] = 1 + largest_remainder(wanted - number, wanted * share - 1)
    for _ in range(int(teams.sum() - agents.sum())):
        spare = np.where(teams > 1, teams / share[:, None], 0.0)
        teams[np.unravel_index(int(spare.argmax()), teams.shape)] -= 1
    return teams


def most_teams(levels: Levels) -> int:
    """Return how many teams of at least one agent the hours of every open weekday can staff."""
    days = [day for day in levels.agents if day.any()]
    return min(int(day.sum() // (day > 0).sum()) for day in days)
