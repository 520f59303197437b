"""Transfers of calls: attempts to reach the second line, and each time the caller changes hands.

An attempt is a consult (the agent rings someone with the caller on the line) or joining a further
queue after an agent has answered, alone (a blind transfer) or with that agent waiting along. It
succeeds when someone answers. Being sent on from a wrongly chosen queue to the right one changes
hands too, but is no attempt to reach the second line.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.legs import among, tally
from simkcc.analysis.columns.rows import Rows
from simkcc.model.contact_log import NONE, SECOND, How, LegKind, Outcome

RANG = (How.REACHED, How.TAKEN_BACK, How.NOBODY_FREE)
"""How a consult may end."""


class Transfers:
    """The transfers of the counted calls, as columns (N,)."""

    def __init__(self, calls: Rows) -> None:
        """Look at the consults and the later visits of calls."""
        self._calls, self._size = calls, len(calls)
        visits = calls.visits
        owner = visits.owner
        own = calls.own_queue[owner]
        self._later = visits.after_answer
        sent_on = self._later & ~visits.along & (visits.queue == own) & calls.wrong_first[owner]
        self._tried = self._later & ~sent_on
        """(V,) visits that are attempts to reach the second line."""
        names = ("owner", "how", "start", "end")
        self._consult = dict(zip(names, calls.leg_columns(LegKind.CONSULT, *names), strict=True))

    # ----------------------------------------------------------------- attempts

    @cached_property
    def attempts(self) -> np.ndarray:
        """Return how many attempts of each call are over."""
        return self._consults(*RANG) + self._visits(self._tried & self._calls.visits.ended)

    @cached_property
    def reached(self) -> np.ndarray:
        """Return how many attempts of each call reached someone."""
        return self._consults(How.REACHED) + self._visits(self._tried & self._calls.visits.answered)

    @cached_property
    def blind(self) -> np.ndarray:
        """Return how many attempts of each call left the caller to a queue alone."""
        return self._visits(self._tried & ~self._calls.visits.along)

    @cached_property
    def wait_of_reached(self) -> np.ndarray:
        """Return the seconds that attempts that reached someone took until the answer."""
        waited = self._tried & self._calls.visits.answered
        return self._rung(How.REACHED) + self._waited(waited)

    @cached_property
    def wait_of_all(self) -> np.ndarray:
        """Return the seconds that all attempts took until someone answered or they were given up."""
        waited = self._tried & self._calls.visits.ended
        return self._rung(*RANG) + self._waited(waited)

    @cached_property
    def taken_back(self) -> np.ndarray:
        """Return the seconds of each attempt that was taken back, (attempts,)."""
        chosen = self._consult["how"] == How.TAKEN_BACK
        return (self._consult["end"] - self._consult["start"])[chosen] / SECOND

    def _consults(self, *how: How) -> np.ndarray:
        return tally(self._consult["owner"][among(self._consult["how"], how)], self._size)

    def _visits(self, chosen: np.ndarray) -> np.ndarray:
        return tally(self._calls.visits.owner[chosen], self._size)

    def _rung(self, *how: How) -> np.ndarray:
        chosen = among(self._consult["how"], how)
        lengths = (self._consult["end"] - self._consult["start"])[chosen]
        return tally(self._consult["owner"][chosen], self._size, lengths) / SECOND

    def _waited(self, chosen: np.ndarray) -> np.ndarray:
        visits = self._calls.visits
        lengths = (visits.left - visits.joined)[chosen]
        return tally(visits.owner[chosen], self._size, lengths) / SECOND

    # ----------------------------------------------------------------- changes of hands

    @cached_property
    def hands(self) -> np.ndarray:
        """Return how often each caller, once answered, was handed over to someone else.

        Joining a further queue alone, and each change of the agent between one talk and the next.
        A consult after which the same agent goes on is none; a call whose outcome is a transfer
        (a conference that the first agent leaves) has at least one.
        """
        moved = self._visits(self._later & ~self._calls.visits.along)
        changed = np.maximum(moved + self._changes(moved), 0)
        ended = self._calls.outcome == Outcome.TRANSFERRED
        return np.where(ended, np.maximum(changed, 1), changed)

    def _changes(self, moved: np.ndarray) -> np.ndarray:
        """Return how often the agent changes between two talks with no queue between them."""
        calls = self._calls
        owner, leg, agent = calls.leg_columns(LegKind.TALK, "owner", "leg", "agent")
        some = np.flatnonzero(tally(owner, self._size)[owner] > 1)
        owner, leg, agent = owner[some], leg[some], agent[some]
        order = np.lexsort((leg, owner))
        owner, leg, agent = owner[order], leg[order], agent[order]
        changes = (owner[1:] == owner[:-1]) & (agent[1:] != agent[:-1])
        found = tally(owner[1:][changes], self._size)
        return found - self._across(owner, leg, agent) if moved.any() else found

    def _across(self, owner: np.ndarray, leg: np.ndarray, agent: np.ndarray) -> np.ndarray:
        """Return how many of those changes lie across a visit that was counted already."""
        queue_owner, queue_leg = self._queued_alone
        far = int(max(leg.max(initial=0), queue_leg.max(initial=0))) + 1
        place, queues = owner * far + leg, np.sort(queue_owner * far + queue_leg)
        between = np.searchsorted(queues, place[1:]) - np.searchsorted(queues, place[:-1])
        changes = (owner[1:] == owner[:-1]) & (agent[1:] != agent[:-1]) & (between > 0)
        return tally(owner[1:][changes], self._size)

    @property
    def _queued_alone(self) -> tuple[np.ndarray, np.ndarray]:
        """Return call and ordinal of the legs in queues in which no agent waits along."""
        owner, leg, second = self._calls.leg_columns(LegKind.QUEUE, "owner", "leg", "second")
        return owner[second == NONE], leg[second == NONE]
