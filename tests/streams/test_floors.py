"""Random floors, as a stand-in exchange tells of them, are read as what really happened there.

Callers over trunks or by Local channels, transfers blind and attended, the same caller twice in one
queue, pauses, restarts, lost connections, cold starts, no clock: every combination of `switches`.
"""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from seeds import few_of
from streams.floor import START, Switches
from streams.floor_agents import Floor
from streams.floor_truth import TrueVisit, counts
from streams.floor_wire import SECOND, write_down
from streams.sample import Told

from simkcc.analysis.columns.visits import Visit

SHARP, WHOLE = 0.06, 1.2
"""Seconds by which a time told as it happens may be off, and one of whole seconds."""

LAG = 2.3
"""The same for what is worked out backwards from an end: two numbers of whole seconds."""

LATE = 12.0
"""The same for what a list tells, where the next event with a time comes only so much later."""

FEW = range(8)
MANY = range(1000, 1150)


def connections(kind: str, length: int, rng: random.Random) -> tuple[tuple[float, float], ...]:
    """Return from when to when somebody listens."""
    if kind == "gap":
        lost = rng.uniform(0.2, 0.7) * length
        return (0.0, lost), (lost + rng.choice((0.0, 0.5, 5.0, 20.0)), 1e9)
    if kind == "gaps":
        times = sorted(rng.uniform(0.1, 0.9) * length for _ in range(6))
        return (0.0, times[0]), (times[1], times[2]), (times[3], times[4]), (times[5], 1e9)
    if kind == "cold":
        return ((rng.uniform(0.1, 0.6) * length, 1e9),)
    return ((0.0, 1e9),)


def switches(seed: int, kind: str = "") -> tuple[Switches, bool]:
    """Return a random exchange, and whether times of receipt are kept."""
    rng = random.Random(seed)
    length = rng.choice((60, 180, 300))
    kind = kind or rng.choice(("whole", "gap", "gaps", "cold", "restart"))
    when, restarts = connections(kind, length, rng), ()
    if kind == "restart":
        dies = rng.uniform(0.3, 0.6) * length
        back = dies + rng.uniform(2, 10)
        when, restarts = ((0.0, dies), (back + rng.uniform(0, 5), 1e9)), ((dies, back),)
    return Switches(
        seed, trunk=rng.random() < 0.5, telephones=rng.random() < 0.5,
        system=rng.choice(("", "kcc1-")), timestamps=rng.random() < 0.7,
        dialplan=rng.random() < 0.3, length=length, every=rng.choice((0.7, 1.5, 3)),
        queues=rng.choice((2, 3, 5)), agents=rng.choice((3, 6, 12)),
        transfers=rng.choice((0, 0.2, 0.5)), connections=when, restarts=restarts,
    ), rng.random() < 0.5  # fmt: skip


