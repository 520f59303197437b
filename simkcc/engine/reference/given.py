"""The state a run may begin from: who waits, talks and finishes since when.

It shares with restore.py, which does the same for the kernel, the draws and working time.
"""

from bisect import insort
from typing import Any

import numpy as np

from simkcc.engine import chance
from simkcc.engine.chance import Purpose
from simkcc.engine.plan import ChangeKind
from simkcc.engine.reference.clock import Story
from simkcc.engine.reference.journeys import Journeys
from simkcc.engine.reference.people import Contact
from simkcc.engine.reference.steps import PHASE_LEGS
from simkcc.engine.working_time import dated_pause, open_time_between, pause_end
from simkcc.model.contact_log import FOREVER, NONE, How, LegKind, Origin
from simkcc.model.events import Due
from simkcc.model.steps import Pause, Phase, StepKind


def restore(centre: Journeys) -> None:
    """Bring about the state at the start of the run; nobody has been answered yet."""
    plan = centre.plan
    for agent in centre.agents:
        agent.since = centre.start
    past_changes(centre)
    for row in plan.present:
        agent = centre.agents[row["agent"]]
        agent.wanted, agent.since = bool(row["there"]), int(row["since"])
        agent.channel = int(row["channel"])
    contacts = [restore_contact(centre, index, row) for index, row in enumerate(plan.given)]
    for row in plan.present:
        if row["contact"] != NONE:
            restore_wrap_up(centre, contacts[row["contact"]], row)
    for agent in centre.agents:
        if agent.wanted and not agent.there:
            centre.come(agent)
            centre.make_idle(agent, agent.since)
    if len(plan.given) or len(plan.present):
        centre.due(0, Due.GIVEN, 0)


def past_changes(centre: Journeys) -> None:
    """Know the hours and the rosters of the start."""
    for change in centre.plan.changes[centre.plan.changes["at"] < centre.start]:
        subject, level = int(change["subject"]), int(change["level"])
        if change["kind"] == ChangeKind.HOURS:
            centre.open_now[subject] = level
        elif change["kind"] == ChangeKind.ROSTER:
            centre.level[subject] = level
            first = centre.plan.groups[subject]["first_agent"]
            for agent in centre.agents:
                if agent.group == subject:
                    number = agent.number - first
                    agent.wanted = centre.was_present(number, subject, level, int(change["at"]))


def occupy(centre: Journeys, agent: int) -> None:
    """An agent is there and busy."""
    if agent != NONE:
        centre.agents[agent].busy = True
        centre.come(centre.agents[agent])


def given_key(centre: Journeys, table: int, row: int) -> np.uint64:
    """Return the key of something given."""
    seed, replication = centre.setting["seed"], centre.setting["replication"]
    return np.uint64(chance.given_key(seed, replication, table, row))


def drawn_way(centre: Journeys, ways: int, key: np.uint64) -> int:
    """Return one of the steps something may be in."""
    exits, u = centre.plan.exits, chance.uniform(key, int(Purpose.BRANCH), 0)
    while u >= exits[ways]["below"]:
        ways += 1
    return int(exits[ways]["step"])


def restore_contact(centre: Journeys, index: int, row: Any) -> Contact:
    """Bring a given contact to life where it is."""
    me = centre.birth(
        given_key(centre, 0, index), int(row["kind"]), int(row["origin"]), int(row["topic"]),
        int(row["parent"]), int(row["due"]), int(row["born"]),
    )  # fmt: skip
    me.parent = int(row["parent"])
    if row["ended"] != NONE:
        centre.finish(me, int(row["outcome"]), int(row["legs"]), int(row["ended"]))
        return me
    me.redials = int(row["origin"] == Origin.REDIAL)
    me.repeats = int(row["origin"] == Origin.REPEAT)
    me.has_line = bool(row["line"])
    me.agent, me.second, me.speed = int(row["agent"]), int(row["second"]), float(row["speed"])
    centre.lines += me.has_line
    occupy(centre, me.agent)
    occupy(centre, me.second)
    step = drawn_way(centre, int(row["ways"]), given_key(centre, 2, index))
    if row["since"] == NONE:
        me.legs = int(row["legs"])
        centre.clock.process(centre.childhood(me, step))
    else:
        centre.clock.process(resume(centre, me, step, row))
        me.legs = int(row["legs"])
    return me


def resume(centre: Journeys, me: Contact, index: int, given: Any) -> Story:
    """Go on with a step that began before, then with the journey."""
    row = centre.plan.steps[index]
    story = {
        StepKind.QUEUE: wait, StepKind.MENU: menu, StepKind.TALK: talk, StepKind.DELAY: delay,
    }[StepKind(row["kind"])]  # fmt: skip
    exits = yield from story(centre, me, row, given)
    yield from centre.journey(me, centre.take_exit(me, row, exits))


def open_first_leg(
    centre: Journeys, me: Contact, kind: LegKind, at: int, place: int = NONE
) -> None:
    """Let the contact be in its first leg since `at`."""
    legs, me.legs = me.legs, 0
    centre.open_leg(me, kind, place, at)
    me.legs = legs


def left(
    centre: Journeys, me: Contact, purpose: int, dist: int, factor: float, elapsed: int
) -> int:
    """Return what is left of a drawn duration that lasts `elapsed`; zero without a distribution."""
    plan = centre.plan
    dist = chance.dist_now(plan.dists, plan.selectors, centre.open_now, dist)
    if dist == NONE:
        return 0
    u = centre.uniform(me, purpose)
    return int(
        chance.remaining_duration(
            plan.dists, plan.atoms, plan.tables, dist, u, elapsed, factor, centre.setting["tick"]
        )
    )


