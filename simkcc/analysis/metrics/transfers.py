"""Transfers: how often the caller is handed over, whether someone answers, how long that takes."""

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.rules import Rules
from simkcc.analysis.columns.transfers import transfers
from simkcc.analysis.metrics.registry import Counting, Pair, metric
from simkcc.analysis.metrics.terms import one, seconds_where
from simkcc.model.contact_log import Outcome


@metric(
    "transferred",
    "share",
    "",
    "Doorverbonden",
    "Transferred",
    "handed over to the second line / A",
    streamed=True,
)
def transferred(calls: Counting, rules: Rules) -> Pair:
    """Return answered calls that ended with the second line over answered ones that are over.

    Whatever the way: after a consult, blind, or in a conference that the first agent left.
    """
    return calls.ended_in(Outcome.TRANSFERRED), calls.over


@metric("transfers_1", "share", "lower", "Eén keer doorverbonden", "Transferred once",
        "calls handed over exactly once / A")  # fmt: skip
def transfers_1(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that changed hands exactly once over answered ones that are over.

    Being sent on from a wrongly chosen queue, a blind transfer (answered or not) and a hand-over
    each count; a consult after which the same agent goes on does not.
    """
    return calls.over & (transfers(calls).hands == 1), calls.over


@metric("transfers_2", "share", "lower", "Twee keer doorverbonden", "Transferred twice",
        "calls handed over exactly twice / A")  # fmt: skip
def transfers_2(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that changed hands exactly twice over answered ones that are over."""
    return calls.over & (transfers(calls).hands == 2), calls.over


@metric("transfers_3", "share", "lower", "Drie keer doorverbonden", "Transferred three times",
        "calls handed over exactly three times / A")  # fmt: skip
def transfers_3(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that changed hands exactly three times over answered ones that are over."""
    return calls.over & (transfers(calls).hands == 3), calls.over


@metric("transfers_2_3", "share", "lower", "Twee of drie keer doorverbonden",
        "Transferred two or three times", "calls handed over two or three times / A")  # fmt: skip
def transfers_2_3(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that changed hands two or three times over answered ones that are over."""
    hands = transfers(calls).hands
    return calls.over & ((hands == 2) | (hands == 3)), calls.over


@metric("transfers_more", "share", "lower", "Meer dan drie keer doorverbonden",
        "Transferred more than three times", "calls handed over more than three times / A")  # fmt: skip
def transfers_more(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls that changed hands more than three times: each is an alarm."""
    return calls.over & (transfers(calls).hands > 3), calls.over


@metric("transfer_tried", "share", "", "Poging tot doorverbinden", "Transfer tried",
        "calls with an attempt / A")  # fmt: skip
def transfer_tried(calls: Calls, rules: Rules) -> Pair:
    """Return answered calls with at least one attempt to reach the second line over answered ones.

    Above the transfer rate by what failed.
    """
    return calls.over & (transfers(calls).attempts > 0), calls.over


@metric("transfer_attempts", "per call", "", "Doorverbindpogingen per oproep",
        "Transfer attempts per call", "attempts / A")  # fmt: skip
def transfer_attempts(calls: Calls, rules: Rules) -> Pair:
    """Return attempts to reach the second line per answered call that is over."""
    return seconds_where(calls.over, transfers(calls).attempts), calls.over


@metric("transfer_success", "share", "higher", "Geslaagde doorverbinding", "Transfer success",
        "calls with an attempt that reached someone / calls with an attempt")  # fmt: skip
def transfer_success(calls: Calls, rules: Rules) -> Pair:
    """Return calls of which an attempt reached the second line over calls with at least one attempt.

    A blind transfer is an attempt too, and reaches someone when it is answered. Few attempts make
    a wide interval: give it with its n.
    """
    tried = (transfers(calls).attempts > 0) & (calls.finished | (transfers(calls).reached > 0))
    return tried & (transfers(calls).reached > 0), tried


@metric("transfer_success_attempt", "share", "higher", "Geslaagde doorverbinding per poging",
        "Transfer success per attempt", "attempts that reached someone / attempts")  # fmt: skip
def transfer_success_attempt(calls: Calls, rules: Rules) -> Pair:
    """Return attempts that reached someone over attempts: lower than per call."""
    return transfers(calls).reached, transfers(calls).attempts


@metric("transfer_wait", "s", "lower", "Wachttijd bij doorverbinden", "Wait at transfer",
        "time until the answer of attempts that reached someone / their number")  # fmt: skip
def transfer_wait(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time until the second line answers, of attempts that reached someone."""
    return transfers(calls).wait_of_reached, transfers(calls).reached


@metric("transfer_wait_all", "s", "lower", "Wachttijd bij doorverbinden, alle pogingen",
        "Wait at transfer, all attempts", "time of all attempts / their number")  # fmt: skip
def transfer_wait_all(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time of all attempts, those that failed and those that found nobody free too."""
    return transfers(calls).wait_of_all, transfers(calls).attempts


@metric("take_back_time", "s", "lower", "Terugnametijd", "Take-back time",
        "time of attempts taken back / their number", grain="whole")  # fmt: skip
def take_back_time(calls: Calls, rules: Rules) -> Pair:
    """Return the mean time from the start of an attempt to the take-back, failures only."""
    taken = transfers(calls).taken_back
    return one(float(taken.sum()), len(taken))


@metric("take_back_min", "s", "", "Kortste terugnametijd", "Shortest take-back time",
        "min over attempts taken back", grain="whole")  # fmt: skip
def take_back_min(calls: Calls, rules: Rules) -> Pair:
    """Return the shortest time to a take-back in a run, the mean over the runs."""
    taken = transfers(calls).taken_back
    return one(float(taken.min()) if len(taken) else 0.0, float(len(taken) > 0))


@metric("take_back_max", "s", "lower", "Langste terugnametijd", "Longest take-back time",
        "max over attempts taken back", grain="whole")  # fmt: skip
def take_back_max(calls: Calls, rules: Rules) -> Pair:
    """Return the longest time to a take-back in a run, the mean over the runs."""
    taken = transfers(calls).taken_back
    return one(float(taken.max(initial=0.0)), float(len(taken) > 0))
