"""Floors of real Asterisks, 16 and 22, are read as what happened there: see tests/data/exchanges."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streams.sample import Told

from simkcc.analysis.columns.visits import Visit

FOLDER = Path(__file__).parents[1] / "data" / "exchanges"
FLOORS = ("sip-16", "killed-22", "busy-16")
EDGE = 0.4
"""Seconds by which the dialplan's lines and the exchange's events may be apart: the machine was busy."""

WHOLE = 1.6
"""The same where one of the two counts whole seconds."""


@dataclass(frozen=True)
class TrueVisit:
    """What happened to one caller in one queue, by the dialplan. Times are seconds since 1970."""

    queue: str
    joined: float
    answered: float | None
    over: float | None
    """None if the exchange died under it."""
    agent: str
    outcome: str


@dataclass(frozen=True)
class Floor:
    """A recording, and the truth about it."""

    folder: Path
    visits: list[TrueVisit]
    listened: list[tuple[float, float]]
    restarted: float | None
    """When the exchange died, if it did."""

    def told(self, log: bool) -> Told:
        """Read the recording, with or without the queue_log beside it."""
        paths = sorted(self.folder.glob("*.ami.gz"))
        return Told(
            "asterisk+file:" + ",".join(map(str, paths)),
            self.folder / "queue_log.gz" if log else None,
        )

    def over(self, visit: TrueVisit) -> float:
        """Return when a visit was over, at the latest when the exchange died."""
        if visit.over is not None:
            return visit.over
        return self.listened[-1][1] if self.restarted is None else self.restarted

    def during(self) -> list[TrueVisit]:
        """Return the visits that were under way at any time from the first connection to the last."""
        began, ended = self.listened[0][0], self.listened[-1][1]
        return [v for v in self.visits if self.over(v) > began and v.joined < ended]

    def may_be(self, visit: TrueVisit) -> Iterator[str]:
        """Yield what the interface alone may tell of a visit; nothing at all is the empty word."""
        for slack in (-EDGE, 0, EDGE):
            heard = [(a - slack, b + slack) for a, b in self.listened]
            over = self.over(visit)
            if not any(visit.joined <= b and a <= over for a, b in heard):
                yield ""
            elif visit.answered is None:
                yield "unknown"
            else:
                known = any(visit.answered <= b and a <= over for a, b in heard)
                yield "answered" if known else "unknown"


@cache
def floor(name: str) -> Floor:
    folder = FOLDER / name
    truth: dict[str, Any] = json.loads(gzip.decompress((folder / "truth.json.gz").read_bytes()))
    listened = [(began, ended) for began, ended in truth["listened"]]
    visits = [TrueVisit(**visit) for visit in truth["visits"]]
    return Floor(folder, visits, listened, truth["restarted"])


def differs(true: TrueVisit, told: Told, found: Visit, wanted: set[str], edge: float) -> bool:
    """Return whether anything that was told of a visit is not as it was."""
    if found.outcome not in wanted:
        return True
    answered = found.outcome == "answered"
    if answered and told.directory.people[found.agent] != true.agent:
        return True
    over = true.answered if true.answered is not None and not answered else true.over
    pairs = ((found.joined, true.joined), (found.answered, true.answered), (found.left, over))
    for at, real in pairs:
        if at is not None and (real is None or abs(told.moment(at) - real) > edge):
            return True
    wait = (true.over if true.answered is None else true.answered, true.joined)
    for length, (end, start) in ((found.wait, wait), (found.talk, (true.over, true.answered))):
        if length is not None:
            if end is None or start is None or abs(length / 1e6 - (end - start)) > edge:
                return True
    return False


def assert_each(floor: Floor, told: Told, log: bool, edge: float) -> None:
    """Find for every true visit one that was told, in the order of joining; and none is left."""
    assert not told.recording.troubles
    assert not told.ledger.rejected
    left = {queue: told.of_queue(queue) for queue in told.directory.queues}
    for true in floor.during():
        wanted = {true.outcome} if log else set(floor.may_be(true))
        found = [v for v in left[true.queue] if not differs(true, told, v, wanted, edge)]
        if not found and "" in wanted:
            continue
        assert found, true
        left[true.queue].remove(found[0])
    assert not any(left.values()), left


@pytest.mark.parametrize("name", FLOORS)
def test_the_log_alone_counts_what_happened(name: str) -> None:
    told = Told(f"queue_log:{FOLDER / name / 'queue_log.gz'}")
    true = Counter((visit.queue, visit.outcome) for visit in floor(name).visits)
    for queue, counts in told.counts.items():
        assert counts == {
            word: true[queue, word] if word != "offered" else sum(
                n for (of, _), n in true.items() if of == queue
            )
            for word in counts
        }  # fmt: skip


@pytest.mark.parametrize("name", FLOORS)
def test_with_the_log_each_visit_is_known(name: str) -> None:
    assert_each(floor(name), floor(name).told(log=True), log=True, edge=WHOLE)


@pytest.mark.parametrize("name", FLOORS)
def test_the_interface_alone_knows_what_it_heard(name: str) -> None:
    assert_each(floor(name), floor(name).told(log=False), log=False, edge=WHOLE)


def test_where_nothing_was_lost_the_interface_is_sharp() -> None:
    whole = floor("sip-16")
    assert_each(whole, whole.told(log=False), log=False, edge=2 * EDGE)


@pytest.mark.parametrize("name", FLOORS)
def test_who_waits_and_who_talks_is_true_while_somebody_listens(name: str) -> None:
    played = floor(name)
    told = played.told(log=False)
    spans = [
        (
            told.directory.queues[v.place], told.directory.people.get(v.agent, ""),
            *(None if at is None else told.moment(at)
              for at in (v.begun, v.answered, v.left if v.left is not None else v.gone_by)),
        )
        for v in told.visits
    ]  # fmt: skip
    never = float("inf")
    for began, ended in played.listened:
        for now in range(int(began) + 5, int(ended), 3):
            talks = {a for _, a, _, s, e in spans if a and s and s <= now < (e or never)}
            waits = Counter(q for q, a, j, s, e in spans if j <= now < ((s if a else e) or never))
            least, most = at_about(played, now)
            assert least.talking <= talks <= most.talking, now
            assert least.waiting <= waits <= most.waiting, now


@dataclass
class Moment:
    """Who talks, and how many wait in each queue."""

    talking: set[str]
    waiting: Counter[str]


def at_about(floor: Floor, now: float) -> tuple[Moment, Moment]:
    """Return who waits and talks all the while around a time, and who does at any time of it."""
    bounds = []
    for slack in (EDGE, -EDGE):
        begun, until = now - slack, now + slack
        talks = {
            v.agent for v in floor.visits
            if v.answered is not None and v.answered <= begun and until < floor.over(v)
        }  # fmt: skip
        waits = Counter(
            v.queue for v in floor.visits
            if v.joined <= begun and until < (v.answered or floor.over(v))
        )  # fmt: skip
        bounds.append(Moment(talks, waits))
    return bounds[0], bounds[1]
