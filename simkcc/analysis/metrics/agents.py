"""Figures of agents: occupancy and rosters."""

from simkcc.analysis.calls import Calls
from simkcc.analysis.metrics.terms import FIRST_LINE, one
from simkcc.analysis.registry import Pair, Rules, metric
from simkcc.model.contact_log import LegKind

BUSY = (*FIRST_LINE, LegKind.RING)


@metric("occupancy", "share", "", "Bezettingsgraad", "Occupancy",
        "(talk + hold + wrap-up) / logged-in time", per_call=False)  # fmt: skip
def occupancy(calls: Calls, rules: Rules) -> Pair:
    """Return busy time over time there, of all groups; linked to the service level, not a goal."""
    return one(float(calls.seconds_of_groups(*BUSY).sum()), float(calls.there_seconds.sum()))


@metric("rostered_hours", "h per week", "", "Ingeroosterde uren", "Rostered hours",
        "roster / weeks", per_call=False)  # fmt: skip
def rostered_hours(calls: Calls, rules: Rules) -> Pair:
    """Return rostered hours per week, absence not deducted."""
    return one(sum(rules.rostered_hours), rules.weeks)
