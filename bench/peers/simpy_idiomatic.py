"""W1 and W2 in SimPy as its experienced users write them: one process tells one call."""

from collections import deque
from random import Random

import simpy

from bench.outcome import Outcome, blank_tally, close_tally
from bench.workloads import ANSWERED_WITHIN, W1, W2

TRANSFER, CALLBACK = 0, 1
"""Priorities in the second line; the lowest goes first."""


def run_w1(calls: int, seed: int) -> Outcome:
    """Simulate W1 with a Resource; an impatient call waits for `request | timeout`."""
    env = simpy.Environment()
    agents = simpy.Resource(env, W1.agents)
    tally = blank_tally()
    env.process(send_calls(env, agents, Random(seed), tally, calls))
    env.run()
    return close_tally(tally)


def send_calls(env, agents, random, tally, calls):
    """Start `calls` call processes, a Poisson stream."""
    for _ in range(calls):
        yield env.timeout(random.expovariate(1 / W1.mean_gap))
        env.process(call(env, agents, random, tally))


def call(env, agents, random, tally):
    """Tell one call of W1: wait for an agent until patience runs out, then talk."""
    tally.calls += 1
    tally.offered += 1
    joined = env.now
    with agents.request() as request:
        patience = env.timeout(random.expovariate(1 / W1.mean_patience))
        met = yield request | patience
        if request not in met:
            tally.abandoned += 1
            return
        count_answer(tally, env.now - joined)
        talk = random.expovariate(1 / W1.mean_talk)
        tally.talk += talk
        yield env.timeout(talk)


def count_answer(tally, wait):
    """Count an answered visit to the first line and its wait."""
    tally.answered += 1
    tally.wait += wait
    tally.within += wait <= ANSWERED_WITHIN


def run_w2(calls: int, seed: int) -> Outcome:
    """Simulate W2: a FirstLine that matches callers and agents, a PriorityResource behind it."""
    env = simpy.Environment()
    centre = Centre(env, Random(seed))
    env.process(centre.send_callers(calls))
    env.run()
    return close_tally(centre.tally)


class Visit:
    """A caller in a queue of the first line; `answered` fires with the group that answers."""

    __slots__ = ("answered", "joined", "queue")

    def __init__(self, env, queue):
        self.queue = queue
        self.joined = env.now
        self.answered = env.event()


class FirstLine:
    """Four queues and the free agents of two groups."""

    def __init__(self, env):
        self.env = env
        self.waiting = [deque() for _ in W2.topics]
        self.free = [W2.agents for _ in W2.groups]

    def take_agent(self, group):
        """Return True and keep an agent of the group busy, when one is free."""
        if not self.free[group]:
            return False
        self.free[group] -= 1
        return True

    def join(self, queue):
        """Return a new visit at the end of the queue."""
        visit = Visit(self.env, queue)
        self.waiting[queue].append(visit)
        return visit

    def overflow(self, visit):
        """Let a free agent of the other group, if any, answer a visit that waited long enough."""
        group = 1 - W2.own_group[visit.queue]
        if self.take_agent(group):
            self.answer(visit, group)

    def answer(self, visit, group):
        """Take the visit from its queue and wake its caller."""
        self.leave(visit)
        visit.answered.succeed(group)

    def leave(self, visit):
        """Take the visit from its queue."""
        self.waiting[visit.queue].remove(visit)

    def release(self, group):
        """Let an agent who comes free answer the longest waiting caller it may answer."""
        heads = [line[0] for line in self.waiting if line and self.may_answer(group, line[0])]
        if heads:
            self.answer(min(heads, key=lambda visit: visit.joined), group)
        else:
            self.free[group] += 1

    def may_answer(self, group, visit):
        """True for a visit of the group's own queues, or one that has waited long enough."""
        own = W2.own_group[visit.queue] == group
        return own or self.env.now - visit.joined >= W2.overflow_after


class Centre:
    """The processes of W2."""

    def __init__(self, env, random):
        self.env = env
        self.random = random
        self.first = FirstLine(env)
        self.second = simpy.PriorityResource(env, W2.second_agents)
        self.tally = blank_tally()

    def exponential(self, mean):
        """Draw a time with this mean."""
        return self.random.expovariate(1 / mean)

    def send_callers(self, calls):
        """Start `calls` caller processes, a Poisson stream."""
        for _ in range(calls):
            yield self.env.timeout(self.exponential(W2.mean_gap))
            self.env.process(self.caller())

    def caller(self):
        """Tell one caller's journey through menu and first line."""
        self.tally.calls += 1
        (topic,) = self.random.choices(range(len(W2.topics)), W2.topic_shares)
        queue = yield from self.menu(topic)
        if queue is None:
            return
        group = yield from self.wait_in(queue)
        if group is not None and queue != topic:
            yield self.env.timeout(W2.wrong_talk)
            self.first.release(group)
            group = yield from self.wait_in(topic)
        if group is not None:
            yield from self.talk(group)

    def menu(self, topic):
        """Return the chosen queue, None for a caller who hangs up in the menu."""
        early = self.random.random() < W2.early_choice
        stay = self.random.uniform(0, W2.menu) if early else W2.menu
        hang_up = self.exponential(W2.mean_time_to_hang_up)
        yield self.env.timeout(min(stay, hang_up))
        if hang_up < stay:
            self.tally.menu_abandoned += 1
            return None
        if self.random.random() < (W2.wrong_when_early if early else W2.wrong_when_heard):
            return self.random.choice([other for other in range(len(W2.topics)) if other != topic])
        return topic

    def wait_in(self, queue):
        """Return the group that answers, None for a caller who abandons the queue."""
        self.tally.offered += 1
        group = W2.own_group[queue]
        if self.first.take_agent(group):
            count_answer(self.tally, 0.0)
            return group
        visit = self.first.join(queue)
        patience = self.exponential(W2.mean_patience)
        yield visit.answered | self.env.timeout(min(patience, W2.overflow_after))
        if not visit.answered.triggered and patience > W2.overflow_after:
            self.first.overflow(visit)
            yield visit.answered | self.env.timeout(patience - W2.overflow_after)
        if not visit.answered.triggered:
            self.first.leave(visit)
            self.tally.abandoned += 1
            return None
        count_answer(self.tally, self.env.now - visit.joined)
        return visit.answered.value

    def talk(self, group):
        """Talk, send the caller on if need be, and wrap up."""
        yield self.env.timeout(self.random.lognormvariate(W2.talk_mu, W2.talk_sigma))
        luck = self.random.random()
        if luck < W2.transferred:
            self.env.process(self.transfer())
        elif luck < W2.transferred + W2.called_back:
            self.env.process(self.callback())
        yield self.env.timeout(self.exponential(W2.mean_wrap_up))
        self.first.release(group)

    def transfer(self):
        """Wait for the second line until patience runs out, then talk."""
        self.tally.transfers += 1
        with self.second.request(priority=TRANSFER) as request:
            met = yield request | self.env.timeout(self.exponential(W2.mean_patience))
            if request not in met:
                self.tally.second_abandoned += 1
                return
            yield self.env.timeout(self.exponential(W2.mean_second_talk))
            yield self.env.timeout(self.exponential(W2.mean_wrap_up))

    def callback(self):
        """Wait until the second line has time, and be called back."""
        born = self.env.now
        with self.second.request(priority=CALLBACK) as request:
            yield request
            wait = self.env.now - born
            yield self.env.timeout(self.exponential(W2.mean_callback))
        self.tally.callbacks += 1
        self.tally.callback_wait += wait
