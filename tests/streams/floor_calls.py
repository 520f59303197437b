"""Callers on the floor: into a queue, out of it, and on to the next by transfer."""

from streams.floor import RING, Agent, Base, Ring, Talk, Waiter
from streams.floor_truth import TrueVisit
from streams.floor_wire import SECOND, Channel

PATIENCE, TALK, WRAP = 12.0, 9.0, 3.0
FULL = 9
"""Callers in a queue, at which it takes no more."""
KEY = 0.05
"""Share of callers who press a key while they wait."""
TIMEOUT = 15.0
"""Seconds after which the dialplan takes a caller out of the queue."""


class Calls(Base):
    """What befalls callers."""

    def arrive(self) -> None:
        """Let somebody call; the next comes later."""
        self.later(self.rng.expovariate(1 / self.switches.every), self.arrive)
        number = f"0470{self.rng.randrange(10**6):06d}"
        if self.switches.trunk:
            channel = self.single("PJSIP/trunk", number=number)
        else:
            half = self.pair("Local/s@ivr", number=number).pair
            assert half is not None
            channel = half
        if self.rng.random() < 0.1:
            self.later(self.rng.uniform(1, 4), lambda: self.hang_up(channel))
            return
        queue = self.rng.choice(list(self.waiting))
        self.later(self.rng.uniform(0.5, 2), lambda: self.enter(channel, queue))

    def enter(self, channel: Channel, queue: str) -> Waiter | None:
        """Let a channel join a queue, if it may."""
        waiters = self.waiting[queue]
        if len(waiters) >= FULL or not self.members(queue):
            self.status(channel, "FULL" if self.members(queue) else "JOINEMPTY")
            self.later(0.5, lambda: self.hang_up(channel))
            return None
        visit = TrueVisit(queue, self.now)
        self.visits.append(visit)
        channel.last = queue
        waiter = Waiter(visit, channel, len(waiters) + 1)
        waiters.append(waiter)
        channel.application, channel.data = "Queue", f"{queue},ctr,,,60"
        place = [("Queue", queue), ("Position", len(waiters)), ("Count", len(waiters))]
        self.tell("QueueCallerJoin", visit, "join", channel.block(), place)
        self.writer.log(channel.uid, queue, "NONE", "ENTERQUEUE", "", channel.number, len(waiters))
        self.later(self.rng.expovariate(1 / PATIENCE), lambda: self.give_up(waiter))
        if self.rng.random() < KEY:
            self.later(self.rng.uniform(1, 6), lambda: self.press(waiter))
        self.later(TIMEOUT, lambda: self.time_out(waiter))
        self.match(queue)
        return waiter

    # ----------------------------------------------------------------- out without an agent

    def leaves(self, waiter: Waiter, outcome: str) -> tuple[int, int]:
        """Take somebody out of the queue; return the position and the whole seconds waited."""
        waiter.over = True
        for ring in list(waiter.rings):
            self.cancel(ring)
        waiters = self.waiting[waiter.visit.queue]
        position = waiters.index(waiter) + 1
        waiters.remove(waiter)
        waiter.visit.over, waiter.visit.outcome = self.now, outcome
        return position, waiter.visit.hold

    def tell_exit(self, waiter: Waiter, position: int, abandon: bool) -> None:
        """Write Abandon and Leave, or Leave alone."""
        visit, queue, channel = waiter.visit, ("Queue", waiter.visit.queue), waiter.channel
        if abandon:
            told = [queue, ("Position", position), ("OriginalPosition", waiter.position),
                    ("HoldTime", visit.hold)]  # fmt: skip
            self.tell("QueueCallerAbandon", visit, "abandon", channel.block(), told)
        count = len(self.waiting[visit.queue])
        told = [queue, ("Position", position), ("Count", count)]
        self.tell("QueueCallerLeave", visit, "leave", channel.block(), told)
        channel.application = channel.data = ""

    def give_up(self, waiter: Waiter) -> None:
        """Let somebody hang up who still waits."""
        if waiter.over:
            return
        position, waited = self.leaves(waiter, "abandoned")
        channel, visit = waiter.channel, waiter.visit
        if channel.pair in self.channels and self.rng.random() < 0.7:
            half, channel.pair = channel.pair, None
            assert half is not None
            half.pair = None
            self.hang_up(half)
        self.tell_exit(waiter, position, True)
        self.writer.log(
            channel.uid, visit.queue, "NONE", "ABANDON", position, waiter.position, waited
        )
        self.gone(waiter.channel)

    def press(self, waiter: Waiter) -> None:
        """Let somebody leave by a key."""
        if waiter.over:
            return
        position, waited = self.leaves(waiter, "key")
        self.tell_exit(waiter, position, False)
        self.writer.log(
            waiter.channel.uid, waiter.visit.queue, "NONE", "EXITWITHKEY", 1, position,
            waiter.position, waited,
        )  # fmt: skip
        self.later(2, lambda: self.gone(waiter.channel))

    def time_out(self, waiter: Waiter, word: str = "EXITWITHTIMEOUT") -> None:
        """Let the exchange take somebody out of the queue: too long, or nobody there any more."""
        if waiter.over:
            return
        empty = word == "EXITEMPTY"
        position, waited = self.leaves(waiter, "no_agents" if empty else "timeout")
        self.tell_exit(waiter, position, True)
        self.writer.log(
            waiter.channel.uid, waiter.visit.queue, "NONE", word, position, waiter.position, waited
        )
        self.status(waiter.channel, "LEAVEEMPTY" if empty else "TIMEOUT", waiter.visit)
        if self.rng.random() < 0.4:  # and on: to another queue, or to the same again
            queue = self.rng.choice(list(self.waiting))
            self.later(self.rng.uniform(0, 0.4), lambda: self.goes_on(waiter.channel, queue))
        else:
            self.later(2, lambda: self.gone(waiter.channel))

    def goes_on(self, channel: Channel, queue: str) -> None:
        """Let a caller who is still there join a queue."""
        if self.writer.open is None and channel.last == queue:
            self.gone(channel)  # twice in one queue while nobody listens looks like once
        elif self.alive(channel):
            self.enter(channel, queue)

    def gone(self, channel: Channel) -> None:
        """Hang up whoever is on a channel."""
        if self.alive(channel):
            self.hang_up(channel)

    # ----------------------------------------------------------------- rings

    def members(self, queue: str) -> list[Agent]:
        """Return the agents of a queue, paused or not."""
        return [agent for agent in self.agents if queue in agent.queues]

    def match(self, queue: str) -> None:
        """Ring whoever is free for whoever waits: all at once in the first queue."""
        for waiter in list(self.waiting[queue]):
            if waiter.rings or waiter.again > self.now:
                continue
            free = [
                agent for agent in self.members(queue)
                if agent.busy is None and queue not in agent.paused and agent.free_at <= self.now
            ]  # fmt: skip
            if not free:
                return
            self.rng.shuffle(free)
            for agent in free if queue == "q0" else free[:1]:
                self.ring(waiter, agent)

    def match_all(self) -> None:
        """Do so in all queues."""
        for queue in self.waiting:
            self.match(queue)

    def ring(self, waiter: Waiter, agent: Agent) -> None:
        """Ring an agent's telephone."""
        linked, number = waiter.channel.linked, waiter.channel.number
        make = self.single if self.switches.telephones else self.pair
        channel = make(agent.interface.removesuffix("/n"), linked, number)
        channel.application, channel.data = "AppQueue", "(Outgoing Line)"
        ring = Ring(waiter, agent, channel, self.now)
        waiter.rings.append(ring)
        agent.busy = ring
        self.tell("AgentCalled", None, "", *self.about(ring))
        self.agent_status(agent, 6)
        if self.rng.random() < 0.9:
            self.later(self.rng.uniform(0.2, 3), lambda: self.answer(ring))
        self.later(RING / SECOND, lambda: self.no_answer(ring))

    def about(self, ring: Ring | Talk, caller: bool = True, dest: bool = True
              ) -> list[list[tuple[str, str]]]:  # fmt: skip
        """Return the blocks of an agent's event: caller, agent's channel, queue and name."""
        channel = ring.waiter.channel if isinstance(ring, Ring) else ring.caller
        visit = ring.waiter.visit if isinstance(ring, Ring) else ring.visit
        return [
            channel.block() if caller else [],
            ring.channel.block("Dest") if dest else [],
            [("Queue", visit.queue), ("Interface", ring.agent.interface),
             ("MemberName", ring.agent.name)],
        ]  # fmt: skip

    def drop(self, ring: Ring) -> None:
        """Stop a ring."""
        ring.over = True
        ring.waiter.rings.remove(ring)
        ring.agent.busy = None
        if self.alive(ring.channel):
            self.hang_up(ring.channel)

    def cancel(self, ring: Ring) -> None:
        """Stop a ring because another answered, or nobody waits: only the log tells."""
        visit = ring.waiter.visit
        self.writer.log(
            ring.waiter.channel.uid, visit.queue, ring.agent.name, "RINGCANCELED",
            (self.now - ring.since) // 1000,
        )  # fmt: skip
        self.drop(ring)
        self.agent_status(ring.agent, 1)
        self.later(0.05, self.match_all)

    def no_answer(self, ring: Ring) -> None:
        """Give up on an agent who does not pick up."""
        if ring.over:
            return
        waiter = ring.waiter
        self.tell("AgentRingNoAnswer", None, "", *self.about(ring), [("RingTime", 8000)])
        self.writer.log(
            waiter.channel.uid, waiter.visit.queue, ring.agent.name, "RINGNOANSWER", 8000
        )
        self.drop(ring)
        self.agent_status(ring.agent, 1)
        waiter.again = self.now + SECOND
        self.later(1.001, self.match_all)

    def answer(self, ring: Ring) -> None:
        """Let an agent pick up."""
        if ring.over:
            return
        waiter, agent, visit = ring.waiter, ring.agent, ring.waiter.visit
        for other in [other for other in waiter.rings if other is not ring]:
            self.cancel(other)
        waiter.over = ring.over = True
        waiter.rings.clear()
        queue = self.waiting[visit.queue]
        position = queue.index(waiter) + 1
        queue.remove(waiter)
        visit.answered, visit.agent, visit.outcome = self.now, agent.name, "answered"
        left = [("Queue", visit.queue), ("Position", position), ("Count", len(queue))]
        self.tell("QueueCallerLeave", visit, "leave", waiter.channel.block(), left)
        rang = self.now // SECOND - ring.since // SECOND
        self.tell("AgentConnect", visit, "connect", *self.about(ring)[:2],
                  [("Queue", visit.queue), ("HoldTime", visit.hold), ("RingTime", rang),
                   ("Interface", agent.interface), ("MemberName", agent.name)])  # fmt: skip
        self.writer.log(
            waiter.channel.uid, visit.queue, agent.name, "CONNECT", visit.hold, ring.channel.uid,
            rang,
        )  # fmt: skip
        talk = Talk(visit, waiter.channel, agent, ring.channel, waiter.position)
        agent.busy = talk
        self.talks.append(talk)
        self.bridge(waiter.channel, ring.channel)
        self.agent_status(agent, 2, talk)
        self.later(self.rng.gammavariate(2, TALK / 2), lambda: self.ends(talk))

    def bridge(self, *channels: Channel) -> None:
        """Join channels in a bridge of their own."""
        self._names += 1
        for channel in channels:
            channel.bridge = f"bridge-{self._names}"

    # to be told by others
    def ends(self, talk: Talk) -> None:
        raise NotImplementedError

    def agent_status(self, agent: Agent, status: int, talk: Talk | None = None) -> None:
        raise NotImplementedError
