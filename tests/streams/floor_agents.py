"""Agents of the floor, the lists the exchange gives, and restarts: the whole floor at last."""

from functools import partial

from streams.floor import START, Agent, Talk
from streams.floor_talks import Talks
from streams.floor_wire import SECOND

REASONS = ("Pauze", "Training", "Administratie")


class Floor(Talks):
    """A floor, ready to play."""

    def open(self) -> "Floor":
        """Hire agents, plan what is to come, and play it to the end."""
        switches, rng = self.switches, self.rng
        queues = list(self.waiting)
        for number in range(switches.agents):
            mine = sorted(rng.sample(queues, rng.randint(1, len(queues))))
            mine = sorted({*mine, queues[number % len(queues)]})
            technology = "PJSIP/agent%d" if switches.telephones else "Local/agent%d@agents/n"
            self.agents.append(
                Agent(f"Medewerker Ü{number}", technology % number, mine, login=START // SECOND)
            )
        self.writer.now = self.writer.booted = self.now
        self.writer.log("NONE", "NONE", "NONE", "QUEUESTART", "")
        for begin, end in switches.connections:
            self.later(begin, self.connect, always=True)
            self.later(min(end, switches.length + 1), self.writer.disconnect, always=True)
        for die, back in switches.restarts:
            self.later(die, self.die, always=True)
            self.later(back, self.boot, always=True)
        self.later(0.5, self.arrive)
        self.later(5, self.operate)
        self.play()
        return self

    def boot(self) -> None:
        """Start the exchange again: nobody calls yet, and agents have logged in anew."""
        self.up, self.writer.booted = True, self.now
        self.writer.log("NONE", "NONE", "NONE", "QUEUESTART", "")
        for agent in self.agents:
            agent.busy, agent.free_at, agent.taken, agent.last_call = None, 0, 0, 0
            agent.login = self.now // SECOND
        self.later(0.5, self.arrive)
        self.later(5, self.operate)

    # ----------------------------------------------------------------- agents

    def member(self, agent: Agent, queue: str, status: int, talk: Talk | None = None
               ) -> list[tuple[str, object]]:  # fmt: skip
        """Return the fields that tell of an agent in a queue."""
        in_call = talk is not None and talk.visit.queue == queue
        return [
            ("StateInterface", agent.interface), ("Membership", "static"), ("Penalty", 0),
            ("CallsTaken", agent.taken), ("LastCall", agent.last_call), ("LastPause", 0),
            ("LoginTime", agent.login), ("InCall", int(in_call)), ("Status", status),
            ("Paused", int(queue in agent.paused)), ("PausedReason", agent.paused.get(queue, "")),
        ]  # fmt: skip

    def about_member(self, name: str, agent: Agent, queue: str, status: int = 1,
                     talk: Talk | None = None) -> None:  # fmt: skip
        """Write an event about an agent in a queue."""
        who: list[tuple[str, object]] = [
            ("Queue", queue), ("MemberName", agent.name), ("Interface", agent.interface)
        ]  # fmt: skip
        said = self.member(agent, queue, status, talk)
        self.tell(name, None, "", who, said, [("Ringinuse", 0), ("Wrapuptime", 0)])

    def agent_status(self, agent: Agent, status: int, talk: Talk | None = None) -> None:
        """Write the new state of a telephone, once per queue."""
        for queue in agent.queues:
            self.about_member("QueueMemberStatus", agent, queue, status, talk)

    def operate(self) -> None:
        """Let an agent pause, come back, join a queue or leave one."""
        self.later(self.rng.uniform(3, 12), self.operate)
        agent = self.rng.choice(self.agents)
        what = self.rng.random()
        if agent.paused:
            self._unpause(agent)
        elif what < 0.4:
            self._pause(agent, agent.queues, self.rng.choice(REASONS))
        elif what < 0.6 and agent.queues:
            self._pause(agent, [self.rng.choice(agent.queues)], self.rng.choice(REASONS))
        elif what < 0.8:
            self._add(agent)
        elif agent.queues:
            self._remove(agent, self.rng.choice(agent.queues))
        self.match_all()

    def _pause(self, agent: Agent, queues: list[str], reason: str) -> None:
        if len(queues) == len(agent.queues):
            self.writer.log("NONE", "NONE", agent.name, "PAUSEALL", reason)
        for queue in list(queues):
            agent.paused[queue] = reason
            self.about_member("QueueMemberPause", agent, queue)
            self.writer.log("NONE", queue, agent.name, "PAUSE", reason)

    def _unpause(self, agent: Agent) -> None:
        queues = list(agent.paused)
        if len(queues) == len(agent.queues):
            self.writer.log("NONE", "NONE", agent.name, "UNPAUSEALL", "")
        for queue in queues:
            del agent.paused[queue]
            self.about_member("QueueMemberPause", agent, queue)
            self.writer.log("NONE", queue, agent.name, "UNPAUSE", "")

    def _add(self, agent: Agent) -> None:
        others = [queue for queue in self.waiting if queue not in agent.queues]
        if others:
            queue = self.rng.choice(others)
            agent.queues.append(queue)
            self.about_member("QueueMemberAdded", agent, queue)
            self.writer.log("MANAGER", queue, agent.interface, "ADDMEMBER", "")

    def _remove(self, agent: Agent, queue: str) -> None:
        agent.queues.remove(queue)
        agent.paused.pop(queue, None)
        self.about_member("QueueMemberRemoved", agent, queue)
        self.writer.log("MANAGER", queue, agent.interface, "REMOVEMEMBER", "")
        if not self.members(queue):  # leave when empty
            for waiter in list(self.waiting[queue]):
                self.time_out(waiter, "EXITEMPTY")

    # ----------------------------------------------------------------- connections

    def connect(self) -> None:
        """Let somebody connect, and ask for both lists; what happens meanwhile goes between."""
        if not self.up:
            self.later(0.5, self.connect, always=True)
            return
        self.writer.connect()
        action = ("ActionID", "rec-QueueStatus")
        self.writer.answer([("Response", "Success"), action, ("EventList", "start")])
        for number, queue in enumerate(self.waiting):
            self.later(0.002 * number, partial(self._list_queue, queue))
        at = 0.002 * len(self.waiting)
        done: list[tuple[str, object]] = [
            ("Event", "QueueStatusComplete"), action, ("EventList", "Complete")
        ]  # fmt: skip
        self.later(at, lambda: self.writer.answer(done))
        if self.switches.channels:
            self.later(at + 0.003, self._list_channels)

    def _list_queue(self, queue: str) -> None:
        action = ("ActionID", "rec-QueueStatus")
        answer, waiters = self.writer.answer, self.waiting[queue]
        answer([("Event", "QueueParams"), ("Queue", queue), ("Max", 0), ("Strategy", "ringall"),
                ("Calls", len(waiters)), ("Holdtime", 0), ("Completed", 0), action])  # fmt: skip
        for agent in self.members(queue):
            talk = agent.busy if isinstance(agent.busy, Talk) else None
            status = 1 if agent.busy is None else 2 if talk else 6
            answer([("Event", "QueueMember"), ("Queue", queue), ("Name", agent.name),
                    ("Location", agent.interface), *self.member(agent, queue, status, talk),
                    ("Wrapuptime", 0), action])  # fmt: skip
        for position, waiter in enumerate(waiters, 1):
            channel = waiter.channel
            wait = self.now // SECOND - waiter.visit.joined // SECOND
            answer([("Event", "QueueEntry"), ("Queue", queue), ("Position", position),
                    ("Channel", channel.name), ("Uniqueid", channel.uid),
                    ("CallerIDNum", channel.number), ("CallerIDName", "<unknown>"),
                    ("ConnectedLineNum", "<unknown>"), ("ConnectedLineName", "<unknown>"),
                    ("Wait", wait), ("Priority", 0), action])  # fmt: skip
            if self.writer.open is not None:
                waiter.visit.heard.add("listed waiting")

    def _list_channels(self) -> None:
        action = ("ActionID", "rec-CoreShowChannels")
        self.writer.answer([("Response", "Success"), action, ("EventList", "start")])
        for channel in self.channels:
            block = [("Event", "CoreShowChannel"), action, *channel.block()]
            self.writer.answer(
                [*block, ("BridgeId", channel.bridge), ("Application", channel.application),
                 ("ApplicationData", channel.data), ("Duration", "00:00:07")]
            )  # fmt: skip
        for talk in self.talks:
            if talk.caller.bridge == talk.channel.bridge and self.writer.open is not None:
                talk.visit.heard.add("listed talking")
        self.writer.answer([("Event", "CoreShowChannelsComplete"), action])
