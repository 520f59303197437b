"""A real recording is read as what really happened there."""

import re
from pathlib import Path

import pytest
from streams.sample import (
    AMI,
    ANSWER_LATE,
    ENDLESS,
    HUNG_UP_LATE,
    LOG,
    RAW,
    TRUTH,
    Told,
    true_counts,
    truth_of,
)

from simkcc.model.contact_log import LegKind

QUEUES = list(TRUTH["per_queue"])

PHONES = {
    name.decode(): phone.decode()
    for phone, name in re.findall(rb"Interface: Local/(\w+)@agents/n\r\nMemberName: (.*?)\r", RAW)
    + [
        (phone, name)
        for name, phone in re.findall(rb"MemberName: (.*?)\r\nInterface: Local/(\w+)@", RAW)
    ]
}
"""Telephone of each agent, by the name that the exchange has for its owner."""


@pytest.fixture(scope="module")
def by_log() -> Told:
    return Told(f"queue_log:{LOG}")


@pytest.fixture(scope="module")
def by_ami() -> Told:
    return Told(f"asterisk+file:{AMI}")


@pytest.fixture(scope="module")
def by_both() -> Told:
    return Told(f"asterisk+file:{AMI}", LOG)


@pytest.fixture(scope="module")
def untimed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("untimed") / "x.ami"
    path.write_bytes(re.sub(rb"Timestamp: [0-9.]+\r\n", b"", RAW))
    return path


@pytest.mark.parametrize("queue", QUEUES)
def test_counts_of_the_log_are_the_truth(by_log: Told, queue: str) -> None:
    assert by_log.counts[queue] == true_counts(queue)


@pytest.mark.parametrize("queue", QUEUES)
def test_counts_of_both_are_the_truth(by_both: Told, queue: str) -> None:
    assert by_both.counts[queue] == true_counts(queue)


@pytest.mark.parametrize("queue", QUEUES)
def test_the_interface_alone_knows_exits_only_as_a_sum(by_ami: Told, queue: str) -> None:
    true, found = true_counts(queue), by_ami.counts[queue]
    assert (found["offered"], found["answered"]) == (true["offered"], true["answered"])
    assert found["unknown"] == true["offered"] - true["answered"]


def test_nothing_is_rejected_or_passed_over(by_log: Told, by_ami: Told, by_both: Told) -> None:
    for told in (by_log, by_ami, by_both):
        assert not told.ledger.rejected
        assert not told.recording.troubles


@pytest.mark.parametrize("queue", QUEUES)
def test_each_visit_of_both_is_the_true_one(by_both: Told, queue: str) -> None:
    people = by_both.directory.people
    for true, found in zip(truth_of(queue), by_both.of_queue(queue), strict=True):
        assert found.outcome == true["outcome"]
        assert by_both.moment(found.joined) == pytest.approx(true["join_t"], abs=0.05)
        late = ANSWER_LATE if true["outcome"] == "answered" else 0
        if true["wait_s"] is not None:
            assert found.wait / 1e6 == pytest.approx(true["wait_s"] - late, abs=0.36)
        if true["talk_s"] is not None and true["uniqueid"] != HUNG_UP_LATE:
            assert found.talk / 1e6 == pytest.approx(true["talk_s"] + late, abs=0.35)
        if true["agent"]:
            assert PHONES[people[found.agent]] == true["agent"]


@pytest.mark.parametrize("queue", QUEUES)
def test_each_visit_of_the_log_is_true_to_its_seconds(by_log: Told, queue: str) -> None:
    for true, found in zip(truth_of(queue), by_log.of_queue(queue), strict=True):
        assert found.outcome == true["outcome"]
        late = ANSWER_LATE if true["outcome"] == "answered" else 0
        if true["wait_s"] is not None:
            assert found.wait / 1e6 == pytest.approx(true["wait_s"] - late, abs=1.001)
        if true["talk_s"] is not None and true["uniqueid"] != HUNG_UP_LATE:
            assert found.talk / 1e6 == pytest.approx(true["talk_s"] + late, abs=1.1)


