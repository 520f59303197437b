"""The heap of what may end a wait: always the first of those who wait, and each knows its row."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from simkcc.engine.deadlines import drop_deadline, first_deadline, set_deadline
from simkcc.engine.heap import NEVER, due_dtype, due_order, kind_of, rank_of
from simkcc.engine.state import clock_dtype, live_dtype
from simkcc.model.contact_log import FOREVER, NONE, ContactKind
from simkcc.model.events import Due

PEOPLE, ROUTES = 12, 3


@njit
def set_one(clock, live, opens, deadlines, slot):
    set_deadline(clock, live, opens, deadlines, slot)


@njit
def drop_one(clock, live, deadlines, slot):
    drop_deadline(clock, live, deadlines, slot)


@njit
def first_of(live, opens, slot):
    return first_deadline(live, opens, slot)


class Room:
    """Some who wait, in the arrays of the kernel."""

    def __init__(self) -> None:
        self.clock = np.zeros(1, clock_dtype)
        self.live = np.zeros(PEOPLE, live_dtype)
        self.live["place"] = NONE
        self.live["serial"] = 100 + np.arange(PEOPLE)
        for name in ("gives_up", "sent_away", "offered"):
            self.live[name] = FOREVER
        self.opens = np.zeros((PEOPLE, ROUTES), np.int64)
        self.deadlines = np.zeros(PEOPLE + 2, due_dtype)
        self.deadlines["at"] = NEVER
        self.twin: dict[int, tuple[int, int]] = {}

    def wait(self, slot: int, at: int) -> None:
        """Let the patience of somebody end at a moment, another than before perhaps."""
        self.live["gives_up"][slot] = at
        set_one(self.clock, self.live, self.opens, self.deadlines, slot)
        self.twin[slot] = (at, due_order(Due.PATIENCE_END, 100 + slot, 0))

    def leave(self, slot: int) -> None:
        drop_one(self.clock, self.live, self.deadlines, slot)
        self.twin.pop(slot, None)

    def check(self) -> None:
        """The rows are those of who waits, the smallest first, and each contact knows its row."""
        size = int(self.clock["deadlines"][0])
        rows = self.deadlines[:size]
        found = {int(row["slot"]): (int(row["at"]), int(row["order"])) for row in rows}
        assert found == self.twin
        assert (self.deadlines["at"][size:] == NEVER).all()
        assert [self.live["place"][row["slot"]] for row in rows] == list(range(size))
        assert (self.live["place"] != NONE).sum() == size
        if found:
            assert (int(rows[0]["at"]), int(rows[0]["order"])) == min(found.values())


ACTS = st.tuples(st.integers(0, PEOPLE - 1), st.one_of(st.none(), st.integers(0, 5)))
"""(who, when patience ends): few moments, so that ties are many; None leaves."""


@settings(deadline=None)
@given(st.lists(ACTS, max_size=80))
def test_first_is_always_that_of_whoever_waits_shortest(acts: list[tuple[int, Any]]) -> None:
    room = Room()
    for slot, at in acts:
        if at is None:
            room.leave(slot)
        else:
            room.wait(slot, at)
        room.check()


MOMENTS = st.one_of(st.integers(0, 3), st.just(FOREVER))


@settings(deadline=None)
@given(
    st.tuples(MOMENTS, MOMENTS, MOMENTS), st.lists(MOMENTS, min_size=ROUTES, max_size=ROUTES),
    st.integers(0, 2**ROUTES - 1), st.booleans(), st.sampled_from(ContactKind),
)  # fmt: skip
def test_a_contact_waits_for_what_comes_first_to_it(
    ends: tuple[int, int, int], opens: list[int], later: int, virtual: bool, kind: ContactKind
) -> None:
    room = Room()
    room.live[["gives_up", "sent_away", "offered"]][0] = ends
    room.opens[0] = opens
    room.live["later_ranks"][0], room.live["virtual"][0] = later, virtual
    room.live["kind"][0] = kind
    hears = not virtual and kind != ContactKind.PROBE
    due = [(at, each, 0) for at, each in zip(ends, (Due.PATIENCE_END, Due.LIMIT, Due.OFFER),
                                             strict=True) if hears]  # fmt: skip
    due += [(at, Due.ROUTE_OPEN, rank) for rank, at in enumerate(opens) if later >> rank & 1]
    due = [each for each in due if each[0] < FOREVER]
    at, order = first_of(room.live, room.opens, 0)
    assert at == min(due, default=(FOREVER, None, None))[0]
    if due:
        assert (at, kind_of(order), rank_of(order)) == min(due)


def test_whom_nothing_ends_has_no_row() -> None:
    room = Room()
    room.wait(3, 7)
    room.live["gives_up"][3] = FOREVER
    set_one(room.clock, room.live, room.opens, room.deadlines, 3)
    room.twin.clear()
    room.check()
