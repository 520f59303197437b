"""Both sides of a model: what a scenario file brings out, and the balance of its Markov chain."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from engine.chains import (
    Model,
    arrivals_in_whole_minutes,
    balance,
    centre,
    exponential,
    hyperexponential_talk,
    lognormal_talk,
    mean,
    talk_with_zeros_shift_and_cap,
    triangular_talk,
    weibull_talk,
)

from simkcc.analysis.results import run
from simkcc.model.scenario import Scenario

SURE = 4.0
"""Standard errors that a figure may lie off: the seed is fixed, and figures are some forty."""


def lines_and_after_call_work() -> Model:
    # who is in after-call work holds an agent but no line
    rate, talks, wraps, lines, agents = 120 / 3600, 1 / 150, 1 / 60, 9, 7

    def moves(state: tuple[int, int, int]) -> Iterable[tuple[float, Any]]:
        waiting, talking, wrapping = state
        if waiting + talking < lines:
            free = talking + wrapping < agents
            yield rate, (waiting + (not free), talking + free, wrapping)
        if talking:
            yield talking * talks, (waiting, talking - 1, wrapping + 1)
        if wrapping:
            next_one = waiting > 0
            yield wrapping * wraps, (waiting - next_one, talking + next_one, wrapping - 1)

    law = balance((0, 0, 0), moves)
    lost = mean(law, lambda state: state[0] + state[1] == lines)
    scenario = centre(120, agents, exponential(150.0), lines=lines)
    scenario["handling"] |= {"wrap_up": exponential(60.0)}
    return scenario, {
        "blocked": lost,
        "asa": mean(law, lambda state: state[0]) / (rate * (1 - lost)),
        "occupancy": mean(law, lambda state: state[1] + state[2]) / agents,
    }


def balking_by_the_number_who_wait() -> Model:
    rate, serve, agents = 1 / 25, 1 / 200, 7

    def share(waiting: int) -> float:
        return 0.0 if waiting < 1 else 0.2 if waiting < 3 else 0.5 if waiting < 6 else 1.0

    def leaves(number: int) -> float:
        return share(number - agents) if number >= agents else 0.0

    def moves(number: int) -> Iterable[tuple[float, int]]:
        if leaves(number) < 1:
            yield rate * (1 - leaves(number)), number + 1
        if number:
            yield min(number, agents) * serve, number - 1

    law = balance(0, moves)
    left = mean(law, leaves)
    balk = [{"waiting": n, "share": s} for n, s in ((1, 0.2), (3, 0.5), (6, 1.0))]
    queues = {"calls": {"routes": [{"group": "team"}], "balk": balk}}
    return centre(144, agents, exponential(200.0), queues=queues), {
        "asa": mean(law, lambda number: max(number - agents, 0)) / (rate * (1 - left)),
        "abandonment": left,
    }


def redials_with_patience(keep: bool) -> Callable[[], Model]:
    """Return callers of whom four in ten wait not at all, and half of those call again."""

    def model() -> Model:
        agents, rate, serve, again = 2, 30 / 3600, 1 / 150, 1 / 200
        impatient = 1.0 if keep else 0.4  # of those who call again: who left had no patience

        def moves(state: tuple[int, int]) -> Iterable[tuple[float, Any]]:
            number, away = state
            if number < 80:
                yield rate * 0.6, (number + 1, away)
                if number >= agents and impatient < 1 and away:
                    yield away * again * (1 - impatient), (number + 1, away - 1)
            if number < agents:
                yield rate * 0.4, (number + 1, away)
                if away:
                    yield away * again, (number + 1, away - 1)
            else:
                if away < 60:
                    yield rate * 0.4 * 0.5, (number, away + 1)
                if away:
                    yield away * again * impatient * 0.5, (number, away - 1)
            if number:
                yield min(number, agents) * serve, (number - 1, away)

        law = balance((0, 0), moves)
        attempts = rate + again * mean(law, lambda state: state[1])
        left = mean(
            law,
            lambda s: (rate * 0.4 + again * impatient * s[1]) if s[0] >= agents else 0.0,
        )
        delay = {"soon": 1.0, "later_today": 0.0, "soon_after": exponential(200.0)}
        redial = {"share": 0.5, "at_most": 1000, "delay": delay}
        patience = {"kind": "deterministic", "value": 1e6, "zero": 0.4}
        return centre(
            30, agents, exponential(150.0), patience=patience,
            redial=redial | {"patience": "keep" if keep else "redraw"},
        ), {
            "abandonment": left / attempts,
            "wait_all": mean(law, lambda state: max(state[0] - agents, 0)) / attempts,
            "redials_per_question": (attempts - rate) / rate,
        }  # fmt: skip

    return model


def two_skills_and_a_team_that_helps() -> Model:
    # the N: team a answers a; team b answers b first, and a when none of b waits
    (ours, theirs), (a, b), serve, most = (2, 3), (50 / 3600, 60 / 3600), 1 / 120, 60

    def moves(state: tuple[int, int, int, int]) -> Iterable[tuple[float, Any]]:
        x, y, i, j = state
        if x < ours:
            yield a, (x + 1, y, i, j)
        elif y < theirs:
            yield a, (x, y + 1, i, j)
        elif i < most:
            yield a, (x, y, i + 1, j)
        if y < theirs:
            yield b, (x, y + 1, i, j)
        elif j < most:
            yield b, (x, y, i, j + 1)
        if x:
            yield x * serve, (x - (not i), y, i - (i > 0), j)
        if y:
            helps = not j and i > 0
            yield y * serve, (x, y - (not j and not i), i - helps, j - (j > 0))

    law = balance((0, 0, 0, 0), moves)
    return {
        "handling": {"talk": exponential(120.0)},
        "topics": {"a": {"per_hour": 50.0}, "b": {"per_hour": 60.0}},
        "queues": {
            "a": {"routes": [{"group": "a"}, {"group": "b"}]},
            "b": {"routes": [{"group": "b"}]},
        },
        "groups": {
            "a": {"agents": 2},
            "b": {"agents": 3, "pick": "priority", "pulls": ["b", "a"]},
        },
    }, {
        "asa@topic=a": mean(law, lambda state: state[2]) / a,
        "asa@topic=b": mean(law, lambda state: state[3]) / b,
        "occupancy@group=a": mean(law, lambda state: state[0]) / ours,
        "occupancy@group=b": mean(law, lambda state: state[1]) / theirs,
    }


def overflow_in_a_chain() -> Model:
    # the state tells of every waiting call in turn whether its second and third route are open
    rate, serve, agents, speeds = 100 / 3600, 1 / 120, (2, 1, 1), (1.0, 0.8, 1.5)
    places, opens = 5, ((1, 1 / 40), (2, 1 / 100))

    def changed(busy: tuple[int, ...], group: int, by: int) -> tuple[int, ...]:
        return (*busy[:group], busy[group] + by, *busy[group + 1 :])

    def moves(state: tuple[tuple[int, ...], tuple[int, ...]]) -> Iterable[tuple[float, Any]]:
        busy, waiting = state
        if busy[0] < agents[0]:
            yield rate, (changed(busy, 0, 1), waiting)
        elif len(waiting) < places:
            yield rate, (busy, (*waiting, 0))
        for i, flags in enumerate(waiting):
            rest = (*waiting[:i], *waiting[i + 1 :])
            for group, opening in opens:
                if flags & group:
                    continue
                if busy[group] < agents[group]:
                    yield opening, (changed(busy, group, 1), rest)
                else:
                    yield opening, (busy, (*waiting[:i], flags | group, *waiting[i + 1 :]))
        for group in range(3):
            if busy[group]:
                may = [i for i, flags in enumerate(waiting) if not group or flags & group]
                rest = (*waiting[: may[0]], *waiting[may[0] + 1 :]) if may else waiting
                yield busy[group] * serve * speeds[group], (changed(busy, group, -(not may)), rest)

    law = balance(((0, 0, 0), ()), moves)
    taken = rate * (1 - mean(law, lambda state: len(state[1]) == places))
    routes = [
        {"group": "first"},
        {"group": "second", "after": exponential(40.0), "speed": 0.8},
        {"group": "third", "after": exponential(100.0)},
    ]
    return centre(
        100, 0, exponential(120.0),
        queues={"calls": {"capacity": places, "routes": routes}},
        groups={"first": {"agents": 2}, "second": {"agents": 1}, "third": {"agents": 1, "speed": 1.5}},
    ), {
        "asa": mean(law, lambda state: len(state[1])) / taken,
        "accessibility_r1": taken / rate,
        "overflow": 1 - mean(law, lambda state: state[0][0]) * serve / taken,
        "occupancy@group=third": mean(law, lambda state: state[0][2]),
    }  # fmt: skip


def conference_that_waits_for_a_second_agent() -> Model:
    rate = 60 / 3600

    def moves(state: tuple[int, int, int]) -> Iterable[tuple[float, Any]]:
        talking, both, waiting = state
        if sum(state) < 3:
            yield rate, (talking + 1, both, waiting)
        if talking:
            yield talking / 200, (talking - 1, both, waiting)
            yield talking / 200, (talking - 1, both + (not both), waiting + (both > 0))
        if both:
            yield both / 80, (talking, both - (not waiting), waiting - (waiting > 0))

    law = balance((0, 0, 0), moves)
    second = {"via": "conference", "queue": "back", "talk": exponential(80.0), "failed": "queue"}
    return centre(
        60, 3, exponential(100.0),
        topics={"calls": {"per_hour": 60.0, "queue": "calls",
                          "second_line": {"name": "experts", "share": 0.5}}},
        queues={"calls": {"capacity": 0, "routes": [{"group": "team"}]},
                "back": {"routes": [{"group": "back"}]}},
        groups={"team": {"agents": 3}, "back": {"agents": 1, "line": 2}},
        second_lines={"experts": second},
    ), {
        "accessibility_r1": 1 - mean(law, lambda state: sum(state) == 3),
        "occupancy@group=team": mean(law, sum) / 3,
        "occupancy@group=back": mean(law, lambda state: state[1]),
    }  # fmt: skip


def queues_drawn_by_weight() -> Model:
    a, b, serve, most = 10 / 3600, 11 / 3600, 1 / 120, 50

    def moves(state: tuple[int, int, int]) -> Iterable[tuple[float, Any]]:
        busy, i, j = state
        if not busy:
            yield a + b, (1, 0, 0)
            return
        if i < most:
            yield a, (1, i + 1, j)
        if j < most:
            yield b, (1, i, j + 1)
        first = 0.75 if i and j else float(i > 0)
        if i:
            yield serve * first, (1, i - 1, j)
        if j:
            yield serve * (1 - first), (1, i, j - 1)
        if not i and not j:
            yield serve, (0, 0, 0)

    law = balance((0, 0, 0), moves)
    return {
        "handling": {"talk": exponential(120.0)},
        "topics": {"a": {"per_hour": 10.0}, "b": {"per_hour": 11.0}},
        "queues": {
            name: {"routes": [{"group": "team", "weight": weight}]}
            for name, weight in (("a", 3.0), ("b", 1.0))
        },
        "groups": {"team": {"agents": 1, "pick": "weighted"}},
    }, {
        "asa@topic=a": mean(law, lambda state: state[1]) / a,
        "asa@topic=b": mean(law, lambda state: state[2]) / b,
    }


def a_pool_of_fast_and_slow_agents() -> Model:
    rate, serve, agents, speeds = 80 / 3600, 1 / 120, (2, 3), (2.0, 0.6)

    def moves(state: tuple[int, int, int]) -> Iterable[tuple[float, Any]]:
        x, y, waiting = state
        fast, slow = agents[0] - x, agents[1] - y
        if fast:
            yield rate * fast / (fast + slow), (x + 1, y, waiting)
        if slow:
            yield rate * slow / (fast + slow), (x, y + 1, waiting)
        if not fast + slow and waiting < 150:
            yield rate, (x, y, waiting + 1)
        if x:
            yield x * serve * speeds[0], (x - (not waiting), y, waiting - (waiting > 0))
        if y:
            yield y * serve * speeds[1], (x, y - (not waiting), waiting - (waiting > 0))

    law = balance((0, 0, 0), moves)
    routes = [{"group": "fast", "order": 0}, {"group": "slow", "order": 0}]
    return centre(
        80, 0, exponential(120.0), queues={"calls": {"routes": routes}},
        groups={"fast": {"agents": 2, "speed": 2.0, "choice": "uniform"},
                "slow": {"agents": 3, "speed": 0.6, "choice": "uniform"}},
    ), {
        "asa": mean(law, lambda state: state[2]) / rate,
        "occupancy@group=fast": mean(law, lambda state: state[0]) / 2,
        "occupancy@group=slow": mean(law, lambda state: state[1]) / 3,
    }  # fmt: skip


def probes_among_impatient_callers() -> Model:
    # a probe waits for the departures of all who were there before it, whether helped or gone
    agents, rate, serve, leave = 3, 90 / 3600, 1 / 120, 1 / 100

    def moves(number: int) -> Iterable[tuple[float, int]]:
        if number < 150:
            yield rate, number + 1
        if number:
            yield min(number, agents) * serve + max(number - agents, 0) * leave, number - 1

    def wait(number: int) -> float:
        return sum(1 / (agents * serve + k * leave) for k in range(number - agents + 1))

    law = balance(0, moves)
    lost = leave * mean(law, lambda number: max(number - agents, 0)) / rate
    return centre(
        90, agents, exponential(120.0), patience=exponential(100.0),
        hours={"always": {"daily": ["00:00-24:00"]}},
        probes={"study": {"topic": "calls", "per_hour": 20.0, "hours": "always"}},
    ), {"probe_wait": mean(law, wait), "abandonment": lost}  # fmt: skip


MODELS = {
    "lines and after-call work": lines_and_after_call_work,
    "lognormal talk": lognormal_talk,
    "weibull talk": weibull_talk,
    "triangular talk": triangular_talk,
    "hyperexponential talk": hyperexponential_talk,
    "zeros, shift and cap": talk_with_zeros_shift_and_cap,
    "whole minutes": arrivals_in_whole_minutes,
    "balking": balking_by_the_number_who_wait,
    "redials that keep their patience": redials_with_patience(keep=True),
    "redials that draw it anew": redials_with_patience(keep=False),
    "two skills": two_skills_and_a_team_that_helps,
    "overflow in a chain": overflow_in_a_chain,
    "conference": conference_that_waits_for_a_second_agent,
    "weighted queues": queues_drawn_by_weight,
    "fast and slow": a_pool_of_fast_and_slow_agents,
    "probes": probes_among_impatient_callers,
}


@pytest.mark.slow  # each plays some hundred thousand calls: waits of busy agents are noisy
@pytest.mark.parametrize("name", MODELS)
def test_a_centre_brings_out_the_balance_of_its_chain(name: str) -> None:
    table, truths = MODELS[name]()
    horizon = {"days": 21, "warm_up_days": 1}
    found = run(Scenario.model_validate(table | {"horizon": horizon}), replications=20, seed=3)
    for figure, truth in truths.items():
        metric, _, part = figure.partition("@")
        dimension, _, value = part.partition("=")
        interval = found.split(metric, dimension)[value] if part else found.interval(metric)
        error = interval.half_width / 2.09  # Student t of 20 replications
        assert abs(interval.mean - truth) < SURE * error, (figure, truth, interval)
        assert interval.half_width < 0.12 * truth, (figure, truth, interval)
