"""The recording as other exchanges and other recorders would have made it: the same calls come out."""

import gzip
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from seeds import few_of
from streams.sample import LOG, RAW, TRUTH, Told, true_counts

from simkcc.errors import SimkccError
from simkcc.streams.source import Options, open_recording

LINES = gzip.decompress(LOG.read_bytes())
UID = re.compile(rb"(?<!Timestamp: )\b(1795\d{6}\.\d{1,5})\b")


def technology(tech: bytes) -> Callable[[bytes], bytes]:
    def transformed(raw: bytes) -> bytes:
        raw = re.sub(rb"Local/(\w+)@agents/n", tech + rb"/\1", raw)
        return re.sub(rb"Local/(\w+)@agents-([0-9a-f]{8});[12]", tech + rb"/\1-\2", raw)

    return transformed


def prefixed(raw: bytes) -> bytes:
    raw = re.sub(rb"(Timestamp: [0-9.]+\r\n)", rb"\1SystemName: kcc1\r\n", raw)
    return UID.sub(rb"kcc1-\1", raw)


def renamed(raw: bytes) -> bytes:
    return raw.replace(b"Queue: afval\r", b"Queue: Afval, milieu\r").replace(
        b"|afval|", b"|Afval, milieu|"
    )


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "pjsip": technology(b"PJSIP"),
    "sip": technology(b"SIP"),
    "iax": technology(b"IAX2"),
    "system name": prefixed,
    "line feeds": lambda raw: raw.replace(b"\r\n", b"\n"),
    "a queue with spaces": renamed,
    "another alphabet": lambda raw: raw.replace(b"CallerIDName: ", b"CallerIDName: \xff\xe9"),
}


@pytest.mark.parametrize("change", few_of(CHANGES, 3))
def test_the_same_calls_come_out(tmp_path: Path, change: str) -> None:
    (tmp_path / "x.ami").write_bytes(CHANGES[change](RAW))
    (tmp_path / "queue_log").write_bytes(CHANGES[change](LINES))
    told = Told(f"asterisk+file:{tmp_path / 'x.ami'}", tmp_path / "queue_log")
    names = {"Afval, milieu": "afval"}
    found = {names.get(queue, queue): counts for queue, counts in told.counts.items()}
    assert found == {queue: true_counts(queue) for queue in TRUTH["per_queue"]}
    assert not told.recording.troubles


@pytest.mark.parametrize("seed", few_of(range(12), 3))
def test_damage_never_stops_a_reading(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    paths = []
    for name, raw in (("x.ami", RAW[:400_000]), ("queue_log", LINES)):
        damaged = bytearray(gzip.compress(raw) if seed % 3 == 0 else raw)
        for _ in range(chance.randrange(1, 200)):
            damaged[chance.randrange(12, len(damaged))] = chance.randrange(256)
        paths.append(tmp_path / name)
        paths[-1].write_bytes(damaged[: chance.randrange(len(damaged) // 2, len(damaged))])
    for address in (f"asterisk+file:{paths[0]}", f"queue_log:{paths[1]}", str(paths[1])):
        try:
            recording = open_recording(address, Options(queue_log=paths[1]))
        except SimkccError:
            continue
        list(recording.read())


def test_what_came_before_the_end_of_a_cut_archive_counts(tmp_path: Path) -> None:
    packed = gzip.compress(LINES)
    (tmp_path / "queue_log.gz").write_bytes(packed[: len(packed) * 3 // 4])
    recording = open_recording(str(tmp_path / "queue_log.gz"))
    assert len(list(recording.read())) > 800


def test_an_empty_file_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for scheme in ("", "queue_log:", "asterisk+file:", "events:"):
        assert list(open_recording(f"{scheme}{tmp_path / 'empty'}").read()) == []
