"""What one replication used of everything that has a price: hours, minutes, calls, years.

A quantity carries the dotted key of its price in the scenario (`groups.kcc.per_hour`), so that a
cost is the sum of quantity times price and nothing else, and another price needs no new run. Only
contacts that count are paid for; hours of a shared pool are the city's share of its work.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.questions import roots
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import among, marked, tally
from simkcc.engine.samplers import mean_of
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
    SECOND,
    ContactKind,
    How,
    LegKind,
    Origin,
    Outcome,
)
from simkcc.model.scenario import Scenario
from simkcc.model.staffing import Provider

DAYS_PER_YEAR = 365.25

WORK = (
    LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.CONSULT, LegKind.RING, LegKind.WRAP,
)  # fmt: skip
"""Legs in which an agent is busy."""

ON_THE_LINE = (
    LegKind.MENU, LegKind.QUEUE, LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.CONSULT,
    LegKind.RING,
)  # fmt: skip
"""Legs in which a citizen is on the line, or holds a place."""

RESOLVED = (Outcome.DIRECT, Outcome.TRANSFERRED, Outcome.RETURNED)
"""Endings after which a question is answered."""


@dataclass(frozen=True)
class Usage:
    """Quantities of one replication, within what is counted."""

    years: float
    """Length of what is counted."""
    quantities: dict[str, float]
    """What is paid for, by the dotted key of its price; guarantee and minimum already applied."""
    measured: dict[str, float]
    """What has no price of its own: see MEASURED."""


MEASURED = (
    "answered", "resolved", "interruptions", "specialist_hours", "callback_hours", "citizen_hours",
    "front_line_hours", "provider_hours", "provider_minutes", "provider_calls", "repeats",
)  # fmt: skip
"""Counts and hours: answered calls, distinct questions resolved, talks of specialists with callers,
hours of specialists with callers and on callbacks (without those whose rosters have a price),
hours of citizens on the line, rostered hours in house and at providers, minutes of talk and calls
answered there, repeated contacts."""


def usage(calls: Calls, rules: Rules) -> Usage:
    """Return what one replication used; counted once, for calls have one set of rules."""
    return _counted(calls, rules).usage


def city_share(calls: Calls, rules: Rules) -> np.ndarray:
    """Return the part of each group's time that is the city's, (G,): 1 unless it is a shared pool.

    Of a shared pool that is its share of the work; nothing if no other client is simulated there,
    for then nobody knows whose the rest of the pool's time is.
    """
    return _counted(calls, rules).city_share


def _counted(calls: Calls, rules: Rules) -> "_Counted":
    return calls.once(_Counted, rules)


def cost_of(used: Usage, scenario: Scenario) -> float:
    """Return the euros of rosters, contracts and fixed costs within what is counted."""
    return sum(price_of(scenario, key) * amount for key, amount in used.quantities.items())


def price_of(scenario: Scenario, key: str) -> float:
    """Return the price under a dotted key.

    >>> from simkcc.model.scenario import Costs
    >>> price_of(Scenario.model_construct(costs=Costs(per_year=12.0)), "costs.per_year")
    12.0
    """
    section, _, rest = key.partition(".")
    name, _, field = rest.rpartition(".")
    part = getattr(scenario, section)
    return float(getattr(part[name] if name else part, field))


class _Counted:
    """The legs of contacts that count, cut to the window, with the groups that worked on them."""

    def __init__(self, calls: Calls, rules: Rules) -> None:
        assert rules.scenario is not None
        self.calls, self.rules, self.scenario = calls, rules, rules.scenario
        self.contacts = calls.log.contacts
        self.counts = calls.window.counted[self.contacts["topic"]]
        """(N,) whether each contact of the log is about a topic that counts."""
        self.of_city = self.counts & (self.contacts["kind"] == ContactKind.CALL)
        """(N,) whether it is a call about one."""
        self.groups = list(self.scenario.groups.values())
        self.names = list(self.scenario.groups)
        self.years = rules.weeks * 7 / DAYS_PER_YEAR

    @cached_property
    def usage(self) -> Usage:
        """Return the quantities."""
        quantities: dict[str, float] = {}
        for name, group, hours in zip(self.names, self.groups, self.hours, strict=True):
            if group.provider is None:
                quantities[f"groups.{name}.per_hour"] = float(hours)
        for name, provider in self.scenario.providers.items():
            if name in {group.provider for group in self.groups}:
                for field, amount in self.contract(name, provider).items():
                    quantities[f"providers.{name}.{field}"] = amount
        quantities["costs.per_year"] = self.years
        if self.scenario.costs.investments:
            quantities["costs.invested"] = self.years
        if self.scenario.costs.revenue_per_year:
            quantities["costs.revenue_per_year"] = -self.years
        return Usage(self.years, quantities, self.measured())

    # ----------------------------------------------------------------- contracts

    def contract(self, name: str, provider: Provider) -> dict[str, float]:
        """Return what a provider is paid for, by field of its contract."""
        due = 1.0 if provider.guarantee is None else self.due(name, provider)
        return {
            "per_hour": due * float(self.hours[self.of_provider(name)].sum()),
            "per_minute": due * self.minutes(name),
            "per_call": due
            * max(self.charged(name, provider), provider.minimum_calls * self.years),
            "per_year": self.years,
            "management_per_year": self.years,
        }

    def of_provider(self, name: str) -> np.ndarray:
        """Return which groups a provider has."""
        return np.array([group.provider == name for group in self.groups])

    def due(self, name: str, provider: Provider) -> float:
        """Return the part of the prices that is paid: less if the guarantee was not kept."""
        assert provider.guarantee is not None
        there = self.offered_to(name)
        good = there & self.calls.within(provider.guarantee.within)
        kept = good.sum() >= provider.guarantee.service_level * there.sum()
        return 1.0 if kept else 1.0 - provider.guarantee.malus

    def offered_to(self, name: str) -> np.ndarray:
        """Return which calls were first offered to a queue that a provider serves."""
        groups = set(np.flatnonzero(self.of_provider(name)).tolist())
        queues = [
            index for index, routes in enumerate(self.calls.plan.routes)
            if groups & set(routes["group"].tolist())
        ]  # fmt: skip
        return self.calls.offered & among(self.calls.queue, queues)

    def charged(self, name: str, provider: Provider) -> float:
        """Return the calls that a provider is paid for by the call."""
        if provider.charges == "offered":
            return float(self.offered_to(name).sum())
        return self.answered_by(name)

    def minutes(self, name: str) -> float:
        """Return the minutes of talk of a provider's agents with the city's citizens."""
        talk = self.seconds((LegKind.TALK,), self.counts)
        return float(talk[self.of_provider(name)].sum()) / 60

    def answered_by(self, name: str) -> float:
        """Return the city's calls that a provider answered, each once, in what is counted."""
        legs, window = self.calls.log.stays(LegKind.QUEUE), self.calls.window
        theirs = np.append(self.of_provider(name), False)[self.calls.group_of]
        rows = np.flatnonzero(theirs[legs["agent"]] & (legs["how"] == How.ANSWERED))
        rows = rows[self.of_city[legs["contact"][rows]]]
        at = np.full(len(self.contacts), FOREVER)
        np.minimum.at(at, legs["contact"][rows], legs["end"][rows])
        return float(np.count_nonzero((at >= window.start) & (at < window.end)))

    # ----------------------------------------------------------------- hours

    @cached_property
    def hours(self) -> np.ndarray:
        """Return the rostered hours of each group that the city pays for."""
        rostered = np.array(self.rules.rostered_hours, float)
        if not self.pooled.any():
            return rostered
        own, all_work = self.work_of_groups
        share = np.divide(own, all_work, out=np.zeros(len(own)), where=all_work > 0)
        return np.where(self.pooled, rostered * share, rostered)

    @cached_property
    def pooled(self) -> np.ndarray:
        """Return which groups are a shared pool."""
        return np.array([group.home == "shared_pool" for group in self.groups])

    @cached_property
    def work_of_groups(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the seconds each group worked for contacts that count, and for all."""
        return self.seconds(WORK, self.counts), self.calls.seconds_of_groups(*WORK)

    @cached_property
    def city_share(self) -> np.ndarray:
        """Return the part of each group's time that is the city's."""
        if not self.pooled.any():
            return np.ones(len(self.groups))
        own, all_work = self.work_of_groups
        share = np.divide(own, all_work, out=np.zeros(len(own)), where=all_work > own)
        return np.where(self.pooled, share, 1.0)

    def seconds(self, kinds: tuple[LegKind, ...], chosen: np.ndarray) -> np.ndarray:
        """Return the seconds each group worked in legs of some contacts, (N,) bool.

        Both agents on the line are counted.
        """
        if chosen.all():
            return self.calls.seconds_of_groups(*kinds)
        found = np.zeros(len(self.groups))
        for kind in kinds:
            of_chosen = chosen[self.calls.log.stays(kind)["contact"]]
            if of_chosen.any():
                found += self.calls.by_group(kind, self.calls.inside(kind) * of_chosen)
        return found / SECOND

    # ----------------------------------------------------------------- what has no price

    def measured(self) -> dict[str, float]:
        """Return counts and hours, as MEASURED names them."""
        first = np.array([g.line == 1 for g in self.groups])
        house = np.array([g.provider is None for g in self.groups])
        used = [name for name in self.scenario.providers if self.of_provider(name).any()]
        repeats = self.calls.contacts["origin"] == Origin.REPEAT
        found = (
            float(np.count_nonzero(self.calls.answered)),
            self.resolved(),
            *self.specialists(),
            self.callback_hours(),
            self.on_the_line(),
            float(self.hours[first & house].sum()),
            float(self.hours[~house].sum()),
            sum(self.minutes(name) for name in used),
            sum(self.answered_by(name) for name in used),
            float(np.count_nonzero(repeats & self.calls.answered)),
        )
        return dict(zip(MEASURED, found, strict=True))

    def resolved(self) -> float:
        """Return the distinct questions that were answered, by call or by calling back."""
        contacts = self.contacts
        root = roots(self.calls.log, np.flatnonzero(contacts["parent"] != NONE))
        kinds = (ContactKind.CALL, ContactKind.CALLBACK, ContactKind.FORM)
        chosen = self.counts & among(contacts["kind"], kinds)
        chosen &= among(contacts["outcome"], RESOLVED) & (contacts["origin"] != Origin.BACKLOG)
        chosen &= self.inside(contacts["ended"])
        return float(np.count_nonzero(marked(root[chosen], len(root))))

    def inside(self, moments: np.ndarray) -> np.ndarray:
        """Return which moments lie within what is counted."""
        return (moments >= self.calls.window.start) & (moments < self.calls.window.end)

    def on_the_line(self) -> float:
        """Return the hours that citizens were on the line, or held a place."""
        seconds = 0.0
        for kind in ON_THE_LINE:
            of_city = self.of_city[self.calls.log.stays(kind)["contact"]]
            seconds += float((self.calls.inside(kind) * of_city).sum())
        return seconds / SECOND / 3600

    def unpriced_seconds(self, contacts: np.ndarray) -> float:
        """Return the seconds that a second line without a price of its own worked for contacts."""
        free = np.array([
            group.line > 1 and group.provider is None and group.per_hour == 0
            for group in self.groups
        ])  # fmt: skip
        return float(self.seconds(WORK, contacts)[free].sum()) if free.any() else 0.0

    def specialists(self) -> tuple[float, float]:
        """Return talks of specialists with callers, and hours of those who have no own price.

        A talk without an agent is one of a specialist who is described, not simulated.
        """
        later = np.array([*(group.line > 1 for group in self.groups), False])[self.calls.group_of]
        talks = self.calls.log.stays(LegKind.TALK)
        described = talks["agent"] == NONE
        of_city = self.of_city[talks["contact"]]
        with_one = later[talks["agent"]] | later[talks["second"]] | described
        number = np.count_nonzero(with_one & of_city & self.inside(talks["start"]))
        seconds = self.calls.inside(LegKind.TALK)[described & of_city].sum() / SECOND
        return float(number), (self.unpriced_seconds(self.of_city) + float(seconds)) / 3600

    def callback_hours(self) -> float:
        """Return hours of owners of callbacks and forms: simulated, or returned times the effort."""
        simulated = self.unpriced_seconds(self.counts & ~self.of_city)
        contacts = self.contacts
        done = self.counts & (contacts["outcome"] == Outcome.RETURNED)
        done &= self.inside(contacts["ended"])
        per_topic = tally(contacts["topic"][done], len(self.scenario.topics))
        return (simulated + float(per_topic @ efforts_of(self.scenario))) / 3600


def efforts_of(scenario: Scenario) -> np.ndarray:
    """Return the owner's seconds per returned callback of each topic, 0 if simulated."""
    found = []
    for topic in scenario.topics.values():
        line = scenario.second_lines.get(topic.second_line.name if topic.second_line else "")
        key = line.callback if line and line.callback else None
        key = key or (topic.callback.name if topic.callback else None)
        callback = scenario.callbacks.get(key or "")
        if callback is None or callback.queue is not None:
            found.append(0.0)
            continue
        failed = (1 - callback.reach) / callback.reach if callback.reach > 0 else 0.0
        found.append(mean_of(callback.effort) + failed * mean_of(callback.failed_effort))
    return np.array(found)
