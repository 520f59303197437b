"""What the kernel counts without a log is what the log says."""

import datetime
from typing import Any

import numpy as np
import pytest
from engine.plans import seeded_plan
from seeds import few_of

from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.given import starting_from
from simkcc.engine.plan import Plan
from simkcc.engine.state import State
from simkcc.engine.statistics import BINS, Count, Sum, bin_edges, bin_of, bucket_of, shapes
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Origin,
    Outcome,
)
from simkcc.model.scenario import Scenario

SEEDS = range(150)
GAVE_UP = (How.ABANDONED, How.BALKED)
COLUMNS = {
    LegKind.TALK: Sum.TALK, LegKind.RING: Sum.RING, LegKind.HOLD: Sum.HOLD,
    LegKind.CONSULT: Sum.CONSULT, LegKind.HANDOVER: Sum.CONSULT, LegKind.WRAP: Sum.WRAP,
}  # fmt: skip
"""Where the time of an agent goes."""


class Tally:
    """The statistics of a log, counted in plain Python."""

    def __init__(self, plan: Plan, log: ContactLog, now: int = NONE) -> None:
        """Count a log; with `now`, the time of agents in what is open then too."""
        self.plan, self.log, self.now = plan, log, now
        self.warm_up = int(plan.settings[0]["warm_up"])
        self.thresholds = plan.settings[0]["thresholds"].tolist()
        self.n_queues, self.n_topics = len(plan.queues), len(plan.topics)
        counts, sums, waits = shapes(self.n_queues, self.n_topics, len(plan.groups))
        self.counts, self.sums = np.zeros(counts, np.int64), np.zeros(sums, np.int64)
        self.waits = np.zeros(waits, np.int64)
        self.group_of = plan.group_of()
        self.born = self.dialled()
        for serial, contact in enumerate(log.contacts):
            self.contact(contact, self.born[serial])
        for serial, legs in self.legs_by_contact().items():
            self.visits(log.contacts[serial], legs, self.born[serial])
            for leg in legs:
                self.leg(log.contacts[serial], leg)
        for session in log.sessions:
            self.session(session)

    def bucket(self, at: int) -> int:
        first = datetime.date.fromordinal(int(self.plan.settings[0]["first_date"]))
        date = first + datetime.timedelta(int(at // DAY))
        return date.weekday() * 48 + int(at % DAY) // (1800 * SECOND)

    def dialled(self) -> list[int]:
        """Return when contacts were born; calls that dial again, when their first delay was over."""
        born = self.log.contacts["born"].tolist()
        for leg in self.log.legs:
            contact = self.log.contacts[leg["contact"]]
            again = contact["kind"] == ContactKind.CALL
            again &= contact["origin"] in (Origin.REDIAL, Origin.REPEAT)
            if again and leg["kind"] == LegKind.DELAY and leg["leg"] == 0 and leg["end"] != NONE:
                born[leg["contact"]] = int(leg["end"])
        return born

    def legs_by_contact(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for leg in self.log.in_order().legs:
            born = self.born[leg["contact"]]
            if born >= self.warm_up:
                found.setdefault(int(leg["contact"]), []).append(leg)
        return found

    def contact(self, contact: Any, born: int) -> None:
        row, bucket = self.n_queues + contact["topic"], self.bucket(born)
        if born < self.warm_up or contact["kind"] == ContactKind.PROBE:
            return
        self.counts[row, bucket, Count.BORN] += contact["kind"] == ContactKind.CALL
        if contact["outcome"] != Outcome.OPEN:
            self.counts[row, bucket, Count.OUTCOME + contact["outcome"]] += 1

    def visits(self, contact: Any, legs: list[Any], born: int) -> None:
        """Count the visits of a contact to queues; one that goes on with a place held is one visit."""
        joined, number, human = NONE, 0, NONE
        for leg in legs:
            if leg["kind"] != LegKind.QUEUE or leg["end"] == NONE:
                continue
            joined = int(leg["start"]) if joined == NONE else joined
            if leg["how"] == How.HELD_PLACE:
                continue
            number += 1
            self.visit(contact, leg, joined, number)
            if leg["how"] == How.ANSWERED and human == NONE and contact["kind"] == ContactKind.CALL:
                human = int(leg["end"])
                row, time = self.n_queues + contact["topic"], human - born
                self.counts[row, self.bucket(joined), Count.HUMAN] += 1
                self.sums[row, self.bucket(joined), Sum.HUMAN] += time
                self.within(row, self.bucket(joined), Count.HUMAN_WITHIN, time)
            joined = NONE

    def within(self, row: int, bucket: int, column: int, time: int) -> None:
        for index, threshold in enumerate(self.thresholds):
            self.counts[row, bucket, column + index] += time <= threshold

    def visit(self, contact: Any, leg: Any, joined: int, number: int) -> None:
        wait, bucket = int(leg["end"]) - joined, self.bucket(joined)
        queue, topic = int(leg["place"]), self.n_queues + int(contact["topic"])
        if contact["kind"] == ContactKind.PROBE:
            self.counts[topic, bucket, Count.PROBES] += 1
            self.sums[topic, bucket, Sum.PROBE_WAIT] += wait
            self.within(topic, bucket, Count.PROBES_WITHIN, wait)
            return
        answered = leg["how"] == How.ANSWERED
        if contact["kind"] != ContactKind.CALL:
            self.sums[queue, bucket, Sum.TASK_WAIT] += wait * answered
            return
        for row in (queue, topic) if number == 1 else (queue,):
            self.counts[row, bucket, Count.OFFERED] += 1
            self.sums[row, bucket, Sum.WAIT] += wait
            if answered:
                self.counts[row, bucket, Count.ANSWERED] += 1
                self.sums[row, bucket, Sum.WAIT_ANSWERED] += wait
                self.within(row, bucket, Count.WITHIN, wait)
            elif leg["how"] in GAVE_UP:
                self.counts[row, bucket, Count.ABANDONED] += 1
                self.within(row, bucket, Count.LOST_WITHIN, wait)
            else:
                self.counts[row, bucket, Count.LEFT] += 1
        edge = int(np.searchsorted(bin_edges(), wait))
        self.waits[1, queue, edge] += 1
        self.waits[0, queue, edge] += answered

    def leg(self, contact: Any, leg: Any) -> None:
        end = self.now if leg["end"] == NONE else leg["end"]
        if end == NONE:
            return
        length, bucket = int(end) - int(leg["start"]), self.bucket(leg["start"])
        topic = self.n_queues + int(contact["topic"])
        if (
            leg["kind"] == LegKind.MENU
            and leg["end"] != NONE
            and contact["kind"] != ContactKind.PROBE
        ):
            self.counts[topic, bucket, Count.MENU] += 1
            self.counts[topic, bucket, Count.MENU_ABANDONED] += leg["how"] == How.ABANDONED
            self.sums[topic, bucket, Sum.MENU] += length
        column = COLUMNS.get(leg["kind"])
        first_group = self.n_queues + self.n_topics
        if column is not None and leg["agent"] != NONE:
            self.sums[topic, bucket, column] += length
            self.sums[first_group + self.group_of[leg["agent"]], bucket, column] += length
        if column is not None and leg["second"] != NONE:
            self.sums[first_group + self.group_of[leg["second"]], bucket, Sum.SECOND] += length

    def session(self, session: Any) -> None:
        end = self.now if session["end"] == NONE else session["end"]
        if end != NONE:
            row = self.n_queues + self.n_topics + int(session["group"])
            there = end - max(session["start"], min(end, self.warm_up))
            self.sums[row, self.bucket(session["start"]), Sum.THERE] += there


def streamed(plan: Plan) -> State:
    state = runs.start(plan, logging=False)
    runs.advance(plan, state)
    return state


def differing(one: np.ndarray, other: np.ndarray, names: Any) -> set[str]:
    """Return the names of the columns that differ."""
    columns = np.unique(np.nonzero(one != other)[-1])
    return {max((n for n in names if n <= column), key=int).name for column in columns}


@pytest.mark.parametrize("first", few_of(range(0, SEEDS.stop, 15), 1))
def test_counts_and_sums_are_those_of_the_log(first: int) -> None:
    found: dict[int, set[str]] = {}
    for seed in range(first, first + 15):
        plan = seeded_plan(seed)
        state, tally = streamed(plan), Tally(plan, runs.play(plan))
        found[seed] = differing(state.counts, tally.counts, Count)
        found[seed] |= differing(state.sums, tally.sums, Sum)
        if not np.array_equal(state.waits, tally.waits):
            found[seed].add("waits")
    assert {seed: names for seed, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "now", few_of([61 * SECOND, 60 * SECOND, 121 * SECOND, DAY + 61 * SECOND], 1)
)
def test_sums_at_a_moment_hold_what_agents_are_doing(now: int) -> None:
    found: dict[int, set[str]] = {}
    for seed in SEEDS[:40]:
        plan = seeded_plan(seed)
        state, logging = runs.start(plan, logging=False), runs.start(plan)
        runs.advance(plan, state, now)
        runs.advance(plan, logging, now)
        tally = Tally(plan, runs.contact_log(plan, logging), now)
        found[seed] = differing(runs.sums_at(plan, state, now), tally.sums, Sum)
        found[seed] |= differing(state.counts, tally.counts, Count)
    assert {seed: names for seed, names in found.items() if names} == {}


@pytest.mark.parametrize("seed", few_of(range(15), 4))
def test_counts_and_sums_from_a_given_state_are_those_of_the_log(seed: int) -> None:
    whole = runs.play(seeded_plan(seed))
    for now in (60 * SECOND, 150 * SECOND):
        plan = starting_from(seeded_plan(seed), whole, now)
        state, tally = streamed(plan), Tally(plan, runs.play(plan))
        assert differing(state.counts, tally.counts, Count) == set()
        assert differing(state.sums, tally.sums, Sum) == set()
        assert np.array_equal(state.waits, tally.waits)


def test_streaming_plays_the_same_events_as_logging() -> None:
    for seed in SEEDS[:30]:
        plan = seeded_plan(seed)
        logging = runs.start(plan)
        runs.advance(plan, logging)
        clock, other = streamed(plan).clock[0], logging.clock[0]
        for name in ("now", "born", "live", "waiting", "lines", "events"):
            assert clock[name] == other[name]


@pytest.mark.slow
def test_busy_centre_counts_what_its_log_says() -> None:
    centre = Scenario.model_validate({
        "horizon": {"start": "2024-03-04", "days": 9, "warm_up_days": 2},
        "hours": {"open": {"weekdays": ["08:00-18:00"], "sat": ["09:00-12:00"]}},
        "patience": {"kind": "exponential", "mean": 120.0},
        "menu": {"length": 13, "hang_up": 0.01},
        "topics": {"a": {"per_hour": 60.0, "hours": "open", "handling": {"aht": 180.0}}},
        "queues": {"a": {"routes": [{"group": "a"}]}},
        "groups": {"a": {"agents": 3, "hours": "open"}},
    })  # fmt: skip
    plan = compile_plan(centre)
    state, tally = streamed(plan), Tally(plan, runs.play(plan))
    assert differing(state.counts, tally.counts, Count) == set()
    assert differing(state.sums, tally.sums, Sum) == set()
    assert np.array_equal(state.waits, tally.waits)
    assert tally.counts[0, :, Count.OFFERED].sum() > 2000


def test_bins_of_waits_reach_up_to_their_edges_and_no_further() -> None:
    edges = bin_edges()
    assert (np.diff(edges) >= 0).all()
    assert len(edges) == BINS
    sample = np.unique(np.concatenate([np.arange(2000), np.geomspace(2000, DAY, 3000)]).astype(int))
    for wait in sample.tolist():
        place = int(bin_of(wait))
        assert wait <= edges[place]
        assert place == 0 or wait >= edges[place - 1]
        assert edges[place] <= max(wait, 0) * (1 + 1 / 32) + 1
    assert bin_of(0) == bin_of(-1) == 0
    assert bin_of(2**61) == BINS - 1


@pytest.mark.parametrize(
    ("date", "at", "bucket"),
    [("2024-01-01", 0, 0), ("2024-01-01", 1800 * SECOND, 1), ("2024-01-01", 1800 * SECOND - 1, 0),
     ("2024-01-07", DAY - 1, 335), ("2024-01-07", DAY, 0), ("2024-03-08", 9 * 3600 * SECOND, 4 * 48 + 18)],
)  # fmt: skip
def test_buckets_are_the_half_hours_of_the_week(date: str, at: int, bucket: int) -> None:
    assert bucket_of(at, datetime.date.fromisoformat(date).toordinal(), DAY) == bucket
