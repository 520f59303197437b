"""The fast engine: the same story as reference.py, told over arrays by compiled code.

Every function lists exactly the tables it touches, plan tables first, then state tables, then the
subject, then `now`. `live` holds the contacts that are not finished; `slot` is a row of it.
"""

import numpy as np

from simkcc.engine.chance import (
    N_PURPOSES,
    Purpose,
    child_key,
    contact_key,
    date_key,
    dist_now,
    duration_at,
    is_constant,
    quantile,
    uniform,
    value_at,
)
from simkcc.engine.heap import (
    due_order,
    kind_of,
    push,
    rank_of,
    remove_first,
    replace_first,
    subject_of,
)
from simkcc.engine.plan import AtClose, ChangeKind
from simkcc.engine.state import Presence, Status
from simkcc.engine.statistics import Count, Sum, bucket_of, tally_leg, tally_menu, tally_queue
from simkcc.engine.working_time import due_time, pause_end
from simkcc.model.contact_log import FOREVER, NONE, ContactKind, How, LegKind, Origin, Outcome
from simkcc.model.events import Due
from simkcc.model.journey import Pause, Phase, Release, StepKind
from simkcc.routing.compiled import compiled, inlined, separate, this
from simkcc.routing.rules import goes_first, may_answer, pick_agent
from simkcc.routing.tables import AgentChoice, QueuePick

# ---------------------------------------------------------------------------------------------
# chance


@inlined
def draw(live, visits, slot, purpose):
    """Return the contact's next uniform for `purpose`."""
    visit = visits[this(slot), this(purpose)]
    visits[this(slot), this(purpose)] = visit + 1
    key = live[this(slot)]["patience_key"] if purpose == Purpose.PATIENCE else live[this(slot)]["key"]
    return uniform(key, purpose, visit)


@inlined
def duration_of(dists, atoms, tables, settings, live, slot, purpose, visit, dist, factor):
    """Return the duration that the contact's `visit`-th draw of `purpose` gives, in microseconds."""
    u = 0.0
    if not is_constant(dists, dist):
        key = live[this(slot)]["patience_key"] if purpose == Purpose.PATIENCE else live[this(slot)]["key"]
        u = uniform(key, purpose, visit)
    return duration_at(dists, atoms, tables, dist, u, factor, settings[0]["tick"])


@inlined
def draw_duration(dists, atoms, tables, selectors, settings, open_now, live, visits, slot, purpose, dist, factor):
    """Return a drawn duration in microseconds; zero if there is no distribution."""
    chosen = dist_now(dists, selectors, open_now, dist)
    if chosen == NONE:
        return np.int64(0)
    visit = visits[this(slot), this(purpose)]
    visits[this(slot), this(purpose)] = visit + 1
    return duration_of(dists, atoms, tables, settings, live, slot, purpose, visit, chosen, factor)


@inlined
def draw_limit(dists, atoms, tables, selectors, settings, open_now, live, visits, slot, purpose, dist):
    """Return a drawn duration in microseconds; FOREVER if there is no distribution."""
    if dist == NONE:
        return np.int64(FOREVER)
    return draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, purpose, dist, 1.0
    )


@inlined
def take_exit(steps, exits, live, visits, slot, row):
    """Return the step behind the exits that start at `row`, drawing among them if there are more."""
    if exits[this(row)]["below"] >= 1.0:
        return exits[this(row)]["step"]
    u = draw(live, visits, slot, steps[this(live[this(slot)]["step"])]["exit_purpose"])
    while u >= exits[this(row)]["below"]:
        row += 1
    return exits[this(row)]["step"]


# ---------------------------------------------------------------------------------------------
# the clock and the log


@inlined
def schedule(clock, heap, at, kind, subject, rank, slot, note):
    """Let something fall due, unless it never does."""
    if at >= FOREVER:
        return
    order = due_order(kind, subject, rank)
    if clock[0]["gap"]:
        clock[0]["gap"] = 0
        replace_first(heap, clock[0]["due"], at, order, slot, note)
    else:
        push(heap, clock[0]["due"], at, order, slot, note)
        clock[0]["due"] += 1


@inlined
def close_gap(clock, heap):
    """Remove the row of what has just happened, if nothing new took its place."""
    if clock[0]["gap"]:
        clock[0]["gap"] = 0
        remove_first(heap, clock[0]["due"])
        clock[0]["due"] -= 1


@inlined
def keep_bucket(settings, clock, now):
    """Know the half hour of the week, so that what starts now need not divide to find it."""
    if now >= clock[0]["bucket_end"]:
        day = settings[0]["day"]
        clock[0]["bucket"] = bucket_of(now, settings[0]["first_date"], day)
        half_hours = (now % day) * 48 // day
        clock[0]["bucket_end"] = now - now % day + ((half_hours + 1) * day + 47) // 48


@inlined
def open_leg(clock, live, slot, kind, now):
    """Let the contact be somewhere from now on; return the ordinal of that leg."""
    leg = live[this(slot)]["legs"]
    live[this(slot)]["legs"] = leg + 1
    live[this(slot)]["leg"] = leg
    live[this(slot)]["leg_kind"] = kind
    live[this(slot)]["since"] = now
    live[this(slot)]["since_bucket"] = clock[0]["bucket"]
    return leg


