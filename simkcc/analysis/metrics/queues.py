"""What happens at each queue: every visit counts, also of calls sent on or transferred.

Other figures count a call once, under its first queue. A queue's own figures count each call that
joins it: one that chose wrongly is offered here and again in the right queue, and a transfer is
offered in the second line's queue. So offered visits are more than offered calls.
"""

from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.analysis.metrics.terms import weeks


@metric("queue_offered", "per week", "", "Aangeboden bij de wachtrij", "Offered at the queue",
        "visits / weeks", grain="visit", streamed=True)  # fmt: skip
def queue_offered(calls: Counting, rules: Rules) -> Pair:
    """Return visits to a queue that are over, per week."""
    return calls.visits.ended, weeks(rules)


@metric("queue_answered", "share", "higher", "Beantwoord bij de wachtrij", "Answered at the queue",
        "answered visits / visits", grain="visit", streamed=True)  # fmt: skip
def queue_answered(calls: Counting, rules: Rules) -> Pair:
    """Return visits that an agent answered over visits."""
    return calls.visits.answered, calls.visits.ended


@metric("queue_abandonment", "share", "lower", "Afhakers bij de wachtrij", "Abandoned at the queue",
        "abandoned visits / visits", grain="visit", streamed=True)  # fmt: skip
def queue_abandonment(calls: Counting, rules: Rules) -> Pair:
    """Return visits that ended with hanging up over visits."""
    return calls.visits.abandoned, calls.visits.ended


@metric("queue_service_level", "share", "higher", "Servicenorm van de wachtrij",
        "Service level of the queue", "visits answered with W <= T / visits", grain="visit",
        streamed=True)  # fmt: skip
def queue_service_level(calls: Counting, rules: Rules) -> Pair:
    """Return visits answered within T over visits: SL2 as the queue sees it."""
    return calls.visits.within(rules.threshold), calls.visits.ended


@metric("queue_asa", "s", "lower", "Gemiddelde wachttijd van de wachtrij",
        "Average speed of answer of the queue", "sum of W over answered visits / answered visits",
        grain="visit", streamed=True)  # fmt: skip
def queue_asa(calls: Counting, rules: Rules) -> Pair:
    """Return the mean wait of answered visits; a caller's further waits count each by itself."""
    return calls.visits.wait_of_answered, calls.visits.answered
