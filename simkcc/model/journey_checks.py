"""Checks of a journey written by hand: steps that exist, exits that add up, time that passes."""

from collections.abc import Collection, Iterator

from simkcc.model.complaints import Complaint, Path, hint, shown
from simkcc.model.contact_log import Outcome
from simkcc.model.distribution import ByTime, Deterministic, Duration
from simkcc.model.journey import JourneyStep

EXITS = {
    "enter": ("done", "other", "third"),
    "menu": ("done", "other"),
    "queue": ("done", "other", "third", "fourth"),
    "talk": ("done",),
    "consult": ("done", "other"),
    "wrap": ("done",),
    "spawn": ("done",),
    "delay": ("done",),
    "branch": ("done", "other"),
    "end": (),
}  # fmt: skip
"""The exits of each kind of step."""

ALL_EXITS = EXITS["queue"]

TIMELESS = ("enter", "branch", "wrap", "spawn")
"""Kinds of step that are over at once."""

OUTCOMES = [outcome.name.lower() for outcome in Outcome if outcome is not Outcome.OPEN]
"""Outcomes that an end may have."""

ALONE = {
    "consult": "ring the second line; put a queue and a talk before it",
    "talk": "talk with; put a queue before it, or make it a delay",
}
"""Kinds of step that need an agent on the line, and what would bring one."""

Journey = dict[str, JourneyStep]


def journey_complaints(
    path: Path, journey: Journey, *, lines: bool, offers: Collection[str]
) -> Iterator[Complaint]:
    """Yield everything that is wrong with one journey; who is on the line once the rest is right.

    lines: whether telephone lines are limited. offers: queues that offer to hold a place.
    """
    mistakes = list(_mistakes(path, journey, lines=lines, offers=offers))
    yield from mistakes
    crowded = None if mistakes else third_agent(journey)
    if crowded is not None:
        text = "would bring a third agent on the line; let one go with a wrap before it"
        yield Complaint((*path, crowded), text)
    for name in [] if mistakes else lonely(journey):
        yield Complaint((*path, name), f"nobody may be on the line to {ALONE[journey[name].step]}")


def _mistakes(
    path: Path, journey: Journey, *, lines: bool, offers: Collection[str]
) -> Iterator[Complaint]:
    if not journey:
        yield Complaint(path, "has no steps; give at least an end")
    for name, step in journey.items():
        yield from _exit_complaints((*path, name), step, journey)
        yield from _names((*path, name), step, journey)
        for key in _needed(step, lines=lines, offers=offers):
            if getattr(step, key) is None:
                text = f"missing; a step '{step.step}' needs it"
                yield Complaint((*path, name, key), text)
    circle = timeless_circle(journey)
    if circle:
        steps = " -> ".join((*circle, circle[0]))
        yield Complaint(path, f"{steps} goes round without taking time; put a delay in between")


def _exit_complaints(path: Path, step: JourneyStep, journey: Journey) -> Iterator[Complaint]:
    for name in ALL_EXITS:
        exits = targets(step, name)
        if not exits and getattr(step, name) is None:
            continue
        if name not in EXITS[step.step]:
            has = ", ".join(EXITS[step.step]) or "none"
            yield Complaint((*path, name), f"step '{step.step}' has no such exit; it has: {has}")
            continue
        for target in exits:
            if target not in journey:
                text = f"unknown step '{shown(target)}'{hint(target, journey)}"
                yield Complaint((*path, name), text)
        total = sum(exits.values())
        if abs(total - 1) > 1e-9:
            yield Complaint((*path, name), f"shares add up to {total:g}; they must add up to 1")


def _needed(step: JourneyStep, *, lines: bool, offers: Collection[str]) -> list[str]:
    """Return the keys that a step must have: what it acts on, and every exit it can take."""
    impossible = {
        "enter": () if lines else ("third",),
        "menu": () if step.cut_short is not None else ("other",),
        "queue": () if step.queue in offers else ("fourth",),
        "branch": () if step.asks is not None else ("other",),
    }.get(step.step, ())
    acts_on = {"queue": ["queue"], "spawn": ["child", "child_starts"]}.get(step.step, [])
    return acts_on + [name for name in EXITS[step.step] if name not in impossible]


