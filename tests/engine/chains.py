"""Centres that are Markov chains: the balance of a chain, and one agent with any talk.

The equations are solved by linear algebra and share nothing with the engine. Where times are not
exponential the waits of one agent follow Pollaczek (1930) and Khinchine (1932).
"""

from collections.abc import Callable, Hashable, Iterable
from math import exp, gamma
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

Moves = Callable[[Any], Iterable[tuple[float, Any]]]
Model = tuple[dict[str, Any], dict[str, float]]
"""A scenario, and the truth of its figures: name, or name@dimension=value."""


def balance(start: Hashable, moves: Moves) -> dict[Any, float]:
    """Return the stationary law of all states that can be reached. moves: rate and next state."""
    index, todo, entries = {start: 0}, [start], []
    while todo:
        state = todo.pop()
        for rate, to in moves(state):
            if to not in index:
                index[to] = len(index)
                todo.append(to)
            entries.append((index[to], index[state], rate))
    size = len(index)
    into, out_of, rates = (np.array(column) for column in zip(*entries, strict=True))
    flows = sparse.coo_matrix((rates, (into, out_of)), shape=(size, size))
    leaving = sparse.diags(np.bincount(out_of, rates, size))
    equations = (flows - leaving).tolil()
    equations[0, :] = 1.0
    law = spsolve(equations.tocsc(), np.eye(1, size)[0])
    return dict(zip(index, law, strict=True))


def mean(law: dict[Any, float], value: Callable[[Any], float]) -> float:
    return sum(chance * value(state) for state, chance in law.items())


def exponential(seconds: float) -> dict[str, Any]:
    return {"kind": "exponential", "mean": seconds}


def centre(per_hour: float, agents: int, talk: Any, **more: Any) -> dict[str, Any]:
    """Return one topic, one queue and one group, with other sections laid over them."""
    return {
        "topics": {"calls": {"per_hour": per_hour}},
        "handling": {"talk": talk},
        "queues": {"calls": {"routes": [{"group": "team"}]}},
        "groups": {"team": {"agents": agents}},
    } | more


def one_agent(per_hour: float, talk: Any, first: float, second: float) -> Model:
    """Return one agent and any talk. first, second: its moments, in seconds and their square."""
    rate = per_hour / 3600
    wait = rate * second / (2 * (1 - rate * first))
    return centre(per_hour, 1, talk), {"asa": wait, "aht": first, "occupancy": rate * first}


def lognormal_talk() -> Model:
    return one_agent(
        20, {"kind": "lognormal", "mean": 120.0, "cv": 0.9}, 120, 120**2 * (1 + 0.9**2)
    )


def weibull_talk() -> Model:
    scale = 120 / gamma(1 + 1 / 1.6)
    return one_agent(
        22, {"kind": "weibull", "mean": 120.0, "shape": 1.6}, 120, scale**2 * gamma(1 + 2 / 1.6)
    )


def triangular_talk() -> Model:
    low, mode, high = 20.0, 50.0, 300.0
    first = (low + mode + high) / 3
    spread = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    talk = {"kind": "triangular", "low": low, "mode": mode, "high": high}
    return one_agent(22, talk, first, spread + first**2)


def hyperexponential_talk() -> Model:
    talk = {"kind": "hyperexponential", "shares": (0.8, 0.2), "means": (60.0, 300.0)}
    return one_agent(18, talk, 0.8 * 60 + 0.2 * 300, 2 * (0.8 * 60**2 + 0.2 * 300**2))


def talk_with_zeros_shift_and_cap() -> Model:
    talk = exponential(100.0) | {"zero": 0.2, "shift": 30.0, "cap": 250.0}
    left = exp(-220 / 100)  # E min(X, 220) and its square, for X exponential of mean 100
    one, two = 100 * (1 - left), 2 * 100**2 * (1 - left * (1 + 220 / 100))
    return one_agent(28, talk, 0.8 * (30 + one), 0.8 * (30**2 + 2 * 30 * one + two))


def arrivals_in_whole_minutes() -> Model:
    # arrivals of a minute count as one batch: M^[X]/D/1 in slots; a talk is two slots long, so that
    # the work of a slot is 2N - 1 and its law follows by iteration
    chances = [exp(-1 / 3)]
    for k in range(1, 14):
        chances.append(chances[-1] / 3 / k)
    work = np.eye(1, 400)[0]
    for _ in range(2000):
        arrived = sum(
            chance * np.concatenate([np.zeros(2 * k), work[: 400 - 2 * k]])
            for k, chance in enumerate(chances)
        )
        work = np.append(arrived[1:], 0.0)
        work[0] += arrived[0]
    wait = float(work @ np.arange(400)) + 2 * (1 / 3) / 2
    return centre(20, 1, 120.0, tick=60.0), {"asa": 60 * wait}
