"""The vocabulary of events: what is happening, and the order of what happens at once."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from simkcc.model.contact_log import NONE, ContactKind


class Due(IntEnum):
    """Kinds of things that fall due in an engine; at equal times the lower happens first.

    The order is policy. Where two things meet in the same microsecond the reading is the
    pessimistic one: patience ends before an agent comes free, the exchange's limit before that
    agent too, those who finish at a shift's end go home, and whoever arrives at the closing hour
    finds the doors closed.
    """

    PATIENCE_END = 0
    """A waiting caller hangs up."""
    LIMIT = 1
    """The exchange ends a wait that has lasted too long."""
    STEP_END = 2
    """A menu, talk, consult attempt or delay is over; subject: the contact."""
    WRAP_END = 3
    """After-call work is over; subject: the agent."""
    CHANGE = 4
    """Hours open or close, a roster rises or falls, a queue is cleared (in this order)."""
    OFFER = 5
    """A waiting caller is offered to hold a place."""
    ROUTE_OPEN = 6
    """A further group may answer a waiting contact: overflow."""
    BIRTH = 7
    """A task, redial or repeat starts its journey."""
    ARRIVAL = 8
    """A stream's next contact arrives; subject: the stream."""


class Happening(Enum):
    """What can be said about a contact, an agent or a stream: the second half of an event's type.

    The value is (word, rank): within one contact and leg, events of the same microsecond stand in
    order of rank.
    """

    ARRIVED = ("arrived", 0)
    CLOSED = ("closed", 1)
    BLOCKED = ("blocked", 1)
    MENU_ENTERED = ("menu_entered", 2)
    MENU = ("menu", 6)
    QUEUED = ("queued", 2)
    OFFERED = ("offered", 3)
    REFUSED = ("refused", 4)
    ANSWERED = ("answered", 6)
    LEFT = ("left", 6)
    TALKING = ("talking", 2)
    HELD = ("held", 2)
    RESUMED = ("resumed", 6)
    HANDOVER = ("handover", 2)
    RINGING = ("ringing", 2)
    CONSULTED = ("consulted", 2)
    TRANSFERRED = ("transferred", 6)
    TAKEN_BACK = ("taken_back", 6)
    WRAP_UP = ("wrap_up", 2)
    WRAPPED_UP = ("wrapped_up", 6)
    WAITING = ("waiting", 2)
    AMENDED = ("amended", 7)
    RECORD = ("record", 7)
    REASON = ("reason", 7)
    ENDED = ("ended", 8)
    STATE = ("state", 0)
    QUEUE = ("queue", 1)
    SNAPSHOT = ("snapshot", 0)
    GAP = ("gap", 1)
    HEARTBEAT = ("heartbeat", 2)
    INTERVAL = ("interval", 0)
    CHANGED = ("changed", 0)

    def __init__(self, word: str, rank: int) -> None:
        self.word = word
        self.rank = rank


FAMILIES = {
    "call": ContactKind.CALL,
    "probe": ContactKind.PROBE,
    "callback": ContactKind.CALLBACK,
    "task": ContactKind.FORM,
    "visit": ContactKind.VISIT,
    "mail": ContactKind.MAIL,
    "chat": ContactKind.CHAT,
    "case": ContactKind.CASE,
    "agent": None,
    "stream": None,
    "metrics": None,
    "scenario": None,
}
"""First half of an event's type, and the kind of contact it speaks of."""

FAMILY_OF = {kind: family for family, kind in FAMILIES.items() if kind is not None}

WORDS = {
    ("callback", Happening.ARRIVED): "requested",
    ("callback", Happening.ANSWERED): "attempted",
    ("callback", Happening.ENDED): "closed",
    ("task", Happening.ARRIVED): "opened",
    ("task", Happening.ANSWERED): "attempted",
    ("task", Happening.ENDED): "closed",
    ("case", Happening.ARRIVED): "opened",
    ("case", Happening.ENDED): "closed",
    ("mail", Happening.ARRIVED): "received",
}
"""Where a family has a word of its own."""


def type_name(family: str, what: Happening) -> str:
    """Return the type of an event, such as `call.queued` or `callback.requested`."""
    return f"{family}.{WORDS.get((family, what), what.word)}"


TYPES = {type_name(family, what): (family, what) for family in FAMILIES for what in Happening}
"""Every type by its name. Types no source emits yet are reserved, not wrong."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Only what cannot be derived; no field can hold a caller's number.

    Whole fields are indices into the names of the plan or the pseudonyms of a source.
    """

    at: int
    """When, in microseconds."""
    family: str
    """`call`, `callback`, `agent`, …; see FAMILIES."""
    what: Happening
    """What happened."""
    contact: int = NONE
    """Serial of the contact."""
    leg: int = NONE
    """Ordinal of the leg it is about."""
    place: int = NONE
    """Queue."""
    agent: int = NONE
    """Agent, or the first of two."""
    second: int = NONE
    """Second agent on the line."""
    code: int = NONE
    """How a leg ended, the outcome of a contact, the origin of an arrival, the group of an agent's
    session; what the happening says."""
    topic: int = NONE
    """Reason of contact."""
    parent: int = NONE
    """Contact this one follows from."""
    due: int = NONE
    """When a task should be done, in microseconds."""
    key: int = 0
    """Key of chance; only a simulation knows it."""

    @property
    def type(self) -> str:
        """Return the type, such as `call.queued`."""
        return type_name(self.family, self.what)

    @property
    def order(self) -> tuple[int, int, int, int, int]:
        """Return the key by which a list of events is put in its one order."""
        return (self.at, self.contact, self.leg, self.what.rank, self.agent)
