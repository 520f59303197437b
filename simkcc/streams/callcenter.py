"""FreeSWITCH's mod_callcenter: its events -> messages.

A visit begins with member-queue-start, or with member-queue-resume when somebody who hung up calls
again soon enough to get the old place. It ends with member-queue-end: `Terminated` after a talk, or
`Cancel` with a reason. The end of the talk (bridge-agent-end) may come before or after that. A
`Cancel` without a reason also comes when an agent was found for a caller who is gone already: it
does not undo an answer. No event tells the end of after-call work.

The exchange's threads overtake each other now and then. What one event leaves open, whether a talk
was answered, whether a caller without a reason is gone, waits a while for the other event.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from simkcc.model.contact_log import SECOND
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.neutral import Message
from simkcc.streams.reading import Mixed
from simkcc.streams.sequence import Sequence
from simkcc.streams.source import Options

Fields = dict[str, str]

CANCELLED = {
    "NONE": "abandoned", "BREAK_OUT": "abandoned", "TIMEOUT": "timeout",
    "NO_AGENT_TIMEOUT": "no_agents", "EXIT_WITH_KEY": "key",
}  # fmt: skip
"""CC-Cancel-Reason -> why the caller left. A plain abandonment is BREAK_OUT."""

REFUSALS = {
    "ORIGINATOR_CANCEL": "caller_gone", "USER_BUSY": "busy", "CALL_REJECTED": "rejected",
    "NO_ANSWER": "no_answer", "NO_USER_RESPONSE": "no_answer", "ALLOTTED_TIMEOUT": "no_answer",
}  # fmt: skip
"""CC-Hangup-Cause -> why an agent did not take a call; the others are failures."""

STATES = {
    "Available": "ready", "Available (On Demand)": "ready", "On Break": "paused break",
    "Logged Out": "offline",
}  # fmt: skip
"""CC-Agent-Status -> state."""

WAITS = frozenset(("Waiting", "Trying"))

REMEMBERED = 20_000
"""Callers, agents' channels and holds that are remembered."""


class Stage(Enum):
    """How far a visit is."""

    WAITING = 1
    TALKING = 2
    OVER = 3


@dataclass(slots=True)
class Member:
    """A caller in a queue, as far as told."""

    queue: str
    stage: Stage
    connection: int
    at: int = 0
    """When that was told."""
    agent: str = ""


