"""Terms that several figures share."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import Table
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import tally
from simkcc.analysis.metrics.registry import Counting, Pair
from simkcc.model.contact_log import LegKind

FIRST_LINE = (LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.CONSULT, LegKind.WRAP)
"""Legs of the agent who answered."""


def one(numerator: float, denominator: float) -> Pair:
    """Return a figure that is not made of calls."""
    return np.array([numerator], float), np.array([denominator], float)


def weeks(rules: Rules) -> np.ndarray:
    """Return the weeks that are counted, the denominator of figures per week."""
    return np.array([rules.weeks])


def without(whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the whole less a part of it; calls, or numbers of calls."""
    return whole & ~part if whole.dtype == bool else whole - part


def in_time(calls: Counting, rules: Rules) -> np.ndarray:
    """Return which calls were answered within the threshold."""
    return calls.within(rules.threshold)


def is_short(calls: Counting, rules: Rules) -> np.ndarray:
    """Return which calls are short abandons."""
    return calls.lost_within(rules.short)


def seconds_where(chosen: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return the seconds of chosen calls, zero for the others."""
    return np.where(chosen, seconds, 0.0)


def by_topic(contacts: Calls, column: np.ndarray) -> np.ndarray:
    """Return the sums of a column of contacts by topic, (K,)."""
    return tally_topics(contacts, contacts.contacts, column)


def tally_topics(calls: Calls, rows: Table, column: np.ndarray) -> np.ndarray:
    """Return the sums of a column of rows of the contact log by topic, (K,)."""
    return tally(rows["topic"], len(calls.plan.topics), column)
