"""W1 and W2 on the simkcc kernel: scenario, plan and run as everyone uses them, no log kept."""

from dataclasses import replace
from math import ceil

import numpy as np

from bench.outcome import Outcome
from bench.workloads import ANSWERED_WITHIN, W1, W2
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan, piece_dtype
from simkcc.engine.state import State
from simkcc.engine.statistics import Count, Sum
from simkcc.model.contact_log import DAY, NONE, SECOND
from simkcc.model.contact_log import Outcome as End
from simkcc.model.scenario import Scenario

WITHIN = Count.WITHIN + 2
"""The third threshold of a plan is always 20 s, that of the bench."""

SMALL = 2_000


def run_w1(calls: int, seed: int) -> Outcome:
    """Simulate W1."""
    return play(plan_w1(calls), seed, first_line=1)


def run_w2(calls: int, seed: int) -> Outcome:
    """Simulate W2."""
    return play(plan_w2(calls), seed, first_line=len(W2.topics))


def warm_up() -> None:
    """Compile the kernel, or load what was compiled before."""
    run_w1(SMALL, seed=0)
    run_w2(SMALL, seed=0)


# ---------------------------------------------------------------------------------------------
# plans


def plan_w1(calls: int) -> Plan:
    """Return the plan of W1 that expects so many calls."""
    return plan_of(calls, W1.mean_gap, {
        "topics": {"calls": {"per_hour": 3600.0 / W1.mean_gap}},
        "queues": {"kcc": {"routes": [{"group": "agents"}]}},
        "groups": {"agents": {"agents": W1.agents}},
        "patience": exponential(W1.mean_patience),
        "handling": {"talk": exponential(W1.mean_talk)},
    })  # fmt: skip


def plan_w2(calls: int) -> Plan:
    """Return the plan of W2 that expects so many calls."""
    per_hour = 3600.0 / W2.mean_gap
    left = 1.0 - W2.transferred
    return plan_of(calls, W2.mean_gap, {
        "topics": {
            topic: {
                "per_hour": per_hour * share, "queue": topic,
                "second_line": {"name": "second", "share": W2.transferred},
                "callback": {"name": "note", "share": W2.called_back / left},
            }
            for topic, share in zip(W2.topics, W2.topic_shares, strict=True)
        },
        "menu": {
            "length": W2.menu, "hang_up": 1.0 / W2.mean_time_to_hang_up,
            "complete": {"wrong": W2.wrong_when_heard},
            "early": {"share": W2.early_choice, "wrong": W2.wrong_when_early, "when": "uniform"},
            "wrong_talk": W2.wrong_talk,
        },
        "queues": {
            **{
                topic: {"routes": [
                    {"group": W2.groups[own]},
                    {"group": W2.groups[1 - own], "after": W2.overflow_after},
                ]}
                for topic, own in zip(W2.topics, W2.own_group, strict=True)
            },
            "second": {"routes": [{"group": "second"}]},
        },
        "groups": {
            **{group: {"agents": W2.agents} for group in W2.groups},
            "second": {"agents": W2.second_agents},
        },
        "patience": exponential(W2.mean_patience),
        "handling": {
            "talk": {"kind": "lognormal", "mean": W2.mean_talk, "cv": W2.talk_variation},
            "wrap_up": exponential(W2.mean_wrap_up),
        },
        "second_lines": {"second": {
            "via": "blind", "queue": "second", "failed": "end",
            "talk": exponential(W2.mean_second_talk), "wrap_up": exponential(W2.mean_wrap_up),
        }},
        "callbacks": {"note": {"queue": "second", "effort": exponential(W2.mean_callback)}},
    })  # fmt: skip


def exponential(mean: float) -> dict:
    """Return an exponential duration of a scenario."""
    return {"kind": "exponential", "mean": mean}


def plan_of(calls: int, mean_gap: float, table: dict) -> Plan:
    """Return the plan of a scenario, its last day cut so that it expects so many calls."""
    length = round(calls * mean_gap * SECOND)
    days = ceil(length / DAY)
    plan = compile_plan(Scenario.model_validate(table | {"horizon": {"days": days}, "tick": 1e-6}))
    last = length - (days - 1) * DAY
    rows = list(plan.pieces)
    dates = plan.days.copy()
    for stream in range(len(dates)):
        first = int(dates[stream, -1])
        whole = plan.pieces[first + 1]
        dates[stream, -1] = len(rows)
        rows += [plan.pieces[first], (last, whole["expected"] * last / whole["at"]), (NONE, 0.0)]
    return replace(plan, days=dates, pieces=np.array([tuple(row) for row in rows], piece_dtype))


# ---------------------------------------------------------------------------------------------
# runs


def play(plan: Plan, seed: int, first_line: int) -> Outcome:
    """Play a plan without a log; its first queues are the first line."""
    state = start(plan, seed, logging=False)
    return outcome(plan, state, first_line)


def start(plan: Plan, seed: int, logging: bool) -> State:
    """Play a plan to its end and return what the kernel then knows."""
    plan = plan.seeded(seed, 0)
    state = runs.start(plan, logging=logging)
    runs.advance(plan, state)
    return state


def outcome(plan: Plan, state: State, first_line: int) -> Outcome:
    """Return the counts and sums of a run; rows are queues, then topics, then groups."""
    assert plan.settings[0]["thresholds"][WITHIN - Count.WITHIN] == ANSWERED_WITHIN * SECOND
    counts, sums = state.counts.sum(axis=1), state.sums.sum(axis=1) / SECOND
    n_queues = len(plan.queues)
    topics = slice(n_queues, n_queues + len(plan.topics))
    first, second = counts[:first_line].sum(axis=0), counts[first_line:n_queues].sum(axis=0)
    return Outcome(
        calls=int(counts[topics, Count.BORN].sum()),
        offered=int(first[Count.OFFERED]),
        answered=int(first[Count.ANSWERED]),
        abandoned=int(first[Count.ABANDONED]),
        within=int(first[WITHIN]),
        wait=float(sums[:first_line, Sum.WAIT_ANSWERED].sum()),
        talk=float(sums[topics, Sum.TALK].sum()),
        menu_abandoned=int(counts[topics, Count.MENU_ABANDONED].sum()),
        transfers=int(second[Count.OFFERED]),
        second_abandoned=int(second[Count.ABANDONED]),
        callbacks=int(counts[topics, Count.OUTCOME + End.RETURNED].sum()),
        callback_wait=float(sums[:n_queues, Sum.TASK_WAIT].sum()),
    )
