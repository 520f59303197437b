"""Visits: a contact log -> each stay in a queue with what came of it, and the counts per queue."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simkcc.model.contact_log import NONE, SECOND, ContactLog, How, LegKind
from simkcc.model.interval import Interval

OUTCOMES = ("answered", "abandoned", "timeout", "key", "no_agents", "unknown")
"""What can become of a visit. One that is under way when a log ends is unknown."""

Row = tuple[int, ...]
"""A leg, its columns in the order of leg_dtype."""

WORDS = {
    How.ANSWERED: "answered",
    How.ABANDONED: "abandoned",
    How.BALKED: "abandoned",
    How.TIMEOUT: "timeout",
    How.NOBODY_FREE: "no_agents",
    How.KEY: "key",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a queue. Times are microseconds, as in the log; None where nobody saw."""

    contact: int
    leg: int
    place: int
    begun: int
    """When it began, or was met under way."""
    joined: int | None
    answered: int | None
    left: int | None
    """When the talk was over, or the wait without one."""
    gone_by: int | None
    """When somebody looked and it was over, where nobody saw when it ended."""
    wait: int | None
    talk: int | None
    """Talk and hold with the agent who answered."""
    agent: int
    outcome: str


def visits_of(log: ContactLog, told: Mapping[tuple[int, int], int | None]) -> Iterator[Visit]:
    """Yield the visits of a log, by the time they began.

    told: by (contact, leg), the lengths of stays whose start and end nobody saw; None if unknown.
    """
    legs = log.in_order().legs
    kept = np.isin(legs["kind"], (LegKind.QUEUE, LegKind.TALK, LegKind.HOLD))
    rows = legs[kept].tolist()
    starts = [i for i, row in enumerate(rows) if row[2] == LegKind.QUEUE]
    starts.sort(key=lambda i: (rows[i][7], rows[i][0]))
    for first in starts:
        contact = rows[first][0]
        last = first + 1
        while last < len(rows) and rows[last][0] == contact and rows[last][2] != LegKind.QUEUE:
            last += 1
        yield _visit(rows[first], rows[first + 1 : last], told)


def _visit(
    queued: Row, talked: list[Row], told: Mapping[tuple[int, int], int | None]
) -> Visit:  # fmt: skip
    contact, leg, _, how, place, agent, _, began, ended = queued
    wait = _length(queued, told)
    met = wait is None and how == How.ANSWERED and began == ended
    joined = None if met else began
    left = ended if ended != NONE else None
    if how != How.ANSWERED:
        left, gone_by = (None, left) if how == How.VANISHED else (left, None)
        wait, word = None if left is None else wait, WORDS.get(How(how), "unknown")
        return Visit(
            contact, leg, place, began, joined, None, left, gone_by, wait, None, NONE, word
        )
    lengths = [_length(row, told) for row in talked]
    over = bool(talked) and talked[-1][8] != NONE and talked[-1][3] != How.UNKNOWN
    talk = sum(filter(None, lengths)) if over and None not in lengths else None
    last = talked[-1][8] if talked and talked[-1][8] != NONE else None
    until, gone_by = (last, None) if over else (None, last)
    answered = None if wait is None and None in lengths else ended
    return Visit(
        contact, leg, place, began, joined, answered, until, gone_by, wait, talk, agent, "answered"
    )


def _length(row: Row, told: Mapping[tuple[int, int], int | None]) -> int | None:
    """Return how long a stay lasted, or None if nobody knows."""
    start, end = row[7:9]
    return told.get((row[0], row[1]), end - start if end != NONE else None)


def seconds(length: int | None) -> float | None:
    """Return a length in seconds, to the millisecond."""
    return None if length is None else round(length / SECOND, 3)


def counts_of(visits: list[Visit], queues: list[str]) -> dict[str, dict[str, int]]:
    """Return per queue how many visits were offered, and how many ended in each way."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in queues}
    for visit in visits:
        counted[queues[visit.place]].update(("offered", visit.outcome))
    return {
        name: {word: counts[word] for word in ("offered", *OUTCOMES)}
        for name, counts in counted.items()
    }


def counts_of_intervals(
    intervals: Mapping[tuple[int, int], Interval], queues: list[str]
) -> dict[str, dict[str, int]]:
    """Return the same from intervals: what was neither answered nor a hang-up is unknown."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in queues}
    for (place, _), each in intervals.items():
        gone = each.abandoned or 0
        rest = max(each.offered - each.answered - gone, 0)
        counted[queues[place]].update(
            offered=each.offered, answered=each.answered, abandoned=gone, unknown=rest
        )
    return {
        name: {word: counts[word] for word in ("offered", *OUTCOMES)}
        for name, counts in counted.items()
    }
