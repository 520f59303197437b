"""The theory of each lesson: one curve, from Erlang's formulas, and the two runs on it."""

import math
from dataclasses import dataclass, field

from simkcc.analysis.erlang import erlang_a, erlang_c

AHT = 240.0
"""Seconds of a talk in most lessons."""


@dataclass
class Theory:
    """Curves over one axis, and where run A and run B stand."""

    x: list[float]
    curves: list[list[float]]
    points: list[tuple[float, float]] = field(default_factory=list)
    """A, then B; more if a run has a point on each curve."""
    form: str = "time"
    """How the values are written."""


def theory_of(name: str) -> Theory:
    """Return the curve of a lesson."""
    return {
        "pooling": _pooling, "knee": _knee, "menu": _menu, "priority": _priority,
        "callbacks": _callbacks, "interruptions": _interruptions,
    }[name]()  # fmt: skip


def _pooling() -> Theory:
    """Mean wait by size of the team, at an occupancy of 85 %."""

    def wait(agents: int) -> float:
        return erlang_c(0.85 * agents, agents, AHT).asa

    sizes = range(2, 25)
    return Theory(
        [float(n) for n in sizes], [[wait(n) for n in sizes]], [(4.0, wait(4)), (12.0, wait(12))]
    )


def _knee() -> Theory:
    """Mean wait by occupancy: 9.5 erlang for a number of agents."""

    def at(agents: int) -> tuple[float, float]:
        return 100 * 9.5 / agents, erlang_c(9.5, agents, AHT).asa

    found = [at(agents) for agents in range(16, 9, -1)]
    return Theory([x for x, _ in found], [[y for _, y in found]], [at(11), at(10)])


def _menu() -> Theory:
    """Share answered within 20 s after the menu, by its length: who hangs up in it is no load."""

    def share(length: float) -> float:
        load = 120 / 3600 * 270.0 * math.exp(-0.0013 * length)
        return erlang_a(load, 10, 270.0, 450.0).served_within(20.0)

    lengths = [5.0 * n for n in range(25)]
    points = [(80.0, share(80.0)), (13.0, share(13.0))]
    return Theory(lengths, [[share(length) for length in lengths]], points, "share")


def _priority() -> Theory:
    """Mean wait of urgent and other calls by the share that is urgent, and of all together.

    Non-preemptive priority in M/M/n: W0 / (1 - r1) and W0 / ((1 - r1)(1 - r)), with W0 the wait
    without priority times 1 - r. Source: Cobham (1954), "Priority assignment in waiting line
    problems".
    """
    all_calls = erlang_c(4.4, 5, AHT)
    occupancy = all_calls.occupancy
    base = all_calls.asa * (1 - occupancy)

    def urgent(share: float) -> float:
        return base / (1 - share * occupancy)

    def other(share: float) -> float:
        return urgent(share) / (1 - occupancy)

    shares = [n / 20 for n in range(1, 20)]
    return Theory(
        [100 * share for share in shares],
        [[urgent(share) for share in shares], [other(share) for share in shares],
         [all_calls.asa] * len(shares)],
        [(40.0, all_calls.asa), (40.0, urgent(0.4)), (40.0, other(0.4))],
    )  # fmt: skip


def _callbacks() -> Theory:
    """Mean number of notes that wait, by the load of the one who works them: none from 100 % on.

    Work: 28.8 notes of 610 s a day, in 5 hours and the overtime of finishing the last note.
    """
    loads = [0.5 + n / 100 for n in range(49)]

    def pile(load: float) -> float:
        return erlang_c(load, 1, 610.0).queue_length

    load = 28.8 * 610.0 / (5 * 3600.0 + 610.0)
    points = [(100 * load, pile(load))]
    return Theory([100 * each for each in loads], [[pile(each) for each in loads]], points, "count")


def _interruptions() -> Theory:
    """Mean wait by how much longer interruptions make every talk."""
    load = 56 / 3600 * 190.0

    def wait(lost: float) -> float:
        return erlang_c(load * (1 + lost), 4, 190.0 * (1 + lost)).asa

    lost = [n / 100 for n in range(31)]
    return Theory(
        [100 * each for each in lost], [[wait(each) for each in lost]],
        [(0.0, wait(0.0)), (20.0, wait(0.2))],
    )  # fmt: skip
