"""W1 and W2 with heapq by hand: an event list as fast as plain Python gets without contortions.

Abandoned visits stay in their deque until an agent looks at them, as only counts are asked.
W1 alone has a shorter way, a recursion over the times at which agents come free; it is no
event list and does not grow to W2, so it does not compete.
"""

from bisect import bisect
from collections import deque
from heapq import heappop, heappush, heapreplace
from itertools import accumulate, count
from math import exp, inf, log
from random import Random

from bench.outcome import Outcome, blank_tally, close_tally
from bench.workloads import ANSWERED_WITHIN, W1, W2


def run_w1(calls: int, seed: int) -> Outcome:
    """Simulate W1 over a heap of the ends of talks; the next arrival stands beside it."""
    random = Random(seed).random
    answered = abandoned = within = 0
    total_wait = total_talk = 0.0
    ends = [inf]
    waiting: deque[tuple[float, float]] = deque()
    left = calls
    arrival = -W1.mean_gap * log(1.0 - random())
    while True:
        if arrival < ends[0]:
            if len(ends) <= W1.agents:
                talk = -W1.mean_talk * log(1.0 - random())
                heappush(ends, arrival + talk)
                answered += 1
                within += 1
                total_talk += talk
            else:
                waiting.append((arrival, arrival - W1.mean_patience * log(1.0 - random())))
            left -= 1
            arrival = arrival - W1.mean_gap * log(1.0 - random()) if left else inf
            continue
        now = ends[0]
        if now == inf:
            return Outcome(calls, calls, answered, abandoned, within, total_wait, total_talk)
        while waiting:
            joined, deadline = waiting.popleft()
            if deadline >= now:
                talk = -W1.mean_talk * log(1.0 - random())
                heapreplace(ends, now + talk)
                answered += 1
                within += now - joined <= ANSWERED_WITHIN
                total_wait += now - joined
                total_talk += talk
                break
            abandoned += 1
        else:
            heappop(ends)


def run_w2(calls: int, seed: int) -> Outcome:
    """Simulate W2: take the earliest event, call its handler, until none is left."""
    centre = Centre(Random(seed), calls)
    events = centre.events
    while events:
        now, _, handle, subject = heappop(events)
        handle(now, subject)
    return close_tally(centre.tally)


class Visit:
    """A caller of a topic in a queue of the first line, of whichever state.

    waiting: true until answered. deadline: when patience runs out, unless answered before.
    """

    __slots__ = ("deadline", "joined", "queue", "topic", "waiting")

    def __init__(self, topic, queue, joined, deadline):
        self.topic = topic
        self.queue = queue
        self.joined = joined
        self.deadline = deadline
        self.waiting = True


