"""What is known about a case, and how it is read off a replication."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from simkcc.analysis.oracles.reading import Reading
from simkcc.engine.statistics import Count, Sum, bin_edges
from simkcc.model.contact_log import Outcome
from simkcc.model.scenario import Scenario

Pair = tuple[float, float]
"""Numerator and denominator: a figure is the sum of the one over that of the other."""

Read = Callable[[Reading], Pair]

Control = Callable[[Reading], float]


@dataclass(frozen=True)
class Figure:
    """One number with a known truth."""

    name: str
    truth: float
    read: Read
    is_share: bool = False
    """A probability: if below 0.01 or above 0.99 it has a score interval and an absolute width."""
    is_deviation: bool = False
    """A standard deviation: the square root of the ratio that is read."""
    is_plain: bool = False
    """Not to be improved by the case's controls: it is one of them, or follows from them."""


@dataclass(frozen=True)
class Case:
    """A centre and what is known about it."""

    name: str
    title: str
    build: Callable[[int], dict[str, Any]]
    """The scenario of so many days, the warm-up included."""
    figures: tuple[Figure, ...]
    days: int
    """Days of a replication on the kernel, the warm-up of one day not counted."""
    days_reference: int = 0
    """Days of a replication on the reference engine; 0 leaves the case out there."""
    controls: tuple[Control, ...] = ()
    """What is known to be zero on average and explains part of the noise of the figures."""
    moments: tuple[int, ...] = ()
    """Seconds of each day at which contacts are counted."""

    def scenario(self, days: int) -> Scenario:
        """Return the scenario with so many days behind a warm-up of one."""
        return Scenario.model_validate(self.build(days + 1) | {"seed": crc32(self.name.encode())})


# ---------------------------------------------------------------------------------------------
# reading


def waiting_share(queue: int = 0) -> Read:
    """Return how to read the share of callers who wait at all."""
    return lambda r: (
        float(r.counts[queue, Count.OFFERED] - r.waits[queue, 0]),
        float(r.counts[queue, Count.OFFERED]),
    )


def mean_wait(queue: int = 0) -> Read:
    """Return how to read the mean wait of all callers, in seconds."""
    return lambda r: (r.sums[queue, Sum.WAIT] * 1e-6, float(r.counts[queue, Count.OFFERED]))


def answered_within(queue: int = 0, place: int = 0) -> Read:
    """Return how to read the share of all callers answered within a threshold."""
    return lambda r: (
        float(r.counts[queue, Count.WITHIN + place]),
        float(r.counts[queue, Count.OFFERED]),
    )


def abandoned(r: Reading) -> Pair:
    """Read the share of callers who hang up."""
    return float(r.counts[0, Count.ABANDONED]), float(r.counts[0, Count.OFFERED])


def abandoned_per_wait(patience: float) -> Read:
    """Return how to read abandonment times patience over mean wait: 1 if exponential."""
    return lambda r: (r.counts[0, Count.ABANDONED] * patience, r.sums[0, Sum.WAIT] * 1e-6)


def queue_length(r: Reading) -> Pair:
    """Read the mean number of waiting callers: by Little's law, waits over time."""
    return r.sums[0, Sum.WAIT] * 1e-6, r.seconds


def occupancy(agents: int) -> Read:
    """Return how to read the share of their time that agents talk."""
    return lambda r: (r.sums[r.group(), Sum.TALK] * 1e-6, agents * r.seconds)


def wait_percentile(share: float) -> Read:
    """Return how to read the wait of `share` of all callers, linear within a bin, in seconds."""

    def read(r: Reading) -> Pair:
        reached = np.cumsum(r.waits[0])
        wanted = share * reached[-1]
        place = int(np.searchsorted(reached, wanted))
        low, high = bin_edges()[place - 1 : place + 1]
        inside = (wanted - reached[place - 1]) / r.waits[0, place]
        return (low + inside * (high - low)) * 1e-6, 1.0

    return read


def blocked(r: Reading) -> Pair:
    """Read the share of calls that find all lines busy."""
    row = r.counts[r.topic()]
    return float(row[Count.OUTCOME + Outcome.BLOCKED]), float(row[Count.BORN])


def lines_busy(r: Reading) -> Pair:
    """Read the mean number of lines in use: by Little's law, time on the line over time."""
    menu, talk = r.sums[r.topic(), Sum.MENU], r.sums[r.group(), Sum.TALK]
    return (menu + r.sums[0, Sum.WAIT] + talk) * 1e-6, r.seconds


def daily_variance(r: Reading) -> Pair:
    """Read the variance of the daily count: squared deviations over degrees of freedom."""
    daily = np.diff(r.born)
    return float(np.sum((daily - daily.mean()) ** 2)), float(len(daily) - 1)


def present_at(place: int, of: int) -> Read:
    """Return how to read the mean number present at one moment of the day."""
    return lambda r: (float(r.present[of + place :: of].sum()), float(len(r.present) // of - 1))


def calls_per_hour(r: Reading) -> Pair:
    """Read the calls per hour."""
    return float(r.counts[r.topic(), Count.BORN]), r.seconds / 3600


def handling_time(group: int = 0) -> Read:
    """Return how to read the mean talk of the calls answered by a group, in seconds."""
    return lambda r: (
        r.sums[r.group(group), Sum.TALK] * 1e-6, float(r.counts[group, Count.ANSWERED])
    )  # fmt: skip


def more_calls(per_hour: float) -> Control:
    """Return how to read by how many calls a replication exceeds what is expected."""
    return lambda r: r.counts[r.topic(), Count.BORN] - per_hour * r.seconds / 3600


def longer_talks(aht: float, group: int = 0) -> Control:
    """Return how to read by how many seconds the answered calls exceed what is expected."""

    def read(r: Reading) -> float:
        talk, calls = handling_time(group)(r)
        return talk - aht * calls

    return read


def more_transfers(share: float) -> Control:
    """Return how to read by how many the transfers exceed what is expected."""
    return lambda r: r.counts[1, Count.OFFERED] - share * r.counts[0, Count.ANSWERED]


def inputs(per_hour: float, aht: float) -> tuple[Figure, ...]:
    """Return the figures that check the two main controls themselves."""
    return (
        Figure("calls per hour", per_hour, calls_per_hour, is_plain=True),
        Figure("handling, s", aht, handling_time(), is_plain=True),
    )
