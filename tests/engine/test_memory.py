"""Memory that is lent again: never to two at a time, and never more than was in use together."""

import gc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from engine.plans import seeded_plan

from simkcc.engine import memory, runs
from simkcc.model.contact_log import contact_dtype, leg_dtype

ROWS = memory.SMALL // leg_dtype.itemsize + 1


@pytest.fixture(autouse=True)
def nothing_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    monkeypatch.setattr(memory, "_SPARE", [])


def address(table: np.ndarray) -> int:
    return int(table.ctypes.data)


def test_what_nobody_looks_at_any_more_is_lent_again() -> None:
    table = memory.table(ROWS, leg_dtype)
    before = address(table)
    view = table[5:]["start"]
    del table
    other = memory.table(ROWS, leg_dtype)
    assert address(other) != before, "a view of it is still there"
    del view
    assert address(memory.table(ROWS, leg_dtype)) == before


def test_tables_in_use_together_share_nothing() -> None:
    tables = [memory.table(ROWS, leg_dtype) for _ in range(5)]
    tables += [memory.table(10, contact_dtype) for _ in range(5)]
    for one in tables:
        assert not any(np.shares_memory(one, other) for other in tables if other is not one)


def test_a_table_has_its_rows_and_may_be_written() -> None:
    for rows in (0, 1, ROWS, 3 * ROWS):
        table = memory.table(rows, leg_dtype)
        assert (len(table), table.dtype, table.flags.c_contiguous) == (rows, leg_dtype, True)
        table["end"] = 7
        assert table["end"].sum() == 7 * rows


def test_longer_tables_take_the_place_of_shorter_ones() -> None:
    for times in range(1, 6):
        del_me = [memory.table(times * ROWS, leg_dtype) for _ in range(2)]
        del del_me
    assert [len(each) for each in memory._SPARE] == [5 * ROWS * leg_dtype.itemsize] * 2


def test_threads_never_hold_the_same_piece() -> None:
    def write_and_look(number: int) -> bool:
        tables = [memory.table(ROWS + number % 3, leg_dtype) for _ in range(3)]
        for each in tables:
            each["contact"] = number
        return all((each["contact"] == number).all() for each in tables)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write_and_look, range(100)))
    assert len(memory._SPARE) <= 12


def test_a_log_stays_as_it_is_while_others_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SMALL", 0)
    plan = seeded_plan(3)
    log = runs.play(plan)
    kept = log.contacts.copy(), log.legs.copy(), log.sessions.copy()
    for number in range(5):
        runs.play(plan.seeded(9, number))
    assert all(map(np.array_equal, kept, (log.contacts, log.legs, log.sessions)))
    assert runs.play(plan) == log


def lines_of(tables: tuple[np.ndarray, ...]) -> list[int]:
    """Return the lines of memory that tables lie in, each as often as a table does."""
    return [
        line
        for table in tables
        for line in range(
            address(table) // memory.LINE, -(-(address(table) + table.nbytes) // memory.LINE)
        )
    ]


def test_lines_of_memory_that_are_written_all_the_time_hold_one_table() -> None:
    plan = seeded_plan(3)
    states = [runs.start(plan.seeded(1, number)) for number in range(4)]
    states += [state.copy() for state in states]
    tables = [table for state in states for table in state.arrays]
    found = Counter(lines_of(tuple(tables)))
    small = lines_of(tuple(table for table in tables if table.nbytes < memory.SMALL))
    assert len(small) > 100
    assert all(found[line] == 1 for line in small)


def test_tables_apart_are_the_same_tables() -> None:
    tables = [np.arange(12.0).reshape(3, 4), np.zeros((0, 3)), np.ones(1, leg_dtype), np.arange(9)]
    moved = memory.apart(tables)
    for one, other in zip(moved, tables, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert np.array_equal(one, other)
        assert one.flags.c_contiguous and one.flags.writeable
        assert not np.shares_memory(one, other)
