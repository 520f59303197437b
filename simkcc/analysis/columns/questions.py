"""Questions of citizens: calls, redials and repeats that belong together.

A redial or repeat follows from the call before it; the first of such a chain stands for the
citizen's question.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import LogColumns
from simkcc.analysis.columns.tallies import among, distinct, marked
from simkcc.model.contact_log import DAY, NONE, Origin

FIRST_CONTACT_DAYS = 10
"""Working days without a repeat after which a question counts as answered at once."""


def followers(log: LogColumns) -> np.ndarray:
    """Return the serials of the redials and repeats whose earlier call is known."""
    return log.again[log.contacts["parent"][log.again] != NONE]


def roots(log: LogColumns, rows: np.ndarray) -> np.ndarray:
    """Return the first contact of the chain that each contact belongs to, by serial.

    rows: serials of those that follow from their parent.
    """
    root = np.arange(len(log.contacts))
    root[rows] = log.contacts["parent"][rows]
    while True:
        further = root[root[rows]]
        if np.array_equal(further, root[rows]):
            return root
        root[rows] = further


class Questions:
    """Which citizen each counted call is of, as columns (N,)."""

    def __init__(self, calls: Calls) -> None:
        """Follow the chains of calls."""
        self._calls, self._followers = calls, followers(calls.log)
        self.root = roots(calls.log, self._followers)[calls.serials]
        """Serial of the first call of each chain."""

    # ----------------------------------------------------------------- a citizen's day

    @cached_property
    def days(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (reached, tried), both on a citizen's first call of a day.

        tried: the citizen called that day, and it is known whether an agent answered; reached: one
        did, that same day.
        """
        calls = self._calls
        day = calls.day
        reached = calls.met_human & (calls.human // DAY == day)
        known = reached | calls.settled
        chained = marked(self.root[calls.contacts["parent"] != NONE], len(calls.log.contacts))
        rows = np.flatnonzero(chained[self.root])
        rows = rows[np.lexsort((calls.dialled[rows], self.root[rows]))]
        if len(rows):
            reached, known = reached.copy(), known.copy()
            root, day = self.root[rows], day[rows]
            starts = np.ones(len(rows), bool)
            starts[1:] = (root[1:] != root[:-1]) | (day[1:] != day[:-1])
            first = np.flatnonzero(starts)
            once = np.logical_or.reduceat(reached[rows], first)
            sure = np.logical_and.reduceat(known[rows], first) | once
            reached[rows] = known[rows] = False
            reached[rows[first]], known[rows[first]] = once, sure
        return reached & known, known

    # ----------------------------------------------------------------- coming back

    @cached_property
    def is_first(self) -> np.ndarray:
        """Return whether each call is the first to bring up its question, or a redial of that.

        Repeats are not, nor those who ask how an open task or case stands.
        """
        log, rows = self._calls.log, self._followers
        comes_back = among(log.contacts["origin"], (Origin.REPEAT, Origin.STATUS))
        parent = log.contacts["parent"][rows]
        while True:
            further = comes_back[rows] | comes_back[parent]
            if np.array_equal(further, comes_back[rows]):
                return ~comes_back[self._calls.serials]
            comes_back[rows] = further

    @cached_property
    def comes_back(self) -> np.ndarray:
        """Return whether a repeat of each call was dialled within ten working days of its end."""
        calls, contacts = self._calls, self._calls.log.contacts
        rows, since = self._followers, calls.log.dialled
        rows = rows[(contacts["origin"][rows] == Origin.REPEAT) & (since[rows] != NONE)]
        parent = contacts["parent"][rows]
        soon = since[rows] // DAY <= self._last_day(contacts["ended"][parent] // DAY)
        number = calls.numbers_of(parent[soon])
        found = np.zeros(len(calls), bool)
        found[number[number != NONE]] = True
        return found

    def _last_day(self, day: np.ndarray) -> np.ndarray:
        """Return the tenth working day after each day; a far one if the calendar ends before."""
        plan = self._calls.plan
        hours = plan.hours[0]
        working = distinct(plan.spans["start"][hours["first"] : hours["last"]] // DAY)
        far = np.append(working, np.full(FIRST_CONTACT_DAYS + 1, np.iinfo(np.int64).max))
        return far[np.searchsorted(working, day, side="right") + FIRST_CONTACT_DAYS - 1]


def questions(calls: Calls) -> Questions:
    """Return which calls are about the same question."""
    return calls.once(Questions)
