"""Checks that cross the parts of a scenario: names that lead somewhere, shares that add up.

Each check finds every mistake it knows of; a check runs only when the sections it reads are sound.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from simkcc.model.calendar import Hours, seconds_of_day
from simkcc.model.complaints import MOST, Complaint, Path, hint, shown
from simkcc.model.demand import Profile
from simkcc.model.distribution import ByTime, Empirical
from simkcc.model.journey_checks import journey_complaints
from simkcc.model.part import Part
from simkcc.model.rollout import rollout_complaints

if TYPE_CHECKING:
    from simkcc.model.scenario import Scenario

SECTIONS = {
    "queue": "queues", "group": "groups", "provider": "providers", "hours": "hours",
    "callback": "callbacks", "topic": "topics", "journey": "journeys",
    "second_line": "second_lines",
}  # fmt: skip
"""Fields that name another part, and the section where that part stands."""


def complaints(scenario: "Scenario", sound: Collection[str]) -> list[Complaint]:
    """Return what is wrong between parts. sound: the sections that are right in themselves."""
    found = list(islice(unknown_names(scenario), MOST))
    for check, needs in CHECKS:
        if all(section in sound for section in needs):
            found.extend(islice(check(scenario), MOST))
    return found


def unknown_names(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield every name that is used and nowhere defined."""
    for path, kind, name in references(scenario):
        section = getattr(scenario, SECTIONS[kind])
        known = list(section) if isinstance(section, dict) else [name]
        if kind == "hours" and "open" not in known:
            known.append("open")
        if name not in known:
            yield unknown(path, kind.replace("_", " "), name, known)


def unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> Complaint:
    """Return the complaint about a name that is not defined, with the nearest that is."""
    return Complaint(path, f"unknown {kind} '{shown(name)}'{hint(name, known)}")