@inlined
def write_leg(clock, legs, contact, leg, kind, how, place, agent, second, start, end):
    """Write one row of the log of legs."""
    row = clock[0]["legs"]
    clock[0]["legs"] = row + 1
    legs[this(row)]["contact"] = contact
    legs[this(row)]["leg"] = leg
    legs[this(row)]["kind"] = kind
    legs[this(row)]["how"] = how
    legs[this(row)]["place"] = place
    legs[this(row)]["agent"] = agent
    legs[this(row)]["second"] = second
    legs[this(row)]["start"] = start
    legs[this(row)]["end"] = end


@inlined
def close_leg(settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot, how, place, agent, second, now):
    """End the leg the contact is in: write it down, or count it."""
    caller = live[this(slot)]
    kind = caller["leg_kind"]
    if clock[0]["logging"]:
        write_leg(
            clock, legs, caller["serial"], caller["leg"], kind, how, place, agent, second,
            caller["since"], now,
        )  # fmt: skip
    elif caller["born"] >= settings[0]["warm_up"]:
        if kind == LegKind.QUEUE:
            if how != How.HELD_PLACE:
                tally_queue(counts, sums, waits, settings, n_queues, live, slot, how, now)
        elif kind == LegKind.MENU:
            if caller["kind"] != ContactKind.PROBE:
                tally_menu(counts, sums, n_queues, live, slot, how, now)
        elif kind != LegKind.DELAY:
            tally_leg(
                counts, sums, n_queues, n_topics, agents, kind, agent, second, caller["topic"],
                caller["since_bucket"], now - caller["since"],
            )  # fmt: skip
    caller["leg_kind"] = NONE


# ---------------------------------------------------------------------------------------------
# contacts


@inlined
def give_birth(settings, clock, live, visits, contacts, counts, n_queues, key, kind, origin, topic, parent, due, now):
    """Bring a contact to life; return its row of `live`."""
    slot = clock[0]["free"]
    clock[0]["free"] = live[this(slot)]["behind"]
    serial = clock[0]["born"]
    clock[0]["born"] = serial + 1
    clock[0]["live"] += 1
    clock[0]["rows"] += 1
    caller = live[this(slot)]
    caller["serial"] = serial
    caller["key"] = key
    caller["patience_key"] = key
    caller["kind"] = kind
    caller["topic"] = topic
    caller["born"] = now
    caller["born_bucket"] = clock[0]["bucket"]
    caller["speed"] = 1.0
    caller["redials"] = 0
    caller["repeats"] = 0
    caller["children"] = 0
    caller["legs"] = 0
    caller["virtual"] = 0
    caller["line"] = 0
    caller["attempts"] = 0
    caller["visits"] = 0
    caller["leg_kind"] = NONE
    caller["queue"] = NONE
    caller["agent"] = NONE
    caller["second"] = NONE
    caller["human"] = NONE
    for purpose in range(N_PURPOSES):
        visits[this(slot), purpose] = 0
    if clock[0]["logging"]:
        row = contacts[this(serial)]
        row["kind"] = kind
        row["origin"] = origin
        row["outcome"] = Outcome.OPEN
        row["topic"] = topic
        row["parent"] = parent
        row["born"] = now
        row["ended"] = NONE
        row["due"] = due
        row["truth_key"] = key
    elif now >= settings[0]["warm_up"] and kind == ContactKind.CALL:
        counts[this(n_queues + topic), this(clock[0]["bucket"]), Count.BORN] += 1
    return slot


@inlined
def finish(settings, clock, live, contacts, counts, n_queues, slot, outcome, now):
    """Let the contact be over."""
    caller = live[this(slot)]
    if clock[0]["logging"]:
        contacts[this(caller["serial"])]["outcome"] = outcome
        contacts[this(caller["serial"])]["ended"] = now
    elif caller["born"] >= settings[0]["warm_up"] and caller["kind"] != ContactKind.PROBE:
        counts[this(n_queues + caller["topic"]), this(caller["born_bucket"]), this(Count.OUTCOME + outcome)] += 1
    clock[0]["lines"] -= caller["line"]
    clock[0]["live"] -= 1
    clock[0]["rows"] -= 1
    caller["serial"] = NONE
    caller["behind"] = clock[0]["free"]
    clock[0]["free"] = slot


@compiled
def spawn(steps, hours, spans, settings, clock, live, visits, heap, contacts, counts, n_queues, slot, now):
    """Give birth to a task, redial or repeat, if the caller has not had too many of them."""
    row = steps[this(live[this(slot)]["step"])]
    origin = row["mode"]
    redials = live[this(slot)]["redials"] + (origin == Origin.REDIAL)
    repeats = live[this(slot)]["repeats"] + (origin == Origin.REPEAT)
    if origin == Origin.REDIAL and redials > row["number"]:
        return
    if origin == Origin.REPEAT and repeats > row["number"]:
        return
    ordinal = live[this(slot)]["children"]
    live[this(slot)]["children"] = ordinal + 1
    kind = row["child"] if row["child"] != NONE else live[this(slot)]["kind"]
    due = due_time(hours, spans, row["hours"], now, row["due_days"], settings[0]["day"])
    key = child_key(live[this(slot)]["key"], ordinal)
    child = give_birth(
        settings, clock, live, visits, contacts, counts, n_queues, key, kind, origin,
        live[this(slot)]["topic"], live[this(slot)]["serial"], due, now,
    )  # fmt: skip
    live[this(child)]["redials"] = redials
    live[this(child)]["repeats"] = repeats
    if origin == Origin.REDIAL and row["share"] == 1.0:
        live[this(child)]["patience_key"] = live[this(slot)]["patience_key"]
    live[this(child)]["result"] = row["target"]
    schedule(clock, heap, now, Due.BIRTH, live[this(child)]["serial"], 0, child, 0)


