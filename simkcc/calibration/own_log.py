"""Our own contact log, as `simkcc run --out` writes it, as contact records."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simkcc.analysis.parquet import FIRST_DATE
from simkcc.calibration.cells import EPOCH
from simkcc.calibration.contacts import NAN, NOBODY, Record, Sessions
from simkcc.calibration.tables import DataError
from simkcc.model.contact_log import NONE, SECOND

NEEDED = {
    "contacts": ("kind", "origin", "outcome", "topic", "parent", "born"),
    "legs": ("contact", "leg", "kind", "how", "agent", "start", "end"),
    "sessions": ("group", "start", "end"),
}


def read_own_log(
    path: Path, first_date: datetime.date | None
) -> tuple[Iterator[Record], Sessions | None]:
    """Return the records and the presence of agents of a log; raises DataError.

    first_date: date of the log's first day if the files do not say it. The chain of redials and
    repeats of a caller stands in for the caller's number; nothing that only a simulation knows
    (`truth_*`, `origin`, drawn patience) is used.
    """
    folder = path if path.is_dir() else path.parent
    contacts, legs = _frame(folder, "contacts"), _frame(folder, "legs")
    start = _first_date(folder) or first_date
    if start is None:
        raise DataError(f"{folder}: does not say its first date; write the log anew")
    zero = float((start - EPOCH.date()).days * 86_400)
    sessions = None
    if (folder / "sessions.parquet").exists():
        frame = _frame(folder, "sessions")
        there = frame["end"].to_numpy() != NONE
        begin, end = (frame[c].to_numpy()[there] / SECOND + zero for c in ("start", "end"))
        names = frame["group"].to_list()
        sessions = Sessions(tuple(n for n, t in zip(names, there, strict=True) if t), begin, end)
    return _records(contacts, legs, zero), sessions


def _frame(folder: Path, name: str) -> Any:
    import polars as pl

    file = folder / f"{name}.parquet"
    if not file.exists():
        raise DataError(f"{folder}: has no {name}.parquet; a log has contacts and legs")
    try:
        frame = pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError):
        raise DataError(f"{file}: is not a Parquet file that can be read") from None
    lost = [column for column in NEEDED[name] if column not in frame.columns]
    if lost:
        raise DataError(f"{file}: has no column '{lost[0]}'; it is no log of simkcc run --out")
    return frame


def _first_date(folder: Path) -> datetime.date | None:
    import polars as pl

    text = pl.read_parquet_metadata(folder / "contacts.parquet").get(FIRST_DATE)
    return None if text is None else datetime.date.fromisoformat(text)


def _records(contacts: Any, legs: Any, zero: float) -> Iterator[Record]:
    log = _Log(contacts, legs)
    how, start, end, who, visits = log.how, log.start, log.end, log.who, log.visits
    dialled, first = log.dialled, log.first
    talk, wrap, handle = log.talk(), log.wrap_up(), log.handle()
    caller = callers_of(contacts["parent"].to_numpy())
    topics = contacts["topic"].to_list()
    counts = (contacts["kind"].to_numpy() == "call") & (dialled != NONE)
    counts &= ~np.isin(contacts["outcome"].to_numpy(), ("closed", "blocked"))
    for row in np.flatnonzero(counts).tolist():
        leg = first[row]
        ways = "" if leg == NONE else how[leg]
        ended = ways in ("answered", "abandoned", "balked")
        answered = ways == "answered"
        spoke = answered and visits[row] == 1 and talk[row] > 0
        yield Record(
            dialled[row] / SECOND + zero, topics[row],
            (end[leg] - start[leg]) / SECOND if ended else NAN, answered,
            float(talk[row]) if spoke else NAN, float(wrap[row]) if spoke else NAN,
            int(who[row]) if answered else NOBODY, int(caller[row]),
            0.0 if leg == NONE else (start[leg] - dialled[row]) / SECOND, talk_holds=False,
            handle=float(handle[row]) if answered and handle[row] > 0 else NAN,
        )  # fmt: skip


class _Log:
    """The legs of a log as columns (L,), and what they say of each contact, (N,)."""

    def __init__(self, contacts: Any, legs: Any) -> None:
        self.size = len(contacts)
        self.owner, self.order = legs["contact"].to_numpy(), legs["leg"].to_numpy()
        self.kind, self.how = legs["kind"].to_numpy(), legs["how"].to_numpy()
        self.agent, self.start, self.end = (legs[c].to_numpy() for c in ("agent", "start", "end"))
        self.dialled = contacts["born"].to_numpy().copy()
        """When each contact dialled: after the delay of those who call again."""
        delayed = (self.kind == "delay") & (self.order == 0)
        self.dialled[self.owner[delayed]] = self.end[delayed]
        self._queued = np.flatnonzero(self.kind == "queue")
        self.visits = np.bincount(self.owner[self._queued], minlength=self.size)
        """How many queues each joined."""
        self.first = np.full(self.size, NONE)
        """The leg in which each joined its first queue, or NONE."""
        backwards = self._queued[::-1]
        self.first[self.owner[backwards]] = backwards  # the earliest is written last, and stays
        talks = np.flatnonzero((self.kind == "talk") & (self.end != NONE))
        first = self.first[self.owner[talks]]
        self._talks = talks[(self.order[talks] > self.order[first]) & (first != NONE)]
        self.who = np.full(self.size, NOBODY)
        """Who talked with each first after that."""
        self.who[self.owner[self._talks[::-1]]] = self.agent[self._talks[::-1]]

    def _seconds(self, legs: np.ndarray) -> np.ndarray:
        """Return the seconds of some legs by contact."""
        lengths = (self.end - self.start)[legs]
        return np.bincount(self.owner[legs], lengths, minlength=self.size) / SECOND

    def _of_first(self, legs: np.ndarray) -> np.ndarray:
        """Return those legs in which the first agent was."""
        return legs[self.agent[legs] == self.who[self.owner[legs]]]

    def talk(self) -> np.ndarray:
        """Return the talk with the first agent, before anybody else was called in; seconds."""
        onward = np.full(self.size, 2**30)
        handed = np.isin(self.kind, ("consult", "ring", "handover"))
        np.minimum.at(onward, self.owner[handed], self.order[handed])
        own = self._of_first(self._talks)
        return self._seconds(own[self.order[own] < onward[self.owner[own]]])

    def wrap_up(self) -> np.ndarray:
        """Return the wrap-up of the first agent; seconds."""
        wraps = np.flatnonzero((self.kind == "wrap") & (self.end != NONE))
        return self._seconds(self._of_first(wraps))

    def handle(self) -> np.ndarray:
        """Return the seconds, all-in, of whoever answered from a queue.

        After a wrong choice too, but no second line.
        """
        queued, agent = self._queued, self.agent
        most = int(agent.max(initial=0)) + 2
        own_agents = np.unique(self.owner[queued] * most + agent[queued] + 1)
        legs = np.flatnonzero((agent != NONE) & (self.end != NONE) & (self.kind != "queue"))
        return self._seconds(legs[np.isin(self.owner[legs] * most + agent[legs] + 1, own_agents)])


def callers_of(parent: np.ndarray) -> np.ndarray:
    """Return the first contact of the chain each belongs to."""
    root = np.where(parent == NONE, np.arange(len(parent)), parent)
    while True:
        above = root[root]
        if np.array_equal(above, root):
            return root
        root = above
