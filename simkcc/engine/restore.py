"""The kernel at the start of a run that begins from a given state: who waits, talks, wraps up."""

import numpy as np

from simkcc.engine.agents import make_idle
from simkcc.engine.chance import Purpose, dist_now, given_key, remaining_duration, uniform
from simkcc.engine.changes import is_present
from simkcc.engine.clock import keep_bucket, schedule
from simkcc.engine.contacts import finish, give_birth
from simkcc.engine.deadlines import set_deadline
from simkcc.engine.draws import draw, draw_duration, draw_limit, draw_remaining
from simkcc.engine.legs import open_leg
from simkcc.engine.plan import ChangeKind
from simkcc.engine.state import Presence
from simkcc.engine.statistics import bucket_of
from simkcc.engine.steps import phase_leg
from simkcc.engine.waiting import line_up, open_route
from simkcc.engine.working_time import dated_pause, open_time_between, pause_end
from simkcc.model.contact_log import FOREVER, NONE, LegKind, Origin
from simkcc.model.events import Due
from simkcc.model.steps import Pause, Phase, StepKind
from simkcc.routing.compiled import compiled, program, this


@compiled
def way_at(exits, row, u):
    """Return the step of the exits from `row` on that `u` selects."""
    while u >= exits[this(row)]["below"]:
        row += 1
    return exits[this(row)]["step"]


@program
def restore(steps, exits, dists, atoms, tables, selectors, queues, routes, groups, hours, spans, changes, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, opens, deadlines, heap, contacts, counts, given, present):  # fmt: skip
    """Bring about the state at the start of the run; nobody has been answered yet."""
    now = settings[0]["start"]
    n_queues = queues.shape[0]
    keep_bucket(settings, clock, now)
    agents["since"][:] = now
    past_changes(groups, changes, settings, clock, open_now, teams, agents, now)
    for row in range(present.shape[0]):
        agents[this(present[row]["agent"])]["wanted"] = present[row]["there"]
        agents[this(present[row]["agent"])]["since"] = present[row]["since"]
        agents[this(present[row]["agent"])]["channel"] = present[row]["channel"]
    for row in range(given.shape[0]):
        restore_contact(
            steps, exits, dists, atoms, tables, selectors, queues, routes, hours, spans, settings,
            clock, open_now, live, visits, waiting, ready, teams, agents, opens, deadlines, heap,
            contacts, counts, n_queues, given, row, now,
        )  # fmt: skip
    for row in range(present.shape[0]):
        if present[row]["contact"] != NONE:
            restore_wrap_up(
                steps, exits, dists, atoms, tables, selectors, settings, clock, open_now, agents,
                heap, given, present, row, now,
            )  # fmt: skip
    for agent in range(agents.shape[0]):
        if agents[this(agent)]["wanted"] == 1 and agents[this(agent)]["presence"] == Presence.OFF:
            agents[this(agent)]["session"] = now
            agents[this(agent)]["session_bucket"] = clock[0]["bucket"]
            since = agents[this(agent)]["since"]
            make_idle(groups, teams, idle, idle_since, agents, agent, since)
    if given.shape[0] + present.shape[0] > 0:
        schedule(clock, heap, now, Due.GIVEN, 0, NONE)


@compiled
def past_changes(groups, changes, settings, clock, open_now, teams, agents, now):
    """Know the hours and the rosters of the start; queues were cleared before."""
    for index in range(changes.shape[0]):
        change = changes[this(index)]
        if change["at"] >= now:
            return
        subject = change["subject"]
        if change["kind"] == ChangeKind.HOURS:
            open_now[this(subject)] = change["level"]
        elif change["kind"] == ChangeKind.ROSTER:
            level = change["level"]
            clock[0]["shut"] += np.int64(level == 0) - np.int64(teams[this(subject)]["level"] == 0)
            teams[this(subject)]["level"] = level
            first = groups[this(subject)]["first_agent"]
            for agent in range(first, first + groups[this(subject)]["n_agents"]):
                agents[this(agent)]["wanted"] = is_present(
                    groups, settings, agent, subject, level, change["at"]
                )


@compiled
def occupy(clock, agents, agent, now):
    """An agent is there and busy."""
    if agent != NONE:
        agents[this(agent)]["presence"] = Presence.BUSY
        agents[this(agent)]["session"] = now
        agents[this(agent)]["session_bucket"] = clock[0]["bucket"]


