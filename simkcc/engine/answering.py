"""Who answers whom in the kernel, now that something has changed."""

import numpy as np

from simkcc.engine.agents import take_agent
from simkcc.engine.chance import Purpose, quantile, uniform
from simkcc.engine.draws import take_exit
from simkcc.engine.legs import close_leg
from simkcc.engine.plan import AtClose
from simkcc.engine.waiting import leave_queue
from simkcc.model.contact_log import NONE, ContactKind, How
from simkcc.routing.compiled import compiled, inlined, this
from simkcc.routing.rules import goes_first, may_answer, pick_agent
from simkcc.routing.tables import AgentChoice, QueuePick

ANY = np.int64(2**62)
"""Anything may have become possible: hours or rosters changed, or a group is shut and its agents leave."""


@inlined
def agent_uniform(groups, live, group, slot, ordinal):
    """Return the contact's uniform for a uniform choice of agent; any number for other choices."""
    if groups[this(group)]["choice"] == AgentChoice.UNIFORM:
        return uniform(live[this(slot)]["key"], Purpose.AGENT, ordinal)
    return 0.0


@inlined
def first_for(routes, groups, open_now, live, waiting, idle, idle_since, queue, rank, group):
    """Return the first contact in the queue whom `group` should answer now, and by which agent."""
    slot = waiting[this(queue)]["head"]
    while slot != NONE:
        if may_answer(routes, queue, rank, live[this(slot)]["open_ranks"], open_now):
            u = agent_uniform(groups, live, group, slot, live[this(slot)]["join"])
            answering, _, position = pick_agent(
                routes, groups, queue, live[this(slot)]["open_ranks"], open_now, idle, idle_since, u
            )
            if answering == group:
                return slot, position
        slot = live[this(slot)]["behind"]
    return np.int64(NONE), np.int64(NONE)


@inlined
def next_for(tables, queues, routes, pulls, groups, open_now, live, waiting, ready, teams, idle, idle_since, group):  # fmt: skip
    """Return whom a free agent of `group` answers next: (contact, rank, position), or NONE."""
    best = np.int64(NONE)
    best_rank = np.int64(NONE)
    best_position = np.int64(NONE)
    best_score = 0.0
    pick = groups[this(group)]["pick"]
    for place in range(pulls.shape[1]):
        queue = pulls[this(group), this(place)]["queue"]
        if queue == NONE:
            break
        rank = pulls[this(group), this(place)]["rank"]
        if ready[this(queue), this(rank)] == 0:
            continue
        if teams[this(group)]["level"] == 0 and queues[this(queue)]["at_close"] != AtClose.RUN_OUT:
            continue
        slot, position = first_for(
            routes, groups, open_now, live, waiting, idle, idle_since, queue, rank, group
        )
        if slot == NONE:
            continue
        score = 0.0
        if pick == QueuePick.WEIGHTED:
            u = uniform(live[this(slot)]["key"], Purpose.QUEUE, teams[this(group)]["picks"])
            score = quantile(tables[0], u) / routes[this(queue), this(rank)]["weight"]
        if best == NONE or goes_first(
            pick, live[this(slot)]["priority"], live[this(slot)]["joined"], live[this(slot)]["serial"], score,
            live[this(best)]["priority"], live[this(best)]["joined"], live[this(best)]["serial"], best_score,
        ):  # fmt: skip
            best = slot
            best_rank = rank
            best_position = position
            best_score = score
    return best, best_rank, best_position


@inlined
def answer_next(steps, exits, tables, queues, routes, pulls, groups, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, deadlines, legs, counts, sums, waits, n_queues, n_topics, now):  # fmt: skip
    """Let the lowest group that can answer someone do so; return (contact, next step) or NONE.

    Looks only if something stirred: after the last event nobody free could answer anybody, and each
    agent who came free, contact that joined and route that opened since allows one answer at most.
    """
    if clock[0]["stirred"] <= 0 or clock[0]["waiting"] == 0:
        clock[0]["stirred"] = 0
        return np.int64(NONE), np.int64(NONE)
    for group in range(teams.shape[0]):
        if idle[this(group)] == 0 or teams[this(group)]["ready"] == 0:
            continue
        slot, rank, position = next_for(
            tables, queues, routes, pulls, groups, open_now, live, waiting, ready, teams, idle,
            idle_since, group,
        )  # fmt: skip
        if slot != NONE:
            step = answer(
                steps, exits, routes, groups, settings, clock, live, visits, waiting, ready, teams,
                idle, idle_since, agents, deadlines, legs, counts, sums, waits, n_queues, n_topics, slot,
                group, rank, position, now,
            )  # fmt: skip
            return slot, step
    clock[0]["stirred"] = 0
    return np.int64(NONE), np.int64(NONE)


@compiled
def switch_channel(groups, live, agents, slot, group, agent):
    """Note what the agent answers, and what it costs if that comes by another channel than the last."""
    kind = live[this(slot)]["kind"]
    last = agents[this(agent)]["channel"]
    live[this(slot)]["switching"] = (
        groups[this(group)]["switching"] if last != NONE and last != kind else 0
    )
    agents[this(agent)]["channel"] = kind


@inlined
def answer(steps, exits, routes, groups, settings, clock, live, visits, waiting, ready, teams, idle, idle_since, agents, deadlines, legs, counts, sums, waits, n_queues, n_topics, slot, group, rank, position, now):  # fmt: skip
    """An agent answers the contact (a probe only finds that one would); return its next step."""
    queue = live[this(slot)]["queue"]
    agent = np.int64(NONE)
    if live[this(slot)]["kind"] != ContactKind.PROBE:
        agent = take_agent(teams, idle, idle_since, agents, group, position)
        teams[this(group)]["picks"] += 1
        clock[0]["stirred"] -= 1
        live[this(slot)]["speed"] = (
            groups[this(group)]["speed"] * routes[this(queue), this(rank)]["speed"]
        )
        if groups[this(group)]["switching"] > 0:
            switch_channel(groups, live, agents, slot, group, agent)
    close_leg(
        settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot,
        How.ANSWERED, queue, agent, live[this(slot)]["agent"], now,
    )  # fmt: skip
    leave_queue(routes, clock, live, waiting, ready, teams, deadlines, slot)
    if live[this(slot)]["human"] == NONE:
        live[this(slot)]["human"] = now
    if live[this(slot)]["agent"] == NONE:
        live[this(slot)]["agent"] = agent
    else:
        live[this(slot)]["second"] = agent
    row = steps[this(live[this(slot)]["step"])]
    virtual = live[this(slot)]["virtual"] == 1 and row["fourth"] != NONE
    return take_exit(steps, exits, live, visits, slot, row["fourth"] if virtual else row["done"])
