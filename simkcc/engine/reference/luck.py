"""Chance: the draws of a contact, a stream and a day.

What is asked of compiled code is asked in plain numbers: what a member of an enumeration is, numba
would work out anew at every call, which took half the time of this engine.
"""

from typing import Any

import numpy as np

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import Plan
from simkcc.engine.reference.people import Contact
from simkcc.engine.reference.record import Record
from simkcc.model.contact_log import FOREVER, NONE


class Luck(Record):
    """Everybody, and what chance gives them; some of it depends on which hours are open."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.open_now = np.zeros(len(plan.hours), np.int64)

    def uniform(self, me: Contact, purpose: int) -> float:
        """Return the contact's next uniform for `purpose`."""
        visit = me.visits.get(purpose, 0)
        me.visits[purpose] = (visit + 1) % 256
        key = me.patience_key if purpose == Purpose.PATIENCE else me.key
        return chance.uniform(key, int(purpose), visit)

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

    def date_key(self, identity: np.uint64, date: int) -> np.uint64:
        """Return the key of a stream, group or centre on a date."""
        seed, replication = self.setting["seed"], self.setting["replication"]
        return np.uint64(chance.date_key(seed, replication, identity, date))

    def busyness(self, row: Any, ordinal: int) -> float:
        """Return how busy a date is: 1 on average."""
        if row["busyness"] == NONE:
            return 1.0
        plan = self.plan
        u = chance.uniform(self.date_key(row["busyness_key"], ordinal), int(Purpose.BUSYNESS), 0)
        return chance.value_at(plan.dists, plan.atoms, plan.tables, row["busyness"], u) * 1e-6
