"""Everything the kernel knows at a moment: arrays that can be copied, and grown when they fill."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from simkcc.engine import memory
from simkcc.engine.chance import N_PURPOSES
from simkcc.engine.heap import NEVER, due_dtype
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import FOREVER, NONE, contact_dtype, leg_dtype, session_dtype


class Status(IntEnum):
    """Why the kernel came back."""

    REACHED = 0
    """The time asked for was reached."""
    FINISHED = 1
    """Nothing is left to happen."""
    FULL = 2
    """A table has too little room for the next event; grow it and go on."""


class Presence(IntEnum):
    """Whether an agent is there."""

    OFF = 0
    IDLE = 1
    BUSY = 2


clock_dtype = np.dtype(
    [
        ("now", "i8"),
        ("born", "i8"),  # contacts so far: the next serial
        ("live", "i8"),  # contacts and wrap-ups not finished
        ("waiting", "i8"),  # contacts in queues, probes included
        ("free", "i8"),  # first unused row of `live`, or NONE
        ("due", "i8"),  # size of the heap
        ("gap", "i8"),  # 1: the first of the heap has happened, and its row is not yet used again
        ("rows", "i8"),  # rows of `live` in use
        ("shut", "i8"),  # groups with nobody rostered
        ("bucket", "i8"),  # half hour of the week of `now`, for the statistics
        ("bucket_end", "i8"),  # when it is over
        (
            "joined",
            "i8",
        ),  # row of `live` that joined a queue and for whom nothing is due yet, or NONE
        ("deadlines", "i8"),  # size of the heap of what may end a wait
        ("stirred", "i8"),  # answers that may have become possible, see answer_next
        ("change", "i8"),  # next row of changes
        ("lines", "i8"),  # trunks in use
        ("legs", "i8"),  # rows written
        ("sessions", "i8"),
        ("logging", "i8"),  # 1: write the contact log; 0: statistics only
        ("events", "i8"),  # things that fell due so far
    ]
)

live_dtype = np.dtype(
    [
        ("serial", "i8"),  # NONE if the row is unused
        ("key", "u8"),
        ("patience_key", "u8"),  # the first attempt's, if redials keep their patience
        ("kind", "i8"),  # ContactKind
        ("topic", "i8"),
        ("born", "i8"),
        ("born_bucket", "i8"),  # half hour of the week, see statistics.bucket_of
        ("speed", "f8"),  # of the agent who answered last
        # zero at birth; together, so that they are cleared together
        ("redials", "i8"),
        ("repeats", "i8"),
        ("children", "i8"),
        ("legs", "i8"),  # legs so far: the next ordinal
        ("virtual", "i8"),  # 1: holds a place without a line
        ("line", "i8"),  # 1: occupies a trunk
        ("attempts", "i8"),  # consult attempts of this step
        ("visits", "i8"),  # queues joined so far
        ("switching", "i8"),  # extra time of its next talk: the agent comes from another channel
        # NONE at birth
        ("leg_kind", "i8"),  # LegKind of the leg it is in; NONE if in none
        ("queue", "i8"),  # queue it waits in, or NONE
        ("agent", "i8"),
        ("second", "i8"),
        ("human", "i8"),  # when an agent first answered, or NONE
        ("place", "i8"),  # row of `deadlines`, or NONE
        ("parent", "i8"),  # row of `live` of the contact that gave birth to it, or NONE
        # written before they are read
        ("step", "i8"),
        ("parent_serial", "i8"),  # its serial: the row may be used again
        ("result", "i8"),  # first exit row to take when the step ends
        ("leg", "i8"),  # ordinal of the leg it is in
        ("since", "i8"),  # start of that leg
        ("since_bucket", "i8"),
        ("join", "i8"),  # ordinal of the leg with which it joined the queue
        ("joined", "i8"),  # when
        ("joined_bucket", "i8"),
        ("priority", "i8"),
        ("open_ranks", "i8"),  # bit r: route r is open
        ("later_ranks", "i8"),  # bit r: route r opens later, see opens
        ("gives_up", "i8"),  # when patience ends
        ("sent_away", "i8"),  # when the exchange ends the wait
        ("offered", "i8"),  # when it is offered to hold a place
        ("balks", "i8"),  # 1: leaves at once if not answered at once
        ("before", "i8"),  # neighbours in the queue
        ("behind", "i8"),
    ]
)

waiting_dtype = np.dtype(
    [
        ("head", "i8"),
        ("tail", "i8"),
        ("length", "i8"),  # all contacts
        ("real", "i8"),  # without probes
    ]
)

team_dtype = np.dtype(
    [
        ("head", "i8"),  # first free agent
        ("tail", "i8"),
        ("level", "i8"),  # rostered
        ("ready", "i8"),  # waiting contacts for whom a route to this group is open
        ("picks", "i8"),  # contacts answered, probes not counted: visits of the weighted choice
    ]
)

agent_dtype = np.dtype(
    [
        ("group", "i8"),
        ("presence", "i8"),  # Presence
        ("wanted", "i8"),  # 1: on the roster now; a busy agent who is not goes home when free
        ("since", "i8"),  # free since
        ("session", "i8"),  # there since
        ("session_bucket", "i8"),
        ("before", "i8"),  # neighbours in the list of free agents
        ("behind", "i8"),
        ("contact", "i8"),  # serial of the contact of the after-call work, or NONE
        ("leg", "i8"),  # ordinal of that leg
        ("start", "i8"),  # its start
        ("start_bucket", "i8"),
        ("topic", "i8"),
        ("born", "i8"),  # birth of that contact
        ("channel", "i8"),  # kind of the contact answered last, or NONE
    ]
)

flow_dtype = np.dtype(
    [
        ("date", "i8"),  # days since the first
        ("index", "i8"),  # arrivals so far on that date; rows used of moments
        ("sum", "f8"),  # of unit spacings
        ("piece", "i8"),  # row of pieces
        ("busyness", "f8"),
        ("contact_keys", "u8"),  # see chance.contact_keys
        ("key", "u8"),  # of the contact whose arrival is due
        ("at", "i8"),  # arrival of the contact after that one
        ("next_key", "u8"),  # its key
    ]
)


@dataclass
class State:
    """The tables of a running kernel, in the order in which compiled code takes them."""

    clock: np.ndarray
    open_now: np.ndarray
    """(H,) i8: 1 while the hours are open."""
    live: np.ndarray
    visits: np.ndarray
    """(rows of live, N_PURPOSES) u1: earlier draws of each purpose."""
    waiting: np.ndarray
    ready: np.ndarray
    """(Q, R) i8: waiting contacts for whom the route is open."""
    teams: np.ndarray
    idle: np.ndarray
    """(G,) i8: free agents."""
    idle_since: np.ndarray
    """(G,) i8: since when the first of them is free."""
    agents: np.ndarray
    flows: np.ndarray
    opens: np.ndarray
    """(rows of live, R) i8: when each route of later_ranks opens."""
    arriving: np.ndarray
    """Heap of the next arrival of each stream."""
    deadlines: np.ndarray
    """Heap of what may end a wait, see deadlines.py."""
    heap: np.ndarray
    """Heap of everything else: of each contact one row at most, and of each agent."""
    contacts: np.ndarray
    legs: np.ndarray
    sessions: np.ndarray
    counts: np.ndarray
    """Streaming statistics, see statistics.py."""
    sums: np.ndarray
    waits: np.ndarray

    def __post_init__(self) -> None:
        """Keep what is written all the time apart from what other threads write."""
        small = {
            field.name: table
            for field, table in zip(fields(self), self.arrays, strict=True)
            if table.nbytes < memory.SMALL
        }
        for name, table in zip(small, memory.apart([*small.values()]), strict=True):
            setattr(self, name, table)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the tables in the order in which compiled code takes them."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def copy(self) -> "State":
        """Return an independent copy: both may be advanced."""
        return State(*(array.copy() for array in self.arrays))

    def grow(self, plan: Plan) -> None:
        """Double each table that may be too small for the next event."""
        clock = self.clock[0]
        if clock["rows"] + spare_rows(plan) > len(self.live):
            start = len(self.live)
            self.live = np.concatenate([self.live, _unused_rows(start, start, clock["free"])])
            self.visits = np.concatenate([self.visits, np.zeros_like(self.visits)])
            self.opens = np.concatenate([self.opens, np.zeros_like(self.opens)])
            self.deadlines = np.concatenate([self.deadlines, never_due(start)])
            self.heap = np.concatenate([self.heap, never_due(start)])
            clock["free"] = start
        spare = spare_log(plan)
        if clock["logging"]:
            self.contacts = _grown(self.contacts, clock["born"] + spare)
            self.legs = _grown(self.legs, clock["legs"] + spare)
            self.sessions = _grown(self.sessions, clock["sessions"] + spare)


def spare_rows(plan: Plan) -> int:
    """Return how many contacts one event can bring to life."""
    return 2 + int((plan.steps["kind"] == 6).sum())


def spare_log(plan: Plan) -> int:
    """Return how many rows one event can add to a log table."""
    return 64 + 24 * plan.n_agents + 2 * len(plan.steps)


def _unused_rows(start: int, number: int, then: int) -> np.ndarray:
    """Return `number` unused rows of live, chained by `behind`, the last to row `then`."""
    rows = np.zeros(number, live_dtype)
    rows["serial"] = NONE
    rows["behind"] = np.arange(start + 1, start + number + 1)
    rows["behind"][-1] = then
    return rows


MOST_ASKED = 2**26
"""Rows of a log that are asked for before it is known whether they are needed."""


def expected_arrivals(plan: Plan) -> float:
    """Return how many contacts the streams are expected to bring."""
    ends = np.flatnonzero(plan.pieces["at"] == NONE) - 1
    starts = plan.days[plan.days != NONE]
    by_rate = plan.pieces["expected"][ends[np.searchsorted(ends, starts)]].sum()
    return float(by_rate) + len(plan.moments)


def _grown(table: np.ndarray, needed: int) -> np.ndarray:
    """Return a table with room for at least `needed` rows.

    Memory costs time when it is written, not when it is asked for: growing eight times rather than
    two means copying less.
    """
    if needed <= len(table):
        return table
    longer = memory.table(max(8 * len(table), int(needed)), table.dtype)
    longer[: len(table)] = table
    return longer


EVENTS_AHEAD = 16
"""For about so many events there is room from the start, before the kernel has to count again."""


def never_due(number: int) -> np.ndarray:
    """Return rows of a heap in which nothing falls due."""
    rows = np.zeros(number, due_dtype)
    rows["at"] = NEVER
    return rows


def start_state(plan: Plan, logging: bool, shape_of_statistics: tuple) -> State:
    """Return the state before the first event: nobody there, everything closed."""
    n_queues, n_routes = plan.routes.shape
    n_groups = len(plan.groups)
    here = len(plan.given)
    rows = 64 + EVENTS_AHEAD * spare_rows(plan) + here
    spare = spare_log(plan) + 4 * here
    clock = np.zeros(1, clock_dtype)
    clock["logging"] = logging
    clock["joined"] = NONE
    clock["shut"] = n_groups
    waiting = np.zeros(n_queues, waiting_dtype)
    waiting["head"] = waiting["tail"] = NONE
    teams = np.zeros(n_groups, team_dtype)
    teams["head"] = teams["tail"] = NONE
    agents = np.zeros(max(plan.n_agents, 1), agent_dtype)
    agents["group"][: plan.n_agents] = plan.group_of()
    agents["contact"] = agents["channel"] = NONE
    flows = np.zeros(len(plan.streams), flow_dtype)
    flows["date"] = NONE
    calls = 2 * int(expected_arrivals(plan)) + spare if logging else 1
    counts, sums, waits = shape_of_statistics
    return State(
        clock=clock,
        open_now=np.zeros(len(plan.hours), np.int64),
        live=_unused_rows(0, rows, NONE),
        visits=np.zeros((rows, N_PURPOSES), np.uint8),
        waiting=waiting,
        ready=np.zeros((n_queues, n_routes), np.int64),
        teams=teams,
        idle=np.zeros(n_groups, np.int64),
        idle_since=np.full(n_groups, FOREVER, np.int64),
        agents=agents,
        flows=flows,
        opens=np.zeros((rows, n_routes), np.int64),
        arriving=never_due(len(plan.streams) + 2),
        deadlines=never_due(rows + 2),
        heap=never_due(rows + plan.n_agents + 4),
        contacts=memory.table(min(calls, MOST_ASKED), contact_dtype),
        legs=memory.table(min(4 * calls, MOST_ASKED), leg_dtype),
        sessions=memory.table(spare if logging else 1, session_dtype),
        counts=np.zeros(counts, np.int64),
        sums=np.zeros(sums, np.int64),
        waits=np.zeros(waits, np.int64),
    )
