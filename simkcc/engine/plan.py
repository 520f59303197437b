"""Plan: a scenario as tables of numbers. Nothing below knows a name or a policy.

Rows refer to rows by index, NONE is no row. Times are microseconds since local midnight of the
first day; durations inside distributions are ticks.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from simkcc.routing.tables import pull_dtype, route_dtype

step_dtype = np.dtype(
    [
        ("kind", "i8"),  # StepKind
        ("target", "i8"),  # QUEUE, CONSULT: queue; SPAWN: child's first step; END: Outcome
        ("dist", "i8"),  # stay, patience, talk, pick-up, wrap-up or delay; NONE = zero or endless
        ("rival", "i8"),  # hang-up of MENU, take-back of CONSULT; NONE = never
        ("purpose", "i8"),  # Purpose of the draw from dist
        ("rival_purpose", "i8"),  # Purpose of the draw from rival
        ("exit_purpose", "i8"),  # Purpose of the choice among the exits
        ("done", "i8"),  # first row of the exits taken when the step succeeds
        ("other", "i8"),  # … when it fails
        ("third", "i8"),  # … see StepKind
        ("fourth", "i8"),
        (
            "mode",
            "i8",
        ),  # TALK: Phase; DELAY: Pause; WRAP: Release; SPAWN: Origin; BRANCH: Asks; CONSULT: 1 = the
        #                  phone of an absent specialist rings until the take-back
        ("hours", "i8"),  # ENTER, DELAY, SPAWN (due): hours
        ("number", "i8"),  # QUEUE: priority; CONSULT: attempts; SPAWN: at most so many of this kind
        ("child", "i8"),  # SPAWN: ContactKind of the child; NONE = the parent's
        (
            "due_days",
            "i8",
        ),  # SPAWN: due at the closing of so many working days after; NONE = no due
        ("share", "f8"),  # CONSULT: chance that the specialist is there; SPAWN of a redial: 1 = it
        #                   keeps the patience of the first attempt
        ("factor", "f8"),  # multiplies the drawn duration
    ]
)
"""One row per step of a journey."""

exit_dtype = np.dtype([("below", "f8"), ("step", "i8")])
"""Exits of a step: the first row whose `below` exceeds the uniform; the last has below 1."""

dist_dtype = np.dtype(
    [
        ("table", "i8"),  # row of tables; NONE if atoms are all
        ("first_atom", "i8"),
        ("last_atom", "i8"),  # inclusive
        ("mass", "f8"),  # share of the atoms
        ("selector", "i8"),  # first row of selectors, if it depends on the time; else NONE
    ]
)
atom_dtype = np.dtype([("below", "f8"), ("value", "f8")])
selector_dtype = np.dtype([("hours", "i8"), ("then", "i8")])


class AtClose(IntEnum):
    """What happens to a queue when its hours end."""

    RUN_OUT = 0
    CLEAR = 1
    KEEP = 2


queue_dtype = np.dtype(
    [
        ("at_close", "i8"),  # AtClose
        ("capacity", "i8"),  # places to wait; NONE = any number
        ("limit", "i8"),  # distribution of the longest wait; NONE = none
        ("offer", "i8"),  # distribution of the wait until a place is offered; NONE = never
        ("accept", "f8"),  # share that accepts
        ("first_balk", "i8"),
        ("last_balk", "i8"),  # exclusive
    ]
)
balk_dtype = np.dtype([("waiting", "i8"), ("share", "f8")])

group_dtype = np.dtype(
    [
        ("first_agent", "i8"),
        ("n_agents", "i8"),  # most agents it ever has; ids first_agent … first_agent + n_agents - 1
        ("choice", "i8"),  # AgentChoice
        ("pick", "i8"),  # QueuePick
        ("speed", "f8"),
        ("switching", "i8"),  # extra time of the first talk after a contact of another kind
        ("absence", "f8"),  # chance of being absent, per agent and date
        ("key", "u8"),  # identity, for draws of absence
    ]
)

hours_dtype = np.dtype([("first", "i8"), ("last", "i8")])
"""Rows of spans of one calendar of hours, last exclusive."""
span_dtype = np.dtype([("start", "i8"), ("end", "i8")])
"""Open spans in order of time; a span lies within one day."""


class ChangeKind(IntEnum):
    """What changes at a stated time; at equal times the lower comes first."""

    HOURS = 0
    ROSTER = 1
    CLEAR = 2


change_dtype = np.dtype(
    [
        ("at", "i8"),
        ("kind", "i8"),  # ChangeKind
        ("subject", "i8"),  # hours, group or queue
        ("level", "i8"),  # HOURS: 1 opens, 0 closes; ROSTER: agents
    ]
)

stream_dtype = np.dtype(
    [
        ("key", "u8"),  # identity
        ("entry", "i8"),  # first step of the journey
        ("kind", "i8"),  # ContactKind
        ("origin", "i8"),  # Origin
        ("topic", "i8"),
        ("busyness", "i8"),  # distribution of the day's factor, in millionths of a tick; NONE = 1
        ("busyness_key", "u8"),  # identity of what shares the factor
        ("first_moment", "i8"),  # rows of moments, instead of rates; NONE = rates
        ("last_moment", "i8"),  # exclusive
        ("due_days", "i8"),
        ("hours", "i8"),  # for the due time
    ]
)
piece_dtype = np.dtype(
    [
        ("at", "i8"),  # since midnight of the date
        ("expected", "f8"),  # number of arrivals expected since that midnight, busyness 1
    ]
)
"""Cumulative rate of a date, linear between rows; a row with at = NONE ends it."""

settings_dtype = np.dtype(
    [
        ("seed", "u8"),
        ("replication", "u8"),
        ("first_date", "i8"),  # proleptic ordinal of the first day
        ("n_days", "i8"),  # days with arrivals
        ("tick", "i8"),  # microseconds
        ("day", "i8"),  # microseconds of a day
        ("until", "i8"),  # end of the horizon
        ("run_out", "i8"),  # 1: go on until every contact is done
        ("lines", "i8"),  # trunks; NONE = unlimited
        ("start", "i8"),  # when the run begins: what was due before is past, see given.py
        ("warm_up", "i8"),  # statistics count contacts born from here on
        ("thresholds", "i8", (4,)),  # waits that statistics count as within
    ]
)

given_dtype = np.dtype(
    [
        ("kind", "i8"),  # ContactKind
        ("origin", "i8"),  # Origin
        ("outcome", "i8"),  # OPEN, or what became of it: then only an agent still wraps up
        ("topic", "i8"),
        ("parent", "i8"),  # row of given of the contact it follows from, or NONE
        ("born", "i8"),
        ("ended", "i8"),  # NONE unless it is over
        ("due", "i8"),
        ("ways", "i8"),  # first row of exits: the steps it may be in, drawn; NONE if it is over
        ("since", "i8"),  # start of that step; NONE: it starts the step anew
        ("joined", "i8"),  # when it joined the queue it waits in
        ("virtual", "i8"),  # 1: holds a place without a line
        ("line", "i8"),  # 1: occupies a trunk
        ("agent", "i8"),  # who is on the line with it, or NONE
        ("second", "i8"),
        ("speed", "f8"),  # of the agent who answered
        ("legs", "i8"),  # its legs in the log at the start, after-call work included
    ]
)
"""Contacts that are there when the run starts; the row is the serial number."""

present_dtype = np.dtype(
    [
        ("agent", "i8"),
        ("there", "i8"),  # 1: there; 0: not, whatever the roster says
        ("since", "i8"),  # free since
        ("channel", "i8"),  # kind of the contact answered last, or NONE
        ("contact", "i8"),  # row of given after which the agent wraps up, or NONE
        ("ways", "i8"),  # first row of exits: the WRAP steps it may be
        ("wraps", "i8"),  # since when
        ("leg", "i8"),  # ordinal of that leg
        ("speed", "f8"),
    ]
)
"""Agents of whom something is known when the run starts; the others follow the roster."""

TABLES = (
    "steps", "exits", "dists", "atoms", "tables", "selectors", "queues", "balks", "routes", "pulls",
    "groups", "hours", "spans", "changes", "streams", "days", "pieces", "moments", "settings",
)  # fmt: skip
"""Names of the plan's tables, in the order in which compiled code takes them."""


