"""Every figure on calls written by hand, with numerator and denominator worked out by hand."""

import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from analysis.second_line_cases import SECOND_LINE
from desk_cases import DESK_AND_CASES
from engine.plans import seeded_scenario
from seeds import few_of
from telephone_cases import TELEPHONE
from traces import trace

from simkcc.analysis.folding import Sums, fold
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.metrics.splits import names_of_values
from simkcc.analysis.results import Result, play, run
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.model.scenario import Scenario

CENTRE = {
    "horizon": {"start": "2024-01-01", "days": 7},
    "hours": {"open": {"daily": ["08:00-18:00"]}},
    "topics": {
        "passport": {"per_hour": 10.0},
        "waste": {"per_hour": 10.0},
        "staff": {"per_hour": 1.0, "counted": False, "queue": "passport"},
        "desk": {"per_hour": 1.0, "journey": "by hand"},
    },
    "journeys": {"by hand": {"only": {"step": "end", "outcome": "direct"}}},
    "handling": {"aht": 180.0, "wrap_up": 30.0},
    "queues": {
        "passport": {"routes": [{"group": "town"}, {"group": "hired"}]},
        "waste": {"routes": [{"group": "town"}]},
        "second": {"routes": [{"group": "experts"}]},
    },
    "groups": {
        "town": {"agents": 2, "hours": "open", "per_hour": 50.0},
        "hired": {"agents": 1, "hours": "open", "provider": "abroad"},
        "experts": {"agents": 1, "hours": "open", "per_hour": 60.0, "line": 2},
    },
    "providers": {
        "abroad": {"per_hour": 30.0, "per_minute": 0.5, "per_call": 2.0, "per_year": 3652.5}
    },
    "norms": {"threshold": 20.0, "short_abandon": 5.0},
}
"""Agents 0 and 1 are the town's, 2 is hired, 3 is an expert. What counts lasts one week."""

ROSTERS = 2 * 70 * 50 + 1 * 70 * 30 + 1 * 70 * 60
"""Euros a week: 70 hours of every agent."""
CONTRACT = 3652.5 * 7 / 365.25
"""Euros a week."""


@lru_cache
def centre(warm_up: int = 0) -> tuple[Scenario, Plan]:
    """Return the centre; with a warm-up, that goes before the one week that counts."""
    horizon = {"start": "2024-01-01", "days": 7 + warm_up, "warm_up_days": warm_up}
    scenario = Scenario.model_validate(CENTRE | {"horizon": horizon})
    return scenario, compile_plan(scenario)


@lru_cache
def sums_of(text: str, warm_up: int = 0) -> Sums:
    """Return the sums of a few calls; the figures of a case are read off one fold."""
    scenario, plan = centre(warm_up)
    return fold(trace(text, plan), plan, scenario)


@dataclass(frozen=True)
class Case:
    """What a few lines bring out."""

    about: str
    lines: str
    expected: dict[str, tuple[float, float]]
    warm_up: int = 0


WAITS = Case(
    "waits at the edges of T = 20 s and of a short abandon = 5 s; a microsecond decides",
    """
    call at=0 menu=0..10 queue=10..30 answered agent=0 talk=30..90 direct        # W = T
    call at=0 menu=0..10 queue=10..30.000001 answered agent=1 talk=31..90 direct # W > T
    call at=0 queue=0..5 abandoned abandoned_queue                               # short
    call at=0 queue=0..5.000001 abandoned abandoned_queue                        # not short
    call at=0 queue=0..20 answered agent=2 hold=20..20.5 talk=20.5..60 direct    # W + h0 = 20.5
    call at=0 menu=0..8 queue=8..20 answered agent=0 talk=95..99 direct          # I + W = T
    """,
    {
        "offered": (6, 1),
        "answered": (4, 1),
        "sl1": (3, 4),
        "sl2": (3, 6),
        "sl3": (3, 5),
        "sl4": (5, 6),
        "sl5": (2, 6),
        "sl6": (2, 6),
        "accessibility_r1": (4, 6),
        "accessibility_r2": (4, 5),
        "accessibility_r5": (4, 6),
        "abandonment": (2, 6),
        "abandonment_long": (1, 5),
        "abandonment_short": (1, 6),
        "wait_max": (20.000001, 1),
        "asa": (20 + 20.000001 + 20 + 12, 4),
        "wait_all": (20 + 20.000001 + 5 + 5.000001 + 20 + 12, 6),
        "time_to_human": (30 + 30.000001 + 20 + 20, 4),
        "menu_time": (10 + 10 + 8, 3),
        "menu_abandonment": (0, 3),
    },
)

