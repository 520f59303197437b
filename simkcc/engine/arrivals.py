"""Arrivals of the streams in the kernel."""

import numpy as np

from simkcc.engine.chance import (
    Purpose,
    bits,
    bits_at,
    contact_key,
    contact_keys,
    date_key,
    quantile_of_bits,
    uniform,
    value_at,
)
from simkcc.engine.contacts import give_birth
from simkcc.engine.heap import NEVER, due_order, replace_first
from simkcc.engine.working_time import due_time
from simkcc.model.contact_log import FOREVER, NONE
from simkcc.model.events import Due
from simkcc.routing.compiled import compiled, inlined, this


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
    flow["contact_keys"] = contact_keys(
        date_key(seed, replication, streams[this(stream)]["key"], date)
    )
    flow["busyness"] = 1.0
    if streams[this(stream)]["busyness"] != NONE:
        key = date_key(seed, replication, streams[this(stream)]["busyness_key"], date)
        u = uniform(key, Purpose.BUSYNESS, 0)
        flow["busyness"] = (
            value_at(dists, atoms, tables, streams[this(stream)]["busyness"], u) * 1e-6
        )
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
        key = bits_at(flow["contact_keys"], flow["index"])
        flow["sum"] += quantile_of_bits(tables[0], bits(key, Purpose.ARRIVAL, 0))
        if flow["busyness"] > 0.0:
            target = flow["sum"]
            if flow["busyness"] != 1.0:
                target = target / flow["busyness"]
            piece = flow["piece"]
            while (
                pieces[this(piece + 1)]["at"] != NONE
                and pieces[this(piece + 1)]["expected"] <= target
            ):
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
def following_arrival(dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream):  # fmt: skip
    """Return when the next contact of a stream arrives, NEVER if none does; draw the one after it.

    The draw is a long chain of operations. Made one contact ahead, nothing waits for it, and the
    processor works it out beside what follows (1.15 times as fast).
    """
    flow = flows[this(stream)]
    at = flow["at"]
    flow["key"] = flow["next_key"]
    flow["at"] = next_arrival(
        dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream
    )
    return at if at < FOREVER else np.int64(NEVER)


@inlined
def on_arrival(dists, atoms, tables, hours, spans, streams, days, pieces, moments, settings, clock, live, visits, flows, arriving, contacts, counts, n_queues, stream, now):  # fmt: skip
    """A contact of a stream arrives; return its row of `live`."""
    row = streams[this(stream)]
    due = due_time(hours, spans, row["hours"], now, row["due_days"], settings[0]["day"])
    key = flows[this(stream)]["key"]
    at = following_arrival(
        dists, atoms, tables, streams, days, pieces, moments, settings, flows, stream
    )
    order = due_order(Due.ARRIVAL, stream, 0)
    replace_first(arriving, flows.shape[0], at, order, stream)
    return give_birth(
        settings, clock, live, visits, contacts, counts, n_queues, key, row["kind"], row["origin"],
        row["topic"], np.int64(NONE), due, now,
    )  # fmt: skip
