"""The heap gives back what falls due in the order (time, kind, subject, rank)."""

import heapq
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from simkcc.engine.heap import (
    NEVER,
    RANK_BITS,
    SUBJECT_BITS,
    due_dtype,
    due_order,
    kind_of,
    push,
    rank_of,
    remove_first,
    replace_first,
    subject_of,
)
from simkcc.model.contact_log import FOREVER
from simkcc.model.events import Due
from simkcc.model.referral import Queue

FEW = st.integers(0, 3)
ROWS = st.tuples(FEW, FEW)
"""(time, order): few values, so that ties are many."""

kinds = st.sampled_from(Due)
subjects = st.integers(0, 2**SUBJECT_BITS - 1)
ranks = st.integers(0, 2**RANK_BITS - 1)


class Pile:
    """The heap in an array, and heapq beside it."""

    def __init__(self, room: int) -> None:
        self.rows = empty(room + 2)
        self.twin: list[tuple[int, int]] = []
        self.kept: dict[int, tuple[int, int]] = {}
        self.born = 0

    def add(self, at: int, order: int, *, in_place: bool) -> None:
        """Add a row, in the place of the first if asked to."""
        slot, self.born = self.born, self.born + 1
        if in_place and self.twin:
            self.check_first()
            replace_first(self.rows, len(self.twin), at, order, slot)
            heapq.heapreplace(self.twin, (at, order))
        else:
            push(self.rows, len(self.twin), at, order, slot)
            heapq.heappush(self.twin, (at, order))
        self.kept[slot] = (at, order)

    def check_first(self) -> None:
        """The first row is what heapq says, and whole; forget it."""
        first = self.rows[0]
        assert (first["at"], first["order"]) == self.twin[0]
        assert self.kept.pop(int(first["slot"])) == self.twin[0]

    def remove(self) -> None:
        self.check_first()
        remove_first(self.rows, len(self.twin))
        heapq.heappop(self.twin)
        assert (self.rows["at"][max(len(self.twin), 1) :] == NEVER).all()


def empty(room: int) -> np.ndarray:
    rows = np.zeros(room, due_dtype)
    rows["at"] = NEVER
    return rows


STEPS = st.one_of(st.none(), st.tuples(st.booleans(), ROWS))


@settings(deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_first_is_always_what_heapq_gives(steps: list[tuple[bool, tuple[int, int]] | None]) -> None:
    pile = Pile(64)
    for step in steps:
        if step is not None:
            pile.add(*step[1], in_place=step[0])
        elif pile.twin:
            pile.remove()
    while pile.twin:
        pile.remove()
    assert pile.kept == {}


@pytest.mark.parametrize("seed", range(3))
def test_thousands_come_out_sorted(seed: int) -> None:
    rng = random.Random(seed)
    pile = Pile(2000)
    for _ in range(2000):
        pile.add(rng.randrange(500), rng.randrange(10), in_place=rng.random() < 0.1)
    while pile.twin:
        pile.remove()


def test_rows_of_equal_time_and_order_all_come_back() -> None:
    rows = empty(10)
    for slot in range(8):
        push(rows, slot, 5, 1, slot)
    slots = []
    for size in range(8, 0, -1):
        slots.append(int(rows[0]["slot"]))
        remove_first(rows, size)
    assert sorted(slots) == list(range(8))


def test_times_near_the_end_of_the_numbers_stay_in_order() -> None:
    rows = empty(5)
    for size, at in enumerate((2**62 - 1, -1, 2**62 - 2)):
        push(rows, size, at, 0, size)
    found = []
    for size in (3, 2, 1):
        found.append(int(rows[0]["at"]))
        remove_first(rows, size)
    assert found == [-1, 2**62 - 2, 2**62 - 1]


def test_a_time_that_never_comes_stands_behind_every_time_that_may() -> None:
    assert NEVER > FOREVER


@settings(deadline=None)
@given(kinds, subjects, ranks)
def test_order_holds_kind_subject_and_rank(kind: Due, subject: int, rank: int) -> None:
    order = due_order(kind, subject, rank)
    assert (kind_of(order), subject_of(order), rank_of(order)) == (kind, subject, rank)


@settings(deadline=None)
@given(st.tuples(kinds, subjects, ranks), st.tuples(kinds, subjects, ranks))
def test_orders_sort_as_the_triples_do(
    one: tuple[Due, int, int], other: tuple[Due, int, int]
) -> None:
    assert (due_order(*one) < due_order(*other)) == (one < other)


@njit
def round_trip(kind, subject, rank):
    """Return the parts of an order, all in compiled code."""
    order = due_order(kind, subject, rank)
    return kind_of(order), subject_of(order), rank_of(order)


def test_order_is_whole_in_compiled_code_for_the_largest_numbers() -> None:
    most = (max(Due), 2**SUBJECT_BITS - 1, 2**RANK_BITS - 1)
    assert round_trip(*most) == most
    assert due_order(*most) < 2**63


def test_every_rank_of_a_route_fits() -> None:
    rules = Queue.model_fields["routes"].metadata
    assert max(getattr(rule, "max_length", 0) for rule in rules) == 2**RANK_BITS
