"""What is happening now: who waits since when, and what the agents do. Read off open rows."""

from typing import Any

import numpy as np

from simkcc.model.contact_log import NONE, ContactKind, ContactLog, LegKind

STATES = {
    LegKind.TALK: "talk",
    LegKind.HOLD: "hold",
    LegKind.HANDOVER: "consult",
    LegKind.CONSULT: "consult",
    LegKind.RING: "ring",
    LegKind.WRAP: "wrap",
}
"""What an agent does during a leg."""


def open_legs(log: ContactLog) -> np.ndarray:
    """Return the legs that have not ended, probes left out: they occupy nobody."""
    legs = log.legs[log.legs["end"] == NONE]
    return legs[log.contacts["kind"][legs["contact"]] != ContactKind.PROBE]


def waiting(log: ContactLog, n_queues: int) -> dict[str, Any]:
    """Return how many wait in each queue and since when the first does; and who hears the menu."""
    legs = open_legs(log)
    queued = legs[(legs["kind"] == LegKind.QUEUE) & (legs["place"] < n_queues)]
    queued = queued[log.contacts["kind"][queued["contact"]] == ContactKind.CALL]
    numbers = np.bincount(queued["place"] + 1, minlength=n_queues + 1)[1:]
    oldest = [_first(queued["start"][queued["place"] == queue]) for queue in range(n_queues)]
    return {
        "n": len(queued),
        "oldest": _first(queued["start"]),
        "menu": int((legs["kind"] == LegKind.MENU).sum()),
        "queues": [{"n": int(n), "oldest": at} for n, at in zip(numbers, oldest, strict=True)],
    }


def agents(log: ContactLog, n_groups: int) -> list[dict[str, int]]:
    """Return for each group how many are there, and how many of them do what."""
    doing: dict[int, str] = {}
    for leg in open_legs(log):
        state = STATES.get(LegKind(leg["kind"]))
        for number in (int(leg["agent"]), int(leg["second"])):
            if state is not None and number != NONE:
                doing[number] = state
    found = [dict.fromkeys(("there", "free", *STATES.values()), 0) for _ in range(n_groups)]
    for session in log.sessions[log.sessions["end"] == NONE]:
        if 0 <= session["group"] < n_groups:
            group = found[session["group"]]
            group["there"] += 1
            group[doing.get(int(session["agent"]), "free")] += 1
    return found


def waiting_over(log: ContactLog, moments: np.ndarray) -> np.ndarray:
    """Return how many calls waited in a queue at each moment (microseconds)."""
    legs = log.legs[log.legs["kind"] == LegKind.QUEUE]
    legs = legs[log.contacts["kind"][legs["contact"]] == ContactKind.CALL]
    ends = np.sort(legs["end"][legs["end"] != NONE])
    begun = np.searchsorted(np.sort(legs["start"]), moments, side="right")
    return begun - np.searchsorted(ends, moments, side="right")


def _first(moments: np.ndarray) -> int | None:
    return int(moments.min()) if len(moments) else None
