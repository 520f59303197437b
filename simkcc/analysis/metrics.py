"""What every figure means: one function each, over the calls of one replication.

A figure is a ratio of two sums. A function returns numerator and denominator per call, so that the
same definition serves the whole, a topic, a queue, a half hour or a weekday; figures of agents,
tasks and probes return one pair of sums. Letters: O offered to a queue, A answered, L abandoned,
S short abandons, V hung up in the menu, D dialled, W wait in the queue, I time in the menu, T the
threshold of the norm.
"""

import numpy as np

from simkcc.analysis.calls import Calls
from simkcc.analysis.registry import METRICS, Metric, Pair, Rules, metric
from simkcc.model.contact_log import NONE, SECOND, How, LegKind, Outcome


def _one(numerator: float, denominator: float) -> Pair:
    """Return a figure that is not made of calls."""
    return np.array([numerator]), np.array([denominator])


def _in_time(calls: Calls, rules: Rules) -> np.ndarray:
    return calls.answered & (calls.wait <= rules.threshold)


def _short(calls: Calls, rules: Rules) -> np.ndarray:
    return calls.abandoned & (calls.wait <= rules.short)


# ---------------------------------------------------------------------------------------------
# volumes


@metric("dialled", "per week", "", "Oproepen", "Calls dialled", "D per week")
def dialled(calls: Calls, rules: Rules) -> Pair:
    """Return attempts to call per week, redials and repeats included."""
    return np.ones(len(calls)), np.array([rules.weeks])


@metric(
    "offered", "per week", "", "Aangeboden aan een wachtrij", "Offered to a queue", "O per week"
)
def offered(calls: Calls, rules: Rules) -> Pair:
    """Return calls that reached a queue, per week."""
    return calls.offered, np.array([rules.weeks])


@metric("answered", "per week", "", "Beantwoord", "Answered", "A per week")
def answered(calls: Calls, rules: Rules) -> Pair:
    """Return calls an agent answered, per week."""
    return calls.answered, np.array([rules.weeks])


# ---------------------------------------------------------------------------------------------
# service level


@metric("sl1", "share", "higher", "Servicenorm, van de beantwoorde", "Service level, of answered",
        "#(A, W <= T) / A")  # fmt: skip
