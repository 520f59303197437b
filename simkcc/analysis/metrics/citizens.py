"""Citizens' time on the phone, in hours first and then in euros."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import among, tally
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import weeks
from simkcc.model.contact_log import SECOND, LegKind, Origin


def _all(calls: Calls) -> np.ndarray:
    return calls.once(_add_up)


def _add_up(calls: Calls) -> np.ndarray:
    """Return the seconds each citizen spent on the phone."""
    found = calls.menu_seconds + _waiting(calls) + _talking(calls)
    return found + _on_hold(calls) + _moving(calls)


def _on_line(calls: Calls, chosen: np.ndarray) -> np.ndarray:
    visits = calls.visits
    return tally(visits.owner[chosen], len(calls), visits.on_line[chosen]) / SECOND


def _waiting(calls: Calls) -> np.ndarray:
    return _on_line(calls, ~calls.visits.after_answer)


def _talking(calls: Calls) -> np.ndarray:
    return calls.seconds_in(LegKind.TALK, LegKind.HANDOVER)


def _on_hold(calls: Calls) -> np.ndarray:
    return calls.seconds_in(LegKind.HOLD)


def _moving(calls: Calls) -> np.ndarray:
    return calls.seconds_in(LegKind.CONSULT) + _on_line(calls, calls.visits.after_answer)


@metric("citizen_hours", "h per week", "lower", "Tijd van burgers aan de telefoon",
        "Citizens' time on the phone", "menu + wait + talk + hold + transfer of all calls / weeks")  # fmt: skip
def citizen_hours(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens spend on the phone per week, redials and repeats included.

    Menu, queue, talk, hold and transfer. Who hung up and keeps a place spends no time.
    """
    return _all(calls) / 3600, weeks(rules)


@metric("citizen_hours_menu", "h per week", "lower", "Tijd van burgers in het menu",
        "Citizens' time in the menu", "I / weeks")  # fmt: skip
def citizen_hours_menu(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens spend in the menu per week."""
    return calls.menu_seconds / 3600, weeks(rules)


@metric("citizen_hours_wait", "h per week", "lower", "Tijd van burgers in de wachtrij",
        "Citizens' time in the queue", "W on the line / weeks")  # fmt: skip
def citizen_hours_wait(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens spend in queues per week until first answered or giving up."""
    return _waiting(calls) / 3600, weeks(rules)


@metric("citizen_hours_talk", "h per week", "", "Tijd van burgers in gesprek",
        "Citizens' time in talk", "talk / weeks")  # fmt: skip
def citizen_hours_talk(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens talk with agents per week, hand-overs included."""
    return _talking(calls) / 3600, weeks(rules)


@metric("citizen_hours_hold", "h per week", "lower", "Tijd van burgers in de wacht",
        "Citizens' time on hold", "hold / weeks")  # fmt: skip
def citizen_hours_hold(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens are on hold per week."""
    return _on_hold(calls) / 3600, weeks(rules)


@metric("citizen_hours_transfer", "h per week", "lower", "Tijd van burgers bij doorverbinden",
        "Citizens' time in transfers", "consults + waits in further queues / weeks")  # fmt: skip
def citizen_hours_transfer(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens wait per week once answered: for the second line or a right queue."""
    return _moving(calls) / 3600, weeks(rules)


@metric("citizen_hours_again", "h per week", "lower", "Tijd van burgers in herhaalde oproepen",
        "Citizens' time in redials and repeats", "time of redials and repeats / weeks")  # fmt: skip
def citizen_hours_again(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens spend per week in redials and repeats: part of their time, not more."""
    again = among(calls.contacts["origin"], (Origin.REDIAL, Origin.REPEAT))
    return np.where(again, _all(calls), 0.0) / 3600, weeks(rules)


@metric("citizen_cost", "EUR per week", "lower", "Tijd van burgers aan de telefoon, in euro",
        "Citizens' time on the phone, in euros", "hours x price of an hour / weeks")  # fmt: skip
def citizen_cost(calls: Calls, rules: Rules) -> Pair:
    """Return what citizens' time on the phone is worth per week, at the centre's price of an hour.

    The price is a convention: show the hours first.
    """
    return _all(calls) / 3600 * rules.citizen_hour, weeks(rules)
