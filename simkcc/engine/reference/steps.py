"""What else a contact does on its journey, step by step."""

from typing import Any

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import Plan
from simkcc.engine.reference.clock import Story
from simkcc.engine.reference.people import Agent, Contact
from simkcc.engine.reference.waiting import Waiting
from simkcc.engine.working_time import pause_end
from simkcc.model.contact_log import FOREVER, NONE, ContactKind, How, LegKind
from simkcc.model.events import Due, Happening
from simkcc.model.steps import Asks, Pause, Phase, Release
from simkcc.routing.rules import pick_agent

PHASE_LEGS = {
    Phase.TALK: LegKind.TALK,
    Phase.HOLD: LegKind.HOLD,
    Phase.HANDOVER: LegKind.HANDOVER,
    Phase.RING: LegKind.RING,
}


class Steps(Waiting):
    """The steps of a journey: each is a story that returns the exits it leaves by."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.lines = 0

    def enter(self, me: Contact, row: Any) -> Story:
        """Dial in: closed, all lines busy, or a line taken."""
        yield from ()
        if not self.open_now[row["hours"]]:
            return row["other"]
        lines = self.setting["lines"]
        if lines != NONE and me.kind == ContactKind.CALL and not me.has_line:
            if self.lines >= lines:
                return row["third"]
            me.has_line = True
            self.lines += 1
        return row["done"]

    def menu(self, me: Contact, row: Any) -> Story:
        """Listen until the choice, or until hanging up."""
        stay = self.duration(me, int(row["purpose"]), row["dist"], row["factor"])
        hang_up = self.limit(me, int(row["rival_purpose"]), row["rival"])
        self.open_leg(me, LegKind.MENU)
        yield self.due(min(stay, hang_up), Due.STEP_END, me.serial)
        gave_up = hang_up <= stay
        self.close_leg(me, How.ABANDONED if gave_up else How.DONE, me.agent, me.second)
        return row["other"] if gave_up else row["done"]

    def talk(self, me: Contact, row: Any) -> Story:
        """Talk, hold or hand over for a drawn time."""
        factor = row["factor"] / me.speed if row["mode"] == Phase.TALK else row["factor"]
        length = self.duration(me, int(row["purpose"]), row["dist"], factor)
        if row["mode"] == Phase.TALK:
            length, me.switching = length + me.switching, 0
        self.open_leg(me, PHASE_LEGS[row["mode"]])
        yield self.due(length, Due.STEP_END, me.serial)
        self.close_leg(me, How.DONE, me.agent, me.second)
        return row["done"]

    def wrap(self, me: Contact, row: Any) -> Story:
        """Let an agent go to after-call work; the contact goes on at once."""
        yield from ()
        if row["mode"] == Release.LAST and me.second != NONE:
            number, me.second = me.second, NONE
        else:
            number, me.agent, me.second = me.agent, me.second, NONE
        if number == NONE:
            return row["done"]
        if row["dist"] == NONE:
            self.set_free(self.agents[number])
            return row["done"]
        length = self.duration(me, int(row["purpose"]), row["dist"], row["factor"] / me.speed)
        leg, me.legs = me.legs, me.legs + 1
        self.clock.process(self.after_call_work(me, self.agents[number], leg, length))
        return row["done"]

    def after_call_work(
        self, me: Contact, agent: Agent, leg: int, length: int, since: int | None = None
    ) -> Story:
        """What an agent does after a contact for `length`, begun now or at `since`."""
        start = self.now if since is None else since
        agent.wrap = (me.serial, leg, start)
        self.live += 1
        self.say(me, Happening.WRAP_UP, start, leg=leg, agent=agent.number)
        yield self.due(length, Due.WRAP_END, agent.number)
        self.leg_rows.append(
            (me.serial, leg, LegKind.WRAP, How.DONE, NONE, agent.number, NONE, start, self.now)
        )
        self.say(me, Happening.WRAPPED_UP, leg=leg, agent=agent.number)
        agent.wrap = None
        self.live -= 1
        self.set_free(agent)

    def delay(self, me: Contact, row: Any) -> Story:
        """Do nothing until a moment."""
        amount, u = 0, 0.0
        if row["mode"] in (Pause.PLAIN, Pause.WORKING):
            amount = self.duration(me, int(row["purpose"]), row["dist"], row["factor"])
        else:
            u = self.uniform(me, int(row["purpose"]))
        hours = self.plan.hours[row["hours"]]
        ends = pause_end(
            self.plan.spans, hours["first"], hours["last"], self.now, row["mode"], amount, u,
            self.setting["day"], self.setting["tick"],
        )  # fmt: skip
        self.open_leg(me, LegKind.DELAY)
        yield self.due(int(ends) - self.now, Due.STEP_END, me.serial)
        self.close_leg(me, How.DONE, me.agent, me.second)
        return row["done"]

    def branch(self, me: Contact, row: Any) -> Story:
        """Only choose an exit."""
        yield from ()
        if row["mode"] == Asks.PARENT_OPEN and me.parent not in self.present:
            return row["other"]
        return row["done"]

    # ----------------------------------------------------------------- the second line

    def consult(self, me: Contact, row: Any) -> Story:
        """Ring the second line, as often as allowed."""
        for _ in range(int(row["number"])):
            reached = yield from self.ring_once(me, row)
            if reached:
                return row["done"]
        return row["other"]

    def ring_once(self, me: Contact, row: Any) -> Story:
        """One attempt: someone picks up in time, or the first line takes the caller back."""
        target = int(row["target"])
        there = self.uniform(me, Purpose.AVAILABLE) < row["share"]
        pick_up = self.duration(me, int(row["purpose"]), row["dist"], row["factor"])
        take_back = self.limit(me, int(row["rival_purpose"]), row["rival"])
        leg = me.legs
        if there and target != NONE:
            there = self.reserve(me, target, leg)
        self.open_leg(me, LegKind.CONSULT, target)
        reached = there and pick_up <= take_back
        rings = (there or row["mode"] == 1) and take_back < FOREVER
        length = pick_up if reached else take_back if rings else 0
        yield self.due(length, Due.STEP_END, me.serial)
        if reached:
            self.close_leg(me, How.REACHED, me.agent, me.second)
            return True
        rang = row["mode"] == 1 or me.second != NONE or length > 0
        self.close_leg(me, How.TAKEN_BACK if rang else How.NOBODY_FREE, me.agent, me.second)
        if me.second != NONE:
            specialist, me.second = me.second, NONE
            self.set_free(self.agents[specialist])
        return False

    def reserve(self, me: Contact, queue: int, leg: int) -> bool:
        """Let a free agent of the second line's phone ring; False if nobody is free."""
        u = chance.uniform(me.key, int(Purpose.AGENT), leg)
        group, rank, position = pick_agent(
            self.plan.routes, self.plan.groups, queue, -1, self.open_now, self.idle,
            self.idle_since, u,
        )  # fmt: skip
        if group == NONE:
            return False
        me.second = self.take(group, position).number
        me.speed = self.plan.groups[group]["speed"] * self.plan.routes[queue, rank]["speed"]
        return True
