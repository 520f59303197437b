"""The fast engine: the same story as the reference engine, told over arrays by compiled code.

Every function lists exactly the tables it touches, plan tables first, then state tables, then the
subject, then `now`. `live` holds the contacts that are not finished; `slot` is a row of it.
"""

import numpy as np

from simkcc.engine.agents import on_wrap_end, send_home
from simkcc.engine.answering import ANY, answer_next
from simkcc.engine.arrivals import following_arrival, next_arrival, on_arrival
from simkcc.engine.changes import on_change
from simkcc.engine.clock import close_gap, keep_bucket, schedule
from simkcc.engine.deadlines import set_deadline
from simkcc.engine.heap import NEVER, due_order, kind_of, precedes, push, rank_of, subject_of
from simkcc.engine.state import Status
from simkcc.engine.steps import advance, on_step_end
from simkcc.engine.waiting import on_offer, open_route, quit_queue, wait_on
from simkcc.model.contact_log import NONE, How
from simkcc.model.events import Due
from simkcc.routing.compiled import inlined, program, this


@program
def start(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, pulls, groups, hours, spans, changes, streams, days, pieces, moments, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, flows, opens, arriving, deadlines, heap, contacts, legs, sessions, counts, sums, waits):  # fmt: skip
    """Let the first change and each stream's first arrival from the start of the run fall due."""
    begin = settings[0]["start"]
    clock[0]["now"] = begin
    change = 0
    while change < changes.shape[0] and changes[this(change)]["at"] < begin:
        change += 1
    if change < changes.shape[0]:
        schedule(clock, heap, changes[this(change)]["at"], Due.CHANGE, change, NONE)
    for stream in range(streams.shape[0]):
        flows[this(stream)]["at"] = np.int64(NONE)
        while flows[this(stream)]["at"] < begin:
            flows[this(stream)]["at"] = next_arrival(
                dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream
            )
        at = following_arrival(
            dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream
        )
        push(arriving, stream, at, due_order(Due.ARRIVAL, stream, 0), stream)


@inlined
def events_ahead(clock, live, contacts, legs, sessions, spare_slots, spare):
    """Return for how many events every table has room, whatever they add."""
    ahead = (live.shape[0] - clock[0]["rows"]) // spare_slots
    if clock[0]["logging"]:
        ahead = min(ahead, (contacts.shape[0] - clock[0]["born"]) // spare)
        ahead = min(ahead, (legs.shape[0] - clock[0]["legs"]) // spare)
        ahead = min(ahead, (sessions.shape[0] - clock[0]["sessions"]) // spare)
    return ahead


@inlined
def first_due(heap, deadlines, arriving):
    """Return (time, order, slot) of what falls due first, and whether it stands in `heap`."""
    at = heap[0]["at"]
    order = heap[0]["order"]
    slot = heap[0]["slot"]
    in_heap = np.int64(1)
    if precedes(deadlines, 0, at, order):
        at = deadlines[0]["at"]
        order = deadlines[0]["order"]
        slot = deadlines[0]["slot"]
        in_heap = np.int64(0)
    if precedes(arriving, 0, at, order):
        at = arriving[0]["at"]
        order = arriving[0]["order"]
        slot = arriving[0]["slot"]
        in_heap = np.int64(0)
    return at, order, slot, in_heap


@program
def play(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, pulls, groups, hours, spans, changes, streams, days, pieces, moments, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, flows, opens, arriving, deadlines, heap, contacts, legs, sessions, counts, sums, waits, n_topics, until, spare_slots, spare):  # fmt: skip
    """Let everything happen that falls due before `until`; return a Status."""
    n_queues = queues.shape[0]
    groups_from = n_queues + n_topics
    ahead = np.int64(0)
    while True:
        close_gap(clock, heap)
        now, order, slot, in_heap = first_due(heap, deadlines, arriving)
        if now >= until:
            if now == NEVER:
                return Status.FINISHED
            clock[0]["now"] = until
            return Status.REACHED
        if now >= settings[0]["until"] and clock[0]["live"] == 0:
            return Status.FINISHED
        if ahead <= 0:
            ahead = events_ahead(clock, live, contacts, legs, sessions, spare_slots, spare)
            if ahead <= 0:
                return Status.FULL
        ahead -= 1
        kind = kind_of(order)
        subject = subject_of(order)
        clock[0]["gap"] = in_heap
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
                clock, live, visits, flows, arriving, contacts, counts, n_queues, subject, now,
            )  # fmt: skip
            step = streams[this(subject)]["entry"]
        elif kind == Due.WRAP_END:
            on_wrap_end(
                groups, settings, clock, teams, idle, idle_since, agents, legs, sessions, counts,
                sums, n_queues, n_topics, subject, now,
            )  # fmt: skip
        elif kind == Due.GIVEN:
            slot = np.int64(NONE)
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
                    deadlines, legs, counts, sums, waits, n_queues, n_topics, slot, How.CLOSED, now,
                )  # fmt: skip
        elif kind == Due.ROUTE_OPEN:
            open_route(routes, clock, live, ready, teams, slot, rank_of(order))
            set_deadline(clock, live, opens, deadlines, slot)
        elif kind == Due.OFFER:
            on_offer(
                queues, settings, clock, live, visits, agents, legs, counts, sums, waits, n_queues,
                n_topics, slot, now,
            )  # fmt: skip
            set_deadline(clock, live, opens, deadlines, slot)
        else:
            how = How.ABANDONED
            if kind == Due.LIMIT:
                how = How.TIMEOUT
            elif live[this(slot)]["balks"] == 1:
                how = How.BALKED
            step = quit_queue(
                steps, exits, routes, settings, clock, live, visits, waiting, ready, teams, agents,
                deadlines, legs, counts, sums, waits, n_queues, n_topics, slot, how, now,
            )  # fmt: skip
        if clock[0]["shut"] > 0 or kind == Due.CHANGE or kind == Due.GIVEN:
            clock[0]["stirred"] = ANY
        while True:
            advance(
                steps, exits, dists, atoms, tables, selectors, queues, balks, routes, groups,
                hours, spans, settings, clock, open_now, live, visits, waiting, ready, teams, idle,
                idle_since, agents, opens, deadlines, heap, contacts, legs, sessions, counts, sums,
                waits, n_queues, n_topics, slot, step, now,
            )  # fmt: skip
            slot, step = answer_next(
                steps, exits, tables, queues, routes, pulls, groups, settings, clock, open_now,
                live, visits, waiting, ready, teams, idle, idle_since, agents, deadlines, legs,
                counts, sums, waits, n_queues, n_topics, now,
            )  # fmt: skip
            if step == NONE:
                break
        wait_on(clock, live, opens, deadlines)
        send_home(
            settings, clock, teams, idle, idle_since, agents, sessions, sums, groups_from, now
        )
