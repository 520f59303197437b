"""The whole program: events by HTTP, ended at any moment, started again.

Slow: each test starts it, which takes seconds. Fifty kills, with a page open all along, are
`python -m bench.wall kills`.
"""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dashboard.walls import played, small_centre
from small import SMALL

from bench.wall import kills, noise
from bench.wall.program import LONG, URN, ZONE, Program, listening
from simkcc.model.cloudevents import Envelope, to_json

pytestmark = pytest.mark.slow


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def program(tmp_path: Path, small: Path) -> Iterator[Program]:
    found = listening(tmp_path, small)
    yield found
    found.leave()


def test_kills_lose_nothing_acknowledged_and_the_day_comes_out_the_same(
    tmp_path: Path, small: Path
) -> None:
    found = kills.measure(tmp_path, 2, small, look=False)
    assert found["acknowledged and lost"] == 0
    assert found["each once"]
    assert found["ledger equals the undisturbed"]
    assert found["board equals the undisturbed"]


def test_disorder_repetition_and_nonsense_change_nothing_and_are_counted(
    tmp_path: Path, small: Path
) -> None:
    found = noise.measure(tmp_path, 300, small)
    assert found["board equals the undisturbed"]
    assert found["rejected, as counted"] == found["rejected, as shown"] == 300


def test_the_end_is_said_and_the_log_is_json_though_somebody_looks(program: Program) -> None:
    program.start()
    with urllib.request.urlopen(f"{program.url}/stream", timeout=LONG) as viewer:
        viewer.readline()
        assert program.end(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in (program.folder / "log").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["board ready", "stopping"]


def test_calls_may_be_named(program: Program) -> None:
    program.start()
    try:
        now = datetime.now(UTC).isoformat()
        story = [
            {"specversion": "1.0", "id": word, "source": URN, "type": f"simkcc.call.{word}.v1",
             "time": now, "origin": "live", "subject": "call/8f1c2b",
             "data": {"call": "8f1c2b", "leg": 1, "queue": "kcc", "agent": "a7"}}
            for word in ("queued", "answered")
        ]  # fmt: skip
        for _ in range(2):
            assert program.post([*story, {**story[0], "specversion": "2"}])["accepted"] == 2
        frame: Any = program.frame()
        assert frame["today"]["answered"]["num"] == 1
        assert frame["in_conversation"] == 1
        assert b'simkcc_events_rejected{reason="malformed"} 2' in program.ask("/metrics")
    finally:
        assert program.end(signal.SIGTERM) == 0


def test_a_sender_without_the_token_or_of_another_source_is_refused(
    program: Program, tmp_path: Path
) -> None:
    program.start()
    try:
        other = Envelope("urn:other", "live", datetime.now(ZONE).date(), ZONE)
        events, _ = played(small_centre(tmp_path, "horizon.days=1"))
        with pytest.raises(urllib.error.HTTPError) as caught:
            program.post([to_json(event, other) for event in events[:2]])
        assert URN in caught.value.read().decode()
        caught.value.close()
        assert b'simkcc_events_rejected{reason="other source"} 2' in program.ask("/metrics")
    finally:
        assert program.end(signal.SIGINT) == 0