# ---------------------------------------------------------------------------------------------
# agents


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
def set_free(groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, agent, now):
    """A busy agent comes free, or goes home; at closing time (level 0) those stay who may run out."""
    if agents[this(agent)]["wanted"] == 0 and teams[this(agents[this(agent)]["group"])]["level"] > 0:
        log_off(settings, clock, agents, sessions, sums, row, agent, now)
    else:
        make_idle(groups, teams, idle, idle_since, agents, agent, now)


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
def release(steps, dists, atoms, tables, selectors, groups, settings, clock, open_now, live, visits, teams, idle, idle_since, agents, heap, sessions, sums, row, slot, now):
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
            groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, agent, now
        )
        return
    length = draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"], step["factor"] / live[this(slot)]["speed"],
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
    schedule(clock, heap, now + length, Due.WRAP_END, agent, 0, agent, 0)


@inlined
def hang_up(groups, settings, clock, live, teams, idle, idle_since, agents, sessions, sums, row, slot, now):
    """Whoever is still on the line with a contact that is over comes free, without wrap-up."""
    for agent in (live[this(slot)]["agent"], live[this(slot)]["second"]):
        if agent != NONE:
            set_free(
                groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row,
                agent, now,
            )  # fmt: skip


@inlined
def on_wrap_end(groups, settings, clock, teams, idle, idle_since, agents, legs, sessions, counts, sums, n_queues, n_topics, agent, now):
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


# ---------------------------------------------------------------------------------------------
# queues


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
def leave_queue(routes, clock, live, waiting, ready, teams, slot):
    """Take a contact out of its queue."""
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
def open_routes(dists, atoms, tables, selectors, routes, settings, open_now, live, visits, ready, teams, slot, queue):
    """Open the routes that need no wait; the others fall due in `wait_on`."""
    mask = np.int64(0)
    live[this(slot)]["first_after"] = visits[this(slot), Purpose.AFTER]
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
    live[this(slot)]["open_ranks"] = mask


@inlined
def open_route(routes, live, ready, teams, slot, rank):
    """A further group may answer a waiting contact."""
    queue = live[this(slot)]["queue"]
    live[this(slot)]["open_ranks"] |= np.int64(1) << rank
    ready[this(queue), this(rank)] += 1
    teams[this(routes[this(queue), this(rank)]["group"])]["ready"] += 1


@inlined
def schedule_routes(dists, atoms, tables, selectors, routes, settings, clock, open_now, live, heap, slot, now):
    """Let the routes that need a wait fall due, with the draws that `open_routes` made."""
    queue = live[this(slot)]["queue"]
    visit = live[this(slot)]["first_after"]
    for rank in range(routes.shape[1]):
        if routes[this(queue), this(rank)]["group"] == NONE:
            break
        dist = dist_now(dists, selectors, open_now, routes[this(queue), this(rank)]["after"])
        if dist == NONE:
            continue
        after = duration_of(
            dists, atoms, tables, settings, live, slot, Purpose.AFTER, visit & 255, dist, 1.0
        )
        visit += 1
        if after > 0:
            schedule(
                clock, heap, now + after, Due.ROUTE_OPEN, live[this(slot)]["serial"], rank, slot,
                live[this(slot)]["join"],
            )  # fmt: skip


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
def join_queue(steps, dists, atoms, tables, selectors, queues, balks, routes, groups, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, heap, slot, now):
    """Join a queue; False if it is full."""
    wait_on(dists, atoms, tables, selectors, routes, settings, clock, open_now, live, heap, now)
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
        dists, atoms, tables, selectors, routes, settings, open_now, live, visits, ready, teams, slot, queue
    )
    fits = queues[this(queue)]["capacity"] == NONE or not is_full(
        routes, queues, groups, open_now, live, waiting, idle, idle_since, slot, queue
    )
    line_up(clock, live, waiting, slot, queue)
    if not fits:
        return False
    caller["patience"] = draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"],
    )  # fmt: skip
    caller["limit"] = draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.LIMIT,
        queues[this(queue)]["limit"],
    )  # fmt: skip
    caller["offer"] = draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.OFFER,
        queues[this(queue)]["offer"],
    )  # fmt: skip
    if balking > 0.0 and caller["kind"] != ContactKind.PROBE:
        if draw(live, visits, slot, Purpose.BALK) < balking:
            caller["balks"] = 1
            caller["patience"] = 0
    clock[0]["joined"] = slot
    return True


