"""Scenario: the root of a file; what crosses its parts is checked in checks.py."""

from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from simkcc.model.calendar import Calendar, Horizon, Hours
from simkcc.model.checks import complaints
from simkcc.model.demand import Demand, Probe, Redial, Repeat, Topic
from simkcc.model.distribution import Duration
from simkcc.model.expectation import Expectation, TurningPoint
from simkcc.model.handling import Handling
from simkcc.model.journey import JourneyStep
from simkcc.model.menu import Menu
from simkcc.model.part import (
    Euros,
    EurosPerHour,
    Name,
    Part,
    PositiveCount,
    PositiveNumber,
    PositiveSeconds,
    Seconds,
    Share,
)
from simkcc.model.referral import Callback, Norms, Queue, SecondLine, Survey
from simkcc.model.rollout import Rollout
from simkcc.model.scorecard import Scorecard, Shipped
from simkcc.model.staffing import Group, Provider
from simkcc.model.words import Words

PRICES = frozenset((
    "per_hour", "per_minute", "per_call", "per_year", "management_per_year", "investments",
    "revenue_per_year",
))  # fmt: skip
"""Fields of groups, contracts and costs that say what the centre pays."""


class Investment(Part):
    """Money spent once, and over how many years it is written off in equal parts."""

    euros: Euros
    """What was paid."""
    years: PositiveNumber = 5.0
    """Years it serves."""
    what: str = ""
    """What it bought."""


class Costs(Part):
    """Prices outside rosters and contracts, and what a saving depends on.

    The last three compare a variant with the first of a comparison; in that one they do nothing.
    """

    citizen_hour: EurosPerHour = 15.0
    """Value of an hour of a citizen's time."""
    hours_per_fte: PositiveNumber = 1363.0
    """Productive hours a year of one full-time equivalent."""
    per_year: Annotated[Euros, Field(json_schema_extra={"unit": "EUR/year"})] = 0.0
    """Fixed yearly cost of the centre: telephony, software, housing."""
    investments: tuple[Investment, ...] = ()
    """What was invested; a year costs its part, without interest."""
    revenue_per_year: Annotated[Euros, Field(json_schema_extra={"unit": "EUR/year"})] = 0.0
    """What the centre earns a year: the tariff of a 0900 number."""
    back_office_hour: EurosPerHour = 65.0
    """Cost of an hour of the second line."""
    resumption: Seconds = 300.0
    """Time a specialist loses to getting back into the work that a transferred call disturbed."""
    avoided: Share = 1.0
    """Part of the cost of freed staff that is really avoided; those who keep a post elsewhere that
    would not have been filled are still paid."""
    extra_transfers: Share = 0.0
    """Calls put through more than are simulated, per answered call."""
    extra_repeats: Share = 0.0
    """Calls repeated more than are simulated, per answered call."""

    @property
    def invested(self) -> float:
        """Return the euros a year of everything invested."""
        return sum(each.euros / each.years for each in self.investments)


class Evidence(Part):
    """What happened elsewhere, with its source."""

    nl: str = ""
    """In Dutch."""
    en: str = ""
    """In English."""
    source: str = ""
    """Where it is published."""


class Scenario(Part):
    """One contact centre in one variant: everything that is meant, nothing that happened."""

    name: str = Field(default="", max_length=120)
    """Identity of the scenario; the file's name if absent."""
    title: Words = Words()
    """Titles by language."""
    source: str = ""
    """Where the facts come from."""
    notes: tuple[str, ...] = ()
    """Contradictions in the sources, and what was decided."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 1
    """Seed of all chance; `--seed` overrides it."""
    replications: PositiveCount = 20
    """Independent runs; `--replications` overrides it."""
    tick: PositiveSeconds = 1e-6
    """Smallest step of the clock, in seconds: every drawn time is rounded to it. 1.0 gives whole
    seconds, as most exchanges log. The engine keeps whole microseconds."""
    horizon: Horizon = Horizon()
    """Days that are simulated."""
    calendar: Calendar = Calendar()
    """Holidays."""
    hours: dict[Name, Hours] = Field(default_factory=dict)
    """Named opening hours. `open` are those of the centre; absent means around the clock."""
    demand: Demand = Demand()
    """Volume shared by the topics."""
    topics: dict[Name, Topic] = Field(min_length=1)
    """What callers ask about."""
    lines: PositiveCount | None = None
    """Telephone lines (trunks); a caller who finds none is blocked. Unlimited if absent."""
    menu: Menu | None = None
    """The menu before the queues."""
    queues: dict[Name, Queue] = Field(min_length=1)
    """Queues."""
    groups: dict[Name, Group] = Field(min_length=1)
    """Groups of agents."""
    providers: dict[Name, Provider] = Field(default_factory=dict)
    """Contracts."""
    patience: Duration | None = None
    """Wait after which callers hang up; endless if absent."""
    handling: Handling | None = None
    """Handling of topics that have no own."""
    redial: Redial | None = None
    """Calling again after giving up."""
    repeat: Repeat | None = None
    """Coming back when unresolved."""
    second_lines: dict[Name, SecondLine] = Field(default_factory=dict)
    """Second lines."""
    callbacks: dict[Name, Callback] = Field(default_factory=dict)
    """Callbacks and forms."""
    journeys: dict[Name, dict[Name, JourneyStep]] = Field(default_factory=dict)
    """Journeys written by hand, step by step, for what the words above cannot say."""
    probes: dict[Name, Probe] = Field(default_factory=dict)
    """Research calls."""
    survey: Survey = Survey()
    """Survey of callers, and logging of reasons."""
    norms: Norms = Norms()
    """Headline figures."""
    rollout: Rollout | None = None
    """A stepwise introduction on a calendar, for `simkcc rollout`; a run alone leaves it aside."""
    costs: Costs = Costs()
    """Prices."""
    scorecards: tuple[Shipped, ...] = ()
    """Scorecards to be judged by, of those that come with simkcc."""
    own_scorecards: dict[Name, Scorecard] = Field(default_factory=dict)
    """Scorecards of this centre's own."""
    turning_points: tuple[TurningPoint, ...] = ()
    """What could overturn a conclusion; `compare` computes where."""
    counter_evidence: tuple[Evidence, ...] = ()
    """What is known that speaks against the conclusion the scenario is about."""
    expectations: tuple[Expectation, ...] = ()
    """What should come out, and whether that was put in, fitted or predicted."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = complaints(self, sound=type(self).model_fields)
        if found:
            raise ValueError("\n".join(str(complaint) for complaint in found))
        return self

    @property
    def is_priced(self) -> bool:
        """Return whether a price is given of anything the centre pays; one of zero is given too.

        Without one nothing is known of its cost, which is something else than that it costs nothing.
        """
        parts = (*self.groups.values(), *self.providers.values(), self.costs)
        return any(part.model_fields_set & PRICES for part in parts)

    def queue_of(self, topic: str) -> str:
        """Return the name of the queue that calls about `topic` join."""
        own = self.topics[topic].queue
        if own is not None:
            return own
        return topic if topic in self.queues else next(iter(self.queues))
