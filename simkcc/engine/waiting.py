"""Queues of the kernel: joining, waiting, leaving without an answer."""

import numpy as np

from simkcc.engine.chance import Purpose, uniform
from simkcc.engine.deadlines import drop_deadline, set_deadline
from simkcc.engine.draws import draw, draw_duration, draw_limit, take_exit
from simkcc.engine.legs import close_leg, open_leg
from simkcc.model.contact_log import FOREVER, NONE, ContactKind, How, LegKind
from simkcc.routing.compiled import compiled, inlined, this
from simkcc.routing.rules import pick_agent


@inlined
def waits_before(live, one, other):
    """Return whether contact `one` stands before `other`: priority, then joined, then serial."""
    if live[this(one)]["priority"] != live[this(other)]["priority"]:
        return live[this(one)]["priority"] > live[this(other)]["priority"]
    if live[this(one)]["joined"] != live[this(other)]["joined"]:
        return live[this(one)]["joined"] < live[this(other)]["joined"]
    return live[this(one)]["serial"] < live[this(other)]["serial"]


@inlined
def line_up(clock, live, waiting, slot, queue):
    """Put a contact at its place in the queue."""
    before = waiting[this(queue)]["tail"]
    behind = np.int64(NONE)
    while before != NONE and waits_before(live, slot, before):
        behind = before
        before = live[this(before)]["before"]
    live[this(slot)]["before"] = before
    live[this(slot)]["behind"] = behind
    if before == NONE:
        waiting[this(queue)]["head"] = slot
    else:
        live[this(before)]["behind"] = slot
    if behind == NONE:
        waiting[this(queue)]["tail"] = slot
    else:
        live[this(behind)]["before"] = slot
    waiting[this(queue)]["length"] += 1
    waiting[this(queue)]["real"] += live[this(slot)]["kind"] != ContactKind.PROBE
    clock[0]["waiting"] += 1


@inlined
def leave_queue(routes, clock, live, waiting, ready, teams, deadlines, slot):
    """Take a contact out of its queue."""
    drop_deadline(clock, live, deadlines, slot)
    queue = live[this(slot)]["queue"]
    before = live[this(slot)]["before"]
    behind = live[this(slot)]["behind"]
    if before == NONE:
        waiting[this(queue)]["head"] = behind
    else:
        live[this(before)]["behind"] = behind
    if behind == NONE:
        waiting[this(queue)]["tail"] = before
    else:
        live[this(behind)]["before"] = before
    waiting[this(queue)]["length"] -= 1
    waiting[this(queue)]["real"] -= live[this(slot)]["kind"] != ContactKind.PROBE
    clock[0]["waiting"] -= 1
    rank = 0
    ranks = live[this(slot)]["open_ranks"]
    while ranks != 0:
        if ranks & 1:
            ready[this(queue), this(rank)] -= 1
            teams[this(routes[this(queue), this(rank)]["group"])]["ready"] -= 1
        ranks >>= 1
        rank += 1
    live[this(slot)]["queue"] = NONE


@inlined
def open_routes(dists, atoms, tables, selectors, routes, settings, open_now, live, visits, ready, teams, opens, slot, queue, now):  # fmt: skip
    """Open the routes that need no wait, and know when the others will open."""
    mask = np.int64(0)
    later = np.int64(0)
    for rank in range(routes.shape[1]):
        if routes[this(queue), this(rank)]["group"] == NONE:
            break
        after = draw_duration(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.AFTER,
            routes[this(queue), this(rank)]["after"], 1.0,
        )  # fmt: skip
        if after == 0:
            mask |= np.int64(1) << rank
            ready[this(queue), this(rank)] += 1
            teams[this(routes[this(queue), this(rank)]["group"])]["ready"] += 1
        else:
            later |= np.int64(1) << rank
            opens[this(slot), this(rank)] = now + after
    live[this(slot)]["open_ranks"] = mask
    live[this(slot)]["later_ranks"] = later


@inlined
def open_route(routes, clock, live, ready, teams, slot, rank):
    """A further group may answer a waiting contact."""
    queue = live[this(slot)]["queue"]
    live[this(slot)]["open_ranks"] |= np.int64(1) << rank
    live[this(slot)]["later_ranks"] &= ~(np.int64(1) << rank)
    ready[this(queue), this(rank)] += 1
    teams[this(routes[this(queue), this(rank)]["group"])]["ready"] += 1
    clock[0]["stirred"] += 1


