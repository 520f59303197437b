"""Doubts: what a scenario may say but hardly means, each one sentence at a dotted path.

A doubt stops nothing. It names what would give a figure that is right for the file and wrong for the
centre: minutes where seconds are counted, a day with callers and nobody there, a part nobody uses.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from simkcc.model.calendar import Hours, seconds_of_day
from simkcc.model.checks import references
from simkcc.model.complaints import shown
from simkcc.model.demand import Topic
from simkcc.model.distribution import ByTime
from simkcc.model.staffing import Group, Roster

if TYPE_CHECKING:
    from simkcc.model.scenario import Scenario

Spans = tuple[tuple[int, int], ...]
"""Spans of a day, in seconds since midnight."""

ROUND_THE_CLOCK: Spans = ((0, 86_400),)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SHORT = {"aht": 20.0, "talk": 10.0, "patience": 15.0, "threshold": 3.0}
"""Seconds below which such a time is more likely meant in minutes."""
LONGEST_CALL = 4 * 3600.0
"""Seconds above which the handling of a call is more likely meant in another unit."""
HASTY = 0.02
"""Chance per second of hanging up in the menu above which half are gone in half a minute."""
MOST_EMPTY = 0.25
"""Share of the hours of a weekday that may be without agents and be meant so: a lunch break."""
MOST_STAFF = 2.0
"""Times as many contacts as come, for which a roster is hardly meant to be made."""
FASTEST = 5.0
"""Speed above which a percentage is more likely meant."""


def warnings_about(scenario: "Scenario") -> tuple[str, ...]:
    """Return what is allowed but hardly meant."""
    return tuple(sentence for doubt in DOUBTS for sentence in doubt(scenario))


# ----------------------------------------------------------------- who is there


def _unstaffed(scenario: "Scenario") -> Iterator[str]:
    """Yield queues that nobody staffs, at any time or on a day with callers."""
    for name, queue in scenario.queues.items():
        groups = [route.group for route in queue.routes]
        if not any(ever_staffed(scenario.groups[group]) for group in groups):
            yield (
                f"queues.{name}: nobody ever staffs it; give agents to one of: {', '.join(groups)}"
            )
            continue
        gaps = {day: gap for day in range(7) if (gap := _gap(scenario, name, day))}
        if gaps:
            day, (start, end) = next(iter(gaps.items()))
            more = f" and on {len(gaps) - 1} more days" if len(gaps) > 1 else ""
            yield (
                f"queues.{name}: nobody who may answer is there on {DAYS[day]} "
                f"{_clock(start)}-{_clock(end)}{more}, when callers come; give agents then, or other "
                "hours"
            )


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def ever_staffed(group: Group) -> bool:
    """Return whether a group has an agent at any moment of the week."""
    return any(_there(group, {}, day) for day in range(7))


def _gap(scenario: "Scenario", queue: str, day: int) -> tuple[int, int] | None:
    """Return the first span of a weekday with callers and nobody, if much of the day is like that."""
    demanded = _demanded(scenario, queue, day)
    staffed = [
        span
        for route in scenario.queues[queue].routes
        for span in _common(
            _there(scenario.groups[route.group], scenario.hours, day),
            _spans(scenario.hours, route.hours, day),
        )
    ]
    gaps = _without(demanded, staffed)
    if _length(gaps) <= MOST_EMPTY * _length(demanded):
        return None
    return gaps[0]


def _length(spans: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def _without(spans: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> Spans:
    """Return what is left of spans when others are taken away."""
    left = list(spans)
    for start, end in others:
        left = [
            piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b))
            if piece[0] < piece[1]
        ]  # fmt: skip
    return tuple(sorted(set(left)))


def _demanded(scenario: "Scenario", queue: str, day: int) -> Spans:
    """Return when callers of a queue come on a weekday, as far as hours say so."""
    demand = scenario.demand
    if day >= len(demand.weekday) or not demand.weekday[day]:
        return ()
    topics = [
        topic
        for name, topic in scenario.topics.items()
        if topic.journey is None and _is_spread(topic) and scenario.queue_of(name) == queue
    ]
    spans = [s for topic in topics for s in _spans(scenario.hours, _hours(scenario, topic), day)]
    profile = demand.profile
    if profile is None:
        return tuple(spans)
    length, start = 60 * profile.minutes, seconds_of_day(profile.start)
    busy = [
        (start + i * length, start + (i + 1) * length) for i, s in enumerate(profile.shares) if s
    ]
    return _common(spans, busy)


def _is_spread(topic: Topic) -> bool:
    """Return whether a topic's volume is spread over hours, not given by rates or moments."""
    return topic.share is not None or topic.per_year is not None


def _hours(scenario: "Scenario", topic: Topic) -> str:
    return topic.hours or scenario.demand.hours


def _spans(hours: dict[str, Hours], name: str | None, day: int) -> Spans:
    """Return the spans of named hours; around the clock without a name."""
    if name is None or name not in hours:
        return ROUND_THE_CLOCK
    return hours[name].spans(day)


