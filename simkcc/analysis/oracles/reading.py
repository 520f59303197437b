"""What a replication leaves to be read: the same counts and sums from either engine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simkcc.engine import runs
from simkcc.engine.plan import Plan
from simkcc.engine.statistics import BINS, N_THRESHOLDS, Count, Sum, bin_of
from simkcc.model.contact_log import DAY, SECOND, ContactKind, ContactLog, How, LegKind, Outcome


@dataclass(frozen=True)
class Reading:
    """What one replication leaves to be read, from either engine."""

    plan: Plan
    counts: np.ndarray
    """(rows, Count.END): see engine/statistics.py, summed over the week."""
    sums: np.ndarray
    """(rows, Sum.END) in microseconds."""
    waits: np.ndarray
    """(Q, BINS): waits of all callers, however they ended."""
    seconds: float
    """Length of the horizon behind the warm-up."""
    born: np.ndarray
    """(M,): contacts so far at each moment of each day, warm-up included."""
    present: np.ndarray
    """(M,): contacts not finished at those moments."""

    def topic(self, index: int = 0) -> int:
        """Return the row of a topic."""
        return len(self.plan.queues) + index

    def group(self, index: int = 0) -> int:
        """Return the row of a group."""
        return len(self.plan.queues) + len(self.plan.topics) + index


def play_kernel(plan: Plan, moments: Sequence[int]) -> Reading:
    """Play a replication on the kernel, in streaming mode."""
    state = runs.start(plan, logging=False)
    seen = []
    for at in _instants(plan, moments):
        runs.advance(plan, state, until=at)
        seen.append((state.clock[0]["born"], state.clock[0]["live"]))
    runs.advance(plan, state)
    born, present = np.array(seen, np.int64).reshape(-1, 2).T
    return Reading(
        plan, state.counts.sum(axis=1), state.sums.sum(axis=1), state.waits[1].copy(),
        _seconds(plan), born, present,
    )  # fmt: skip


def play_reference(plan: Plan, moments: Sequence[int]) -> Reading:
    """Play a replication on the reference engine, and read its contact log."""
    from simkcc.engine import reference

    centre = reference.Centre(plan)
    seen = []
    for at in _instants(plan, moments):
        centre.run(at)
        seen.append((len(centre.contact_rows), centre.live))
    centre.run()
    born, present = np.array(seen, np.int64).reshape(-1, 2).T
    return replace(read_log(plan, centre.log()), born=born, present=present)


def _instants(plan: Plan, moments: Sequence[int]) -> list[int]:
    days = int(plan.settings[0]["n_days"])
    return [day * DAY + at * SECOND for day in range(days) for at in moments]


def _seconds(plan: Plan) -> float:
    return float(plan.settings[0]["until"] - plan.settings[0]["warm_up"]) / SECOND


def read_log(plan: Plan, log: ContactLog) -> Reading:
    """Read off a contact log what the streaming statistics of the kernel count."""
    warm_up, thresholds = plan.settings[0]["warm_up"], plan.settings[0]["thresholds"]
    n_queues, n_topics = len(plan.queues), len(plan.topics)
    counts = np.zeros((n_queues + n_topics + len(plan.groups), Count.END), np.int64)
    sums = np.zeros((len(counts), Sum.END), np.int64)
    waits = np.zeros((n_queues, BINS), np.int64)
    contacts = log.contacts
    counted = (contacts["born"] >= warm_up) & (contacts["kind"] == ContactKind.CALL)
    rows = n_queues + contacts["topic"][counted]
    np.add.at(counts, (rows, Count.BORN), 1)
    done = contacts["outcome"][counted] != Outcome.OPEN
    np.add.at(counts, (rows[done], Count.OUTCOME + contacts["outcome"][counted][done]), 1)

    legs = log.in_order().legs
    legs = legs[counted[legs["contact"]] & (legs["how"] != How.OPEN)]
    menu, talk = legs[legs["kind"] == LegKind.MENU], legs[legs["kind"] == LegKind.TALK]
    topics = n_queues + contacts["topic"][menu["contact"]]
    np.add.at(sums, (topics, Sum.MENU), menu["end"] - menu["start"])
    groups = n_queues + n_topics + plan.group_of()[talk["agent"]]
    np.add.at(sums, (groups, Sum.TALK), talk["end"] - talk["start"])

    visits = legs[legs["kind"] == LegKind.QUEUE]
    start = visits["start"].copy()
    held = np.flatnonzero(visits["how"] == How.HELD_PLACE)
    start[held + 1] = start[held]
    ended = visits["how"] != How.HELD_PLACE
    queue, how, wait = visits["place"][ended], visits["how"][ended], (visits["end"] - start)[ended]
    answered, gave_up = how == How.ANSWERED, (how == How.ABANDONED) | (how == How.BALKED)
    np.add.at(counts, (queue, Count.OFFERED), 1)
    np.add.at(counts, (queue[answered], Count.ANSWERED), 1)
    np.add.at(counts, (queue[gave_up], Count.ABANDONED), 1)
    np.add.at(sums, (queue, Sum.WAIT), wait)
    np.add.at(waits, (queue, np.array([bin_of(one) for one in wait], np.int64)), 1)
    for index in range(N_THRESHOLDS):
        soon = wait <= thresholds[index]
        np.add.at(counts, (queue[soon & answered], Count.WITHIN + index), 1)
        np.add.at(counts, (queue[soon & gave_up], Count.LOST_WITHIN + index), 1)
    nothing = np.zeros(0, np.int64)
    return Reading(plan, counts, sums, waits, _seconds(plan), nothing, nothing)
