"""Streaming statistics: what the kernel counts when it keeps no log, in constant memory.

One row for each queue, then each topic, then each group; one column of buckets per half hour of
the week. Contacts born during the warm-up are left out; redials and repeats are born, here, when
they dial.
"""

from enum import IntEnum

import numpy as np

from simkcc.model.contact_log import NONE, ContactKind, How, LegKind, Outcome
from simkcc.routing.compiled import compiled, inlined, this

BUCKETS = 336
"""Half hours of a week."""
PER_OCTAVE = 32
OCTAVES = 42
BINS = PER_OCTAVE * OCTAVES
"""Bins of a histogram of waits: 32 per doubling of microseconds; bin 0 is a wait of zero."""
N_THRESHOLDS = 4


class Count(IntEnum):
    """Columns of counts. Queue rows count visits of calls, topic rows their first visits."""

    BORN = 0
    OFFERED = 1
    ANSWERED = 2
    ABANDONED = 3
    LEFT = 4
    MENU = 5
    MENU_ABANDONED = 6
    HUMAN = 7
    PROBES = 8
    OUTCOME = 9
    """First of one column per Outcome."""
    WITHIN = 9 + len(Outcome)
    """First of one per threshold: answered within it."""
    LOST_WITHIN = WITHIN + N_THRESHOLDS
    HUMAN_WITHIN = LOST_WITHIN + N_THRESHOLDS
    PROBES_WITHIN = HUMAN_WITHIN + N_THRESHOLDS
    END = PROBES_WITHIN + N_THRESHOLDS


class Sum(IntEnum):
    """Columns of sums, in microseconds."""

    WAIT_ANSWERED = 0
    WAIT = 1
    MENU = 2
    HUMAN = 3
    TALK = 4
    HOLD = 5
    CONSULT = 6
    WRAP = 7
    SECOND = 8
    THERE = 9
    PROBE_WAIT = 10
    TASK_WAIT = 11
    """Waits of answered contacts that are not calls; of queues only."""
    RING = 12
    """The phone of a caller who is called in turn rings."""
    END = 13


def shapes(n_queues: int, n_topics: int, n_groups: int) -> tuple:
    """Return the shapes of counts, sums and waits (answered, all waits; per queue)."""
    rows = n_queues + n_topics + n_groups
    return (rows, BUCKETS, int(Count.END)), (rows, BUCKETS, int(Sum.END)), (2, n_queues, BINS)


def bin_edges() -> np.ndarray:
    """Return the upper edge of each bin, in microseconds."""
    bins = np.arange(BINS)
    octave, part = divmod(bins, PER_OCTAVE)
    edges = 2.0**octave * (1 + (part + 1) / PER_OCTAVE) - 1
    return np.floor(np.where(bins == 0, 0, edges))


@compiled
def bin_of(wait):
    """Return the bin of a wait in microseconds."""
    if wait <= 0:
        return 0
    exponent = np.float64(wait + 1)
    pattern = exponent.view(np.int64)
    return min((pattern >> 47) - (np.int64(1023) << 5), BINS - 1)


