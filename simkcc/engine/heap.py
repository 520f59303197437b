"""A binary heap over one structured array: what falls due, in the order (time, kind, subject)."""

import numpy as np

from simkcc.routing.compiled import inlined, this

due_dtype = np.dtype(
    [
        ("at", "i8"),  # microseconds
        ("order", "i8"),  # kind, subject and rank in one number, see due_order
        ("slot", "i8"),  # where the subject is kept
    ]
)

NEVER = np.iinfo(np.int64).max
"""Time of the rows behind the last: so that every row may be taken to have two rows below it."""

RANK_BITS = 4
SUBJECT_BITS = 52


@inlined
def due_order(kind, subject, rank):
    """Return one number that sorts by kind, then subject, then rank of the route."""
    return (((np.int64(kind) << SUBJECT_BITS) | np.int64(subject)) << RANK_BITS) | np.int64(rank)


@inlined
def kind_of(order):
    """Return the kind within an order."""
    return order >> (SUBJECT_BITS + RANK_BITS)


@inlined
def subject_of(order):
    """Return the subject within an order."""
    return (order >> RANK_BITS) & ((np.int64(1) << SUBJECT_BITS) - 1)


@inlined
def rank_of(order):
    """Return the rank within an order."""
    return order & ((np.int64(1) << RANK_BITS) - 1)


@inlined
def move(heap, source, target):
    """Copy a row field by field: numba copies a whole row byte by byte, which costs 1.2 times."""
    heap[this(target)]["at"] = heap[this(source)]["at"]
    heap[this(target)]["order"] = heap[this(source)]["order"]
    heap[this(target)]["slot"] = heap[this(source)]["slot"]


@inlined
def precedes(heap, one, at, order):
    """Return whether row `one` falls due before (at, order)."""
    own = heap[this(one)]["at"]
    if own == at:
        return heap[this(one)]["order"] < order
    return own < at


@inlined
def write_due(heap, place, at, order, slot):
    """Fill one row."""
    heap[this(place)]["at"] = at
    heap[this(place)]["order"] = order
    heap[this(place)]["slot"] = slot


@inlined
def push(heap, size, at, order, slot):
    """Add a due thing to heap[:size]; the new size is size + 1."""
    place = np.uint64(size)
    while place > 0:
        above = (place - np.uint64(1)) >> np.uint64(1)
        if precedes(heap, above, at, order):
            break
        move(heap, above, place)
        place = above
    write_due(heap, place, at, order, slot)


@inlined
def replace_first(heap, size, at, order, slot):
    """Put a due thing where the first of heap[:size] was; heap[size:] must be filled with NEVER."""
    last = np.uint64(size)
    place = np.uint64(0)
    below = np.uint64(1)
    while below < last:
        right = below + np.uint64(1)
        below += np.uint64(
            precedes(heap, right, heap[this(below)]["at"], heap[this(below)]["order"])
        )
        if not precedes(heap, below, at, order):
            break
        move(heap, below, place)
        place = below
        below = np.uint64(2) * place + np.uint64(1)
    write_due(heap, place, at, order, slot)


@inlined
def remove_first(heap, size):
    """Take the first of heap[:size] away; the new size is size - 1.

    What stood last goes to the bottom and rises from there: it came from the bottom, so comparing
    it with every row on the way down would say little.
    """
    last = np.uint64(size - 1)
    at = heap[this(last)]["at"]
    heap[this(last)]["at"] = NEVER
    if last == 0:
        return
    order = heap[this(last)]["order"]
    slot = heap[this(last)]["slot"]
    place = np.uint64(0)
    below = np.uint64(1)
    while below < last:
        right = below + np.uint64(1)
        below += np.uint64(
            precedes(heap, right, heap[this(below)]["at"], heap[this(below)]["order"])
        )
        move(heap, below, place)
        place = below
        below = np.uint64(2) * place + np.uint64(1)
    while place > 0:
        above = (place - np.uint64(1)) >> np.uint64(1)
        if precedes(heap, above, at, order):
            break
        move(heap, above, place)
        place = above
    write_due(heap, place, at, order, slot)
