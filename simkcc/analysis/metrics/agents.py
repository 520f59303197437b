"""Agents: occupancy, rosters, and what each group answered.

Time of agents is the city's. A shared pool serves other clients too: of its time counts the city's
share of its work, and nothing where those others are not simulated.
"""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import tally
from simkcc.analysis.columns.usage import city_share
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.analysis.metrics.terms import weeks
from simkcc.errors import UnsupportedError
from simkcc.model.contact_log import NONE


def _rostered(calls: Counting, rules: Rules) -> np.ndarray:
    """Return the rostered seconds of each group."""
    hours = np.zeros(len(calls.plan.groups))
    hours[: len(rules.rostered_hours)] = rules.rostered_hours
    return 3600 * hours * _own(calls, rules)


def _at_once(calls: Counting, rules: Rules) -> np.ndarray:
    """Return the contacts that one agent of each group holds at once: more than one only in chat."""
    held = np.ones(len(calls.plan.groups))
    held[: len(rules.at_once)] = rules.at_once
    return held


def _own(calls: Counting, rules: Rules) -> np.ndarray:
    """Return the part of each group's time that is the city's."""
    groups = () if rules.scenario is None else tuple(rules.scenario.groups.values())
    if not any(group.home == "shared_pool" for group in groups):
        return np.ones(len(calls.plan.groups))
    if not isinstance(calls, Calls):
        raise UnsupportedError("only a contact log tells the city's share of a shared pool")
    return city_share(calls, rules)


@metric("occupancy", "share", "", "Bezettingsgraad", "Occupancy",
        "(talk + hold + wrap-up) / logged-in time", grain="group", streamed=True)  # fmt: skip
def occupancy(calls: Counting, rules: Rules) -> Pair:
    """Return busy time over time there; linked to the service level, not a goal.

    Who holds several chats at once is busy for the part of them that is taken. Busy is who can take no
    one else: also while ringing, being rung, consulting, waiting along with
    a caller, and working tasks. All contacts count, whoever called.
    """
    own = _own(calls, rules) / _at_once(calls, rules)
    return calls.busy_seconds * own, calls.there_seconds * own


@metric("utilisation", "share", "", "Benutting", "Utilisation", "busy time / rostered time",
        grain="group", streamed=True)  # fmt: skip
def utilisation(calls: Counting, rules: Rules) -> Pair:
    """Return busy time over rostered (paid) time: occupancy less what absence takes."""
    own = _own(calls, rules) / _at_once(calls, rules)
    return calls.busy_seconds * own, _rostered(calls, rules)


@metric("shrinkage", "share", "", "Inactiviteit", "Shrinkage", "1 - time there / rostered time",
        grain="group", streamed=True)  # fmt: skip
def shrinkage(calls: Counting, rules: Rules) -> Pair:
    """Return the share of rostered time in which nobody was there: absence only.

    Breaks, training and leave count as far as the roster holds them. Who stays to finish a call is
    there beyond the roster, so that it can fall below zero.
    """
    rostered = _rostered(calls, rules)
    own = _own(calls, rules) / _at_once(calls, rules)
    return rostered - calls.there_seconds * own, rostered


@metric("rostered_hours", "h per week", "", "Ingeroosterde uren", "Rostered hours",
        "roster / weeks", grain="group", streamed=True)  # fmt: skip
def rostered_hours(calls: Counting, rules: Rules) -> Pair:
    """Return rostered hours per week, absence not deducted."""
    return _rostered(calls, rules) / 3600, weeks(rules)


def _answered(calls: Calls) -> np.ndarray:
    """Return how many visits of counted calls agents of each group answered, (G,)."""
    agents = calls.visits.agent[calls.visits.answered]
    return tally(calls.group_of[agents] + 1, len(calls.plan.groups) + 1)[1:]


@metric("group_answered", "per week", "", "Beantwoord door de groep", "Answered by the group",
        "visits answered by its agents / weeks", grain="group")  # fmt: skip
def group_answered(calls: Calls, rules: Rules) -> Pair:
    """Return calls that agents of a group answered from a queue, per week; a consult is none."""
    return _answered(calls), weeks(rules)


@metric("group_aht", "s", "", "Afhandeltijd van de groep", "Handle time of the group",
        "talk + hold + consult + wrap-up of its agents / visits they answered", grain="group")  # fmt: skip
def group_aht(calls: Calls, rules: Rules) -> Pair:
    """Return the handle time of a group's agents per call they answered from a queue.

    Of counted calls that are over. A group that is only consulted answers none and has no figure.
    """
    visits = calls.visits
    done = calls.put_away
    chosen = visits.answered & done[visits.owner] & (visits.agent != NONE)
    number = tally(calls.group_of[visits.agent[chosen]], len(calls.plan.groups))
    return np.where(number > 0, calls.handled_by_groups(done), 0.0), number
