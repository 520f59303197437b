"""Closed forms and exact numerics of the queues a contact centre is made of.

What can be known without simulating lives here; the engines are tested against it. Times (aht,
patience, threshold, menu) share one unit of the caller's choice and results come back in it, unless
a docstring says seconds. Offered load is in erlang: arrivals per unit of time times aht.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Curve = Callable[[Floats], Floats]

_NEGLIGIBLE = 45.0  # e**-45 of the peak is below a rounding error of the whole integral
_PANELS = 16
_HALVINGS = 20
_NODES = 16


def erlang_b(offered_load: float, agents: int) -> float:
    """Return the share of calls blocked when all agents (or trunks) are busy and nobody waits.

    Source: Erlang (1917), by the recursion B(k) = a B(k-1) / (k + a B(k-1)), which cannot overflow.

    >>> round(erlang_b(10.0, 14), 6)
    0.056819
    """
    _check_load(offered_load)
    _check_count("agents", agents, at_least=0)
    blocked = 1.0
    for busy in range(1, agents + 1):
        blocked = offered_load * blocked / (busy + offered_load * blocked)
    return blocked


@dataclass(frozen=True)
class ErlangC:
    """The M/M/n queue in steady state: everybody waits until answered."""

    offered_load: float
    """In erlang."""
    agents: int
    aht: float
    wait_share: float
    """Share of callers who wait at all."""
    asa: float
    """Mean wait over all callers, in the unit of aht."""
    queue_length: float
    """Mean number of callers waiting."""
    occupancy: float

    @property
    def arrival_rate(self) -> float:
        """Return arrivals per unit of time."""
        return self.offered_load / self.aht

    def waits_longer(self, wait: float) -> float:
        """Return the share of callers who wait longer than `wait`."""
        _check_at_least_zero("wait", wait)
        return self.wait_share * math.exp(-(self.agents - self.offered_load) * wait / self.aht)

    def service_level(self, threshold: float) -> float:
        """Return the share of callers answered within the threshold."""
        return 1.0 - self.waits_longer(threshold)

    def wait_percentile(self, share: float) -> float:
        """Return the wait not exceeded by `share` of all callers; 0 if that many do not wait."""
        _check_between("share", share)
        if self.wait_share <= 1.0 - share:
            return 0.0
        excess = math.log(self.wait_share / (1.0 - share))
        return excess * self.aht / (self.agents - self.offered_load)


def erlang_c(offered_load: float, agents: int, aht: float) -> ErlangC:
    """Return waiting in the M/M/n queue; the load must be below the number of agents.

    Source: Erlang (1917).

    >>> round(erlang_c(10.0, 14, aht=180.0).asa, 6)
    7.835937
    """
    blocked = erlang_b(offered_load, agents)
    _check_positive("aht", aht)
    if offered_load >= agents:
        raise ValueError(
            f"agents = {agents} cannot carry offered_load = {offered_load:g} erlang without "
            f"abandonment, the queue grows for ever; at least {math.floor(offered_load) + 1} can"
        )
    occupancy = offered_load / agents
    wait_share = blocked / (1.0 - occupancy * (1.0 - blocked))
    asa = wait_share * aht / (agents - offered_load)
    queue_length = offered_load / aht * asa
    return ErlangC(offered_load, agents, aht, wait_share, asa, queue_length, occupancy)


def second_line(first: ErlangC, transfer_share: float, agents: int, aht: float) -> ErlangC:
    """Return the queue of a second line fed by blind transfers from a first line.

    The stream leaving an M/M/n queue is Poisson at the rate of its arrivals, so a random share of
    it makes the second line an M/M/n queue too. Source: Burke (1956), "The output of a queuing
    system".

    >>> round(second_line(erlang_c(4.0, 6, aht=120.0), 0.40, agents=6, aht=300.0).asa, 4)
    42.7141
    """
    _check_share("transfer_share", transfer_share)
    return erlang_c(first.arrival_rate * transfer_share * aht, agents, aht)


@dataclass(frozen=True)
class Patience:
    """A law of patience: how long a caller waits before hanging up."""

    survival: Curve
    """Share of callers whose patience exceeds each wait, falling from 1 at 0."""
    mean_until: Curve
    """Integral of `survival` from 0: the mean of patience cut off at each wait."""
    knots: tuple[float, ...] = ()
    """Waits where `survival` jumps or bends."""


def exponential_patience(mean: float) -> Patience:
    """Return patience without memory: having waited long makes no caller likelier to hang up."""
    _check_positive("mean", mean)
    return Patience(
        survival=lambda wait: np.exp(-wait / mean),
        mean_until=lambda wait: -mean * np.expm1(-wait / mean),
    )


def fixed_patience(limit: float) -> Patience:
    """Return patience equal for everybody: a caller still waiting at `limit` hangs up."""
    _check_positive("limit", limit)
    return Patience(
        survival=lambda wait: np.where(wait < limit, 1.0, 0.0),
        mean_until=lambda wait: np.minimum(wait, limit),
        knots=(limit,),
    )


def uniform_patience(low: float, high: float) -> Patience:
    """Return patience spread evenly between `low` and `high`."""
    if not 0.0 <= low < high < math.inf:
        raise ValueError(f"low = {low:g}, high = {high:g} is no range; give 0 <= low < high < inf")

    def mean_until(wait: Floats) -> Floats:
        beyond_low = np.clip(wait - low, 0.0, high - low)
        return np.minimum(wait, low) + beyond_low - beyond_low**2 / (2.0 * (high - low))

    return Patience(
        survival=lambda wait: np.clip((high - wait) / (high - low), 0.0, 1.0),
        mean_until=mean_until,
        knots=(low, high),
    )


@dataclass(frozen=True)
class OfferedWait:
    """The wait a caller of endless patience would meet: an atom at 0 and a density above it.

    The density is `scale` times exp(exponent(wait) - exponent(peak)), where exponent(wait) =
    rate * mean_until(wait) - capacity * wait is concave, so that it has one peak and no overflow.
    Source: Baccelli and Hebuterne (1981), "On queues with impatient customers".
    """

    rate: float
    """Arrivals per unit of time."""
    capacity: float
    """Contacts all agents together finish per unit of time."""
    patience: Patience
    peak: float
    support: tuple[float, float]
    """The waits outside which the density is negligible."""
    scale: float = 1.0

    def exponent(self, wait: Floats) -> Floats:
        """Return the logarithm of the density up to a constant."""
        return self.rate * self.patience.mean_until(wait) - self.capacity * wait

    def integrate(self, weight: Curve, start: float = 0.0, stop: float = math.inf) -> float:
        """Return the integral of weight times density over waits from `start` to `stop`."""
        low, high = max(start, self.support[0]), min(stop, self.support[1])
        if low >= high:
            return 0.0
        inside = (wait for wait in (self.peak, *self.patience.knots) if low < wait < high)
        waits, lengths = _quadrature(np.array([low, *sorted(inside), high]))
        height = self.exponent(np.array(self.peak))
        density = self.scale * np.exp(self.exponent(waits) - height)
        return float(np.sum(lengths * weight(waits) * density))

    def longer(self, wait: float) -> float:
        """Return the probability that the offered wait exceeds `wait`."""
        return self.integrate(np.ones_like, start=wait)


@dataclass(frozen=True)
class ErlangG:
    """The M/M/n+G queue in steady state; Erlang A when patience is exponential."""

    offered_load: float
    """In erlang, abandoning callers included."""
    agents: int
    aht: float
    wait_share: float
    """Share of callers not answered at once."""
    abandoned: float
    """Share of callers who hang up."""
    mean_wait: float
    """Over all callers, answered or not, in the unit of aht."""
    asa: float
    """Mean wait of answered callers, those answered at once included."""
    queue_length: float
    """Mean number of callers waiting."""
    occupancy: float
    offered_wait: OfferedWait = field(repr=False, compare=False)

    def served_within(self, threshold: float) -> float:
        """Return the share of all callers who are answered within the threshold."""
        _check_at_least_zero("threshold", threshold)
        offered = self.offered_wait
        at_once = 1.0 - offered.longer(0.0)
        return at_once + offered.integrate(offered.patience.survival, stop=threshold)

    def waits_longer(self, wait: float) -> float:
        """Return the share of all callers whose wait, ended either way, is longer than `wait`."""
        _check_at_least_zero("wait", wait)
        survival = float(self.offered_wait.patience.survival(np.array(wait)))
        return survival * self.offered_wait.longer(wait)

    def wait_percentile(self, share: float) -> float:
        """Return the wait, ended either way, not exceeded by `share` of all callers."""
        _check_between("share", share)
        return _first_at_most(self.waits_longer, 1.0 - share, self.aht)

    def offered_wait_percentile(self, share: float) -> float:
        """Return the wait not exceeded by `share` of callers if none of them would hang up."""
        _check_between("share", share)
        return _first_at_most(self.offered_wait.longer, 1.0 - share, self.aht)


def erlang_a(offered_load: float, agents: int, aht: float, patience: float) -> ErlangG:
    """Return waiting and abandonment of the M/M/n+M queue; patience is a mean in the unit of aht.

    Source: Mandelbaum and Zeltyn (2007), "Service engineering in action: the Palm/Erlang-A queue".

    >>> round(erlang_a(48.0, 50, aht=60.0, patience=120.0).abandoned, 5)
    0.03091
    """
    _check_positive("patience", patience)
    return erlang_g(offered_load, agents, aht, exponential_patience(patience))


def erlang_g(offered_load: float, agents: int, aht: float, patience: Patience) -> ErlangG:
    """Return waiting and abandonment of the M/M/n+G queue, for any law of patience.

    Source: Zeltyn and Mandelbaum (2005), "Call centers with impatient customers: many-server
    asymptotics of the M/M/n+G queue".
    """
    _check_load(offered_load)
    _check_count("agents", agents, at_least=1)
    _check_positive("aht", aht)
    offered = _offered_wait(offered_load, agents, aht, patience)
    abandoned = offered.integrate(lambda wait: 1.0 - patience.survival(wait))
    mean_wait = offered.integrate(patience.mean_until)
    answered_wait = offered.integrate(lambda wait: wait * patience.survival(wait))
    wait_share = offered.longer(0.0) * float(patience.survival(np.array(0.0)))
    served = 1.0 - offered.longer(0.0) + offered.integrate(patience.survival)
    return ErlangG(
        offered_load=offered_load,
        agents=agents,
        aht=aht,
        wait_share=wait_share,
        abandoned=abandoned,
        mean_wait=mean_wait,
        asa=answered_wait / served,
        queue_length=offered.rate * mean_wait,
        occupancy=offered_load * served / agents,
        offered_wait=offered,
    )


def _offered_wait(load: float, agents: int, aht: float, patience: Patience) -> OfferedWait:
    """Return the offered wait with its density scaled to probability."""
    rate, capacity = load / aht, agents / aht
    peak = _first_at_most(
        lambda wait: rate * float(patience.survival(np.array(wait))), capacity, aht
    )
    shape = OfferedWait(rate, capacity, patience, peak, support=(0.0, math.inf))

    def exponent(wait: float) -> float:
        return float(shape.exponent(np.array(wait)))

    height = exponent(peak)
    floor = height - _NEGLIGIBLE
    high = peak + _first_at_most(lambda beyond: exponent(peak + beyond), floor, aht)
    low = 0.0
    if floor > 0.0:
        low = peak - _first_at_most(lambda back: exponent(max(peak - back, 0.0)), floor, aht)
    shape = OfferedWait(rate, capacity, patience, peak, support=(max(low, 0.0), high))
    arrivals = rate * erlang_b(load, agents - 1)
    scale = arrivals / (math.exp(-height) + arrivals * shape.longer(0.0))
    return OfferedWait(rate, capacity, patience, peak, shape.support, scale)


def _first_at_most(curve: Callable[[float], float], level: float, step: float) -> float:
    """Return where a falling curve first is at most `level`: double `step`, then halve."""
    if curve(0.0) <= level:
        return 0.0
    low, high = 0.0, step
    while curve(high) > level:
        low, high = high, 2.0 * high
        if math.isinf(high):
            raise ValueError(
                f"the curve never falls to {level:g}: too few callers lose patience for the queue "
                "to stay finite; give more agents or a patience whose survival falls further"
            )
    while low < (middle := low + (high - low) / 2.0) < high:
        low, high = (middle, high) if curve(middle) > level else (low, middle)
    return high


@cache
def _unit_quadrature() -> tuple[Floats, Floats]:
    """Return points and weights of Gauss-Legendre in panels on [0, 1].

    The first and the last panel are halved again and again towards the ends, since patience much
    shorter than handling bends the density there on its own scale.
    """
    even = np.linspace(0.0, 1.0, _PANELS + 1)
    towards_end = even[1] * 0.5 ** np.arange(1, _HALVINGS + 1)
    edges = np.sort(np.concatenate([even, towards_end, 1.0 - towards_end]))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    width = np.diff(edges)
    points = edges[:-1, None] + (nodes + 1.0) / 2.0 * width[:, None]
    return points.ravel(), np.outer(width, weights / 2.0).ravel()


def _quadrature(breaks: Floats) -> tuple[Floats, Floats]:
    """Return points and weights of panels that never straddle a break."""
    points, weights = _unit_quadrature()
    width = np.diff(breaks)
    return (breaks[:-1, None] + points * width[:, None]).ravel(), np.outer(width, weights).ravel()


@dataclass(frozen=True)
class MenuAndAgents:
    """A menu and a group of agents behind a limited number of trunks, in steady state."""

    blocked: float
    """Share of calls that find all trunks taken."""
    wait_share: float
    """Share of callers for an agent who wait."""
    mean_wait: float
    """Mean wait for an agent after the menu."""
    trunks_busy: float
    """Mean number of trunks taken by menu, wait and talk."""
    mean_visit: float
    """Mean time from dialling to the end of the call, over calls not blocked."""
    queue_length: float
    occupancy: float


def menu_and_agents(
    *, rate: float, menu: float, agent_share: float, aht: float, agents: int, trunks: int
) -> MenuAndAgents:
    """Return blocking and waiting when every call holds a trunk through menu, wait and talk.

    rate: calls per unit of time. agent_share: share of callers who want an agent after the menu,
    the others leave. Nobody abandons. The menu may have any distribution with mean `menu`; handling
    is exponential. A caller leaving the menu sees the system as if it had one trunk fewer.
    Source: Srinivasan, Talim and Wang (2004), "Performance analysis of a call center with
    interactive voice response units".
    """
    for name, value in (("rate", rate), ("menu", menu), ("aht", aht), ("agent_share", agent_share)):
        _check_positive(name, value)
    _check_share("agent_share", agent_share)
    _check_count("agents", agents, at_least=1)
    _check_count("trunks", trunks, at_least=1)
    in_menu, at_agents = np.indices((trunks + 1, trunks + 1))
    taken = in_menu + at_agents
    logs = _log_busy(rate * menu, trunks, trunks)[:, None]
    logs = logs + _log_busy(rate * agent_share * aht, agents, trunks)
    logs = np.where(taken <= trunks, logs, -np.inf)
    weights = np.exp(logs - logs.max())
    states = weights / weights.sum()
    seen = np.where(taken < trunks, states, 0.0)
    blocked = float(states[taken == trunks].sum())
    queue_length = float((states * np.maximum(at_agents - agents, 0)).sum())
    trunks_busy = float((states * taken).sum())
    return MenuAndAgents(
        blocked=blocked,
        wait_share=float(seen[at_agents >= agents].sum() / seen.sum()),
        mean_wait=queue_length / (rate * agent_share * (1.0 - blocked)),
        trunks_busy=trunks_busy,
        mean_visit=trunks_busy / (rate * (1.0 - blocked)),
        queue_length=queue_length,
        occupancy=float((states * np.minimum(at_agents, agents)).sum()) / agents,
    )


def _log_busy(load: float, servers: int, most: int) -> Floats:
    """Return the log weight of 0 ... `most` callers at an M/M/n station."""
    steps = np.log(load) - np.log(np.minimum(np.arange(1, most + 1), servers))
    return np.concatenate([[0.0], np.cumsum(steps)])


def daily_count_deviation(mean_count: float, shape: float) -> float:
    """Return the standard deviation of a day's calls when a Gamma factor makes days busy or quiet.

    shape: of the factor, whose mean is 1; inf leaves only Poisson noise.

    >>> round(daily_count_deviation(1660.0, 400.0), 3)
    92.461
    """
    _check_at_least_zero("mean_count", mean_count)
    if not shape > 0.0:
        raise ValueError(f"shape = {shape:g} must be positive; inf means days are alike")
    return math.sqrt(mean_count + mean_count**2 / shape)


def sinusoidal_load(
    time: float, *, mean_rate: float, amplitude: float, period: float, aht: float
) -> float:
    """Return mean calls in progress at `time` when nobody waits and the rate is a sine wave.

    The rate is mean_rate + amplitude * sin(2 pi time / period), since for ever. The load lags it.
    Source: Eick, Massey and Whitt (1993), "Mt/G/inf queues with sinusoidal arrival rates".
    """
    _check_positive("period", period)
    _check_positive("aht", aht)
    if not 0.0 <= abs(amplitude) <= mean_rate:
        raise ValueError(
            f"amplitude = {amplitude:g} makes the rate negative; give at most {mean_rate:g}"
        )
    angle, turn = 2.0 * math.pi * time / period, 2.0 * math.pi * aht / period
    swing = (math.sin(angle) - turn * math.cos(angle)) / (1.0 + turn**2)
    return aht * (mean_rate + amplitude * swing)


def agents_needed(
    arrivals_per_hour: float,
    aht: float,
    threshold: float,
    share: float,
    patience: float | None = None,
) -> int:
    """Return the fewest agents that answer `share` of all callers within the threshold.

    aht, threshold and patience (mean, exponential; None means nobody abandons) in seconds.

    >>> agents_needed(200.0, aht=180.0, threshold=20.0, share=0.80)
    14
    """
    _check_between("share", share)
    _check_at_least_zero("threshold", threshold)
    _check_at_least_zero("arrivals_per_hour", arrivals_per_hour)
    load = arrivals_per_hour * aht / 3600.0
    fewest = 1 if patience is not None else math.floor(load) + 1

    def is_enough(agents: int) -> bool:
        if patience is None:
            return erlang_c(load, agents, aht).service_level(threshold) >= share
        return erlang_a(load, agents, aht, patience).served_within(threshold) >= share

    most = fewest
    while not is_enough(most):
        most *= 2
    return fewest + bisect_left(range(fewest, most), True, key=is_enough)


def square_root_staffing(offered_load: float, beta: float, minimum: int = 1) -> int:
    """Return the load plus beta times its square root, rounded up, and at least `minimum` agents.

    Source: Halfin and Whitt (1981), "Heavy-traffic limits for queues with many exponential
    servers".

    >>> square_root_staffing(100.0, beta=0.5)
    105
    """
    _check_load(offered_load)
    exact = offered_load + beta * math.sqrt(offered_load)
    return max(minimum, math.ceil(exact - 1e-9))  # a rounding error must not cost an agent


def _check_load(offered_load: float) -> None:
    if not 0.0 <= offered_load < math.inf:
        raise ValueError(
            f"offered_load = {offered_load:g} is no load; give arrivals per unit of time times "
            "aht, in erlang, at least 0"
        )


def _check_count(name: str, count: int, at_least: int) -> None:
    if count % 1 != 0 or count < at_least:
        raise ValueError(f"{name} = {count:g} must be a whole number of at least {at_least}")


def _check_positive(name: str, value: float) -> None:
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} = {value:g} must be positive and finite")


def _check_at_least_zero(name: str, value: float) -> None:
    if not 0.0 <= value < math.inf:
        raise ValueError(f"{name} = {value:g} must be finite and at least 0")


def _check_share(name: str, share: float) -> None:
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{name} = {share:g} is no share; give one from 0 to 1")


def _check_between(name: str, share: float) -> None:
    if not 0.0 < share < 1.0:
        raise ValueError(f"{name} = {share:g} must lie between 0 and 1, e.g. 0.80")
