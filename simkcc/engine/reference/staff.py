"""Agents come, are taken, come free and go home."""

from bisect import insort

import numpy as np

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import Plan
from simkcc.engine.reference.luck import Luck
from simkcc.engine.reference.people import Agent
from simkcc.model.contact_log import FOREVER
from simkcc.routing.tables import AgentChoice


class Staff(Luck):
    """The agents of a centre: by group, who is free and how many the roster wants."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.free: list[list[Agent]] = [[] for _ in plan.groups]
        self.idle = np.zeros(len(plan.groups), np.int64)
        self.idle_since = np.full(len(plan.groups), FOREVER, np.int64)
        self.level = [0] * len(plan.groups)

    # ----------------------------------------------------------------- free or busy

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

    # ----------------------------------------------------------------- the roster

    def log_on(self, agent: Agent) -> None:
        """An agent's shift begins."""
        self.come(agent)
        self.make_idle(agent)

    def send_home(self) -> None:
        """After closing time, let everyone go who found nobody waiting any more."""
        for group, level in enumerate(self.level):
            while level == 0 and self.free[group]:
                self.log_off(self.free[group].pop(0))
                self.note_idle(group)

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
        return bool(chance.uniform(key, int(Purpose.ABSENCE), number) >= row["absence"])