LOSSES = Case(
    "calls that never waited, or still do",
    """
    call at=0 menu=0..7 abandoned abandoned_menu
    call at=0 menu=0..13 queue=13..14 answered agent=0 talk=14..20 direct   # I + W = 14
    call at=0 closed
    call at=0 blocked
    call at=0 menu=0..
    call at=0 menu=0..13 queue=13..
    """,
    {
        "dialled": (6, 1),
        "offered": (1, 1),
        "answered": (1, 1),
        "sl2": (1, 1),
        "sl6": (1, 2),
        "blocked": (1, 6),
        "accessibility_r1": (1, 1),
        "accessibility_r5": (1, 4),
        "closed": (1, 6),
        "menu_abandonment": (1, 3),
        "menu_time": (7 + 13 + 13, 3),
        "time_to_human": (14, 1),
        "citizen_hours": ((7 + 13 + 1 + 6 + 13) / 3600, 1),
    },
)

SENT_AWAY = Case(
    "queues that are full, too slow or closing count as offered, not as abandoned",
    """
    call at=0 queue=0..0 full turned_away
    call at=0 queue=0..300 timeout turned_away
    call at=0 queue=0..60 closed turned_away
    call at=0 queue=0..0 balked abandoned_queue
    call at=0 queue=0..9 answered agent=0 talk=9..10 direct
    """,
    {
        "offered": (5, 1),
        "answered": (1, 1),
        "abandonment": (1, 5),
        "abandonment_long": (0, 4),
        "sl2": (1, 5),
        "sl3": (1, 4),
        "sl4": (2, 5),
        "wait_all": (0 + 300 + 60 + 0 + 9, 5),
        "asa": (9, 1),
        "citizen_hours": ((369 + 1) / 3600, 1),
    },
)

HOLD_AT_PICK_UP = Case(
    "hold counts as waiting only right at the first pick-up",
    """
    call at=0 queue=0..10 answered agent=0 hold=10..20 talk=20..60 direct            # 20 = T
    call at=0 queue=0..10 answered agent=1 hold=10..20.000001 talk=21..60 direct     # > T
    call at=0 queue=0..10 answered agent=2 talk=10..11 hold=11..99 talk=99..100 direct
    """,
    {
        "sl2": (3, 3),
        "sl5": (2, 3),
        "sl1": (3, 3),
        "time_to_human": (30, 3),
        "hold_rate": (3, 3),
        "hold_at_pick_up": (2, 3),
        "hold_during": (1, 3),
        "hold_time": (10 + 10.000001 + 88, 3),
    },
)

WRONG_QUEUE = Case(
    "a wrong first queue: its wait is the wait, the right queue after it is not",
    """
    call at=0 in=waste queue=0..12 answered agent=0 talk=12..20 in=passport queue=20..90 answered agent=1 talk=90..99 direct
    call at=0 in=waste queue=0..30 abandoned abandoned_queue
    call at=0 queue=0..10 answered agent=2 talk=10..20 in=second queue=20..50 answered agent=3 talk=50..60 transferred
    call at=0 topic=waste queue=0..10 answered agent=0 talk=20..30 direct
    call at=0 topic=desk in=second queue=0..10 answered agent=3 talk=60..70 direct  # no queue of its own
    call at=0 in=waste queue=0..
    """,
    {
        "wrong_menu": (2, 5),
        "offered": (5, 1),
        "sl2": (4, 5),
        "asa": (12 + 10 + 10 + 10, 4),
        "time_to_human": (12 + 10 + 10 + 10, 4),
        "queue_offered": (7, 1),
        "queue_answered": (6, 7),
        "queue_abandonment": (1, 7),
        "queue_service_level": (4, 7),
        "queue_asa": (12 + 70 + 10 + 30 + 10 + 10, 6),
        "wait_all": (12 + 30 + 10 + 10 + 10, 5),
        "citizen_hours": ((12 + 70 + 30 + 10 + 30 + 10 + 10 + 57) / 3600, 1),
    },
)

