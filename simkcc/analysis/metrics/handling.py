"""Figures of answering: handle time, transfers, take-back."""

import numpy as np

from simkcc.analysis.calls import Calls
from simkcc.analysis.metrics.terms import FIRST_LINE
from simkcc.analysis.registry import Pair, Rules, metric
from simkcc.model.contact_log import SECOND, How, LegKind, Outcome


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
