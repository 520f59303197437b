"""What may end a wait in the kernel: a heap with one row per contact that waits, for what comes first.

Whoever is answered takes the row along, wherever in the heap it is. So nothing void ever falls due,
and the rows are as few as those who wait now. Rows are those of heap.py.
"""

import numpy as np

from simkcc.engine.heap import NEVER, due_order, move, precedes, write_due
from simkcc.model.contact_log import FOREVER, NONE, ContactKind
from simkcc.model.events import Due
from simkcc.routing.compiled import inlined, this


@inlined
def first_deadline(live, opens, slot):
    """Return (time, order) of what comes first to a waiting contact; FOREVER if nothing does.

    At equal times the lower kind comes first, then the lower rank: they are looked at in that order.
    """
    caller = live[this(slot)]
    at = np.int64(FOREVER)
    kind = np.int64(Due.PATIENCE_END)
    which = np.int64(0)
    if caller["virtual"] == 0 and caller["kind"] != ContactKind.PROBE:
        at = caller["gives_up"]
        if caller["sent_away"] < at:
            at = caller["sent_away"]
            kind = np.int64(Due.LIMIT)
        if caller["offered"] < at:
            at = caller["offered"]
            kind = np.int64(Due.OFFER)
    ranks = caller["later_ranks"]
    rank = np.int64(0)
    while ranks != 0:
        if ranks & 1 and opens[this(slot), this(rank)] < at:
            at = opens[this(slot), this(rank)]
            kind = np.int64(Due.ROUTE_OPEN)
            which = rank
        ranks >>= 1
        rank += 1
    return at, due_order(kind, caller["serial"], which)


@inlined
def shift(live, deadlines, source, target):
    """Move a row, and let its contact know where it is."""
    move(deadlines, source, target)
    live[this(deadlines[this(target)]["slot"])]["place"] = np.int64(target)


@inlined
def settle(live, deadlines, size, free, at, order, slot):
    """Put a row where the row `free` of deadlines[:size] was, or where it belongs above or below."""
    last = np.uint64(size)
    place = np.uint64(free)
    while place > 0:
        above = (place - np.uint64(1)) >> np.uint64(1)
        if precedes(deadlines, above, at, order):
            break
        shift(live, deadlines, above, place)
        place = above
    below = np.uint64(2) * place + np.uint64(1)
    while below < last:
        right = below + np.uint64(1)
        below += np.uint64(
            precedes(
                deadlines, right, deadlines[this(below)]["at"], deadlines[this(below)]["order"]
            )
        )
        if not precedes(deadlines, below, at, order):
            break
        shift(live, deadlines, below, place)
        place = below
        below = np.uint64(2) * place + np.uint64(1)
    write_due(deadlines, place, at, order, slot)
    live[this(slot)]["place"] = np.int64(place)


@inlined
def drop_deadline(clock, live, deadlines, slot):
    """A contact waits no longer, or nothing ends its wait: take its row away, if it has one."""
    free = live[this(slot)]["place"]
    if free == NONE:
        return
    live[this(slot)]["place"] = NONE
    last = clock[0]["deadlines"] - 1
    clock[0]["deadlines"] = last
    at = deadlines[this(last)]["at"]
    deadlines[this(last)]["at"] = NEVER
    if free != last:
        settle(
            live, deadlines, last, free, at, deadlines[this(last)]["order"],
            deadlines[this(last)]["slot"],
        )  # fmt: skip


@inlined
def set_deadline(clock, live, opens, deadlines, slot):
    """Let what comes first to a waiting contact fall due, in place of what has just come."""
    at, order = first_deadline(live, opens, slot)
    if at >= FOREVER:
        drop_deadline(clock, live, deadlines, slot)
        return
    free = live[this(slot)]["place"]
    if free == NONE:
        free = clock[0]["deadlines"]
        clock[0]["deadlines"] = free + 1
    settle(live, deadlines, clock[0]["deadlines"], free, at, order, slot)
