"""Transfers of calls: attempts to reach the second line, and each time the caller changes hands.

An attempt is a consult (the agent rings someone with the caller on the line) or joining a further
queue after an agent has answered, alone (a blind transfer) or with that agent waiting along. It
succeeds when someone answers. Being sent on from a wrongly chosen queue to the right one changes
hands too, but is no attempt to reach the second line.
"""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.calls import Calls
from simkcc.analysis.columns.log import Table
from simkcc.analysis.columns.tallies import among, marked, tally
from simkcc.model.contact_log import NONE, SECOND, How, LegKind, Outcome

RANG = (How.REACHED, How.TAKEN_BACK, How.NOBODY_FREE)
"""How a consult may end."""


def _later_visits(calls: Calls) -> Table:
    """Return the visits that began after an answer, and whether the caller was only sent on."""
    visits = calls.visits
    rows = np.flatnonzero(visits.after_answer)
    owner, queue, along = visits.owner[rows], visits.queue[rows], visits.along[rows]
    return Table(
        np.zeros(len(rows)), owner=owner, along=along, ended=visits.ended[rows], answered=visits.answered[rows],
        joined=visits.joined[rows], left=visits.left[rows],
        sent_on=~along & (queue == calls.own_queue[owner]) & calls.wrong_first[owner],
    )  # fmt: skip


class Transfers:
    """The transfers of the counted calls, as columns (N,)."""

    def __init__(self, calls: Calls) -> None:
        """Look at the consults and the later visits of calls."""
        self._calls, self._size = calls, len(calls)
        self._later = _later_visits(calls)
        self._tried = self._later.where(~self._later["sent_on"])
        """Visits that are attempts to reach the second line."""
        self._consult = calls.stays(LegKind.CONSULT)

    # ----------------------------------------------------------------- attempts

    @cached_property
    def attempts(self) -> np.ndarray:
        """Return how many attempts of each call are over."""
        return self._consults(*RANG) + self._visits(self._tried["ended"])

    @cached_property
    def reached(self) -> np.ndarray:
        """Return how many attempts of each call reached someone."""
        return self._consults(How.REACHED) + self._visits(self._tried["answered"])

    @cached_property
    def blind(self) -> np.ndarray:
        """Return how many attempts of each call left the caller to a queue alone."""
        return self._visits(~self._tried["along"])

    @cached_property
    def wait_of_reached(self) -> np.ndarray:
        """Return the seconds that attempts that reached someone took until the answer."""
        return self._rung(How.REACHED) + self._waited(self._tried["answered"])

    @cached_property
    def wait_of_all(self) -> np.ndarray:
        """Return the seconds that all attempts took until someone answered or they were given up."""
        return self._rung(*RANG) + self._waited(self._tried["ended"])

    @cached_property
    def taken_back(self) -> np.ndarray:
        """Return the seconds of each attempt that was taken back, (attempts,)."""
        chosen = self._consult["how"] == How.TAKEN_BACK
        return (self._consult["end"] - self._consult["start"])[chosen] / SECOND

    def _consults(self, *how: How) -> np.ndarray:
        return tally(self._consult["owner"][among(self._consult["how"], how)], self._size)

    def _visits(self, chosen: np.ndarray) -> np.ndarray:
        return tally(self._tried["owner"][chosen], self._size)

    def _rung(self, *how: How) -> np.ndarray:
        chosen = among(self._consult["how"], how)
        lengths = (self._consult["end"] - self._consult["start"])[chosen]
        return tally(self._consult["owner"][chosen], self._size, lengths) / SECOND

    def _waited(self, chosen: np.ndarray) -> np.ndarray:
        visits = self._tried
        lengths = (visits["left"] - visits["joined"])[chosen]
        return tally(visits["owner"][chosen], self._size, lengths) / SECOND

    # ----------------------------------------------------------------- changes of hands

    @cached_property
    def hands(self) -> np.ndarray:
        """Return how often each caller, once answered, was handed over to someone else.

        Joining a further queue alone, and each change of the agent between one talk and the next.
        A consult after which the same agent goes on is none; a call whose outcome is a transfer
        (a conference that the first agent leaves) has at least one.
        """
        moved = tally(self._later["owner"][~self._later["along"]], self._size)
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
        queue_owner, queue_leg = self._queued_alone(marked(owner, self._size))
        far = int(max(leg.max(initial=0), queue_leg.max(initial=0))) + 1
        place, queues = owner * far + leg, np.sort(queue_owner * far + queue_leg)
        between = np.searchsorted(queues, place[1:]) - np.searchsorted(queues, place[:-1])
        changes = (owner[1:] == owner[:-1]) & (agent[1:] != agent[:-1]) & (between > 0)
        return tally(owner[1:][changes], self._size)

    def _queued_alone(self, calls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return call and ordinal of the legs of some calls in queues where no agent waits along."""
        owner, leg, second = self._calls.leg_columns(LegKind.QUEUE, "owner", "leg", "second")
        rows = np.flatnonzero(calls[owner] & (second == NONE))
        return owner[rows], leg[rows]


def transfers(calls: Calls) -> Transfers:
    """Return who was handed over, and how."""
    return calls.once(Transfers)
