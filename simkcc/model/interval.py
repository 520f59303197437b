"""Intervals: what an exchange counted, from one that tells of no single call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """Counts of one queue over a stretch of time. What the exchange does not tell is None."""

    length: int
    """How long, in microseconds."""
    offered: int
    """Calls that joined the queue."""
    answered: int
    abandoned: int | None = None
    """Callers who hung up."""
    within: int | None = None
    """Calls answered within the threshold that the exchange was told."""
    waiting: int | None = None
    """Callers waiting at its end."""
    agents: int | None = None
    """Agents who were there at its end."""
