"""The calendar of a rollout: periods between its dates, and the scenario of each as an overlay.

A period is a quarter, or the part of one before or after a switch. Calls to a number that is no
longer published halve every half-life; within a period the mean over its days counts. So no engine
knows of a rollout: it plays one scenario after another, on callers of the same streams.
"""

import datetime
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simkcc.errors import SettingError
from simkcc.model.complaints import hint, shown
from simkcc.model.overlay import ABSENT, lay_over
from simkcc.model.rollout import Rollout

Date = datetime.date
DAYS_PER_MONTH = 365.25 / 12
VOLUMES = ("share", "per_year", "per_hour")
"""Keys of a topic's volume that are one number."""
OLD = " old number"
"""Added to the name of a topic for those who still dial the old number."""


@dataclass(frozen=True)
class Period:
    """Days on which nothing is switched and nobody comes or goes."""

    start: Date
    end: Date
    """First day after it."""
    phase: str | None
    """The phase that started last."""
    begins: tuple[str, ...]
    """Phases that start on its first day."""

    @property
    def days(self) -> int:
        """Return its length in days."""
        return (self.end - self.start).days

    @property
    def label(self) -> str:
        """Return its quarter, and from which day if it does not start with it."""
        quarter = quarter_of(self.start)
        whole = self.start == first_day(self.start)
        return quarter if whole else f"{quarter} ({self.start:%d/%m})"


def quarter_of(day: Date) -> str:
    """Return the quarter of a day, as `Q4 2022`."""
    return f"Q{(day.month + 2) // 3} {day.year}"


def first_day(day: Date) -> Date:
    """Return the first day of the quarter of a day."""
    return Date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarters_later(day: Date, quarters: int) -> Date:
    """Return the same day so many quarters on; the last of the month if it has no such day.

    >>> quarters_later(Date(2023, 11, 30), 1)
    datetime.date(2024, 2, 29)
    """
    months = 12 * day.year + day.month - 1 + 3 * quarters
    year, month = divmod(months, 12)
    following = Date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(Date(year, month + 1, 1) + datetime.timedelta(day.day - 1),
               following - datetime.timedelta(1))  # fmt: skip


def postponed(rollout: Rollout, quarters: Mapping[str, int]) -> Rollout:
    """Return a rollout with some phases moved by quarters; its calendar grows if it must."""
    unknown = [name for name in quarters if name not in rollout.phases]
    if unknown:
        known = hint(unknown[0], rollout.phases, "it has")
        raise SettingError(f"--postpone: no phase '{shown(unknown[0])}'{known}")
    moved = {
        name: phase.model_copy(
            update={"starts": quarters_later(phase.starts, quarters.get(name, 0))}
        )
        for name, phase in rollout.phases.items()
    }
    in_order = dict(sorted(moved.items(), key=lambda each: each[1].starts))
    first, last = (pick(each.starts for each in moved.values()) for pick in (min, max))
    ends = {"starts": min(rollout.starts, first), "until": max(rollout.until, last)}
    return rollout.model_copy(update={"phases": in_order} | ends)


def periods(rollout: Rollout) -> tuple[Period, ...]:
    """Return the periods of the calendar, in order."""
    start = first_day(rollout.starts)
    end = quarters_later(first_day(rollout.until), 1)
    cuts = {start, end} | {phase.starts for phase in rollout.phases.values()}
    changes = [each.starts for each in rollout.staff]
    changes += [day for each in rollout.absences for day in (each.starts, each.until)]
    cuts |= {day for day in changes if start < day < end}
    while (start := quarters_later(start, 1)) < end:
        cuts.add(start)
    days = sorted(cuts)
    found = []
    for first, after in itertools.pairwise(days):
        started = [name for name, each in rollout.phases.items() if each.starts <= first]
        begins = tuple(name for name in started if rollout.phases[name].starts == first)
        found.append(Period(first, after, started[-1] if started else None, begins))
    return tuple(found)


# ---------------------------------------------------------------------------------------------
# how far a department is


@dataclass(frozen=True)
class Stage:
    """How far a department is, on average over a period."""

    direct: float
    """Share of its calls that still go to its old number."""
    learned: float
    """Part of what the first line is to answer that it has learned."""


