"""What is true of every run, whatever the centre: nobody is lost, nobody is in two places at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engine.plans import seeded_plan

from simkcc.engine import runs
from simkcc.engine.plan import Plan
from simkcc.engine.reference import Centre, Contact
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
    ContactLog,
    How,
    LegKind,
    Outcome,
)
from simkcc.model.events import Happening

MOST = 800
"""Contacts of a plan that is still looked at."""
FAST = range(24)
SLOW = range(100, 800, 20)
"""First seeds of chunks of twenty."""


@lru_cache(maxsize=64)
def kernel_log(seed: int) -> ContactLog:
    """Return the contact log of a random centre, played on the kernel, in order."""
    return runs.play(seeded_plan(seed)).in_order()


def small(seeds: range) -> Iterator[tuple[int, Plan, ContactLog]]:
    """Yield the random centres with few enough contacts."""
    for seed in seeds:
        log = kernel_log(seed)
        if 0 < len(log.contacts) <= MOST:
            yield seed, seeded_plan(seed), log


def ended_by(log: ContactLog) -> ContactLog:
    """Return the log with every open end at the last moment that it knows."""
    last = max(
        int(part[name].max(initial=0))
        for part in (log.legs, log.sessions)
        for name in ("start", "end")
    )
    legs, sessions = log.legs.copy(), log.sessions.copy()
    for part in (legs, sessions):
        part["end"][part["end"] == NONE] = last
    return replace(log, legs=legs, sessions=sessions)


# ---------------------------------------------------------------------------------------------
# true of every log


def nobody_is_lost(log: ContactLog) -> None:
    """Every contact is over once or open, and its legs follow each other without a gap."""
    over = log.contacts["outcome"] != Outcome.OPEN
    assert np.array_equal(over, log.contacts["ended"] != NONE)
    assert (log.legs["end"][log.legs["how"] == How.OPEN] == NONE).all()
    assert (log.legs["end"] >= log.legs["start"])[log.legs["how"] != How.OPEN].all()
    for serial, contact in enumerate(log.contacts):
        legs = log.legs[log.legs["contact"] == serial]
        assert legs["leg"].tolist() == list(range(len(legs)))
        stays = legs[legs["kind"] != LegKind.WRAP]
        assert stays["start"][:1].tolist() in ([], [contact["born"]])
        assert np.array_equal(stays["start"][1:], stays["end"][:-1])
        if contact["outcome"] == Outcome.OPEN:
            assert (stays["how"][:-1] != How.OPEN).all()
        else:
            assert (stays["how"] != How.OPEN).all()
            assert contact["ended"] == (stays["end"][-1] if len(stays) else contact["born"])


def nobody_is_in_two_places(log: ContactLog) -> None:
    """No agent is with two contacts at once, or with one before or after the shift."""
    log = ended_by(log)
    held = []
    for leg in log.legs:
        there = (leg["second"],) if leg["kind"] == LegKind.QUEUE else (leg["agent"], leg["second"])
        assert leg["second"] == NONE or leg["agent"] != leg["second"]
        held += [
            (int(agent), int(leg["start"]), int(leg["end"])) for agent in there if agent != NONE
        ]
    held.sort()
    for (agent, _, end), (other, start, _) in pairwise(held):
        assert agent != other or start >= end
    for agent, start, end in held:
        shifts = log.sessions[log.sessions["agent"] == agent]
        assert ((shifts["start"] <= start) & (shifts["end"] >= end)).any()


def shifts_do_not_overlap(log: ContactLog) -> None:
    """No agent is there twice at once."""
    log = ended_by(log)
    for agent in np.unique(log.sessions["agent"]):
        shifts = np.sort(log.sessions[log.sessions["agent"] == agent], order="start")
        assert (shifts["start"][1:] >= shifts["end"][:-1]).all()


@pytest.mark.parametrize("claim", [nobody_is_lost, nobody_is_in_two_places, shifts_do_not_overlap])
def test_true_of_every_log(claim: Any) -> None:
    for _, _, log in small(FAST):
        claim(log)


@pytest.mark.slow
@pytest.mark.parametrize("first", SLOW)
def test_true_of_every_log_of_many_plans(first: int) -> None:
    for _, _, log in small(range(first, first + 20)):
        nobody_is_lost(log)
        nobody_is_in_two_places(log)
        shifts_do_not_overlap(log)


def test_claims_see_a_log_that_is_wrong() -> None:
    log = kernel_log(
        next(seed for seed, _, log in small(FAST) if (log.legs["agent"] != NONE).any())
    )
    talk = np.flatnonzero(log.legs["kind"] == LegKind.TALK)[0]
    for name, value, claim in (
        ("end", log.legs["start"][talk] - 1, nobody_is_lost),
        ("start", log.legs["start"][talk] - 10**12, nobody_is_in_two_places),
    ):
        legs = log.legs.copy()
        legs[talk][name] = value
        with pytest.raises(AssertionError):
            claim(replace(log, legs=legs))


# ---------------------------------------------------------------------------------------------
# true after every event


class Watched(Centre):
    """A reference engine that is looked at after every event and at every answer."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.areas = [0] * len(plan.queues)
        self.last = 0
        self.lengths = [0] * len(plan.queues)

    def play(self) -> "Watched":
        """Play to the end, step by step."""
        until = FOREVER if self.setting["run_out"] else int(self.setting["until"])
        while self.clock.peek() < until:
            if self.clock.peek() >= self.setting["until"] and self.live == 0:
                break
            self.count_until(int(self.clock.peek()))
            self.step()
            self.lengths = [len(queue) for queue in self.queues]
            nobody_idle_while_someone_waits(self)
            agents_do_what_the_roster_says(self)
        if not self.setting["run_out"]:
            self.count_until(until)
        return self

    def count_until(self, now: int) -> None:
        """Add up how long how many waited."""
        for queue, length in enumerate(self.lengths):
            self.areas[queue] += length * (now - self.last)
        self.last = now

    def answer(self, me: Contact) -> None:
        """Answer, if it is the caller's turn."""
        routes = self.plan.routes[me.queue]
        always = routes["after"] == NONE
        if (
            always.all()
            and (routes["hours"] == NONE).all()
            and (routes["group"] != NONE).sum() == 1
        ):
            assert turn(me) == min(turn(other) for other in self.queues[me.queue])
        super().answer(me)


