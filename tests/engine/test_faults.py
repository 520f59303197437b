"""Faults put into the reference engine on purpose: the comparison of logs sees each of them."""

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine.plans import first_difference, seeded_plan
from seeds import few_of

from simkcc.engine import runs
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.reference import Agent, Centre, Contact, Signal
from simkcc.model.contact_log import FOREVER, NONE, ContactLog, How, Origin
from simkcc.model.events import Due

SEEDS = range(40, 240)
"""A handful of plans; the first of them that shows a fault ends the search."""


@lru_cache(maxsize=len(SEEDS))
def kernel_log(seed: int) -> ContactLog:
    return runs.play(seeded_plan(seed)).in_order()


def reference_log(centre: type[Centre], plan: Plan) -> ContactLog:
    """Return the log of a kind of centre, played to its end."""
    played = centre(plan)
    setting = plan.settings[0]
    played.run(FOREVER if setting["run_out"] else int(setting["until"]))
    return played.log()


def differs(centre: type[Centre], seed: int) -> bool:
    log = reference_log(centre, seeded_plan(seed))
    return first_difference(kernel_log(seed), log) is not None


class NoOverflow(Centre):
    """Routes that open later never do."""

    def on_route_open(self, me: Contact, rank: int) -> None:
        pass


class NewestFirst(Centre):
    """A free agent serves the newest of a queue, not its head."""

    def candidates(self, group: int) -> Any:
        kept = self.queues
        self.queues = [queue[::-1] for queue in kept]
        found = list(super().candidates(group))
        self.queues = kept
        return iter(found)


class NobodyGoesHome(Centre):
    """Falling rosters are not noticed."""

    def change_roster(self, group: int, level: int) -> None:
        super().change_roster(group, max(level, self.level[group]))


class BusyStay(Centre):
    """Who is busy at the end of a shift comes free after it, and stays."""

    def set_free(self, agent: Agent) -> None:
        self.make_idle(agent)


class AgentBeforePatience(Centre):
    """At equal times an agent comes free before a caller's patience ends."""

    def due(self, delay: int, kind: Due, subject: int, rank: int = 0) -> Signal:
        swapped = {Due.PATIENCE_END: Due.CHANGE, Due.STEP_END: Due.PATIENCE_END}
        swapped[Due.WRAP_END] = Due.LIMIT
        return super().due(delay, swapped.get(kind, kind), subject, rank)


class NoWrapUp(Centre):
    """Agents come free without after-call work."""

    def after_call_work(self, me: Contact, agent: Agent, leg: int, length: int) -> Any:
        yield from ()
        self.set_free(agent)


class OwnPatience(Centre):
    """Redials draw their patience anew although they should keep it."""

    def uniform(self, me: Contact, purpose: int) -> float:
        me.patience_key = me.key
        return super().uniform(me, purpose)


class TakeBackWins(Centre):
    """At equal times the first line takes the caller back before the specialist picks up."""

    def duration(self, me: Contact, purpose: int, dist: int, factor: float = 1.0) -> int:
        drawn = super().duration(me, purpose, dist, factor)
        is_take_back = purpose == Purpose.TAKE_BACK and dist != NONE
        return max(drawn - 1, 0) if is_take_back else drawn


class NobodyAbsent(Centre):
    """Everyone on the roster is there."""

    def is_present(self, number: int, group: int, level: int) -> bool:
        return number < level


class ProbesOccupy(Centre):
    """An agent who would answer a probe stays away from everybody else, for good."""

    def answer(self, me: Contact) -> None:
        if me.ghost:
            group, _, position = self.agent_for(me, me.queue)
            self.take(group, position)
        super().answer(me)


class ProbesCount(Centre):
    """Probes count among those who wait."""

    def real(self, queue: int) -> int:
        return len(self.queues[queue])


class NeverCleared(Centre):
    """Closing leaves queues as they are."""

    def changes(self) -> Any:
        for index, change in enumerate(self.plan.changes):
            yield self.due(int(change["at"]) - self.now, Due.CHANGE, index)
            if change["kind"] == ChangeKind.HOURS:
                self.open_now[change["subject"]] = change["level"]
            elif change["kind"] == ChangeKind.ROSTER:
                self.change_roster(int(change["subject"]), int(change["level"]))


class QueuesDoNotRunOut(Centre):
    """At closing time agents go home although callers wait."""

    def candidates(self, group: int) -> Any:
        return (found for found in super().candidates(group) if self.level[group] > 0)


class LinesStayTaken(Centre):
    """Who hangs up with a place held keeps the line."""

    def on_offer(self, me: Contact) -> None:
        had_line = me.has_line
        super().on_offer(me)
        self.lines += had_line - me.has_line
        me.has_line = had_line


class NoPriority(Centre):
    """Everybody in a queue is alike."""

    def balk_share(self, queue: int) -> float:
        share = super().balk_share(queue)
        self.queues[queue].sort(key=lambda each: (each.joined, each.serial))
        for each in self.queues[queue]:
            each.priority = 0
        return share


class SpeedForgotten(Centre):
    """Every agent works at the same speed."""

    def talk(self, me: Contact, row: Any) -> Any:
        me.speed = 1.0
        return super().talk(me, row)