def switched_on(rollout: Rollout, switch: str, department: str) -> Date | None:
    """Return when a switch is thrown for a department; None if never."""
    days = [p.starts for p in rollout.phases.values() if department in getattr(p, switch)]
    return days[0] if days else None


def stage(rollout: Rollout, department: str, period: Period) -> Stage:
    """Return how far a department is in a period; exact means of the halving and of the learning."""
    entry = switched_on(rollout, "entry", department)
    abolished = switched_on(rollout, "abolished", department)
    knowledge = switched_on(rollout, "knowledge", department)
    direct = 1.0
    if abolished is not None and abolished <= period.start:
        direct = 0.0
    elif entry is not None and entry <= period.start:
        direct = _faded(rollout.half_life * DAYS_PER_MONTH, (period.start - entry).days, period)
    learned = 0.0
    if knowledge is not None and knowledge <= period.start:
        since = (period.start - knowledge).days
        learned = _risen(rollout.learning * DAYS_PER_MONTH, since, period)
    return Stage(direct, learned)


def _faded(half_life: float, since: int, period: Period) -> float:
    rate = math.log(2) / half_life
    return (math.exp(-rate * since) - math.exp(-rate * (since + period.days))) / (
        rate * period.days
    )


def _risen(length: float, since: int, period: Period) -> float:
    """Return the mean of a straight rise from 0 to 1 over `length` days, and 1 after it."""
    rising = max(min(since + period.days, length) - since, 0.0)
    if rising == 0:
        return 1.0
    end = (since + rising) / length
    return (rising * (since / length + end) / 2 + (period.days - rising)) / period.days


# ---------------------------------------------------------------------------------------------
# the scenario of a period


def overlay(data: dict[str, Any], rollout: Rollout, stages: Mapping[str, Stage]) -> dict[str, Any]:
    """Return what the stages of departments change in a file, as a table to be laid over it.

    data: the file in plain numbers. A topic splits in two parts, one for its old number.
    """
    topics: dict[str, Any] = {}
    for department, at in stages.items():
        queue = rollout.direct_of(department)
        for name in rollout.topics_of(department):
            topics |= _parts(name, data["topics"][name], at, queue, rollout.unready)
    return {"topics": topics}


def _parts(
    name: str, topic: dict[str, Any], at: Stage, queue: str | None, unready: float
) -> dict[str, Any]:
    outside = {"queue": queue, "second_line": ABSENT, "uses_menu": False}
    if at.direct >= 1:
        return {name: outside}
    inside: dict[str, Any] = {}
    need = topic.get("second_line")
    if need is not None:
        share = need["share"]
        inside["second_line"] = {"share": share + (unready - share) * (1 - at.learned)}
    if at.direct <= 0:
        return {name: inside}
    own = topic.get("stream") or name
    old = {key: each for key, each in topic.items() if key != "second_line"}
    old |= {"queue": queue, "uses_menu": False, "stream": f"{own}{OLD}"[:60]}
    return {
        name: inside | _scaled(topic, 1 - at.direct),
        f"{name}{OLD}"[:60]: old | _scaled(topic, at.direct),
    }


def _scaled(topic: dict[str, Any], factor: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        key: topic[key] * factor for key in VOLUMES if topic.get(key) is not None
    }
    if topic.get("rates") is not None:
        found["rates"] = [rate | {"per_hour": rate["per_hour"] * factor} for rate in topic["rates"]]
    return found


def staffed(data: dict[str, Any], group: str, people: int) -> dict[str, Any]:
    """Return a group with so many people all opening hours, as an overlay."""
    hours = data["groups"][group].get("hours")
    if hours is None and "open" in data.get("hours", {}):
        hours = "open"
    return {"groups": {group: {"agents": people, "roster": ABSENT, "hours": hours or ABSENT}}}


def horizon(data: dict[str, Any], period: Period) -> dict[str, Any]:
    """Return the days of a period as an overlay, after the warm-up that the file asks for."""
    warm_up = data.get("horizon", {}).get("warm_up_days", 0)
    start = period.start - datetime.timedelta(warm_up)
    days = {"start": start, "days": period.days + warm_up, "weeks": ABSENT}
    return {"horizon": days}


def laid(data: dict[str, Any], *overlays: dict[str, Any]) -> dict[str, Any]:
    """Return a file with overlays laid over it, one after the other."""
    for each in overlays:
        data = lay_over(data, each)
    return data