def sl1(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time over answered. It rises when impatient callers leave."""
    return _in_time(calls, rules), calls.answered


@metric("sl2", "share", "higher", "Servicenorm, van de aangeboden", "Service level, of offered",
        "#(A, W <= T) / O")  # fmt: skip
def sl2(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time over offered: the strictest, and the default."""
    return _in_time(calls, rules), calls.offered


@metric("sl3", "share", "higher", "Servicenorm, zonder korte afhakers",
        "Service level, without short abandons", "#(A, W <= T) / (O - S)")  # fmt: skip
def sl3(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time over offered without short abandons."""
    return _in_time(calls, rules), calls.offered & ~_short(calls, rules)


@metric("sl4", "share", "higher", "Servicenorm, snelle ophangers meegeteld",
        "Service level, quick hang-ups as success", "(#(A, W <= T) + #(L, W <= T)) / O")  # fmt: skip
def sl4(calls: Calls, rules: Rules) -> Pair:
    """Return answered or abandoned in time over offered: counts a quick hang-up as success."""
    lost = calls.abandoned & (calls.wait <= rules.threshold)
    return _in_time(calls, rules) | lost, calls.offered


@metric("sl5", "share", "higher", "Servicenorm ANTWOORD, wacht bij opname meegeteld",
        "ANTWOORD service level, hold at pick-up counted", "#(A, W + h0 <= T) / O")  # fmt: skip
def sl5(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time, hold right at pick-up counted as waiting, over offered."""
    in_time = calls.answered & (calls.wait + calls.hold_at_pick_up <= rules.threshold)
    return in_time, calls.offered


@metric("sl6", "share", "higher", "Servicenorm voor de burger, menu meegeteld",
        "Citizen's service level, menu counted", "#(A, I + W <= T) / (O + V)")  # fmt: skip
def sl6(calls: Calls, rules: Rules) -> Pair:
    """Return answered within T of dialling over all who came in, menu hang-ups included."""
    in_time = calls.answered & (calls.time_to_human <= rules.threshold)
    return in_time, calls.offered | calls.left_menu


@metric("sl7", "share", "higher", "Servicenorm volgens proefoproepen", "Service level of probes",
        "probes with W <= T / probes", per_call=False)  # fmt: skip
def sl7(calls: Calls, rules: Rules) -> Pair:
    """Return probes that waited at most T over probes: time-weighted, and never impatient."""
    waits, served = calls.probe_waits
    return _one(float((served & (waits <= rules.threshold)).sum()), len(waits))


# ---------------------------------------------------------------------------------------------
# accessibility


@metric("accessibility_r1", "share", "higher", "Bereikbaarheid", "Accessibility", "A / O")
def accessibility_r1(calls: Calls, rules: Rules) -> Pair:
    """Return answered over offered; hides busy, closed and menu loss."""
    return calls.answered, calls.offered


@metric("accessibility_r2", "share", "higher", "Bereikbaarheid, zonder korte afhakers",
        "Accessibility, without short abandons", "A / (O - S)")  # fmt: skip
def accessibility_r2(calls: Calls, rules: Rules) -> Pair:
    """Return answered over offered without short abandons."""
    return calls.answered, calls.offered & ~_short(calls, rules)


@metric("accessibility_r4", "share", "higher", "Bereikbaarheid volgens proefoproepen",
        "Accessibility of probes", "probes answered / probes", per_call=False)  # fmt: skip
def accessibility_r4(calls: Calls, rules: Rules) -> Pair:
    """Return probes answered over probes: near 100 % while the line is open."""
    waits, served = calls.probe_waits
    return _one(float(served.sum()), len(waits))


@metric("accessibility_r5", "share", "higher", "Bereikbaarheid van begin tot eind",
        "Accessibility end to end", "A / D")  # fmt: skip
def accessibility_r5(calls: Calls, rules: Rules) -> Pair:
    """Return answered over dialled: busy, closed and menu loss included."""
    return calls.answered, np.ones(len(calls))


@metric("blocked", "share", "lower", "In gesprek", "Blocked, all lines busy", "B / D")
def blocked(calls: Calls, rules: Rules) -> Pair:
    """Return calls that found all lines busy over dialled."""
    return calls.outcome_is(Outcome.BLOCKED), np.ones(len(calls))


# ---------------------------------------------------------------------------------------------
# waiting


@metric("asa", "s", "lower", "Gemiddelde wachttijd van beantwoorde oproepen",
        "Average speed of answer", "sum of W over A / A")  # fmt: skip
def asa(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait in the queue of answered calls."""
    return np.where(calls.answered, calls.wait, 0.0), calls.answered


@metric("wait_all", "s", "lower", "Gemiddelde wachttijd van alle bellers", "Mean wait of all callers",
        "sum of W over O / O")  # fmt: skip
def wait_all(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait in the queue of all offered calls, abandoned ones included."""
    return calls.wait, calls.offered


@metric("time_to_human", "s", "lower", "Tijd tot een mens, met menu", "Time to a human, with the menu",
        "sum of I + W over A / A")  # fmt: skip
def time_to_human(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time from dialling to the first agent, of answered calls."""
    return calls.time_to_human, calls.answered


@metric("probe_wait", "s", "lower", "Wachttijd van proefoproepen", "Wait of probes",
        "sum of probe waits / probes", per_call=False)  # fmt: skip
def probe_wait(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait of probes."""
    waits, _ = calls.probe_waits
    return _one(float(waits.sum()), len(waits))


# ---------------------------------------------------------------------------------------------
# leaving


@metric(
    "abandonment", "share", "lower", "Afhakers in de wachtrij", "Abandoned in the queue", "L / O"
)
def abandonment(calls: Calls, rules: Rules) -> Pair:
    """Return abandoned over offered."""
    return calls.abandoned, calls.offered


@metric("abandonment_long", "share", "lower", "Afhakers zonder korte", "Abandoned, without short ones",
        "(L - S) / (O - S)")  # fmt: skip
def abandonment_long(calls: Calls, rules: Rules) -> Pair:
    """Return abandoned over offered, both without short abandons."""
    short = _short(calls, rules)
    return calls.abandoned & ~short, calls.offered & ~short


@metric("menu_abandonment", "share", "lower", "Afhakers in het menu", "Hung up in the menu",
        "V / (V + O)")  # fmt: skip
def menu_abandonment(calls: Calls, rules: Rules) -> Pair:
    """Return calls that hung up in the menu over those who heard it."""
    return calls.left_menu, calls.in_menu


@metric(
    "menu_time", "s", "lower", "Tijd in het menu", "Time in the menu", "sum of I / calls in menu"
)
def menu_time(calls: Calls, rules: Rules) -> Pair:
    """Return the mean stay in the menu, of all who heard it."""
    return calls.menu_seconds, calls.in_menu


@metric("wrong_menu", "share", "lower", "Verkeerde menukeuze", "Wrong choice in the menu",
        "first queue is not the topic's / O")  # fmt: skip
def wrong_menu(calls: Calls, rules: Rules) -> Pair:
    """Return offered calls whose first queue was a wrong one."""
    return calls.wrong_menu, calls.offered


# ---------------------------------------------------------------------------------------------
# handling


FIRST_LINE = (LegKind.TALK, LegKind.HOLD, LegKind.HANDOVER, LegKind.CONSULT, LegKind.WRAP)


@metric("aht", "s", "", "Afhandeltijd", "Handle time", "(talk + hold + wrap-up) / A")
def aht(calls: Calls, rules: Rules) -> Pair:
    """Return first-line talk, hold, consult and wrap-up per answered call; second line apart."""
    seconds = calls.seconds_in(*FIRST_LINE, first_line=True)
    return np.where(calls.answered, seconds, 0.0), calls.answered


@metric("direct", "share", "higher", "Direct beantwoord", "Answered directly",
        "ended without transfer, callback or form / A")  # fmt: skip
def direct(calls: Calls, rules: Rules) -> Pair:
    """Return calls the first line finished alone, over answered calls that are over."""
    over = calls.answered & calls.finished
    return over & calls.outcome_is(Outcome.DIRECT, Outcome.UNRESOLVED), over


@metric("transferred", "share", "", "Doorverbonden", "Transferred", "handed over / A")
def transferred(calls: Calls, rules: Rules) -> Pair:
    """Return calls handed over to the second line over answered ones."""
    return calls.answered & calls.outcome_is(Outcome.TRANSFERRED), calls.answered & calls.finished


@metric("callback_note", "share", "lower", "Terugbelnotitie of formulier", "Callback or form",
        "ended in a callback or form / A")  # fmt: skip
def callback_note(calls: Calls, rules: Rules) -> Pair:
    """Return calls that ended in a promise over answered ones."""
    promised = calls.outcome_is(Outcome.CALLBACK, Outcome.FORM, Outcome.FORGOTTEN)
    return calls.answered & promised, calls.answered & calls.finished


@metric("transfer_success", "share", "higher", "Geslaagde doorverbinding", "Transfer success",
        "reached / calls with an attempt")  # fmt: skip
def transfer_success(calls: Calls, rules: Rules) -> Pair:
    """Return calls whose consult reached someone over calls with at least one attempt."""
    reached = calls.count_of(LegKind.CONSULT, How.REACHED) > 0
    tried = calls.count_of(LegKind.CONSULT, How.REACHED, How.TAKEN_BACK, How.NOBODY_FREE) > 0
    return reached, tried


def _consult_seconds(calls: Calls, *how: How) -> np.ndarray:
    legs, owner = calls.legs_of(LegKind.CONSULT)
    chosen = np.isin(legs["how"], how)
    lengths = (legs["end"] - legs["start"])[chosen]
    return np.bincount(owner[chosen], lengths, minlength=len(calls)) / SECOND


@metric("transfer_wait", "s", "lower", "Wachttijd bij doorverbinden", "Wait at transfer",
        "ringing of attempts that reached someone / their number")  # fmt: skip
def transfer_wait(calls: Calls, rules: Rules) -> Pair:
    """Return the mean ringing until pick-up, of successful attempts."""
    return _consult_seconds(calls, How.REACHED), calls.count_of(LegKind.CONSULT, How.REACHED)


@metric("take_back_time", "s", "lower", "Terugnametijd", "Take-back time",
        "ringing of attempts taken back / their number")  # fmt: skip
def take_back_time(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time from the start of an attempt to the take-back, failures only."""
    return _consult_seconds(calls, How.TAKEN_BACK), calls.count_of(LegKind.CONSULT, How.TAKEN_BACK)


# ---------------------------------------------------------------------------------------------
# callbacks


def _due(calls: Calls) -> np.ndarray:
    """Return the tasks that fell due within what is counted, open overdue ones included."""
    tasks = calls.tasks
    return tasks[(tasks["due"] != NONE) & (tasks["due"] <= calls.window.end)]


@metric("callbacks_returned", "share", "higher", "Teruggebeld binnen de termijn",
        "Called back in time", "reached by the due time / due", per_call=False)  # fmt: skip
def callbacks_returned(calls: Calls, rules: Rules) -> Pair:
    """Return callbacks and forms that reached the citizen in time over all that were due."""
    due = _due(calls)
    reached = (due["outcome"] == Outcome.RETURNED) & (due["ended"] <= due["due"])
    return _one(float(reached.sum()), len(due))


@metric("callbacks_opened", "per week", "", "Nieuwe terugbelverzoeken en formulieren",
        "New callbacks and forms", "opened per week", per_call=False)  # fmt: skip
def callbacks_opened(calls: Calls, rules: Rules) -> Pair:
    """Return callbacks and forms written down per week."""
    return _one(len(calls.tasks), rules.weeks)


# ---------------------------------------------------------------------------------------------
# agents and money


BUSY = (*FIRST_LINE, LegKind.RING)


@metric("occupancy", "share", "", "Bezettingsgraad", "Occupancy",
        "(talk + hold + wrap-up) / logged-in time", per_call=False)  # fmt: skip
def occupancy(calls: Calls, rules: Rules) -> Pair:
    """Return busy time over time there, of all groups; linked to the service level, not a goal."""
    return _one(float(calls.seconds_of_groups(*BUSY).sum()), float(calls.there_seconds.sum()))


@metric("rostered_hours", "h per week", "", "Ingeroosterde uren", "Rostered hours",
        "roster / weeks", per_call=False)  # fmt: skip
def rostered_hours(calls: Calls, rules: Rules) -> Pair:
    """Return rostered hours per week, absence not deducted."""
    return _one(sum(rules.rostered_hours), rules.weeks)


def _cost(calls: Calls, rules: Rules) -> float:
    """Return euros within what is counted: rosters, minutes, calls and the share of yearly sums."""
    talk_minutes = calls.seconds_of_groups(LegKind.TALK) / 60
    legs = calls.log.legs[calls.log.legs["how"] == How.ANSWERED]
    legs = legs[(legs["end"] >= calls.window.start) & (legs["end"] < calls.window.end)]
    groups = np.append(calls.plan.group_of(), NONE)[legs["agent"]]
    answered = np.bincount(groups[groups != NONE], minlength=len(talk_minutes))
    return float(
        np.dot(rules.hour_prices, rules.rostered_hours)
        + np.dot(rules.minute_prices, talk_minutes)
        + np.dot(rules.call_prices, answered)
        + rules.yearly * rules.weeks * 7 / 365.25
    )


@metric("cost", "EUR per year", "lower", "Kosten per jaar", "Cost per year",
        "rosters + contracts, scaled to a year", per_call=False)  # fmt: skip
def cost(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts, scaled to a year."""
    return _one(_cost(calls, rules), rules.weeks * 7 / 365.25)


@metric("cost_per_call", "EUR", "lower", "Kosten per beantwoorde oproep", "Cost per answered call",
        "cost / A", per_call=False)  # fmt: skip
def cost_per_call(calls: Calls, rules: Rules) -> Pair:
    """Return the cost of rosters and contracts per answered call."""
    return _one(_cost(calls, rules), float(calls.answered.sum()))


@metric("citizen_hours", "h per week", "lower", "Tijd van burgers in menu en wachtrij",
        "Citizens' time in menu and queue", "(I + W of all callers) / weeks")  # fmt: skip
def citizen_hours(calls: Calls, rules: Rules) -> Pair:
    """Return hours that citizens spend in menus and queues per week, redials included."""
    hours = (calls.menu_seconds + calls.seconds_in(LegKind.QUEUE)) / 3600
    return hours, np.array([rules.weeks])


__all__ = ["METRICS", "PERCENTILES", "Metric", "Rules"]

PERCENTILES = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95, "wait_p99": 0.99}
"""Percentiles of the wait of answered calls, from pooled samples."""