def _names(path: Path, step: JourneyStep, journey: Journey) -> Iterator[Complaint]:
    """Yield the names in a step that lead nowhere."""
    if step.child_starts is not None and step.child_starts not in journey:
        text = f"unknown step '{shown(step.child_starts)}'{hint(step.child_starts, journey)}"
        yield Complaint((*path, "child_starts"), text)
    if step.outcome is not None and step.outcome not in OUTCOMES:
        text = f"unknown outcome '{shown(step.outcome)}'{hint(step.outcome, OUTCOMES)}"
        yield Complaint((*path, "outcome"), text)


def targets(step: JourneyStep, name: str) -> dict[str, float]:
    """Return where an exit leads, with shares; nothing if it is not given."""
    given = getattr(step, name)
    if given is None:
        return {}
    return {given: 1.0} if isinstance(given, str) else dict(given)


def timeless_circle(journey: Journey) -> list[str]:
    """Return the names of steps that follow each other in a circle at one instant, if any do."""
    done: set[str] = set()
    for start in journey:
        trail: dict[str, None] = {}
        waiting = [iter([start])]
        while waiting:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                if trail:
                    done.add(trail.popitem()[0])
            elif name in trail:
                steps = list(trail)
                return steps[steps.index(name) :]
            elif name in journey and name not in done:
                trail[name] = None
                waiting.append(iter(_next_at_once(journey[name])))
    return []


def third_agent(journey: Journey) -> str | None:
    """Return a step that two agents may already be on the line for when it brings another."""
    return next(
        (name for name, n in _agents_before(journey) if n == 2 and _brings(journey[name])), None
    )


def lonely(journey: Journey) -> list[str]:
    """Return the steps that need an agent and that a contact may come to without one."""
    alone = {name for name, agents in _agents_before(journey) if agents == 0}
    return [name for name in journey if name in alone and journey[name].step in ALONE]


def _brings(step: JourneyStep) -> bool:
    """Return whether a step brings an agent on the line."""
    return step.step == "queue" or (step.step == "consult" and step.queue is not None)


def _agents_before(journey: Journey) -> Iterator[tuple[str, int]]:
    """Yield every step a contact may come to, with each number of agents on the line before it."""
    starts = {next(iter(journey), "")} | {step.child_starts or "" for step in journey.values()}
    waiting = [(start, 0) for start in starts if start in journey]
    seen = set(waiting)
    while waiting:
        name, agents = waiting.pop()
        step = journey[name]
        yield name, agents
        for exit_name in EXITS[step.step]:
            after = min(2, agents + (_brings(step) and exit_name in ("done", "fourth")))
            after = max(0, agents - 1) if step.step == "wrap" else after
            for target in targets(step, exit_name):
                if target in journey and (target, after) not in seen:
                    seen.add((target, after))
                    waiting.append((target, after))


def _next_at_once(step: JourneyStep) -> list[str]:
    """Return the steps that may follow a step without any time having passed."""
    if step.step == "spawn" and step.child not in ("redial", "repeat"):
        return [*([step.child_starts] if step.child_starts else []), *targets(step, "done")]
    if step.step in TIMELESS or _is_instant(step):
        return [target for name in EXITS[step.step] for target in targets(step, name)]
    if step.step == "queue":
        return list(targets(step, "third"))
    return []


def _is_instant(step: JourneyStep) -> bool:
    """Return whether a talk or a delay by the clock has no duration at all."""
    counted = step.step == "talk" or (step.step == "delay" and step.pause in ("plain", "working"))
    return counted and _is_nothing(step.duration)


def _is_nothing(duration: Duration | None) -> bool:
    if duration is None:
        return True
    if isinstance(duration, ByTime):
        return all(
            _is_nothing(each) for each in (duration.otherwise, *(w.then for w in duration.windows))
        )
    return duration.zero == 1 or (
        isinstance(duration, Deterministic) and duration.value + duration.shift == 0
    )