@inlined
def wait_on(dists, atoms, tables, selectors, routes, settings, clock, open_now, live, heap, now):
    """Let everything that may end the wait of whoever joined last fall due, if it still waits.

    Left until nobody free could answer at once: half the contacts of a well-staffed centre need
    no rows of the heap, which would only have to be removed again.
    """
    slot = clock[0]["joined"]
    clock[0]["joined"] = NONE
    if slot == NONE or live[this(slot)]["queue"] == NONE:
        return
    schedule_routes(
        dists, atoms, tables, selectors, routes, settings, clock, open_now, live, heap, slot, now
    )
    caller = live[this(slot)]
    if caller["kind"] == ContactKind.PROBE:
        return
    serial = caller["serial"]
    leg = caller["join"]
    schedule(clock, heap, now + caller["patience"], Due.PATIENCE_END, serial, 0, slot, leg)
    schedule(clock, heap, now + caller["limit"], Due.LIMIT, serial, 0, slot, leg)
    schedule(clock, heap, now + caller["offer"], Due.OFFER, serial, 0, slot, leg)


@inlined
def still_waits(live, slot, serial, leg):
    """Return whether the contact of this due thing still waits in the queue it then joined."""
    return live[this(slot)]["serial"] == serial and live[this(slot)]["queue"] != NONE and live[this(slot)]["join"] == leg


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
def next_for(tables, queues, routes, pulls, groups, open_now, live, waiting, ready, teams, idle, idle_since, group):
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
def answer_next(steps, exits, tables, queues, routes, pulls, groups, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, legs, counts, sums, waits, n_queues, n_topics, now):
    """Let the lowest group that can answer someone do so; return (contact, next step) or NONE."""
    if clock[0]["waiting"] == 0:
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
                idle, idle_since, agents, legs, counts, sums, waits, n_queues, n_topics, slot,
                group, rank, position, now,
            )  # fmt: skip
            return slot, step
    return np.int64(NONE), np.int64(NONE)


@inlined
def answer(steps, exits, routes, groups, settings, clock, live, visits, waiting, ready, teams, idle, idle_since, agents, legs, counts, sums, waits, n_queues, n_topics, slot, group, rank, position, now):
    """An agent answers the contact (a probe only finds that one would); return its next step."""
    queue = live[this(slot)]["queue"]
    agent = np.int64(NONE)
    if live[this(slot)]["kind"] != ContactKind.PROBE:
        agent = take_agent(teams, idle, idle_since, agents, group, position)
        teams[this(group)]["picks"] += 1
        live[this(slot)]["speed"] = groups[this(group)]["speed"] * routes[this(queue), this(rank)]["speed"]
    close_leg(
        settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot,
        How.ANSWERED, queue, agent, live[this(slot)]["agent"], now,
    )  # fmt: skip
    leave_queue(routes, clock, live, waiting, ready, teams, slot)
    if live[this(slot)]["human"] == NONE:
        live[this(slot)]["human"] = now
    if live[this(slot)]["agent"] == NONE:
        live[this(slot)]["agent"] = agent
    else:
        live[this(slot)]["second"] = agent
    row = steps[this(live[this(slot)]["step"])]
    virtual = live[this(slot)]["virtual"] == 1 and row["fourth"] != NONE
    return take_exit(steps, exits, live, visits, slot, row["fourth"] if virtual else row["done"])


@inlined
def quit_queue(steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents, legs, counts, sums, waits, n_queues, n_topics, slot, how, now):
    """A contact leaves the queue without an answer; return its next step."""
    close_leg(
        settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot, how,
        live[this(slot)]["queue"], NONE, live[this(slot)]["agent"], now,
    )  # fmt: skip
    leave_queue(routes, clock, live, waiting, ready, teams, slot)
    row = steps[this(live[this(slot)]["step"])]
    gave_up = how == How.ABANDONED or how == How.BALKED
    return take_exit(steps, exits, live, visits, slot, row["other"] if gave_up else row["third"])


@compiled
def on_offer(queues, settings, clock, live, visits, agents, legs, counts, sums, waits, n_queues, n_topics, slot, now):
    """A waiting caller may hang up and keep the place."""
    queue = live[this(slot)]["queue"]
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


# ---------------------------------------------------------------------------------------------
# steps


@inlined
def phase_leg(phase):
    """Return the kind of leg of a phase of talk."""
    if phase == Phase.HOLD:
        return LegKind.HOLD
    if phase == Phase.HANDOVER:
        return LegKind.HANDOVER
    if phase == Phase.RING:
        return LegKind.RING
    return LegKind.TALK


@compiled
def start_menu(steps, dists, atoms, tables, selectors, settings, clock, open_now, live, visits, heap, slot, now):
    """Listen until the choice, or until hanging up."""
    step = steps[this(live[this(slot)]["step"])]
    stay = draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"], step["factor"],
    )  # fmt: skip
    hang_up = draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
        step["rival_purpose"], step["rival"],
    )  # fmt: skip
    live[this(slot)]["result"] = step["other"] if hang_up <= stay else step["done"]
    leg = open_leg(clock, live, slot, LegKind.MENU, now)
    schedule(clock, heap, now + min(stay, hang_up), Due.STEP_END, live[this(slot)]["serial"], 0, slot, leg)


