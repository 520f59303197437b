"""Where contacts go: queues and their routes, the second line, callbacks and forms."""

import warnings
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator

from simkcc.model.distribution import Deterministic, Duration
from simkcc.model.part import (
    Count,
    Flag,
    Name,
    Part,
    PositiveCount,
    PositiveNumber,
    PositiveSeconds,
    Seconds,
    Share,
)

# pydantic warns that a field of this name hides a method of the metaclass; nobody calls it.
warnings.filterwarnings("ignore", message='Field name "register" in "Callback"')


class Route(Part):
    """A group that may answer a queue, and the wait before it may."""

    group: Name
    """Name under `groups`."""
    after: Duration = Field(default=0.0, validate_default=True)
    """Wait before this group may answer; more than zero is overflow."""
    order: Annotated[int, Strict(), Field(ge=0, le=1000)] | None = None
    """Preference among groups with a free agent, lowest first; the place in the list if absent.
    Groups of equal order are one pool: the rule for agents chooses over all of them."""
    speed: Annotated[float, Strict(), Field(gt=0, le=100)] = 1.0
    """Speed of this group on this queue (skill), on top of the group's own."""
    weight: PositiveNumber = 1.0
    """Weight of this queue when the group picks by weight."""
    hours: Name | None = None
    """Hours in which the route exists; always if absent."""


class Offer(Part):
    """A place held in the queue without a line (virtual hold): callers are phoned in their turn."""

    after: Duration = Field(default=0.0, validate_default=True)
    """Wait after which it is offered."""
    accept: Share
    """Share of callers who accept."""
    reach: Share = 1.0
    """Share that picks up when it is their turn."""
    ring: Duration = Field(default=0.0, validate_default=True)
    """Agent's time to call them."""


class Balk(Part):
    """Callers who hang up at once when they hear how many wait."""

    waiting: Count
    """From this number of waiting callers on."""
    share: Share
    """Share that hangs up."""


