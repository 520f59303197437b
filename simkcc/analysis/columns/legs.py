"""Legs of a contact log by kind, and visits to queues: the columns that calls are folded from."""

from collections.abc import Iterable, Mapping

import numpy as np

from simkcc.model.contact_log import NONE, SECOND, How, LegKind

FAR = 2**31
"""Number of a visit that no call makes."""


def tally(owner: np.ndarray, size: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return for each of `size` owners how many rows, or what sum of weights, is theirs."""
    return np.bincount(owner, weights, minlength=size)


def among(codes: np.ndarray, chosen: Iterable[int]) -> np.ndarray:
    """Return whether each code, a small number from 0 on, is one of the chosen."""
    table = np.zeros(128, bool)
    table[list(chosen)] = True
    return table[codes]


class Legs:
    """The legs of a log by kind, each column read when it is first asked for.

    A column is first copied whole: rows of a plain array are found ten times as fast as rows of a
    table.
    """

    def __init__(self, legs: np.ndarray, kinds: np.ndarray, number: np.ndarray) -> None:
        """Keep a log's legs. number: which counted call each contact is, or NONE."""
        self._legs, self.kinds = legs, kinds
        self._number = number
        self._whole: dict[str, np.ndarray] = {}
        self._places: dict[LegKind, np.ndarray] = {}
        self._rows: dict[LegKind, np.ndarray] = {}
        self._columns: dict[tuple[LegKind, str], np.ndarray] = {}
        self._known: dict[LegKind, np.ndarray] = {}

    def whole(self, name: str) -> np.ndarray:
        """Return a column of all legs."""
        if name not in self._whole:
            self._whole[name] = np.ascontiguousarray(self._legs[name])
        return self._whole[name]

    def places(self, kind: LegKind) -> np.ndarray:
        """Return the rows of all legs of a kind."""
        if kind not in self._places:
            self._places[kind] = np.flatnonzero(self.kinds == kind)
        return self._places[kind]

    def rows(self, kind: LegKind) -> np.ndarray:
        """Return the rows of the legs of a kind that belong to counted calls."""
        if kind not in self._rows:
            rows = self.places(kind)
            owner = self._number[self.whole("contact")[rows]]
            if (owner == NONE).any():
                rows, owner = rows[owner != NONE], owner[owner != NONE]
            self._rows[kind], self._columns[kind, "owner"] = rows, owner
        return self._rows[kind]

    def column(self, kind: LegKind, name: str) -> np.ndarray:
        """Return a column of those legs; `owner` is the number of the call."""
        rows = self.rows(kind)
        if (kind, name) not in self._columns:
            self._columns[kind, name] = self.whole(name)[rows]
        return self._columns[kind, name]

    def seconds(self, kind: LegKind, size: int) -> np.ndarray:
        """Return the microseconds each call spent in finished legs of a kind."""
        if kind not in self._known:
            end = self.column(kind, "end")
            lengths = np.where(end == NONE, 0, end - self.column(kind, "start"))
            self._known[kind] = tally(self.column(kind, "owner"), size, lengths)
        return self._known[kind]

    def of_all(self, kind: LegKind) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (start, end, agent, second) of all legs of a kind, whoever called."""
        rows, names = self.places(kind), ("start", "end", "agent", "second")
        if len(rows) == len(self.rows(kind)):
            start, end, agent, second = (self.column(kind, name) for name in names)
        else:
            start, end, agent, second = (self.whole(name)[rows] for name in names)
        return start, end, agent, second


class Visits:
    """Visits of calls to queues, as columns (V,). Who holds a place goes on with the same visit."""

    def __init__(self, legs: Mapping[str, np.ndarray], missed: np.ndarray) -> None:
        """Join the legs of queues to visits.

        legs: their columns. missed: (N,) whether a call was phoned in turn and not reached.
        """
        order, first, last = _joined(legs, len(missed))
        starts, ends = order[first], order[last]
        self.owner = legs["owner"][starts]
        """Number of the call."""
        self.queue = legs["place"][starts]
        self.joined = legs["start"][starts]
        """Microseconds."""
        self.left = legs["end"][ends]
        """Microseconds, or NONE."""
        self.how = legs["how"][ends]
        hung_up = legs["end"][starts]
        self.on_line = np.where(hung_up == NONE, 0, hung_up - self.joined)
        """Microseconds with the receiver in hand: until the end, or until a place was kept."""
        self.agent = legs["agent"][ends]
        """Who answered, or NONE."""
        self.along = legs["second"][ends] != NONE
        """Whether an agent waits along with the caller."""
        self.number = _ordinal(self.owner)
        """0 for a call's first visit, 1 for its second, and so on."""
        held = first != last
        self.answered = (self.how == How.ANSWERED) & ~(held & missed[self.owner])
        self.first_answer = np.full(len(missed), FAR)
        """(N,) number of the first visit that was answered; FAR if none was."""
        answered = np.flatnonzero(self.answered)[::-1]
        self.first_answer[self.owner[answered]] = self.number[answered]

    @property
    def ended(self) -> np.ndarray:
        """Return whether each visit is over."""
        return self.how != How.OPEN

    @property
    def abandoned(self) -> np.ndarray:
        """Return whether the caller hung up during each visit."""
        return (self.how == How.ABANDONED) | (self.how == How.BALKED)

    @property
    def wait_of_answered(self) -> np.ndarray:
        """Return the seconds that answered visits took until the answer; 0 for others."""
        return np.where(self.answered, self.left - self.joined, 0) / SECOND

    def within(self, threshold: float) -> np.ndarray:
        """Return whether each visit was answered within so many seconds."""
        return self.answered & (self.wait_of_answered <= threshold)

    @property
    def after_answer(self) -> np.ndarray:
        """Return whether an agent had already answered when each visit began."""
        return self.number > self.first_answer[self.owner]


def _joined(
    legs: Mapping[str, np.ndarray], n_calls: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return legs in order of call and ordinal, and the first and last place of each visit.

    Only calls with several legs are put in order: most have one.
    """
    owner = legs["owner"]
    several = tally(owner, n_calls)[owner] > 1
    some = np.flatnonzero(several)
    some = some[np.lexsort((legs["leg"][some], owner[some]))]
    order = np.concatenate([np.flatnonzero(~several), some])
    owner, how = owner[order], legs["how"][order]
    goes_on = np.zeros(len(order), bool)
    goes_on[1:] = (owner[1:] == owner[:-1]) & (how[:-1] == How.HELD_PLACE)
    first = np.flatnonzero(~goes_on)
    last = np.append(first[1:], len(order)) - 1 if len(first) else first
    return order, first, last


def _ordinal(owner: np.ndarray) -> np.ndarray:
    """Return the place of each row among the rows of its owner, which follow each other."""
    starts = np.ones(len(owner), bool)
    starts[1:] = owner[1:] != owner[:-1]
    places = np.arange(len(owner))
    return places - np.maximum.accumulate(np.where(starts, places, 0))