@compiled
def bucket_of(at, first_date, day):
    """Return the half hour of the week of a moment; Monday 00:00 is 0."""
    weekday = (first_date - 1 + at // day) % 7
    return weekday * 48 + (at % day) * 48 // day


@inlined
def count_within(counts, thresholds, row, bucket, column, time):
    """Count under each threshold that `time` keeps; without branches, which chance would miss."""
    for index in range(N_THRESHOLDS):
        counts[this(row), this(bucket), this(column + index)] += time <= thresholds[this(index)]


@inlined
def tally_wait(counts, sums, thresholds, row, bucket, how, wait):
    """Count one visit to a queue on a queue's or a topic's row."""
    counts[this(row), this(bucket), Count.OFFERED] += 1
    sums[this(row), this(bucket), Sum.WAIT] += wait
    if how == How.ANSWERED:
        counts[this(row), this(bucket), Count.ANSWERED] += 1
        sums[this(row), this(bucket), Sum.WAIT_ANSWERED] += wait
        count_within(counts, thresholds, row, bucket, Count.WITHIN, wait)
    elif how == How.ABANDONED or how == How.BALKED:
        counts[this(row), this(bucket), Count.ABANDONED] += 1
        count_within(counts, thresholds, row, bucket, Count.LOST_WITHIN, wait)
    else:
        counts[this(row), this(bucket), Count.LEFT] += 1


@inlined
def tally_human(counts, sums, thresholds, row, bucket, time):
    """Count the first answer of a call: `time` from dialling to a human."""
    counts[this(row), this(bucket), Count.HUMAN] += 1
    sums[this(row), this(bucket), Sum.HUMAN] += time
    count_within(counts, thresholds, row, bucket, Count.HUMAN_WITHIN, time)


@inlined
def tally_probe(counts, sums, thresholds, row, bucket, wait):
    """Count the wait of a probe."""
    counts[this(row), this(bucket), Count.PROBES] += 1
    sums[this(row), this(bucket), Sum.PROBE_WAIT] += wait
    count_within(counts, thresholds, row, bucket, Count.PROBES_WITHIN, wait)


@inlined
def tally_queue(counts, sums, waits, settings, n_queues, live, slot, how, now):
    """Count a visit to a queue that has just ended."""
    caller = live[this(slot)]
    thresholds = settings[0]["thresholds"]
    wait = now - caller["joined"]
    bucket = caller["joined_bucket"]
    queue = caller["queue"]
    topic = n_queues + caller["topic"]
    if caller["kind"] == ContactKind.PROBE:
        tally_probe(counts, sums, thresholds, topic, bucket, wait)
        return
    if caller["kind"] != ContactKind.CALL:
        if how == How.ANSWERED:
            sums[this(queue), this(bucket), Sum.TASK_WAIT] += wait
        return
    tally_wait(counts, sums, thresholds, queue, bucket, how, wait)
    bin_of_wait = bin_of(wait)
    waits[1, this(queue), this(bin_of_wait)] += 1
    if how == How.ANSWERED:
        waits[0, this(queue), this(bin_of_wait)] += 1
    if caller["visits"] == 1:
        tally_wait(counts, sums, thresholds, topic, bucket, how, wait)
    if how == How.ANSWERED and caller["human"] == NONE:
        tally_human(counts, sums, thresholds, topic, bucket, now - caller["born"])


@inlined
def tally_again(counts, settings, n_queues, live, slot, bucket, now):
    """Count a redial or repeat as dialled now that its first delay is over, not when it was born."""
    caller = live[this(slot)]
    again = caller["redials"] + caller["repeats"] > 0
    if caller["kind"] != ContactKind.CALL or caller["leg"] != 0 or not again:
        return
    row = n_queues + caller["topic"]
    if caller["born"] >= settings[0]["warm_up"]:
        counts[this(row), this(caller["born_bucket"]), Count.BORN] -= 1
    if now >= settings[0]["warm_up"]:
        counts[this(row), this(bucket), Count.BORN] += 1
    live[this(slot)]["born"] = now
    live[this(slot)]["born_bucket"] = bucket


@inlined
def tally_menu(counts, sums, n_queues, live, slot, how, now):
    """Count a stay in the menu that has just ended."""
    caller = live[this(slot)]
    topic = n_queues + caller["topic"]
    bucket = caller["since_bucket"]
    counts[this(topic), this(bucket), Count.MENU] += 1
    counts[this(topic), this(bucket), Count.MENU_ABANDONED] += how == How.ABANDONED
    sums[this(topic), this(bucket), Sum.MENU] += now - caller["since"]


@inlined
def column_of(kind):
    """Return the column of sums to which the time of an agent in a leg of a kind belongs."""
    if kind == LegKind.HOLD:
        return Sum.HOLD
    if kind == LegKind.CONSULT or kind == LegKind.HANDOVER:
        return Sum.CONSULT
    if kind == LegKind.WRAP:
        return Sum.WRAP
    if kind == LegKind.RING:
        return Sum.RING
    return Sum.TALK


@inlined
def tally_leg(
    counts, sums, n_queues, n_topics, groups_of, kind, agent, second, topic, bucket, length
):
    """Add the time of a leg with an agent to the sums of the groups and the topic."""
    column = column_of(kind)
    if agent >= 0:
        sums[
            this(n_queues + n_topics + groups_of[this(agent)]["group"]), this(bucket), this(column)
        ] += length
        sums[this(n_queues + topic), this(bucket), this(column)] += length
    if second >= 0:
        sums[
            this(n_queues + n_topics + groups_of[this(second)]["group"]), this(bucket), Sum.SECOND
        ] += length
