"""Rollout: departments that join the contact centre on a calendar, and when the next phase may start."""

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from simkcc.model.complaints import Complaint, Path, hint, shown
from simkcc.model.part import Count, Day, Name, Number, Part, PositiveNumber, Share
from simkcc.model.words import Words

if TYPE_CHECKING:
    from simkcc.model.scenario import Scenario


class Condition(Part):
    """A figure that must hold before a phase may start."""

    metric: str
    """Figure, as `simkcc metrics` lists them."""
    at_least: Number | None = None
    """Not lower than this."""
    at_most: Number | None = None
    """Not higher than this."""
    queue: Name | None = None
    """Measured over the calls of this queue alone; over the whole centre if absent."""
    when: Literal["throughout", "start", "end"] = "throughout"
    """In the first period of the phase, in its last (numbers faded, knowledge there), or in both."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give at_least or at_most, one of the two")
        return self


class Department(Part):
    """Who joins: its topics and its old number."""

    title: Words = Words()
    """What it is called; its name if absent."""
    topics: tuple[Name, ...] = ()
    """What callers ask it about; the topic of its own name if absent."""
    direct: Name | None = None
    """Queue of its old number; that of the rollout if absent."""


class Phase(Part):
    """What changes from a date on. Entry and knowledge are switches of their own."""

    title: Words = Words()
    """What it is called; its name if absent."""
    starts: Day
    """From when."""
    entry: tuple[Name, ...] = ()
    """Departments whose number is published no longer: calls to it fade."""
    abolished: tuple[Name, ...] = ()
    """Departments whose number is cut off: every call comes in by the centre at once."""
    knowledge: tuple[Name, ...] = ()
    """Departments whose share the first line begins to learn to answer."""
    variant: Name | None = None
    """Variant of the file that holds from then on, with the effects of the phase as its settings."""
    gate: tuple[Condition, ...] | None = None
    """What must hold; the gate of the rollout if absent."""


class People(Part):
    """People at the telephone at the same time, all opening hours, from a date on."""

    starts: Day
    """From when."""
    people: Count
    """How many."""


class Missing(Part):
    """People who are away for a while."""

    starts: Day
    """From when."""
    until: Day
    """First day they are back."""
    people: Count = 1
    """How many."""
    reason: Words = Words()
    """Why."""


class Rollout(Part):
    """A stepwise introduction. The file as it stands is the end: all in, all learned.

    Before its entry a department's calls go to its old number and need no second line; before its
    knowledge they go on to the second line with the chance `unready`.
    """

    starts: Day
    """First day of the calendar; its quarter is the first."""
    until: Day
    """Last day of the calendar; its quarter is the last."""
    group: Name
    """Group of the contact centre whose people are counted."""
    direct: Name | None = None
    """Queue of the old numbers."""
    half_life: PositiveNumber = 3.0
    """Months in which half of those who still dial an unpublished number stop doing so."""
    learning: Number = 0.0
    """Months from the start of a department's knowledge until the first line answers its share."""
    unready: Share = 1.0
    """Share of talks that need the second line before the first line knows anything."""
    sure: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Chance with which people are enough, and a gate is called open."""
    departments: dict[Name, Department] = Field(default_factory=dict)
    """Who joins."""
    phases: dict[Name, Phase] = Field(min_length=1)
    """Phases, in order of time."""
    gate: tuple[Condition, ...] = ()
    """What must hold before a phase may start; the norm of the service level if absent."""
    staff: tuple[People, ...] = ()
    """Who is there, from when; what the group has in the file if absent."""
    absences: tuple[Missing, ...] = ()
    """Who is away, and when."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until <= self.starts:
            raise ValueError("until must lie after starts")
        for name, phase in self.phases.items():
            if not self.starts <= phase.starts <= self.until:
                raise ValueError(f"phases.{name}: starts {phase.starts} outside the calendar")
        for what in ("phases", "staff"):
            part = getattr(self, what)
            days = [each.starts for each in (part.values() if isinstance(part, dict) else part)]
            if days != sorted(days):
                raise ValueError(f"{what}: dates must be in order of time")
        for away in self.absences:
            if away.until <= away.starts:
                raise ValueError(f"absences: until {away.until} must lie after {away.starts}")
        for switch in ("entry", "abolished", "knowledge"):
            names = [name for phase in self.phases.values() for name in getattr(phase, switch)]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{switch} of {twice[0]} is switched twice; once is enough")
        return self

    def topics_of(self, department: str) -> tuple[str, ...]:
        """Return the topics of a department."""
        return self.departments[department].topics or (department,)

    def direct_of(self, department: str) -> str | None:
        """Return the queue of a department's old number."""
        return self.departments[department].direct or self.direct

    def people_at(self, day: datetime.date) -> int | None:
        """Return who is there on a day, absences deducted; None if the file does not say."""
        found = [each.people for each in self.staff if each.starts <= day]
        if not found:
            return None
        away = sum(each.people for each in self.absences if each.starts <= day < each.until)
        return max(found[-1] - away, 0)


def rollout_complaints(scenario: "Scenario") -> Iterator[Complaint]:
    """Yield names in a rollout that lead nowhere, and switches that can do nothing."""
    rollout = scenario.rollout
    if rollout is None:
        return
    known = rollout.departments
    for name, phase in rollout.phases.items():
        for switch in ("entry", "abolished", "knowledge"):
            for place, each in enumerate(getattr(phase, switch)):
                if each not in known:
                    text = f"unknown department '{shown(each)}'{hint(each, known)}"
                    yield Complaint(("rollout", "phases", name, switch, place), text)
    owners: dict[str, str] = {}
    for name, department in known.items():
        at: Path = ("rollout", "departments", name)
        for topic in department.topics or (name,):
            if topic not in scenario.topics:
                text = f"unknown topic '{shown(topic)}'{hint(topic, scenario.topics)}"
                yield Complaint((*at, "topics"), text)
            elif scenario.topics[topic].arrivals is not None:
                yield Complaint(at, f"topic {topic} has moments of arrival; give it a rate")
            else:
                owner = owners.setdefault(topic, name)
                if owner != name:
                    text = f"topic '{topic}' belongs to department '{owner}' already"
                    yield Complaint((*at, "topics"), text)
        if department.direct is None and rollout.direct is None:
            yield Complaint(at, "has no old number; give direct, a queue, here or for all")
    queues: list[tuple[Path, str | None]] = [(("rollout",), rollout.direct)]
    queues += [(("rollout", "departments", name), each.direct) for name, each in known.items()]
    for path, queue in queues:
        if queue is not None and queue not in scenario.queues:
            text = f"unknown queue '{shown(queue)}'{hint(queue, scenario.queues)}"
            yield Complaint((*path, "direct"), text)
