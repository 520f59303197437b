"""Waiting, and giving up: in the queue and in the menu."""

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.analysis.metrics.terms import is_short, one, seconds_where, without
from simkcc.model.contact_log import LegKind

# ---------------------------------------------------------------------------------------------
# waiting


@metric("asa", "s", "lower", "Gemiddelde wachttijd van beantwoorde oproepen",
        "Average speed of answer", "sum of W over A / A", streamed=True)  # fmt: skip
def asa(calls: Counting, rules: Rules) -> Pair:
    """Return the mean wait in the first queue of answered calls.

    Impatient callers who leave lower it. Means of intervals are never averaged unweighted.
    """
    return calls.wait_of_answered, calls.answered


@metric("asa_ring", "s", "lower", "Gemiddelde wachttijd tot het gesprek, met overgaan",
        "Average speed of answer, ringing included", "sum of W + ringing over A / A")  # fmt: skip
def asa_ring(calls: Calls, rules: Rules) -> Pair:
    """Return the mean wait of answered calls, with the ringing of those who are phoned in turn."""
    rung = calls.seconds_in(LegKind.RING)
    return seconds_where(calls.answered, calls.wait_of_answered + rung), calls.answered


@metric("wait_all", "s", "lower", "Gemiddelde wachttijd van alle bellers", "Mean wait of all callers",
        "sum of W over O / O", streamed=True)  # fmt: skip
def wait_all(calls: Counting, rules: Rules) -> Pair:
    """Return the mean wait in the first queue of all offered calls, abandoned ones included."""
    return calls.wait, calls.offered


@metric("time_to_human", "s", "lower", "Tijd tot een mens, met menu", "Time to a human, with the menu",
        "sum of I + W over A / A", streamed=True)  # fmt: skip
def time_to_human(calls: Counting, rules: Rules) -> Pair:
    """Return the mean time from dialling to the first agent, of calls that reached one.

    It ends with the first agent, also one who must send the caller on.
    """
    return calls.time_to_human, calls.met_human


@metric("probe_wait", "s", "lower", "Wachttijd van proefoproepen", "Wait of probes",
        "sum of probe waits / probes", grain="whole", streamed=True)  # fmt: skip
def probe_wait(calls: Counting, rules: Rules) -> Pair:
    """Return the mean wait of probes: what a patient caller meets at a random moment."""
    number, seconds = calls.probes
    return one(seconds, number)


@metric("wait_max", "s", "lower", "Langste wachttijd van een beantwoorde oproep",
        "Longest wait of an answered call", "max W over A", grain="whole")  # fmt: skip
def wait_max(calls: Calls, rules: Rules) -> Pair:
    """Return the longest wait of an answered call in a run, the mean over the runs.

    It grows with the length of the run: compare only runs of equal length.
    """
    return one(float(calls.wait_of_answered.max(initial=0.0)), float(calls.answered.any()))


@metric("probe_wait_max", "s", "lower", "Langste wachttijd van een proefoproep",
        "Longest wait of a probe", "max of probe waits", grain="whole")  # fmt: skip
def probe_wait_max(calls: Calls, rules: Rules) -> Pair:
    """Return the longest wait of a probe in a run, the mean over the runs."""
    waits, _ = calls.probe_waits
    return one(float(waits.max(initial=0.0)), float(len(waits) > 0))


# ---------------------------------------------------------------------------------------------
# giving up


@metric("abandonment", "share", "lower", "Afhakers in de wachtrij", "Abandoned in the queue", "L / O",
        streamed=True)  # fmt: skip
def abandonment(calls: Counting, rules: Rules) -> Pair:
    """Return abandoned over offered; the menu's hang-ups are counted apart."""
    return calls.abandoned, calls.offered


@metric("abandonment_long", "share", "lower", "Afhakers zonder korte", "Abandoned, without short ones",
        "(L - S) / (O - S)", streamed=True)  # fmt: skip
def abandonment_long(calls: Counting, rules: Rules) -> Pair:
    """Return abandoned over offered, both without short abandons."""
    short = is_short(calls, rules)
    return without(calls.abandoned, short), without(calls.offered, short)


@metric("abandonment_short", "share", "lower", "Korte afhakers", "Short abandons", "S / O",
        streamed=True)  # fmt: skip
def abandonment_short(calls: Counting, rules: Rules) -> Pair:
    """Return short abandons over offered: what the variants without them leave out."""
    return is_short(calls, rules), calls.offered


@metric("menu_abandonment", "share", "lower", "Afhakers in het menu", "Hung up in the menu",
        "V / (V + O that heard the menu)", streamed=True)  # fmt: skip
def menu_abandonment(calls: Counting, rules: Rules) -> Pair:
    """Return calls that hung up in the menu over those who heard it; calls behind it are left out."""
    return calls.left_menu, calls.in_menu


@metric("menu_time", "s", "lower", "Tijd in het menu", "Time in the menu", "sum of I / calls in menu",
        streamed=True)  # fmt: skip
def menu_time(calls: Counting, rules: Rules) -> Pair:
    """Return the mean stay in the menu, of all who heard it."""
    return calls.menu_seconds, calls.in_menu