def _there(group: Group, hours: dict[str, Hours], day: int) -> Spans:
    """Return when a group has somebody on a weekday; a rule that follows the demand always has."""
    if group.roster is None:
        return _spans(hours, group.hours, day) if group.agents else ()
    if group.roster.square_root is not None:
        return ROUND_THE_CLOCK
    return _rostered(group.roster, day)


def _rostered(roster: Roster, day: int) -> Spans:
    length, start = 60 * roster.minutes, seconds_of_day(roster.start)
    levels = enumerate(roster.levels(day))
    return tuple((start + i * length, start + (i + 1) * length) for i, level in levels if level)


def _common(ones: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> Spans:
    """Return what spans have in common."""
    others = list(others)
    pairs = ((max(a, c), min(b, d)) for a, b in ones for c, d in others)
    return tuple((start, end) for start, end in pairs if start < end)


def _idle_hours(scenario: "Scenario") -> Iterator[str]:
    """Yield groups that are there only when nobody comes to the queues they answer."""
    days = range(7)
    if scenario.second_lines or scenario.callbacks or scenario.journeys:
        return  # tasks may be done at any hour
    for name, group in scenario.groups.items():
        queues = [
            q for q, queue in scenario.queues.items() if name in {r.group for r in queue.routes}
        ]
        spread = [t for n, t in scenario.topics.items() if scenario.queue_of(n) in queues]
        if not spread or not all(_is_spread(topic) for topic in spread) or not ever_staffed(group):
            continue
        there = [_there(group, scenario.hours, day) for day in days]
        asked = [[s for queue in queues for s in _demanded(scenario, queue, day)] for day in days]
        if not any(_common(a, b) for a, b in zip(there, asked, strict=True)):
            yield f"groups.{name}: is there only when no callers come to its queues; mend its hours"


def _around_the_clock(scenario: "Scenario") -> Iterator[str]:
    """Yield groups that are paid day and night although callers come within hours only."""
    topics = scenario.topics.values()
    if not scenario.hours or not all(
        _is_spread(t) and _hours(scenario, t) in scenario.hours for t in topics
    ):
        return
    for name, group in scenario.groups.items():
        if group.agents and group.hours is None:
            yield (
                f"groups.{name}: its agents are there, and paid, around the clock, but callers come "
                f'within hours; give hours = "{scenario.demand.hours}"'
            )


def _foreign_roster(scenario: "Scenario") -> Iterator[str]:
    """Yield rosters made for far more contacts than can come: another centre's, or another year's."""
    whole = scenario.demand.per_year or 0.0
    for name, group in scenario.groups.items():
        rule = group.roster.square_root if group.roster is not None else None
        queues = {
            q for q, queue in scenario.queues.items() if name in {r.group for r in queue.routes}
        }
        asked = [
            topic for n, topic in scenario.topics.items()
            if topic.journey is None and scenario.queue_of(n) in queues
        ]  # fmt: skip
        if rule is None or not asked or not all(map(_is_spread, asked)):
            continue
        comes = sum(t.per_year if t.share is None else t.share * whole for t in asked)  # type: ignore[misc]
        if rule.per_year > MOST_STAFF * comes:
            yield (
                f"groups.{name}.roster.square_root.per_year: the roster is made for "
                f"{rule.per_year:,.0f} contacts a year, but {comes:,.0f} come to its queues; state "
                "your own"
            )


def _no_open_day(scenario: "Scenario") -> Iterator[str]:
    """Yield a horizon too short to hold a day on which callers come."""
    horizon = scenario.horizon
    if horizon.length >= 7 or not all(_is_spread(t) for t in scenario.topics.values()):
        return
    days = {(horizon.start.weekday() + place) % 7 for place in range(horizon.length)}
    if not any(_demanded(scenario, queue, day) for queue in scenario.queues for day in days):
        named = ", ".join(DAYS[day] for day in sorted(days))
        yield f"horizon: holds {named} only, when no callers come; start on another day"


# ----------------------------------------------------------------- what nobody uses


def _idle_routes(scenario: "Scenario") -> Iterator[str]:
    """Yield routes that a route before them makes idle, and groups without one."""
    routed = {route.group for queue in scenario.queues.values() for route in queue.routes}
    for name, queue in scenario.queues.items():
        groups = [route.group for route in queue.routes]
        for index, group in enumerate(groups):
            at = groups.index(group)
            if at < index and queue.routes[at].hours is None:
                yield (
                    f"queues.{name}.routes.{index}: group '{group}' has a route at all hours "
                    "already; this one does nothing"
                )
            hours = queue.routes[index].hours
            if hours in scenario.hours and not _ever_open(scenario.hours[hours]):
                yield f"queues.{name}.routes.{index}.hours: '{hours}' are never open"
    for name in scenario.groups:
        if name not in routed:
            yield f"groups.{name}: no queue has a route to it; its agents stay idle"


def _ever_open(hours: Hours) -> bool:
    return any(hours.spans(day) for day in range(7))


def unused_in_all(scenarios: Iterable["Scenario"]) -> tuple[str, ...]:
    """Return which queues nobody joins, and which parts nothing names, in any of the variants."""
    first, *others = (tuple(_unused(each)) for each in scenarios)
    return tuple(each for each in first if all(each in other for other in others))


def _unused(scenario: "Scenario") -> Iterator[str]:
    used: dict[str, set[str]] = {}
    for path, kind, name in references(scenario):
        if path[0] not in ("expectations", "own_scorecards") and "pulls" not in path:
            used.setdefault(kind, set()).add(name)
    joined = used.get("queue", set()) | {
        scenario.queue_of(name) for name, topic in scenario.topics.items() if not topic.journey
    }
    if scenario.rollout is not None:
        joined |= {scenario.rollout.direct_of(d) or "" for d in scenario.rollout.departments}
    for name in scenario.queues:
        if name not in joined:
            yield f"queues.{name}: no topic, callback or second line joins it; it stays empty"
    for kind, section in (
        ("provider", "providers"), ("second_line", "second_lines"), ("callback", "callbacks"),
        ("journey", "journeys"),
    ):  # fmt: skip
        for name in getattr(scenario, section):
            if name not in used.get(kind, ()):
                yield f"{section}.{name}: nothing names it; it does nothing"


# ----------------------------------------------------------------- units mistaken


def _units(scenario: "Scenario") -> Iterator[str]:
    """Yield times that look like minutes, and shares that look like percentages."""
    for path, kind, seconds in _times(scenario):
        if 0 < seconds < SHORT[kind]:
            yield (
                f"{path}: {seconds:g} s is very short; if minutes are meant write "
                f'{{ value = {seconds:g}, unit = "min" }}'
            )
        elif kind in ("aht", "talk") and seconds > LONGEST_CALL:
            yield f"{path}: {seconds:g} s is {seconds / 3600:.1f} hours; times are in seconds"
    if scenario.menu is not None and isinstance(scenario.menu.hang_up, float):
        hazard = scenario.menu.hang_up
        if hazard > HASTY:
            yield (
                f"menu.hang_up: a chance of {hazard:g} per second; 5 % over a menu of 80 s is 0.00064"
            )
    for name, group in scenario.groups.items():
        if group.speed > FASTEST:
            yield f"groups.{name}.speed: {group.speed:g} times as fast; 1 is as fast as the handling says"


def _times(scenario: "Scenario") -> Iterator[tuple[str, str, float]]:
    """Yield (path, kind, seconds) of the times of calls that are easily given in minutes."""
    yield "norms.threshold", "threshold", scenario.norms.threshold
    yield from _mean("patience", "patience", scenario.patience)
    calls = {name: each for name, each in scenario.topics.items() if each.channel == "phone"}
    places = [(f"topics.{shown(name)}.handling", topic.handling) for name, topic in calls.items()]
    if any(topic.handling is None and topic.journey is None for topic in calls.values()):
        places.append(("handling", scenario.handling))
    for path, handling in places:
        if handling is not None and handling.aht is not None:
            yield f"{path}.aht", "aht", handling.aht
        elif handling is not None:
            yield from _mean(f"{path}.talk", "talk", handling.talk)


def _mean(path: str, kind: str, duration: Any) -> Iterator[tuple[str, str, float]]:
    """Yield the mean of a duration, where its file says one."""
    mean = None if isinstance(duration, ByTime) else getattr(duration, "mean", None)
    if isinstance(mean, float):
        yield f"{path}.mean", kind, mean


# ----------------------------------------------------------------- money and rollout


def _prices(scenario: "Scenario") -> Iterator[str]:
    """Yield a price that is not paid, because the group's contract is."""
    for name, group in scenario.groups.items():
        if group.provider is not None and group.per_hour:
            yield (
                f"groups.{name}.per_hour: is not paid, its provider '{group.provider}' is; give "
                f"providers.{group.provider}.per_hour"
            )


def _rollout(scenario: "Scenario") -> Iterator[str]:
    """Yield departments that never join, phases that change nothing, people after the end."""
    rollout = scenario.rollout
    if rollout is None:
        return
    phases = rollout.phases.values()
    joins = {name for phase in phases for name in (*phase.entry, *phase.abolished)}
    for name in rollout.departments:
        if name not in joins:
            yield (
                f"rollout.departments.{name}: no phase has its entry; its calls stay at its old "
                "number to the end"
            )
    measures = any(phase.variant for phase in phases)
    for name, phase in rollout.phases.items():
        said = phase.entry or phase.abolished or phase.knowledge or phase.variant or phase.gate
        staffed = any(each.starts == phase.starts for each in rollout.staff)
        if not (said or staffed or measures):
            yield f"rollout.phases.{name}: changes nothing; give entry, knowledge or a variant"
    for part in ("staff", "absences"):
        for place, each in enumerate(getattr(rollout, part)):
            if each.starts > rollout.until:
                yield f"rollout.{part}.{place}: starts after the calendar ends, {rollout.until}"


DOUBTS: tuple[Callable[["Scenario"], Iterator[str]], ...] = (
    _unstaffed, _idle_hours, _around_the_clock, _foreign_roster, _no_open_day, _idle_routes, _units, _prices, _rollout,
)  # fmt: skip
"""Every doubt, in the order in which they are told."""
