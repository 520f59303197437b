"""What every figure means: one function each, over the calls of one replication.

A figure is a ratio of two sums. A function returns numerator and denominator per call, so that the
same definition serves the whole, a topic, a queue, a half hour or a weekday; per visit to a queue,
or per group; figures of tasks and probes return one pair of sums. What is not finished is open: a
contact stays outside a ratio as long as what the ratio asks about it is not known.
"""

# The order of import is the order of `simkcc metrics`.
# isort: off
from simkcc.analysis.metrics import (
    volumes, service, waiting, queues, handling, transfers, resolution, promises, backoffice,
    citizens, desk, channels, cases, survey, agents, money,
)  # fmt: skip

# isort: on
from simkcc.analysis.metrics.registry import METRICS, Metric, Percentile

__all__ = [
    "FAMILIES",
    "LETTERS",
    "METRICS",
    "PERCENTILES",
    "Metric",
    "Percentile",
    "agents",
    "backoffice",
    "cases",
    "channels",
    "citizens",
    "desk",
    "handling",
    "money",
    "promises",
    "queues",
    "resolution",
    "service",
    "survey",
    "transfers",
    "volumes",
    "waiting",
]

FAMILIES = {
    "volumes": ("Aantallen", "Volumes"),
    "service": ("Servicenorm en bereikbaarheid", "Service level and accessibility"),
    "waiting": ("Wachten en afhaken", "Waiting and giving up"),
    "queues": ("Per wachtrij", "At each queue"),
    "handling": ("Afhandeling", "Handling"),
    "transfers": ("Doorverbinden", "Transfers"),
    "resolution": ("In één keer goed", "Resolution"),
    "promises": ("Terugbelverzoeken en formulieren", "Callbacks and forms"),
    "backoffice": ("Tweede lijn en backoffice", "Second line and back office"),
    "citizens": ("Tijd van burgers", "Citizens' time"),
    "desk": ("De balie", "The desk"),
    "channels": ("Mail en chat", "Mail and chat"),
    "cases": ("Dossiers", "Cases"),
    "survey": ("Bevraging en contactredenen", "Survey and reasons of contact"),
    "agents": ("Medewerkers en groepen", "Agents and groups"),
    "money": ("Kosten", "Costs"),
}
"""Titles of the families of figures, Dutch and English, by the file that defines them."""

LETTERS = {
    "D": "dialled", "B": "found all lines busy", "V": "hung up in the menu",
    "O": "offered to a queue, and the wait is over", "A": "answered", "L": "abandoned in the queue",
    "S": "abandoned within the limit of a short abandon",
    "W": "wait in the queue, from leaving the menu to the agent's pick-up, in seconds",
    "I": "time in the menu, in seconds", "h0": "hold right at the pick-up, in seconds",
    "T": "threshold of the norm, in seconds",
}  # fmt: skip
"""Letters of formulas."""

SHARES = (0.5, 0.9, 0.95, 0.99)

PERCENTILES = {
    f"wait_p{100 * share:.0f}": Percentile(
        "answered", share, f"Wachttijd van beantwoorde oproepen, P{100 * share:.0f}",
        f"Wait of answered calls, P{100 * share:.0f}",
    )
    for share in SHARES
} | {
    f"probe_wait_p{100 * share:.0f}": Percentile(
        "probes", share, f"Wachttijd van proefoproepen, P{100 * share:.0f}",
        f"Wait of probes, P{100 * share:.0f}",
    )
    for share in SHARES
}  # fmt: skip
"""Percentiles of the waits of answered calls and of probes, from pooled samples: percentiles of
replications cannot be averaged. A percentile is the upper edge of its bin, at most 1/32 too high."""
