"""Interventions: what somebody may change in a running simulation, and the scenario that results.

Each is one event `scenario.changed`: the lever in `code`, the group, queue, topic or second line it
is about in `place`, how much in `leg`. Nothing else is needed to do it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE
from simkcc.model.distribution import Deterministic
from simkcc.model.events import Event, Happening
from simkcc.model.referral import Route
from simkcc.model.scenario import Scenario


class Lever(IntEnum):
    """What can be changed. Numbers are part of stored events."""

    SPEED = 0
    """How fast the clock runs; 0: it stands still. Changes nothing in the centre."""
    STEP = 1
    """The clock moved ahead by so many seconds."""
    AGENTS = 2
    """So many agents more than the roster in a group, 1000 added so that fewer can be said."""
    BURST = 3
    """So many calls about a topic within five minutes, beside those that come anyway."""
    MENU = 4
    """Length of the menu in seconds."""
    PERMANENCE = 5
    """How a second line is reached: place in PERMANENCES."""
    OVERFLOW = 6
    """Whether groups that answer after a wait do so: 1 or 0."""
    OUTSOURCING = 7
    """Who answers a queue: 1 the provider, 0 who the file says."""
    ABSENCE = 8
    """Chance in per cent that an agent of a group is absent."""


CLOCK = (Lever.SPEED, Lever.STEP)
"""Levers of the clock: the centre does not notice."""

OF_SCENARIO = (
    Lever.MENU, Lever.PERMANENCE, Lever.OVERFLOW, Lever.OUTSOURCING, Lever.ABSENCE
)  # fmt: skip
"""Levers that make another scenario."""

PERMANENCES = ("constant", "urgent", "form", "none")

AS_ROSTERED = 1000
"""Amount of AGENTS that is the roster itself."""

MOST_SPARE = 20
"""Agents a group can have more than its roster ever has."""

LIMITS = {
    Lever.SPEED: (0, 600), Lever.STEP: (1, 3600), Lever.BURST: (1, 200), Lever.MENU: (0, 300),
    Lever.AGENTS: (AS_ROSTERED - 100, AS_ROSTERED + MOST_SPARE), Lever.PERMANENCE: (0, 3),
    Lever.OVERFLOW: (0, 1), Lever.OUTSOURCING: (0, 1), Lever.ABSENCE: (0, 100),
}  # fmt: skip
"""Least and greatest amount."""


@dataclass(frozen=True)
class Change:
    """One intervention."""

    lever: Lever
    amount: int
    place: int = NONE
    """Group, topic, second line or queue; NONE where there is only one of it."""

    def event(self, at: int) -> Event:
        """Return the event that tells it."""
        return Event(
            at, "scenario", Happening.CHANGED, leg=self.amount, place=self.place, code=self.lever
        )


def change_of(event: Event) -> Change:
    """Return what an event `scenario.changed` tells."""
    try:
        return Change(Lever(event.code), event.leg, event.place)
    except ValueError:
        raise SettingError(f"scenario.changed: there is no lever {event.code}") from None


def levers_of(scenario: Scenario) -> list[Lever]:
    """Return what can be changed in a scenario."""
    return [lever for lever in Lever if lever in CLOCK or names_of(scenario, lever)]


def names_of(scenario: Scenario, lever: Lever) -> list[str]:
    """Return what a lever can be about, by place; [""] if there is only one of it, [] if none."""
    if lever in (Lever.AGENTS, Lever.ABSENCE):
        return list(scenario.groups)
    if lever is Lever.BURST:
        return list(scenario.topics)
    if lever is Lever.PERMANENCE:
        return list(scenario.second_lines)
    if lever is Lever.OUTSOURCING:
        return list(scenario.queues) if _provider(scenario) else []
    overflows = any(_after(route) for queue in scenario.queues.values() for route in queue.routes)
    menu = scenario.menu
    there = {Lever.MENU: menu is not None and menu.length is not None, Lever.OVERFLOW: overflows}
    return [""] if there.get(lever, True) else []


def check(change: Change, scenario: Scenario) -> None:
    """Refuse, in one sentence, what cannot be done in this scenario."""
    name = change.lever.name.lower()
    least, most = LIMITS[change.lever]
    if not least <= change.amount <= most:
        raise SettingError(
            f"{name}: {change.amount} cannot be; give a number from {least} to {most}"
        )
    if change.lever in CLOCK:
        return
    names = names_of(scenario, change.lever)
    if not names:
        raise SettingError(f"{name}: this scenario has nothing of the kind")
    if names != [""] and not 0 <= change.place < len(names):
        raise SettingError(
            f"{name}: there is no number {change.place}; it can be {', '.join(names)}"
        )
    if change.lever is Lever.PERMANENCE:
        line = scenario.second_lines[names[change.place]]
        if line.callback is None and PERMANENCES[change.amount] in ("urgent", "form"):
            raise SettingError(f"{name}: {names[change.place]} has no callback for a form")


def changed(scenario: Scenario, changes: Iterable[Change]) -> Scenario:
    """Return a scenario as it is after changes; the last of a kind and place counts."""
    in_force = {(change.lever, change.place): change for change in changes}
    for change in sorted(in_force.values(), key=lambda each: each.lever):
        if change.lever in OF_SCENARIO:
            scenario = _MAKE[change.lever](scenario, change)
    return scenario


def _menu(scenario: Scenario, change: Change) -> Scenario:
    return _with(scenario, menu=_with(scenario.menu, length=float(change.amount)))


def _permanence(scenario: Scenario, change: Change) -> Scenario:
    line = list(scenario.second_lines)[change.place]
    return _in(scenario, "second_lines", line, permanence=PERMANENCES[change.amount])


def _absence(scenario: Scenario, change: Change) -> Scenario:
    group = list(scenario.groups)[change.place]
    return _in(scenario, "groups", group, absence=change.amount / 100)


def _overflow(scenario: Scenario, change: Change) -> Scenario:
    if change.amount:
        return scenario
    for name, queue in scenario.queues.items():
        at_once = tuple(route for route in queue.routes if not _after(route))
        scenario = _in(scenario, "queues", name, routes=at_once or queue.routes[:1])
    return scenario


def _outsourcing(scenario: Scenario, change: Change) -> Scenario:
    if not change.amount:
        return scenario
    name = list(scenario.queues)[change.place]
    return _in(scenario, "queues", name, routes=(Route(group=_provider(scenario)),))


_MAKE = {
    Lever.MENU: _menu, Lever.PERMANENCE: _permanence, Lever.ABSENCE: _absence,
    Lever.OVERFLOW: _overflow, Lever.OUTSOURCING: _outsourcing,
}  # fmt: skip


def _provider(scenario: Scenario) -> str:
    """Return the first group of a provider; nothing if there is none."""
    return next((name for name, group in scenario.groups.items() if group.provider), "")


def _after(route: Route) -> bool:
    """Return whether a route opens only after a wait."""
    return not isinstance(route.after, Deterministic) or route.after.value > 0


def _with(part: Any, **values: Any) -> Any:
    return part.model_copy(update=values)


def _in(scenario: Scenario, section: str, name: str, **values: Any) -> Scenario:
    """Return a scenario with something else in one named part."""
    parts = dict(getattr(scenario, section))
    parts[name] = _with(parts[name], **values)
    found: Scenario = _with(scenario, **{section: parts})
    return found
