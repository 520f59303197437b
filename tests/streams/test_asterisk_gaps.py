"""Lost connections, cold starts and restarts: nothing is counted twice, the unknown is called so."""

import random
from pathlib import Path

import pytest
from seeds import few_of
from streams.exchange import Exchange, cut, packets_of
from streams.sample import ENDLESS_LEFT, LOG, RAW, TRUTH, Told, true_counts

PACKETS = packets_of(RAW)


def told_of(folder: Path, *connections: bytes, log: Path | None = None) -> Told:
    paths = [folder / f"{number}.ami" for number in range(len(connections))]
    for path, raw in zip(paths, connections, strict=True):
        path.write_bytes(raw)
    return Told("asterisk+file:" + ",".join(map(str, paths)), log)


def random_cut(seed: int) -> tuple[bytes, bytes]:
    rng = random.Random(seed)
    first = rng.randrange(100, len(PACKETS) - 100)
    last = min(first + rng.choice([0, 1, 30, 300]), len(PACKETS) - 1)
    before, after = cut(PACKETS, first, last, channels=rng.random() < 0.7)
    return before + PACKETS[first][: rng.randrange(len(PACKETS[first]))], after


@pytest.mark.parametrize("seed", few_of(range(20), 3))
def test_a_cut_counts_nothing_twice(tmp_path: Path, seed: int) -> None:
    told = told_of(tmp_path, *random_cut(seed))
    for queue in TRUTH["per_queue"]:
        found, true = told.counts[queue], true_counts(queue)
        assert found["offered"] <= true["offered"]
        assert found["answered"] <= true["answered"]
        assert found["offered"] == found["answered"] + found["unknown"]


@pytest.mark.parametrize("seed", few_of(range(100, 106), 1))
def test_after_a_cut_the_log_knows_all(tmp_path: Path, seed: int) -> None:
    told = told_of(tmp_path, *random_cut(seed), log=LOG)
    assert {q: told.counts[q] for q in TRUTH["per_queue"]} == {
        queue: true_counts(queue) for queue in TRUTH["per_queue"]
    }


def test_a_cut_without_a_gap_loses_nothing(tmp_path: Path) -> None:
    whole = told_of(tmp_path, RAW)
    middle = len(PACKETS) // 2
    told = told_of(tmp_path, *cut(PACKETS, middle, middle))
    assert told.counts == whole.counts
    assert [visit.outcome for visit in told.visits] == [visit.outcome for visit in whole.visits]


@pytest.mark.parametrize("start", [700, 2500, 5000])
@pytest.mark.parametrize("log", [None, LOG])
def test_a_cold_start_counts_who_is_there(tmp_path: Path, start: int, log: Path | None) -> None:
    exchange = Exchange()
    exchange.see(PACKETS[:start])
    told = told_of(tmp_path, cut(PACKETS, 0, start)[1], log=log)
    for queue in TRUTH["per_queue"]:
        spans = [
            (v["outcome"], v["talk_end_t"] or v["leave_t"] or ENDLESS_LEFT)
            for v in TRUTH["visits"]
            if v["queue"] == queue
        ]
        there = [outcome for outcome, over in spans if over > exchange.now]
        assert told.counts[queue]["offered"] == len(there)
        assert told.counts[queue]["answered"] == there.count("answered")


def test_a_restart_leaves_nobody_behind(tmp_path: Path) -> None:
    middle = len(PACKETS) // 2
    empty = Exchange()
    empty.see(PACKETS[:middle])
    waiting, talking = len(empty.waiting), len(empty.bridges)
    assert waiting and talking
    for table in (empty.waiting, empty.serving, empty.channels, empty.bridges):
        table.clear()  # type: ignore[attr-defined]
    later = [p for p in PACKETS[middle:] if b"QueueMemberStatus" in p][:1]
    told = told_of(tmp_path, b"".join(PACKETS[:middle]), empty.greeting() + b"".join(later))
    assert all(visit.left is not None or visit.talk is None for visit in told.visits)
    log = told.ledger.log()
    assert not (log.legs["end"] == -1).any()


def test_a_gap_is_told(tmp_path: Path) -> None:
    told = told_of(tmp_path, *cut(PACKETS, 1000, 1100))
    assert [event.type for event in told.events].count("stream.gap") == 1


@pytest.mark.parametrize("channels", [True, False])
def test_three_gaps_in_a_row(tmp_path: Path, channels: bool) -> None:
    first, second = cut(PACKETS, 1500, 1700, channels)
    greeting = second[: len(second) - len(b"".join(PACKETS[1700:]))]
    middle = greeting + b"".join(PACKETS[1700:3000])
    last = cut(PACKETS, 0, 3100, channels)[1]
    told = told_of(tmp_path, first, middle, last, log=LOG)
    for queue in TRUTH["per_queue"]:
        assert told.counts[queue] == true_counts(queue)
