"""Agents of the kernel: free, busy, wrapping up, there or gone."""

import numpy as np

from simkcc.engine.clock import schedule
from simkcc.engine.draws import at_speed, draw_duration
from simkcc.engine.legs import write_leg
from simkcc.engine.state import Presence
from simkcc.engine.statistics import Sum, tally_leg
from simkcc.model.contact_log import FOREVER, NONE, How, LegKind
from simkcc.model.events import Due
from simkcc.model.steps import Release
from simkcc.routing.compiled import compiled, inlined, this
from simkcc.routing.tables import AgentChoice


@inlined
def stands_before(groups, agents, group, one, other):
    """Return whether agent `one` stands before `other` in the list of free agents."""
    if groups[this(group)]["choice"] == AgentChoice.LONGEST_IDLE:
        if agents[this(one)]["since"] != agents[this(other)]["since"]:
            return agents[this(one)]["since"] < agents[this(other)]["since"]
    return one < other


@inlined
def make_idle(groups, teams, idle, idle_since, agents, agent, now):
    """Put an agent in the list of free agents of the group."""
    group = agents[this(agent)]["group"]
    agents[this(agent)]["presence"] = Presence.IDLE
    agents[this(agent)]["since"] = now
    before = teams[this(group)]["tail"]
    behind = np.int64(NONE)
    while before != NONE and stands_before(groups, agents, group, agent, before):
        behind = before
        before = agents[this(before)]["before"]
    agents[this(agent)]["before"] = before
    agents[this(agent)]["behind"] = behind
    if before == NONE:
        teams[this(group)]["head"] = agent
        idle_since[this(group)] = now
    else:
        agents[this(before)]["behind"] = agent
    if behind == NONE:
        teams[this(group)]["tail"] = agent
    else:
        agents[this(behind)]["before"] = agent
    idle[this(group)] += 1


@inlined
def leave_idle(teams, idle, idle_since, agents, agent):
    """Take an agent out of the list of free agents."""
    group = agents[this(agent)]["group"]
    before = agents[this(agent)]["before"]
    behind = agents[this(agent)]["behind"]
    if before == NONE:
        teams[this(group)]["head"] = behind
        idle_since[this(group)] = FOREVER if behind == NONE else agents[this(behind)]["since"]
    else:
        agents[this(before)]["behind"] = behind
    if behind == NONE:
        teams[this(group)]["tail"] = before
    else:
        agents[this(behind)]["before"] = before
    idle[this(group)] -= 1


@inlined
def take_agent(teams, idle, idle_since, agents, group, position):
    """Make the free agent at that position busy; return who it is."""
    agent = teams[this(group)]["head"]
    for _ in range(position):
        agent = agents[this(agent)]["behind"]
    leave_idle(teams, idle, idle_since, agents, agent)
    agents[this(agent)]["presence"] = Presence.BUSY
    return agent


@compiled
def log_on(groups, clock, teams, idle, idle_since, agents, agent, now):
    """An agent's shift begins."""
    agents[this(agent)]["session"] = now
    agents[this(agent)]["session_bucket"] = clock[0]["bucket"]
    make_idle(groups, teams, idle, idle_since, agents, agent, now)


@compiled
def log_off(settings, clock, agents, sessions, sums, row, agent, now):
    """An agent who is in no list goes home."""
    agents[this(agent)]["presence"] = Presence.OFF
    start = agents[this(agent)]["session"]
    if clock[0]["logging"]:
        place = clock[0]["sessions"]
        clock[0]["sessions"] = place + 1
        sessions[this(place)]["agent"] = agent
        sessions[this(place)]["group"] = agents[this(agent)]["group"]
        sessions[this(place)]["start"] = start
        sessions[this(place)]["end"] = now
    else:
        bucket = agents[this(agent)]["session_bucket"]
        sums[this(row + agents[this(agent)]["group"]), this(bucket), Sum.THERE] += now - max(
            start, min(now, settings[0]["warm_up"])
        )


