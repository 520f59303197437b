"""In a queue, until an agent answers or something else ends it."""

from bisect import insort
from typing import Any

from simkcc.engine.chance import Purpose
from simkcc.engine.reference.clock import Signal, Story
from simkcc.engine.reference.matching import Matching
from simkcc.engine.reference.people import Contact
from simkcc.model.contact_log import NONE, How, LegKind
from simkcc.model.events import Due


class Waiting(Matching):
    """The wait of a contact: how it begins, what may fall due meanwhile, how it ends."""

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
        me.wake = Signal(self.clock)
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

    # ----------------------------------------------------------------- how long is the queue

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

    # ----------------------------------------------------------------- what falls due meanwhile

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

        def on_due(_: Signal) -> None:
            if me.queue != NONE and me.join == join:
                handler(me, *arguments)

        return on_due

    # ----------------------------------------------------------------- what happens then

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
