"""A centre that can be changed while it runs: the reference engine with levers.

The same callers come before and after a change, because chance is a function of who they are. What
is under way goes on by the steps it began with; who arrives later takes the new ones.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import Plan
from simkcc.engine.reference import Centre, Contact, Story
from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, SECOND
from simkcc.model.events import Due
from simkcc.model.steps import StepKind

BURST_LENGTH = 300 * SECOND
"""Time within which the calls of a burst come."""

SAME = ("topics", "queue_names", "group_names", "hours_names", "stream_names")
"""Names that a changed plan must have in common with the one it replaces."""


def with_room(plan: Plan, spare: int) -> Plan:
    """Return the same plan with room for so many more agents in each group.

    Only the numbers of agents differ: nothing is drawn for them, and their order stays.
    """
    groups = plan.groups.copy()
    groups["n_agents"] += spare
    groups["first_agent"] += spare * np.arange(len(groups))
    return replace(plan, groups=groups)


def joined(old: Plan, new: Plan) -> Plan:
    """Return the plan `new` behind the rows of `old`, so that rows of both can be followed.

    Streams enter by the new steps. Who comes, when, the hours and the rosters stay those of `old`.
    """
    for names in SAME:
        if getattr(old, names) != getattr(new, names):
            raise SettingError(f"a running centre cannot change its {names.replace('_', ' ')}")
    steps, exits, dists = new.steps.copy(), new.exits.copy(), new.dists.copy()
    n_steps, n_exits, n_dists = len(old.steps), len(old.exits), len(old.dists)
    _shift(steps, ("dist", "rival"), n_dists)
    _shift(steps, ("done", "other", "third", "fourth"), n_exits)
    spawns = steps["kind"] == StepKind.SPAWN
    steps["target"][spawns] += n_steps
    _shift(exits, ("step",), n_steps)
    _shift(dists, ("table",), len(old.tables))
    _shift(dists, ("first_atom", "last_atom"), len(old.atoms))
    _shift(dists, ("selector",), len(old.selectors))
    selectors, queues, routes = new.selectors.copy(), new.queues.copy(), new.routes.copy()
    _shift(selectors, ("then",), n_dists)
    _shift(queues, ("limit", "offer"), n_dists)
    _shift(queues, ("first_balk", "last_balk"), len(old.balks))
    _shift(routes, ("after",), n_dists)
    groups, streams = new.groups.copy(), old.streams.copy()
    groups["first_agent"], groups["n_agents"] = old.groups["first_agent"], old.groups["n_agents"]
    streams["entry"] = new.streams["entry"] + n_steps
    return replace(
        old, steps=_both(old.steps, steps), exits=_both(old.exits, exits),
        dists=_both(old.dists, dists), atoms=_both(old.atoms, new.atoms),
        tables=_both(old.tables, new.tables), selectors=_both(old.selectors, selectors),
        balks=_both(old.balks, new.balks), queues=queues, routes=routes, pulls=new.pulls.copy(),
        groups=groups, streams=streams, labels=old.labels + new.labels,
    )  # fmt: skip


class LiveCentre(Centre):
    """A contact centre in action, with levers. They are pulled between two calls of `run`."""

    def __init__(self, plan: Plan) -> None:
        self.planned = [0] * len(plan.groups)
        self.extra = [0] * len(plan.groups)
        self.entries: dict[int, int] = {}
        self.adopted = False
        self.bursts = 0
        super().__init__(plan)

    def adopt(self, plan: Plan, at: int) -> None:
        """From `at` on, let the centre work by another plan of the same centre."""
        self._move_to(at)
        both = joined(self.plan, plan)
        old, new = self.plan.streams["entry"], both.streams["entry"]
        renewed = {int(was): int(now) for was, now in zip(old, new, strict=True)}
        self.entries = {was: renewed[now] for was, now in self.entries.items()} | renewed
        self.plan, self.adopted = both, True
        for group, level in enumerate(self.level):
            if level > 0:
                super().change_roster(group, level)
        for waiting in self.queues:
            for me in waiting:
                self._open_again(me)
        self._react()

    def add_agents(self, group: int, extra: int, at: int) -> None:
        """From `at` on, have so many agents more than the roster says; fewer if negative.

        Whoever talks finishes first. One stays, and a group that is closed stays closed.
        """
        self._move_to(at)
        self.extra[group] = extra
        self.change_roster(group, self.planned[group])
        self._react()

    def burst(self, stream: int, number: int, at: int) -> None:
        """Let so many contacts of a stream arrive within five minutes, besides those that would."""
        self._move_to(at)
        self.bursts += 1
        name = np.uint64(chance.identity(f"burst {self.bursts}"))
        date = self.date_key(name, self.setting["first_date"] + at // int(self.setting["day"]))
        keys = [np.uint64(chance.contact_key(date, index)) for index in range(number)]
        after = [int(chance.uniform(key, Purpose.ARRIVAL, 0) * BURST_LENGTH) for key in keys]
        moments = sorted(zip((at + each for each in after), keys, strict=True))
        self.clock.process(self._burst(stream, iter(moments), len(self.plan.streams) + self.bursts))
        self.settle()

    def journey(self, me: Contact, step: int) -> Story:
        """One contact, from its first step, as it is now, to its end."""
        return super().journey(me, self.entries.get(step, step))

    def take_exit(self, me: Contact, row: Any, exits: int) -> int:
        """Return the step that follows; who dials in again does so as it is now."""
        step = super().take_exit(me, row, exits)
        return self.entries.get(step, step)

    def change_roster(self, group: int, level: int) -> None:
        """Follow the roster, with what was added or taken away."""
        self.planned[group] = level
        if level > 0 and self.extra[group]:
            most = int(self.plan.groups[group]["n_agents"])
            level = min(max(level + self.extra[group], 1), most)
        super().change_roster(group, level)

    def on_route_open(self, me: Contact, rank: int) -> None:
        """A further group may answer, unless the routes have changed meanwhile."""
        if self.adopted:
            self._open_elapsed(me)
        else:
            super().on_route_open(me, rank)

    def _burst(self, stream: int, moments: Iterator[tuple[int, np.uint64]], turn: int) -> Story:
        row = self.plan.streams[stream]
        for at, key in moments:
            yield self.due(at - self.now, Due.ARRIVAL, turn)
            me = self.birth(
                key, int(row["kind"]), int(row["origin"]), int(row["topic"]), NONE,
                self.due_at(int(row["hours"]), int(row["due_days"])),
            )  # fmt: skip
            self.clock.process(self.journey(me, int(row["entry"])))

    def _afters(self, me: Contact) -> Iterator[tuple[int, int]]:
        """Yield the rank and the wait of each route of the contact's queue."""
        plan = self.plan
        for rank, route in enumerate(plan.routes[me.queue]):
            if route["group"] == NONE:
                return
            dist = chance.dist_now(plan.dists, plan.selectors, self.open_now, route["after"])
            after = 0
            if dist != NONE:
                u = chance.uniform(me.key, Purpose.AFTER, 0)
                after = int(
                    chance.duration_at(
                        plan.dists, plan.atoms, plan.tables, dist, u, 1.0, self.setting["tick"]
                    )
                )
            yield rank, after

    def _open_elapsed(self, me: Contact) -> None:
        elapsed = self.now - me.joined
        me.open_ranks = sum(1 << rank for rank, after in self._afters(me) if after <= elapsed)

    def _open_again(self, me: Contact) -> None:
        """Let who waits follow the routes as they are now."""
        self._open_elapsed(me)
        for rank, after in self._afters(me):
            if me.joined + after > self.now:
                left = me.joined + after - self.now
                self.alarm(me, left, Due.ROUTE_OPEN, self.on_route_open, rank)

    def _move_to(self, at: int) -> None:
        """Let it be `at`; everything due before has happened."""
        if at > self.now:
            self.clock.run(until=at)

    def _react(self) -> None:
        """Answer until nobody free may answer anybody waiting."""
        self.settle()
        while self.answer_next():
            self.settle()
        self.send_home()


def _shift(rows: np.ndarray, columns: tuple[str, ...], by: int) -> None:
    """Let indices point behind rows that come first; NONE stays NONE."""
    for column in columns:
        rows[column][rows[column] != NONE] += by


def _both(old: Any, new: Any) -> np.ndarray:
    return np.concatenate([old, new])