def _items(part: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(part, Part):
        return ((field, getattr(part, field)) for field in type(part).model_fields)
    if isinstance(part, dict):
        return part.items()
    if isinstance(part, tuple | list) and not (part and isinstance(part[0], int | float)):
        return enumerate(part)
    return ()


def references(part: Any, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, kind, name) of every reference to another part, in any section."""
    for key, value in _items(part):
        at = (*path, key)
        if isinstance(value, str):
            if key in SECTIONS:
                yield at, str(key), value
            elif key == "handed_out":
                yield at, "hours", value
            elif key == "name" and path and path[-1] in ("second_line", "callback"):
                yield at, str(path[-1]), value
        elif key == "pulls":
            named = ((index, name) for index, name in _items(value) if isinstance(name, str))
            yield from (((*at, index), "queue", name) for index, name in named)
        else:
            yield from references(value, at)


def _handling_and_queues(scenario: "Scenario") -> Iterator[Complaint]:
    for name, topic in scenario.topics.items():
        at = ("topics", name)
        if topic.handling is None and scenario.handling is None and topic.journey is None:
            yield Complaint(at, f"has no handling; give topics.{shown(name)}.handling or handling")
        unclear = topic.queue is None and topic.journey is None and len(scenario.queues) > 1
        if unclear and name not in scenario.queues:
            needed = f"has no queue; give topics.{shown(name)}.queue"
            yield Complaint(at, f"{needed}{hint(name, scenario.queues, 'one of')}")


def _limits(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield limits on talks that cannot be cut in two: those that depend on the time, or are listed."""
    for name, topic in scenario.topics.items():
        handling = topic.handling or scenario.handling
        if topic.limit is None or handling is None:
            continue
        talk = handling.talk
        plain = talk is None or not (
            isinstance(talk, ByTime | Empirical) or talk.shift or talk.zero or talk.cap is not None
        )
        if not plain:
            yield Complaint(
                ("topics", name, "limit"),
                "the talk it limits must be a plain distribution, without shift, cap, zeros, hours "
                "or a list of values; give handling.aht and cv",
            )


def _volumes(scenario: "Scenario") -> Iterator[Complaint]:
    shares = [topic.share for topic in scenario.topics.values() if topic.share is not None]
    total = sum(shares)
    if shares and abs(total - 1) > 1e-6:
        yield Complaint(("topics",), f"shares add up to {total:g}; they must add up to 1")
    if shares and scenario.demand.per_year is None:
        yield Complaint(("demand", "per_year"), "missing; topics have shares of it")
    spread = {topic.hours for topic in scenario.topics.values() if topic.per_year is not None}
    used = {hours or scenario.demand.hours for hours in spread}
    for hours in sorted(used | ({scenario.demand.hours} if shares else set())):
        yield from _opening(scenario, hours)


def _opening(scenario: "Scenario", hours: str) -> Iterator[Complaint]:
    """Yield what keeps a yearly volume from being spread over some hours."""
    if hours not in scenario.hours:
        if hours == "open":
            yield Complaint(("hours", hours), "missing; the yearly volume is spread over it")
    elif not any(scenario.hours[hours].spans(day) for day in range(7)):
        yield Complaint(("hours", hours), "never open, but the yearly volume is spread over it")


def _profile(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield a profile of the day that lies outside the hours it is spread over."""
    profile = scenario.demand.profile
    spread = {topic.hours or scenario.demand.hours for topic in scenario.topics.values()
              if topic.share is not None or topic.per_year is not None}  # fmt: skip
    for name in sorted(spread & set(scenario.hours)):
        if profile is None or _meets(profile, scenario.hours[name]):
            continue
        yield Complaint(
            ("demand", "profile"),
            f"has no share within the hours '{shown(name)}', over which the yearly volume is spread",
        )


def _meets(profile: Profile, hours: Hours) -> bool:
    """Return whether some interval with a share lies within the hours of some weekday."""
    length = 60 * profile.minutes
    starts = (seconds_of_day(profile.start) + length * i for i in range(len(profile.shares)))
    busy = [each for each, share in zip(starts, profile.shares, strict=True) if share]
    spans = [span for day in range(7) for span in hours.spans(day)]
    return not spans or any(a < each + length and each < b for each in busy for a, b in spans)


def _probes(scenario: "Scenario") -> Iterator[Complaint]:
    for name, probe in scenario.probes.items():
        topic = scenario.topics.get(probe.topic)
        if topic is not None and topic.journey:
            yield Complaint(
                ("probes", name, "topic"),
                f"topic '{shown(probe.topic)}' has a journey of its own; probe another",
            )


def _pools(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield groups that are one pool for a queue but choose among agents in different ways."""
    for name, queue in scenario.queues.items():
        first: dict[int, str] = {}
        for index, route in enumerate(queue.routes):
            order = index if route.order is None else route.order
            pool = first.setdefault(order, route.group)
            choices = [scenario.groups[group].choice for group in (pool, route.group)
                       if group in scenario.groups]  # fmt: skip
            if len(set(choices)) > 1:
                yield Complaint(
                    ("queues", name, "routes", index, "order"),
                    f"groups '{pool}' and '{route.group}' share order {order} but choose agents by "
                    f"{choices[0]} and {choices[1]}; give both the same choice",
                )


def _pulls(scenario: "Scenario") -> Iterator[Complaint]:
    for name, group in scenario.groups.items():
        for index, pull in enumerate(group.pulls or ()):
            queue = scenario.queues.get(pull)
            if queue is not None and all(route.group != name for route in queue.routes):
                yield Complaint(
                    ("groups", name, "pulls", index),
                    f"queue '{shown(pull)}' has no route to this group; add one or leave it out",
                )


def _contracts(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield groups of a provider that do not say of which."""
    for name, group in scenario.groups.items():
        if group.home == "provider" and group.provider is None:
            known = hint(name, scenario.providers, "give one of")
            yield Complaint(
                ("groups", name, "provider"), f"missing; home 'provider' needs one{known}"
            )


def _several_at_once(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield groups that hold several contacts at once and do more than chat, or may be absent."""
    for name, group in scenario.groups.items():
        if group.at_once == 1:
            continue
        at = ("groups", name, "at_once")
        if group.absence > 0:
            yield Complaint(
                at, "goes with absence = 0, which is drawn per chat; roster fewer agents instead"
            )
        served = {
            q for q, queue in scenario.queues.items() for r in queue.routes if r.group == name
        }
        other = served & {queue for queue, channel in _uses(scenario) if channel != "chat"}
        for queue in sorted(other):
            yield Complaint(
                at, f"queue '{shown(queue)}' holds more than chats; only chats are answered several "
                "at once: give them agents of their own",
            )  # fmt: skip


def _uses(scenario: "Scenario") -> Iterator[tuple[str, str]]:
    """Yield (queue, channel) of everything that waits in queues; tasks and second lines as `other`."""
    for name, topic in scenario.topics.items():
        if topic.journey is None:
            yield scenario.queue_of(name), topic.channel
        if topic.limit is not None:
            yield topic.limit.queue, topic.channel
    elsewhere = [
        *(line.queue for line in scenario.second_lines.values()),
        *(callback.queue for callback in scenario.callbacks.values()),
    ]
    yield from ((queue, "other") for queue in elsewhere if queue is not None)
    for journey in scenario.journeys.values():
        for step in journey.values():
            if step.queue is not None:
                yield step.queue, "other"


def _journeys(scenario: "Scenario") -> Iterator[Complaint]:
    offers = [name for name, queue in scenario.queues.items() if queue.offer is not None]
    lines = scenario.lines is not None
    for name, journey in scenario.journeys.items():
        yield from journey_complaints(("journeys", name), journey, lines=lines, offers=offers)


CHECKS: tuple[tuple[Callable[["Scenario"], Iterator[Complaint]], tuple[str, ...]], ...] = (
    (_handling_and_queues, ("topics", "queues", "handling")),
    (_limits, ("topics", "handling")),
    (_volumes, ("topics", "demand", "hours")),
    (_profile, ("topics", "demand", "hours")),
    (_probes, ("probes", "topics")),
    (_pools, ("queues", "groups")),
    (_pulls, ("queues", "groups")),
    (_contracts, ("groups", "providers")),
    (
        _several_at_once,
        ("groups", "queues", "topics", "second_lines", "callbacks", "journeys"),
    ),
    (_journeys, ("journeys", "queues", "lines")),
    (rollout_complaints, ("rollout", "topics", "queues", "groups")),
)
"""Every check, and the sections it reads."""