def menu(centre: Journeys, me: Contact, row: Any, given: Any) -> Story:
    """Listen on."""
    elapsed = centre.start - int(given["since"])
    stay = left(centre, me, int(row["purpose"]), row["dist"], row["factor"], elapsed)
    hang_up = FOREVER
    if row["rival"] != NONE:
        hang_up = left(centre, me, int(row["rival_purpose"]), row["rival"], 1.0, elapsed)
    open_first_leg(centre, me, LegKind.MENU, int(given["since"]))
    yield centre.due(min(stay, hang_up), Due.STEP_END, me.serial)
    gave_up = hang_up <= stay
    centre.close_leg(me, How.ABANDONED if gave_up else How.DONE, me.agent, me.second)
    return row["other"] if gave_up else row["done"]


def talk(centre: Journeys, me: Contact, row: Any, given: Any) -> Story:
    """Talk on."""
    factor = row["factor"] / me.speed if row["mode"] == Phase.TALK else row["factor"]
    elapsed = centre.start - int(given["since"])
    length = left(centre, me, int(row["purpose"]), row["dist"], factor, elapsed)
    open_first_leg(centre, me, PHASE_LEGS[row["mode"]], int(given["since"]))
    yield centre.due(length, Due.STEP_END, me.serial)
    centre.close_leg(me, How.DONE, me.agent, me.second)
    return row["done"]


def delay(centre: Journeys, me: Contact, row: Any, given: Any) -> Story:
    """Rest on."""
    since, now, day = int(given["since"]), centre.start, int(centre.setting["day"])
    hours, spans = centre.plan.hours[row["hours"]], centre.plan.spans
    pause, amount, u = int(row["mode"]), 0, 0.0
    if pause in (Pause.PLAIN, Pause.WORKING):
        elapsed = now - since
        if pause == Pause.WORKING:
            elapsed = int(open_time_between(spans, hours["first"], hours["last"], since, now))
        amount = left(centre, me, int(row["purpose"]), row["dist"], row["factor"], elapsed)
    else:
        u = centre.uniform(me, int(row["purpose"]))
        pause = int(dated_pause(pause, since, now, day))
    ends = pause_end(
        spans, hours["first"], hours["last"], now, pause, amount, u, day, centre.setting["tick"]
    )
    open_first_leg(centre, me, LegKind.DELAY, since)
    yield centre.due(int(ends) - now, Due.STEP_END, me.serial)
    centre.close_leg(me, How.DONE, me.agent, me.second)
    return row["done"]


def wait(centre: Journeys, me: Contact, row: Any, given: Any) -> Story:
    """Wait on, at its place, with the routes that have opened by now."""
    queue, joined, now = int(row["target"]), int(given["joined"]), centre.start
    open_first_leg(centre, me, LegKind.QUEUE, int(given["since"]), queue)
    me.join, me.joined, me.queue = me.leg, joined, queue
    me.priority, me.virtual = int(row["number"]), bool(given["virtual"])
    insort(centre.queues[queue], me, key=lambda other: other.turn)
    for rank, route in enumerate(centre.plan.routes[queue]):
        if route["group"] == NONE:
            break
        opens = joined + centre.duration(me, Purpose.AFTER, route["after"])
        if opens < now:
            me.open_ranks |= 1 << rank
        else:
            centre.alarm(me, opens - now, Due.ROUTE_OPEN, centre.on_route_open, rank)
    if not me.virtual:
        set_alarms(centre, me, row, centre.plan.queues[queue], now - joined)
    return (yield from centre.await_answer(me, row))


def set_alarms(centre: Journeys, me: Contact, row: Any, queue: Any, elapsed: int) -> None:
    """Let everything that may end the wait, and has not by now, fall due."""
    if row["dist"] != NONE:
        patience = left(centre, me, int(row["purpose"]), row["dist"], 1.0, elapsed)
        centre.alarm(me, patience, Due.PATIENCE_END, centre.on_patience_end)
    if queue["limit"] != NONE:
        limit = left(centre, me, Purpose.LIMIT, queue["limit"], 1.0, elapsed)
        centre.alarm(me, limit, Due.LIMIT, centre.on_limit)
    offer = centre.limit(me, Purpose.OFFER, queue["offer"])
    if elapsed <= offer < FOREVER:
        centre.alarm(me, offer - elapsed, Due.OFFER, centre.on_offer)


def restore_wrap_up(centre: Journeys, me: Contact, row: Any) -> None:
    """Let an agent do after-call work that began before."""
    plan, number = centre.plan, int(row["agent"])
    key = given_key(centre, 1, number)
    step = plan.steps[drawn_way(centre, int(row["ways"]), key)]
    length = 0
    dist = chance.dist_now(plan.dists, plan.selectors, centre.open_now, step["dist"])
    if dist != NONE:
        u = chance.uniform(key, int(step["purpose"]), 0)
        length = int(
            chance.remaining_duration(
                plan.dists, plan.atoms, plan.tables, dist, u, centre.start - int(row["wraps"]),
                step["factor"] / row["speed"], centre.setting["tick"],
            )
        )  # fmt: skip
    occupy(centre, number)
    agent = centre.agents[number]
    work = centre.after_call_work(me, agent, int(row["leg"]), length, int(row["wraps"]))
    centre.clock.process(work)