def turn(me: Contact) -> tuple[int, int, int]:
    """Return the place of a contact in the queue: by priority, then by arrival there."""
    return -me.priority, me.joined, me.serial


def nobody_idle_while_someone_waits(centre: Centre) -> None:
    """No free agent may answer anybody who waits: the rules, told once more and naively."""
    for queue, waiting in enumerate(centre.queues):
        for rank, route in enumerate(centre.plan.routes[queue]):
            if route["group"] == NONE or not centre.free[route["group"]]:
                continue
            if route["hours"] != NONE and not centre.open_now[route["hours"]]:
                continue
            assert not any(other.open_ranks >> rank & 1 for other in waiting)


def agents_do_what_the_roster_says(centre: Centre) -> None:
    """The busy are there and with someone; only unfinished work outlasts a shift."""
    holders = Counter(
        agent for me in centre.present.values() for agent in (me.agent, me.second) if agent != NONE
    )
    holders.update(agent.number for agent in centre.agents if agent.wrap is not None)
    assert set(holders.values()) <= {1}
    assert set(holders) == {agent.number for agent in centre.agents if agent.busy}
    free = [agent for group in centre.free for agent in group]
    assert len({agent.number for agent in free}) == len(free)
    for agent in centre.agents:
        assert agent.there or not agent.busy
        assert (agent in free) == (agent.there and not agent.busy)
        assert agent.wanted or agent not in free
    for group, level in enumerate(centre.level):
        team = [agent for agent in centre.agents if agent.group == group]
        assert sum(agent.wanted for agent in team) <= level
        assert all(agent.busy for agent in team if agent.there and not agent.wanted)


def watch(plan: Plan) -> None:
    """Play a plan under watch, and add up what came in and what went out."""
    centre = Watched(plan).play()
    log = centre.log()
    happened = Counter((event.what, event.contact) for event in centre.events)
    over = np.flatnonzero(log.contacts["outcome"] != Outcome.OPEN)
    assert all(happened[Happening.ENDED, serial] == 1 for serial in over)
    assert sum(n for (what, _), n in happened.items() if what == Happening.ENDED) == len(over)

    visits = log.legs[log.legs["kind"] == LegKind.QUEUE]
    ends = np.where(visits["end"] == NONE, centre.last, visits["end"])
    assert (ends >= visits["start"]).all()
    for queue, waiting in enumerate(centre.queues):
        mine = visits["place"] == queue
        how = Counter(visits["how"][mine].tolist())
        held, still_open = how.pop(How.HELD_PLACE, 0), how.pop(How.OPEN, 0)
        said = [event for event in centre.events if event.place == queue]
        offered = sum(event.what == Happening.QUEUED for event in said) - held
        assert offered == sum(how.values()) + len(waiting)
        assert still_open == len(waiting)
        assert centre.areas[queue] == int((ends - visits["start"])[mine].sum())


def test_true_after_every_event() -> None:
    for _, plan, _ in small(FAST):
        watch(plan)


@pytest.mark.slow
@pytest.mark.parametrize("first", SLOW)
def test_true_after_every_event_of_many_plans(first: int) -> None:
    for _, plan, _ in small(range(first, first + 20)):
        watch(plan)