HELD_PLACE = Case(
    "who hangs up and keeps the place goes on waiting; called in turn, the ringing is no wait",
    """
    call at=0 queue=0..15 held_place queue=15..20 answered agent=0 ring=20..28 talk=28..60 direct
    call at=0 queue=0..15 held_place queue=15..40 answered agent=1 ring=40..60 not_reached
    call at=0 queue=0..15 held_place queue=15..50 closed turned_away
    call at=0 queue=0..15 held_place queue=15..
    call at=0 queue=0..3 answered agent=2 talk=3..9 direct
    call at=0 queue=0..10 answered agent=2 talk=10..20 in=second queue=20..50 answered agent=3 talk=50..60 transferred
    """,
    {
        "offered": (5, 1),
        "answered": (3, 1),
        "accessibility_r1": (3, 5),
        "abandonment": (0, 5),
        "sl2": (3, 5),
        "asa": (20 + 3 + 10, 3),
        "asa_ring": (20 + 8 + 3 + 10, 3),
        "wait_all": (20 + 40 + 50 + 3 + 10, 5),
        "wait_max": (20, 1),
        "time_to_human": (20 + 3 + 10, 3),
        "queue_answered": (4, 6),
        "queue_asa": (20 + 3 + 10 + 30, 4),
        "group_answered": (4, 1),
        "aht": (32 + 6 + 10, 3),
        "citizen_hours": ((15 + 32 + 15 + 15 + 15 + 3 + 6 + 60) / 3600, 1),
        "citizen_hours_wait": ((15 + 15 + 15 + 15 + 3 + 10) / 3600, 1),
    },
)

REDIALS = Case(
    "a redial dials after its delay; one whose delay runs has not dialled",
    """
    call at=0 queue=0..30 abandoned abandoned_queue
    redial of=0 at=30 delay=30..330 menu=330..340 queue=340..345 answered agent=0 talk=345..400 unresolved
    repeat of=1 at=400 delay=400..9000 queue=9000..9100 abandoned abandoned_queue
    redial of=2 at=9100 delay=9100..
    """,
    {
        "dialled": (3, 1),
        "offered": (3, 1),
        "answered": (1, 1),
        "time_to_human": (15, 1),
        "sl6": (1, 3),
        "accessibility_r5": (1, 3),
        "citizen_hours": ((30 + 10 + 5 + 55 + 100) / 3600, 1),
        "citizen_hours_again": ((10 + 5 + 55 + 100) / 3600, 1),
        "redials_per_question": (1, 1),
        "repeats_per_question": (1, 1),
        "accessibility_r3": (1, 1),
    },
)

WARM_UP = Case(
    "what counts is dialled in [8 January 00:00, 15 January 00:00)",
    """
    call at=6d+86399 queue=6d+86399..7d+50 answered agent=0 talk=7d+50..7d+60 direct
    call at=7d+0 queue=7d+0..7d+10 answered agent=0 talk=7d+60..7d+90 direct
    call at=6d+80000 queue=6d+80000..6d+80060 abandoned abandoned_queue
    redial of=2 at=6d+80060 delay=6d+80060..7d+5 queue=7d+5..7d+65 abandoned abandoned_queue
    call at=13d+86399.999999 queue=13d+86399.999999..14d+20 answered agent=1 talk=14d+20..14d+50 direct
    call at=14d+0 queue=14d+0..14d+1 answered agent=0 talk=14d+1..14d+2 direct
    """,
    {
        "dialled": (3, 1),
        "answered": (2, 1),
        "sl2": (1, 3),
        "asa": (10 + 20.000001, 2),
        "abandonment": (1, 3),
        "aht": (30 + 30, 2),
    },
    warm_up=7,
)