@inlined
def set_free(groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, agent, now):  # fmt: skip
    """A busy agent comes free, or goes home; at closing time (level 0) those stay who may run out."""
    if (
        agents[this(agent)]["wanted"] == 0
        and teams[this(agents[this(agent)]["group"])]["level"] > 0
    ):
        log_off(settings, clock, agents, sessions, sums, row, agent, now)
    else:
        make_idle(groups, teams, idle, idle_since, agents, agent, now)
        clock[0]["stirred"] += 1


@inlined
def send_home(settings, clock, teams, idle, idle_since, agents, sessions, sums, row, now):
    """After closing time, let everyone go who found nobody waiting any more."""
    if clock[0]["shut"] == 0:
        return
    for group in range(teams.shape[0]):
        if teams[this(group)]["level"] == 0:
            while idle[this(group)] > 0:
                agent = teams[this(group)]["head"]
                leave_idle(teams, idle, idle_since, agents, agent)
                log_off(settings, clock, agents, sessions, sums, row, agent, now)


@inlined
def release(steps, dists, atoms, tables, selectors, groups, settings, clock, open_now, live, visits, teams, idle, idle_since, agents, heap, sessions, sums, row, slot, now):  # fmt: skip
    """An agent leaves the contact and does after-call work, if there is any."""
    step = steps[this(live[this(slot)]["step"])]
    if step["mode"] == Release.LAST and live[this(slot)]["second"] != NONE:
        agent = live[this(slot)]["second"]
        live[this(slot)]["second"] = NONE
    else:
        agent = live[this(slot)]["agent"]
        live[this(slot)]["agent"] = live[this(slot)]["second"]
        live[this(slot)]["second"] = NONE
    if agent == NONE:
        return
    if step["dist"] == NONE:
        set_free(
            groups,
            settings,
            clock,
            teams,
            idle,
            idle_since,
            agents,
            sessions,
            sums,
            row,
            agent,
            now,
        )
        return
    length = draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"], at_speed(step["factor"], live[this(slot)]["speed"]),
    )  # fmt: skip
    leg = live[this(slot)]["legs"]
    live[this(slot)]["legs"] = leg + 1
    agents[this(agent)]["contact"] = live[this(slot)]["serial"]
    agents[this(agent)]["leg"] = leg
    agents[this(agent)]["start"] = now
    agents[this(agent)]["start_bucket"] = clock[0]["bucket"]
    agents[this(agent)]["topic"] = live[this(slot)]["topic"]
    agents[this(agent)]["born"] = live[this(slot)]["born"]
    clock[0]["live"] += 1
    schedule(clock, heap, now + length, Due.WRAP_END, agent, agent)


@inlined
def hang_up(groups, settings, clock, live, teams, idle, idle_since, agents, sessions, sums, row, slot, now):  # fmt: skip
    """Whoever is still on the line with a contact that is over comes free, without wrap-up."""
    for agent in (live[this(slot)]["agent"], live[this(slot)]["second"]):
        if agent != NONE:
            set_free(
                groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row,
                agent, now,
            )  # fmt: skip


@inlined
def on_wrap_end(groups, settings, clock, teams, idle, idle_since, agents, legs, sessions, counts, sums, n_queues, n_topics, agent, now):  # fmt: skip
    """After-call work is over."""
    worker = agents[this(agent)]
    if clock[0]["logging"]:
        write_leg(
            clock, legs, worker["contact"], worker["leg"], LegKind.WRAP, How.DONE, NONE, agent, NONE,
            worker["start"], now,
        )  # fmt: skip
    elif worker["born"] >= settings[0]["warm_up"]:
        tally_leg(
            counts, sums, n_queues, n_topics, agents, LegKind.WRAP, agent, NONE,
            worker["topic"], worker["start_bucket"], now - worker["start"],
        )  # fmt: skip
    worker["contact"] = NONE
    clock[0]["live"] -= 1
    set_free(
        groups, settings, clock, teams, idle, idle_since, agents, sessions, sums,
        n_queues + n_topics, agent, now,
    )  # fmt: skip