@inlined
def start_talk(steps, dists, atoms, tables, selectors, settings, clock, open_now, live, visits, heap, slot, now):
    """Talk, hold or hand over for a drawn time."""
    step = steps[this(live[this(slot)]["step"])]
    factor = step["factor"]
    if step["mode"] == Phase.TALK:
        factor = factor / live[this(slot)]["speed"]
    length = draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"], factor,
    )  # fmt: skip
    live[this(slot)]["result"] = step["done"]
    leg = open_leg(clock, live, slot, phase_leg(step["mode"]), now)
    schedule(clock, heap, now + length, Due.STEP_END, live[this(slot)]["serial"], 0, slot, leg)


@compiled
def start_delay(steps, dists, atoms, tables, selectors, hours, spans, settings, clock, open_now, live, visits, heap, slot, now):
    """Do nothing until a moment."""
    step = steps[this(live[this(slot)]["step"])]
    amount = np.int64(0)
    u = 0.0
    if step["mode"] == Pause.PLAIN or step["mode"] == Pause.WORKING:
        amount = draw_duration(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
            step["purpose"], step["dist"], step["factor"],
        )  # fmt: skip
    else:
        u = draw(live, visits, slot, step["purpose"])
    row = hours[this(step["hours"])]
    end = pause_end(
        spans, row["first"], row["last"], now, step["mode"], amount, u, settings[0]["day"],
        settings[0]["tick"],
    )  # fmt: skip
    live[this(slot)]["result"] = step["done"]
    leg = open_leg(clock, live, slot, LegKind.DELAY, now)
    schedule(clock, heap, end, Due.STEP_END, live[this(slot)]["serial"], 0, slot, leg)


@compiled
def start_consult(steps, dists, atoms, tables, selectors, routes, groups, settings, clock, open_now, live, visits, teams, idle, idle_since, agents, heap, slot, now):
    """Ring the second line once."""
    step = steps[this(live[this(slot)]["step"])]
    there = draw(live, visits, slot, Purpose.AVAILABLE) < step["share"]
    pick_up = draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"], step["factor"],
    )  # fmt: skip
    take_back = draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
        step["rival_purpose"], step["rival"],
    )  # fmt: skip
    leg = open_leg(clock, live, slot, LegKind.CONSULT, now)
    if there and step["target"] != NONE:
        u = uniform(live[this(slot)]["key"], Purpose.AGENT, leg)
        group, rank, position = pick_agent(
            routes, groups, step["target"], np.int64(-1), open_now, idle, idle_since, u
        )
        there = group != NONE
        if there:
            live[this(slot)]["second"] = take_agent(teams, idle, idle_since, agents, group, position)
            live[this(slot)]["speed"] = groups[this(group)]["speed"] * routes[this(step["target"]), this(rank)]["speed"]
    live[this(slot)]["result"] = step["other"]
    at = now
    if there and pick_up <= take_back:
        live[this(slot)]["result"] = step["done"]
        at = now + pick_up
    elif (there or step["mode"] == 1) and take_back < FOREVER:
        at = now + take_back
    schedule(clock, heap, at, Due.STEP_END, live[this(slot)]["serial"], 0, slot, leg)


@compiled
def consult_how(steps, live, slot, now):
    """Return how a consult attempt that ends now has ended."""
    step = steps[this(live[this(slot)]["step"])]
    if live[this(slot)]["result"] == step["done"]:
        return How.REACHED
    rang = step["mode"] == 1 or live[this(slot)]["second"] != NONE or now > live[this(slot)]["since"]
    return How.TAKEN_BACK if rang else How.NOBODY_FREE


@inlined
def on_step_end(steps, exits, dists, atoms, tables, selectors, routes, groups, settings, clock, open_now, live, visits, teams, idle, idle_since, agents, heap, legs, sessions, counts, sums, waits, n_queues, n_topics, slot, now):
    """A menu, talk, consult attempt or delay is over; return the next step, NONE to try again."""
    step = steps[this(live[this(slot)]["step"])]
    how = How.DONE
    place = np.int64(NONE)
    if step["kind"] == StepKind.CONSULT:
        how = consult_how(steps, live, slot, now)
        place = step["target"]
    elif step["kind"] == StepKind.MENU and live[this(slot)]["result"] == step["other"]:
        how = How.ABANDONED
    close_leg(
        settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot, how,
        place, live[this(slot)]["agent"], live[this(slot)]["second"], now,
    )  # fmt: skip
    if step["kind"] == StepKind.CONSULT:
        live[this(slot)]["attempts"] += 1
        if how != How.REACHED:
            specialist = live[this(slot)]["second"]
            if specialist != NONE:
                live[this(slot)]["second"] = NONE
                set_free(
                    groups, settings, clock, teams, idle, idle_since, agents, sessions, sums,
                    n_queues + n_topics, specialist, now,
                )  # fmt: skip
            if live[this(slot)]["attempts"] < step["number"]:
                start_consult(
                    steps, dists, atoms, tables, selectors, routes, groups, settings, clock,
                    open_now, live, visits, teams, idle, idle_since, agents, heap, slot, now,
                )  # fmt: skip
                return np.int64(NONE)
        live[this(slot)]["attempts"] = 0
    return take_exit(steps, exits, live, visits, slot, live[this(slot)]["result"])


