"""What is happening now: who waits since when, and what the agents do. Read off open rows."""

from typing import Any

import numpy as np

from simkcc.engine.plan import Plan
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

AT_THE_DESK = "desk"
"""What an agent does who talks with a visitor."""


ON_THE_PHONE = (LegKind.TALK, LegKind.HOLD, LegKind.CONSULT, LegKind.HANDOVER)

NOBODY, PHONING, ALL_BUSY = "nobody is there", "the desk is on the phone", "all desks are busy"
CAUSES = (NOBODY, PHONING, ALL_BUSY)
"""Why a visitor waits."""


def open_legs(log: ContactLog) -> np.ndarray:
    """Return the legs that have not ended, probes left out: they occupy nobody."""
    legs = log.legs[log.legs["end"] == NONE]
    return legs[log.contacts["kind"][legs["contact"]] != ContactKind.PROBE]


def doing(log: ContactLog) -> dict[int, tuple[str, int]]:
    """Return what each agent who is busy does, and since when."""
    found: dict[int, tuple[str, int]] = {}
    visits = log.contacts["kind"] == ContactKind.VISIT
    for leg in open_legs(log):
        state = STATES.get(LegKind(leg["kind"]))
        if state in ("talk", "hold") and visits[leg["contact"]]:
            state = AT_THE_DESK
        for number in (int(leg["agent"]), int(leg["second"])):
            if state is not None and number != NONE:
                found[number] = state, int(leg["start"])
    return found


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
    busy = doing(log)
    states = ("there", "free", AT_THE_DESK, *STATES.values())
    found = [dict.fromkeys(states, 0) for _ in range(n_groups)]
    for session in log.sessions[log.sessions["end"] == NONE]:
        if 0 <= session["group"] < n_groups:
            group = found[session["group"]]
            group["there"] += 1
            group[busy.get(int(session["agent"]), ("free", 0))[0]] += 1
    return found


def desk(log: ContactLog, plan: Plan) -> dict[str, Any]:
    """Return how many visitors wait, since when the first does, and why he does."""
    legs = open_legs(log)
    queued = legs[legs["kind"] == LegKind.QUEUE]
    queued = queued[log.contacts["kind"][queued["contact"]] == ContactKind.VISIT]
    if not len(queued):
        return {"n": 0, "oldest": None, "cause": None}
    first = queued[np.argmin(queued["start"])]
    groups = plan.routes["group"][first["place"]] if first["place"] < len(plan.routes) else []
    return {
        "n": len(queued),
        "oldest": int(first["start"]),
        "cause": _cause(log, legs, np.asarray(groups)),
    }


def _cause(log: ContactLog, legs: np.ndarray, groups: np.ndarray) -> str:
    """Return why a visitor waits for one of some groups: nobody is there, or what they do."""
    sessions = log.sessions[log.sessions["end"] == NONE]
    there = sessions["agent"][np.isin(sessions["group"], groups[groups != NONE])]
    if not len(there):
        return NOBODY
    calls = legs[log.contacts["kind"][legs["contact"]] == ContactKind.CALL]
    on_calls = calls["agent"][np.isin(calls["kind"], ON_THE_PHONE)]
    return PHONING if np.isin(on_calls, there).any() else ALL_BUSY


def waiting_over(log: ContactLog, moments: np.ndarray) -> np.ndarray:
    """Return how many calls waited in a queue at each moment (microseconds)."""
    legs = log.legs[log.legs["kind"] == LegKind.QUEUE]
    legs = legs[log.contacts["kind"][legs["contact"]] == ContactKind.CALL]
    ends = np.sort(legs["end"][legs["end"] != NONE])
    begun = np.searchsorted(np.sort(legs["start"]), moments, side="right")
    return begun - np.searchsorted(ends, moments, side="right")


def _first(moments: np.ndarray) -> int | None:
    return int(moments.min()) if len(moments) else None
