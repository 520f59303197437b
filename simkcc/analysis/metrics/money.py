"""Figures of money."""

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.usage import DAYS_PER_YEAR, cost_of, usage
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import one


def _cost(calls: Calls, rules: Rules, per: float) -> Pair:
    """Return euros within what is counted, rosters, contracts and fixed costs; none without prices."""
    if rules.scenario is None or not rules.scenario.is_priced:
        return one(0.0, 0.0)
    return one(cost_of(usage(calls, rules), rules.scenario), per)


OF_MONEY = ("cost", "cost_per_call", "cost_per_question")
"""Figures that a centre without prices does not have."""


@metric("cost", "EUR per year", "lower", "Kosten per jaar", "Cost per year",
        "rosters + contracts, scaled to a year", per_call=False)  # fmt: skip
def cost(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts, scaled to a year."""
    return _cost(calls, rules, rules.weeks * 7 / DAYS_PER_YEAR)


@metric("cost_per_call", "EUR", "lower", "Kosten per beantwoorde oproep", "Cost per answered call",
        "cost / A", per_call=False)  # fmt: skip
def cost_per_call(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts per answered call."""
    return _cost(calls, rules, float(calls.answered.sum()))


@metric("cost_per_question", "EUR", "lower", "Kosten per opgeloste vraag", "Cost per resolved question",
        "(cost + back office) / distinct questions resolved", per_call=False)  # fmt: skip
def cost_per_question(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of front line, contracts and back office per distinct question resolved.

    The back office counts its talks, callbacks and what interruptions cost it, at the price of an
    hour there. A cheap front line that passes its work on is not cheap here.
    """
    if rules.scenario is None or not rules.scenario.is_priced:
        return one(0.0, 0.0)
    used, prices = usage(calls, rules), rules.scenario.costs
    hours = used.measured["specialist_hours"] + used.measured["callback_hours"]
    hours += used.measured["interruptions"] * prices.resumption / 3600
    whole = cost_of(used, rules.scenario) + hours * prices.back_office_hour
    return one(whole, used.measured["resolved"])
