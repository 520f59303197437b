"""The whole program: events by HTTP, ended at any moment, started again."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dashboard.walls import played, small_centre
from small import SMALL

from simkcc.analysis.ledger import Ledger
from simkcc.model.cloudevents import Envelope, from_json, to_json
from simkcc.model.events import Event
from simkcc.streams.ingest import BATCH

pytestmark = pytest.mark.slow

TOKEN = "a token of enough characters"
URN = "urn:test:pbx"


KILLS = int(os.environ.get("SIMKCC_KILLS", "2"))
"""How often the program is killed; fifty on demand."""


class Program:
    """A `simkcc wallboard` that listens, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "token").write_text(TOKEN)
        (folder / "small.toml").write_text(SMALL)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.command = [
            sys.executable, "-m", "simkcc", "wallboard", str(folder / "small.toml"),
            "--listen", URN, "--token-file", str(folder / "token"),
            "--store", str(folder / "events.db"), "--port", str(self.port),
        ]  # fmt: skip

    def start(self) -> None:
        self.log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(self.command, stderr=self.log)
        ends = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < ends:
            try:
                self.ask("/health")
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        self.log.close()
        return self.process.wait(20)

    def ask(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def send(self, events: list[Event], envelope: Envelope) -> None:
        """Hand over events; returns when they are acknowledged."""
        wrapped = [to_json(event, envelope) for event in events]
        assert self.post(wrapped)["accepted"] == len(events)

    def post(self, wrapped: list[dict[str, object]]) -> dict[str, int]:
        """Hand over CloudEvents as they are; returns the answer."""
        body = json.dumps(wrapped).encode()
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": BATCH}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/events", body, headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return dict(json.loads(answer.read()))

    def frame(self) -> dict[str, Any]:
        """Return the newest frame."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stream", timeout=10) as answer:
            for line in answer:
                if line.startswith(b"data: "):
                    return dict(json.loads(line[6:]))
        raise AssertionError("no frame")

    def kept(self) -> list[Event]:
        """Return what the store keeps, by the program's own export."""
        path = self.folder / "kept.jsonl"
        subprocess.run([*self.command, "--export", str(path)], check=True, capture_output=True)
        return [from_json(json.loads(line)) for line in path.read_text().splitlines()]


def test_a_kill_loses_nothing_acknowledged_and_a_restart_goes_on(tmp_path: Path) -> None:
    events, _ = played(small_centre(tmp_path, "horizon.days=1"))
    events = events[:1_500]
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    envelope = Envelope(URN, "live", today, ZoneInfo("Europe/Brussels"))
    program, chance, sent = Program(tmp_path), random.Random(4), 0
    for deadly in (*[True] * KILLS, False):
        program.start()
        assert json.loads(program.ask("/health"))["events"] >= sent
        goal = len(events) if not deadly else sent + chance.randrange(1_000 // KILLS)
        while sent < goal:
            program.send(events[sent : sent + 20], envelope)
            sent += 20
        if deadly:
            program.send(events[sent : sent + 7], envelope)
            program.end(signal.SIGKILL)
    health = json.loads(program.ask("/health"))
    assert health["status"] == "running"
    assert program.end(signal.SIGTERM) == 0
    kept = program.kept()
    assert len(kept) == len(set(kept)) == len(events)
    assert Ledger(kept).log() == Ledger(events).log()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines].count("board ready") == KILLS + 1
    assert lines[-1]["event"] == "stopping"


def test_calls_may_be_named(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.start()
    try:
        now = datetime.now(ZoneInfo("UTC")).isoformat()
        story = [
            {"specversion": "1.0", "id": word, "source": URN, "type": f"simkcc.call.{word}.v1",
             "time": now, "origin": "live", "subject": "call/8f1c2b",
             "data": {"call": "8f1c2b", "leg": 1, "queue": "kcc", "agent": "a7"}}
            for word in ("queued", "answered")
        ]  # fmt: skip
        for _ in range(2):
            assert program.post([*story, {**story[0], "specversion": "2"}])["accepted"] == 2
        frame = program.frame()
        assert frame["today"]["answered"]["num"] == 1
        assert frame["in_conversation"] == 1
        assert b'simkcc_events_rejected{reason="malformed"} 2' in program.ask("/metrics")
    finally:
        assert program.end(signal.SIGTERM) == 0


def test_a_sender_without_the_token_or_of_another_source_is_refused(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.start()
    try:
        today = datetime.now(ZoneInfo("Europe/Brussels")).date()
        other = Envelope("urn:other", "live", today, ZoneInfo("Europe/Brussels"))
        events, _ = played(small_centre(tmp_path, "horizon.days=1"))
        with pytest.raises(urllib.error.HTTPError) as caught:
            program.send(events[:2], other)
        assert "urn:test:pbx" in caught.value.read().decode()
        caught.value.close()
        assert b'simkcc_events_rejected{reason="other source"} 2' in program.ask("/metrics")
    finally:
        assert program.end(signal.SIGINT) == 0