class Queue(Part):
    """Contacts that wait for the same groups."""

    routes: tuple[Route, ...] = Field(min_length=1, max_length=16)
    """Groups that may answer, in order of preference."""
    hours: Name | None = None
    """Opening hours of the queue, for closing; the scenario's `open` if absent."""
    at_close: Literal["run_out", "clear", "keep"] = "run_out"
    """At closing time: agents who were going home stay until the queue is empty, or everyone
    waiting is sent away, or nothing happens (tasks wait until tomorrow)."""
    capacity: Count | None = None
    """Places to wait; a caller who finds none is turned away."""
    limit: Duration | None = None
    """Longest wait before the exchange ends it."""
    balk: tuple[Balk, ...] = ()
    """Hanging up at once, by number of waiting callers."""
    offer: Offer | None = None
    """Virtual hold."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        numbers = [step.waiting for step in self.balk]
        if numbers != sorted(set(numbers)):
            raise ValueError("balk: numbers of waiting callers must rise")
        return self


class SecondLine(Part):
    """How the first line reaches the second, and what happens when it cannot.

    With a `queue` its agents are simulated; without one it is described by chances and times.
    """

    permanence: Literal["constant", "urgent", "form", "none"] = "constant"
    """`constant`: always try to transfer. `urgent`: only urgent matters, a form for the rest.
    `form`: always a form. `none`: no rule; try to transfer, as `constant`, without a rota."""
    via: Literal["consult", "blind", "conference"] = "consult"
    """`consult`: the agent rings the second line with the caller on the line. `blind`: the caller
    is put in the queue. `conference`: both agents talk with the caller, if one is free at once."""
    queue: Name | None = None
    """Queue of the second line; needed for `blind` and `conference`."""
    available: Share = 1.0
    """Chance that the specialist is there, per attempt."""
    pick_up: Duration = Field(default=0.0, validate_default=True)
    """Ringing until pick-up, if there."""
    take_back: Duration | None = None
    """Ringing after which the first line takes the caller back; never if absent."""
    ring_out: Flag = True
    """If true, an absent specialist's phone rings until the take-back; if false (shared agendas)
    the agent sees it at once."""
    layers: PositiveCount = 1
    """Layers of the organisation that are tried."""
    attempts: PositiveCount = 1
    """Attempts per layer."""
    handover: Duration = Field(default=0.0, validate_default=True)
    """Warm hand-over, both on the line."""
    talk: Duration = Field(default=0.0, validate_default=True)
    """Talk of the specialist with the caller."""
    wrap_up: Duration = Field(default=0.0, validate_default=True)
    """After-call work of the specialist."""
    patience: Duration | None = None
    """Patience in a blind transfer; the topic's if absent."""
    failed: Literal["callback", "queue", "end"] = "callback"
    """When nobody is reached: a callback; wait in the second line's queue with the agent on the
    line, at most the `limit` of that queue, then a callback if one is named; or the end of the
    call."""
    explain: Duration = Field(default=0.0, validate_default=True)
    """Talk of the first line after taking the caller back, or when the matter becomes a form."""
    callback: Name | None = None
    """Name under `callbacks` of the callback or form."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.via in ("blind", "conference") and self.queue is None and self._transfers:
            raise ValueError(f"via {self.via} needs a queue")
        if self.failed == "queue" and self.queue is None:
            raise ValueError("failed queue needs a queue")
        needs = self.failed == "callback" or self.permanence in ("urgent", "form")
        if needs and self.callback is None and self.via != "blind":
            raise ValueError(
                f"permanence {self.permanence} with failed {self.failed} needs a callback"
            )
        if self.permanence in ("urgent", "form") and self.callback is None:
            raise ValueError(f"permanence {self.permanence} needs a callback")
        if self.queue is None and self.available < 1 and self.ring_out and self.take_back is None:
            raise ValueError(
                "an absent specialist rings for ever; give take_back or ring_out=false"
            )
        return self

    @property
    def _transfers(self) -> bool:
        return self.permanence != "form"


class Callback(Part):
    """A promise to call back, or a form: who owns it, by when, and how it is worked.

    With a `queue` its owners are simulated agents; without one, `returned` and `delay` describe it.
    """

    kind: Literal["callback", "form"] = "callback"
    """Callback note or standard form."""
    queue: Name | None = None
    """Queue of the owners."""
    due_working_days: Count = 2
    """Due at the closing of this many working days after today."""
    hours: Name = "open"
    """Working hours of the owners, for due times and delays."""
    register: Duration = Field(default=0.0, validate_default=True)
    """Talk of the agent to write it down, caller on the line."""
    forgotten: Share = 0.0
    """Share that is never written down."""
    start_after: Duration = Field(default=0.0, validate_default=True)
    """Working time before the owner may start."""
    reach: Share = 1.0
    """Chance of reaching the citizen, per attempt."""
    effort: Duration = Field(default=0.0, validate_default=True)
    """Owner's time of an attempt that reaches the citizen."""
    failed_effort: Duration = Field(default=0.0, validate_default=True)
    """Owner's time of an attempt that does not."""
    attempts: PositiveCount = 3
    """Attempts before it is given up."""
    retry_after: Duration = Field(default=3600.0, validate_default=True)
    """Working time between attempts."""
    handed_out: Name | None = None
    """Hours that open with handing out what is to be done: each attempt waits for their next
    opening, so there is one a day at most, and the oldest go first. Instead of `start_after` and
    `retry_after`."""
    priority: Annotated[int, Strict(), Field(ge=-1000, le=1000)] = -1
    """Priority in the owners' queue; calls have 0."""
    returned: Share = 1.0
    """Without a queue: share that is ever returned."""
    delay: Duration = Field(default=0.0, validate_default=True)
    """Without a queue: working time until it is returned."""
    backlog: Count = 0
    """Open ones at the start of the horizon."""

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        rhythm = {"start_after": 0.0, "retry_after": 3600.0}
        clash = [
            name for name, value in rhythm.items()
            if getattr(self, name) != Deterministic(value=value)
        ]  # fmt: skip
        if self.handed_out is not None and clash:
            raise ValueError(
                f"handed_out {self.handed_out} says when attempts start; leave out {clash[0]}"
            )
        return self


class Norms(Part):
    """Which variant of each figure is the headline here, and its norm."""

    service_level: Literal["sl1", "sl2", "sl3", "sl4", "sl5", "sl6", "sl7"] = "sl2"
    """Variant of the service level (see the list of metrics)."""
    threshold: PositiveSeconds = 20.0
    """Seconds within which a call counts as answered in time."""
    goal: Share | None = None
    """Norm for it; none shows grey."""
    short_abandon: Seconds = 5.0
    """Abandoned within so many seconds is a short abandon."""
    accessibility: Literal["r1", "r2", "r3", "r4", "r5"] = "r1"
    """Variant of accessibility."""


class Survey(Part):
    """What callers are asked afterwards, and what agents write down. Calibrated, never predicted:
    the shares are those of a survey that was held; what the simulation adds is how many answer."""

    response: Share = 0.0
    """Share of answered callers who answer the survey."""
    satisfied: Share | None = None
    """Share of them that is satisfied with the answer."""
    friendly: Share | None = None
    """Share of them that was helped in a friendly way."""
    reason_logged: Share = 0.0
    """Share of answered calls of which the agent logs the reason of contact."""