@compiled
def is_full(routes, queues, groups, open_now, live, waiting, idle, idle_since, slot, queue):
    """Return whether there is no place to wait and nobody free to answer."""
    capacity = queues[this(queue)]["capacity"]
    if waiting[this(queue)]["real"] < capacity:
        return False
    if live[this(slot)]["kind"] == ContactKind.PROBE:
        return False
    u = uniform(live[this(slot)]["key"], Purpose.AGENT, live[this(slot)]["join"])
    group, _, _ = pick_agent(
        routes, groups, queue, live[this(slot)]["open_ranks"], open_now, idle, idle_since, u
    )
    return group == NONE


@compiled
def balk_share(queues, balks, waiting, queue):
    """Return the share of callers who hang up at once with so many waiting."""
    share = 0.0
    for row in range(queues[this(queue)]["first_balk"], queues[this(queue)]["last_balk"]):
        if waiting[this(queue)]["real"] >= balks[this(row)]["waiting"]:
            share = balks[this(row)]["share"]
    return share


@inlined
def join_queue(steps, dists, atoms, tables, selectors, queues, balks, routes, groups, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, opens, deadlines, slot, now):  # fmt: skip
    """Join a queue; False if it is full."""
    wait_on(clock, live, opens, deadlines)
    step = steps[this(live[this(slot)]["step"])]
    queue = step["target"]
    leg = open_leg(clock, live, slot, LegKind.QUEUE, now)
    caller = live[this(slot)]
    caller["join"] = leg
    caller["joined"] = now
    caller["joined_bucket"] = clock[0]["bucket"]
    caller["queue"] = queue
    caller["priority"] = step["number"]
    caller["virtual"] = 0
    caller["visits"] += 1
    caller["balks"] = 0
    balking = 0.0
    if queues[this(queue)]["last_balk"] > queues[this(queue)]["first_balk"]:
        balking = balk_share(queues, balks, waiting, queue)
    open_routes(
        dists, atoms, tables, selectors, routes, settings, open_now, live, visits, ready, teams,
        opens, slot, queue, now,
    )  # fmt: skip
    fits = queues[this(queue)]["capacity"] == NONE or not is_full(
        routes, queues, groups, open_now, live, waiting, idle, idle_since, slot, queue
    )
    line_up(clock, live, waiting, slot, queue)
    if not fits:
        return False
    caller["gives_up"] = now + draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"],
    )  # fmt: skip
    caller["sent_away"] = now + draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.LIMIT,
        queues[this(queue)]["limit"],
    )  # fmt: skip
    caller["offered"] = now + draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.OFFER,
        queues[this(queue)]["offer"],
    )  # fmt: skip
    if balking > 0.0 and caller["kind"] != ContactKind.PROBE:
        if draw(live, visits, slot, Purpose.BALK) < balking:
            caller["balks"] = 1
            caller["gives_up"] = now
    clock[0]["joined"] = slot
    clock[0]["stirred"] += 1
    return True


@inlined
def wait_on(clock, live, opens, deadlines):
    """Let what may end the wait of whoever joined last fall due, if it still waits.

    Left until nobody free could answer at once: half the contacts of a well-staffed centre need
    no deadline, which would only have to be dropped again.
    """
    slot = clock[0]["joined"]
    clock[0]["joined"] = NONE
    if slot != NONE and live[this(slot)]["queue"] != NONE:
        set_deadline(clock, live, opens, deadlines, slot)


@inlined
def quit_queue(steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents, deadlines, legs, counts, sums, waits, n_queues, n_topics, slot, how, now):  # fmt: skip
    """A contact leaves the queue without an answer; return its next step."""
    close_leg(
        settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot, how,
        live[this(slot)]["queue"], NONE, live[this(slot)]["agent"], now,
    )  # fmt: skip
    leave_queue(routes, clock, live, waiting, ready, teams, deadlines, slot)
    row = steps[this(live[this(slot)]["step"])]
    gave_up = how == How.ABANDONED or how == How.BALKED
    return take_exit(steps, exits, live, visits, slot, row["other"] if gave_up else row["third"])


@compiled
def on_offer(queues, settings, clock, live, visits, agents, legs, counts, sums, waits, n_queues, n_topics, slot, now):  # fmt: skip
    """A waiting caller may hang up and keep the place."""
    queue = live[this(slot)]["queue"]
    live[this(slot)]["offered"] = FOREVER
    if draw(live, visits, slot, Purpose.ACCEPT) >= queues[this(queue)]["accept"]:
        return
    close_leg(
        settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot,
        How.HELD_PLACE, queue, NONE, live[this(slot)]["agent"], now,
    )  # fmt: skip
    open_leg(clock, live, slot, LegKind.QUEUE, now)
    live[this(slot)]["virtual"] = 1
    clock[0]["lines"] -= live[this(slot)]["line"]
    live[this(slot)]["line"] = 0
