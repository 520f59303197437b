"""Reaching a human: the service level in seven variants, accessibility in five."""

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.questions import questions
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.analysis.metrics.terms import in_time, is_short, one, without

# ---------------------------------------------------------------------------------------------
# service level


@metric("sl1", "share", "higher", "Servicenorm, van de beantwoorde", "Service level, of answered",
        "#(A, W <= T) / A", streamed=True)  # fmt: skip
def sl1(calls: Counting, rules: Rules) -> Pair:
    """Return answered in time over answered. It rises when impatient callers leave."""
    return in_time(calls, rules), calls.answered


@metric("sl2", "share", "higher", "Servicenorm, van de aangeboden", "Service level, of offered",
        "#(A, W <= T) / O", streamed=True)  # fmt: skip
def sl2(calls: Counting, rules: Rules) -> Pair:
    """Return answered in time over offered: the strictest, and the default."""
    return in_time(calls, rules), calls.offered


@metric("sl3", "share", "higher", "Servicenorm, zonder korte afhakers",
        "Service level, without short abandons", "#(A, W <= T) / (O - S)", streamed=True)  # fmt: skip
def sl3(calls: Counting, rules: Rules) -> Pair:
    """Return answered in time over offered without short abandons; say what counts as short."""
    return in_time(calls, rules), without(calls.offered, is_short(calls, rules))


@metric("sl4", "share", "higher", "Servicenorm, snelle ophangers meegeteld",
        "Service level, quick hang-ups as success", "(#(A, W <= T) + #(L, W <= T)) / O",
        streamed=True)  # fmt: skip
def sl4(calls: Counting, rules: Rules) -> Pair:
    """Return answered or abandoned in time over offered: counts a quick hang-up as success."""
    return in_time(calls, rules) + calls.lost_within(rules.threshold), calls.offered


@metric("sl5", "share", "higher", "Servicenorm ANTWOORD, wacht bij opname meegeteld",
        "ANTWOORD service level, hold at pick-up counted", "#(A, W + h0 <= T) / O")  # fmt: skip
def sl5(calls: Calls, rules: Rules) -> Pair:
    """Return answered in time, hold right at pick-up counted as waiting, over offered.

    Holds at pick-up cap it: no staffing makes up for them.
    """
    in_time = calls.answered & (calls.wait + calls.hold_at_pick_up <= rules.threshold)
    return in_time, calls.offered


@metric("sl6", "share", "higher", "Servicenorm voor de burger, menu meegeteld",
        "Citizen's service level, menu counted", "#(A, I + W <= T) / (O + V)",
        streamed=True)  # fmt: skip
def sl6(calls: Counting, rules: Rules) -> Pair:
    """Return those with a human within T of dialling over all who came in, menu hang-ups included.

    A menu longer than T leaves nothing of it.
    """
    return calls.human_within(rules.threshold), calls.offered + calls.left_menu


@metric("sl7", "share", "higher", "Servicenorm volgens proefoproepen", "Service level of probes",
        "probes with W <= T / probes", grain="whole", streamed=True)  # fmt: skip
def sl7(calls: Counting, rules: Rules) -> Pair:
    """Return probes that waited at most T over probes: time-weighted, and never impatient."""
    number, _ = calls.probes
    return one(float(calls.probes_within(rules.threshold)), number)


# ---------------------------------------------------------------------------------------------
# accessibility


@metric("accessibility_r1", "share", "higher", "Bereikbaarheid", "Accessibility", "A / O",
        streamed=True)  # fmt: skip
def accessibility_r1(calls: Counting, rules: Rules) -> Pair:
    """Return answered over offered; hides busy, closed and menu loss."""
    return calls.answered, calls.offered


@metric("accessibility_r2", "share", "higher", "Bereikbaarheid, zonder korte afhakers",
        "Accessibility, without short abandons", "A / (O - S)", streamed=True)  # fmt: skip
def accessibility_r2(calls: Counting, rules: Rules) -> Pair:
    """Return answered over offered without short abandons; more flattering the more are short."""
    return calls.answered, without(calls.offered, is_short(calls, rules))


@metric("accessibility_r3", "share", "higher", "Bereikbaarheid per burger",
        "Accessibility per citizen", "citizens who reached an agent that day / who tried that day")  # fmt: skip
def accessibility_r3(calls: Calls, rules: Rules) -> Pair:
    """Return citizens who reached an agent the same day over citizens who tried that day.

    A citizen is a chain of redials and repeats, and counts once for each day on which one of them
    was dialled, where the first call of that day counts. Needs to know who calls.
    """
    return questions(calls).days


@metric("accessibility_r4", "share", "higher", "Bereikbaarheid volgens proefoproepen",
        "Accessibility of probes", "probes answered / probes", grain="whole")  # fmt: skip
def accessibility_r4(calls: Calls, rules: Rules) -> Pair:
    """Return probes answered over probes: near 100 % while the line is open, by construction."""
    waits, served = calls.probe_waits
    return one(float(served.sum()), len(waits))


@metric("accessibility_r5", "share", "higher", "Bereikbaarheid van begin tot eind",
        "Accessibility end to end", "A / D", streamed=True)  # fmt: skip
def accessibility_r5(calls: Counting, rules: Rules) -> Pair:
    """Return answered over dialled: busy, closed and menu loss included.

    Calls still in the menu or the queue at the end are left out. Redials count as calls.
    """
    return calls.answered, calls.settled
