"""FreeSWITCH's mod_callcenter: events -> messages, and its own lists after a gap.

A visit begins with member-queue-start, or with member-queue-resume when somebody who hung up calls
again soon enough to get the old place. It ends with member-queue-end: `Terminated` after a talk, or
`Cancel` with a reason. The end of the talk (bridge-agent-end) may come before or after that. A
`Cancel` without a reason also comes when an agent was found for a caller who is gone already: it
does not undo an answer. No event tells the end of after-call work.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.reading import Once

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


class Stage(Enum):
    """How far a visit is."""

    WAITING = 1
    TALKING = 2
    OVER = 3


@dataclass(slots=True)
class Member:
    """A caller in a queue."""

    queue: str
    stage: Stage
    connection: int
    agent: str = ""


class CallCenter:
    """Follows callers, known by the session they call with, and agents."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms
        self.counts: Counter[str] = Counter()
        self.connection = 0
        self._core = ""
        self._once = Once()
        self._members: dict[str, Member] = {}
        self._sessions: dict[str, str] = {}
        self._agents: dict[str, str] = {}
        self._lines: dict[str, str] = {}
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

    def read(self, event: Fields, received: int | None = None) -> list[Message]:
        """Return what an event tells. received: when it came, in microseconds since 1970."""
        core, sequence = event.get("Core-UUID", ""), event.get("Event-Sequence", "")
        if sequence and self._once.again(f"{core} {sequence}"):
            self.counts["duplicate"] += 1
            return []
        at = _whole(event.get("Event-Date-Timestamp"), 1) or received
        self._latest = max(at or 0, self._latest or 0) or None
        messages = self._restarted(core, at)
        name, action = event.get("Event-Name"), event.get("CC-Action", "")
        if name in ("CHANNEL_HOLD", "CHANNEL_UNHOLD"):
            return messages + self._hold(event, at)
        if name == "HEARTBEAT":
            return [*messages, Message(neutral.HEARTBEAT, at)]
        apply = self._actions.get(action)
        if apply is None:
            self.counts["other"] += 1
            return messages
        self.counts["read"] += 1
        return messages + apply(event, at)

    def connected(self) -> None:
        """Begin another connection: its lists will tell what is left of what was under way."""
        self.connection += 1

    def lost(self) -> list[Message]:
        """Return what a lost connection tells."""
        return [Message(neutral.GAP, self._latest, reason="connection")]

    def _restarted(self, core: str, at: int | None) -> list[Message]:
        """Return the ends of all calls if another core speaks: the exchange began anew."""
        before, self._core = self._core, core or self._core
        if not core or not before or core == before:
            return []
        messages = [Message(neutral.GAP, at, reason="restart")]
        for session in list(self._members):
            messages += self._vanished(session, at)
        self._members.clear()
        self._lines.clear()
        return messages

    # ----------------------------------------------------------------- callers

    def _join(self, event: Fields, at: int | None) -> list[Message]:
        session, queue = event.get("CC-Member-Session-UUID"), event.get("CC-Queue")
        if not session or not queue:
            return self._malformed()
        uuid = event.get("CC-Member-UUID", "")
        before = self._sessions.get(uuid, "")
        if uuid:
            self._sessions[uuid] = session
        known = self._members.get(session)
        if known is not None and known.stage is Stage.WAITING and known.queue == queue:
            return []  # a list was quicker than the event
        messages = self._closed(session, at)
        self._members[session] = Member(queue, Stage.WAITING, self.connection)
        parent = self._of(before) if before and before != session else ""
        return [*messages, Message(neutral.QUEUED, at, self._of(session), queue, parent=parent)]

    def _answer(self, event: Fields, at: int | None) -> list[Message]:
        session, queue = event.get("CC-Member-Session-UUID"), event.get("CC-Queue")
        agent = event.get("CC-Agent", "")
        if not session or not queue or not agent:
            return self._malformed()
        known = self._members.get(session)
        if known is not None and known.stage is Stage.TALKING and known.agent == agent:
            return []
        self._members[session] = Member(queue, Stage.TALKING, self.connection, agent)
        self._lines[event.get("CC-Agent-UUID", "")] = session
        wait = _between(event, "CC-Member-Joined-Time", "CC-Agent-Answered-Time")
        return [Message(neutral.ANSWERED, at, self._of(session), queue, agent, wait_s=wait)]

    def _end(self, event: Fields, at: int | None) -> list[Message]:
        session, queue = event.get("CC-Member-Session-UUID"), event.get("CC-Queue")
        if not session or not queue:
            return self._malformed()
        self._lines.pop(event.get("CC-Agent-UUID", ""), None)
        known = self._members.get(session)
        if known is not None and known.queue == queue and known.stage is Stage.OVER:
            return []  # member-queue-end told it before
        self._members[session] = Member(queue, Stage.OVER, self.connection)
        talk = _between(event, "CC-Agent-Answered-Time", "CC-Bridge-Terminated-Time")
        wait = _between(event, "CC-Member-Joined-Time", "CC-Agent-Answered-Time")
        return [
            Message(
                neutral.TALKED, at, self._of(session), queue, event.get("CC-Agent", ""),
                wait_s=wait, talk_s=talk,
            )
        ]  # fmt: skip

    def _leave(self, event: Fields, at: int | None) -> list[Message]:
        session, queue = event.get("CC-Member-Session-UUID"), event.get("CC-Queue")
        if not session or not queue:
            return self._malformed()
        known = self._members.get(session)
        if known is not None and known.queue == queue and known.stage is not Stage.WAITING:
            messages = self._closed(session, at)
            self._forget(session)
            return messages
        self._forget(session)
        if event.get("CC-Cause") == "Terminated":
            return [Message(neutral.LEFT, at, self._of(session), queue, reason="unknown")]
        reason = CANCELLED.get(event.get("CC-Cancel-Reason", ""), "unknown")
        wait = None
        if known is None:
            joined = _whole(event.get("CC-Member-Joined-Time"), SECOND)
            wait = None if joined is None or at is None else max(at - joined, 0) / SECOND
        return [Message(neutral.LEFT, at, self._of(session), queue, reason=reason, wait_s=wait)]

    def _forget(self, session: str) -> None:
        """Keep that a visit is over, so that what comes late is known; drop the oldest."""
        known = self._members.pop(session, None)
        if known is not None:
            known.stage = Stage.OVER
            self._members[session] = known
        while len(self._members) > 20_000 or len(self._sessions) > 20_000:
            for table in (self._members, self._sessions):
                if len(table) > 20_000:
                    table.pop(next(iter(table)))

    def _closed(self, session: str, at: int | None) -> list[Message]:
        """Return the end of a talk that nothing told, because the caller is elsewhere by now."""
        known = self._members.get(session)
        if known is None or known.stage is not Stage.TALKING:
            return []
        known.stage = Stage.OVER
        return [Message(neutral.TALKED, at, self._of(session), known.queue, known.agent)]

    def _offer(self, event: Fields, at: int | None) -> list[Message]:
        return self._ring(neutral.OFFERED, event, at, "")

    def _refuse(self, event: Fields, at: int | None) -> list[Message]:
        cause = event.get("CC-Hangup-Cause", "")
        return self._ring(neutral.REFUSED, event, at, REFUSALS.get(cause, "failed"))

    def _ring(self, kind: str, event: Fields, at: int | None, reason: str) -> list[Message]:
        session = event.get("CC-Member-Session-UUID")
        if not session:
            return self._malformed()
        agent, queue = event.get("CC-Agent", ""), event.get("CC-Queue", "")
        return [Message(kind, at, self._of(session), queue, agent, reason)]

    def _hold(self, event: Fields, at: int | None) -> list[Message]:
        session = self._lines.get(event.get("Unique-ID", "-"))
        if session is None:
            self.counts["other"] += 1
            return []
        held = event["Event-Name"] == "CHANNEL_HOLD"
        return [Message(neutral.HELD if held else neutral.RESUMED, at, self._of(session))]

    def _status(self, event: Fields, at: int | None) -> list[Message]:
        return self._agent(event.get("CC-Agent", ""), event.get("CC-Agent-Status", ""), at)

    def _agent(self, agent: str, status: str, at: int | None) -> list[Message]:
        state = STATES.get(status, "unknown")
        if not agent or self._agents.get(agent) == state:
            return []
        self._agents[agent] = state
        return [Message(neutral.AGENT_STATE, at, agent=agent, reason=state)]

    # ----------------------------------------------------------------- its own lists

    def agents_listed(self, rows: list[Fields], now: int) -> list[Message]:
        """Return the states of agents that a list tells and nothing told before."""
        messages = []
        for row in rows:
            messages += self._agent(row.get("name", ""), row.get("status", ""), now)
        return messages

    def members_listed(self, rows: list[Fields], now: int) -> list[Message]:
        """Return what complete lists of all queues tell of callers, after a gap or at the start."""
        listed = {row.get("session_uuid") or row.get("uuid", ""): row for row in rows}
        messages: list[Message] = []
        for session, known in list(self._members.items()):
            if known.connection == self.connection or known.stage is Stage.OVER:
                continue
            row = listed.get(session)
            if row is None or row.get("queue") != known.queue:
                messages += self._vanished(session, now)
        for session, row in listed.items():
            if session and row.get("queue"):
                messages += self._found(session, row, now)
        return messages

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

    def _found(self, session: str, row: Fields, now: int) -> list[Message]:
        """Return what one row tells that was not known."""
        queue, state, agent = row["queue"], row.get("state", ""), row.get("serving_agent", "")
        known = self._members.get(session)
        call, messages = self._of(session), []
        if known is None and state != "Abandoned":
            joined = _whole(row.get("rejoined_epoch"), SECOND)
            joined = joined or _whole(row.get("joined_epoch"), SECOND) or now
            known = self._members[session] = Member(queue, Stage.WAITING, self.connection)
            self._sessions[row.get("uuid", "")] = session
            messages.append(Message(neutral.QUEUED, joined, call, queue))
        if known is None or known.queue != queue:
            return messages
        known.connection = self.connection
        if known.stage is not Stage.WAITING or state in WAITS:
            return messages
        if state == "Answered" and agent:
            known.stage, known.agent = Stage.TALKING, agent
            at = _whole(row.get("bridge_epoch"), SECOND)
            messages.append(
                Message(neutral.ANSWERED, at or now, call, queue, agent, vague=at is None)
            )
        elif state == "Abandoned":
            known.stage = Stage.OVER
            at = _whole(row.get("abandoned_epoch"), SECOND)
            messages.append(
                Message(neutral.LEFT, at or now, call, queue, reason="abandoned", vague=at is None)
            )
        return messages

    def _of(self, session: str) -> str:
        return self.pseudonyms.of(session)

    def _malformed(self) -> list[Message]:
        self.counts["malformed"] += 1
        return []


def _whole(text: str | None, unit: int) -> int | None:
    """Return a positive whole number in microseconds, or None."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > 17:
        return None
    number = int(text) * unit
    return number if 0 < number < 4_102_444_800 * SECOND else None


def _between(event: Fields, first: str, last: str) -> float | None:
    """Return the whole seconds between two moments an event tells."""
    begin, end = _whole(event.get(first), SECOND), _whole(event.get(last), SECOND)
    return None if begin is None or end is None else max(end - begin, 0) / SECOND