@compiled
def dial_in(steps, settings, clock, open_now, live, slot):
    """Take a line; return the exits to take: done, closed or busy."""
    step = steps[this(live[this(slot)]["step"])]
    if open_now[this(step["hours"])] == 0:
        return step["other"]
    limited = settings[0]["lines"] != NONE and live[this(slot)]["kind"] == ContactKind.CALL
    if limited and live[this(slot)]["line"] == 0:
        if clock[0]["lines"] >= settings[0]["lines"]:
            return step["third"]
        live[this(slot)]["line"] = 1
        clock[0]["lines"] += 1
    return step["done"]


@inlined
def advance(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, groups, hours, spans, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, heap, contacts, legs, sessions, counts, sums, waits, n_queues, n_topics, slot, step, now):
    """Go through the journey from `step` until something takes time, or the contact is over."""
    while step != NONE:
        live[this(slot)]["step"] = step
        kind = steps[this(step)]["kind"]
        exit_row = steps[this(step)]["done"]
        if kind == StepKind.QUEUE:
            fits = join_queue(
                steps, dists, atoms, tables, selectors, queues, balks, routes, groups, settings,
                clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, heap, slot, now,
            )  # fmt: skip
            if fits:
                return
            step = quit_queue(
                steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents, legs,
                counts, sums, waits, n_queues, n_topics, slot, How.FULL, now,
            )  # fmt: skip
            continue
        if kind == StepKind.TALK:
            start_talk(
                steps, dists, atoms, tables, selectors, settings, clock, open_now, live, visits,
                heap, slot, now,
            )  # fmt: skip
            return
        if kind == StepKind.WRAP:
            release(
                steps, dists, atoms, tables, selectors, groups, settings, clock, open_now, live,
                visits, teams, idle, idle_since, agents, heap, sessions, sums,
                n_queues + n_topics, slot, now,
            )  # fmt: skip
        elif kind == StepKind.END:
            hang_up(
                groups, settings, clock, live, teams, idle, idle_since, agents, sessions, sums,
                n_queues + n_topics, slot, now,
            )  # fmt: skip
            finish(
                settings, clock, live, contacts, counts, n_queues, slot, steps[this(step)]["target"], now
            )
            return
        elif kind == StepKind.MENU:
            start_menu(
                steps, dists, atoms, tables, selectors, settings, clock, open_now, live, visits,
                heap, slot, now,
            )  # fmt: skip
            return
        elif kind == StepKind.ENTER:
            exit_row = dial_in(steps, settings, clock, open_now, live, slot)
        elif kind == StepKind.SPAWN:
            spawn(
                steps, hours, spans, settings, clock, live, visits, heap, contacts, counts,
                n_queues, slot, now,
            )  # fmt: skip
        elif kind == StepKind.DELAY:
            start_delay(
                steps, dists, atoms, tables, selectors, hours, spans, settings, clock, open_now,
                live, visits, heap, slot, now,
            )  # fmt: skip
            return
        elif kind == StepKind.CONSULT:
            start_consult(
                steps, dists, atoms, tables, selectors, routes, groups, settings, clock, open_now,
                live, visits, teams, idle, idle_since, agents, heap, slot, now,
            )  # fmt: skip
            return
        step = take_exit(steps, exits, live, visits, slot, exit_row)


# ---------------------------------------------------------------------------------------------
# what changes by itself


@compiled
def is_present(groups, settings, agent, group, level, now):
    """Return whether an agent is on the roster now and not absent today."""
    number = agent - groups[this(group)]["first_agent"]
    if number >= level:
        return False
    if groups[this(group)]["absence"] == 0.0:
        return True
    date = settings[0]["first_date"] + now // settings[0]["day"]
    key = date_key(settings[0]["seed"], settings[0]["replication"], groups[this(group)]["key"], date)
    return uniform(key, Purpose.ABSENCE, number) >= groups[this(group)]["absence"]


@compiled
def change_roster(groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, group, level, now):
    """The roster of a group changes: call back who is finishing, log on, send home."""
    clock[0]["shut"] += np.int64(level == 0) - np.int64(teams[this(group)]["level"] == 0)
    teams[this(group)]["level"] = level
    first = groups[this(group)]["first_agent"]
    for agent in range(first, first + groups[this(group)]["n_agents"]):
        wanted = is_present(groups, settings, agent, group, level, now)
        agents[this(agent)]["wanted"] = wanted
        if wanted and agents[this(agent)]["presence"] == Presence.OFF:
            log_on(groups, clock, teams, idle, idle_since, agents, agent, now)
        elif not wanted and agents[this(agent)]["presence"] == Presence.IDLE:
            leave_idle(teams, idle, idle_since, agents, agent)
            log_off(settings, clock, agents, sessions, sums, row, agent, now)


@compiled
def on_change(groups, changes, settings, clock, open_now, live, waiting, teams, idle, idle_since, agents, heap, sessions, sums, row, index, now):
    """Hours, a roster or a queue changes; return a contact to send away, or NONE."""
    change = changes[this(index)]
    subject = change["subject"]
    if change["kind"] == ChangeKind.CLEAR:
        slot = waiting[this(subject)]["head"]
        if slot != NONE:
            schedule(clock, heap, now, Due.CHANGE, index, 0, NONE, 0)
            return slot
    elif change["kind"] == ChangeKind.HOURS:
        open_now[this(subject)] = change["level"]
    else:
        change_roster(
            groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, subject,
            change["level"], now,
        )  # fmt: skip
    following = index + 1
    if following < changes.shape[0]:
        schedule(clock, heap, changes[this(following)]["at"], Due.CHANGE, following, 0, NONE, 0)
    return np.int64(NONE)


