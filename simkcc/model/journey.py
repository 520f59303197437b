"""A journey is a small program of steps: the kinds of step, and how one is written by hand."""

from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Strict, Tag

from simkcc.model.distribution import Duration
from simkcc.model.part import Count, Name, Part, PositiveCount, PositiveNumber, Share


class StepKind(IntEnum):
    """What a row of a journey does. Exits are named done, other, third, fourth."""

    ENTER = 0
    """Dial in. done: a line is taken; other: closed; third: all lines busy."""
    MENU = 1
    """Listen. done: chose; other: hung up."""
    QUEUE = 2
    """Wait for an agent. done: answered; other: abandoned; third: sent away (full, too long,
    closing); fourth: answered after hanging up with a place held."""
    TALK = 3
    """Talk, hold or hand over, for a time. done: over."""
    CONSULT = 4
    """The agent rings the second line. done: someone is on the line; other: nobody was reached."""
    WRAP = 5
    """An agent leaves the contact and does after-call work; the contact goes on. done: at once."""
    SPAWN = 6
    """A child contact is born: task, redial, repeat. done: at once."""
    DELAY = 7
    """Nothing happens for a time. done: over."""
    BRANCH = 8
    """Nothing happens at all; only a choice of exit. done: at once."""
    END = 9
    """The contact is over."""


class Phase(IntEnum):
    """What a TALK step is, for the log and the screens."""

    TALK = 0
    HOLD = 1
    HANDOVER = 2
    RING = 3


class Pause(IntEnum):
    """How a DELAY step counts time."""

    PLAIN = 0
    """By the clock."""
    WORKING = 1
    """Only while the hours are open."""
    LATER_TODAY = 2
    """To a uniform moment before closing; to one in the next open day if it is closed."""
    NEXT_DAY = 3
    """To a uniform moment in the hours of the next open day."""


class Release(IntEnum):
    """Which agent a WRAP step lets go."""

    FIRST = 0
    LAST = 1


def _exit_form(value: Any) -> str:
    return "shares" if isinstance(value, dict) else "name"


Exit = Annotated[
    Annotated[Name, Tag("name")] | Annotated[dict[Name, Share], Tag("shares")],
    Discriminator(_exit_form),
]
"""The next step, or several with their shares."""


class JourneyStep(Part):
    """One step of a journey written by hand. The first step of a journey is where it starts.

    An exit names the next step, or several with their shares: `{ talk = 0.8, consult = 0.2 }`.
    """

    step: Literal[
        "enter", "menu", "queue", "talk", "consult", "wrap", "spawn", "delay", "branch", "end"
    ]
    """Kind of step."""
    duration: Duration | None = None
    """Menu stay, patience, talk, ringing until pick-up, after-call work or delay."""
    cut_short: Duration | None = None
    """What may end it first: hanging up in the menu, the longest wait, the take-back."""
    queue: Name | None = None
    """Queue to join, or whose agents are consulted."""
    hours: Name | None = None
    """Hours of an `enter` or of working time."""
    phase: Literal["talk", "hold", "handover", "ring"] = "talk"
    """What a `talk` step is."""
    pause: Literal["plain", "working", "later_today", "next_day"] = "plain"
    """How a `delay` counts."""
    release: Literal["first", "last"] = "last"
    """Which agent a `wrap` lets go."""
    priority: Annotated[int, Strict(), Field(ge=-1000, le=1000)] = 0
    """Priority in the queue."""
    share: Share = 1.0
    """Chance that a consulted specialist is there."""
    times: PositiveCount = 1
    """Attempts of a `consult`; redials or repeats of one caller by a `spawn`."""
    factor: PositiveNumber = 1.0
    """Multiplies the duration."""
    child: Literal["callback", "form", "redial", "repeat"] | None = None
    """What a `spawn` gives birth to."""
    child_starts: Name | None = None
    """Step at which that child starts."""
    due_working_days: Count | None = None
    """Due of a spawned task: the closing of so many working days after today."""
    outcome: str | None = None
    """Outcome of an `end`."""
    done: Exit | None = None
    """Next step."""
    other: Exit | None = None
    """Next step if it fails (see the kinds of step)."""
    third: Exit | None = None
    """Next step of the third exit."""
    fourth: Exit | None = None
    """Next step of the fourth exit."""
