"""Whether promises can be kept: the work that callbacks and forms ask for against the hours there are.

A queue of tasks whose owners have fewer hours than it asks for grows without end; an average over a
finite run then says how long one looked, not how long citizens wait. The judgement comes from the
load (work over hours), not from such an average: Loynes (1962), "The stability of a queue with
non-independent inter-arrival and service times".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simkcc.analysis.columns.promised import WorkingDays
from simkcc.analysis.intervals import Interval
from simkcc.analysis.status import DIVERGES, NEAR, Status
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.samplers import LAWS, mean_of, table_of, tail_points
from simkcc.model import distribution as parts
from simkcc.model.contact_log import DAY, NONE, SECOND
from simkcc.model.referral import Callback
from simkcc.model.scenario import Scenario

NEAR_LOAD = 0.95
"""From this load on an average depends on the horizon."""

AFFECTED = (
    "time_to_resolution", "second_line_2wd", "callbacks_returned", "callbacks_same_day",
    "callbacks_2wd", "callbacks_attempted_same_day", "callbacks_attempted_2wd", "callbacks_ever",
    "backlog", "backlog_overdue", "backlog_age", "backlog_age_p90",
)  # fmt: skip
"""Figures that have no mean when the pile grows without end."""


class Measured(Protocol):
    """What is read of a run: figures with their intervals over the replications."""

    def interval(self, metric: str) -> Interval:
        """Return a figure with its interval."""


@dataclass(frozen=True)
class Load:
    """The work one queue of tasks asks of its owners, per working day, and the hours they have."""

    owners: tuple[str, ...]
    """Names of the groups."""
    tasks: float
    """New tasks a day."""
    effort: float
    """Expected seconds per task, failed attempts included, at the owners' speed."""
    hours: float
    """Hours the owners are rostered a day, less absence."""
    overtime: float
    """Hours a day they add when there is always more to do: the last attempt is finished."""
    shared: bool
    """Whether the owners answer other queues too; their work for those is not in the load."""

    @property
    def work(self) -> float:
        """Return the hours of work a day: the rostered hours from which on it is stable."""
        return self.tasks * self.effort / 3600

    @property
    def rho(self) -> float:
        """Return work over rostered hours."""
        return self.work / self.hours if self.hours > 0 else float("inf")

    @property
    def bearable(self) -> float:
        """Return the tasks a day that the rostered hours can bear."""
        return self.hours * 3600 / self.effort if self.effort > 0 else float("inf")

    def judged(self, growth: Interval | None = None) -> str:
        """Return `stable`, `near` or `diverges`. growth: of the pile per day, with its interval.

        Overtime can carry a load just above 1. Where the owners do other work too, the load says
        too little, and a pile that clearly grows says the rest.
        """
        carried = self.work / (self.hours + self.overtime) if self.hours > 0 else float("inf")
        if carried >= 1 or (self.shared and self._grows(growth)):
            return DIVERGES
        return NEAR if self.rho > NEAR_LOAD else "stable"

    def _grows(self, growth: Interval | None) -> bool:
        """Return whether the pile grows beyond noise, by 1 % of new tasks (of 7 days) or more."""
        return growth is not None and growth.low > 0 and growth.mean > 0.01 * self.tasks * 5 / 7


def expected_effort(callback: Callback) -> float:
    """Return the expected seconds of work on a callback or form, failed attempts included.

    With chance p of reaching the citizen in each of n attempts: (1 - q^n) E + (q / p)(1 - q^n) F.
    """
    miss = 1.0 - callback.reach
    found = 1.0 - miss**callback.attempts
    failed = miss / callback.reach * found if callback.reach > 0 else float(callback.attempts)
    return found * mean_of(callback.effort) + failed * mean_of(callback.failed_effort)


def loads(scenario: Scenario, plan: Plan, tasks: float) -> list[Load]:
    """Return the load of each queue of tasks, `tasks` new ones a working day in all.

    Several kinds that share a queue are one load, spread evenly over the kinds.
    """
    kinds = [each for each in _used(scenario) if each.queue is not None]
    found = []
    for queue in dict.fromkeys(each.queue for each in kinds):
        mine = [each for each in kinds if each.queue == queue]
        assert queue is not None
        found.append(_load(scenario, plan, queue, mine, tasks * len(mine) / len(kinds)))
    return found


def _used(scenario: Scenario) -> list[Callback]:
    """Return the callbacks and forms that some topic may make."""
    names = [topic.callback.name for topic in scenario.topics.values() if topic.callback]
    for topic in scenario.topics.values():
        if topic.second_line is not None:
            line = scenario.second_lines[topic.second_line.name]
            names += [line.callback] if line.callback is not None else []
    return [scenario.callbacks[name] for name in dict.fromkeys(names)]


