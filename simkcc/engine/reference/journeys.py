"""A contact from birth to end, and the children it has: tasks, redials, repeats."""

from typing import Any

import numpy as np

from simkcc.engine import chance
from simkcc.engine.plan import Plan
from simkcc.engine.reference.clock import Story
from simkcc.engine.reference.people import Contact
from simkcc.engine.reference.steps import Steps
from simkcc.engine.working_time import due_time
from simkcc.model.contact_log import NONE, Origin
from simkcc.model.events import Due
from simkcc.model.steps import StepKind


class Journeys(Steps):
    """The journeys of all contacts, step after step."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
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
        self.lines -= me.has_line
        self.finish(me, outcome, me.legs, self.now)

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
