"""Asterisk queue_log: lines -> messages. The caller's number and name are never read.

A line is `epoch|call id|queue|agent|EVENT|data…`, in whole seconds; the order of lines is the truth.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from simkcc.model.contact_log import SECOND
from simkcc.streams import neutral
from simkcc.streams.bytefile import text_of
from simkcc.streams.neutral import Message
from simkcc.streams.privacy import CallerOf, Pseudonyms, nobody

PRECISION_MS = 1000
"""How fine the clock of the log is."""

BOM = b"\xef\xbb\xbf"
"""What some editors put before the first line."""

Data = list[str]
Make = Callable[[int, str, str, str, Data], Message]


class QueueLog:
    """Reads lines one by one; keeps only which calls are under way, for a restart of the exchange."""

    def __init__(
        self, pseudonyms: Pseudonyms, renamed: Mapping[tuple[str, str], str] | None = None,
        caller: CallerOf = nobody,
    ) -> None:  # fmt: skip
        self.pseudonyms = pseudonyms
        self._caller = caller
        self.renamed = {} if renamed is None else renamed
        """Channel and queue -> the call whose place the channel took there, where that is known."""
        self._lines = renamed is not None
        """Whether somebody compares agents' lines."""
        self.unreadable = 0
        """Lines that are not lines of a queue log."""
        self.unknown = 0
        """Lines about something this vocabulary has no word for."""
        self._waiting: dict[tuple[str, str], list[int]] = {}
        self._talking: dict[tuple[str, str], list[tuple[str, int]]] = {}
        """Call and queue -> with whom, and since when."""
        self._other_names: dict[tuple[str, str], str] = {}
        self._members: dict[str, set[str]] = {}
        self._paused: dict[str, str] = {}
        self._answering: set[str] = set()
        self._second = self._line = 0

    def read(self, line: bytes) -> list[Message]:
        """Return what a line tells: nothing, one message, or several."""
        parts = _parts(line)
        if len(parts) < 5 or not parts[0].isascii() or not parts[0].isdigit() or len(parts[0]) > 11:
            self.unreadable += bool(line.strip())
            return []
        native, queue, agent, event = parts[1:5]
        at = self._moment(int(parts[0]) * SECOND)
        if event in CALLS:
            return [self._of_call(event, at, native, queue, agent, parts[5:])]
        if event in MEMBERS:
            if "/" in agent and agent not in self._answering:
                return []  # an interface, where calls name the member: somebody nobody can place
            return list(MEMBERS[event](self, at, queue, agent, parts[5] if parts[5:] else ""))
        if event == "QUEUESTART":
            return self._restart(at)
        self.unknown += event not in SILENT
        return []

    def _of_call(
        self, event: str, at: int, native: str, queue: str, agent: str, data: Data
    ) -> Message:
        if event == "ENTERQUEUE" and self._other_names:
            self._other_names.pop((native, queue), None)
        call = self._other_names.get((native, queue)) or self.pseudonyms.of(native)
        message = CALLS[event](at, call, queue, agent, data)
        if message.type == neutral.QUEUED:
            message.caller = self._caller(data[1], at) if len(data) > 1 else ""
            self._waiting.setdefault((call, queue), []).append(at)
        elif message.type in (neutral.ANSWERED, neutral.LEFT):
            if (call, queue) not in self._waiting and message.wait_s is not None:
                call = message.call = self._renamed(message, native)
                message.parent = self.pseudonyms.of(native)
            _take_one(self._waiting, (call, queue))
            if message.type == neutral.ANSWERED:
                if self._lines and len(data) > 1 and data[1]:
                    message.line = self.pseudonyms.of(data[1])
                self._talking.setdefault((call, queue), []).append((agent, at))
                self._answering.add(agent)
        elif message.type == neutral.TALKED:
            if (call, queue) not in self._talking:
                call = message.call = self._talks(message)
                message.parent = self.pseudonyms.of(native)
            talks = self._talking.pop((call, queue), [])[1:]
            if talks:
                self._talking[call, queue] = talks
            self._other_names.pop((native, queue), None)
        return message

    def _renamed(self, message: Message, native: str) -> str:
        """Return the call that joined as long before as this one is said to have waited.

        A transfer that is completed while the consult call still waits puts the caller's channel,
        and its identifier, in its place.
        """
        known = self.renamed.get((native, message.queue))
        if known is not None:
            return self._takes_place(native, message.queue, self.pseudonyms.of(known))
        joined = (message.at or 0) // SECOND - round(message.wait_s or 0)
        for (call, queue), since in self._waiting.items():
            if queue == message.queue and since[0] // SECOND == joined:
                return self._takes_place(native, queue, call)
        return message.call

    def _talks(self, message: Message) -> str:
        """Return the call that has talked with an agent for as long as a talk is said to have lasted.

        Where a caller came by a Local channel, the exchange may take that out of the line once there is
        an answer: the end of the talk then names the caller's own channel, which never joined.
        """
        answered = (message.at or 0) // SECOND - round(message.talk_s or 0)
        for (call, queue), talks in self._talking.items():
            for agent, since in talks:
                near = abs(since // SECOND - answered) <= 1
                if near and queue == message.queue and agent == message.agent:
                    return call
        return message.call

    def _takes_place(self, native: str, queue: str, call: str) -> str:
        self._other_names[native, queue] = call
        return call

    def _moment(self, second: int) -> int:
        """Return when a line was written: lines of one second in their order, a microsecond apart."""
        self._line = self._line + 1 if second == self._second else 0
        self._second = second
        return second + self._line

    def _restart(self, at: int) -> list[Message]:
        """Return the ends of calls that were under way when the exchange started again."""
        calls = dict.fromkeys(call for call, _ in [*self._waiting, *self._talking])
        gone = [Message(neutral.ENDED, at, call, vague=True) for call in calls]
        self._waiting.clear()
        self._talking.clear()
        return [*gone, Message(neutral.GAP, at, reason="restart")]

    # ----------------------------------------------------------------- members

    def _joins(self, at: int, queue: str, agent: str, _: str) -> Iterator[Message]:
        self._members.setdefault(agent, set()).add(queue)
        if agent not in self._paused:
            yield Message(neutral.AGENT_STATE, at, agent=agent, reason="ready")

    def _goes(self, at: int, queue: str, agent: str, _: str) -> Iterator[Message]:
        queues = self._members.get(agent, set())
        queues.discard(queue)
        if not queues:
            self._paused.pop(agent, None)
            yield Message(neutral.AGENT_STATE, at, agent=agent, reason="offline")

    def _pauses(self, at: int, queue: str, agent: str, reason: str) -> Iterator[Message]:
        self._paused[agent] = reason
        yield Message(neutral.AGENT_STATE, at, agent=agent, reason=f"paused {reason}".strip())

    def _is_back(self, at: int, queue: str, agent: str, _: str) -> Iterator[Message]:
        self._paused.pop(agent, None)
        yield Message(neutral.AGENT_STATE, at, agent=agent, reason="ready")


def _parts(line: bytes) -> list[str]:
    """Return the fields of a line. A caller's name in another alphabet spoils no other field."""
    line = line.removeprefix(BOM).strip(b"\r\n")
    try:
        return line.decode("utf-8").split("|")
    except UnicodeDecodeError:
        return [text_of(part) for part in line.split(b"|")]


def _take_one(waiting: dict[tuple[str, str], list[int]], key: tuple[str, str]) -> None:
    """Let the first of those who wait under one name go."""
    since = waiting.get(key)
    if since is not None:
        del since[0]
        if not since:
            del waiting[key]


def _number(data: Data, index: int, most: float = 1e7) -> float | None:
    """Return seconds that a field holds, or None if it holds none."""
    text = data[index] if index < len(data) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return float(text)


def _queued(at: int, call: str, queue: str, agent: str, data: Data) -> Message:
    return Message(neutral.QUEUED, at, call, queue)


def _answered(at: int, call: str, queue: str, agent: str, data: Data) -> Message:
    return Message(neutral.ANSWERED, at, call, queue, agent, wait_s=_number(data, 0))


def _leaves(reason: str, wait: int) -> Make:
    def made(at: int, call: str, queue: str, agent: str, data: Data) -> Message:
        return Message(neutral.LEFT, at, call, queue, reason=reason, wait_s=_number(data, wait))

    return made


def _talked(hold: int, reason: str) -> Make:
    def made(at: int, call: str, queue: str, agent: str, data: Data) -> Message:
        return Message(
            neutral.TALKED, at, call, queue, agent, reason,
            wait_s=_number(data, hold), talk_s=_number(data, hold + 1),
        )  # fmt: skip

    return made


def _transferred(at: int, call: str, queue: str, agent: str, data: Data) -> Message:
    """Return the end of a talk by an attended transfer: into a bridge, an application, or two of them."""
    hold = 3 if data[:1] == ["LINK"] else 2
    return _talked(hold, "transfer")(at, call, queue, agent, data)


def _refused(reason: str) -> Make:
    def made(at: int, call: str, queue: str, agent: str, data: Data) -> Message:
        return Message(neutral.REFUSED, at, call, queue, agent, reason)

    return made


CALLS: dict[str, Make] = {
    "ENTERQUEUE": _queued,
    "CONNECT": _answered,
    "ABANDON": _leaves("abandoned", 2),
    "EXITWITHTIMEOUT": _leaves("timeout", 2),
    "EXITEMPTY": _leaves("no_agents", 2),
    "EXITWITHKEY": _leaves("key", 3),
    "WITHDRAW": _leaves("withdrawn", 2),
    "SYSCOMPAT": _leaves("dropped", 2),
    "COMPLETEAGENT": _talked(0, "agent"),
    "COMPLETECALLER": _talked(0, "caller"),
    "BLINDTRANSFER": _talked(2, "transfer"),
    "ATTENDEDTRANSFER": _transferred,
    "TRANSFER": _talked(2, "transfer"),
    "RINGNOANSWER": _refused("no_answer"),
    "RINGCANCELED": _refused("caller_gone"),
}
"""Lines about calls. Of ENTERQUEUE the caller's number is looked at only if somebody asks who calls again."""

Member = Callable[[QueueLog, int, str, str, str], Iterable[Message]]

MEMBERS: dict[str, Member] = {
    "ADDMEMBER": QueueLog._joins,
    "AGENTLOGIN": QueueLog._joins,
    "AGENTCALLBACKLOGIN": QueueLog._joins,
    "REMOVEMEMBER": QueueLog._goes,
    "AGENTLOGOFF": QueueLog._goes,
    "AGENTCALLBACKLOGOFF": QueueLog._goes,
    "PAUSEALL": QueueLog._pauses,
    "UNPAUSEALL": QueueLog._is_back,
}
"""Lines about agents. Pausing everywhere logs one line for all queues and one for each; pausing in
one queue leaves the agent with the others."""

SILENT = frozenset(
    ("PAUSE", "UNPAUSE", "PENALTY", "RINGINUSE", "CONFIGRELOAD", "DID", "INFO", "AGENTDUMP",
     "AGENTCALLED", "CALLSTATUS", "URGENT")
)  # fmt: skip
"""Lines that change nothing here."""