# ---------------------------------------------------------------------------------------------
# arrivals


@compiled
def start_date(dists, atoms, tables, streams, days, settings, flows, stream):
    """Go to the next date of a stream that has arrivals; False if there is none."""
    flow = flows[this(stream)]
    while True:
        flow["date"] += 1
        if flow["date"] >= settings[0]["n_days"]:
            return False
        if days[this(stream), this(flow["date"])] != NONE:
            break
    seed = settings[0]["seed"]
    replication = settings[0]["replication"]
    date = settings[0]["first_date"] + flow["date"]
    flow["index"] = 0
    flow["sum"] = 0.0
    flow["piece"] = days[this(stream), this(flow["date"])]
    flow["date_key"] = date_key(seed, replication, streams[this(stream)]["key"], date)
    flow["busyness"] = 1.0
    if streams[this(stream)]["busyness"] != NONE:
        key = date_key(seed, replication, streams[this(stream)]["busyness_key"], date)
        u = uniform(key, Purpose.BUSYNESS, 0)
        flow["busyness"] = value_at(dists, atoms, tables, streams[this(stream)]["busyness"], u) * 1e-6
    return True


@inlined
def next_arrival(dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream):
    """Return when the contact after the stream's last arrives, and keep its key; FOREVER if none."""
    flow = flows[this(stream)]
    if streams[this(stream)]["first_moment"] != NONE:
        row = streams[this(stream)]["first_moment"] + flow["index"]
        if row >= streams[this(stream)]["last_moment"]:
            return np.int64(FOREVER)
        seed = settings[0]["seed"]
        replication = settings[0]["replication"]
        first = date_key(seed, replication, streams[this(stream)]["key"], settings[0]["first_date"])
        flow["next_key"] = contact_key(first, flow["index"])
        flow["index"] += 1
        return moments[this(row)]
    if flow["date"] == NONE:
        if not start_date(dists, atoms, tables, streams, days, settings, flows, stream):
            return np.int64(FOREVER)
    while True:
        key = contact_key(flow["date_key"], flow["index"])
        flow["sum"] += quantile(tables[0], uniform(key, Purpose.ARRIVAL, 0))
        if flow["busyness"] > 0.0:
            target = flow["sum"]
            if flow["busyness"] != 1.0:
                target = target / flow["busyness"]
            piece = flow["piece"]
            while pieces[this(piece + 1)]["at"] != NONE and pieces[this(piece + 1)]["expected"] <= target:
                piece += 1
            flow["piece"] = piece
            if pieces[this(piece + 1)]["at"] != NONE:
                flow["next_key"] = key
                flow["index"] += 1
                return arrival_time(pieces, settings, piece, flow["date"], target)
        if not start_date(dists, atoms, tables, streams, days, settings, flows, stream):
            return np.int64(FOREVER)


@inlined
def arrival_time(pieces, settings, piece, date, target):
    """Return the moment at which the cumulative rate of a date reaches `target`."""
    low = pieces[this(piece)]
    high = pieces[this(piece + 1)]
    share = (target - low["expected"]) / (high["expected"] - low["expected"])
    offset = low["at"] + share * (high["at"] - low["at"])
    tick = settings[0]["tick"]
    if tick == 1:
        return np.int64(np.rint(date * settings[0]["day"] + offset))
    return np.int64(np.rint((date * settings[0]["day"] + offset) / tick)) * tick


@inlined
def schedule_arrival(dists, atoms, tables, streams, days, pieces, moments, settings, clock, flows, heap, stream):
    """Let the next contact of a stream fall due, and draw the one after it.

    The draw is a long chain of operations. Made one contact ahead, nothing waits for it, and the
    processor works it out beside what follows (1.15 times as fast).
    """
    flow = flows[this(stream)]
    at = flow["at"]
    flow["key"] = flow["next_key"]
    flow["at"] = next_arrival(
        dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream
    )
    schedule(clock, heap, at, Due.ARRIVAL, stream, 0, stream, 0)


