"""Contacts of the kernel: born, over, and followed by children."""

from simkcc.engine.chance import N_PURPOSES, child_key
from simkcc.engine.clock import schedule
from simkcc.engine.statistics import Count
from simkcc.engine.working_time import due_time
from simkcc.model.contact_log import NONE, ContactKind, Origin, Outcome
from simkcc.model.events import Due
from simkcc.routing.compiled import inlined, this


@inlined
def give_birth(settings, clock, live, visits, contacts, counts, n_queues, key, kind, origin, topic, parent, due, now):  # fmt: skip
    """Bring a contact to life; return its row of `live`."""
    slot = clock[0]["free"]
    clock[0]["free"] = live[this(slot)]["behind"]
    serial = clock[0]["born"]
    clock[0]["born"] = serial + 1
    clock[0]["live"] += 1
    clock[0]["rows"] += 1
    caller = live[this(slot)]
    caller["serial"] = serial
    caller["key"] = key
    caller["patience_key"] = key
    caller["kind"] = kind
    caller["topic"] = topic
    caller["born"] = now
    caller["born_bucket"] = clock[0]["bucket"]
    caller["speed"] = 1.0
    caller["redials"] = 0
    caller["repeats"] = 0
    caller["children"] = 0
    caller["legs"] = 0
    caller["virtual"] = 0
    caller["line"] = 0
    caller["attempts"] = 0
    caller["visits"] = 0
    caller["switching"] = 0
    caller["leg_kind"] = NONE
    caller["queue"] = NONE
    caller["agent"] = NONE
    caller["second"] = NONE
    caller["human"] = NONE
    caller["place"] = NONE
    caller["parent"] = NONE
    for purpose in range(N_PURPOSES):
        visits[this(slot), purpose] = 0
    if clock[0]["logging"]:
        row = contacts[this(serial)]
        row["kind"] = kind
        row["origin"] = origin
        row["outcome"] = Outcome.OPEN
        row["topic"] = topic
        row["parent"] = parent
        row["born"] = now
        row["ended"] = NONE
        row["due"] = due
        row["truth_key"] = key
    elif now >= settings[0]["warm_up"] and kind == ContactKind.CALL:
        counts[this(n_queues + topic), this(clock[0]["bucket"]), Count.BORN] += 1
    return slot


@inlined
def finish(settings, clock, live, contacts, counts, n_queues, slot, outcome, now):
    """Let the contact be over."""
    caller = live[this(slot)]
    if clock[0]["logging"]:
        contacts[this(caller["serial"])]["outcome"] = outcome
        contacts[this(caller["serial"])]["ended"] = now
    elif caller["born"] >= settings[0]["warm_up"] and caller["kind"] != ContactKind.PROBE:
        counts[
            this(n_queues + caller["topic"]),
            this(caller["born_bucket"]),
            this(Count.OUTCOME + outcome),
        ] += 1
    clock[0]["lines"] -= caller["line"]
    clock[0]["live"] -= 1
    clock[0]["rows"] -= 1
    caller["serial"] = NONE
    caller["behind"] = clock[0]["free"]
    clock[0]["free"] = slot


@inlined
def spawn(steps, hours, spans, settings, clock, live, visits, heap, contacts, counts, n_queues, slot, now):  # fmt: skip
    """Give birth to a task, redial or repeat, if the caller has not had too many of them."""
    row = steps[this(live[this(slot)]["step"])]
    origin = row["mode"]
    redials = live[this(slot)]["redials"] + (origin == Origin.REDIAL)
    repeats = live[this(slot)]["repeats"] + (origin == Origin.REPEAT)
    if origin == Origin.REDIAL and redials > row["number"]:
        return
    if origin == Origin.REPEAT and repeats > row["number"]:
        return
    ordinal = live[this(slot)]["children"]
    live[this(slot)]["children"] = ordinal + 1
    kind = row["child"] if row["child"] != NONE else live[this(slot)]["kind"]
    due = due_time(hours, spans, row["hours"], now, row["due_days"], settings[0]["day"])
    key = child_key(live[this(slot)]["key"], ordinal)
    child = give_birth(
        settings, clock, live, visits, contacts, counts, n_queues, key, kind, origin,
        live[this(slot)]["topic"], live[this(slot)]["serial"], due, now,
    )  # fmt: skip
    live[this(child)]["redials"] = redials
    live[this(child)]["repeats"] = repeats
    live[this(child)]["parent"] = slot
    live[this(child)]["parent_serial"] = live[this(slot)]["serial"]
    if origin == Origin.REDIAL and row["share"] == 1.0:
        live[this(child)]["patience_key"] = live[this(slot)]["patience_key"]
    live[this(child)]["result"] = row["target"]
    schedule(clock, heap, now, Due.BIRTH, live[this(child)]["serial"], child)
