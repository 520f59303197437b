"""Doubts about units: times that look like minutes, shares that look like percentages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simkcc.model.complaints import shown
from simkcc.model.distribution import ByTime, Deterministic
from simkcc.model.handling import Handling

if TYPE_CHECKING:
    from simkcc.model.scenario import Scenario

SHORT = {
    "aht": 20.0, "talk": 10.0, "patience": 15.0, "threshold": 3.0, "wait": 6.0, "menu": 3.0,
    "retry": 60.0,
}  # fmt: skip
"""Seconds below which such a time is more likely meant in minutes, or hours."""
LONGEST_CALL = 4 * 3600.0
"""Seconds above which the handling of a call is more likely meant in another unit."""
HASTY = 0.02
"""Chance per second of hanging up in the menu above which half are gone in half a minute."""
FASTEST = 5.0
"""Speed above which a percentage is more likely meant."""


def units(scenario: "Scenario") -> Iterator[str]:
    """Yield times that look like minutes, and shares that look like percentages."""
    for path, kind, seconds in _times(scenario):
        if 0 < seconds < SHORT[kind]:
            unit, word = ("h", "hours") if kind == "retry" else ("min", "minutes")
            yield (
                f"{path}: {seconds:g} s is very short; if {word} are meant write "
                f'{{ value = {seconds:g}, unit = "{unit}" }}'
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
    """Yield (path, kind, seconds) of the times that are easily given in minutes."""
    yield "norms.threshold", "threshold", scenario.norms.threshold
    yield from _mean("patience", "patience", scenario.patience)
    for name, topic in scenario.topics.items():
        place = f"topics.{shown(name)}"
        yield from _mean(f"{place}.patience", "patience", topic.patience)
        yield from _of_handling(f"{place}.handling", topic.handling)
        if topic.limit is not None:
            yield f"{place}.limit.after", "talk", topic.limit.after
    calls = scenario.topics.values()
    if any(topic.handling is None and topic.journey is None for topic in calls):
        yield from _of_handling("handling", scenario.handling)
    if scenario.menu is not None and scenario.menu.length is not None:
        yield "menu.length", "menu", scenario.menu.length
    yield from _waits(scenario)


def _of_handling(path: str, handling: Handling | None) -> Iterator[tuple[str, str, float]]:
    if handling is not None and handling.aht is not None:
        yield f"{path}.aht", "aht", handling.aht
    elif handling is not None:
        yield from _mean(f"{path}.talk", "talk", handling.talk)


def _waits(scenario: "Scenario") -> Iterator[tuple[str, str, float]]:
    """Yield the waits after which something else happens."""
    for name, queue in scenario.queues.items():
        place = f"queues.{shown(name)}"
        for index, route in enumerate(queue.routes):
            yield from _mean(f"{place}.routes.{index}.after", "wait", route.after)
        yield from _mean(f"{place}.limit", "wait", queue.limit)
        if queue.offer is not None:
            yield from _mean(f"{place}.offer.after", "wait", queue.offer.after)
    for name, line in scenario.second_lines.items():
        yield from _mean(f"second_lines.{shown(name)}.talk", "talk", line.talk)
    for name, promise in scenario.callbacks.items():
        place = f"callbacks.{shown(name)}"
        yield from _mean(f"{place}.effort", "talk", promise.effort)
        if promise.attempts > 1:
            yield from _mean(f"{place}.retry_after", "retry", promise.retry_after)


def _mean(path: str, kind: str, duration: Any) -> Iterator[tuple[str, str, float]]:
    """Yield the mean of a duration, or the one value it always has, where its file says one."""
    if isinstance(duration, Deterministic):
        yield path, kind, duration.value
        return
    mean = None if isinstance(duration, ByTime) else getattr(duration, "mean", None)
    if isinstance(mean, float):
        yield f"{path}.mean", kind, mean
