"""Why callers left: a queue_log beside the manager interface.

The interface knows who waits and talks, to the microsecond; the log knows how every visit ended, to
the second, also while the connection was lost. A visit in the log is matched with the interface's
by caller, queue and time; what the interface did not see, the log adds.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from simkcc.model.contact_log import SECOND
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
    ended: int | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    vague: bool = False
    matched: bool = False


class Reasons:
    """Keeps the visits of both, and says what the log adds."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._log = QueueLog(pseudonyms)
        self._seen: defaultdict[str, list[Seen]] = defaultdict(list)
        self._logged: defaultdict[str, list[Seen]] = defaultdict(list)

    def note(self, message: Message) -> None:
        """Note what the interface told."""
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        _note(self._seen, message)

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
                yield from _completed(call, seen, logged)
            elif _is_between(logged, began, latest):
                yield from _added(call, logged)

    def _match(self, call: str, logged: Seen) -> Seen | None:
        """Return the interface's version of a visit, and note that it is taken."""
        free = [v for v in self._seen.get(call, ()) if not v.matched and v.queue == logged.queue]
        if not free:
            return None
        best = min(free, key=lambda seen: _distance(seen, logged))
        if not best.vague and _distance(best, logged) > APART:
            return None
        best.matched = True
        return best


def _is_over(logged: Seen, until: int | None) -> bool:
    if until is None:
        return True
    over = logged.ended if logged.answered else logged.at
    return over is not None and over <= until


def _span(matched: list[Seen]) -> tuple[int | None, int | None]:
    """Return from when to when the interface listened, where only the log tells the time."""
    joined = [visit.joined for visit in matched if visit.joined is not None]
    ends = [visit.ended or visit.at for visit in matched]
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


def _note(visits: defaultdict[str, list[Seen]], message: Message) -> None:
    """Follow one call through its visits, as `numbering` does."""
    if message.type == neutral.QUEUED:
        known = visits[message.call]
        known.append(Seen(len(known), message.queue, message.at, vague=message.vague))
        return
    if message.type not in (neutral.ANSWERED, neutral.LEFT, neutral.TALKED):
        return
    known = visits[message.call]
    for visit in reversed(known):
        if visit.queue == message.queue and _fits(visit, message):
            break
    else:
        before = round(((message.wait_s or 0) + (message.talk_s or 0)) * SECOND)
        joined = None if message.at is None else message.at - before
        visit = Seen(len(known), message.queue, joined)
        known.append(visit)
    _fill(visit, message)


def _fits(visit: Seen, message: Message) -> bool:
    if message.type == neutral.TALKED:
        return visit.answered and visit.ended is None and visit.talk_s is None
    return not visit.answered and (not visit.left or visit.reason not in REASONS)


def _fill(visit: Seen, message: Message) -> None:
    visit.agent = message.agent or visit.agent
    visit.wait_s = message.wait_s if message.wait_s is not None else visit.wait_s
    if message.type == neutral.TALKED:
        visit.answered, visit.ended, visit.talk_s = True, message.at, message.talk_s
        visit.vague = message.vague
        return
    visit.at = message.at
    visit.answered = message.type == neutral.ANSWERED
    visit.left = not visit.answered
    visit.reason = message.reason
    visit.vague = message.vague


def _completed(call: str, seen: Seen, logged: Seen) -> Iterator[Message]:
    """Yield what the log knows about a visit that the interface saw in part."""
    if logged.left and not seen.answered:
        if seen.reason not in REASONS:
            yield Message(
                neutral.LEFT, logged.at if not seen.left or seen.vague else seen.at, call,
                seen.queue, reason=logged.reason, wait_s=logged.wait_s, visit=seen.number,
            )  # fmt: skip
        return
    if not logged.answered:
        return
    if not seen.answered:
        yield Message(
            neutral.ANSWERED, logged.at, call, seen.queue, logged.agent, wait_s=logged.wait_s,
            visit=seen.number,
        )  # fmt: skip
    if not seen.answered or (seen.vague and logged.ended is not None):
        yield Message(
            neutral.TALKED, logged.ended, call, seen.queue, logged.agent, talk_s=logged.talk_s,
            visit=seen.number, vague=logged.ended is None,
        )  # fmt: skip


def _added(call: str, logged: Seen) -> Iterator[Message]:
    """Yield a whole visit that only the log knows, as a call of its own."""
    name = f"{call}/{logged.number}"
    yield Message(neutral.QUEUED, logged.joined, name, logged.queue, parent=call)
    if logged.left:
        yield Message(
            neutral.LEFT, logged.at, name, logged.queue, reason=logged.reason, wait_s=logged.wait_s
        )
    elif logged.answered:
        yield Message(
            neutral.ANSWERED, logged.at, name, logged.queue, logged.agent, wait_s=logged.wait_s
        )
        if logged.ended is not None:
            yield Message(
                neutral.TALKED, logged.ended, name, logged.queue, logged.agent,
                talk_s=logged.talk_s,
            )  # fmt: skip
