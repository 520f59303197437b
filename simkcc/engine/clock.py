"""What falls due in the kernel, and the time it is."""

from simkcc.engine.heap import due_order, push, remove_first, replace_first
from simkcc.engine.statistics import bucket_of
from simkcc.model.contact_log import FOREVER
from simkcc.routing.compiled import inlined


@inlined
def schedule(clock, heap, at, kind, subject, slot):
    """Let something fall due, unless it never does."""
    if at >= FOREVER:
        return
    order = due_order(kind, subject, 0)
    if clock[0]["gap"]:
        clock[0]["gap"] = 0
        replace_first(heap, clock[0]["due"], at, order, slot)
    else:
        push(heap, clock[0]["due"], at, order, slot)
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
