"""What one run of a workload yields, and the figures that are compared between contenders."""

from dataclasses import asdict, dataclass
from types import SimpleNamespace


@dataclass(frozen=True)
class Outcome:
    """Counts and sums over all calls of one run; the times are in seconds.

    W1 fills the fields up to `talk`; W2 fills all but `talk`.
    """

    calls: int = 0
    """Calls simulated; in W2 the callers who reach the menu."""
    offered: int = 0
    """Visits to the queues of the first line; a caller who chose wrong visits two."""
    answered: int = 0
    abandoned: int = 0
    within: int = 0
    """Answered visits that waited at most 20 s."""
    wait: float = 0.0
    """Sum of the waits of answered visits."""
    talk: float = 0.0
    """Sum of the talk times."""
    menu_abandoned: int = 0
    transfers: int = 0
    """Callers offered to the second line."""
    second_abandoned: int = 0
    callbacks: int = 0
    """Callback tasks done."""
    callback_wait: float = 0.0
    """Sum over those tasks of the time from their birth to their start."""


def blank_tally():
    """Return a namespace with the fields of Outcome, all zero, to count in."""
    return SimpleNamespace(**asdict(Outcome()))


def close_tally(tally):
    """Return the Outcome that the tally has reached."""
    return Outcome(**vars(tally))


def figures(workload: str, outcome: Outcome, asked: int) -> dict[str, float]:
    """Return the named figures of a run of `asked` calls; the times are in seconds."""
    shared = {
        "calls / calls asked": outcome.calls / asked,
        "offered / calls": outcome.offered / outcome.calls,
        "answered / offered": outcome.answered / outcome.offered,
        "abandoned / offered": outcome.abandoned / outcome.offered,
        "mean wait of answered": outcome.wait / outcome.answered,
        "within 20 s / answered": outcome.within / outcome.answered,
    }
    if workload == "W1":
        return shared | {"mean talk": outcome.talk / outcome.answered}
    return shared | {
        "abandoned in menu / calls": outcome.menu_abandoned / outcome.calls,
        "transfers / calls": outcome.transfers / outcome.calls,
        "second line abandoned / transfers": outcome.second_abandoned / outcome.transfers,
        "callbacks / calls": outcome.callbacks / outcome.calls,
        "mean wait of callbacks": outcome.callback_wait / outcome.callbacks,
    }
