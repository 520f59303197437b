"""A journey written by hand: a small program of steps, see steps.py for their kinds."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Strict, Tag

from simkcc.model.distribution import Duration
from simkcc.model.part import Count, Name, Part, PositiveCount, PositiveNumber, Share


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
    """Hours of an `enter`, of working time, or of the term of a `spawn`; `open` if absent."""
    asks: Literal["parent_open"] | None = None
    """What a `branch` looks at: whether the contact that gave birth to this one is still open
    (done) or over (other)."""
    phase: Literal["talk", "hold", "handover", "ring"] = "talk"
    """What a `talk` step is."""
    pause: Literal["plain", "working", "later_today", "next_day"] = "plain"
    """How a `delay` counts: by the clock, only while `hours` are open, until a moment later today
    before closing, or until a moment of the next open day."""
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
    child: (
        Literal["callback", "form", "redial", "repeat", "call", "visit", "mail", "case", "citizen"]
        | None
    ) = None
    """What a `spawn` gives birth to: a task (`callback`, `form`), a case, a new contact, or a `citizen`
    who only waits and asks."""
    child_starts: Name | None = None
    """Step at which that child starts."""
    due_working_days: Count | None = None
    """Due of a spawned task or case: the closing of so many days of `hours` after today."""
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
