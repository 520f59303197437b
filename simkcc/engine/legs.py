"""Stays of contacts in the kernel: opened, and written down or counted when they end."""

from simkcc.engine.statistics import tally_again, tally_leg, tally_menu, tally_queue
from simkcc.model.contact_log import NONE, ContactKind, How, LegKind
from simkcc.routing.compiled import inlined, this


@inlined
def open_leg(clock, live, slot, kind, now):
    """Let the contact be somewhere from now on; return the ordinal of that leg."""
    leg = live[this(slot)]["legs"]
    live[this(slot)]["legs"] = leg + 1
    live[this(slot)]["leg"] = leg
    live[this(slot)]["leg_kind"] = kind
    live[this(slot)]["since"] = now
    live[this(slot)]["since_bucket"] = clock[0]["bucket"]
    return leg


@inlined
def write_leg(clock, legs, contact, leg, kind, how, place, agent, second, start, end):
    """Write one row of the log of legs."""
    row = clock[0]["legs"]
    clock[0]["legs"] = row + 1
    legs[this(row)]["contact"] = contact
    legs[this(row)]["leg"] = leg
    legs[this(row)]["kind"] = kind
    legs[this(row)]["how"] = how
    legs[this(row)]["place"] = place
    legs[this(row)]["agent"] = agent
    legs[this(row)]["second"] = second
    legs[this(row)]["start"] = start
    legs[this(row)]["end"] = end


@inlined
def close_leg(settings, clock, live, agents, legs, counts, sums, waits, n_queues, n_topics, slot, how, place, agent, second, now):  # fmt: skip
    """End the leg the contact is in: write it down, or count it."""
    caller = live[this(slot)]
    kind = caller["leg_kind"]
    if clock[0]["logging"]:
        write_leg(
            clock, legs, caller["serial"], caller["leg"], kind, how, place, agent, second,
            caller["since"], now,
        )  # fmt: skip
    elif kind == LegKind.DELAY:
        tally_again(counts, settings, n_queues, live, slot, clock[0]["bucket"], now)
    elif caller["born"] >= settings[0]["warm_up"]:
        if kind == LegKind.QUEUE:
            if how != How.HELD_PLACE:
                tally_queue(counts, sums, waits, settings, n_queues, live, slot, how, now)
        elif kind == LegKind.MENU:
            if caller["kind"] != ContactKind.PROBE:
                tally_menu(counts, sums, n_queues, live, slot, how, now)
        else:
            tally_leg(
                counts, sums, n_queues, n_topics, agents, kind, agent, second, caller["topic"],
                caller["since_bucket"], now - caller["since"],
            )  # fmt: skip
    caller["leg_kind"] = NONE