UNCOUNTED = Case(
    "probes, uncounted topics and tasks are no calls of citizens",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..20 direct
    call at=0 topic=staff queue=0..90 abandoned abandoned_queue
    probe at=0 queue=0..90 answered probed
    callback at=0 in=second queue=0..90 answered agent=3 talk=90..100 returned
    """,
    {
        "dialled": (1, 1),
        "offered": (1, 1),
        "sl2": (1, 1),
        "abandonment": (0, 1),
        "wait_all": (10, 1),
        "aht": (10, 1),
        "citizen_hours": ((10 + 10) / 3600, 1),
    },
)

PROBES = Case(
    "probes: the menu is no wait, a closed line is not asked, a full queue is not answered",
    """
    probe at=0 menu=0..13 queue=13..33 answered probed
    probe at=0 menu=0..13 queue=13..33.000001 answered probed
    probe at=0 queue=0..0 full turned_away
    probe at=0 closed
    probe at=0 topic=staff queue=0..90 answered probed
    probe at=0 queue=0..
    """,
    {
        "sl7": (1, 3),
        "accessibility_r4": (2, 3),
        "probe_wait": (20 + 20.000001 + 0, 3),
        "probe_wait_max": (20.000001, 1),
    },
)

HANDLING = Case(
    "handle time is the first line's: neither ringing, nor the expert, nor what goes on",
    """
    call at=0 queue=0..10 answered agent=0 hold=10..20 talk=20..80 wrap=80..110 direct
    call at=0 queue=0..10 answered agent=1 talk=10..40 consult=40..55 reached second=3 handover=55..60 wrap=60..80 agent=3 second=- talk=60..300 wrap=300..360 transferred
    call at=0 queue=0..10 answered agent=2 ring=10..18 talk=18..28 direct
    call at=0 queue=0..30 abandoned abandoned_queue
    call at=0 queue=0..200 answered agent=0 talk=200..240 hold=240..
    call at=0 queue=0..10 answered agent=2 talk=28..30 agent=- talk=30..500 transferred   # no agent of ours
    """,
    {
        "aht": ((10 + 60 + 30) + (30 + 15 + 5 + 20) + 10 + 2, 4),
        "aht_second_line": (5 + 240 + 60, 1),
        "transferred": (2, 4),
        "direct": (2, 4),
    },
)

ENDINGS = Case(
    "how answered calls ended; those that go on are left out, those never answered too",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..20 direct
    call at=0 queue=0..10 answered agent=1 talk=10..20 unresolved
    call at=0 queue=0..10 answered agent=2 talk=10..20 callback
    call at=0 queue=0..30 answered agent=0 talk=30..40 forgotten
    call at=0 queue=0..50 answered agent=0 talk=50..
    call at=0 queue=0..50 abandoned abandoned_queue
    """,
    {"direct": (2, 4), "callback_note": (2, 4), "transferred": (0, 4)},
)

