"""Visits to queues: the legs that calls spend in them, joined."""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.log import Stays
from simkcc.analysis.columns.tallies import among, tally
from simkcc.model.contact_log import NONE, SECOND, How

FAR = 2**31
"""Number of a visit that no call makes."""


class Visits:
    """Visits of calls to queues, as columns (V,). Who holds a place goes on with the same visit."""

    def __init__(self, legs: Stays, missed: np.ndarray) -> None:
        """Join the legs of queues to visits.

        legs: with the `owner` of each. missed: (N,) whether a call was phoned in turn and not reached.
        """
        starts, ends, held = _joined(legs, len(missed))
        self.owner = legs["owner"][starts]
        """Number of the call."""
        self.queue = legs["place"][starts]
        self.joined = legs["start"][starts]
        """Microseconds."""
        self.left = legs["end"][ends]
        """Microseconds, or NONE."""
        self.how = legs["how"][ends]
        hung_up = legs["end"][starts]
        self.on_line = np.where(hung_up == NONE, 0.0, hung_up - self.joined)
        """Microseconds with the receiver in hand: until the end, or until a place was kept."""
        self.agent = legs["agent"][ends]
        """Who answered, or NONE."""
        self.along = legs["second"][ends] != NONE
        """Whether an agent waits along with the caller."""
        self.number = _ordinal(self.owner)
        """0 for a call's first visit, 1 for its second, and so on."""
        self.answered = among(self.how, [How.ANSWERED])
        self.answered[held[missed[self.owner[held]]]] = False
        self.first_answer = np.full(len(missed), FAR)
        """(N,) number of the first visit that was answered; FAR if none was."""
        answered = np.flatnonzero(self.answered)[::-1]
        self.first_answer[self.owner[answered]] = self.number[answered]

    @cached_property
    def first(self) -> np.ndarray:
        """Return the places of the first visit of each call."""
        return np.flatnonzero(self.number == 0)

    @cached_property
    def ended(self) -> np.ndarray:
        """Return whether each visit is over."""
        return ~among(self.how, [How.OPEN])

    @cached_property
    def abandoned(self) -> np.ndarray:
        """Return whether the caller hung up during each visit."""
        return among(self.how, (How.ABANDONED, How.BALKED))

    @cached_property
    def wait_of_answered(self) -> np.ndarray:
        """Return the seconds that answered visits took until the answer; 0 for others."""
        return np.where(self.answered, self.left - self.joined, 0) / SECOND

    def within(self, threshold: float) -> np.ndarray:
        """Return whether each visit was answered within so many seconds."""
        return self.answered & (self.wait_of_answered <= threshold)

    @cached_property
    def after_answer(self) -> np.ndarray:
        """Return whether an agent had already answered when each visit began."""
        return self.number > self.first_answer[self.owner]


def _joined(legs: Stays, n_calls: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first and the last leg of each visit, and which visits hold a place in between.

    By call and ordinal. Only calls with several legs are put in order: most have one.
    """
    owner = legs["owner"]
    several = tally(owner, n_calls)[owner] > 1
    some = np.flatnonzero(several)
    some = some[np.lexsort((legs["leg"][some], owner[some]))]
    order = np.concatenate([np.flatnonzero(~several), some])
    held = legs["how"][order] == How.HELD_PLACE
    if not held.any():
        return order, order, np.zeros(0, np.intp)
    owner, goes_on = owner[order], np.zeros(len(order), bool)
    goes_on[1:] = (owner[1:] == owner[:-1]) & held[:-1]
    first = np.flatnonzero(~goes_on)
    last = np.append(first[1:], len(order)) - 1
    return order[first], order[last], np.flatnonzero(first != last)


def _ordinal(owner: np.ndarray) -> np.ndarray:
    """Return the place of each row among the rows of its owner, which follow each other."""
    starts = np.ones(len(owner), bool)
    starts[1:] = owner[1:] != owner[:-1]
    places = np.arange(len(owner))
    return places - np.maximum.accumulate(np.where(starts, places, 0))
