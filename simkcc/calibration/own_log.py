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
    size = len(contacts)
    owner, order = legs["contact"].to_numpy(), legs["leg"].to_numpy()
    kind, how = legs["kind"].to_numpy(), legs["how"].to_numpy()
    agent, start, end = (legs[c].to_numpy() for c in ("agent", "start", "end"))
    dialled = contacts["born"].to_numpy().copy()
    delayed = (kind == "delay") & (order == 0)
    dialled[owner[delayed]] = end[delayed]
    queued = np.flatnonzero(kind == "queue")
    visits = np.bincount(owner[queued], minlength=size)
    first = np.full(size, NONE)
    first[owner[queued[::-1]]] = queued[::-1]  # the earliest is written last, and stays
    talks = np.flatnonzero((kind == "talk") & (end != NONE))
    at_first = talks[(order[talks] > order[first[owner[talks]]]) & (first[owner[talks]] != NONE)]
    who = np.full(size, NOBODY)
    who[owner[at_first[::-1]]] = agent[at_first[::-1]]
    onward = np.full(size, 2**30)
    handed = np.isin(kind, ("consult", "ring", "handover"))
    np.minimum.at(onward, owner[handed], order[handed])
    own = at_first[
        (agent[at_first] == who[owner[at_first]]) & (order[at_first] < onward[owner[at_first]])
    ]
    talk = np.bincount(owner[own], (end - start)[own], minlength=size) / SECOND
    wraps = np.flatnonzero((kind == "wrap") & (end != NONE))
    wraps = wraps[agent[wraps] == who[owner[wraps]]]
    wrap = np.bincount(owner[wraps], (end - start)[wraps], minlength=size) / SECOND
    # All-in: whoever answered it from a queue, after a wrong choice too, but no second line.
    most = int(agent.max(initial=0)) + 2
    own_agents = np.unique(owner[queued] * most + agent[queued] + 1)
    with_agent = np.flatnonzero((agent != NONE) & (end != NONE) & (kind != "queue"))
    with_agent = with_agent[np.isin(owner[with_agent] * most + agent[with_agent] + 1, own_agents)]
    handle = np.bincount(owner[with_agent], (end - start)[with_agent], minlength=size) / SECOND
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


def callers_of(parent: np.ndarray) -> np.ndarray:
    """Return the first contact of the chain each belongs to."""
    root = np.where(parent == NONE, np.arange(len(parent)), parent)
    while True:
        above = root[root]
        if np.array_equal(above, root):
            return root
        root = above
