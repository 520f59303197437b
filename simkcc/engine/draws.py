"""Draws of a contact in the kernel: its durations and its choices."""

import numpy as np

from simkcc.engine.chance import (
    Purpose,
    bits,
    dist_now,
    duration_at,
    is_constant,
    quantile_of_bits,
    remaining_duration,
    uniform,
)
from simkcc.model.contact_log import FOREVER, NONE
from simkcc.routing.compiled import compiled, inlined, this


@inlined
def draw(live, visits, slot, purpose):
    """Return the contact's next uniform for `purpose`."""
    visit = visits[this(slot), this(purpose)]
    visits[this(slot), this(purpose)] = visit + 1
    key = (
        live[this(slot)]["patience_key"] if purpose == Purpose.PATIENCE else live[this(slot)]["key"]
    )
    return uniform(key, purpose, visit)


@inlined
def at_speed(factor, speed):
    """Return the factor of a duration at a speed of work; most agents spare the division."""
    return factor if speed == 1.0 else factor / speed


@inlined
def duration_of(dists, atoms, tables, settings, live, slot, purpose, visit, dist, factor):
    """Return the duration that the contact's `visit`-th draw of `purpose` gives, in microseconds.

    That is duration_at its uniform; the common case, a table and no atoms, needs fewer operations.
    """
    row = dists[this(dist)]
    tick = settings[0]["tick"]
    if is_constant(dists, dist):
        return duration_at(dists, atoms, tables, dist, 0.0, factor, tick)
    key = (
        live[this(slot)]["patience_key"] if purpose == Purpose.PATIENCE else live[this(slot)]["key"]
    )
    if row["mass"] > 0.0:
        return duration_at(dists, atoms, tables, dist, uniform(key, purpose, visit), factor, tick)
    value = quantile_of_bits(tables[this(row["table"])], bits(key, purpose, visit))
    return np.int64(np.rint(value * factor)) * tick


@inlined
def draw_duration(dists, atoms, tables, selectors, settings, open_now, live, visits, slot, purpose, dist, factor):  # fmt: skip
    """Return a drawn duration in microseconds; zero if there is no distribution."""
    chosen = dist_now(dists, selectors, open_now, dist)
    if chosen == NONE:
        return np.int64(0)
    visit = visits[this(slot), this(purpose)]
    visits[this(slot), this(purpose)] = visit + 1
    return duration_of(dists, atoms, tables, settings, live, slot, purpose, visit, chosen, factor)


@compiled
def draw_remaining(dists, atoms, tables, selectors, settings, open_now, live, visits, slot, purpose, dist, factor, elapsed):  # fmt: skip
    """Return what is left of a drawn duration that lasts `elapsed`; zero without a distribution."""
    chosen = dist_now(dists, selectors, open_now, dist)
    if chosen == NONE:
        return np.int64(0)
    u = draw(live, visits, slot, purpose)
    tick = settings[0]["tick"]
    return np.int64(remaining_duration(dists, atoms, tables, chosen, u, elapsed, factor, tick))


@inlined
def draw_limit(dists, atoms, tables, selectors, settings, open_now, live, visits, slot, purpose, dist):  # fmt: skip
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
