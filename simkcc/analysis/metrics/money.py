"""Figures of money."""

from simkcc.analysis.calls import Calls
from simkcc.analysis.metrics.terms import one
from simkcc.analysis.registry import Pair, Rules, metric
from simkcc.analysis.usage import DAYS_PER_YEAR, cost_of, usage


def _cost(calls: Calls, rules: Rules) -> float:
    """Return euros within what is counted: rosters, contracts and fixed costs."""
    if rules.scenario is None:
        return float("nan")
    return cost_of(usage(calls, rules), rules.scenario)


@metric("cost", "EUR per year", "lower", "Kosten per jaar", "Cost per year",
        "rosters + contracts, scaled to a year", per_call=False)  # fmt: skip
def cost(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts, scaled to a year."""
    return one(_cost(calls, rules), rules.weeks * 7 / DAYS_PER_YEAR)


@metric("cost_per_call", "EUR", "lower", "Kosten per beantwoorde oproep", "Cost per answered call",
        "cost / A", per_call=False)  # fmt: skip
def cost_per_call(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts per answered call."""
    return one(_cost(calls, rules), float(calls.answered.sum()))
