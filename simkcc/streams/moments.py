"""Moments of visits: when they began and ended, as far as told, and how that becomes known better."""

from simkcc.model.contact_log import NONE, SECOND, How
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.agents import Agents
from simkcc.streams.calls import LEGS, Call, Visit
from simkcc.streams.clock import Clock
from simkcc.streams.neutral import Message


class Moments:
    """Times of events from messages, some of which tell none, or come late."""

    agents: Agents
    directory: Directory
    clock: Clock
    _now: int
    """The latest time of all; a clock of sorts where nothing tells the time."""

    def _sharpen(self, call: Call, visit: Visit, message: Message, events: list[Event]) -> None:
        """Say again, better, what was only seen from a distance: when it joined and was answered."""
        told, wait, talk = (
            self.directory.told,
            (call.serial, visit.leg),
            (call.serial, visit.leg + 1),
        )
        if not visit.vague and not visit.vague_answer:
            return
        if message.at is None:
            told[wait] = None if message.wait_s is None else round(message.wait_s * SECOND)
            told.pop(talk, None)
            return
        answered = self._at(message)
        if message.agent:
            visit.agent = self.agents.number(message.agent)  # better known by now than by its line
        self._joined(call, visit, message, answered, events)
        visit.answered, visit.vague_answer = max(answered, visit.joined), False
        if not visit.vague:
            told.pop(wait, None)
        told.pop(talk, None)
        events += call.answered(visit)

    def _joined(
        self, call: Call, visit: Visit, message: Message, until: int, events: list[Event]
    ) -> None:
        """Say since when somebody waited whom only a list told of, from the seconds of the wait."""
        if not visit.vague or message.wait_s is None:
            return
        if message.at is None:
            visit.vague = False
            self.directory.told.pop((call.serial, visit.leg), None)
            return
        second = (until // SECOND - round(message.wait_s)) * SECOND
        self._since(call, visit, max(min(second + SECOND // 2, until), 0), events)

    def _since(self, call: Call, visit: Visit, since: int, events: list[Event]) -> None:
        """Say when somebody joined of whom it was not known."""
        visit.joined, visit.vague = self._free(call, since, events, visit), False
        self.directory.told.pop((call.serial, visit.leg), None)
        if visit is call.visits[0]:
            events.append(call.arrived(visit.joined, NONE))
        events.append(call.queued(visit))

    def _free(self, call: Call, at: int, events: list[Event], visit: Visit | None = None) -> int:
        """Return when a visit can have begun, at best at a time: those before were over by then."""
        for each in call.visits:
            if visit is not None and each.leg >= visit.leg:
                break
            self._gone_by(call, each, at, events)
            at = max(at, each.left)
        return at

    def _gone_by(self, call: Call, visit: Visit, at: int, events: list[Event]) -> None:
        """Say that a visit whose end nobody saw was over by a time, if it was thought to last longer."""
        talked = visit.how is How.ANSWERED
        if visit.left <= at or (visit.end is How.DONE if talked else visit.how is not How.VANISHED):
            return
        visit.left = max(at, visit.answered if talked else visit.joined, visit.turned)
        events.append(call.talked(visit) if talked else call.left(visit))

    def _time(self, message: Message, call: Call) -> int:
        """Return when it happened: never before what happened to the call already."""
        at = self._at(message, call.last)
        call.last = max(at, call.last)
        return call.last

    def _after(
        self, visit: Visit, since: int, message: Message, seconds: float | None, call: Call,
        events: list[Event],
    ) -> int:  # fmt: skip
        """Return when a wait or talk ended; without a clock, as long after as the exchange says.

        What becomes known late about a visit cannot be later than the next visit of its call.
        """
        if message.at is None and seconds is None:
            leg = visit.leg + (message.type == neutral.TALKED)
            self.directory.told[call.serial, leg] = None
        at = since + round((seconds or 0) * SECOND) if message.at is None else self._at(message)
        if message.at is None and seconds is None:
            at = call.last
        at = max(at, since, visit.turned)
        if message.at is None and seconds is not None and since <= call.ended < at:
            # its length is told: without a clock there is no need to move the end of the call
            leg = visit.leg + (message.type == neutral.TALKED)
            self.directory.told[call.serial, leg] = round(seconds * SECOND)
            at = max(call.ended, visit.turned)
        if visit is not call.visits[-1]:
            following = call.visits[visit.leg // LEGS + 1]
            later = following.left == NONE or at <= following.left
            if message.at is not None and following.vague and later and following.answered == NONE:
                following.joined = max(at, following.joined)  # where it only was seen to be
                events.append(call.queued(following))
            return max(min(at, following.joined), since)
        call.last = max(at, call.last)
        return at

    def _at(self, message: Message, otherwise: int = NONE) -> int:
        """Return the time a message tells; without one the latest time of all, or another."""
        if message.at is None:
            return self._now if otherwise == NONE else otherwise
        return max(self.clock.at(message.at), 0)