FAILED_ENDINGS = Case(
    "forms are promises; a failed transfer is neither direct, nor transferred, nor a promise",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..20 form
    call at=0 queue=0..10 answered agent=1 talk=10..20 transfer_failed
    call at=0 queue=0..10 answered agent=2 talk=10..20 transferred
    """,
    {"direct": (0, 3), "callback_note": (1, 3), "transferred": (1, 3), "passed_on": (2, 3)},
)

CONSULTS = Case(
    "a transfer succeeds if any attempt reached someone; times are of attempts",
    """
    call at=0 queue=0..1 answered agent=0 talk=1..9 consult=9..9 nobody_free consult=9..39 taken_back consult=39..59 reached second=3 handover=59..60 wrap=60..70 agent=3 second=- talk=60..90 transferred
    call at=0 queue=0..1 answered agent=1 talk=1..9 consult=9..54 taken_back talk=54..60 callback
    call at=0 queue=0..1 answered agent=2 talk=1..9 consult=9..9 nobody_free talk=9..20 transfer_failed
    call at=0 queue=0..80 answered agent=0 talk=80..90 direct
    call at=0 queue=0..80 answered agent=1 talk=80..90 consult=90..
    call at=0 queue=0..30 answered agent=2 talk=30..40 consult=40..45 reached agent=- talk=45..90 transferred
    """,
    {
        "transfer_success": (2, 4),
        "transfer_wait": (20 + 5, 2),
        "transfer_wait_all": (0 + 30 + 20 + 45 + 0 + 5, 6),
        "transfer_success_attempt": (2, 6),
        "transfer_attempts": (6, 5),
        "transfer_tried": (4, 5),
        "take_back_time": (30 + 45, 2),
        "take_back_min": (30, 1),
        "take_back_max": (45, 1),
        "transferred": (2, 5),
        "aht": (
            (8 + 0 + 30 + 20 + 1 + 10) + (8 + 45 + 6) + (8 + 11) + 10 + (10 + 5),
            5,
        ),
    },
)

TASKS = Case(
    "callbacks: due on time, a microsecond late, open and overdue; the last moment is due",
    """
    callback at=0 due=1d+0 ended=1d+0 returned
    callback at=0 due=1d+0 ended=1d+0.000001 returned
    form at=0 due=1d+0
    callback at=0 due=7d+0 ended=600 never_returned
    callback at=0 due=7d+0.000001 ended=10 returned
    backlog at=0 due=1d+0 ended=5 returned
    """,
    {"callbacks_returned": (1, 4), "callbacks_opened": (5, 1)},
)

TASKS_LATE = Case(
    "callbacks: without a due time, of an uncounted topic, or written down in the warm-up",
    """
    callback at=7d+0 returned
    form at=7d+0 due=9d+0 ended=8d+0 returned
    callback at=7d+0 topic=staff due=9d+0 ended=8d+0 returned
    callback at=6d+0 due=8d+0 ended=8d+0 returned
    """,
    {"callbacks_returned": (1, 1), "callbacks_opened": (2, 1)},
    warm_up=7,
)

WORK = Case(
    "occupancy: everyone's work, also on tasks and uncounted topics, over time there",
    """
    call at=0 queue=0..10 answered agent=0 ring=10..20 hold=20..30 talk=30..90 wrap=90..110 direct
    call at=0 topic=staff queue=0..10 answered agent=1 talk=10..60 direct
    call at=0 queue=0..10 answered agent=2 talk=10..20 consult=20..30 reached second=3 handover=30..35 talk=35..95 transferred
    callback at=0 in=second queue=0..95 answered agent=3 talk=95..155 returned
    there agent=0 at=0..200
    there agent=1 at=0..200
    there agent=2 at=0..200
    there agent=3 at=0..200
    """,
    {
        "occupancy": (100 + 50 + (10 + 10 + 5 + 60) + (5 + 60) + 60, 800),
        "utilisation": (360, 4 * 70 * 3600),
        "shrinkage": (4 * 70 * 3600 - 800, 4 * 70 * 3600),
        "group_answered": (2, 1),
        "group_aht": ((10 + 60 + 20) + (10 + 10 + 5 + 60), 2),
    },
)

WORK_CUT = Case(
    "occupancy: work and presence are cut to what counts; who is still there stays to the end",
    """
    call at=6d+86000 queue=6d+86000..6d+86300 answered agent=0 talk=6d+86300..7d+100 wrap=7d+100..7d+130 direct
    call at=13d+86000 queue=13d+86000..13d+86100 answered agent=1 talk=13d+86100..14d+500 direct
    call at=13d+86000 queue=13d+86000..13d+86200 answered agent=2 talk=13d+86200..
    there agent=0 at=6d+80000..7d+200
    there agent=1 at=13d+86000..14d+500
    there agent=2 at=13d+86000..
    """,
    {"occupancy": (130 + 300 + 200, 200 + 400 + 400)},
    warm_up=7,
)

MONEY = Case(
    "cost: hours by the roster, minutes of talk, answered calls, the year's share of a contract",
    """
    call at=0 queue=0..10 answered agent=0 talk=10..70 direct
    call at=0 queue=0..10 answered agent=2 talk=10..100 hold=100..130 talk=130..160 wrap=160..190 direct
    call at=0 queue=0..190 answered agent=2 talk=190..250 direct
    call at=0 queue=0..10 abandoned abandoned_queue
    """,
    {
        "rostered_hours": (4 * 70, 1),
        "cost": (ROSTERS + CONTRACT + 0.5 * 3 + 2 * 2, 7 / 365.25),
        "cost_per_call": (ROSTERS + CONTRACT + 0.5 * 3 + 2 * 2, 3),
        "cost_per_question": (ROSTERS + CONTRACT + 0.5 * 3 + 2 * 2, 3),
    },
)

MONEY_CUT = Case(
    "cost: what providers did before or after what counts is not paid for here",
    """
    call at=6d+0 queue=6d+0..6d+10 answered agent=2 talk=6d+10..6d+70 direct
    call at=7d+0 queue=7d+0..7d+10 answered agent=2 talk=7d+10..7d+70 direct
    call at=13d+86390 queue=13d+86390..14d+10 answered agent=2 talk=14d+10..14d+70 direct
    """,
    {
        "rostered_hours": (4 * 70, 1),
        "cost": (ROSTERS + CONTRACT + 0.5 * 1 + 2 * 1, 7 / 365.25),
    },
    warm_up=7,
)

CASES = [
    WAITS, LOSSES, SENT_AWAY, HOLD_AT_PICK_UP, WRONG_QUEUE, HELD_PLACE, REDIALS, WARM_UP, UNCOUNTED,
    PROBES, HANDLING, ENDINGS, FAILED_ENDINGS, CONSULTS, TASKS, TASKS_LATE, WORK, WORK_CUT, MONEY,
    MONEY_CUT, *(Case(*each) for each in SECOND_LINE),
    *(Case(*case) for case in (*TELEPHONE, *DESK_AND_CASES)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, id=f"{name}: {case.about}")
        for case in CASES
        for name in case.expected
    ],
)
def test_figure_is_what_was_worked_out_by_hand(case: Case, name: str) -> None:
    numerator, denominator = sums_of(case.lines, case.warm_up).whole[name]
    above, below = case.expected[name]
    assert (numerator, denominator) == (pytest.approx(above), pytest.approx(below))


def test_every_figure_was_worked_out_by_hand() -> None:
    assert set().union(*(case.expected for case in CASES)) == set(METRICS)


def test_a_trace_without_calls_gives_no_figure_and_no_warning() -> None:
    sums = sums_of("there agent=0 at=0..100")
    assert sums.whole["occupancy"] == (0, 100)
    assert all(sums.whole[name] == (0, 0) for name in METRICS if METRICS[name].unit == "s")
    assert np.isnan(result_of([]).interval("probe_wait_p99").mean)


# ---------------------------------------------------------------------------------------------
# percentiles


ANSWERED = [name for name, each in PERCENTILES.items() if each.sample == "answered"]


def result_of(*waits: list[float]) -> Result:
    """Return a result of one replication per list of waits of answered calls."""
    scenario, plan = centre()
    calls = (
        "\n".join(f"call at=0 queue=0..{wait} answered agent=0 direct" for wait in each)
        for each in waits
    )
    sums = [sums_of(lines) for lines in calls]
    return Result(scenario, "by hand", None, 1, 1.0, {}, names_of_values(plan), sums)


def test_percentiles_are_those_of_the_pooled_waits() -> None:
    few, many = [0.0] * 10, [100.0] * 90
    found = result_of(few, many)
    assert found.interval("wait_p50").mean == pytest.approx(100, rel=1 / 32)
    assert result_of(few).interval("wait_p50").mean == 0.0


@pytest.mark.parametrize("name", ANSWERED)
def test_percentile_errs_upwards_by_at_most_a_bin(name: str) -> None:
    waits = [float(wait) for wait in range(1, 101)]
    random.Random(1).shuffle(waits)
    found = result_of(waits[:30], waits[30:]).interval(name).mean
    exact = round(100 * PERCENTILES[name].share)
    assert exact <= found <= (1 + 1 / 32) * exact


@pytest.mark.parametrize("name", sorted(set(PERCENTILES) - set(ANSWERED)))
def test_percentiles_of_probes_are_of_probes_only(name: str) -> None:
    scenario, plan = centre()
    lines = [f"probe at=0 queue=0..{wait} answered probed" for wait in range(1, 101)]
    lines += ["call at=0 queue=0..5000 answered agent=0 direct"] * 100
    found = Result(
        scenario, "by hand", None, 1, 1.0, {}, names_of_values(plan), [sums_of("\n".join(lines))]
    ).interval(name)
    exact = round(100 * PERCENTILES[name].share)
    assert exact <= found.mean <= (1 + 1 / 32) * exact
    assert PERCENTILES[name].sample == "probes"


def test_percentiles_of_parts_are_of_their_own_waits() -> None:
    scenario, plan = centre()
    few = sums_of("call at=0 topic=waste queue=0..8 answered agent=0 direct")
    many = sums_of(
        "\n".join("call at=1800 queue=1800..1900 answered agent=0 direct" for _ in range(9))
        + "\ncall at=0 topic=waste queue=0..16 answered agent=0 direct"
    )
    found = Result(scenario, "by hand", None, 1, 1.0, {}, names_of_values(plan), [few, many])
    by_topic = found.split("wait_p90", "topic")
    assert by_topic["waste"].mean == pytest.approx(16, rel=1 / 32)
    assert by_topic["passport"].mean == pytest.approx(100, rel=1 / 32)
    assert set(by_topic) == {"waste", "passport"}
    assert set(found.split("wait_p50", "half_hour")) == {"00:00", "00:30"}
    assert found.dimensions_of("probe_wait_p50") == ()


def test_percentiles_are_of_answered_calls_only() -> None:
    scenario, plan = centre()
    sums = sums_of("""
        call at=0 queue=0..0 answered agent=0 direct
        call at=0 queue=0..900 abandoned abandoned_queue
        call at=0 queue=0..
    """)
    found = Result(scenario, "by hand", None, 1, 1.0, {}, names_of_values(plan), [sums])
    assert found.interval("wait_p99").mean == 0.0


def test_without_answered_calls_there_is_no_percentile() -> None:
    assert np.isnan(result_of([]).interval("wait_p90").mean)


# ---------------------------------------------------------------------------------------------
# splits


PER_CALL = {name: metric for name, metric in METRICS.items() if metric.per_call}
RATES = [name for name, metric in PER_CALL.items() if metric.weekly]
DIMENSIONS = ("topic", "queue", "half_hour", "weekday", "line", "group")
BEFORE_A_QUEUE = {
    "dialled", "closed", "sl6", "accessibility_r3", "accessibility_r5", "blocked",
    "menu_abandonment", "menu_time", "redials_per_question", "repeats_per_question",
    "share_in_kcc", "citizen_hours", "citizen_hours_menu", "citizen_hours_talk", "citizen_hours_again", "citizen_cost",
}  # fmt: skip
"""Figures in which calls count that never reached a queue, and so belong to none."""
BEYOND_ONE = {"occupancy", "utilisation", "shrinkage"}
"""Shares that overtime takes below 0 or above 1."""

SPLIT = """
    call at=0 queue=0..10 answered agent=0 talk=10..20 direct
    call at=1799.999999 queue=1799.999999..1900 abandoned abandoned_queue
    call at=1800 topic=waste queue=1800..1830 answered agent=1 talk=1830..1900 direct
    call at=6d+86399 topic=waste in=passport queue=6d+86399..6d+86399.5 answered agent=1 direct
    call at=1d+3600 closed
"""


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("topic", {"passport": (1, 2), "waste": (1, 2)}),
        ("queue", {"passport": (2, 3), "waste": (0, 1)}),
        ("half_hour", {"00:00": (1, 2), "00:30": (0, 1), "23:30": (1, 1)}),
        ("weekday", {"mon": (1, 3), "sun": (1, 1)}),
    ],
)
def test_split_of_calls_by_hand(dimension: str, expected: dict[str, tuple[float, float]]) -> None:
    _, plan = centre()
    parts = sums_of(SPLIT).parts[dimension]["sl2"]
    names = names_of_values(plan)[dimension]
    found = {name: tuple(parts[:, i]) for i, name in enumerate(names) if parts[:, i].any()}
    assert found == expected


@lru_cache
def random_run(seed: int) -> Sums:
    """Return the sums of one run of a small centre made at random."""
    scenario = seeded_scenario(seed)
    plan = compile_plan(scenario).seeded(seed, 0)
    return fold(play(plan), plan, scenario)


each_seed = pytest.mark.parametrize("seed", few_of(range(12), 4))


@each_seed
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_parts_add_up_to_the_whole(seed: int, dimension: str) -> None:
    sums = random_run(seed)
    split = {name for name, metric in METRICS.items() if dimension in metric.dimensions}
    assert set(sums.parts[dimension]) == split
    for name in split:
        above, below = sums.parts[dimension][name].sum(axis=1)
        if dimension == "queue" and name in BEFORE_A_QUEUE:
            assert above <= sums.whole[name][0] + 1e-9
            continue
        assert above == pytest.approx(sums.whole[name][0]), name
        if not METRICS[name].weekly:
            assert below == pytest.approx(sums.whole[name][1]), name


@each_seed
def test_shares_lie_between_0_and_1_and_norms_keep_their_order(seed: int) -> None:
    whole = random_run(seed).whole
    for name, metric in METRICS.items():
        if metric.unit == "share" and name not in BEYOND_ONE:
            assert 0 <= whole[name][0] <= whole[name][1], name
    assert whole["sl5"][0] <= whole["sl2"][0] <= whole["sl4"][0]
    assert whole["asa"][0] <= whole["wait_all"][0] + 1e-9
    assert whole["abandonment_long"][0] <= whole["abandonment"][0]


def test_figures_per_week_of_the_topics_add_up() -> None:
    found = run(Scenario.model_validate(CENTRE), replications=2, jobs=1)
    for name in RATES:
        parts = [interval.mean for interval in found.split(name, "topic").values()]
        assert sum(parts) == pytest.approx(found.interval(name).mean), name


@pytest.mark.parametrize("name", RATES)
def test_a_week_without_calls_is_still_a_week(name: str) -> None:
    assert sums_of("probe at=0 closed").whole[name] == (0, 1)