@compiled
def restore_contact(steps, exits, dists, atoms, tables, selectors, queues, routes, hours, spans, settings, clock, open_now, live, visits, waiting, ready, teams, agents, opens, deadlines, heap, contacts, counts, n_queues, given, row, now):  # fmt: skip
    """Bring a given contact to life where it is; each of its times counts in its own half hour."""
    one = given[row]
    seed = settings[0]["seed"]
    replication = settings[0]["replication"]
    first_date = settings[0]["first_date"]
    here = clock[0]["bucket"]
    clock[0]["bucket"] = bucket_of(one["born"], first_date, settings[0]["day"])
    slot = give_birth(
        settings, clock, live, visits, contacts, counts, n_queues,
        given_key(seed, replication, 0, row), one["kind"], one["origin"], one["topic"],
        one["parent"], one["due"], one["born"],
    )  # fmt: skip
    clock[0]["bucket"] = here
    if one["ended"] != NONE:
        finish(
            settings, clock, live, contacts, counts, n_queues, slot, one["outcome"], one["ended"]
        )
        return
    for other in range(live.shape[0]):
        if one["parent"] != NONE and live[this(other)]["serial"] == one["parent"]:
            live[this(slot)]["parent"] = other
            live[this(slot)]["parent_serial"] = one["parent"]
    live[this(slot)]["redials"] = np.int64(one["origin"] == Origin.REDIAL)
    live[this(slot)]["repeats"] = np.int64(one["origin"] == Origin.REPEAT)
    live[this(slot)]["line"] = one["line"]
    live[this(slot)]["agent"] = one["agent"]
    live[this(slot)]["second"] = one["second"]
    live[this(slot)]["speed"] = one["speed"]
    clock[0]["lines"] += one["line"]
    occupy(clock, agents, one["agent"], now)
    occupy(clock, agents, one["second"], now)
    u = uniform(given_key(seed, replication, 2, row), Purpose.BRANCH, 0)
    step = way_at(exits, one["ways"], u)
    live[this(slot)]["step"] = step
    if one["since"] == NONE:
        live[this(slot)]["result"] = step
        schedule(clock, heap, now, Due.BIRTH, live[this(slot)]["serial"], slot)
    else:
        clock[0]["bucket"] = bucket_of(one["since"], first_date, settings[0]["day"])
        resume(
            steps, dists, atoms, tables, selectors, queues, routes, hours, spans, settings, clock,
            open_now, live, visits, waiting, ready, teams, opens, deadlines, heap, slot, one["since"],
            one["joined"], one["virtual"], now,
        )  # fmt: skip
        clock[0]["bucket"] = here
    live[this(slot)]["legs"] = one["legs"]


@compiled
def resume(steps, dists, atoms, tables, selectors, queues, routes, hours, spans, settings, clock, open_now, live, visits, waiting, ready, teams, opens, deadlines, heap, slot, since, joined, virtual, now):  # fmt: skip
    """Let a contact be where it is since `since`, and what is left of that stay fall due."""
    step = steps[this(live[this(slot)]["step"])]
    if step["kind"] == StepKind.QUEUE:
        resume_wait(
            steps, dists, atoms, tables, selectors, queues, routes, settings, clock, open_now,
            live, visits, waiting, ready, teams, opens, deadlines, slot, since, joined, virtual, now,
        )  # fmt: skip
        return
    live[this(slot)]["result"] = step["done"]
    if step["kind"] == StepKind.MENU:
        left = draw_remaining(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
            step["purpose"], step["dist"], step["factor"], now - since,
        )  # fmt: skip
        if step["rival"] != NONE:
            hang_up = draw_remaining(
                dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
                step["rival_purpose"], step["rival"], 1.0, now - since,
            )  # fmt: skip
            if hang_up <= left:
                live[this(slot)]["result"] = step["other"]
                left = hang_up
        end = now + left
        kind = LegKind.MENU
    elif step["kind"] == StepKind.TALK:
        factor = step["factor"]
        if step["mode"] == Phase.TALK:
            factor = factor / live[this(slot)]["speed"]
        end = now + draw_remaining(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
            step["purpose"], step["dist"], factor, now - since,
        )  # fmt: skip
        kind = phase_leg(step["mode"])
    else:
        end = rest_of_delay(
            steps, dists, atoms, tables, selectors, hours, spans, settings, open_now, live, visits,
            slot, since, now,
        )  # fmt: skip
        kind = LegKind.DELAY
    open_leg(clock, live, slot, kind, since)
    schedule(clock, heap, end, Due.STEP_END, live[this(slot)]["serial"], slot)


