"""How many calls: dialled, offered, answered, turned away, again."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.analysis.metrics.terms import one, weeks
from simkcc.model.contact_log import NONE, Origin, Outcome


@metric("dialled", "per week", "", "Oproepen", "Calls dialled", "D per week", streamed=True)
def dialled(calls: Counting, rules: Rules) -> Pair:
    """Return attempts to call per week, redials and repeats included: more than there are callers."""
    return calls.everyone, weeks(rules)


@metric("offered", "per week", "", "Aangeboden aan een wachtrij", "Offered to a queue", "O per week",
        streamed=True)  # fmt: skip
def offered(calls: Counting, rules: Rules) -> Pair:
    """Return calls that reached a queue, per week. Each counts once, under its first queue."""
    return calls.offered, weeks(rules)


@metric("answered", "per week", "", "Beantwoord", "Answered", "A per week", streamed=True)
def answered(calls: Counting, rules: Rules) -> Pair:
    """Return calls an agent answered, per week.

    Who kept a place without a line and does not pick up when phoned in turn was not answered.
    """
    return calls.answered, weeks(rules)


@metric("closed", "share", "lower", "Buiten de openingsuren", "Dialled while closed", "closed / D",
        streamed=True)  # fmt: skip
def closed(calls: Counting, rules: Rules) -> Pair:
    """Return calls that found the centre closed over dialled. Most boards never see them."""
    return calls.outcome_is(Outcome.CLOSED), calls.everyone


@metric(
    "blocked", "share", "lower", "In gesprek", "Blocked, all lines busy", "B / D", streamed=True
)
def blocked(calls: Counting, rules: Rules) -> Pair:
    """Return calls that found all lines busy over dialled. The exchange's queues never see them."""
    return calls.outcome_is(Outcome.BLOCKED), calls.everyone


@metric("wrong_menu", "share", "lower", "Verkeerde menukeuze", "Wrong choice in the menu",
        "first queue is not the topic's / O")  # fmt: skip
def wrong_menu(calls: Calls, rules: Rules) -> Pair:
    """Return offered calls whose first queue was a wrong one."""
    return calls.wrong_menu, calls.offered


@metric("busiest_half_hour", "per half hour", "", "Drukste halfuur van de week",
        "Busiest half hour of the week", "max over the half hours of the week of O / weeks",
        grain="whole", streamed=True)  # fmt: skip
def busiest_half_hour(calls: Counting, rules: Rules) -> Pair:
    """Return the calls offered in the busiest half hour of the week, by when they joined the queue.

    The mean of that half hour over the weeks; picking the busiest favours chance in short runs.
    """
    return one(float(calls.offered_by_half_hour.max(initial=0)), rules.weeks)


@metric("redials_per_question", "per question", "lower", "Herhaalde pogingen per vraag",
        "Redials per question", "redials / questions")  # fmt: skip
def redials_per_question(calls: Calls, rules: Rules) -> Pair:
    """Return redials after giving up over questions. They swell every count of attempts."""
    return calls.contacts["origin"] == Origin.REDIAL, calls.contacts["origin"] == Origin.FIRST


@metric("repeats_per_question", "per question", "lower", "Herhaaloproepen per vraag",
        "Repeats per question", "repeats / questions")  # fmt: skip
def repeats_per_question(calls: Calls, rules: Rules) -> Pair:
    """Return calls that bring an unresolved question back over questions."""
    return calls.contacts["origin"] == Origin.REPEAT, calls.contacts["origin"] == Origin.FIRST


@metric("overflow", "share", "", "Overloop naar een andere groep", "Overflow to another group",
        "A by a group other than the route's first / A")  # fmt: skip
def overflow(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that a later group of the route took, over answered ones.

    Groups of one pool (same preference, same wait) are all first. It hides whose queue it helped.
    """
    routes = calls.plan.routes
    first = (routes["order"] == routes["order"][:, :1]) & (
        routes["after"] == routes["after"][:, :1]
    )
    first[:, 0] = True
    home = np.zeros((len(routes), len(calls.plan.groups) + 1), bool)
    queues, ranks = np.nonzero(first & (routes["group"] != NONE))
    home[queues, routes["group"][queues, ranks]] = True
    elsewhere = ~home[calls.queue, calls.answering_group]
    return calls.answered & elsewhere, calls.answered


@metric("provider_share", "share", "", "Beantwoord door een externe partner",
        "Answered by a provider", "A by groups of a provider or shared pool / A")  # fmt: skip
def provider_share(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that a provider or a shared pool answered first, over answered ones."""
    outside = calls.window.outside
    if outside is None:
        outside = np.zeros(len(calls.plan.groups), bool)
    return calls.answered & np.append(outside, False)[calls.answering_group], calls.answered
