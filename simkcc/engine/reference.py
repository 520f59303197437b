"""The reference engine: the story of one contact, told in SimPy.

For reading, for extending in Python, and for live simulation. It shares the routing rules, the
draws and working time with kernel.py, and nothing else: queues, agents and clock are its own.
"""

from bisect import insort
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.heap import due_order
from simkcc.engine.plan import AtClose, ChangeKind, Plan
from simkcc.engine.trace import STARTS
from simkcc.engine.working_time import due_time, pause_end
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
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
from simkcc.model.events import FAMILY_OF, Due, Event, Happening
from simkcc.model.steps import Asks, Pause, Phase, Release, StepKind
from simkcc.routing.rules import goes_first, may_answer, pick_agent
from simkcc.routing.tables import AgentChoice, QueuePick

Story = Generator[simpy.Event, Any, Any]

PHASE_LEGS = {
    Phase.TALK: LegKind.TALK,
    Phase.HOLD: LegKind.HOLD,
    Phase.HANDOVER: LegKind.HANDOVER,
    Phase.RING: LegKind.RING,
}


class DueEvent(simpy.Event):
    """A timeout with a rank: at equal times the lower rank happens first."""

    def __init__(self, env: simpy.Environment, delay: int, order: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=order + 2, delay=delay)


class Clock(simpy.Environment):
    """SimPy's environment, which can say whether this instant still has something to finish."""

    @property
    def settled(self) -> bool:
        """Return whether nothing is left to happen before the next due event."""
        return not self._queue or self._queue[0][1] >= 2 or self._queue[0][0] > self.now

    def next_order(self) -> int:
        """Return the rank of the next due event."""
        return self._queue[0][1] - 2


@dataclass
class Contact:
    """A contact that is not finished."""

    serial: int
    key: np.uint64
    patience_key: np.uint64
    kind: int
    topic: int
    redials: int = 0
    repeats: int = 0
    children: int = 0
    legs: int = 0
    leg: int = NONE
    leg_kind: int = NONE
    since: int = 0
    place: int = NONE
    queue: int = NONE
    join: int = NONE
    joined: int = 0
    priority: int = 0
    open_ranks: int = 0
    virtual: bool = False
    balks: bool = False
    has_line: bool = False
    agent: int = NONE
    second: int = NONE
    speed: float = 1.0
    switching: int = 0
    parent: int = NONE
    wake: simpy.Event | None = None
    visits: dict[int, int] = field(default_factory=dict)

    @property
    def ghost(self) -> bool:
        """Return whether this is a probe, which occupies nobody and counts nowhere."""
        return self.kind == ContactKind.PROBE

    @property
    def turn(self) -> tuple[int, int, int]:
        """Return the key of its place in a queue."""
        return (-self.priority, self.joined, self.serial)


@dataclass
class Agent:
    """One agent."""

    number: int
    group: int
    there: bool = False
    wanted: bool = False
    busy: bool = False
    since: int = 0
    session: int = NONE
    channel: int = NONE
    wrap: tuple[int, int, int] | None = None


