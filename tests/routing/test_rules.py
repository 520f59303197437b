"""Which agent answers: tables of cases for every rule, and an oracle over lists of agents."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simkcc.engine.plan import group_dtype
from simkcc.model.contact_log import FOREVER, NONE
from simkcc.routing.rules import (
    may_answer,
    nth_agent,
    pick_agent,
    preferred_order,
    sooner,
)
from simkcc.routing.tables import AgentChoice, route_dtype

LONGEST, UNIFORM, LOWEST = AgentChoice.LONGEST_IDLE, AgentChoice.UNIFORM, AgentChoice.PRIORITY
NOBODY = (NONE, NONE, NONE)
ALL = -1
"""Open ranks of a contact for whom every route is open."""


def routes_of(*rows: tuple[int, ...]) -> np.ndarray:
    """Return the routes of queue 1; each is (group,), (group, order) or (group, order, hours)."""
    table = np.zeros((2, max(len(rows), 1) + 1), route_dtype)
    table["group"] = table["after"] = table["hours"] = NONE
    for rank, row in enumerate(rows):
        group, order, hours = (*row, *(rank, NONE)[len(row) - 1 :])
        table[1, rank]["group"], table[1, rank]["order"], table[1, rank]["hours"] = (
            group,
            order,
            hours,
        )
    return table


def groups_of(*choices: AgentChoice) -> np.ndarray:
    table = np.zeros(len(choices), group_dtype)
    table["choice"] = choices
    return table


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def picked(
    routes: np.ndarray, choices: Sequence[AgentChoice], idle: Sequence[int],
    since: Sequence[int] = (), u: float = 0.0, open_ranks: int = ALL, open_now: Sequence[int] = (),
) -> tuple[int, int, int]:  # fmt: skip
    """Return who answers a contact of queue 1."""
    sinces = since or [0 if free else FOREVER for free in idle]
    return pick_agent(
        routes, groups_of(*choices), 1, np.int64(open_ranks), numbers(*open_now), numbers(*idle),
        numbers(*sinces), u,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------
# may_answer


@pytest.mark.parametrize(
    ("open_ranks", "rank", "answer"),
    [(0b001, 0, True), (0b001, 1, False), (0b100, 2, True), (0b011, 2, False), (0, 0, False),
     (0b111, 1, True), (0b101, 1, False), (ALL, 2, True), (1 << 15, 15, True)],
)  # fmt: skip
def test_route_is_open_once_its_wait_is_over(open_ranks: int, rank: int, answer: bool) -> None:
    routes = routes_of(*[(0,)] * 16)
    assert bool(may_answer(routes, 1, rank, np.int64(open_ranks), numbers())) == answer


@pytest.mark.parametrize(
    ("hours", "open_now", "answer"),
    [(NONE, (0, 0), True), (NONE, (1, 1), True), (0, (1, 0), True), (0, (0, 1), False),
     (1, (0, 1), True), (1, (1, 0), False)],
)  # fmt: skip
def test_route_exists_only_in_its_hours(
    hours: int, open_now: tuple[int, int], answer: bool
) -> None:
    routes = routes_of((0, 0, hours))
    assert bool(may_answer(routes, 1, 0, np.int64(1), numbers(*open_now))) == answer


def test_hours_do_not_shorten_the_wait() -> None:
    assert not may_answer(routes_of((0, 0, 0)), 1, 0, np.int64(0), numbers(1))


def test_each_queue_has_its_own_routes() -> None:
    routes = routes_of((0, 0, 0))
    routes[0, 0]["hours"] = NONE
    assert may_answer(routes, 0, 0, np.int64(1), numbers(0))
    assert not may_answer(routes, 1, 0, np.int64(1), numbers(0))


# ---------------------------------------------------------------------------------------------
# preferred_order


@pytest.mark.parametrize(
    ("routes", "idle", "open_ranks", "order"),
    [
        (((0, 0), (1, 1)), (1, 1), ALL, 0),
        (((0, 0), (1, 1)), (0, 1), ALL, 1),
        (((0, 0), (1, 1)), (0, 0), ALL, NONE),
        (((0, 5), (1, 3)), (1, 1), ALL, 3),
        (((0, 3), (1, 5)), (1, 1), ALL, 3),
        (((0, 5), (1, 3)), (1, 1), 0b01, 5),
        (((0, 5), (1, 3)), (1, 0), ALL, 5),
        (((0, 0), (1, 1)), (2, 1), 0b10, 1),
        (((0, 0), (1, 1)), (1, 1), 0, NONE),
        (((0, 4), (1, 4)), (1, 1), ALL, 4),
        (((0, 4), (1, 2), (2, 3)), (1, 1, 1), ALL, 2),
        ((), (1, 1), ALL, NONE),
    ],
)
def test_lowest_order_with_someone_free_is_preferred(
    routes: Any, idle: Sequence[int], open_ranks: int, order: int
) -> None:
    found = preferred_order(routes_of(*routes), 1, np.int64(open_ranks), numbers(), numbers(*idle))
    assert found == order


def test_routes_end_at_the_first_empty_place() -> None:
    routes = routes_of((0, 5), (NONE,), (1, 1))
    assert preferred_order(routes, 1, np.int64(ALL), numbers(), numbers(1, 1)) == 5
    assert picked(routes, [LONGEST] * 2, (1, 1), (9, 2)) == (0, 0, 0)
    assert picked(routes, [LONGEST] * 2, (0, 1)) == NOBODY
    pool = routes_of((0, 1), (NONE,), (1, 1))
    assert picked(pool, [LONGEST] * 2, (1, 1), (9, 2)) == (0, 0, 0)
    assert picked(pool, [UNIFORM] * 2, (1, 1), u=0.99) == (0, 0, 0)
    assert nth_agent(pool, 1, 1, np.int64(ALL), numbers(), numbers(1, 1), 1)[0] == NONE


def test_order_of_a_route_outside_its_hours_does_not_count() -> None:
    routes = routes_of((0, 0, 0), (1, 1))
    idle = numbers(1, 1)
    assert preferred_order(routes, 1, np.int64(ALL), numbers(0), idle) == 1
    assert preferred_order(routes, 1, np.int64(ALL), numbers(1), idle) == 0


# ---------------------------------------------------------------------------------------------
# pick_agent


def test_nobody_answers_when_nobody_is_free() -> None:
    assert picked(routes_of((0,), (1,)), [LONGEST] * 2, (0, 0)) == NOBODY


def test_nobody_answers_before_a_route_opens() -> None:
    assert picked(routes_of((0,), (1,)), [LONGEST] * 2, (1, 1), open_ranks=0) == NOBODY


@pytest.mark.parametrize("choice", AgentChoice)
def test_first_order_answers_whoever_is_longer_idle_elsewhere(choice: AgentChoice) -> None:
    routes = routes_of((0, 1), (1, 0))
    assert picked(routes, [choice] * 2, (3, 3), (1, 9), u=0.0) == (1, 1, 0)


@pytest.mark.parametrize("choice", AgentChoice)
def test_next_order_answers_when_nobody_of_the_first_is_free(choice: AgentChoice) -> None:
    assert picked(routes_of((0, 0), (1, 1)), [choice] * 2, (0, 2), (FOREVER, 4)) == (1, 1, 0)


@pytest.mark.parametrize("choice", AgentChoice)
def test_next_order_answers_while_the_first_route_is_closed(choice: AgentChoice) -> None:
    routes = routes_of((0, 0, 0), (1, 1))
    assert picked(routes, [choice] * 2, (2, 2), (1, 4), open_now=(0,)) == (1, 1, 0)
    assert picked(routes, [choice] * 2, (2, 2), (1, 4), open_now=(1,)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("since", "group"),
    [((5, 3), 1), ((3, 5), 0), ((4, 4), 0)],
)
def test_longest_idle_of_a_pool_answers_and_ties_go_to_the_lowest_id(
    since: Sequence[int], group: int
) -> None:
    for ranks in ((0, 1), (1, 0)):
        routes = routes_of(*((each, 7) for each in ranks))
        assert picked(routes, [LONGEST] * 2, (1, 1), since) == (group, ranks.index(group), 0)


def test_lowest_id_of_a_pool_answers_by_priority_however_long_others_are_idle() -> None:
    for ranks in ((0, 1, 2), (2, 0, 1), (2, 1, 0)):
        routes = routes_of(*((each, 7) for each in ranks))
        assert picked(routes, [LOWEST] * 3, (1, 1, 1), (9, 1, 5)) == (0, ranks.index(0), 0)
        assert picked(routes, [LOWEST] * 3, (0, 1, 1), (FOREVER, 8, 5)) == (1, ranks.index(1), 0)


@pytest.mark.parametrize(
    ("u", "answer"),
    [(0.0, (0, 1, 0)), (0.199, (0, 1, 0)), (0.2, (0, 1, 1)), (0.399, (0, 1, 1)), (0.4, (2, 0, 0)),
     (0.6, (2, 0, 1)), (0.8, (2, 0, 2)), (np.nextafter(1, 0), (2, 0, 2)), (1.0, (2, 0, 2))],
)  # fmt: skip
def test_uniform_choice_counts_the_pool_by_id(u: float, answer: tuple[int, int, int]) -> None:
    routes = routes_of((2, 4), (0, 4), (1, 9))
    assert picked(routes, [UNIFORM] * 3, (2, 4, 3), (8, 1, 2), u=u) == answer


def test_uniform_choice_leaves_out_who_may_not_answer() -> None:
    routes = routes_of((0, 4), (1, 4), (2, 4, 0))
    for u, open_ranks, open_now, answer in (
        (0.99, 0b001, (1,), (0, 0, 0)),
        (0.01, 0b010, (1,), (1, 1, 0)),
        (0.99, 0b111, (0,), (1, 1, 0)),
        (0.99, 0b111, (1,), (2, 2, 0)),
        (0.34, 0b101, (1,), (0, 0, 0)),
        (0.51, 0b101, (1,), (2, 2, 0)),
    ):
        found = picked(
            routes, [UNIFORM] * 3, (1, 1, 1), (9, 9, 9), u, open_ranks=open_ranks, open_now=open_now
        )
        assert found == answer


@pytest.mark.parametrize("choice", [LONGEST, LOWEST])
def test_pool_leaves_out_who_may_not_answer(choice: AgentChoice) -> None:
    routes = routes_of((0, 4, 0), (1, 4), (2, 4))
    assert picked(routes, [choice] * 3, (1, 1, 1), (1, 2, 3), open_now=(0,)) == (1, 1, 0)
    assert picked(routes, [choice] * 3, (1, 1, 1), (1, 2, 3), open_ranks=0b100, open_now=(1,)) == (
        2, 2, 0,
    )  # fmt: skip
    assert picked(routes, [choice] * 3, (0, 0, 1), (FOREVER, FOREVER, 3), open_now=(1,)) == (
        2,
        2,
        0,
    )


def test_first_of_a_pool_who_may_answer_says_how_to_choose() -> None:
    routes = routes_of((0, 4), (1, 4), (2, 4))
    choices = [LOWEST, LONGEST, UNIFORM]
    assert picked(routes, choices, (1, 1, 1), (9, 5, 1)) == (0, 0, 0)
    assert picked(routes, choices, (0, 1, 1), (FOREVER, 5, 1)) == (2, 2, 0)
    assert picked(routes, choices, (1, 1, 1), (9, 5, 1), open_ranks=0b110) == (2, 2, 0)
    assert picked(routes, choices, (1, 1, 1), (9, 5, 1), u=0.9, open_ranks=0b100) == (2, 2, 0)
    assert picked(routes, [UNIFORM, LONGEST, LONGEST], (1, 1, 1), (1, 5, 9), u=0.9) == (2, 2, 0)


def test_group_on_two_routes_answers_by_the_earlier_one() -> None:
    routes = routes_of((0, 4), (0, 4))
    for choice in AgentChoice:
        assert picked(routes, [choice], (2,), (1,), u=0.1) == (0, 0, 0)
        assert picked(routes, [choice], (2,), (1,), u=0.1, open_ranks=0b10) == (0, 1, 0)


@pytest.mark.parametrize(("u", "position"), [(0.1, 0), (0.4, 0), (0.6, 1), (0.9, 1)])
def test_group_on_two_routes_of_a_pool_counts_once(u: float, position: int) -> None:
    routes = routes_of((0, 4), (0, 4))
    assert picked(routes, [UNIFORM], (2,), (1,), u=u) == (0, 0, position)


# ---------------------------------------------------------------------------------------------
# the parts of pick_agent


@pytest.mark.parametrize(
    ("choice", "since", "group", "best_since", "best", "answer"),
    [
        (LONGEST, 3, 1, 5, 0, True),
        (LONGEST, 5, 0, 3, 1, False),
        (LONGEST, 4, 0, 4, 1, True),
        (LONGEST, 4, 1, 4, 0, False),
        (LONGEST, 4, 1, 4, 1, False),
        (LOWEST, 9, 0, 1, 1, True),
        (LOWEST, 1, 1, 9, 0, False),
        (LOWEST, 1, 1, 9, 1, False),
        (UNIFORM, 9, 0, 1, 1, True),
        (UNIFORM, 1, 1, 9, 0, False),
    ],
)
def test_sooner_is_longer_idle_if_that_counts_else_the_lower_group(
    choice: AgentChoice, since: int, group: int, best_since: int, best: int, answer: bool
) -> None:
    assert bool(sooner(choice, since, group, best_since, best)) == answer


@pytest.mark.parametrize(
    ("n", "answer"),
    [(0, (0, 1, 0)), (1, (0, 1, 1)), (2, (2, 0, 0)), (3, (2, 0, 1)), (4, (3, 3, 0)),
     (5, (NONE, NONE, 0))],
)  # fmt: skip
def test_nth_agent_counts_over_groups_by_id(n: int, answer: tuple[int, int, int]) -> None:
    routes = routes_of((2, 4), (0, 4), (1, 4), (3, 4), (4, 9))
    idle = numbers(2, 0, 2, 1, 6)
    assert nth_agent(routes, 1, 4, np.int64(ALL), numbers(), idle, n) == answer


def test_nth_agent_passes_over_routes_that_are_closed() -> None:
    routes = routes_of((0, 4), (1, 4, 0), (2, 4))
    idle = numbers(1, 1, 1)
    assert nth_agent(routes, 1, 4, np.int64(0b110), numbers(1), idle, 0) == (1, 1, 0)
    assert nth_agent(routes, 1, 4, np.int64(0b111), numbers(0), idle, 1) == (2, 2, 0)


def test_nth_agent_takes_the_earlier_of_two_routes() -> None:
    routes = routes_of((1, 4), (0, 4), (0, 4))
    assert nth_agent(routes, 1, 4, np.int64(ALL), numbers(), numbers(1, 1), 0) == (0, 1, 0)
    assert nth_agent(routes, 1, 4, np.int64(ALL), numbers(), numbers(1, 1), 1) == (1, 0, 0)


# ---------------------------------------------------------------------------------------------
# an oracle


@st.composite
def floors(draw: st.DrawFn) -> dict[str, Any]:
    """Return routes of distinct groups, and who of them is free since when."""
    n = draw(st.integers(1, 4))
    order = draw(st.permutations(range(n)))
    used = order[: draw(st.integers(1, n))]
    rows = [
        (group, draw(st.integers(0, 2)), draw(st.sampled_from((NONE, NONE, 0)))) for group in used
    ]
    free = [sorted(draw(st.lists(st.integers(0, 3), max_size=3))) for _ in range(n)]
    return {
        "rows": rows,
        "free": free,
        "choice": draw(st.sampled_from(AgentChoice)),
        "open_ranks": draw(st.sampled_from((ALL, ALL, draw(st.integers(0, 15))))),
        "open_now": draw(st.sampled_from((0, 1))),
        "u": draw(st.floats(0, 1, exclude_max=True)),
    }


def expected(floor: dict[str, Any]) -> tuple[int, int, int]:
    """Return who answers, from lists of agents: (order, idle since, group, place in the group)."""
    able = [
        (order, group, rank)
        for rank, (group, order, hours) in enumerate(floor["rows"])
        if floor["open_ranks"] >> rank & 1 and (hours == NONE or floor["open_now"])
        if floor["free"][group]
    ]
    if not able:
        return NOBODY
    lowest = min(order for order, _, _ in able)
    pool = sorted((group, rank) for order, group, rank in able if order == lowest)
    agents = [
        (group, rank, place, since)
        for group, rank in pool
        for place, since in enumerate(floor["free"][group])
    ]
    if floor["choice"] == UNIFORM:
        return agents[int(floor["u"] * len(agents))][:3]
    if floor["choice"] == LONGEST:
        return min(agents, key=lambda agent: (agent[3], agent[0], agent[2]))[:3]
    return agents[0][:3]


@settings(deadline=None)
@given(floors())
def test_choice_is_that_of_an_oracle_over_lists_of_agents(floor: dict[str, Any]) -> None:
    free = floor["free"]
    found = picked(
        routes_of(*floor["rows"]), [floor["choice"]] * len(free), [len(each) for each in free],
        [each[0] if each else FOREVER for each in free], floor["u"],
        open_ranks=floor["open_ranks"], open_now=(floor["open_now"],),
    )  # fmt: skip
    assert found == expected(floor)
