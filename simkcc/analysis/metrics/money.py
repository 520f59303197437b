"""Figures of money."""

import numpy as np

from simkcc.analysis.calls import Calls
from simkcc.analysis.metrics.terms import one
from simkcc.analysis.registry import Pair, Rules, metric
from simkcc.model.contact_log import LegKind


def _cost(calls: Calls, rules: Rules) -> float:
    """Return euros within what is counted: rosters, minutes, calls and the share of yearly sums."""
    talk_minutes = calls.seconds_of_groups(LegKind.TALK) / 60
    return float(
        np.dot(rules.hour_prices, rules.rostered_hours)
        + np.dot(rules.minute_prices, talk_minutes)
        + np.dot(rules.call_prices, calls.pick_ups_of_groups)
        + rules.yearly * rules.weeks * 7 / 365.25
    )


@metric("cost", "EUR per year", "lower", "Kosten per jaar", "Cost per year",
        "rosters + contracts, scaled to a year", per_call=False)  # fmt: skip
def cost(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts, scaled to a year."""
    return one(_cost(calls, rules), rules.weeks * 7 / 365.25)


@metric("cost_per_call", "EUR", "lower", "Kosten per beantwoorde oproep", "Cost per answered call",
        "cost / A", per_call=False)  # fmt: skip
def cost_per_call(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts per answered call."""
    return one(_cost(calls, rules), float(calls.answered.sum()))