@dataclass(frozen=True)
class Plan:
    """Every table of one centre in one variant, and the names of its rows."""

    steps: np.ndarray
    exits: np.ndarray
    dists: np.ndarray
    atoms: np.ndarray
    tables: np.ndarray
    """(T, NODES) float32: quantiles in ticks, see chance.quantile."""
    selectors: np.ndarray
    queues: np.ndarray
    balks: np.ndarray
    routes: np.ndarray
    pulls: np.ndarray
    groups: np.ndarray
    hours: np.ndarray
    spans: np.ndarray
    changes: np.ndarray
    streams: np.ndarray
    days: np.ndarray
    """(S, D) i8: first row of pieces of each stream and date, or NONE."""
    pieces: np.ndarray
    moments: np.ndarray
    """i8: stated moments of arrival."""
    settings: np.ndarray
    """(1,) settings_dtype."""
    topics: tuple[str, ...]
    topic_queues: tuple[int, ...]
    """Queue of each topic; NONE if its journey is written by hand."""
    queue_names: tuple[str, ...]
    group_names: tuple[str, ...]
    hours_names: tuple[str, ...]
    stream_names: tuple[str, ...]
    labels: tuple[str, ...]
    """What each step is, in words, for people."""
    given: np.ndarray = field(default_factory=lambda: np.zeros(0, given_dtype))
    present: np.ndarray = field(default_factory=lambda: np.zeros(0, present_dtype))

    def __post_init__(self) -> None:
        """Freeze the tables."""
        for name in (*TABLES, "given", "present"):
            getattr(self, name).flags.writeable = False

    @property
    def resumes(self) -> bool:
        """Return whether the run starts from a given state, or later than the first midnight."""
        return bool(len(self.given) or len(self.present) or self.settings[0]["start"])

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the tables in the order in which compiled code takes them."""
        return tuple(getattr(self, name) for name in TABLES)

    @property
    def n_agents(self) -> int:
        """Return the number of agents of all groups."""
        return int(self.groups["n_agents"].sum())

    def group_of(self) -> np.ndarray:
        """Return the group of each agent."""
        return np.repeat(np.arange(len(self.groups)), self.groups["n_agents"])

    def seeded(self, seed: int, replication: int) -> "Plan":
        """Return the same plan for another seed and replication; all other tables are shared."""
        settings = self.settings.copy()
        settings["seed"] = seed
        settings["replication"] = replication
        return replace(self, settings=settings)


DTYPES = {
    "steps": step_dtype, "exits": exit_dtype, "dists": dist_dtype, "atoms": atom_dtype,
    "selectors": selector_dtype, "queues": queue_dtype, "balks": balk_dtype,
    "groups": group_dtype, "hours": hours_dtype, "spans": span_dtype, "changes": change_dtype,
    "streams": stream_dtype, "pieces": piece_dtype, "routes": route_dtype, "pulls": pull_dtype,
    "settings": settings_dtype,
}  # fmt: skip
"""The dtype of each structured table; `tables` is float32 (T, NODES), `days` and `moments` i8."""
