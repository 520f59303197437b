"""Random floors of a FreeSWITCH: what happens, and what is true of every visit."""

import random
from dataclasses import dataclass, field

from streams.freeswitch_exchange import FreeSwitch

QUEUES = ("burgerzaken@default", "afval@default")
AGENTS = ("els", "jan", "mia")
REASONS = {"BREAK_OUT": "abandoned", "TIMEOUT": "timeout", "NO_AGENT_TIMEOUT": "no_agents",
           "EXIT_WITH_KEY": "key"}  # fmt: skip


@dataclass
class Stay:
    """One visit as it really was: times in seconds."""

    queue: str
    joined: float
    left: float
    outcome: str
    answered: float | None = None
    agent: str = ""


@dataclass
class Floor:
    """A morning: what is said at what second, and the truth."""

    steps: list[tuple[float, int, str, tuple[str, ...]]] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)

    def said(self, exchange: FreeSwitch) -> list[tuple[float, bytes]]:
        """Return what the exchange says, by second; its own lists follow."""
        return [
            (at, getattr(exchange, word)(at, *told)) for at, _, word, told in sorted(self.steps)
        ]


def a_floor(rng: random.Random, calls: int = 40, length: float = 3600, name: str = "s") -> Floor:
    """Return a morning of calls that wait, ring, are refused, answered, moved on, resumed."""
    floor = Floor()
    for number in range(calls):
        at, session, order = rng.uniform(0, length), f"{name}{number}", 0
        at = _visit(floor, rng, at, session, "", order)
        if rng.random() < 0.15:
            if floor.stays[-1].outcome == "answered":
                _visit(floor, rng, at + 1, session, "", 10)
            elif floor.stays[-1].outcome == "abandoned":
                _visit(floor, rng, at + rng.uniform(5, 50), f"{session}-again", session, 10)
    for agent in AGENTS:
        at = 0.0
        for status in ("Available", "On Break", "Available (On Demand)", "Logged Out"):
            floor.steps.append((at, 0, "status", (agent, status)))
            at += rng.uniform(200, 900)
    return floor


def _visit(
    floor: Floor, rng: random.Random, at: float, session: str, resumed: str, order: int
) -> float:
    queue, wait = rng.choice(QUEUES), rng.uniform(1, 120)
    steps = floor.steps
    steps.append((at, order, "join", (session, queue, resumed)))
    if rng.random() < 0.3:
        agent, cause = rng.choice(AGENTS), rng.choice(["NO_ANSWER", "USER_BUSY", "X"])
        steps.append((at + wait * 0.3, order + 1, "offer", (session, agent)))
        steps.append((at + wait * 0.5, order + 2, "refuse", (session, agent, cause)))
    if rng.random() < 0.6:
        agent, talk = rng.choice(AGENTS), rng.uniform(5, 300)
        steps.append((at + wait * 0.8, order + 3, "offer", (session, agent)))
        steps.append((at + wait, order + 4, "answer", (session, agent)))
        over = at + wait + talk
        first = "first" if rng.random() < 0.4 else ""
        steps.append((over, order + 5, "end", (session, first)))
        floor.stays.append(Stay(queue, at, over, "answered", at + wait, agent))
        return over
    reason = rng.choice(list(REASONS))
    if rng.random() < 0.2:
        reason, outcome = "NONE", "abandoned"
    else:
        outcome = REASONS[reason]
    steps.append((at + wait, order + 4, "cancel", (session, reason)))
    floor.stays.append(Stay(queue, at, at + wait, outcome))
    return at + wait