@inlined
def on_arrival(dists, atoms, tables, hours, spans, streams, days, pieces, moments, settings, clock, live, visits, flows, heap, contacts, counts, n_queues, stream, now):
    """A contact of a stream arrives; return its row of `live`."""
    row = streams[this(stream)]
    due = due_time(hours, spans, row["hours"], now, row["due_days"], settings[0]["day"])
    key = flows[this(stream)]["key"]
    schedule_arrival(
        dists, atoms, tables, streams, days, pieces, moments, settings, clock, flows, heap, stream
    )
    return give_birth(
        settings, clock, live, visits, contacts, counts, n_queues, key, row["kind"], row["origin"],
        row["topic"], np.int64(NONE), due, now,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------
# the loop


@compiled
def start(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, pulls, groups, hours, spans, changes, streams, days, pieces, moments, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, flows, heap, contacts, legs, sessions, counts, sums, waits):
    """Let the first change and each stream's first arrival fall due."""
    if changes.shape[0] > 0:
        schedule(clock, heap, changes[0]["at"], Due.CHANGE, 0, 0, NONE, 0)
    for stream in range(streams.shape[0]):
        flows[this(stream)]["at"] = next_arrival(
            dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream
        )
        schedule_arrival(
            dists, atoms, tables, streams, days, pieces, moments, settings, clock, flows, heap,
            stream,
        )  # fmt: skip


@inlined
def has_room(clock, live, heap, contacts, legs, sessions, spare_slots, spare):
    """Return whether every table has room for whatever one event may add."""
    if clock[0]["rows"] + spare_slots > live.shape[0]:
        return False
    if clock[0]["due"] + spare > heap.shape[0]:
        return False
    if clock[0]["logging"] == 0:
        return True
    return (
        clock[0]["born"] + spare <= contacts.shape[0]
        and clock[0]["legs"] + spare <= legs.shape[0]
        and clock[0]["sessions"] + spare <= sessions.shape[0]
    )


@separate
def play(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, pulls, groups, hours, spans, changes, streams, days, pieces, moments, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, flows, heap, contacts, legs, sessions, counts, sums, waits, n_topics, until, spare_slots, spare):
    """Let everything happen that falls due before `until`; return a Status."""
    n_queues = queues.shape[0]
    groups_from = n_queues + n_topics
    while True:
        close_gap(clock, heap)
        if clock[0]["due"] == 0:
            return Status.FINISHED
        now = heap[0]["at"]
        if now >= until:
            clock[0]["now"] = until
            return Status.REACHED
        if now >= settings[0]["until"] and clock[0]["live"] == 0:
            return Status.FINISHED
        if not has_room(clock, live, heap, contacts, legs, sessions, spare_slots, spare):
            return Status.FULL
        order = heap[0]["order"]
        slot = heap[0]["slot"]
        note = heap[0]["note"]
        kind = kind_of(order)
        subject = subject_of(order)
        clock[0]["gap"] = 1
        clock[0]["now"] = now
        keep_bucket(settings, clock, now)
        clock[0]["events"] += 1
        step = np.int64(NONE)
        if kind == Due.STEP_END:
            step = on_step_end(
                steps, exits, dists, atoms, tables, selectors, routes, groups, settings, clock,
                open_now, live, visits, teams, idle, idle_since, agents, heap, legs, sessions,
                counts, sums, waits, n_queues, n_topics, slot, now,
            )  # fmt: skip
        elif kind == Due.ARRIVAL:
            slot = on_arrival(
                dists, atoms, tables, hours, spans, streams, days, pieces, moments, settings,
                clock, live, visits, flows, heap, contacts, counts, n_queues, subject, now,
            )  # fmt: skip
            step = streams[this(subject)]["entry"]
        elif kind == Due.WRAP_END:
            on_wrap_end(
                groups, settings, clock, teams, idle, idle_since, agents, legs, sessions, counts,
                sums, n_queues, n_topics, subject, now,
            )  # fmt: skip
        elif kind == Due.BIRTH:
            step = live[this(slot)]["result"]
        elif kind == Due.CHANGE:
            slot = on_change(
                groups, changes, settings, clock, open_now, live, waiting, teams, idle, idle_since,
                agents, heap, sessions, sums, groups_from, subject, now,
            )  # fmt: skip
            if slot != NONE:
                step = quit_queue(
                    steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents,
                    legs, counts, sums, waits, n_queues, n_topics, slot, How.CLOSED, now,
                )  # fmt: skip
        elif not still_waits(live, slot, subject, note):
            continue
        elif kind == Due.ROUTE_OPEN:
            open_route(routes, live, ready, teams, slot, rank_of(order))
        elif live[this(slot)]["virtual"] == 1:
            continue
        elif kind == Due.OFFER:
            on_offer(
                queues, settings, clock, live, visits, agents, legs, counts, sums, waits, n_queues,
                n_topics, slot, now,
            )  # fmt: skip
        else:
            how = How.ABANDONED
            if kind == Due.LIMIT:
                how = How.TIMEOUT
            elif live[this(slot)]["balks"] == 1:
                how = How.BALKED
            step = quit_queue(
                steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents, legs,
                counts, sums, waits, n_queues, n_topics, slot, how, now,
            )  # fmt: skip
        while True:
            advance(
                steps, exits, dists, atoms, tables, selectors, queues, balks, routes, groups,
                hours, spans, settings, clock, open_now, live, visits, waiting, ready, teams, idle,
                idle_since, agents, heap, contacts, legs, sessions, counts, sums, waits, n_queues,
                n_topics, slot, step, now,
            )  # fmt: skip
            slot, step = answer_next(
                steps, exits, tables, queues, routes, pulls, groups, settings, clock, open_now,
                live, visits, waiting, ready, teams, idle, idle_since, agents, legs, counts, sums,
                waits, n_queues, n_topics, now,
            )  # fmt: skip
            if step == NONE:
                break
        wait_on(
            dists, atoms, tables, selectors, routes, settings, clock, open_now, live, heap, now
        )
        send_home(
            settings, clock, teams, idle, idle_since, agents, sessions, sums, groups_from, now
        )
