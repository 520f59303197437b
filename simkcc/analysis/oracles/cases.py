"""The cases: centres whose waits, losses and counts are known exactly.

Truths come from erlang.py with all their digits. Days are what the noise of the hardest figure of a
case asks for, see LEVEL in validate.py.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from simkcc.analysis import erlang
from simkcc.analysis.oracles.figures import (
    Case,
    Figure,
    abandoned,
    abandoned_per_wait,
    answered_within,
    blocked,
    daily_variance,
    inputs,
    lines_busy,
    longer_talks,
    mean_wait,
    more_calls,
    more_transfers,
    occupancy,
    present_at,
    queue_length,
    wait_percentile,
    waiting_share,
)

DAY = 86_400
PATIENCE = 450.0
"""Mean patience of the small municipal centres, in seconds."""


def exponential(mean: float) -> dict[str, Any]:
    """Return an exponential duration."""
    return {"kind": "exponential", "mean": mean}


def centre(
    per_hour: float,
    aht: float,
    agents: int,
    patience: Any = None,
    threshold: float = 20.0,
    **more: Any,
) -> Callable[[int], dict[str, Any]]:
    """Return the scenario of one topic, one queue and one group, by days."""
    table: dict[str, Any] = {
        "topics": {"calls": {"per_hour": per_hour}},
        "queues": {"first": {"routes": [{"group": "first"}]}},
        "groups": {"first": {"agents": agents}},
        "handling": {"talk": exponential(aht)},
        "norms": {"threshold": threshold},
    }
    if patience is not None:
        table["patience"] = patience
    table |= more
    return lambda days: table | {"horizon": {"days": days, "warm_up_days": 1, "end": "run_out"}}


def erlang_c_case(
    name: str, per_hour: float, aht: float, agents: int, days: int, days_reference: int = 0
) -> Case:
    """Return a centre without abandonment."""
    true = erlang.erlang_c(per_hour * aht / 3600, agents, aht)
    return Case(
        name, f"Erlang C: {per_hour:g}/h, {aht:g} s, {agents} agents",
        centre(per_hour, aht, agents),
        (
            Figure("P(wait)", true.wait_share, waiting_share(), is_share=True),
            Figure("service level 20 s", true.service_level(20.0), answered_within(), is_share=True),
            Figure("mean wait, s", true.asa, mean_wait()),
            Figure("occupancy", true.occupancy, occupancy(agents), is_plain=True),
            *inputs(per_hour, aht),
        ),
        days, days_reference, (more_calls(per_hour), longer_talks(aht)),
    )  # fmt: skip


def erlang_a_case(
    name: str, per_hour: float, aht: float, agents: int, days: int, days_reference: int = 0
) -> Case:
    """Return a centre with exponential patience."""
    true = erlang.erlang_a(per_hour * aht / 3600, agents, aht, PATIENCE)
    return Case(
        name, f"Erlang A: {per_hour:g}/h, {aht:g} s, {agents} agents, patience {PATIENCE:g} s",
        centre(per_hour, aht, agents, exponential(PATIENCE)),
        (
            Figure("P(wait)", true.wait_share, waiting_share(), is_share=True),
            Figure("mean wait, s", true.mean_wait, mean_wait()),
            Figure("abandoned", true.abandoned, abandoned, is_share=True),
            Figure("abandoned x patience / wait", 1.0, abandoned_per_wait(PATIENCE)),
            *inputs(per_hour, aht),
        ),
        days, days_reference, (more_calls(per_hour), longer_talks(aht)),
    )  # fmt: skip


def classic_case(days: int) -> Case:
    """Return the classic example of Erlang A: 48 calls a minute, 50 agents."""
    true = erlang.erlang_a(48.0, 50, 60.0, 120.0)
    return Case(
        "C", "Erlang A: 48/min, 60 s, 50 agents, patience 120 s",
        centre(48 * 60.0, 60.0, 50, exponential(120.0)),
        (
            Figure("abandoned", true.abandoned, abandoned, is_share=True),
            Figure("mean wait, s", true.mean_wait, mean_wait()),
            Figure("90th percentile of wait, s", true.wait_percentile(0.90), wait_percentile(0.90)),
            Figure("mean queue length", true.queue_length, queue_length),
            Figure("occupancy", true.occupancy, occupancy(50), is_plain=True),
            *inputs(48 * 60.0, 60.0),
            Figure("P(wait)", true.wait_share, waiting_share(), is_share=True),
            Figure("answered within 20 s", true.served_within(20.0), answered_within(), is_share=True),
        ),
        days, controls=(more_calls(48 * 60.0), longer_talks(60.0)),
    )  # fmt: skip


UNIT = 1000.0
"""Mean handling and mean patience of the cases of general patience, in seconds."""


def general_case(name: str, law: str, agents: int, days: int) -> Case:
    """Return 100 erlang with patience of a given law, of the mean of the handling."""
    laws: dict[str, tuple[Any, erlang.Patience]] = {
        "exponential": (exponential(UNIT), erlang.exponential_patience(UNIT)),
        "deterministic": (UNIT, erlang.fixed_patience(UNIT)),
        "uniform": ({"kind": "uniform", "high": 2 * UNIT}, erlang.uniform_patience(0.0, 2 * UNIT)),
    }
    patience, law_of_truth = laws[law]
    true = erlang.erlang_g(100.0, agents, UNIT, law_of_truth)
    return Case(
        name, f"M/M/{agents}+G: load 100, {law} patience of mean 1",
        centre(360.0, UNIT, agents, patience, threshold=0.1 * UNIT),
        (
            Figure("P(wait)", true.wait_share, waiting_share(), is_share=True),
            Figure("abandoned", true.abandoned, abandoned, is_share=True),
            Figure("mean wait, s", true.mean_wait, mean_wait()),
            Figure("answered within 100 s", true.served_within(0.1 * UNIT), answered_within(), is_share=True),
            *inputs(360.0, UNIT),
        ),
        days, controls=(more_calls(360.0), longer_talks(UNIT)),
    )  # fmt: skip


MENU_JOURNEY: dict[str, dict[str, Any]] = {
    "dial": {"step": "enter", "done": "menu", "other": "closed", "third": "busy"},
    "menu": {"step": "menu", "done": {"wait": 0.9, "served": 0.1}},
    "wait": {"step": "queue", "queue": "first", "done": "talk", "other": "lost", "third": "lost"},
    "talk": {"step": "talk", "duration": exponential(180.0), "done": "leave"},
    "leave": {"step": "wrap", "done": "served"},
    "served": {"step": "end", "outcome": "direct"},
    "closed": {"step": "end", "outcome": "closed"},
    "busy": {"step": "end", "outcome": "blocked"},
    "lost": {"step": "end", "outcome": "abandoned_queue"},
}  # fmt: skip
"""A menu that serves one caller in ten by itself."""


def lines_case(name: str, menu: float, lines: int, days: int, days_reference: int = 0) -> Case:
    """Return a menu and agents behind a limited number of lines."""
    true = erlang.menu_and_agents(
        rate=2 / 60, menu=menu, agent_share=0.9, aht=180.0, agents=7, trunks=lines
    )
    journey = MENU_JOURNEY | {"menu": MENU_JOURNEY["menu"] | {"duration": menu}}
    build = centre(
        120.0, 180.0, 7, lines=lines, journeys={"call": journey},
        topics={"calls": {"per_hour": 120.0, "journey": "call"}},
    )  # fmt: skip
    return Case(
        name, f"menu {menu:g} s, {lines} lines, 120/h, 90 % to 7 agents of 180 s",
        build,
        (
            Figure("blocked", true.blocked, blocked, is_share=True),
            Figure("mean wait, s", true.mean_wait, mean_wait()),
            Figure("P(wait)", true.wait_share, waiting_share(), is_share=True),
            Figure("lines busy", true.trunks_busy, lines_busy),
            *inputs(120.0, 180.0),
        ),
        days, days_reference, (more_calls(120.0), longer_talks(180.0)),
    )  # fmt: skip


def transfer_case(name: str, share: float, agents: int, days: int) -> Case:
    """Return a first line that transfers a share blindly to a second line."""
    first = erlang.erlang_c(4.0, 6, 120.0)
    second = erlang.second_line(first, share, agents, 300.0)
    build = centre(
        120.0, 120.0, 6,
        topics={"calls": {"per_hour": 120.0, "queue": "first",
                          "second_line": {"name": "experts", "share": share}}},
        queues={key: {"routes": [{"group": key}]} for key in ("first", "second")},
        groups={"first": {"agents": 6}, "second": {"agents": agents}},
        second_lines={"experts": {"via": "blind", "queue": "second", "talk": exponential(300.0)}},
    )  # fmt: skip
    return Case(
        name, f"blind transfer: 120/h, 6 agents of 120 s, {share:.0%} on to {agents} of 300 s",
        build,
        tuple(
            figure
            for row, line, true in ((0, "first", first), (1, "second", second))
            for figure in (
                Figure(f"{line}: P(wait)", true.wait_share, waiting_share(row), is_share=True),
                Figure(f"{line}: mean wait, s", true.asa, mean_wait(row)),
                Figure(f"{line}: service level 20 s", true.service_level(20.0), answered_within(row), is_share=True),
            )
        ) + inputs(120.0, 120.0),
        days, controls=(
            more_calls(120.0), longer_talks(120.0), longer_talks(300.0, 1), more_transfers(share),
        ),
    )  # fmt: skip


DIAL_AND_GO = {
    "dial": {"step": "enter", "done": "gone", "other": "gone", "third": "gone"},
    "gone": {"step": "end", "outcome": "direct"},
}


def busyness_case(name: str, shape: float, days: int, days_reference: int = 0) -> Case:
    """Return arrivals alone, on busy and on quiet days."""
    build = centre(
        1660 / 24,
        1.0,
        1,
        journeys={"call": DIAL_AND_GO},
        demand={"busyness_cv": shape**-0.5},
        topics={"calls": {"per_hour": 1660 / 24, "journey": "call"}},
    )
    true = erlang.daily_count_deviation(1660.0, shape)
    return Case(
        name, f"1660 calls a day, Gamma busyness of shape {shape:g}", build,
        (Figure("deviation of the daily count", true, daily_variance, is_deviation=True),),
        days, days_reference, moments=(DAY,),
    )  # fmt: skip


PIECES = 288
"""Pieces of the sine: five minutes each, since rates change at whole minutes."""


def sine_case(days: int) -> Case:
    """Return a rate that follows a sine over the day, and agents for everybody."""
    mean = DAY / (2 * np.pi)
    times = tuple(DAY * eighth // 8 for eighth in range(1, 9))
    edges = 2 * np.pi * np.arange(PIECES + 1) / PIECES
    per_mean = 100 - 20 * np.diff(np.cos(edges)) / np.diff(edges)
    rates = [
        {"at": f"{minute // 60:02}:{minute % 60:02}", "per_hour": float(rate) * 3600 / mean}
        for minute, rate in zip(range(0, 1440, 1440 // PIECES), per_mean, strict=True)
    ]
    return Case(
        "H", f"M_t/M/inf: rate 100 + 20 sin t over a day in {PIECES} pieces, mean 1",
        centre(1.0, mean, 250, topics={"calls": {"rates": rates}}),
        tuple(
            Figure(
                f"present at {time / 3600:g} h",
                erlang.sinusoidal_load(
                    time, mean_rate=100 / mean, amplitude=20 / mean, period=DAY, aht=mean
                ),
                present_at(place, len(times)),
            )
            for place, time in enumerate(times)
        ),
        days, moments=times,
    )  # fmt: skip


def held_place_case(days: int, days_reference: int) -> Case:
    """Return case A1 where everybody who waits hangs up and keeps the place."""
    plain = erlang_c_case("I", 200.0, 180.0, 14, days)
    queues = {"first": {"routes": [{"group": "first"}], "offer": {"accept": 1.0, "after": 0.0}}}
    return Case(
        "I", "virtual hold, everybody accepts: 200/h, 180 s, 14 agents",
        centre(200.0, 180.0, 14, queues=queues), plain.figures, days, days_reference,
        plain.controls,
    )  # fmt: skip


GENERAL = [
    (law, agents)
    for law in ("exponential", "deterministic", "uniform")
    for agents in (90, 100, 110)
]

GENERAL_DAYS = (6, 8, 60, 30, 145, 275, 15, 12, 78)
"""Days of a replication of each of them: what the noise of its hardest figure asks for."""


def all_cases() -> tuple[Case, ...]:
    """Return every case, in the order of the table."""
    return (
        erlang_c_case("A1", 200.0, 180.0, 14, 55),
        erlang_c_case("A2", 60.0, 300.0, 7, 90, days_reference=2),
        erlang_c_case("A3", 60.0, 300.0, 8, 100),
        erlang_c_case("A4", 1000.0, 120.0, 35, 50),
        erlang_c_case("B1", 101.6, 180.0, 7, 60),
        erlang_c_case("B2", 101.6, 180.0, 8, 65),
        erlang_c_case("B3", 60.0, 240.0, 6, 75),
        erlang_c_case("B4", 12.0, 150.0, 2, 160, days_reference=8),
        erlang_a_case("B5", 101.6, 180.0, 7, 15),
        erlang_a_case("B6", 101.6, 180.0, 5, 6),
        erlang_a_case("B7", 60.0, 240.0, 4, 8, days_reference=2),
        erlang_a_case("B8", 12.0, 150.0, 1, 25, days_reference=8),
        classic_case(2),
        *(
            general_case(f"D{index + 1}", law, agents, days)
            for index, ((law, agents), days) in enumerate(zip(GENERAL, GENERAL_DAYS, strict=True))
        ),
        lines_case("E1", 80.0, 20, 15),
        lines_case("E2", 13.0, 20, 20),
        lines_case("E3", 80.0, 14, 18, days_reference=1),
        lines_case("E4", 13.0, 14, 55),
        transfer_case("F1", 0.40, 6, 110),
        transfer_case("F2", 0.15, 3, 95),
        busyness_case("G1", 400.0, 460),
        busyness_case("G2", 10.0, 430, days_reference=4),
        sine_case(15),
        held_place_case(70, days_reference=2),
    )
