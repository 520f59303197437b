"""Terms that several figures share."""

import numpy as np

from simkcc.analysis.calls import Calls
from simkcc.analysis.registry import Pair, Rules
from simkcc.model.contact_log import LegKind

FIRST_LINE = (LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.CONSULT, LegKind.WRAP)
"""Legs of the agent who answered."""


def one(numerator: float, denominator: float) -> Pair:
    """Return a figure that is not made of calls."""
    return np.array([numerator]), np.array([denominator])


def in_time(calls: Calls, rules: Rules) -> np.ndarray:
    """Return whether each call was answered within the threshold."""
    return calls.answered & (calls.wait <= rules.threshold)


def is_short(calls: Calls, rules: Rules) -> np.ndarray:
    """Return whether each call is a short abandon."""
    return calls.abandoned & (calls.wait <= rules.short)
