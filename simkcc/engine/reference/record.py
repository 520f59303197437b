"""Who is there, what is said about them and what is written down."""

from collections.abc import Iterator

import numpy as np

from simkcc.engine.heap import due_order
from simkcc.engine.plan import Plan
from simkcc.engine.reference.clock import Clock, DueEvent, Signal
from simkcc.engine.reference.people import Agent, Contact
from simkcc.engine.trace import STARTS
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Outcome,
    contact_dtype,
    leg_dtype,
    session_dtype,
)
from simkcc.model.events import FAMILY_OF, Due, Event, Happening

COLUMNS = contact_dtype.names or ()
OUTCOME, ENDED = COLUMNS.index("outcome"), COLUMNS.index("ended")
"""What of a contact's row is known only at its end."""


class Record:
    """Everybody in a centre. `events` collects what happens, `log` tells what happened."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.setting = plan.settings[0]
        self.start = int(self.setting["start"])
        self.clock = Clock(self.start)
        self.events: list[Event] = []
        self.contact_rows: list[list] = []
        self.leg_rows: list[tuple] = []
        self.session_rows: list[tuple] = []
        self.agents = [Agent(i, int(group)) for i, group in enumerate(plan.group_of())]
        self.present: dict[int, Contact] = {}
        self.live = 0
        """Contacts and after-call work that go on: at 0 nothing can happen any more."""

    # ----------------------------------------------------------------- time

    @property
    def now(self) -> int:
        """Return the time, in microseconds."""
        return int(self.clock.now)

    def due(self, delay: int, kind: Due, subject: int, rank: int = 0) -> Signal:
        """Return an event that falls due after `delay`; one that never does if FOREVER."""
        if self.now + delay >= FOREVER:
            return Signal(self.clock)
        return DueEvent(self.clock, delay, int(due_order(int(kind), subject, rank)))

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

    def finish(self, me: Contact, outcome: int, legs: int, at: int) -> None:
        """Let a contact be over, after so many legs."""
        row = self.contact_rows[me.serial]
        row[OUTCOME], row[ENDED] = outcome, at
        self.live -= 1
        del self.present[me.serial]
        if outcome in (Outcome.CLOSED, Outcome.BLOCKED):
            what = Happening.CLOSED if outcome == Outcome.CLOSED else Happening.BLOCKED
            self.say(me, what, at, leg=legs)
        self.say(me, Happening.ENDED, at, leg=legs, code=outcome)

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
        agent, second = self.on_the_line(me, kind)
        self.say(me, STARTS[kind], me.since, leg=me.leg, place=place, agent=agent, second=second)

    def on_the_line(self, me: Contact, kind: int) -> tuple[int, int]:
        """Return (agent, second) of an open leg; who waits has nobody yet, save who holds on."""
        return (NONE, me.agent) if kind == LegKind.QUEUE else (me.agent, me.second)

    def close_leg(self, me: Contact, how: How, agent: int, second: int) -> None:
        """End the leg the contact is in."""
        self.leg_rows.append(
            (me.serial, me.leg, me.leg_kind, how, me.place, agent, second, me.since, self.now)
        )
        where = {"place": me.place, "agent": agent, "second": second}
        if me.leg_kind == LegKind.MENU:
            what = Happening.MENU if how == How.DONE else Happening.LEFT
            self.say(me, what, leg=me.leg, code=int(how))
        elif me.leg_kind == LegKind.QUEUE:
            what = Happening.ANSWERED if how == How.ANSWERED else Happening.LEFT
            self.say(me, what, leg=me.leg, code=int(how), **where)
        elif me.leg_kind == LegKind.CONSULT:
            what = Happening.TRANSFERRED if how == How.REACHED else Happening.TAKEN_BACK
            self.say(me, what, leg=me.leg, code=int(how), **where)
        me.leg_kind = NONE

    # ----------------------------------------------------------------- agents

    def come(self, agent: Agent) -> None:
        """An agent is there from now on."""
        agent.there, agent.session = True, self.now
        self.say_of(agent, 1)

    def log_off(self, agent: Agent) -> None:
        """An agent goes home."""
        agent.there = False
        self.session_rows.append((agent.number, agent.group, agent.session, self.now))
        self.say_of(agent, 0)

    def say_of(self, agent: Agent, there: int) -> None:
        """Emit an event about an agent: there or not from now on."""
        more = {"agent": agent.number, "place": agent.group, "code": there}
        self.events.append(Event(self.now, "agent", Happening.STATE, **more))

    # ----------------------------------------------------------------- the log

    def log(self) -> ContactLog:
        """Return what happened so far; what is not finished is open."""
        contacts = [tuple(row) for row in self.contact_rows]
        legs = [*self.leg_rows, *self.open_legs(), *self.open_wrap_ups()]
        sessions = [*self.session_rows, *self.open_sessions()]
        return ContactLog(
            np.array(contacts, contact_dtype),
            np.array(legs, leg_dtype),
            np.array(sessions, session_dtype),
        ).in_order()

    def open_legs(self) -> Iterator[tuple]:
        """Yield the legs that contacts are in."""
        for me in self.present.values():
            if me.leg_kind != NONE:
                agent, second = self.on_the_line(me, me.leg_kind)
                leg = me.serial, me.leg, me.leg_kind, How.OPEN, me.place
                yield *leg, agent, second, me.since, NONE

    def open_wrap_ups(self) -> Iterator[tuple]:
        """Yield the after-call work that agents are doing."""
        for agent in self.agents:
            if agent.wrap is not None:
                contact, leg, start = agent.wrap
                yield contact, leg, LegKind.WRAP, How.OPEN, NONE, agent.number, NONE, start, NONE

    def open_sessions(self) -> Iterator[tuple]:
        """Yield the sessions of agents who are there."""
        for agent in self.agents:
            if agent.there:
                yield agent.number, agent.group, agent.session, NONE
