"""Whether the question was answered, and by whom."""

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.questions import questions
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.tallies import marked
from simkcc.analysis.columns.transfers import transfers
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.model.contact_log import NONE, LegKind, Outcome

ALONE = (Outcome.DIRECT, Outcome.UNRESOLVED)
"""The first line ended the call by itself; whether that solved it only the caller knows."""


@metric("direct", "share", "higher", "Direct beantwoord", "Answered directly",
        "ended without transfer, callback or form / A", streamed=True)  # fmt: skip
def direct(calls: Counting, rules: Rules) -> Pair:
    """Return calls the first line finished alone, over answered calls that are over.

    It says nothing of whether the question was solved.
    """
    return calls.ended_in(*ALONE), calls.over


@metric("callback_note", "share", "lower", "Terugbelnotitie of formulier", "Callback or form",
        "ended in a callback or form / A", streamed=True)  # fmt: skip
def callback_note(calls: Counting, rules: Rules) -> Pair:
    """Return calls that ended in a promise, kept or forgotten, over answered ones that are over."""
    promises = (Outcome.CALLBACK, Outcome.FORM, Outcome.FORGOTTEN)
    return calls.ended_in(*promises), calls.over


@metric("passed_on", "share", "lower", "Doorverbonden of terugbelnotitie",
        "Transferred, callback or form", "ended with the second line or in a promise / A",
        streamed=True)  # fmt: skip
def passed_on(calls: Counting, rules: Rules) -> Pair:
    """Return calls that ended with the second line, in a callback or in a form, over answered ones.

    Of those that are over. With the calls answered directly and the failed transfers, all of them.
    """
    onward = (Outcome.TRANSFERRED, Outcome.CALLBACK, Outcome.FORM, Outcome.FORGOTTEN)
    return calls.ended_in(*onward), calls.over


def _first_contacts(calls: Calls) -> np.ndarray:
    return calls.over & questions(calls).is_first


@metric("fcr_first_line", "share", "higher", "In één keer goed, door de eerste lijn",
        "First contact resolution, first line",
        "solved by the first line alone and no repeat within 10 working days / A of first contacts")  # fmt: skip
def fcr_first_line(calls: Calls, rules: Rules) -> Pair:
    """Return first contacts that the first line solved alone and that did not come back.

    Over answered calls that are over and do not repeat an earlier question. Solved: no transfer,
    callback or form, and no repeat dialled within ten working days. Of calls near the end of a run
    later repeats are not seen.
    """
    first = _first_contacts(calls)
    return first & calls.outcome_is(Outcome.DIRECT) & ~questions(calls).comes_back, first


@metric("fcr", "share", "higher", "In één keer goed, warm doorverbonden meegeteld",
        "First contact resolution, warm transfers included",
        "solved in one call, alone or warmly handed over, and no repeat / A of first contacts")  # fmt: skip
def fcr(calls: Calls, rules: Rules) -> Pair:
    """Return first contacts that were solved in one call, warm transfers included.

    A transfer is warm if an agent stayed on the line until the second line answered.
    """
    first = _first_contacts(calls)
    warm = calls.outcome_is(Outcome.TRANSFERRED) & (transfers(calls).blind == 0)
    solved = calls.outcome_is(Outcome.DIRECT) | warm
    return first & solved & ~questions(calls).comes_back, first


@metric("fcr_declared", "share", "higher", "In één keer goed, volgens de medewerker",
        "First contact resolution, as declared", "ended by the first line alone / A of first contacts")  # fmt: skip
def fcr_declared(calls: Calls, rules: Rules) -> Pair:
    """Return first contacts that the agent would declare solved: ended alone, whatever comes later.

    It overstates: the agent does not see who comes back.
    """
    first = _first_contacts(calls)
    return first & calls.outcome_is(*ALONE), first


@metric("share_in_kcc", "share", "higher", "Aandeel afgehandeld in het KCC", "Share handled in the KCC",
        "calls the first line alone handled / all calls while open")  # fmt: skip
def share_in_kcc(calls: Calls, rules: Rules) -> Pair:
    """Return calls that only groups of the first line talked to and ended, over all external calls.

    All that dialled while open and are over, those to direct numbers and permanences (groups of the
    second line) too: the denominator is where a goal of 60 % is won or lost.
    """
    first_line = np.append(calls.window.first_line, False)[calls.group_of]
    owner, agent, second = calls.leg_columns(LegKind.TALK, "owner", "agent", "second")
    inside = first_line[agent] & ((second == NONE) | first_line[second])
    elsewhere = marked(owner[~inside], len(calls))
    external = calls.finished & ~calls.outcome_is(Outcome.CLOSED)
    return calls.over & calls.outcome_is(*ALONE) & ~elsewhere, external
