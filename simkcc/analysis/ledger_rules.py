"""What the ledger knows of events: which legs they start and end, which codes they may carry, why one
is rejected.
"""

from enum import StrEnum

from simkcc.engine import trace
from simkcc.model.contact_log import NONE, How, LegKind, Origin, Outcome
from simkcc.model.events import FAMILIES, Happening


class Rejection(StrEnum):
    """Why an event is not part of the log. The first two are final; what comes later may mend the
    others.
    """

    RESERVED = "reserved"
    """Its type is unknown, or nothing here applies it yet."""
    MALFORMED = "malformed"
    """A number is missing, or cannot be."""
    CONTRADICTED = "contradicted"
    """Another event says something else about the same thing; the earlier one counts."""
    UNKNOWN_CONTACT = "unknown contact"
    """Its contact has not arrived."""
    NOT_STARTED = "not started"
    """It ends a leg that has not started, or is not one that ends so; or an agent left who was
    not there."""
    TOO_EARLY = "too early"
    """It happened before what must come before it."""
    AFTER_END = "after the end"
    """It is about a leg behind the last of a contact that is over."""
    ALREADY_THERE = "already there"
    """An agent came who was there."""
    RETIRED = "retired"
    """It is about a day that was put away."""


STARTS = {what: kind for kind, what in trace.STARTS.items()}
"""The leg that starts so. WRAP runs beside the others; of those one ends when the next starts."""

ENDS = {
    Happening.MENU: (LegKind.MENU,),
    Happening.ANSWERED: (LegKind.QUEUE,),
    Happening.LEFT: (LegKind.MENU, LegKind.QUEUE),
    Happening.TRANSFERRED: (LegKind.CONSULT,),
    Happening.TAKEN_BACK: (LegKind.CONSULT,),
    Happening.WRAPPED_UP: (LegKind.WRAP,),
    Happening.TALKED: (LegKind.TALK, LegKind.HOLD),
}
"""The legs that may end so."""

TOLD = (LegKind.MENU, LegKind.QUEUE, LegKind.CONSULT)
"""Legs whose end is told; if it is not, nobody knows how they ended."""

TURNED_AWAY = {Happening.CLOSED: Outcome.CLOSED, Happening.BLOCKED: Outcome.BLOCKED}

CODES = {
    **dict.fromkeys((*STARTS, *TURNED_AWAY, Happening.WRAPPED_UP), (NONE, NONE)),
    Happening.ARRIVED: (min(Origin), max(Origin)),
    Happening.MENU: (How.DONE, How.DONE),
    Happening.ANSWERED: (How.ANSWERED, How.ANSWERED),
    Happening.LEFT: (How.ABANDONED, max(How)),
    Happening.TRANSFERRED: (How.REACHED, How.REACHED),
    Happening.TAKEN_BACK: (How.TAKEN_BACK, How.UNKNOWN),
    Happening.TALKED: (How.DONE, How.UNKNOWN),
    Happening.ENDED: (Outcome.DIRECT, max(Outcome)),
}
"""What may be said of a contact, with the lowest and highest code. All else is reserved."""

VAGUE = {
    Happening.LEFT: (How.VANISHED, How.UNKNOWN), Happening.TALKED: (How.UNKNOWN,),
    Happening.ENDED: (Outcome.UNKNOWN,),
}  # fmt: skip
"""Codes, the vaguest first, that say it is over but not how. Whoever knows better later fills that in:
no contradiction."""

BEGUN = (Happening.QUEUED, Happening.ANSWERED, Happening.TALKING)
"""What may be told of by whoever only met it under way: then `due` says that it began by then, and
whoever knows since when fills that in: no contradiction."""

ABOUT_THE_STREAM = (Happening.GAP, Happening.HEARTBEAT, Happening.INTERVAL)
"""What a source says of itself: for whoever shows the log, not for the log."""

INT16, INT32, UINT64 = 2**15, 2**31, 2**64

RANKS = 16
"""More than there are ranks. An event about a leg has the slot leg * RANKS + rank in the file of its
contact, so that sorted slots tell the story."""

ARRIVAL, AWAY, END = -1, INT32 * RANKS, INT32 * RANKS + 1
"""Slots of what is said once per contact."""

ONCE = {
    Happening.ARRIVED: ARRIVAL, Happening.CLOSED: AWAY, Happening.BLOCKED: AWAY,
    Happening.ENDED: END,
}  # fmt: skip

RULES = {
    what: (int(least), int(most), ONCE.get(what, what.rank), 0 if what in ONCE else RANKS)
    for what, (least, most) in CODES.items()
}
"""Lowest and highest code; slot of leg 0, and distance to the slot of the next leg."""

START_RANK = Happening.QUEUED.rank

KINDS = {family: int(kind) for family, kind in FAMILIES.items() if kind is not None}
