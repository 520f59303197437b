"""Figures of reaching a human: volumes, service level, accessibility, waiting, leaving."""

import numpy as np

from simkcc.analysis.calls import Calls
from simkcc.analysis.metrics.terms import in_time, is_short, one
from simkcc.analysis.registry import Pair, Rules, metric
from simkcc.model.contact_log import Outcome

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
    return in_time(calls, rules), calls.answered


@metric("sl2", "share", "higher", "Servicenorm, van de aangeboden", "Service level, of offered",
        "#(A, W <= T) / O")  # fmt: skip
def sl2(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time over offered: the strictest, and the default."""
    return in_time(calls, rules), calls.offered


@metric("sl3", "share", "higher", "Servicenorm, zonder korte afhakers",
        "Service level, without short abandons", "#(A, W <= T) / (O - S)")  # fmt: skip
def sl3(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time over offered without short abandons."""
    return in_time(calls, rules), calls.offered & ~is_short(calls, rules)


@metric("sl4", "share", "higher", "Servicenorm, snelle ophangers meegeteld",
        "Service level, quick hang-ups as success", "(#(A, W <= T) + #(L, W <= T)) / O")  # fmt: skip
def sl4(calls: Calls, rules: Rules) -> Pair:
    """Return answered or abandoned in time over offered: counts a quick hang-up as success."""
    lost = calls.abandoned & (calls.wait <= rules.threshold)
    return in_time(calls, rules) | lost, calls.offered


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
    return one(float((served & (waits <= rules.threshold)).sum()), len(waits))


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
    return calls.answered, calls.offered & ~is_short(calls, rules)


@metric("accessibility_r4", "share", "higher", "Bereikbaarheid volgens proefoproepen",
        "Accessibility of probes", "probes answered / probes", per_call=False)  # fmt: skip
def accessibility_r4(calls: Calls, rules: Rules) -> Pair:
    """Return probes answered over probes: near 100 % while the line is open."""
    waits, served = calls.probe_waits
    return one(float(served.sum()), len(waits))


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
    return one(float(waits.sum()), len(waits))


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
    short = is_short(calls, rules)
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
