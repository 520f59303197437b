"""The vocabulary of events: what is happening, and the order of what happens at once."""

from enum import Enum, IntEnum
from typing import NamedTuple

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
    GIVEN = 9
    """A run starts from a given state: whoever waits in it is answered if somebody is free."""


class Happening(Enum):
    """What can be said about a contact, an agent or a stream: the second half of an event's type.

    The value is (word, rank, meaning): within one contact and leg, events of the same microsecond
    stand in order of rank.
    """

    ARRIVED = (
        "arrived",
        0,
        "It dialled in, or was written down: origin in `code`, `topic`, `parent`, `due`, `key`.",
    )
    CLOSED = ("closed", 1, "It found the doors closed.")
    BLOCKED = ("blocked", 1, "It found all lines busy.")
    MENU_ENTERED = ("menu_entered", 2, "The menu starts to play.")
    MENU = ("menu", 6, "The caller chose; how in `code`.")
    QUEUED = (
        "queued",
        2,
        "It joined the queue `place`; `second` is the agent on the line with it.",
    )
    OFFERED = ("offered", 3, "The phone of `agent` rings for it.")
    REFUSED = ("refused", 4, "`agent` did not take it.")
    ANSWERED = ("answered", 6, "`agent` took it from the queue `place`; how in `code`.")
    LEFT = ("left", 6, "It left a menu, or the queue `place`, without an answer; how in `code`.")
    TALKING = ("talking", 2, "It talks with `agent`, and with `second` if there are two.")
    HELD = ("held", 2, "It is on hold while `agent` looks something up.")
    RESUMED = ("resumed", 6, "The hold is over.")
    HANDOVER = ("handover", 2, "`agent` tells `second` what it is about.")
    RINGING = ("ringing", 2, "The phone of someone called back rings.")
    CONSULTED = (
        "consulted",
        2,
        "`agent` rings the second line in the queue `place`; `second` if somebody is reserved.",
    )
    TRANSFERRED = ("transferred", 6, "The second line picked up; how in `code`.")
    TAKEN_BACK = (
        "taken_back",
        6,
        "The second line did not pick up, or nobody was free; how in `code`.",
    )
    WRAP_UP = ("wrap_up", 2, "`agent` starts after-call work; the contact goes on without.")
    WRAPPED_UP = ("wrapped_up", 6, "`agent` finished after-call work.")
    WAITING = ("waiting", 2, "Nothing happens to it until a moment: a task rests.")
    AMENDED = ("amended", 7, "Something said about it before was wrong.")
    RECORD = ("record", 7, "All about it at once, from a source that tells afterwards.")
    REASON = ("reason", 7, "What it was about: `topic`.")
    ENDED = ("ended", 8, "It is over; outcome in `code`, number of its legs in `leg`.")
    STATE = (
        "state",
        0,
        "`agent` of the group `place` is there from now on (`code` 1), or no longer (`code` 0).",
    )
    QUEUE = ("queue", 1, "`agent` joined or left the queue `place`.")
    SNAPSHOT = ("snapshot", 0, "Who waits and who is there, as the source sees it.")
    GAP = ("gap", 1, "The source missed something.")
    HEARTBEAT = ("heartbeat", 2, "The source is alive.")
    INTERVAL = ("interval", 0, "Counts of an interval, from a source that tells no more.")
    CHANGED = (
        "changed",
        0,
        "Somebody changed the scenario of a running simulation: what in `code`, of which group, "
        "queue, topic or second line in `place`, how much in `leg`.",
    )
    TALKED = (
        "talked",
        6,
        "`agent` is done with it, but it may go on; whether its end was seen in `code`.",
    )

    def __init__(self, word: str, rank: int, meaning: str) -> None:
        self.word = word
        self.rank = rank
        self.meaning = meaning

    __hash__ = object.__hash__
    """There is one object of each word, and they are looked up for every event."""


FAMILIES = {
    "call": ContactKind.CALL,
    "probe": ContactKind.PROBE,
    "callback": ContactKind.CALLBACK,
    "task": ContactKind.FORM,
    "visit": ContactKind.VISIT,
    "mail": ContactKind.MAIL,
    "chat": ContactKind.CHAT,
    "case": ContactKind.CASE,
    "citizen": ContactKind.CITIZEN,
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
    ("callback", Happening.CLOSED): "found_closed",
    ("task", Happening.ARRIVED): "opened",
    ("task", Happening.ANSWERED): "attempted",
    ("task", Happening.ENDED): "closed",
    ("task", Happening.CLOSED): "found_closed",
    ("case", Happening.ARRIVED): "opened",
    ("case", Happening.ENDED): "closed",
    ("case", Happening.CLOSED): "found_closed",
    ("mail", Happening.ARRIVED): "received",
}
"""Where a family has a word of its own."""


def type_name(family: str, what: Happening) -> str:
    """Return the type of an event, such as `call.queued` or `callback.requested`."""
    return f"{family}.{WORDS.get((family, what), what.word)}"


TYPES = {type_name(family, what): (family, what) for family in FAMILIES for what in Happening}
"""Every type by its name. Types no source emits yet are reserved, not wrong."""


class Event(NamedTuple):
    """Something that happened. Only what cannot be derived; no field can hold a caller's number.

    A tuple, because they come by the million. Whole fields are indices into the names of the plan or the pseudonyms of a source.
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
    def order(self) -> tuple[int, int, int, int, int, int, int, str]:
        """Return the key by which a list of events is put in its one order.

        No two events of one run share it: who goes home and comes back at once goes first, because
        being gone is code 0.
        """
        return (
            self.at, self.contact, self.leg, self.what.rank, self.agent, self.place, self.code,
            self.family,
        )  # fmt: skip


def vocabulary() -> str:
    """Return what can be said as a Markdown table: word, families with a word of their own, meaning."""
    own: dict[Happening, list[str]] = {}
    for family, what in WORDS:
        own.setdefault(what, []).append(f"`{type_name(family, what)}`")
    rows = ["| word | but | meaning |", "|---|---|---|"]
    for what in Happening:
        rows.append(f"| `{what.word}` | {', '.join(own.get(what, []))} | {what.meaning} |")
    return "\n".join(rows) + "\n"
