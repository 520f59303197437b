"""Talks on the floor: how they end, blind transfers, and attended ones with their consult calls."""

from streams.floor import Talk, Waiter
from streams.floor_calls import WRAP, Calls
from streams.floor_wire import SECOND


class Talks(Calls):
    """What becomes of talks."""

    def ends(self, talk: Talk) -> None:
        """End a talk in one of the ways there are."""
        if talk.over or talk.consult is not None:
            return
        rng = self.rng
        if rng.random() < self.switches.transfers:
            if rng.random() < 0.5:
                self.blind(talk)
            else:
                self.consults(talk)
        elif rng.random() < 0.8:
            self.agent_ends(talk)
        else:
            self.caller_ends(talk)

    def close(self, talk: Talk, reason: str, word: str = "", *data: object) -> None:
        """Write that a talk is over. Blocks of channels that are gone already may be missing."""
        talk.over = True
        self.talks.remove(talk)
        visit, agent = talk.visit, talk.agent
        visit.over = self.now
        counted = (visit.hold, visit.talk)
        self.writer.log(
            talk.caller.uid, visit.queue, agent.name, word or f"COMPLETE{reason.upper()}",
            *data, *counted, talk.position,
        )  # fmt: skip
        caller = self.alive(talk.caller) or self.rng.random() < 0.5
        dest = self.alive(talk.channel) or self.rng.random() < 0.5
        self.tell(
            "AgentComplete", visit, "complete", *self.about(talk, caller, dest)[:2],
            [("Queue", visit.queue), ("HoldTime", counted[0]), ("TalkTime", counted[1]),
             ("Reason", reason), ("Interface", agent.interface), ("MemberName", agent.name)],
        )  # fmt: skip

    def free(self, talk: Talk) -> None:
        """Let the agent go: after-call work, then the next."""
        agent = talk.agent
        self.gone(talk.channel)
        agent.busy, agent.free_at = None, self.now + round(WRAP * SECOND)
        agent.taken, agent.last_call = agent.taken + 1, self.now // SECOND
        self.agent_status(agent, 1)
        self.later(WRAP + 0.001, self.match_all)

    def agent_ends(self, talk: Talk) -> None:
        """Let the agent hang up; the caller may go on to another queue."""
        if self.rng.random() < 0.1:
            self.gone(talk.channel)
        self.close(talk, "agent")
        self.free(talk)
        caller = talk.caller
        caller.bridge = ""
        if self.rng.random() < 0.15:
            queue = self.rng.choice(list(self.waiting))
            self.later(0.002, lambda: self.goes_on(caller, queue))
        else:
            self.later(0.5, lambda: self.gone(caller))

    def caller_ends(self, talk: Talk) -> None:
        """Let the caller hang up."""
        early = self.rng.random() < 0.3
        if early:
            self.gone(talk.caller)
            if self.rng.random() < 0.4:
                self.gone(talk.channel)
        self.close(talk, "caller")
        self.gone(talk.caller)
        self.free(talk)

    def blind(self, talk: Talk) -> None:
        """Send the caller to a queue, perhaps the same; the new visit may be told first."""
        queue, caller, channel = self.rng.choice(list(self.waiting)), talk.caller, talk.channel
        if self.writer.open is None and queue == talk.visit.queue:
            self.agent_ends(talk)  # twice in one queue while nobody listens looks like once
            return
        names = [("TransfererUniqueid", channel.uid), ("TransfereeUniqueid", caller.uid)]
        self.writer.event("BlindTransfer", [("Result", "Success"), *names], "call,all")
        caller.bridge = ""
        first = self.rng.random() < 0.4
        if first:
            self.enter(caller, queue)
        self.close(talk, "transfer", "BLINDTRANSFER", "andere", "doorverbinden")
        self.free(talk)
        if not first:
            self.goes_on(caller, queue)

    # ----------------------------------------------------------------- attended transfers

    def consults(self, talk: Talk) -> None:
        """Let the agent put the caller on hold and call another queue."""
        self.writer.event("Hold", talk.channel.block(), "call,all")
        half = self.pair("Local/tweede@doorverbinden", talk.caller.linked, talk.caller.number)
        assert half.pair is not None
        talk.channel.bridge = ""
        self.bridge(talk.channel, half)
        queue = self.rng.choice([q for q in self.waiting if q != talk.visit.queue])
        waiter = self.enter(half.pair, queue)
        if waiter is None:
            self.bridge(talk.caller, talk.channel)
            self.later(1, lambda: self.agent_ends(talk) if not talk.over else None)
            return
        talk.consult = waiter
        how = self.rng.choice((self.completes, self.completes, self.loses, self.takes_back))
        self.later(self.rng.uniform(1, 6), lambda: how(talk, waiter))

    def _second(self, waiter: Waiter) -> Talk | None:
        """Return the consult call's talk, if it is under way."""
        return next((talk for talk in self.talks if talk.visit is waiter.visit), None)

    def completes(self, talk: Talk, waiter: Waiter) -> None:
        """Let the agent step out: the caller is joined to the consult call."""
        second = self._second(waiter)
        if waiter.over and second is None:
            self.takes_back(talk, waiter)
            return
        half = waiter.channel.pair
        assert half is not None
        self.bridge(talk.caller, half)
        names = [("OrigTransfererUniqueid", talk.channel.uid),
                 ("TransfereeUniqueid", talk.caller.uid)]  # fmt: skip
        self.writer.event("AttendedTransfer", [("Result", "Success"), *names], "call,all")
        if self.rng.random() < 0.5:
            self.close(talk, "transfer", "ATTENDEDTRANSFER", "BRIDGE", talk.caller.bridge)
        else:
            self.close(talk, "agent")
        self.free(talk)
        caller = talk.caller
        trunk = self.switches.trunk and self.writer.open is not None
        if not waiter.over and trunk and self.rng.random() < 0.5:
            self.takes_place(waiter, talk)
            return
        self._watch(waiter, caller)

    def takes_place(self, waiter: Waiter, talk: Talk) -> None:
        """Put the caller's channel, and its identifier, in the place of the consult call's."""
        old, caller = waiter.channel, talk.caller
        caller.bridge, caller.application, caller.data = "", old.application, old.data
        waiter.channel = caller
        self.hang_up(old)

    def _watch(self, waiter: Waiter, caller: object) -> None:
        """Hang up the caller when the consult call's channel is gone."""

        def look() -> None:
            if waiter.channel not in self.channels:
                self.gone(caller)  # type: ignore[arg-type]
            else:
                self.later(0.5, look)

        look()

    def loses(self, talk: Talk, waiter: Waiter) -> None:
        """Let the caller hang up while the agent consults; the agent soon does, too."""
        if talk.over:
            return
        self.caller_ends_alone(talk)
        self.later(1.5, lambda: self._drop_consult(waiter))

    def caller_ends_alone(self, talk: Talk) -> None:
        """End the first talk, whose caller is alone on hold."""
        self.close(talk, "caller")
        self.gone(talk.caller)
        agent = talk.agent
        agent.taken, agent.last_call = agent.taken + 1, self.now // SECOND
        self.later(1.6, lambda: self.free(talk))

    def takes_back(self, talk: Talk, waiter: Waiter) -> None:
        """Let the agent drop the consult call and go on with the caller."""
        self._drop_consult(waiter)
        if talk.over:
            return
        self.bridge(talk.caller, talk.channel)
        self.writer.event("Unhold", talk.channel.block(), "call,all")
        talk.consult = None
        self.later(self.rng.uniform(1, 5), lambda: None if talk.over else self.agent_ends(talk))

    def _drop_consult(self, waiter: Waiter) -> None:
        """Hang up the consult call: an abandonment, or the end of its talk by its caller."""
        second = self._second(waiter)
        if second is not None and second.consult is None:
            self.caller_ends(second)
        elif not waiter.over:
            self.give_up(waiter)
