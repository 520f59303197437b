"""Who answers whom: the shared rules, asked about the queues and the agents of this engine."""

from collections.abc import Iterator

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import AtClose, Plan
from simkcc.engine.reference.people import Agent, Contact
from simkcc.engine.reference.staff import Staff
from simkcc.model.contact_log import NONE, How
from simkcc.routing.rules import goes_first, may_answer, pick_agent
from simkcc.routing.tables import QueuePick


class Matching(Staff):
    """The queues, and the agents who answer them."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.queues: list[list[Contact]] = [[] for _ in plan.queues]
        self.picks = [0] * len(plan.groups)

    def answer_next(self) -> bool:
        """Let the lowest group that can answer someone do so; False if none can."""
        for group in range(len(self.free)):
            if self.free[group]:
                other = self.next_for(group)
                if other is not None:
                    self.answer(other)
                    return True
        return False

    def next_for(self, group: int) -> Contact | None:
        """Return the contact that a free agent of `group` answers next."""
        pick = int(self.plan.groups[group]["pick"])
        best, best_score = None, 0.0
        for other, queue, rank in self.candidates(group):
            score = 0.0
            if pick == QueuePick.WEIGHTED:
                u = chance.uniform(other.key, int(Purpose.QUEUE), self.picks[group])
                weight = self.plan.routes[queue, rank]["weight"]
                score = chance.quantile(self.plan.tables[0], u) / weight
            if best is None or goes_first(
                pick, other.priority, other.joined, other.serial, score,
                best.priority, best.joined, best.serial, best_score,
            ):  # fmt: skip
                best, best_score = other, score
        return best

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

    def agent_for(self, me: Contact, queue: int) -> tuple[int, int, int]:
        """Return (group, rank, position) of the agent who would answer the contact now."""
        u = chance.uniform(me.key, int(Purpose.AGENT), me.join)
        return pick_agent(
            self.plan.routes, self.plan.groups, queue, me.open_ranks, self.open_now, self.idle,
            self.idle_since, u,
        )  # fmt: skip

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