def _load(scenario: Scenario, plan: Plan, queue: str, kinds: list[Callback], tasks: float) -> Load:
    routes = scenario.queues[queue].routes
    names = list(scenario.groups)
    days = max(WorkingDays(plan).between(*_window(plan)), 1)
    hours, overtime, capacity = 0.0, 0.0, 0.0
    left = float(np.mean([residual(each) for each in kinds]))
    for route in routes:
        group = scenario.groups[route.group]
        speed = group.speed * route.speed
        seconds, ends = _roster(plan, names.index(route.group))
        hours += seconds * (1 - group.absence) / 3600 / days
        capacity += seconds * (1 - group.absence) * speed / 3600 / days
        overtime += ends * (1 - group.absence) * left / speed / 3600 / days
    speed = capacity / hours if hours > 0 else 1.0
    effort = float(np.mean([expected_effort(each) for each in kinds])) / speed
    owners = {route.group for route in routes}
    shared = any(
        route.group in owners
        for name, other in scenario.queues.items()
        for route in other.routes
        if name != queue
    )
    return Load(tuple(r.group for r in routes), tasks, effort, hours, overtime, shared)


def _window(plan: Plan) -> tuple[int, int]:
    return int(plan.settings[0]["warm_up"]), int(plan.settings[0]["until"])


def _roster(plan: Plan, group: int) -> tuple[float, int]:
    """Return a group's rostered seconds within what is counted, and how many go home in it."""
    start, end = _window(plan)
    rows = plan.changes[
        (plan.changes["kind"] == ChangeKind.ROSTER) & (plan.changes["subject"] == group)
    ]
    ends = np.append(rows["at"][1:], end)
    length = np.maximum(np.minimum(ends, end) - np.maximum(rows["at"], start), 0)
    falls = -np.minimum(np.diff(rows["level"]), 0)
    inside = (rows["at"][1:] > start) & (rows["at"][1:] <= end)
    return float((length * rows["level"]).sum()) / SECOND, int(falls[inside].sum())


def residual(callback: Callback) -> float:
    """Return the mean seconds left of the attempt during which an owner's time runs out.

    E[S^2] / 2 E[S]: the residual life of a renewal process (Cox, 1962).
    """
    first = callback.reach * mean_of(callback.effort)
    first += (1 - callback.reach) * mean_of(callback.failed_effort)
    second = callback.reach * _second_moment(callback.effort)
    second += (1 - callback.reach) * _second_moment(callback.failed_effort)
    return second / (2 * first) if first > 0 else 0.0


def _second_moment(duration: parts.Duration) -> float:
    """Return the mean of the square of a duration; of `otherwise` if it depends on the time."""
    if isinstance(duration, parts.ByTime):
        return _second_moment(duration.otherwise)
    cap = np.inf if duration.cap is None else duration.cap
    kept = 1 - duration.zero
    if isinstance(duration, parts.Deterministic):
        return kept * float(min(duration.value + duration.shift, cap)) ** 2
    if isinstance(duration, parts.Empirical):
        values = np.minimum(np.array(duration.values) + duration.shift, cap)
        return kept * float(np.average(values**2, weights=duration.weights))
    nodes = np.minimum(table_of(LAWS[duration.kind](duration)) + duration.shift, cap) ** 2
    lower, upper = np.split(nodes, 2)
    points = tail_points()
    return kept * float(np.trapezoid(lower, points) + np.trapezoid(upper, points))


# ---------------------------------------------------------------------------------------------
# how many tasks


def stated_tasks(scenario: Scenario, plan: Plan) -> float | None:
    """Return the tasks a working day that the demand and the policy make, if no chance decides.

    Every call is taken as answered. None where the number hangs on who is reached: then it must be
    measured.
    """
    days = max(WorkingDays(plan).between(*_window(plan)), 1)
    total = 0.0
    for name, topic in scenario.topics.items():
        calls = _arrivals(plan, list(scenario.topics).index(name)) / days
        promised = 0.0
        if topic.second_line is not None and topic.second_line.share > 0:
            line = scenario.second_lines[topic.second_line.name]
            if line.permanence != "form" or line.callback is None:
                return None
            kept = 1 - scenario.callbacks[line.callback].forgotten
            promised += topic.second_line.share * kept
        if topic.callback is not None:
            rest = 1 - (topic.second_line.share if topic.second_line else 0.0)
            kept = 1 - scenario.callbacks[topic.callback.name].forgotten
            promised += rest * topic.callback.share * kept
        total += calls * promised
    return total


