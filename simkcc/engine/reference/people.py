"""A contact and an agent: all there is to know of them while something goes on."""

from dataclasses import dataclass, field

import numpy as np

from simkcc.engine.reference.clock import Signal
from simkcc.model.contact_log import NONE, ContactKind


@dataclass
class Contact:
    """A contact that is not finished. Moments and lengths are microseconds."""

    # who it is
    serial: int
    key: np.uint64
    patience_key: np.uint64
    """Its own key; that of the first call if a redial keeps the patience of its caller."""
    kind: int
    topic: int
    parent: int = NONE
    redials: int = 0
    repeats: int = 0
    children: int = 0
    visits: dict[int, int] = field(default_factory=dict)
    """Draws so far, by purpose."""

    # where it is: the leg that is open
    legs: int = 0
    """Legs begun so far: the number of the next one."""
    leg: int = NONE
    leg_kind: int = NONE
    since: int = 0
    place: int = NONE

    # while it waits in a queue
    queue: int = NONE
    join: int = NONE
    """The leg in which it joined: it tells this wait from an earlier one."""
    joined: int = 0
    priority: int = 0
    open_ranks: int = 0
    """Routes that have opened, a bit for each rank."""
    virtual: bool = False
    """Whether the caller has hung up and holds a place."""
    balks: bool = False
    wake: Signal | None = None
    """What ends the wait; it succeeds with how."""

    # whom and what it occupies
    has_line: bool = False
    agent: int = NONE
    second: int = NONE
    speed: float = 1.0
    """How fast its agent works on it."""
    switching: int = 0
    """What it costs its agent to come from another channel, until the talk begins."""

    @property
    def ghost(self) -> bool:
        """Return whether this is a probe, which occupies nobody and counts nowhere."""
        return self.kind == ContactKind.PROBE

    @property
    def turn(self) -> tuple[int, int, int]:
        """Return the key of its place in a queue."""
        return (-self.priority, self.joined, self.serial)


@dataclass
class Agent:
    """One agent. Moments are microseconds."""

    number: int
    group: int
    there: bool = False
    """Whether logged on."""
    wanted: bool = False
    """Whether on the roster now, and not absent."""
    busy: bool = False
    since: int = 0
    """Free since then."""
    session: int = NONE
    """Logged on since then."""
    channel: int = NONE
    """Kind of the last contact."""
    wrap: tuple[int, int, int] | None = None
    """Contact, leg and start of the after-call work under way."""
