"""Why callers left: a queue_log beside the manager interface.

The interface knows who waits and talks, to the microsecond; the log knows how every visit ended, to
the second, also while the connection was lost. A visit in the log is matched with the interface's
by caller, queue and time; what the interface did not see, the log adds.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simkcc.model.contact_log import NONE, SECOND
from simkcc.streams import neutral
from simkcc.streams.neutral import REASONS, Message
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.queue_log import QueueLog

APART = 5 * SECOND
"""How far the two clocks may be apart about the same moment."""


REMEMBERED = 50_000
"""Calls whose visits are kept for the log to complete."""


@dataclass(slots=True)
class Seen:
    """A visit, as one of the two tells it. Moments are microseconds since 1970, or None."""

    call: str
    number: int
    """Ordinal among the visits of its call."""
    queue: str
    joined: int | None
    answered: bool = False
    at: int | None = None
    """When it was answered, or left without."""
    reason: str = ""
    left: bool = False
    agent: str = ""
    line: str = ""
    """The agent's line."""
    alias: str = ""
    """What else its call is called by now."""
    ended: int | None = None
    told_at: int | None = None
    """When its end was told, which may be long after."""
    wait_s: float | None = None
    talk_s: float | None = None
    vague: bool = False
    """Whether only a list told of it, so that it began, or was answered, some time before."""
    vague_end: bool = True
    """Whether nobody saw its end."""
    lost: bool = False
    """Whether the exchange stopped under it."""
    cut: bool = False
    """Whether the talk was over before the log says so."""
    stray: bool = False
    """Whether the interface did not say whose it was."""
    matched: bool = False


class Reasons:
    """Keeps the visits of both, and says what the log adds."""

    def __init__(self, pseudonyms: Pseudonyms, renamed: Mapping[tuple[str, str], str]) -> None:
        self._log = QueueLog(pseudonyms, renamed)
        self._seen: defaultdict[str, list[Seen]] = defaultdict(list)
        self._logged: defaultdict[str, list[Seen]] = defaultdict(list)
        self._strays: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
        """Queue and agent -> talks of which the interface does not say whose they were."""

    def note(self, message: Message) -> None:
        """Note what the interface told."""
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        visit = _note(self._seen, message)
        if message.type == neutral.TALKED and visit is not None and visit.stray:
            self._strays[visit.queue, visit.agent].append(visit)

    def read(self, line: bytes) -> None:
        """Note a line of the log."""
        for message in self._log.read(line):
            _note(self._logged, message)

    def settled(
        self, began: int | None, latest: int | None, until: int | None = None
    ) -> Iterator[Message]:
        """Yield what the log adds: reasons, ends that were not seen, and whole visits.

        began, latest: the time from the first connection to the end of the last, if known. Of visits
        that the interface knows nothing of, only those that were under way then count. until: leave
        visits alone that were not over by then; the interface may still tell of them.
        """
        pairs = [
            (call, logged, self._match(call, logged))
            for call, visits in self._logged.items()
            for logged in visits
            if _is_over(logged, until)
        ]
        if began is None:
            began, latest = _span([logged for _, logged, seen in pairs if seen is not None])
        for call, logged, seen in pairs:
            self._logged[call].remove(logged)
            if not self._logged[call]:
                del self._logged[call]
            if seen is not None:
                yield from _completed(seen.call, seen, logged)
            elif _is_between(logged, began, latest):
                yield from _added(call, logged)

    def _match(self, call: str, logged: Seen) -> Seen | None:
        """Return the interface's version of a visit, and note that it is taken.

        Where an event names the agent's line alone, that is what the interface calls the call.
        """
        free = [
            seen for name in (call, logged.alias, logged.line) if name for seen in self._seen.get(name, ())
            if not seen.matched and seen.queue == logged.queue and _may_be(seen, logged)
        ]  # fmt: skip
        if not free:
            strays = self._strays.get((logged.queue, logged.agent), ())
            free = [seen for seen in strays if not seen.matched and _may_be(seen, logged)]
        if not free:
            return None
        best = min(free, key=lambda seen: (_distance(seen, logged), _unlike(seen, logged)))
        best.matched = True
        return best