class Centre:
    """The event handlers of W2; each takes the time and the event's subject."""

    def __init__(self, chance, calls):
        self.random = chance.random
        self.gauss = chance.gauss
        self.left = calls
        self.tally = blank_tally()
        self.serials = count()
        self.topic_edges = list(accumulate(W2.topic_shares))[:-1]
        self.queues = [(deque(), group) for group in W2.own_group]
        self.free = [W2.agents for _ in W2.groups]
        self.transfers = deque()
        self.callbacks = deque()
        self.second_free = W2.second_agents
        self.events = []
        self.schedule(self.exponential(W2.mean_gap), self.arrive, None)

    def schedule(self, time, handle, subject):
        """Put an event on the heap; the serial number keeps ties from comparing handlers."""
        heappush(self.events, (time, next(self.serials), handle, subject))

    def exponential(self, mean):
        """Draw a time with this mean."""
        return -mean * log(1.0 - self.random())

    def arrive(self, now, _):
        """Draw a caller and how the menu ends for them, and plan the next arrival."""
        self.tally.calls += 1
        self.left -= 1
        if self.left:
            self.schedule(now + self.exponential(W2.mean_gap), self.arrive, None)
        early = self.random() < W2.early_choice
        stay = W2.menu * self.random() if early else W2.menu
        if self.exponential(W2.mean_time_to_hang_up) < stay:
            self.tally.menu_abandoned += 1
            return
        queue = topic = bisect(self.topic_edges, self.random())
        if self.random() < (W2.wrong_when_early if early else W2.wrong_when_heard):
            queue = (topic + 1 + int(3 * self.random())) % 4
        self.schedule(now + stay, self.choose, (topic, queue))

    def choose(self, now, chosen):
        """Leave the menu for the chosen queue."""
        self.join(now, *chosen)

    def join(self, now, topic, queue):
        """Be answered by the queue's own group, or wait and plan the overflow."""
        self.tally.offered += 1
        deadline = now + self.exponential(W2.mean_patience)
        visit = Visit(topic, queue, now, deadline)
        line, group = self.queues[queue]
        if self.free[group]:
            self.free[group] -= 1
            self.answer(now, visit, group)
            return
        line.append(visit)
        if deadline > now + W2.overflow_after:
            self.schedule(now + W2.overflow_after, self.overflow, visit)

    def overflow(self, now, visit):
        """Let a free agent of the other group answer a visit that still waits."""
        group = 1 - W2.own_group[visit.queue]
        if visit.waiting and self.free[group]:
            self.free[group] -= 1
            self.answer(now, visit, group)

    def answer(self, now, visit, group):
        """Count the wait and plan the end of the talk."""
        visit.waiting = False
        wait = now - visit.joined
        tally = self.tally
        tally.answered += 1
        tally.wait += wait
        tally.within += wait <= ANSWERED_WITHIN
        if visit.topic == visit.queue:
            talk = exp(self.gauss(W2.talk_mu, W2.talk_sigma))
            self.schedule(now + talk, self.end_talk, group)
        else:
            self.schedule(now + W2.wrong_talk, self.end_wrong_talk, (visit.topic, group))

    def end_wrong_talk(self, now, subject):
        """Free the agent at once and send the caller to the right queue."""
        topic, group = subject
        self.release(now, group)
        self.join(now, topic, topic)

    def end_talk(self, now, group):
        """Send the caller on if need be; the agent wraps up."""
        luck = self.random()
        if luck < W2.transferred:
            self.tally.transfers += 1
            self.transfers.append(now + self.exponential(W2.mean_patience))
            self.seat_second(now)
        elif luck < W2.transferred + W2.called_back:
            self.callbacks.append(now)
            self.seat_second(now)
        self.schedule(now + self.exponential(W2.mean_wrap_up), self.release, group)

    def release(self, now, group):
        """Let an agent who comes free answer the longest waiting caller it may answer."""
        longest = None
        joined_by = now - W2.overflow_after
        for line, own_group in self.queues:
            while line and not (line[0].waiting and line[0].deadline >= now):
                self.tally.abandoned += line.popleft().waiting
            if not line:
                continue
            head = line[0]
            may_answer = own_group == group or head.joined <= joined_by
            if may_answer and (longest is None or head.joined < longest[0].joined):
                longest = line
        if longest is None:
            self.free[group] += 1
        else:
            self.answer(now, longest.popleft(), group)

    def seat_second(self, now):
        """Give a free agent of the second line the first transfer, else the first task."""
        while self.transfers and self.transfers[0] < now:
            self.transfers.popleft()
            self.tally.second_abandoned += 1
        if not self.second_free:
            return
        if self.transfers:
            self.transfers.popleft()
            talk = self.exponential(W2.mean_second_talk)
            wrap_up = self.exponential(W2.mean_wrap_up)
            self.schedule(now + talk + wrap_up, self.release_second, None)
        elif self.callbacks:
            self.tally.callback_wait += now - self.callbacks.popleft()
            self.schedule(now + self.exponential(W2.mean_callback), self.end_callback, None)
        else:
            return
        self.second_free -= 1

    def release_second(self, now, _):
        """Let an agent of the second line go on to the next."""
        self.second_free += 1
        self.seat_second(now)

    def end_callback(self, now, _):
        """Count a callback done; its agent goes on to the next."""
        self.tally.callbacks += 1
        self.release_second(now, None)
