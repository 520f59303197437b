"""What a source cannot know is not 0 on the board; and what it only counted is shown as counted."""

import math
from collections.abc import Iterable
from typing import Any

from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.directory import Directory
from simkcc.model.interval import Interval

HALF_HOUR = 1800 * SECOND

DOING = ("free", "busy", "talk", "hold", "consult", "ring", "wrap", "offered", "paused")
"""What agents do: not to be had from counts."""

Frame = dict[str, Any]

Counts = tuple[int, int, Interval]
"""Queue, start and what was counted."""


def as_told(frame: Frame, directory: Directory, now: int) -> Frame:
    """Return what a board shows, without what its source cannot know, with what it counted."""
    frame["partial"] = list(directory.partial)
    if directory.intervals:
        _count(frame, directory, now)
    if "waiting" in directory.partial:
        for part in (frame["waiting"], *frame["lines"]):
            part |= {"n": None, "oldest": None, "status": "none"}
        frame |= {"missed": None, "in_conversation": None}
    elif "calls" in directory.partial:
        for part in (frame["waiting"], *frame["lines"]):
            part |= {"oldest": None, "status": "none"}
        frame |= {"missed": None, "in_conversation": None}
    if "calls" in directory.partial:
        frame["agents"] |= dict.fromkeys(DOING)
    return frame


def _count(frame: Frame, directory: Directory, now: int) -> None:
    """Put the counts of today's intervals where else figures of calls stand."""
    today = [
        (queue, start, counted)
        for (queue, start), counted in sorted(directory.intervals.items())
        if start // DAY == now // DAY and start <= now
    ]
    lately = [each for each in today if each[1] + each[2].length > now - HALF_HOUR]
    _put(frame["today"], today)
    _put(frame["lately"], lately)
    for number, line in enumerate(frame["lines"]):
        mine = [each for each in today if each[0] == number]
        _put(line, mine)
        line["n"] = mine[-1][2].waiting if mine else None
    waiting = [line["n"] for line in frame["lines"] if line["n"] is not None]
    frame["waiting"]["n"] = sum(waiting) if waiting else None
    agents = [each[2].agents for each in today[-1:] if each[2].agents is not None]
    frame["agents"]["there"] = agents[0] if agents else frame["agents"]["there"]
    frame["left_unknown"] = sum(
        c.offered - c.answered - (c.abandoned or 0) for _, _, c in today if c.abandoned is not None
    )
    _chart(frame["chart"], today)


def _put(figures: Frame, rows: list[Counts]) -> None:
    """Put shares and numbers in the place of those of calls, where there is such a place."""
    offered = sum(c.offered for _, _, c in rows)
    parts = {
        "offered": (offered, 1),
        "answered": (sum(c.answered for _, _, c in rows), 1),
        "accessibility_r1": (sum(c.answered for _, _, c in rows), offered),
        "abandonment": (_sum(c.abandoned for _, _, c in rows), offered),
        "sl": (_sum(c.within for _, _, c in rows), offered),
    }
    for name, (above, below) in parts.items():
        if name in figures:
            known = above is not None and below > 0
            value = above / below if known and above is not None else None
            figures[name] |= {"v": value, "num": above, "den": below}


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return a sum; None if any part of it is not known, or there is none."""
    found = list(counts)
    return None if None in found or not found else sum(c or 0 for c in found)


def _chart(chart: Frame, rows: list[Counts]) -> None:
    first = chart["first"] // 30
    columns = {"offered": "offered", "answered": "answered", "abandoned": "abandoned"}
    for name, of in columns.items():
        if name not in chart:
            continue
        column = [0] * len(chart[name])
        for _, start, counted in rows:
            place = math.floor(start % DAY / HALF_HOUR) - first
            if 0 <= place < len(column):
                column[place] += getattr(counted, of) or 0
        chart[name] = column