def _may_be(seen: Seen, logged: Seen) -> bool:
    """Return whether both can be the same visit, by its end, the agent's line, or their times."""
    if seen.answered and logged.left and not logged.lost:
        return False
    if logged.answered and seen.left and (seen.reason in REASONS or seen.wait_s is not None):
        return False  # a wait is told of whoever gave up
    if seen.line and seen.line == logged.line:
        return True
    apart = seen.agent != logged.agent or seen.joined is None or logged.joined is None
    if seen.line and logged.line and apart:
        return False  # else it may have been a Local channel, and another has its place
    if seen.joined is None or logged.joined is None:
        return _unlike(seen, logged) <= 1
    if not seen.vague:
        return _distance(seen, logged) <= APART
    over = logged.ended or (None if logged.answered else logged.at)
    return logged.joined <= seen.joined + APART and (over is None or over >= seen.joined - APART)


def _unlike(seen: Seen, logged: Seen) -> float:
    """Return by how much the lengths of two versions of a visit differ."""
    pairs = ((seen.wait_s, logged.wait_s), (seen.talk_s, logged.talk_s))
    return sum(abs(one - other) for one, other in pairs if one is not None and other is not None)


def _is_over(logged: Seen, until: int | None) -> bool:
    if until is None:
        return True
    over = logged.ended if logged.answered else logged.at
    return over is not None and over <= until


def _span(matched: list[Seen]) -> tuple[int | None, int | None]:
    """Return from when to when the interface listened, where only the log tells the time."""
    joined = [visit.joined for visit in matched if visit.joined is not None]
    ends = [visit.told_at if visit.answered else visit.at for visit in matched]
    known = [end for end in ends if end is not None]
    return (min(known), max(joined)) if known and joined else (None, None)


def _is_between(logged: Seen, began: int | None, latest: int | None) -> bool:
    if began is None or latest is None or logged.joined is None:
        return True
    over = logged.ended or logged.at or logged.joined
    return over > began and logged.joined <= latest


def _distance(seen: Seen, logged: Seen) -> int:
    if seen.joined is None or logged.joined is None:
        return 0
    return abs(seen.joined - logged.joined)


def _note(visits: defaultdict[str, list[Seen]], message: Message) -> Seen | None:
    """Follow one call through its visits; return the one that a message is about."""
    known = visits[message.call]
    if message.type == neutral.QUEUED:
        number = max(message.visit, len(known)) if message.visit != NONE else len(known)
        visit = Seen(
            message.call,
            number,
            message.queue,
            message.at,
            vague=message.vague,
            stray=message.stray,
        )
        known.append(visit)
        return visit
    if message.type == neutral.ENDED and message.vague:
        for each in known:
            _lose(each, message.at)
    if message.type not in (neutral.ANSWERED, neutral.LEFT, neutral.TALKED):
        return None
    for visit in reversed(known):
        if message.visit in (NONE, visit.number) and visit.queue == message.queue:
            if message.visit != NONE or _fits(visit, message):
                break
    else:
        before = round(((message.wait_s or 0) + (message.talk_s or 0)) * SECOND)
        joined = None if message.at is None else message.at - before
        visit = Seen(message.call, len(known), message.queue, joined)
        known.append(visit)
    _fill(visit, message)
    if message.type == neutral.TALKED:
        _went_on(visit, known)
    return visit


def _lose(visit: Seen, at: int | None) -> None:
    """Note that a visit was over by a time if it was under way: the exchange started again."""
    if visit.answered and visit.ended is None and visit.talk_s is None:
        visit.ended, visit.lost = at, True
    elif not visit.answered and not visit.left:
        visit.at, visit.left, visit.lost = at, True, True


