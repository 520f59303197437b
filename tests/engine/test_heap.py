"""The heap gives back what falls due in the order (time, kind, subject, rank)."""

import heapq
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from simkcc.engine.heap import (
    RANK_BITS,
    SUBJECT_BITS,
    due_dtype,
    due_order,
    kind_of,
    pop,
    push,
    rank_of,
    subject_of,
)
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
        self.rows = np.zeros(room, due_dtype)
        self.size = self.born = 0
        self.twin: list[tuple[int, int]] = []
        self.notes: dict[int, tuple[int, int]] = {}

    def push(self, at: int, order: int) -> None:
        slot = self.born
        self.born += 1
        self.notes[slot] = (at, order)
        push(self.rows, self.size, at, order, slot, -slot)
        self.size += 1
        heapq.heappush(self.twin, (at, order))

    def pop(self) -> None:
        first = self.rows[0].copy()
        assert (first["at"], first["order"]) == heapq.heappop(self.twin)
        assert self.notes.pop(int(first["slot"])) == (first["at"], first["order"])
        assert first["note"] == -first["slot"]
        pop(self.rows, self.size)
        self.size -= 1


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), ROWS), max_size=60))
def test_first_is_always_what_heapq_gives(steps: list[tuple[int, int] | None]) -> None:
    pile = Pile(64)
    for step in steps:
        if step is not None:
            pile.push(*step)
        elif pile.size:
            pile.pop()
    while pile.size:
        pile.pop()


@pytest.mark.parametrize("seed", range(3))
def test_thousands_come_out_sorted(seed: int) -> None:
    rng = random.Random(seed)
    pile = Pile(4000)
    for _ in range(4000):
        pile.push(rng.randrange(500), rng.randrange(10))
    while pile.size:
        pile.pop()


def test_rows_of_equal_time_and_order_all_come_back() -> None:
    rows = np.zeros(8, due_dtype)
    for slot in range(8):
        push(rows, slot, 5, 1, slot, 0)
    slots = []
    for size in range(8, 0, -1):
        slots.append(int(rows[0]["slot"]))
        pop(rows, size)
    assert sorted(slots) == list(range(8))


def test_rows_beyond_the_size_are_left_alone() -> None:
    rows = np.zeros(4, due_dtype)
    rows["note"] = 77
    push(rows, 0, 3, 0, 0, 1)
    push(rows, 1, 2, 0, 1, 2)
    assert rows["note"].tolist() == [2, 1, 77, 77]
    assert rows["at"].tolist() == [2, 3, 0, 0]
    pop(rows, 2)
    assert rows[0]["note"] == 1
    assert rows["note"].tolist()[2:] == [77, 77]


def test_times_near_the_end_of_the_numbers_stay_in_order() -> None:
    rows = np.zeros(3, due_dtype)
    for size, at in enumerate((2**62 - 1, -1, 2**62 - 2)):
        push(rows, size, at, 0, size, 0)
    found = []
    for size in (3, 2, 1):
        found.append(int(rows[0]["at"]))
        pop(rows, size)
    assert found == [-1, 2**62 - 2, 2**62 - 1]


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