class NoBalking(Centre):
    """Nobody hears how many wait."""

    def balk_share(self, queue: int) -> float:
        return 0.0


class OneMorePlace(Centre):
    """A queue holds one contact more than it has places."""

    def is_full(self, me: Contact, queue: int) -> bool:
        capacity = self.plan.queues[queue]["capacity"]
        return self.real(queue) > capacity and super().is_full(me, queue)


class LimitForgotten(Centre):
    """The exchange never ends a wait."""

    def on_limit(self, me: Contact) -> None:
        pass


class PatienceInVirtualHold(Centre):
    """Who holds a place without a line still loses patience."""

    def on_patience_end(self, me: Contact) -> None:
        assert me.wake is not None
        me.wake.succeed(How.BALKED if me.balks else How.ABANDONED)


class StaleTimers(Centre):
    """Timers of an earlier visit to a queue still ring in a later one."""

    def while_waiting(self, me: Contact, handler: Any, *arguments: int) -> Any:
        def on_due(_: Signal) -> None:
            if me.queue != NONE:
                handler(me, *arguments)

        return on_due


class OneMoreRedial(Centre):
    """A caller dials again once more than the centre allows."""

    def spawn(self, me: Contact, row: Any) -> Any:
        row = row.copy()
        row["number"] += row["mode"] == Origin.REDIAL
        return super().spawn(me, row)


class SharedLuck(Centre):
    """Children have the luck of their parents."""

    def birth(self, key: Any, kind: int, origin: int, topic: int, parent: int, due: int) -> Contact:
        me = super().birth(key, kind, origin, topic, parent, due)
        if parent != NONE:
            me.key = np.uint64(self.contact_rows[parent][-1])
        return me


class NothingIsDue(Centre):
    """Tasks have no term."""

    def due_at(self, hours: int, days: int) -> int:
        return NONE


class LastAgentFirst(Centre):
    """The free agent at the end of the list answers."""

    def take(self, group: int, position: int) -> Agent:
        return super().take(group, len(self.free[group]) - 1 - position)


class OneQueueOnly(Centre):
    """A free agent looks only at the first queue where somebody waits."""

    def candidates(self, group: int) -> Any:
        return iter(list(super().candidates(group))[:1])


class OtherWeights(Centre):
    """The choice by weight draws with the luck of the next choice."""

    def next_for(self, group: int) -> Contact | None:
        self.picks[group] += 1
        best = super().next_for(group)
        self.picks[group] -= 1
        return best


class PatienceOfATickMore(Centre):
    """Callers wait a tick longer."""

    def limit(self, me: Contact, purpose: int, dist: int) -> int:
        drawn = super().limit(me, purpose, dist)
        late = purpose == Purpose.PATIENCE and 0 < drawn < FOREVER
        return drawn + int(self.setting["tick"]) if late else drawn


class OneAttempt(Centre):
    """The second line is rung only once."""

    def consult(self, me: Contact, row: Any) -> Any:
        reached = yield from self.ring_once(me, row)
        return row["done"] if reached else row["other"]


class QuietDays(Centre):
    """Every day is as busy as any other."""

    def busyness(self, row: Any, ordinal: int) -> float:
        return 1.0


class SwitchingForgotten(Centre):
    """Another channel costs an agent nothing."""

    def switching_time(self, agent: Agent, me: Contact) -> int:
        return 0


class SwitchingEveryTime(Centre):
    """Every contact costs an agent what only another channel should."""

    def switching_time(self, agent: Agent, me: Contact) -> int:
        return int(self.plan.groups[agent.group]["switching"])


class ParentsNeverEnd(Centre):
    """A child believes its parent open for ever."""

    def branch(self, me: Contact, row: Any) -> Any:
        yield from ()
        return row["done"]


FAULTS = [
    NoOverflow, NewestFirst, NobodyGoesHome, BusyStay, AgentBeforePatience, NoWrapUp,
    TakeBackWins, NobodyAbsent, ProbesOccupy, NeverCleared, QueuesDoNotRunOut, LinesStayTaken,
    NoPriority, SpeedForgotten, NoBalking, OneMorePlace, LimitForgotten, OneMoreRedial, SharedLuck,
    NothingIsDue, LastAgentFirst, OneQueueOnly, OtherWeights, OneAttempt, QuietDays,
    SwitchingForgotten, SwitchingEveryTime,
]  # fmt: skip
RARE = [
    OwnPatience, ProbesCount, PatienceInVirtualHold, StaleTimers, PatienceOfATickMore,
    ParentsNeverEnd,
]  # fmt: skip
"""Faults that show in few plans: finding one takes seconds."""


@pytest.mark.parametrize(
    "fault", few_of([*FAULTS, *RARE], len(FAULTS)), ids=lambda fault: fault.__name__
)
def test_fault_in_the_reference_engine_is_seen(fault: type[Centre]) -> None:
    assert any(differs(fault, seed) for seed in SEEDS)


def test_without_a_fault_there_is_nothing_to_see() -> None:
    assert not [seed for seed in SEEDS[:5] if differs(Centre, seed)]
