"""Steps of a journey in the kernel: what each does, and on to the next."""

import numpy as np

from simkcc.engine.agents import hang_up, release, set_free, take_agent
from simkcc.engine.chance import Purpose, uniform
from simkcc.engine.clock import schedule
from simkcc.engine.contacts import finish, spawn
from simkcc.engine.draws import at_speed, draw, draw_duration, draw_limit, take_exit
from simkcc.engine.legs import close_leg, open_leg
from simkcc.engine.waiting import join_queue, quit_queue
from simkcc.engine.working_time import pause_end
from simkcc.model.contact_log import FOREVER, NONE, ContactKind, How, LegKind
from simkcc.model.events import Due
from simkcc.model.steps import Asks, Pause, Phase, StepKind
from simkcc.routing.compiled import compiled, inlined, this
from simkcc.routing.rules import pick_agent


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


@inlined
def start_menu(steps, dists, atoms, tables, selectors, settings, clock, open_now, live, visits, heap, slot, now):  # fmt: skip
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
    open_leg(clock, live, slot, LegKind.MENU, now)
    end = now + min(stay, hang_up)
    schedule(clock, heap, end, Due.STEP_END, live[this(slot)]["serial"], slot)


@inlined
def start_talk(steps, dists, atoms, tables, selectors, settings, clock, open_now, live, visits, heap, slot, now):  # fmt: skip
    """Talk, hold or hand over for a drawn time."""
    step = steps[this(live[this(slot)]["step"])]
    factor = step["factor"]
    if step["mode"] == Phase.TALK:
        factor = at_speed(factor, live[this(slot)]["speed"])
    length = draw_duration(
        dists, atoms, tables, selectors, settings, open_now, live, visits, slot, step["purpose"],
        step["dist"], factor,
    )  # fmt: skip
    if step["mode"] == Phase.TALK:
        length += live[this(slot)]["switching"]
        live[this(slot)]["switching"] = 0
    live[this(slot)]["result"] = step["done"]
    open_leg(clock, live, slot, phase_leg(step["mode"]), now)
    schedule(clock, heap, now + length, Due.STEP_END, live[this(slot)]["serial"], slot)


@inlined
def start_delay(steps, dists, atoms, tables, selectors, hours, spans, settings, clock, open_now, live, visits, heap, slot, now):  # fmt: skip
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
    open_leg(clock, live, slot, LegKind.DELAY, now)
    schedule(clock, heap, end, Due.STEP_END, live[this(slot)]["serial"], slot)


@compiled
def start_consult(steps, dists, atoms, tables, selectors, routes, groups, settings, clock, open_now, live, visits, teams, idle, idle_since, agents, heap, slot, now):  # fmt: skip
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
            live[this(slot)]["second"] = take_agent(
                teams, idle, idle_since, agents, group, position
            )
            live[this(slot)]["speed"] = (
                groups[this(group)]["speed"] * routes[this(step["target"]), this(rank)]["speed"]
            )
    live[this(slot)]["result"] = step["other"]
    at = now
    if there and pick_up <= take_back:
        live[this(slot)]["result"] = step["done"]
        at = now + pick_up
    elif (there or step["mode"] == 1) and take_back < FOREVER:
        at = now + take_back
    schedule(clock, heap, at, Due.STEP_END, live[this(slot)]["serial"], slot)


@compiled
def consult_how(steps, live, slot, now):
    """Return how a consult attempt that ends now has ended."""
    step = steps[this(live[this(slot)]["step"])]
    if live[this(slot)]["result"] == step["done"]:
        return How.REACHED
    rang = (
        step["mode"] == 1 or live[this(slot)]["second"] != NONE or now > live[this(slot)]["since"]
    )
    return How.TAKEN_BACK if rang else How.NOBODY_FREE


@inlined
def on_step_end(steps, exits, dists, atoms, tables, selectors, routes, groups, settings, clock, open_now, live, visits, teams, idle, idle_since, agents, heap, legs, sessions, counts, sums, waits, n_queues, n_topics, slot, now):  # fmt: skip
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
def parent_open(live, slot):
    """Return whether the contact that gave birth to this one is not over yet."""
    parent = live[this(slot)]["parent"]
    return parent != NONE and live[this(parent)]["serial"] == live[this(slot)]["parent_serial"]


@inlined
def advance(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, groups, hours, spans, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, opens, deadlines, heap, contacts, legs, sessions, counts, sums, waits, n_queues, n_topics, slot, step, now):  # fmt: skip
    """Go through the journey from `step` until something takes time, or the contact is over."""
    while step != NONE:
        live[this(slot)]["step"] = step
        kind = steps[this(step)]["kind"]
        exit_row = steps[this(step)]["done"]
        if kind == StepKind.QUEUE:
            fits = join_queue(
                steps, dists, atoms, tables, selectors, queues, balks, routes, groups, settings,
                clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, opens, deadlines,
                slot, now,
            )  # fmt: skip
            if fits:
                return
            step = quit_queue(
                steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents, deadlines,
                legs, counts, sums, waits, n_queues, n_topics, slot, How.FULL, now,
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
                settings,
                clock,
                live,
                contacts,
                counts,
                n_queues,
                slot,
                steps[this(step)]["target"],
                now,
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
        elif kind == StepKind.BRANCH:
            if steps[this(step)]["mode"] == Asks.PARENT_OPEN and not parent_open(live, slot):
                exit_row = steps[this(step)]["other"]
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
