"""Contact logs written by hand: a line per contact, in words.

    call at=0 menu=0..13 queue=13..33 answered agent=0 talk=33..100 wrap=100..130 direct
    redial of=0 at=30 delay=30..330 queue=330..

Times are seconds; `2d+5` is 5 s after two midnights. A leg without an end is open. A word behind a
leg of a menu, queue or consult is how that leg ended, any other word how the contact did. `agent=`
names who answered and stays for the legs that follow, `second=` who else is on the line; `-` is
nobody. `along=0` says who waits along in a queue; who answers there is then second. `in=waste` sends the queue legs that follow there; the topic's own queue is meant otherwise.
A line `there agent=0 at=0..3600` is a stretch of time an agent was there.
"""

from typing import Any

import numpy as np

from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Origin,
    Outcome,
    contact_dtype,
    leg_dtype,
    session_dtype,
)

STARTS = {
    "call": (ContactKind.CALL, Origin.FIRST),
    "redial": (ContactKind.CALL, Origin.REDIAL),
    "repeat": (ContactKind.CALL, Origin.REPEAT),
    "probe": (ContactKind.PROBE, Origin.FIRST),
    "callback": (ContactKind.CALLBACK, Origin.TASK),
    "form": (ContactKind.FORM, Origin.TASK),
    "backlog": (ContactKind.CALLBACK, Origin.BACKLOG),
    "status": (ContactKind.CALL, Origin.STATUS),
    "visit": (ContactKind.VISIT, Origin.FIRST),
    "again": (ContactKind.VISIT, Origin.REPEAT),
    "mail": (ContactKind.MAIL, Origin.FIRST),
    "chat": (ContactKind.CHAT, Origin.FIRST),
    "registration": (ContactKind.CASE, Origin.FIRST),
    "case": (ContactKind.CASE, Origin.TASK),
}
"""What the first word of a line says."""

ENDS_SOMEHOW = ("menu", "queue", "consult")
"""Legs of which a word says how they ended."""


def microseconds(text: str) -> int:
    """Return a time in microseconds.

    >>> microseconds("1d+0.5")
    86400500000
    """
    days, _, rest = text.rpartition("d+")
    return int(days or 0) * DAY + round(float(rest) * SECOND)


def span(text: str) -> tuple[int, int]:
    """Return start and end; NONE where there is no end yet."""
    start, end = text.split("..")
    return microseconds(start), microseconds(end) if end else NONE


class _Line:
    """One contact, word by word."""

    def __init__(self, serial: int, words: list[str], plan: Plan) -> None:
        self.serial, self.plan = serial, plan
        kind, origin = STARTS[words[0]]
        self.contact: dict[str, Any] = {
            "kind": kind, "origin": origin, "outcome": Outcome.OPEN, "topic": 0, "parent": NONE,
            "born": 0, "ended": NONE, "due": NONE, "truth_key": serial,
        }  # fmt: skip
        self.legs: list[dict[str, Any]] = []
        self.last = ""
        self.place: int | None = None
        self.agent, self.second = NONE, NONE
        for word in words[1:]:
            name, found, value = word.partition("=")
            if not found:
                self.ending(name)
            elif name.upper() in LegKind.__members__:
                self.leg(name, *span(value))
            else:
                self.setting(name, value)

    def ending(self, word: str) -> None:
        """Say how the leg before ended, or the contact."""
        if self.last in ENDS_SOMEHOW:
            self.legs[-1]["how"] = How[word.upper()]
            self.last = ""
            return
        self.contact["outcome"] = Outcome[word.upper()]
        if self.contact["ended"] == NONE:
            ends = [leg["end"] for leg in self.legs if leg["kind"] != LegKind.WRAP]
            self.contact["ended"] = max(ends, default=self.contact["born"])

    def leg(self, name: str, start: int, end: int) -> None:
        """Add a leg."""
        kind = LegKind[name.upper()]
        waits = kind == LegKind.QUEUE
        place = NONE
        if waits:
            own = self.plan.topic_queues[self.contact["topic"]]
            place = own if self.place is None else self.place
        somewhere = kind not in (LegKind.MENU, LegKind.DELAY, LegKind.QUEUE)
        self.legs.append({
            "contact": self.serial, "leg": len(self.legs), "kind": kind, "place": place,
            "how": How.OPEN if end == NONE else How.DONE,
            "agent": self.agent if somewhere else NONE,
            "second": self.second if somewhere and kind != LegKind.WRAP else NONE,
            "start": start, "end": end,
        })  # fmt: skip
        self.last = name if name in ENDS_SOMEHOW and end != NONE else ""

    def setting(self, name: str, value: str) -> None:
        """Say something about the contact, or about its legs from here on."""
        number = NONE if value == "-" else value
        if name in ("at", "ended", "due"):
            self.contact["born" if name == "at" else name] = microseconds(value)
        elif name == "of":
            self.contact["parent"] = int(value)
        elif name == "topic":
            self.contact["topic"] = self.plan.topics.index(value)
        elif name == "in":
            self.place = self.plan.queue_names.index(value)
        elif name == "second":
            self.second = int(number)
        elif name == "along":
            self.agent, self.second = int(number), self.legs[-1]["agent"]
            self.legs[-1]["second"] = self.agent
        elif name == "agent":
            self.agent = int(number)
            if self.legs and self.legs[-1]["kind"] == LegKind.QUEUE:
                self.legs[-1]["agent"] = self.agent
        else:
            raise ValueError(f"{name}: no such word in a trace")


def trace(text: str, plan: Plan) -> ContactLog:
    """Return the contact log of a few lines."""
    contacts, legs, sessions = [], [], []
    group_of = plan.group_of()
    for line in text.strip().splitlines():
        words = line.partition("#")[0].split()
        if words and words[0] == "there":
            told = dict(word.split("=") for word in words[1:])
            agent = int(told["agent"])
            sessions.append((agent, group_of[agent], *span(told["at"])))
        elif words:
            read = _Line(len(contacts), words, plan)
            contacts.append(tuple(read.contact[name] for name in contact_dtype.names or ()))
            legs += [tuple(leg[name] for name in leg_dtype.names or ()) for leg in read.legs]
    return ContactLog(
        np.array(contacts, contact_dtype),
        np.array(legs, leg_dtype),
        np.array(sessions, session_dtype),
    )
