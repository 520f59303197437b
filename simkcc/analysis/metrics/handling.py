"""Handling: what an answered call takes of agents, and holding."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import marked
from simkcc.analysis.metrics.registry import Pair, metric
from simkcc.analysis.metrics.terms import seconds_where
from simkcc.model.contact_log import LegKind


@metric("aht", "s", "", "Afhandeltijd", "Handle time",
        "talk + hold + consult + wrap-up of the first line / A by the first line")  # fmt: skip
def aht(calls: Calls, rules: Rules) -> Pair:
    """Return first-line talk, hold, consult, hand-over and wrap-up per answered call.

    Ringing and the caller's wait are left out; an agent who waits along in the second line's queue
    is handling. The second line is counted apart. Calls that are not over, after-call work
    included, are left out, and so are calls that a group of the second line answered directly.
    """
    took = calls.put_away & np.append(calls.window.first_line, False)[calls.answering_group]
    return seconds_where(took, calls.handled_in_front), took


@metric("aht_second_line", "s", "", "Afhandeltijd van de tweede lijn", "Handle time, second line",
        "talk + hold + wrap-up of the second line / calls it took")  # fmt: skip
def aht_second_line(calls: Calls, rules: Rules) -> Pair:
    """Return the second line's talk, hold, hand-over and wrap-up per call it took.

    Its phone's ringing is left out. A second line that is described by chances and times, not by
    agents, has none.
    """
    behind = np.append(~calls.window.first_line, False)[calls.group_of]
    took = np.zeros(len(calls), bool)
    for kind in (LegKind.TALK, LegKind.HANDOVER):
        owner, agent, second = calls.leg_columns(kind, "owner", "agent", "second")
        took |= marked(owner[behind[agent] | behind[second]], len(calls))
    took &= calls.put_away
    return seconds_where(took, calls.handled_behind), took


@metric("hold_rate", "share", "lower", "In de wacht gezet", "Put on hold", "calls with a hold / A")
def hold_rate(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that were put on hold, at pick-up or later, over answered ones."""
    return calls.over & (calls.held_at_pick_up | calls.held_later), calls.over


@metric("hold_at_pick_up", "share", "lower", "Meteen in de wacht gezet", "Put on hold at pick-up",
        "calls with a hold right at the answer / A")  # fmt: skip
def hold_at_pick_up(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls put on hold at the very moment of the answer over answered ones.

    The only kind that counts against a norm of answering in time.
    """
    return calls.over & calls.held_at_pick_up, calls.over


@metric("hold_during", "share", "lower", "Tijdens het gesprek in de wacht gezet",
        "Put on hold during the talk", "calls with a later hold / A")  # fmt: skip
def hold_during(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls put on hold after the talk began over answered ones."""
    return calls.over & calls.held_later, calls.over


@metric("hold_time", "s", "lower", "Tijd in de wacht per gesprek", "Hold per answered call",
        "hold / A")  # fmt: skip
def hold_time(calls: Calls, rules: Rules) -> Pair:
    """Return the seconds on hold per answered call, those never put on hold included."""
    return seconds_where(calls.over, calls.seconds_in(LegKind.HOLD)), calls.over