class CallCenter(Mixed):
    """Follows callers, known by the session they call with, and agents."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.connection = 0
        self.skipped = 0
        """How often the counter of events showed that some were lost."""
        self._caller = options.caller
        self._core = ""
        self._cores: set[str] = set()
        self._sequence = Sequence("all" in options.more)
        self._members: OrderedDict[str, Member] = OrderedDict()
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self._agents: dict[str, tuple[int, str]] = {}
        self._lines: OrderedDict[str, str] = OrderedDict()
        self._holds: OrderedDict[str, list[tuple[str, int | None]]] = OrderedDict()
        self._latest: int | None = None
        self._actions = {
            "member-queue-start": self._join,
            "member-queue-resume": self._join,
            "member-queue-end": self._leave,
            "agent-offering": self._offer,
            "bridge-agent-start": self._answer,
            "bridge-agent-end": self._end,
            "bridge-agent-fail": self._refuse,
            "agent-status-change": self._status,
        }

    def told(self, event: Fields, received: int | None = None) -> list[Event]:
        """Return the events that one of the exchange's tells.

        received: when it came, in microseconds since 1970; its own time if absent.
        """
        core, sequence = event.get("Core-UUID", ""), event.get("Event-Sequence", "")
        if sequence and self.once.again(f"{core} {sequence}"):
            self.counts["duplicate"] += 1
            return []
        at = whole(event.get("Event-Date-Timestamp"), 1) or received
        self._latest = max(at or 0, self._latest or 0) or None
        now = received or self._latest or 0
        messages = self._restarted(core, at) + self._skips(core, sequence, now)
        return self.take(messages + self._messages(event, at, now), now)

    def connected(self) -> None:
        """Begin another connection: its lists will tell what is left of what was under way."""
        self.connection += 1
        self._sequence.restart()

    def lost(self) -> list[Event]:
        """Return what a lost connection tells."""
        return self.number([Message(neutral.GAP, self._latest, reason="connection")])

    def _messages(self, event: Fields, at: int | None, now: int) -> list[Message]:
        name, action = event.get("Event-Name"), event.get("CC-Action", "")
        if name in ("CHANNEL_HOLD", "CHANNEL_UNHOLD"):
            return self._hold(event, at)
        if name == "HEARTBEAT":
            return [Message(neutral.HEARTBEAT, at)]
        apply = self._actions.get(action)
        if apply is None:
            self.counts["other"] += 1
            return []
        if action != "agent-status-change" and not (
            event.get("CC-Member-Session-UUID") and event.get("CC-Queue")
        ):
            self.counts["malformed"] += 1
            return []
        self.counts["read"] += 1
        return apply(event, at, now)

    def _restarted(self, core: str, at: int | None) -> list[Message]:
        """Return the ends of all calls if another core speaks: the exchange began anew."""
        before = self._core
        if not core or core == before or core in self._cores:
            return []
        self._core = core
        self._cores.add(core)
        self._sequence.restart()
        if not before:
            return []
        messages = [Message(neutral.GAP, at, reason="restart")]
        for session in list(self._members):
            messages += self._vanished(session, at)
        self._members.clear()
        self._lines.clear()
        return messages

    def _skips(self, core: str, sequence: str, now: int) -> list[Message]:
        """Return a gap if the counter of events shows that some were lost."""
        number = whole(sequence, 1)
        if core != self._core or number is None or not self._sequence.lost(number, now):
            return []
        self.skipped += 1
        return [Message(neutral.GAP, now, reason="sequence")]

    # ----------------------------------------------------------------- callers

    def _join(self, event: Fields, at: int | None, now: int) -> list[Message]:
        session, queue = event["CC-Member-Session-UUID"], event["CC-Queue"]
        uuid = event.get("CC-Member-UUID", "")
        before = self._sessions.get(uuid, "")
        if uuid:
            keep(self._sessions, uuid, session)
        known = self._members.get(session)
        if known is not None and known.stage is Stage.WAITING and known.queue == queue:
            return []  # a list was quicker than the event
        self._note(session, queue, Stage.WAITING, at)
        call = self._of(session)
        parent = self._of(before) if before and before != session else ""
        caller = self._caller(event.get("CC-Member-CID-Number", ""), at)
        return [Message(neutral.QUEUED, at, call, queue, parent=parent, caller=caller)]

    def _answer(self, event: Fields, at: int | None, now: int) -> list[Message]:
        session, queue = event["CC-Member-Session-UUID"], event["CC-Queue"]
        agent, line = event.get("CC-Agent", ""), event.get("CC-Agent-UUID", "")
        if not agent:
            self.counts["malformed"] += 1
            return []
        known = self._members.get(session)
        self.settle(f"{session} {queue} gone")
        held = self._lined_up(line, session)
        if known is not None and known.stage is Stage.TALKING and known.agent == agent:
            return held
        self._note(session, queue, Stage.TALKING, at, agent)
        wait = _between(event, "CC-Member-Joined-Time", "CC-Agent-Answered-Time")
        return [Message(neutral.ANSWERED, at, self._of(session), queue, agent, wait_s=wait), *held]

    def _end(self, event: Fields, at: int | None, now: int) -> list[Message]:
        session, queue = event["CC-Member-Session-UUID"], event["CC-Queue"]
        if self._is_over(event):
            return []
        self._note(session, queue, Stage.OVER, at)
        return [
            Message(
                neutral.TALKED, at, self._of(session), queue, event.get("CC-Agent", ""),
                wait_s=_between(event, "CC-Member-Joined-Time", "CC-Agent-Answered-Time"),
                talk_s=_between(event, "CC-Agent-Answered-Time", "CC-Bridge-Terminated-Time"),
            )
        ]  # fmt: skip

    def _leave(self, event: Fields, at: int | None, now: int) -> list[Message]:
        session, queue = event["CC-Member-Session-UUID"], event["CC-Queue"]
        reason = event.get("CC-Cancel-Reason", "")
        known = self._members.get(session)
        answered = known is not None and known.queue == queue and known.stage is not Stage.WAITING
        joined = whole(event.get("CC-Member-Joined-Time"), SECOND)
        wait = None if joined is None or at is None else max(at - joined, 0) / SECOND
        if event.get("CC-Cause") == "Terminated" or answered:
            self._over_unless_told(event, at, now)
            return []
        left = Message(neutral.LEFT, at, self._of(session), queue, wait_s=wait)
        left.reason = CANCELLED.get(reason, "unknown")
        self._note(session, queue, Stage.OVER, at)
        if reason == "NONE":
            self.doubt(f"{session} {queue} gone", left, now)
            return []
        return [left]

    def _over_unless_told(self, event: Fields, at: int | None, now: int) -> None:
        """Take the end of a stay for the end of its talk, unless bridge-agent-end tells it."""
        session, queue = event["CC-Member-Session-UUID"], event["CC-Queue"]
        known = self._members.get(session)
        if known is not None and known.queue == queue and known.stage is Stage.OVER:
            return
        if f"{_visit(event)} over" in self.once:
            return
        agent = event.get("CC-Agent", "") or (known.agent if known is not None else "")
        over = Message(neutral.TALKED, at, self._of(session), queue, agent)
        over.wait_s = _between(event, "CC-Member-Joined-Time", "CC-Agent-Answered-Time")
        self.doubt(f"{_visit(event)} over", over, now)

    def _is_over(self, event: Fields) -> bool:
        """Return whether the end of a talk was told; from now on it is."""
        key = f"{_visit(event)} over"
        self.settle(key)
        return self.once.again(key)

    def _note(
        self, session: str, queue: str, stage: Stage, at: int | None, agent: str = ""
    ) -> None:
        """Keep how far a caller is, unless something later is known."""
        known = self._members.get(session)
        if known is not None and (at or 0) < known.at:
            return
        keep(self._members, session, Member(queue, stage, self.connection, at or 0, agent))

    def _offer(self, event: Fields, at: int | None, now: int) -> list[Message]:
        return [self._ring(neutral.OFFERED, event, at)]

    def _refuse(self, event: Fields, at: int | None, now: int) -> list[Message]:
        refused = self._ring(neutral.REFUSED, event, at)
        refused.reason = REFUSALS.get(event.get("CC-Hangup-Cause", ""), "failed")
        return [refused]

    def _ring(self, kind: str, event: Fields, at: int | None) -> Message:
        call = self._of(event["CC-Member-Session-UUID"])
        return Message(kind, at, call, event["CC-Queue"], event.get("CC-Agent", ""))

    def _hold(self, event: Fields, at: int | None) -> list[Message]:
        """Return a hold of a channel that is an agent's; who that is may be told a little later."""
        line = event.get("Unique-ID", "")
        kind = neutral.HELD if event["Event-Name"] == "CHANNEL_HOLD" else neutral.RESUMED
        session = self._lines.get(line)
        if session is not None:
            return [Message(kind, at, self._of(session))]
        self.counts["other"] += 1
        keep(self._holds, line, [*self._holds.get(line, [])[-7:], (kind, at)])
        return []

    def _lined_up(self, line: str, session: str) -> list[Message]:
        """Note whose channel an agent's is; return the holds that were told before."""
        if not line:
            return []
        keep(self._lines, line, session)
        return [Message(kind, at, self._of(session)) for kind, at in self._holds.pop(line, [])]

    # ----------------------------------------------------------------- agents

    def _status(self, event: Fields, at: int | None, now: int) -> list[Message]:
        return self._agent(event.get("CC-Agent", ""), event.get("CC-Agent-Status", ""), at)

    def _agent(self, agent: str, status: str, at: int | None) -> list[Message]:
        since, before = self._agents.get(agent, (0, ""))
        state = STATES.get(status, "unknown")
        if not agent or before == state or (at or since) < since:
            return []
        self._agents[agent] = (at or since, state)
        return [Message(neutral.AGENT_STATE, at, agent=agent, reason=state)]

    def _vanished(self, session: str, at: int | None) -> list[Message]:
        known = self._members[session]
        before, known.stage = known.stage, Stage.OVER
        kinds = {Stage.WAITING: neutral.LEFT, Stage.TALKING: neutral.TALKED}
        if before not in kinds:
            return []
        call = self._of(session)
        return [
            Message(kinds[before], at, call, known.queue, known.agent, vague=True),
            Message(neutral.ENDED, at, call, vague=True),
        ]

    def _of(self, session: str) -> str:
        return self.pseudonyms.of(session)


def keep(table: OrderedDict[str, Any], key: str, value: Any) -> None:
    """Note something, and forget what is oldest."""
    table[key] = value
    table.move_to_end(key)
    if len(table) > REMEMBERED:
        table.popitem(last=False)


def _visit(event: Mapping[str, str]) -> str:
    """Return what a stay in a queue is known by, once it is answered."""
    joined = event.get("CC-Member-Joined-Time", "")
    return f"{event['CC-Member-Session-UUID']} {event['CC-Queue']} {joined}"


def whole(text: str | None, unit: int) -> int | None:
    """Return a positive whole number in microseconds, or None."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > 17:
        return None
    number = int(text) * unit
    return number if 0 < number < 4_102_444_800 * SECOND else None


def _between(event: Fields, first: str, last: str) -> float | None:
    """Return the whole seconds between two moments an event tells."""
    begin, end = whole(event.get(first), SECOND), whole(event.get(last), SECOND)
    return None if begin is None or end is None else max(end - begin, 0) / SECOND
