"""A rollout played: each period of its calendar, the people it takes, and the gate of each phase.

Two questions about people are kept apart. *Needed*: the fewest with whom the norm holds with the
chance `sure`, at the stated assumptions. *Gate*: the chance that every condition holds, over draws
of the assumed inputs times replications.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import ValidationError

from simkcc.analysis.inputs import Assumption, assumptions, data_with, draw
from simkcc.analysis.results import OnProgress, deflation
from simkcc.analysis.rollout.calendar import (
    Period,
    Stage,
    horizon,
    laid,
    overlay,
    periods,
    postponed,
    staffed,
    stage,
)
from simkcc.analysis.staffing import Observed, holds, norm, observe, smallest
from simkcc.analysis.stated import refuse_unknown_figures
from simkcc.errors import ScenarioError, SettingError
from simkcc.model.files import Loaded
from simkcc.model.rollout import Condition, Phase, Rollout
from simkcc.model.scenario import Scenario

DRAWN = 2
"""Replications of each draw of the inputs."""
BEYOND = 3
"""People beyond those needed with whom a gate is still tried at least; else half as many again."""


@dataclass(frozen=True)
class Row:
    """What one period takes and brings."""

    period: Period
    available: int | None
    """People there; None if the file does not say."""
    needed: int
    """Fewest people with whom the norm holds with the chance `sure`."""
    chance: float
    """Share of replications in which the norm holds with those who are there."""
    people: int
    """People with whom the figures were found: those there, else those needed."""
    observed: Observed
    before: Observed
    """The same days if every department still answered its own number."""
    stages: Mapping[str, Stage]


@dataclass(frozen=True)
class Gate:
    """Whether a phase may start, by number of people."""

    phase: str
    starts: datetime.date
    conditions: tuple[Condition, ...]
    available: int | None
    enough: int | None
    """Fewest people with whom its chance reaches `sure`; None: not with any that were tried."""
    chances: dict[int, float]
    """Chance that every condition holds, by number of people tried."""
    each: dict[int, tuple[float, ...]]
    """Chance of each condition alone, by number of people tried."""


@dataclass
class Study:
    """A file with a rollout, ready to be played at any stage with any number of people."""

    loaded: dict[str | None, Loaded]
    """By variant: the file, and the variants that phases name."""
    measured: Mapping[str, Loaded] = field(default_factory=dict)
    """By phase: the file that holds in it instead, with what was measured in that phase alone."""
    shift: Mapping[str, int] = field(default_factory=dict)
    """Quarters by which phases are postponed."""
    replications: int = 10
    draws: int = 20
    seed: int = 1
    jobs: int = 2
    on_progress: OnProgress = lambda done, of, what: None

    def __post_init__(self) -> None:
        """Read the rollout off the file, and note what can be drawn."""
        scenario = self.base.scenario
        if scenario.rollout is None:
            raise ScenarioError(
                f"{self.base.path}: has no [rollout]; give its group, dates and phases"
            )
        refuse_unknown_figures(scenario, str(self.base.path))
        self.rollout = postponed(scenario.rollout, self.shift)
        self.periods = periods(self.rollout)
        self.scale = deflation(scenario, self.seed)
        decided = (f"groups.{self.rollout.group}.", "rollout.staff.", "rollout.sure")
        self.varied: tuple[Assumption, ...] = tuple(
            each for each in assumptions(self.files, plan=True) if not each.key.startswith(decided)
        )

    @property
    def base(self) -> Loaded:
        """Return the file as it was asked for."""
        return next(iter(self.loaded.values()))

    @property
    def files(self) -> list[Loaded]:
        """Return every file that holds at some time."""
        return [*self.loaded.values(), *self.measured.values()]

    # ----------------------------------------------------------------- scenarios

    def place_at(self, day: datetime.date) -> int:
        """Return which of the files holds on a day: what its phase measured, else its variant."""
        begun = [name for name, phase in self.rollout.phases.items() if phase.starts <= day]
        if begun and begun[-1] in self.measured:
            return len(self.loaded) + list(self.measured).index(begun[-1])
        return list(self.loaded).index(self.variant_at(day))

    def variant_at(self, day: datetime.date) -> str | None:
        """Return the variant that holds on a day: that of the last phase that names one."""
        named = [p.variant for p in self.rollout.phases.values() if p.variant and p.starts <= day]
        return named[-1] if named else next(iter(self.loaded))

    def stages(self, period: Period, rollout: Rollout | None = None) -> dict[str, Stage]:
        """Return how far each department is in a period."""
        plan = rollout or self.rollout
        return {name: stage(plan, name, period) for name in plan.departments}

    def scenario(
        self, period: Period, people: int | None = None,
        stages: Mapping[str, Stage] | None = None, values: Sequence[float] | None = None,
    ) -> Scenario:  # fmt: skip
        """Return the centre in a period.

        people: of the contact centre; as in the file if absent. stages: of the departments; those
        of the calendar if absent. values: of `varied`; as in the file if absent. Raises
        ValidationError if such a centre cannot be.
        """
        place = self.place_at(period.start)
        data, rollout = self.files[place].data, self.rollout
        if values is not None:
            data = data_with(self.files[place], self._values(place, values))
            drawn = Rollout.model_validate(data["rollout"])
            rollout = postponed(drawn, self.shift)
        at = stages if stages is not None else self.stages(period, rollout)
        over = [overlay(data, rollout, at), horizon(data, period)]
        if people is not None:
            over.append(staffed(data, rollout.group, people))
        return Scenario.model_validate(laid(data, *over))

    def _values(self, place: int, values: Sequence[float]) -> dict[str, float]:
        return {
            each.key: int(value) if each.whole else float(value)
            for each, value in zip(self.varied, values, strict=True)
            if place in each.arms
        }

    def observe(
        self, scenario: Scenario, metrics: Iterable[str], replications: int | None = None
    ) -> Observed:
        """Play a centre, on the same callers every time."""
        return observe(
            scenario, tuple(metrics), replications or self.replications, seed=self.seed,
            scale=self.scale, jobs=self.jobs,
        )  # fmt: skip

    # ----------------------------------------------------------------- periods

    def figures(self) -> tuple[str, ...]:
        """Return the figures of a period."""
        level = self.base.scenario.norms.service_level
        asked = [each.metric for each in self.rollout.gate]
        own = (level, "abandonment", "share_in_kcc", "callbacks_opened", "offered", "cost")
        return tuple(dict.fromkeys((*own, *asked)))

    def needed(
        self, period: Period, stages: Mapping[str, Stage] | None = None, start: int = 1
    ) -> int:
        """Return the fewest people with whom the norm holds with the chance `sure`."""
        return smallest(
            lambda people: self.norm_holds(period, people, stages) >= self.rollout.sure, start
        )

    def norm_holds(
        self, period: Period, people: int, stages: Mapping[str, Stage] | None = None
    ) -> float:
        """Return the share of replications in which the norm of the service level holds."""
        scenario = self.scenario(period, people, stages)
        wanted = self.norm(scenario)
        observed = self.observe(scenario, {each.metric for each in wanted})
        return float(holds(observed, wanted).mean())

    def norm(self, scenario: Scenario) -> tuple[Condition, ...]:
        """Return the norm by which people are enough: the goal of the file, else its gate."""
        if scenario.norms.goal is None and self.rollout.gate:
            return self.rollout.gate
        return norm(scenario, self.rollout.group)

    def rows(self) -> list[Row]:
        """Return every period, in order."""
        found: list[Row] = []
        for number, period in enumerate(self.periods):
            guess = found[-1].needed if found else 1
            needed = self.needed(period, start=guess)
            available = self.rollout.people_at(period.start)
            people = needed if available is None else available
            scenario = self.scenario(period, people)
            observed = self.observe(scenario, self.figures())
            chance = float(holds(observed, self.norm(scenario)).mean())
            stages = self.stages(period)
            before = self.before(period)
            found.append(Row(period, available, needed, chance, people, observed, before, stages))
            self.on_progress(number + 1, len(self.periods), "quarters")
        return found

    def before(self, period: Period) -> Observed:
        """Return a period as if every department answered its own number."""
        alone = dict.fromkeys(self.rollout.departments, Stage(1.0, 0.0))
        return self.observe(self.scenario(period, None, alone), ())

    # ----------------------------------------------------------------- gates

    def conditions(self, phase: Phase | None = None) -> tuple[Condition, ...]:
        """Return the gate of a phase, or of the rollout: the norm where none is given."""
        own = phase.gate if phase is not None and phase.gate is not None else self.rollout.gate
        return own or self.norm(self.base.scenario)

    def moments(self, phase: str) -> tuple[Period, Period]:
        """Return the first period of a phase, and the last before a later one starts."""
        starts = self.rollout.phases[phase].starts
        later = [p.starts for p in self.rollout.phases.values() if p.starts > starts]
        own = [
            each for each in self.periods
            if each.start >= starts and (not later or each.start < min(later))
        ]  # fmt: skip
        return own[0], own[-1]

    def gate(self, phase: str, guess: int) -> Gate:
        """Return whether a phase may start, with how many people, and with one fewer."""
        stated = self.rollout.phases[phase]
        conditions = self.conditions(stated)
        first, last = self.moments(phase)
        both = {"start": (first,), "end": (last,), "throughout": tuple({first, last})}
        available = self.rollout.people_at(stated.starts)
        tried: dict[int, tuple[float, ...]] = {}

        def chance(people: int) -> float:
            if people not in tried:
                wanted = [(each, both[each.when]) for each in conditions]
                tried[people] = self._chances(people, wanted, phase)
            return tried[people][0]

        most = max(guess, available or 0) + max(BEYOND, guess // 2)
        enough = fewest(chance, guess, most, self.rollout.sure)
        for people in {available, None if enough is None else max(enough - 1, 0)} - {None}:
            chance(people)  # type: ignore[arg-type]
        return Gate(
            phase, stated.starts, conditions, available, enough,
            {people: tried[people][0] for people in sorted(tried)},
            {people: tried[people][1:] for people in sorted(tried)},
        )  # fmt: skip

    def _chances(
        self, people: int, conditions: Sequence[tuple[Condition, Sequence[Period]]], what: str,
        stages: Mapping[str, Stage] | None = None,
    ) -> tuple[float, ...]:  # fmt: skip
        """Return the chance that all conditions hold, then of each alone, over the draws.

        conditions: each with the periods in which it must hold.
        """
        metrics = {each.metric for each, _ in conditions}
        moments = dict.fromkeys(period for _, when in conditions for period in when)
        values = draw(self.varied, self.draws, self.seed)
        good: list[np.ndarray] = []
        for number in range(self.draws):
            held = np.ones((len(conditions), DRAWN), bool)
            try:
                for period in moments:
                    scenario = self.scenario(period, people, stages, values[number])
                    observed = self.observe(scenario, metrics, DRAWN)
                    for place, (each, when) in enumerate(conditions):
                        if period in when:
                            held[place] &= holds(observed, [each])
            except ValidationError:
                continue  # no such centre can be
            good.append(held)
            self.on_progress(number + 1, self.draws, f"{what}, {people}")
        if not good:
            raise SettingError("no draw of the assumptions makes a valid centre; narrow the ranges")
        every = np.concatenate(good, axis=1)
        return (float(every.all(axis=0).mean()), *every.mean(axis=1).tolist())

    def chance_at(
        self, period: Period, stages: Mapping[str, Stage], people: int, what: str
    ) -> float:
        """Return the chance that the gate of the rollout holds at given stages."""
        conditions = [(each, (period,)) for each in self.conditions()]
        return self._chances(people, conditions, what, stages)[0]


def fewest(chance: Any, guess: int, most: int, sure: float) -> int | None:
    """Return the fewest people whose chance reaches `sure`, at most `most`; None if none does."""
    people = guess
    if chance(people) >= sure:
        while people > 0 and chance(people - 1) >= sure:
            people -= 1
        return people
    while people < most:
        people += 1
        if chance(people) >= sure:
            return people
    return None