@compiled
def rest_of_delay(steps, dists, atoms, tables, selectors, hours, spans, settings, open_now, live, visits, slot, since, now):  # fmt: skip
    """Return when a delay ends that began at `since`."""
    step = steps[this(live[this(slot)]["step"])]
    row = hours[this(step["hours"])]
    pause = step["mode"]
    day = settings[0]["day"]
    amount = np.int64(0)
    u = 0.0
    if pause == Pause.PLAIN or pause == Pause.WORKING:
        elapsed = now - since
        if pause == Pause.WORKING:
            elapsed = open_time_between(spans, row["first"], row["last"], since, now)
        amount = draw_remaining(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
            step["purpose"], step["dist"], step["factor"], elapsed,
        )  # fmt: skip
    else:
        u = draw(live, visits, slot, step["purpose"])
        pause = dated_pause(pause, since, now, day)
    return pause_end(
        spans, row["first"], row["last"], now, pause, amount, u, day, settings[0]["tick"]
    )


@compiled
def resume_wait(steps, dists, atoms, tables, selectors, queues, routes, settings, clock, open_now, live, visits, waiting, ready, teams, opens, deadlines, slot, since, joined, virtual, now):  # fmt: skip
    """Let a contact wait that joined its queue at `joined`: at its place, its routes open by now."""
    caller = live[this(slot)]
    step = steps[this(caller["step"])]
    queue = step["target"]
    caller["queue"] = queue
    caller["join"] = open_leg(clock, live, slot, LegKind.QUEUE, since)
    caller["joined"] = joined
    caller["joined_bucket"] = bucket_of(joined, settings[0]["first_date"], settings[0]["day"])
    caller["priority"] = step["number"]
    caller["virtual"] = virtual
    caller["visits"] = 1
    caller["balks"] = 0
    caller["open_ranks"] = 0
    caller["later_ranks"] = 0
    line_up(clock, live, waiting, slot, queue)
    for rank in range(routes.shape[1]):
        if routes[this(queue), this(rank)]["group"] == NONE:
            break
        after = draw_duration(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.AFTER,
            routes[this(queue), this(rank)]["after"], 1.0,
        )  # fmt: skip
        if joined + after < now:
            open_route(routes, clock, live, ready, teams, slot, rank)
        else:
            caller["later_ranks"] |= np.int64(1) << rank
            opens[this(slot), this(rank)] = joined + after
    caller["gives_up"] = FOREVER
    caller["sent_away"] = FOREVER
    caller["offered"] = FOREVER
    if not virtual:
        limit_wait(
            steps, dists, atoms, tables, selectors, queues, settings, open_now, live, visits, slot,
            now,
        )  # fmt: skip
    set_deadline(clock, live, opens, deadlines, slot)


@compiled
def limit_wait(steps, dists, atoms, tables, selectors, queues, settings, open_now, live, visits, slot, now):  # fmt: skip
    """Know when the wait of a contact that has waited already will end by itself."""
    caller = live[this(slot)]
    step = steps[this(caller["step"])]
    queue = caller["queue"]
    elapsed = now - caller["joined"]
    if step["dist"] != NONE:
        caller["gives_up"] = now + draw_remaining(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot,
            step["purpose"], step["dist"], 1.0, elapsed,
        )  # fmt: skip
    if queues[this(queue)]["limit"] != NONE:
        caller["sent_away"] = now + draw_remaining(
            dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.LIMIT,
            queues[this(queue)]["limit"], 1.0, elapsed,
        )  # fmt: skip
    offer = draw_limit(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, Purpose.OFFER,
        queues[this(queue)]["offer"],
    )  # fmt: skip
    if offer < FOREVER and caller["joined"] + offer >= now:
        caller["offered"] = caller["joined"] + offer


@compiled
def restore_wrap_up(steps, exits, dists, atoms, tables, selectors, settings, clock, open_now, agents, heap, given, present, row, now):  # fmt: skip
    """Let an agent do after-call work that began before."""
    one = present[row]
    agent = one["agent"]
    contact = one["contact"]
    key = given_key(settings[0]["seed"], settings[0]["replication"], 1, agent)
    step = steps[this(way_at(exits, one["ways"], uniform(key, Purpose.BRANCH, 0)))]
    left = np.int64(0)
    chosen = dist_now(dists, selectors, open_now, step["dist"])
    if chosen != NONE:
        left = remaining_duration(
            dists, atoms, tables, chosen, uniform(key, step["purpose"], 0), now - one["wraps"],
            step["factor"] / one["speed"], settings[0]["tick"],
        )  # fmt: skip
    occupy(clock, agents, agent, now)
    worker = agents[this(agent)]
    worker["contact"] = contact
    worker["leg"] = one["leg"]
    worker["start"] = one["wraps"]
    worker["start_bucket"] = bucket_of(one["wraps"], settings[0]["first_date"], settings[0]["day"])
    worker["topic"] = given[contact]["topic"]
    worker["born"] = given[contact]["born"]
    clock[0]["live"] += 1
    schedule(clock, heap, now + left, Due.WRAP_END, agent, agent)