@dataclass
class Case:
    """A floor, and what a reading of it told."""

    floor: Floor
    told: Told
    with_log: bool

    @property
    def expected(self) -> list[TrueVisit]:
        """Return the visits that count: heard of, or with a log under way since the beginning."""
        if not self.with_log:
            return [visit for visit in self.floor.visits if visit.heard]
        began = self.floor.writer.connections[0].began
        ended = self.floor.writer.connections[-1].ended or self.floor.now
        return [
            v for v in self.floor.visits
            if v.heard or (v.joined // SECOND <= ended // SECOND and (v.over is None or v.over > began))
        ]  # fmt: skip

    def moment(self, at: int | None) -> float | None:
        """Return microseconds since 1970 of a time in the log."""
        return None if at is None else self.told.moment(at) * SECOND


def played(folder: Path, seed: int, with_log: bool, kind: str = "") -> Case:
    setup, receipts = switches(seed, kind)
    floor = Floor(setup).open()
    address, log = write_down(folder, floor.writer, receipts)
    return Case(floor, Told(address, log if with_log else None), with_log)


def assert_true(case: Case) -> None:
    """Hold counts and visits against the truth."""
    queues = list(case.floor.waiting)
    wanted = counts(case.expected, queues, not case.with_log)
    found = {queue: case.told.counts.get(queue, Counter()) for queue in queues}
    assert {q: {w: found[q][w] for w in wanted[q]} for q in queues} == wanted
    assert not case.told.ledger.rejected
    assert not case.told.recording.troubles
    for queue in queues:
        true = [visit for visit in case.expected if visit.queue == queue]
        if case.told.directory.timed:
            assert_each(case, sorted(true, key=lambda v: v.joined), case.told.of_queue(queue))
        else:
            lengths = Counter(lengths_of(case, visit) for visit in true)
            assert lengths == Counter(lengths_told(case, v) for v in case.told.of_queue(queue))


def lengths_of(case: Case, visit: TrueVisit) -> tuple[object, ...]:
    """Return what can be known without a clock: the exchange's own whole seconds."""
    answered = visit.known_answered or (case.with_log and visit.answered is not None)
    told, ended = visit.heard, visit.over is not None
    wait = talk = None
    if case.with_log or told & {"connect", "complete", "abandon"}:
        wait = visit.hold if answered or ended else None
    if ended and answered and (case.with_log or "complete" in told):
        talk = visit.talk
    outcome = visit.outcome if case.with_log else "answered" if answered else visit.told_reason
    return outcome, visit.agent if answered else "", wait, talk


def lengths_told(case: Case, visit: Visit) -> tuple[object, ...]:
    wait, talk = (None if x is None else x / SECOND for x in (visit.wait, visit.talk))
    return visit.outcome, case.told.directory.people.get(visit.agent, ""), wait, talk


def assert_each(case: Case, true: list[TrueVisit], found: list[Visit]) -> None:
    """Find for each true visit one that was told, and equal within what the clocks allow."""
    fits: dict[TrueVisit, list[int]] = {}
    for visit in true:
        near = [
            n for n, told in enumerate(found)
            if abs((case.moment(told.begun) or 0) - visit.joined) < 60 * SECOND
        ]  # fmt: skip
        wrong = {n: differences(case, visit, found[n]) for n in near}
        fits[visit] = [n for n in near if not wrong[n]]
        assert fits[visit], (visit, *((found[n], wrong[n]) for n in near if len(wrong[n]) < 3))
    assert len(pairs(fits)) == len(true) == len(found)


def pairs(fits: dict[TrueVisit, list[int]]) -> dict[int, TrueVisit]:
    """Return a largest set of pairs that fit."""
    taken: dict[int, TrueVisit] = {}

    def find(visit: TrueVisit, seen: set[int]) -> bool:
        for n in fits[visit]:
            if n not in seen:
                seen.add(n)
                if n not in taken or find(taken[n], seen):
                    taken[n] = visit
                    return True
        return False

    for visit in fits:
        find(visit, set())
    return taken


def differences(case: Case, visit: TrueVisit, told: Visit) -> list[str]:
    """Return what is not as it was."""
    heard, log = visit.heard, case.with_log
    answered = visit.answered is not None and (log or visit.known_answered)
    sharp_join = SHARP if "join" in heard else WHOLE if heard & {"listed waiting"} or log else LAG
    if heard <= {"listed waiting", "listed talking"} and not log:
        sharp_join = LATE
    sharp_answer = SHARP if "connect" in heard else WHOLE if log or "leave" in heard else LAG
    ended = SHARP if heard & {"leave", "abandon", "complete"} else WHOLE
    if answered:
        ended = SHARP if "complete" in heard else WHOLE
    end_known = visit.over is not None and (
        log or bool(heard & ({"complete"} if answered else {"leave", "abandon"}))
    )
    since_known = log or not answered or bool(heard & {"connect", "complete"})
    outcome = visit.outcome if log else "answered" if answered else visit.told_reason
    checks = [
        ("outcome", told.outcome == outcome),
        ("agent", case.told.directory.people.get(told.agent, "") == (visit.agent * answered)),
        ("joined", near_to(case.moment(told.joined), visit.joined, sharp_join, since_known)),
        ("left", near_to(case.moment(told.left), visit.over if end_known else None, ended)),
        ("answered", near_to(case.moment(told.answered), visit.answered if answered else None,
                             sharp_answer, since_known)),
    ]  # fmt: skip
    until = visit.answered if answered else visit.over
    sharp = sharp_join == SHARP and (sharp_answer if answered else ended) == SHARP
    if told.wait is not None:
        wait = None if until is None else until - visit.joined
        checks.append(("wait", near_to(told.wait, wait, SHARP if sharp else LAG + WHOLE)))
    talk = visit.over - visit.answered if answered and end_known else None
    checks.append(("talk", near_to(told.talk, talk, sharp_answer + ended, since_known)))
    return [name for name, fine in checks if not fine]


def near_to(told: float | None, true: int | None, seconds: float, known: bool = True) -> bool:
    if true is None:
        return told is None
    if told is None:
        return not known
    return abs(told - true) <= seconds * SECOND


@pytest.mark.parametrize("with_log", [False, True])
@pytest.mark.parametrize("seed", few_of(FEW, 4))
def test_a_floor_is_read_as_it_was(tmp_path: Path, seed: int, with_log: bool) -> None:
    assert_true(played(tmp_path, seed, with_log))


@pytest.mark.slow  # a hundred and fifty floors, each read twice: rare meetings of rare things
@pytest.mark.parametrize("with_log", [False, True])
@pytest.mark.parametrize("seed", MANY)
def test_many_floors_are_read_as_they_were(tmp_path: Path, seed: int, with_log: bool) -> None:
    assert_true(played(tmp_path, seed, with_log))


@pytest.mark.parametrize("seed", range(3))
def test_a_log_alone_tells_what_happened(tmp_path: Path, seed: int) -> None:
    floor = Floor(switches(seed)[0]).open()
    _, log = write_down(tmp_path, floor.writer, receipts=False)
    told = Told(f"queue_log:{log}")
    queues = list(floor.waiting)
    assert {q: told.counts[q] for q in queues} == counts(floor.visits, queues, alone=False)
    assert not told.ledger.rejected
    assert not told.recording.troubles


@pytest.mark.parametrize("seed", few_of(range(20, 24), 2))
def test_who_waits_and_who_talks_is_true_every_ten_seconds(tmp_path: Path, seed: int) -> None:
    setup, _ = switches(seed, "whole")
    floor = Floor(setup).open()
    told = Told(write_down(tmp_path, floor.writer, receipts=True)[0])
    case = Case(floor, told, with_log=False)
    spans = [
        (told.directory.queues[v.place], told.directory.people.get(v.agent, ""),
         case.moment(v.joined), case.moment(v.answered), case.moment(v.left))
        for v in told.visits
    ]  # fmt: skip
    never = float("inf")
    for second in range(10, setup.length, 10):
        now = START + second * SECOND
        true_edges = [t for v in floor.visits for t in (v.joined, v.answered, v.over) if t]
        if min(abs(now - edge) for edge in true_edges) < SHARP * SECOND:
            continue
        waiting = Counter(
            v.queue for v in floor.visits if v.joined <= now < (v.answered or v.over or never)
        )
        talking = {
            v.agent for v in floor.visits if v.answered and v.answered <= now < (v.over or never)
        }
        assert waiting == Counter(q for q, _, j, a, e in spans if j <= now < (a or e or never))
        assert talking == {name for _, name, _, a, e in spans if a and a <= now < (e or never)}