@pytest.mark.parametrize("queue", QUEUES)
def test_without_a_clock_lengths_are_those_the_exchange_counts(untimed: Path, queue: str) -> None:
    told = Told(f"asterisk+file:{untimed}", LOG)
    assert not told.directory.timed
    assert told.counts[queue] == true_counts(queue)
    for true, found in zip(truth_of(queue), told.of_queue(queue), strict=True):
        assert found.outcome == true["outcome"]
        if true["asterisk_wait_s"] is not None:
            assert found.wait == true["asterisk_wait_s"] * 1e6
        if true["asterisk_talk_s"] is not None:
            assert found.talk == true["asterisk_talk_s"] * 1e6


def test_times_of_receipt_stand_in_for_the_exchange_s_clock(untimed: Path) -> None:
    exact = Told(f"asterisk+file:{AMI}")
    packets = untimed.read_bytes().split(b"\r\n\r\n")[:-1]
    times = re.findall(rb"Timestamp: ([0-9.]+)|\r\n\r\n", RAW)
    lines, offset, now, at = [], 0, b"1795278548.694992", iter(times)
    for packet in packets:
        for time in at:
            if not time:
                break
            now = max(now, time)
        lines.append(b"%s,%d,%d\n" % (now, offset, len(packet) + 4))
        offset += len(packet) + 4
    (untimed.parent / "x.recv.csv").write_bytes(b"".join(lines))
    try:
        told = Told(f"asterisk+file:{untimed}")
    finally:
        (untimed.parent / "x.recv.csv").unlink()
    assert told.counts == exact.counts
    assert told.directory.timed
    for found, best in zip(told.visits, exact.visits, strict=True):
        assert found.joined == pytest.approx(best.joined, abs=20_000)
        assert (found.wait or 0) == pytest.approx(best.wait or 0, abs=20_000)


def test_who_waits_and_who_talks_is_true_every_ten_seconds(by_ami: Told) -> None:
    spans = []
    for queue in QUEUES:
        for true, found in zip(truth_of(queue), by_ami.of_queue(queue), strict=True):
            joined = by_ami.moment(found.joined)
            until = by_ami.moment(found.answered or found.left)
            over = by_ami.moment(found.left)
            until += ANSWER_LATE if found.answered else 0
            until = float("inf") if true["uniqueid"] == ENDLESS else until
            phone = PHONES[by_ami.directory.people[found.agent]] if found.answered else ""
            spans.append((queue, joined, until, over, phone))
    edges = [edge for span in spans for edge in span[1:4]]
    compared = 0
    for sample in TRUTH["samples"]:
        now = sample["t"]
        waiting: dict[str, int] = {}
        for queue, joined, until, _, _ in spans:
            waiting[queue] = waiting.get(queue, 0) + (joined <= now < until)
        talking = {phone for _, _, until, over, phone in spans if phone and until <= now < over}
        true = ({q: n for q, n in waiting.items() if n}, talking)
        if true != (sample["waiting"], set(sample["talking"])):
            assert min(abs(edge - now) for edge in edges) < 0.05, now
            continue
        compared += 1
    assert compared >= len(TRUTH["samples"]) - 3


def test_pauses_are_known_with_their_reasons(by_ami: Told) -> None:
    states = {by_ami.directory.people[n]: s for n, s in by_ami.directory.states.items()}
    assert states["Gijs Medewerker"] == "paused Einde dienst"
    assert states["Dewi Medewerker"] == "ready"
    sessions = by_ami.ledger.log().sessions
    away = {by_ami.directory.people[row["agent"]] for row in sessions if row["end"] != -1}
    assert {"Dewi Medewerker", "Gijs Medewerker", "Cem Medewerker"} <= away


def test_wrap_up_is_inferred_where_its_length_is_given() -> None:
    told = Told(f"asterisk+file:{AMI}?wrap_up=3")
    legs = told.ledger.log().legs
    wraps = legs[legs["kind"] == LegKind.WRAP]
    assert len(wraps) == sum(visit.talk is not None for visit in told.visits)
    assert set((wraps["end"] - wraps["start"]).tolist()) == {3_000_000}
    assert not told.ledger.rejected