def _went_on(visit: Seen, known: list[Seen]) -> None:
    """End a talk no later than its caller joined a queue again: what was told of it came late."""
    on = next((other for other in known[known.index(visit) + 1 :] if other.joined), None)
    if on is None or on.joined is None or visit.ended is None or visit.ended <= on.joined:
        return
    visit.ended, visit.cut = on.joined, True


def _talk_of(visit: Seen) -> float | None:
    """Return the seconds of a talk, as far as they were one."""
    if not visit.cut or visit.ended is None or visit.at is None:
        return visit.talk_s
    return float(max(visit.ended // SECOND - visit.at // SECOND, 0))


def _fits(visit: Seen, message: Message) -> bool:
    if message.type == neutral.TALKED:
        return visit.answered and visit.ended is None and visit.talk_s is None
    return not visit.answered and (not visit.left or visit.reason not in REASONS)


def _fill(visit: Seen, message: Message) -> None:
    visit.agent, visit.line = message.agent or visit.agent, message.line or visit.line
    visit.alias = message.parent or visit.alias
    visit.wait_s = message.wait_s if message.wait_s is not None else visit.wait_s
    if message.type == neutral.TALKED:
        visit.answered, visit.ended, visit.talk_s = True, message.at, message.talk_s
        visit.told_at = message.at
        visit.vague_end = message.vague
        return
    if visit.vague and not message.vague and message.wait_s is not None and message.at is not None:
        visit.joined = message.at - round(message.wait_s * SECOND)
    visit.at = message.at
    visit.answered = message.type == neutral.ANSWERED
    visit.left = not visit.answered
    visit.reason = message.reason
    visit.vague_end = message.vague or visit.answered
    visit.vague = message.vague and visit.answered


def _completed(call: str, seen: Seen, logged: Seen) -> Iterator[Message]:
    """Yield what the log knows about a visit that the interface saw in part."""
    if logged.lost and seen.left and not logged.answered:
        return
    if logged.left and not seen.answered:
        if seen.reason not in REASONS:
            yield Message(
                neutral.LEFT, logged.at if not seen.left or seen.vague_end else seen.at, call,
                seen.queue, reason=logged.reason, wait_s=logged.wait_s, visit=seen.number,
                vague=logged.lost,
            )  # fmt: skip
        return
    if not logged.answered:
        if seen.vague and not seen.left:
            yield Message(neutral.QUEUED, logged.joined, call, seen.queue, visit=seen.number)
        return
    if not seen.answered or seen.vague:
        yield Message(
            neutral.ANSWERED, logged.at, call, seen.queue, logged.agent, wait_s=logged.wait_s,
            visit=seen.number,
        )  # fmt: skip
    if (seen.vague_end or not seen.answered) and logged.ended is not None:
        yield Message(
            neutral.TALKED, logged.ended, call, seen.queue, logged.agent, talk_s=_talk_of(logged),
            visit=seen.number, vague=logged.lost,
        )  # fmt: skip


def _added(call: str, logged: Seen) -> Iterator[Message]:
    """Yield a whole visit that only the log knows, as a call of its own."""
    name = f"{call}/{logged.number}"
    yield Message(neutral.QUEUED, logged.joined, name, logged.queue, parent=call)
    if logged.left:
        yield Message(
            neutral.LEFT, logged.at, name, logged.queue, reason=logged.reason,
            wait_s=logged.wait_s, vague=logged.lost,
        )  # fmt: skip
    elif logged.answered:
        yield Message(
            neutral.ANSWERED, logged.at, name, logged.queue, logged.agent, wait_s=logged.wait_s
        )
        if logged.ended is not None:
            yield Message(
                neutral.TALKED, logged.ended, name, logged.queue, logged.agent,
                talk_s=_talk_of(logged), vague=logged.lost,
            )  # fmt: skip
