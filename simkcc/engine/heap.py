"""A binary heap over one structured array: what falls due, in the order (time, kind, subject)."""

import numpy as np

from simkcc.routing.compiled import inlined

due_dtype = np.dtype(
    [
        ("at", "i8"),  # microseconds
        ("order", "i8"),  # kind, subject and rank in one number, see due_order
        ("slot", "i8"),  # where the subject is kept now
        ("note", "i8"),  # ordinal of the leg it belongs to: a later leg makes it void
    ]
)

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
def push(heap, size, at, order, slot, note):
    """Add a due thing to heap[:size]; the new size is size + 1."""
    place = np.uint64(size)
    while place > 0:
        above = (place - np.uint64(1)) >> np.uint64(1)
        if heap[above]["at"] < at or (heap[above]["at"] == at and heap[above]["order"] < order):
            break
        heap[place] = heap[above]
        place = above
    heap[place]["at"] = at
    heap[place]["order"] = order
    heap[place]["slot"] = slot
    heap[place]["note"] = note


@inlined
def pop(heap, size):
    """Remove the first of heap[:size]; the new size is size - 1."""
    last = np.uint64(size - 1)
    at = heap[last]["at"]
    order = heap[last]["order"]
    place = np.uint64(0)
    below = np.uint64(1)
    while below < last:
        right = below + np.uint64(1)
        if right < last and (
            heap[right]["at"] < heap[below]["at"]
            or (heap[right]["at"] == heap[below]["at"] and heap[right]["order"] < heap[below]["order"])
        ):
            below = right
        if at < heap[below]["at"] or (at == heap[below]["at"] and order <= heap[below]["order"]):
            break
        heap[place] = heap[below]
        place = below
        below = np.uint64(2) * place + np.uint64(1)
    heap[place] = heap[last]