def _arrivals(plan: Plan, stream: int) -> float:
    """Return the expected contacts of a topic's stream within what is counted, first ones only."""
    start, end = _window(plan)
    first, last = plan.streams[stream]["first_moment"], plan.streams[stream]["last_moment"]
    if first != NONE:
        moments = plan.moments[first:last]
        return float(((moments >= start) & (moments < end)).sum())
    days = plan.days[stream][start // DAY : end // DAY]
    return float(sum(_of_day(plan, int(row)) for row in days if row != NONE))


def _of_day(plan: Plan, row: int) -> float:
    """Return the expected number of a day: the last cumulative rate of its pieces."""
    while plan.pieces[row + 1]["at"] != NONE:
        row += 1
    return float(plan.pieces[row]["expected"])


# ---------------------------------------------------------------------------------------------
# the judgement

SENTENCES = {
    DIVERGES: {
        "en": (
            "What is open grows without end, so how long citizens wait for their answer has no "
            "mean: {tasks} callbacks and forms a day ask for {work} hours of work, and {owners} "
            "has {hours} (load {rho}). It becomes stable from {work} hours a day, or with at most "
            "{bearable} a day."
        ),
        "nl": (
            "Wat openstaat, groeit zonder einde, dus hoe lang burgers op hun antwoord wachten, "
            "heeft geen gemiddelde: {tasks} terugbelverzoeken en formulieren per dag vragen {work} "
            "uur werk, en {owners} heeft er {hours} (belasting {rho}). Het wordt stabiel vanaf "
            "{work} uur per dag, of met hoogstens {bearable} per dag."
        ),
    },
    NEAR: {
        "en": (
            "How long citizens wait for their answer depends on how long one looks: {tasks} "
            "callbacks and forms a day ask for {work} hours of work, and {owners} has {hours} (load "
            "{rho}). Below {work} hours a day, or above {bearable} a day, what is open grows "
            "without end."
        ),
        "nl": (
            "Hoe lang burgers op hun antwoord wachten, hangt af van hoe lang men kijkt: {tasks} "
            "terugbelverzoeken en formulieren per dag vragen {work} uur werk, en {owners} heeft er "
            "{hours} (belasting {rho}). Onder {work} uur per dag, of boven {bearable} per dag, "
            "groeit wat openstaat zonder einde."
        ),
    },
}

CLIFF = {
    "en": (
        "{owners}: {tasks} callbacks and forms a day of {effort} s each, failed attempts included, "
        "are kept up with from {work} hours a day; there are {hours} (load {rho}). These hours bear "
        "{bearable} a day. Finishing the last attempt adds up to {overtime} hours a day."
    ),
    "nl": (
        "{owners}: {tasks} terugbelverzoeken en formulieren per dag van elk {effort} s, mislukte "
        "pogingen inbegrepen, zijn bij te houden vanaf {work} uur per dag; er is {hours} uur "
        "(belasting {rho}). Die uren kunnen er {bearable} per dag aan. De laatste poging afmaken "
        "voegt tot {overtime} uur per dag toe."
    ),
}


def cliff_text(load: Load, lang: str) -> str:
    """Return from how many hours a day a load can be kept up with."""
    return CLIFF[lang].format(owners=", ".join(load.owners), **_numbers(load, lang))


def _numbers(load: Load, lang: str) -> dict[str, str]:
    """Return the numbers of a load as they are written in a language."""
    numbers = {
        "tasks": f"{load.tasks:.1f}", "work": f"{load.work:.2f}", "hours": f"{load.hours:.2f}",
        "rho": f"{load.rho:.2f}", "bearable": f"{load.bearable:.1f}",
        "effort": f"{load.effort:.0f}", "overtime": f"{load.overtime:.2f}",
    }  # fmt: skip
    if lang == "nl":
        return {name: text.replace(".", ",") for name, text in numbers.items()}
    return numbers


def sentence(load: Load, judgement: str, lang: str) -> str:
    """Return what is the matter with a load and what would mend it."""
    numbers = _numbers(load, lang)
    return SENTENCES[judgement][lang].format(owners=", ".join(load.owners), **numbers)


def judge(scenario: Scenario, plan: Plan, measured: Measured) -> dict[str, Status]:
    """Return the statuses of the figures that promises which cannot be kept make meaningless.

    A pure function of the scenario and of two figures: new promises per week and growth of the
    pile. Empty if all is well.
    """
    worst: dict[str, Status] = {}
    for load, judgement in judgements(scenario, plan, measured):
        if judgement != "stable":
            status = Status(
                judgement, sentence(load, judgement, "nl"), sentence(load, judgement, "en")
            )
            found = dict.fromkeys(AFFECTED, status)
            worst = found if judgement == DIVERGES or not worst else worst
    return worst


def judgements(scenario: Scenario, plan: Plan, measured: Measured) -> Iterator[tuple[Load, str]]:
    """Yield the load of each queue of tasks and what it means.

    Tasks are those that demand and policy make where that is certain, else those that were counted.
    """
    tasks = stated_tasks(scenario, plan)
    if tasks is None:
        per_week = measured.interval("callbacks_opened").mean
        start, end = _window(plan)
        weeks = (end - start) / (7 * DAY)
        tasks = per_week * weeks / max(WorkingDays(plan).between(start, end), 1)
    for load in loads(scenario, plan, tasks):
        yield load, load.judged(measured.interval("backlog_growth"))


# ---------------------------------------------------------------------------------------------
# the cliff


def with_load(scenario: Scenario, load: Load, wanted: float) -> Scenario:
    """Return the scenario with its owners so much faster or slower that their load is `wanted`.

    Twice as fast is worth twice the hours: nothing else about the day changes.
    """
    factor = load.rho / wanted
    groups = {
        name: group.model_copy(update={"speed": group.speed * factor})
        if name in load.owners
        else group
        for name, group in scenario.groups.items()
    }
    return scenario.model_copy(update={"groups": groups})