class Centre:
    """A contact centre in action. `events` collects what happens, `log` what happened."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.setting = plan.settings[0]
        self.start = int(self.setting["start"])
        self.clock = Clock(self.start)
        self.events: list[Event] = []
        self.contact_rows: list[tuple] = []
        self.leg_rows: list[tuple] = []
        self.session_rows: list[tuple] = []
        self.open_now = np.zeros(len(plan.hours), np.int64)
        self.queues: list[list[Contact]] = [[] for _ in plan.queues]
        self.agents = [Agent(i, int(group)) for i, group in enumerate(plan.group_of())]
        self.free: list[list[Agent]] = [[] for _ in plan.groups]
        self.idle = np.zeros(len(plan.groups), np.int64)
        self.idle_since = np.full(len(plan.groups), FOREVER, np.int64)
        self.level = [0] * len(plan.groups)
        self.picks = [0] * len(plan.groups)
        self.lines = 0
        self.present: dict[int, Contact] = {}
        self.live = 0
        self.stories = {
            StepKind.ENTER: self.enter,
            StepKind.MENU: self.menu,
            StepKind.QUEUE: self.wait_in_queue,
            StepKind.TALK: self.talk,
            StepKind.CONSULT: self.consult,
            StepKind.WRAP: self.wrap,
            StepKind.SPAWN: self.spawn,
            StepKind.DELAY: self.delay,
            StepKind.BRANCH: self.branch,
        }
        if plan.resumes:
            from simkcc.engine.reference_given import restore

            restore(self)
        if len(plan.changes):
            self.clock.process(self.changes())
        for stream in range(len(plan.streams)):
            self.clock.process(self.arrivals(stream))
        while not self.clock.settled:
            self.clock.step()

    # ----------------------------------------------------------------- the loop

    def run(self, until: int = FOREVER) -> None:
        """Let everything happen that falls due before `until`."""
        while self.clock.peek() < until:
            if self.clock.peek() >= self.setting["until"] and self.live == 0:
                return
            self.step()

    def step(self) -> None:
        """Let the next thing happen, then answer until nobody free may answer anybody waiting."""
        self.clock.step()
        self.settle()
        while self.answer_next():
            self.settle()
        self.send_home()

    def settle(self) -> None:
        """Let every story go on until it waits for time to pass."""
        while not self.clock.settled:
            self.clock.step()

    def due(self, delay: int, kind: Due, subject: int, rank: int = 0) -> simpy.Event:
        """Return an event that falls due after `delay`; one that never does if FOREVER."""
        if self.now + delay >= FOREVER:
            return simpy.Event(self.clock)
        return DueEvent(self.clock, delay, int(due_order(kind, subject, rank)))

    @property
    def now(self) -> int:
        """Return the time, in microseconds."""
        return int(self.clock.now)

    # ----------------------------------------------------------------- chance

    def uniform(self, me: Contact, purpose: int) -> float:
        """Return the contact's next uniform for `purpose`."""
        visit = me.visits.get(purpose, 0)
        me.visits[purpose] = (visit + 1) % 256
        key = me.patience_key if purpose == Purpose.PATIENCE else me.key
        return chance.uniform(key, purpose, visit)

    def duration(self, me: Contact, purpose: int, dist: int, factor: float = 1.0) -> int:
        """Return a drawn duration; zero if there is no distribution."""
        plan = self.plan
        dist = chance.dist_now(plan.dists, plan.selectors, self.open_now, dist)
        if dist == NONE:
            return 0
        u = self.uniform(me, purpose)
        tick = self.setting["tick"]
        return int(chance.duration_at(plan.dists, plan.atoms, plan.tables, dist, u, factor, tick))

    def limit(self, me: Contact, purpose: int, dist: int) -> int:
        """Return a drawn duration; FOREVER if there is no distribution."""
        return FOREVER if dist == NONE else self.duration(me, purpose, dist)

    def take_exit(self, me: Contact, row: Any, exits: int) -> int:
        """Return the step behind the exits that start at a row."""
        if self.plan.exits[exits]["below"] >= 1.0:
            return int(self.plan.exits[exits]["step"])
        u = self.uniform(me, int(row["exit_purpose"]))
        while u >= self.plan.exits[exits]["below"]:
            exits += 1
        return int(self.plan.exits[exits]["step"])

    # ----------------------------------------------------------------- what is said and written

    def say(self, me: Contact, what: Happening, at: int | None = None, **more: int) -> None:
        """Emit an event about a contact, of now if nothing else is said."""
        at = self.now if at is None else at
        self.events.append(Event(at, FAMILY_OF[ContactKind(me.kind)], what, me.serial, **more))

    def open_leg(
        self, me: Contact, kind: LegKind, place: int = NONE, at: int | None = None
    ) -> None:
        """Let the contact be somewhere from now on, or since `at`."""
        me.leg, me.legs = me.legs, me.legs + 1
        me.leg_kind, me.since, me.place = kind, self.now if at is None else at, place
        agent, second = (NONE, me.agent) if kind == LegKind.QUEUE else (me.agent, me.second)
        self.say(me, STARTS[kind], me.since, leg=me.leg, place=place, agent=agent, second=second)

    def close_leg(self, me: Contact, how: How, agent: int, second: int) -> None:
        """End the leg the contact is in."""
        self.leg_rows.append(
            (me.serial, me.leg, me.leg_kind, how, me.place, agent, second, me.since, self.now)
        )
        if me.leg_kind == LegKind.MENU:
            what = Happening.MENU if how == How.DONE else Happening.LEFT
            self.say(me, what, leg=me.leg, code=int(how))
        elif me.leg_kind == LegKind.QUEUE:
            what = Happening.ANSWERED if how == How.ANSWERED else Happening.LEFT
            self.say(
                me, what, leg=me.leg, place=me.place, agent=agent, second=second, code=int(how)
            )
        elif me.leg_kind == LegKind.CONSULT:
            what = Happening.TRANSFERRED if how == How.REACHED else Happening.TAKEN_BACK
            self.say(
                me, what, leg=me.leg, place=me.place, agent=agent, second=second, code=int(how)
            )
        me.leg_kind = NONE

    # ----------------------------------------------------------------- contacts

    def birth(
        self, key: np.uint64, kind: int, origin: int, topic: int, parent: int, due: int,
        at: int | None = None,
    ) -> Contact:  # fmt: skip
        """Bring a contact to life, born now or at `at`."""
        me = Contact(len(self.contact_rows), key, key, kind, topic)
        born = self.now if at is None else at
        self.contact_rows.append([kind, origin, Outcome.OPEN, topic, parent, born, NONE, due, key])
        self.present[me.serial] = me
        self.live += 1
        self.say(
            me, Happening.ARRIVED, born, code=origin, topic=topic, parent=parent, due=due,
            key=int(key),
        )  # fmt: skip
        return me

    def journey(self, me: Contact, step: int) -> Story:
        """One contact, from its first step to its end."""
        while True:
            row = self.plan.steps[step]
            if row["kind"] == StepKind.END:
                return self.end(me, int(row["target"]))
            exits = yield from self.stories[row["kind"]](me, row)
            step = self.take_exit(me, row, exits)

    def end(self, me: Contact, outcome: int) -> None:
        """The contact is over; whoever is still on the line comes free."""
        for agent in (me.agent, me.second):
            if agent != NONE:
                self.set_free(self.agents[agent])
        self.contact_rows[me.serial][2] = outcome
        self.contact_rows[me.serial][6] = self.now
        self.lines -= me.has_line
        self.live -= 1
        del self.present[me.serial]
        if outcome in (Outcome.CLOSED, Outcome.BLOCKED):
            what = Happening.CLOSED if outcome == Outcome.CLOSED else Happening.BLOCKED
            self.say(me, what, leg=me.legs)
        self.say(me, Happening.ENDED, leg=me.legs, code=outcome)

    # ----------------------------------------------------------------- steps

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

    def spawn(self, me: Contact, row: Any) -> Story:
        """Give birth to a task, redial or repeat, unless there have been too many."""
        yield from ()
        origin = int(row["mode"])
        redials = me.redials + (origin == Origin.REDIAL)
        repeats = me.repeats + (origin == Origin.REPEAT)
        too_many = (origin == Origin.REDIAL and redials > row["number"]) or (
            origin == Origin.REPEAT and repeats > row["number"]
        )
        if too_many:
            return row["done"]
        key = chance.child_key(me.key, me.children)
        me.children += 1
        kind = int(row["child"]) if row["child"] != NONE else me.kind
        child = self.birth(
            np.uint64(key), kind, origin, me.topic, me.serial,
            self.due_at(int(row["hours"]), int(row["due_days"])),
        )  # fmt: skip
        child.redials, child.repeats = redials, repeats
        child.parent = me.serial
        if origin == Origin.REDIAL and row["share"] == 1.0:
            child.patience_key = me.patience_key
        self.clock.process(self.childhood(child, int(row["target"])))
        return row["done"]

    def childhood(self, me: Contact, step: int) -> Story:
        """Start a child's journey in its turn."""
        yield self.due(0, Due.BIRTH, me.serial)
        yield from self.journey(me, step)

    def due_at(self, hours: int, days: int) -> int:
        """Return when a task written down now is due, or NONE."""
        plan = self.plan
        return int(due_time(plan.hours, plan.spans, hours, self.now, days, self.setting["day"]))

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
        u = chance.uniform(me.key, Purpose.AGENT, leg)
        group, rank, position = pick_agent(
            self.plan.routes, self.plan.groups, queue, -1, self.open_now, self.idle,
            self.idle_since, u,
        )  # fmt: skip
        if group == NONE:
            return False
        me.second = self.take(group, position).number
        me.speed = self.plan.groups[group]["speed"] * self.plan.routes[queue, rank]["speed"]
        return True

    # ----------------------------------------------------------------- waiting

    def wait_in_queue(self, me: Contact, row: Any) -> Story:
        """Join a queue and wait until an agent answers or something else ends it."""
        queue = int(row["target"])
        self.open_leg(me, LegKind.QUEUE, queue)
        me.join, me.joined, me.queue = me.leg, self.now, queue
        me.priority, me.virtual, me.balks = int(row["number"]), False, False
        balking = self.balk_share(queue)
        self.open_routes(me, queue)
        full = self.is_full(me, queue)
        insort(self.queues[queue], me, key=lambda other: other.turn)
        if full:
            return self.quit(me, row, How.FULL)
        self.set_alarms(me, row, queue, balking)
        return (yield from self.await_answer(me, row))

    def await_answer(self, me: Contact, row: Any) -> Story:
        """Wait until an agent answers or something else ends it."""
        me.wake = simpy.Event(self.clock)
        how = yield me.wake
        if how != How.ANSWERED:
            return self.quit(me, row, how)
        return row["fourth"] if me.virtual and row["fourth"] != NONE else row["done"]

    def quit(self, me: Contact, row: Any, how: How) -> int:
        """Leave the queue without an answer."""
        self.close_leg(me, how, NONE, me.agent)
        self.queues[me.queue].remove(me)
        me.queue = NONE
        return row["other"] if how in (How.ABANDONED, How.BALKED) else row["third"]

    def real(self, queue: int) -> int:
        """Return how many wait, probes left out."""
        return sum(not other.ghost for other in self.queues[queue])

    def balk_share(self, queue: int) -> float:
        """Return the share of callers who hang up at once with so many waiting."""
        row = self.plan.queues[queue]
        steps = self.plan.balks[row["first_balk"] : row["last_balk"]]
        shares = [step["share"] for step in steps if self.real(queue) >= step["waiting"]]
        return float(shares[-1]) if shares else 0.0

    def is_full(self, me: Contact, queue: int) -> bool:
        """Return whether there is no place to wait and nobody free to answer."""
        capacity = self.plan.queues[queue]["capacity"]
        if capacity == NONE or me.ghost or self.real(queue) < capacity:
            return False
        return self.agent_for(me, queue)[0] == NONE

    def open_routes(self, me: Contact, queue: int) -> None:
        """Open the routes that need no wait; let the others fall due."""
        me.open_ranks = 0
        for rank, route in enumerate(self.plan.routes[queue]):
            if route["group"] == NONE:
                break
            after = self.duration(me, Purpose.AFTER, route["after"])
            if after == 0:
                me.open_ranks |= 1 << rank
            else:
                self.alarm(me, after, Due.ROUTE_OPEN, self.on_route_open, rank)

    def set_alarms(self, me: Contact, row: Any, queue: int, balking: float) -> None:
        """Let everything that may end the wait fall due."""
        limits = self.plan.queues[queue]
        patience = self.limit(me, int(row["purpose"]), row["dist"])
        if balking > 0 and not me.ghost and self.uniform(me, Purpose.BALK) < balking:
            me.balks, patience = True, 0
        alarms = (
            (patience, Due.PATIENCE_END, self.on_patience_end),
            (self.limit(me, Purpose.LIMIT, limits["limit"]), Due.LIMIT, self.on_limit),
            (self.limit(me, Purpose.OFFER, limits["offer"]), Due.OFFER, self.on_offer),
        )
        for delay, kind, handler in alarms:
            if not me.ghost:
                self.alarm(me, delay, kind, handler)

    def alarm(self, me: Contact, delay: int, kind: Due, handler: Any, rank: int = 0) -> None:
        """Let something fall due that happens only if the contact still waits in this queue."""
        arguments = (rank,) if kind == Due.ROUTE_OPEN else ()
        alarm = self.due(delay, kind, me.serial, rank)
        alarm.callbacks.append(self.while_waiting(me, handler, *arguments))

    def while_waiting(self, me: Contact, handler: Any, *arguments: int) -> Any:
        """Return a callback that calls `handler` only if the contact still waits in this queue."""
        join = me.join

        def on_due(_: simpy.Event) -> None:
            if me.queue != NONE and me.join == join:
                handler(me, *arguments)

        return on_due

    def on_route_open(self, me: Contact, rank: int) -> None:
        """A further group may answer."""
        me.open_ranks |= 1 << rank

    def on_patience_end(self, me: Contact) -> None:
        """The caller hangs up."""
        if not me.virtual:
            me.wake.succeed(How.BALKED if me.balks else How.ABANDONED)

    def on_limit(self, me: Contact) -> None:
        """The exchange ends the wait."""
        if not me.virtual:
            me.wake.succeed(How.TIMEOUT)

    def on_offer(self, me: Contact) -> None:
        """The caller may hang up and keep the place."""
        if me.virtual or self.uniform(me, Purpose.ACCEPT) >= self.plan.queues[me.queue]["accept"]:
            return
        self.close_leg(me, How.HELD_PLACE, NONE, me.agent)
        self.open_leg(me, LegKind.QUEUE, me.queue)
        me.virtual = True
        self.lines -= me.has_line
        me.has_line = False

    # ----------------------------------------------------------------- matching

    def agent_for(self, me: Contact, queue: int) -> tuple[int, int, int]:
        """Return (group, rank, position) of the agent who would answer the contact now."""
        u = chance.uniform(me.key, Purpose.AGENT, me.join)
        return pick_agent(
            self.plan.routes, self.plan.groups, queue, me.open_ranks, self.open_now, self.idle,
            self.idle_since, u,
        )  # fmt: skip

    def candidates(self, group: int) -> Iterator[tuple[Contact, int, int]]:
        """Yield the first contact of each queue that `group` should answer, in its own order."""
        for pull in self.plan.pulls[group]:
            queue, rank = int(pull["queue"]), int(pull["rank"])
            if queue == NONE:
                return
            closing = self.level[group] == 0
            if closing and self.plan.queues[queue]["at_close"] != AtClose.RUN_OUT:
                continue
            for other in self.queues[queue]:
                if may_answer(self.plan.routes, queue, rank, other.open_ranks, self.open_now):
                    if self.agent_for(other, queue)[0] == group:
                        yield other, queue, rank
                        break

    def next_for(self, group: int) -> Contact | None:
        """Return the contact that a free agent of `group` answers next."""
        pick = int(self.plan.groups[group]["pick"])
        best, best_score = None, 0.0
        for other, queue, rank in self.candidates(group):
            score = 0.0
            if pick == QueuePick.WEIGHTED:
                u = chance.uniform(other.key, Purpose.QUEUE, self.picks[group])
                weight = self.plan.routes[queue, rank]["weight"]
                score = chance.quantile(self.plan.tables[0], u) / weight
            if best is None or goes_first(
                pick, other.priority, other.joined, other.serial, score,
                best.priority, best.joined, best.serial, best_score,
            ):  # fmt: skip
                best, best_score = other, score
        return best

    def answer_next(self) -> bool:
        """Let the lowest group that can answer someone do so; False if none can."""
        for group in range(len(self.free)):
            if self.free[group]:
                other = self.next_for(group)
                if other is not None:
                    self.answer(other)
                    return True
        return False

    def answer(self, me: Contact) -> None:
        """An agent answers the contact; a probe only finds that one would."""
        number = NONE
        if not me.ghost:
            group, rank, position = self.agent_for(me, me.queue)
            number = self.take(group, position).number
            self.picks[group] += 1
            speed = self.plan.routes[me.queue, rank]["speed"]
            me.speed = self.plan.groups[group]["speed"] * speed
            me.switching = self.switching_time(self.agents[number], me)
        self.close_leg(me, How.ANSWERED, number, me.agent)
        self.queues[me.queue].remove(me)
        me.queue = NONE
        if me.agent == NONE:
            me.agent = number
        else:
            me.second = number
        me.wake.succeed(How.ANSWERED)

    def switching_time(self, agent: Agent, me: Contact) -> int:
        """Return what it costs an agent that this contact comes by another channel than the last."""
        last, agent.channel = agent.channel, me.kind
        return 0 if last in (NONE, me.kind) else int(self.plan.groups[agent.group]["switching"])

    # ----------------------------------------------------------------- agents

    def note_idle(self, group: int) -> None:
        """Keep the facts about free agents that the rules see."""
        self.idle[group] = len(self.free[group])
        self.idle_since[group] = self.free[group][0].since if self.free[group] else FOREVER

    def take(self, group: int, position: int) -> Agent:
        """Make the free agent at that position busy."""
        agent = self.free[group].pop(position)
        agent.busy = True
        self.note_idle(group)
        return agent

    def make_idle(self, agent: Agent, since: int | None = None) -> None:
        """Put an agent among the free ones of the group, free now or since `since`."""
        agent.busy, agent.since = False, self.now if since is None else since
        by_id = self.plan.groups[agent.group]["choice"] != AgentChoice.LONGEST_IDLE
        insort(self.free[agent.group], agent, key=lambda a: (0 if by_id else a.since, a.number))
        self.note_idle(agent.group)

    def set_free(self, agent: Agent) -> None:
        """A busy agent comes free, or goes home."""
        if not agent.wanted and self.level[agent.group] > 0:
            agent.busy = False
            self.log_off(agent)
        else:
            self.make_idle(agent)

    def come(self, agent: Agent) -> None:
        """An agent is there from now on."""
        agent.there, agent.session = True, self.now
        self.events.append(
            Event(self.now, "agent", Happening.STATE, agent=agent.number, place=agent.group, code=1)
        )

    def log_on(self, agent: Agent) -> None:
        """An agent's shift begins."""
        self.come(agent)
        self.make_idle(agent)

    def log_off(self, agent: Agent) -> None:
        """An agent goes home."""
        agent.there = False
        self.session_rows.append((agent.number, agent.group, agent.session, self.now))
        self.events.append(
            Event(self.now, "agent", Happening.STATE, agent=agent.number, place=agent.group, code=0)
        )

    def send_home(self) -> None:
        """After closing time, let everyone go who found nobody waiting any more."""
        for group, level in enumerate(self.level):
            while level == 0 and self.free[group]:
                self.log_off(self.free[group].pop(0))
                self.note_idle(group)

    # ----------------------------------------------------------------- what changes by itself

    def changes(self) -> Story:
        """Hours open and close, rosters rise and fall, queues are cleared."""
        for index, change in enumerate(self.plan.changes):
            if change["at"] < self.start:
                continue
            yield self.due(int(change["at"]) - self.now, Due.CHANGE, index)
            subject, level = int(change["subject"]), int(change["level"])
            if change["kind"] == ChangeKind.HOURS:
                self.open_now[subject] = level
            elif change["kind"] == ChangeKind.ROSTER:
                self.change_roster(subject, level)
            else:
                while self.queues[subject]:
                    self.queues[subject][0].wake.succeed(How.CLOSED)
                    yield self.due(0, Due.CHANGE, index)

    def change_roster(self, group: int, level: int) -> None:
        """Call back who is finishing, log on, send home."""
        self.level[group] = level
        first = self.plan.groups[group]["first_agent"]
        for agent in self.agents:
            if agent.group != group:
                continue
            agent.wanted = self.is_present(agent.number - first, group, level)
            if agent.wanted and not agent.there:
                self.log_on(agent)
            elif not agent.wanted and agent.there and not agent.busy:
                self.free[group].remove(agent)
                self.note_idle(group)
                self.log_off(agent)

    def is_present(self, number: int, group: int, level: int) -> bool:
        """Return whether an agent is on the roster now and not absent today."""
        return self.was_present(number, group, level, self.now)

    def was_present(self, number: int, group: int, level: int, at: int) -> bool:
        """Return whether an agent was on the roster at `at` and not absent that day."""
        row = self.plan.groups[group]
        if number >= level:
            return False
        date = self.setting["first_date"] + at // int(self.setting["day"])
        key = self.date_key(row["key"], date)
        return bool(chance.uniform(key, Purpose.ABSENCE, number) >= row["absence"])

    # ----------------------------------------------------------------- arrivals

    def date_key(self, identity: np.uint64, date: int) -> np.uint64:
        """Return the key of a stream, group or centre on a date."""
        seed, replication = self.setting["seed"], self.setting["replication"]
        return np.uint64(chance.date_key(seed, replication, identity, date))

    def arrivals(self, stream: int) -> Story:
        """Contacts of a stream arrive one after the other."""
        row = self.plan.streams[stream]
        for at, key in self.moments(stream):
            if at < self.start:
                continue
            yield self.due(at - self.now, Due.ARRIVAL, stream)
            me = self.birth(
                key, int(row["kind"]), int(row["origin"]), int(row["topic"]), NONE,
                self.due_at(int(row["hours"]), int(row["due_days"])),
            )  # fmt: skip
            self.clock.process(self.journey(me, int(row["entry"])))

    def moments(self, stream: int) -> Iterator[tuple[int, np.uint64]]:
        """Yield when the contacts of a stream arrive, and their keys."""
        row = self.plan.streams[stream]
        if row["first_moment"] != NONE:
            first = self.date_key(row["key"], self.setting["first_date"])
            stated = self.plan.moments[row["first_moment"] : row["last_moment"]]
            for index, at in enumerate(stated):
                yield int(at), np.uint64(chance.contact_key(first, index))
            return
        for date in range(int(self.setting["n_days"])):
            if self.plan.days[stream, date] != NONE:
                yield from self.moments_of_date(stream, date)

    def moments_of_date(self, stream: int, date: int) -> Iterator[tuple[int, np.uint64]]:
        """Yield the arrivals of one date: unit spacings through its cumulative rate."""
        row = self.plan.streams[stream]
        ordinal = self.setting["first_date"] + date
        key = self.date_key(row["key"], ordinal)
        busyness = self.busyness(row, ordinal)
        first = int(self.plan.days[stream, date])
        last = first + int(np.argmax(self.plan.pieces[first:]["at"] == NONE))
        pieces = self.plan.pieces[first:last]
        total, index = 0.0, 0
        while busyness > 0:
            mine = np.uint64(chance.contact_key(key, index))
            u = chance.uniform(mine, Purpose.ARRIVAL, 0)
            total += chance.quantile(self.plan.tables[0], u)
            target = total / busyness
            piece = int(np.searchsorted(pieces["expected"], target, side="right")) - 1
            if piece + 1 >= len(pieces):
                return
            yield self.moment_at(pieces[piece], pieces[piece + 1], date, target), mine
            index += 1

    def moment_at(self, low: Any, high: Any, date: int, target: float) -> int:
        """Return the moment at which the cumulative rate reaches `target`."""
        share = (target - low["expected"]) / (high["expected"] - low["expected"])
        offset = low["at"] + share * (high["at"] - low["at"])
        tick = int(self.setting["tick"])
        return int(np.rint((date * self.setting["day"] + offset) / tick)) * tick

    def busyness(self, row: Any, ordinal: int) -> float:
        """Return how busy a date is: 1 on average."""
        if row["busyness"] == NONE:
            return 1.0
        plan = self.plan
        u = chance.uniform(self.date_key(row["busyness_key"], ordinal), Purpose.BUSYNESS, 0)
        return chance.value_at(plan.dists, plan.atoms, plan.tables, row["busyness"], u) * 1e-6

    # ----------------------------------------------------------------- the log

    def log(self) -> ContactLog:
        """Return what happened so far; what is not finished is open."""
        legs = list(self.leg_rows)
        for me in self.present.values():
            if me.leg_kind != NONE:
                agent, second = me.agent, me.second
                if me.leg_kind == LegKind.QUEUE:
                    agent, second = NONE, me.agent
                legs.append(
                    (
                        me.serial,
                        me.leg,
                        me.leg_kind,
                        How.OPEN,
                        me.place,
                        agent,
                        second,
                        me.since,
                        NONE,
                    )
                )
        sessions = list(self.session_rows)
        for agent in self.agents:
            if agent.wrap is not None:
                serial, leg, start = agent.wrap
                legs.append(
                    (serial, leg, LegKind.WRAP, How.OPEN, NONE, agent.number, NONE, start, NONE)
                )
            if agent.there:
                sessions.append((agent.number, agent.group, agent.session, NONE))
        return ContactLog(
            np.array([tuple(row) for row in self.contact_rows], contact_dtype),
            np.array(legs, leg_dtype),
            np.array(sessions, session_dtype),
        ).in_order()


def play(plan: Plan) -> Centre:
    """Play a plan to its end; the centre that comes back holds the events and the log."""
    centre = Centre(plan)
    run_out = plan.settings[0]["run_out"]
    centre.run(FOREVER if run_out else int(plan.settings[0]["until"]))
    return centre
