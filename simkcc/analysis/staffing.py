"""How many people are enough: a centre observed in a few figures, and the smallest team that will do.

A search plays many small centres; each replication is folded to the figures that are asked for and
to the hours of the departments, and nothing else.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import LogColumns
from simkcc.analysis.columns.tallies import tally
from simkcc.analysis.columns.usage import WORK, efforts_of
from simkcc.analysis.folding import counting, lines_of
from simkcc.analysis.intervals import Interval, ratio_interval
from simkcc.analysis.metrics import METRICS
from simkcc.analysis.metrics.splits import CallSplits, names_of_values
from simkcc.analysis.results import play
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, SECOND, ContactKind, ContactLog, LegKind, Outcome
from simkcc.model.rollout import Condition
from simkcc.model.scenario import Scenario

MOST_PEOPLE = 500
"""People at which a search gives up."""


@dataclass(frozen=True)
class Seen:
    """One replication: numerators and denominators, and hours of the departments."""

    whole: dict[str, tuple[float, float]]
    queues: dict[str, np.ndarray]
    """(2, Q) by figure."""
    calls: np.ndarray
    """(K,) hours a week that the second and third line spend in calls, by topic."""
    callbacks: np.ndarray
    """(K,) hours a week they spend calling back, by topic."""


@dataclass
class Observed:
    """A centre over its replications."""

    scenario: Scenario
    queues: tuple[str, ...]
    topics: tuple[str, ...]
    seen: list[Seen] = field(default_factory=list)

    def pairs(self, metric: str, queues: Collection[str] | None = None) -> np.ndarray:
        """Return (R, 2) sums of a figure, over some queues only if they are named."""
        if queues is None:
            return np.array([each.whole[metric] for each in self.seen])
        chosen = [index for index, name in enumerate(self.queues) if name in queues]
        found = np.array([each.queues[metric][:, chosen].sum(axis=1) for each in self.seen])
        if METRICS[metric].weekly and len(chosen) > 1:
            found[:, 1] /= len(chosen)
        return found

    def ratios(self, metric: str, queues: Collection[str] | None = None) -> np.ndarray:
        """Return (R,) a figure per replication; nan where there was nobody."""
        above, below = self.pairs(metric, queues).T
        return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)

    def interval(self, metric: str, queues: Collection[str] | None = None) -> Interval:
        """Return a figure with its interval over the replications."""
        above, below = self.pairs(metric, queues).T
        return ratio_interval(above, below, 0.95)

    def hours(self, topics: Collection[str], part: str) -> float:
        """Return mean hours a week of the departments on some topics: `calls` or `callbacks`."""
        chosen = [index for index, name in enumerate(self.topics) if name in topics]
        return float(np.mean([getattr(each, part)[chosen].sum() for each in self.seen]))


def observe(
    scenario: Scenario, metrics: Collection[str], replications: int, *, seed: int,
    scale: float = 1.0, jobs: int = 2,
) -> Observed:  # fmt: skip
    """Play a scenario and fold each replication to some figures and the departments' hours."""
    plan = compile_plan(scenario, scale)
    names = names_of_values(plan)
    wanted = tuple(dict.fromkeys(metrics))
    tasks = (
        _task(plan.seeded(seed, index), scenario, wanted) for index in range(replications)
    )  # fmt: skip
    with closing(runs.replications(tasks, jobs)) as finished:
        found = dict(finished)
    seen = [found[index] for index in sorted(found)]
    return Observed(scenario, names["queue"], names["topic"], seen)


def _task(plan: Plan, scenario: Scenario, metrics: Sequence[str]) -> Callable[[], Seen]:
    return lambda: _fold(play(plan), plan, scenario, metrics)


def _fold(log: ContactLog, plan: Plan, scenario: Scenario, metrics: Sequence[str]) -> Seen:
    window, rules = counting(scenario, plan)
    calls = Calls(LogColumns(log), plan, window)
    splits = CallSplits(calls, lines_of(scenario))
    for name in metrics:
        splits.add(name, METRICS[name], METRICS[name].function(calls, rules))
    whole, parts = splits.sums()
    return Seen(whole, parts.get("queue", {}), *department_hours(calls, scenario, rules.weeks))


def department_hours(
    calls: Calls, scenario: Scenario, weeks: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return (K,) hours a week of the second and third line by topic: in calls, calling back.

    Talk, hold, hand-over, ringing and wrap-up of its agents, and the talk of a specialist who is
    described and not simulated; promises that nobody is simulated for take the effort the file
    gives them when they are kept.
    """
    contacts, window, number = calls.log.contacts, calls.window, len(scenario.topics)
    topic, of_call = contacts["topic"], contacts["kind"] == ContactKind.CALL
    later = np.append(lines_of(scenario) > 1, False)[calls.group_of]
    found = np.zeros((2, number))
    for kind in WORK:
        legs = calls.log.stays(kind)
        by = later[legs["agent"]] * 1.0 + later[legs["second"]]
        if kind == LegKind.TALK:
            by += legs["agent"] == NONE
        rows = np.flatnonzero(by)
        work, owner = (by * calls.inside(kind))[rows], legs["contact"][rows]
        for row, chosen in enumerate((of_call[owner], ~of_call[owner])):
            found[row] += tally(topic[owner[chosen]], number, work[chosen])
    found /= SECOND * 3600 * weeks
    kept = (contacts["outcome"] == Outcome.RETURNED) & (contacts["ended"] >= window.start)
    kept &= contacts["ended"] < window.end
    efforts = efforts_of(scenario) * np.bincount(topic[kept], minlength=number)
    return found[0], found[1] + efforts / 3600 / weeks


# ---------------------------------------------------------------------------------------------
# enough


def queues_of(scenario: Scenario, group: str) -> tuple[str, ...]:
    """Return the queues that a group may answer."""
    return tuple(
        name
        for name, queue in scenario.queues.items()
        if any(route.group == group for route in queue.routes)
    )


def norm(scenario: Scenario, group: str) -> tuple[Condition, ...]:
    """Return the norm of the service level, per queue of a group.

    Raises SettingError if the file states none.
    """
    if scenario.norms.goal is None:
        raise SettingError(
            f"{scenario.name}: norms.goal: states no norm for the service level; "
            "give one, as --set norms.goal=0.8"
        )
    return tuple(
        Condition(metric=scenario.norms.service_level, at_least=scenario.norms.goal, queue=queue)
        for queue in queues_of(scenario, group)
    )


def holds(observed: Observed, conditions: Sequence[Condition]) -> np.ndarray:
    """Return in which replications, (R,), every condition holds; where nobody called, it does."""
    found = np.ones(len(observed.seen), bool)
    for each in conditions:
        value = observed.ratios(each.metric, None if each.queue is None else (each.queue,))
        good = value >= each.at_least if each.at_least is not None else value <= each.at_most
        found &= good | np.isnan(value)
    return found


def smallest(enough: Callable[[int], bool], start: int) -> int:
    """Return the smallest number of people that is enough, searched from a guess.

    More people are taken to be enough whenever fewer are. Raises SettingError beyond MOST_PEOPLE.
    """
    people = max(start, 0)
    if enough(people):
        while people > 0 and enough(people - 1):
            people -= 1
        return people
    while people < MOST_PEOPLE:
        people += 1
        if enough(people):
            return people
    raise SettingError(
        f"{MOST_PEOPLE} people do not meet the norm either; look at what cannot hold"
    )
