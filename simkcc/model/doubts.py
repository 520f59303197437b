"""Doubts: what a scenario may say but hardly means, each one sentence at a dotted path.

A doubt stops nothing. It names what would give a figure that is right for the file and wrong for the
centre: minutes where seconds are counted, a day with callers and nobody there, a part nobody uses.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from simkcc.model.calendar import WEEKDAYS, Hours, seconds_of_day
from simkcc.model.checks import references
from simkcc.model.demand import Topic
from simkcc.model.holidays import closed_dates
from simkcc.model.mistaken_units import units
from simkcc.model.scenario import PRICES, Scenario
from simkcc.model.staffing import Group, Roster

Spans = tuple[tuple[int, int], ...]
"""Spans of a day, in seconds since midnight."""

ROUND_THE_CLOCK: Spans = ((0, 86_400),)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MOST_EMPTY = 0.25
"""Share of the hours of a weekday that may be without agents and be meant so: a lunch break."""
MOST_STAFF = 2.0
"""Times as many contacts as come, for which a roster is hardly meant to be made."""


def warnings_about(scenario: Scenario) -> tuple[str, ...]:
    """Return what is allowed but hardly meant."""
    return tuple(sentence for doubt in DOUBTS for sentence in doubt(scenario))


# ----------------------------------------------------------------- who is there


def _unstaffed(scenario: Scenario) -> Iterator[str]:
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


def _gap(scenario: Scenario, queue: str, day: int) -> tuple[int, int] | None:
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


def _first_whole(spans: Spans) -> tuple[int, int]:
    """Return the first span with those that follow on it."""
    start, end = spans[0]
    for low, high in spans[1:]:
        if low > end:
            break
        end = max(end, high)
    return start, end


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


def _demanded(scenario: Scenario, queue: str, day: int) -> Spans:
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


def _hours(scenario: Scenario, topic: Topic) -> str:
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


def _idle_hours(scenario: Scenario) -> Iterator[str]:
    """Yield groups that are there, on some day or on all, when nobody comes to their queues."""
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
            continue
        idle = {day: _without(there[day], asked[day]) for day in days if asked[day]}
        day = next(
            (d for d, gap in idle.items() if _length(gap) > MOST_EMPTY * _length(there[d])), None
        )
        if day is not None and group.roster is not None and group.roster.square_root is None:
            start, end = _first_whole(idle[day])
            yield (
                f"groups.{name}: is there, and paid, on {DAYS[day]} {_clock(start)}-{_clock(end)}, when "
                f"no callers come to its queues; give its roster a {WEEKDAYS[day]} of its own"
            )


def _around_the_clock(scenario: Scenario) -> Iterator[str]:
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


def _foreign_roster(scenario: Scenario) -> Iterator[str]:
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


def _no_open_day(scenario: Scenario) -> Iterator[str]:
    """Yield a horizon that holds no day on which callers come: holidays, a weekend, a warm-up."""
    horizon = scenario.horizon
    first = horizon.start + timedelta(horizon.warm_up_days)
    dates = [horizon.start + timedelta(day) for day in range(horizon.warm_up_days, horizon.length)]
    closed = closed_dates(scenario.calendar, first, dates[-1])
    if any(_callers_come(scenario, date, date in closed) for date in dates):
        return
    named = dict.fromkeys(
        f"{date} (a holiday)" if date in closed else DAYS[date.weekday()] for date in dates
    )
    after = "after its warm-up it holds" if horizon.warm_up_days else "holds"
    yield (
        f"horizon: {after} {', '.join(named)} only, when no callers come; start on another day, or "
        "simulate longer"
    )


def _callers_come(scenario: Scenario, date: date, is_holiday: bool) -> bool:
    """Return whether contacts of any topic come on a date, as far as hours say so."""
    return any(_comes(scenario, topic, date, is_holiday) for topic in scenario.topics.values())


def _comes(scenario: Scenario, topic: Topic, date: date, is_holiday: bool) -> bool:
    day, demand = date.weekday(), scenario.demand
    if topic.arrivals is not None:
        return True  # moments from the start of the horizon: whoever recorded them knows the days
    if _is_spread(topic) and (day >= len(demand.weekday) or not demand.weekday[day]):
        return False
    name = _hours(scenario, topic) if _is_spread(topic) else topic.hours
    hours = scenario.hours.get(name or "")
    return hours is None or ((hours.on_holidays or not is_holiday) and bool(hours.spans(day)))


# ----------------------------------------------------------------- what nobody uses


def _idle_routes(scenario: Scenario) -> Iterator[str]:
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
    for name, unrouted in scenario.groups.items():
        if name not in routed and ever_staffed(unrouted):
            yield f"groups.{name}: no queue has a route to it; its agents stay idle"


def _ever_open(hours: Hours) -> bool:
    return any(hours.spans(day) for day in range(7))


def unused_in_all(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return which queues nobody joins, and which parts nothing names, in any of the variants."""
    first, *others = (tuple(_unused(each)) for each in scenarios)
    return tuple(each for each in first if all(each in other for other in others))


def _unused(scenario: Scenario) -> Iterator[str]:
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


# ----------------------------------------------------------------- money and rollout


def _prices(scenario: Scenario) -> Iterator[str]:
    """Yield a price that is not paid, because the group's contract is."""
    for name, group in scenario.groups.items():
        if group.provider is not None and group.per_hour:
            yield (
                f"groups.{name}.per_hour: is not paid, its provider '{group.provider}' is; give "
                f"providers.{group.provider}.per_hour"
            )


def _missing_prices(scenario: Scenario) -> Iterator[str]:
    """Yield first-line teams and contracts without a price, where others have one."""
    if not scenario.is_priced:
        return  # cost is said to be unknown then
    for name, group in scenario.groups.items():
        own = group.provider is None and group.home == "in_house" and group.line == 1
        if own and "per_hour" not in group.model_fields_set and ever_staffed(group):
            yield (
                f"groups.{name}.per_hour: no price is given, while others have one; its hours cost "
                "nothing. Give one, or 0 if that is meant"
            )
    for name, provider in scenario.providers.items():
        if not provider.model_fields_set & PRICES:
            yield f"providers.{name}: its contract has no price; what it does costs nothing"


def _rollout(scenario: Scenario) -> Iterator[str]:
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


DOUBTS: tuple[Callable[[Scenario], Iterator[str]], ...] = (
    _unstaffed, _idle_hours, _around_the_clock, _foreign_roster, _no_open_day, _idle_routes, units, _prices, _missing_prices, _rollout,
)  # fmt: skip
"""Every doubt, in the order in which they are told."""
