"""The Erlang A queue for many loads and rosters at once; tested against analysis.erlang."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True)
class Steady:
    """Figures of M/M/n+M in steady state, one per queue."""

    abandoned: Floats
    """Share of callers who hang up."""
    within: Floats
    """Share of callers who are answered within the threshold."""
    wait_of_answered: Floats
    """Seconds of waiting of answered callers, per caller."""


def erlang_a(
    load: Floats, agents: Floats, aht: Floats | float, patience: float, threshold: float
) -> Steady:
    """Return figures for arrays of loads (erlang) and whole numbers of agents; times in seconds.

    Source: Mandelbaum and Zeltyn (2007), "Service engineering in action: the Palm/Erlang-A queue".
    """
    load, agents, aht = np.broadcast_arrays(
        *(np.asarray(each, float) for each in (load, agents, aht))
    )
    rate, capacity = load / aht, agents / aht
    peak = np.where(rate > capacity, patience * np.log(np.maximum(rate / capacity, 1.0)), 0.0)
    height = _exponent(peak, rate, capacity, patience)
    far = _end(peak, height, rate, capacity, patience)
    near = np.maximum(peak - 9 * np.sqrt(patience / capacity), 0.0)  # the peak is Gaussian there

    def integral(low: Floats, high: Floats, weight: str) -> Floats:
        middle, half = (low + high) / 2, np.maximum(high - low, 0) / 2
        wait = middle[..., None] + half[..., None] * _NODES
        there = np.exp(
            _exponent(wait, rate[..., None], capacity[..., None], patience) - height[..., None]
        )
        kept = np.exp(-wait / patience)
        factor = {"all": 1.0, "stay": kept, "stayed": kept * wait}[weight]
        return np.asarray((there * factor) @ _WEIGHTS * half)

    def whole(weight: str) -> Floats:
        return integral(near, peak, weight) + integral(peak, far, weight)

    arrivals = rate * _blocked(load, agents - 1)
    scale = arrivals / (np.exp(-height) + arrivals * whole("all"))
    late = scale * whole("all")
    soon = np.minimum(threshold, far)
    in_time = integral(np.minimum(near, soon), np.minimum(peak, soon), "stay")
    in_time += integral(np.minimum(peak, soon), soon, "stay")
    return Steady(late - scale * whole("stay"), 1 - late + scale * in_time, scale * whole("stayed"))


def _exponent(wait: Floats, rate: Floats, capacity: Floats, patience: float) -> Floats:
    return np.asarray(-rate * patience * np.expm1(-wait / patience) - capacity * wait)


def _end(peak: Floats, height: Floats, rate: Floats, capacity: Floats, patience: float) -> Floats:
    """Return the wait beyond which the density is negligible."""
    low, high = peak.copy(), peak + 40 / capacity + 20 * np.sqrt(patience / capacity)
    for _ in range(60):
        short = _exponent(high, rate, capacity, patience) > height - 35
        if not short.any():
            break
        high = np.where(short, 2 * high, high)
    for _ in range(25):
        middle = (low + high) / 2
        over = _exponent(middle, rate, capacity, patience) > height - 35
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return high


def _blocked(load: Floats, agents: Floats) -> Floats:
    """Return Erlang B for arrays."""
    blocked = np.ones_like(load)
    for busy in range(1, int(agents.max(initial=0)) + 1):
        fresh = load * blocked / (busy + load * blocked)
        blocked = np.where(busy <= agents, fresh, blocked)
    return blocked
