"""The contact log: what happened, as three tables of numbers. Times are integer microseconds.

contacts  one row per contact, in order of birth
legs      each stay of a contact somewhere: menu, queue, talk, hold, consult attempt, wrap-up, delay
sessions  each stretch of time an agent was there
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

NONE = -1
"""No index: nobody, nowhere, not yet."""

FOREVER = 2**62
"""A time that never comes, in microseconds."""

SECOND = 1_000_000
DAY = 86_400 * SECOND


class ContactKind(IntEnum):
    """What kind of thing a contact is; the family of its events."""

    CALL = 0
    PROBE = 1
    CALLBACK = 2
    FORM = 3
    VISIT = 4
    MAIL = 5
    CHAT = 6
    CASE = 7
    CITIZEN = 8
    """Nobody is asked anything: a citizen who may come back, between contacts."""


class Origin(IntEnum):
    """Why a contact was born."""

    FIRST = 0
    REDIAL = 1
    REPEAT = 2
    TASK = 3
    BACKLOG = 4
    STATUS = 5
    """Asks about an open task or case."""


class LegKind(IntEnum):
    """Where a contact stays. Numbers are part of stored logs."""

    MENU = 0
    QUEUE = 1
    TALK = 2
    HOLD = 3
    HANDOVER = 4
    RING = 5
    CONSULT = 6
    WRAP = 7
    DELAY = 8


class How(IntEnum):
    """How a leg ended. Numbers are part of stored logs."""

    OPEN = 0
    DONE = 1
    ANSWERED = 2
    ABANDONED = 3
    BALKED = 4
    TIMEOUT = 5
    FULL = 6
    CLOSED = 7
    HELD_PLACE = 8
    REACHED = 9
    TAKEN_BACK = 10
    NOBODY_FREE = 11
    UNKNOWN = 12
    KEY = 13
    VANISHED = 14
    """Over at a look after nobody had listened: neither how it ended is known, nor when."""


class Outcome(IntEnum):
    """How a contact ended. Numbers are part of stored logs."""

    OPEN = 0
    DIRECT = 1
    TRANSFERRED = 2
    TRANSFER_FAILED = 3
    CALLBACK = 4
    FORM = 5
    ABANDONED_QUEUE = 6
    ABANDONED_MENU = 7
    CLOSED = 8
    BLOCKED = 9
    TURNED_AWAY = 10
    RETURNED = 11
    NEVER_RETURNED = 12
    PROBED = 13
    NOT_REACHED = 14
    UNRESOLVED = 15
    FORGOTTEN = 16
    UNKNOWN = 17


contact_dtype = np.dtype(
    [
        ("kind", "i1"),  # ContactKind
        ("origin", "i1"),  # Origin
        ("outcome", "i1"),  # Outcome; OPEN if not finished
        ("topic", "i4"),  # index of the topic; what the centre records as the reason of contact
        ("parent", "i8"),  # serial of the contact this one follows from, or NONE
        ("born", "i8"),  # when it dialled, or was written down
        ("ended", "i8"),  # when it was over, or NONE
        ("due", "i8"),  # when a task should be done, or NONE
        ("truth_key", "u8"),  # the contact's key of chance; only a simulation knows it
    ]
)
"""One row per contact; its serial number is its index."""

leg_dtype = np.dtype(
    [
        ("contact", "i8"),  # serial of the contact
        ("leg", "i4"),  # ordinal among the legs of that contact, from 0
        ("kind", "i1"),  # LegKind
        ("how", "i1"),  # How
        ("place", "i2"),  # queue of QUEUE and CONSULT legs (NONE without agents), else NONE
        ("agent", "i4"),  # who answered, talked or wrapped up, or NONE
        ("second", "i4"),  # the second agent on the line, or NONE
        ("start", "i8"),
        ("end", "i8"),  # NONE while open
    ]
)
"""One row per stay. Legs of one contact follow each other, except WRAP, which runs beside them."""

session_dtype = np.dtype(
    [
        ("agent", "i4"),  # dense id of the agent
        ("group", "i4"),  # index of the group
        ("start", "i8"),
        ("end", "i8"),  # NONE while there
    ]
)
"""One row per stretch of time an agent was there."""


@dataclass(frozen=True)
class ContactLog:
    """What happened in one replication."""

    contacts: np.ndarray
    """(N,) contact_dtype."""
    legs: np.ndarray
    """(L,) leg_dtype."""
    sessions: np.ndarray
    """(S,) session_dtype."""

    def in_order(self) -> "ContactLog":
        """Return the same log with legs by contact and ordinal, sessions by start and agent."""
        legs = self.legs[np.lexsort((self.legs["leg"], self.legs["contact"]))]
        sessions = self.sessions[np.lexsort((self.sessions["agent"], self.sessions["start"]))]
        return replace(self, legs=legs, sessions=sessions)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ContactLog):
            return NotImplemented
        return (
            np.array_equal(self.contacts, other.contacts)
            and np.array_equal(self.legs, other.legs)
            and np.array_equal(self.sessions, other.sessions)
        )

    __hash__ = None  # type: ignore[assignment]
