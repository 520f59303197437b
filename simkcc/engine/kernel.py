"""The fast engine: the same story as reference.py, told over arrays by compiled code.

Every function lists exactly the tables it touches, plan tables first, then state tables, then the
subject, then `now`. `live` holds the contacts that are not finished; `slot` is a row of it.
"""

import numpy as np

from simkcc.engine.agents import on_wrap_end, send_home
from simkcc.engine.answering import answer_next
from simkcc.engine.arrivals import next_arrival, on_arrival, schedule_arrival
from simkcc.engine.changes import on_change
from simkcc.engine.clock import close_gap, keep_bucket, schedule
from simkcc.engine.heap import kind_of, rank_of, subject_of
from simkcc.engine.state import Status
from simkcc.engine.steps import advance, on_step_end
from simkcc.engine.waiting import on_offer, open_route, quit_queue, still_waits, wait_on
from simkcc.model.contact_log import NONE, How
from simkcc.model.events import Due
from simkcc.routing.compiled import compiled, inlined, separate, this


@compiled
def start(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, pulls, groups, hours, spans, changes, streams, days, pieces, moments, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, flows, heap, contacts, legs, sessions, counts, sums, waits):  # fmt: skip
    """Let the first change and each stream's first arrival from the start of the run fall due."""
    begin = settings[0]["start"]
    clock[0]["now"] = begin
    change = 0
    while change < changes.shape[0] and changes[this(change)]["at"] < begin:
        change += 1
    if change < changes.shape[0]:
        schedule(clock, heap, changes[this(change)]["at"], Due.CHANGE, change, 0, NONE, 0)
    for stream in range(streams.shape[0]):
        flows[this(stream)]["at"] = np.int64(NONE)
        while flows[this(stream)]["at"] < begin:
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
def play(steps, exits, dists, atoms, tables, selectors, queues, balks, routes, pulls, groups, hours, spans, changes, streams, days, pieces, moments, settings, clock, open_now, live, visits, waiting, ready, teams, idle, idle_since, agents, flows, heap, contacts, legs, sessions, counts, sums, waits, n_topics, until, spare_slots, spare):  # fmt: skip
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
        wait_on(dists, atoms, tables, selectors, routes, settings, clock, open_now, live, heap, now)
        send_home(
            settings, clock, teams, idle, idle_since, agents, sessions, sums, groups_from, now
        )
