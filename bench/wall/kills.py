"""The program is killed at random moments while events come: what is lost, and who comes back."""

import json
import random
import signal
import subprocess
import threading
import time
from contextlib import nullcontext
from http.client import HTTPException
from pathlib import Path

import numpy as np

from bench.wall.day import ANTWERP, centre_of, played, wrapped
from bench.wall.program import Program, listening
from bench.wall.viewer import chromium
from simkcc.analysis.ledger import Ledger
from simkcc.model.cloudevents import from_json
from simkcc.model.events import Event

AGAIN = 40
"""Events of this life that are sent once more with each batch, as senders do who are not sure."""

EARLY = 0.2
"""Share of the kills that come while the program still starts."""

PATIENT = 30.0
"""Seconds until a page counts as not recovered."""


class Sender(threading.Thread):
    """Hands over events one batch after the other, each until it is acknowledged."""

    def __init__(self, program: Program, events: list[Event], size: int) -> None:
        super().__init__(daemon=True)
        self.program, self.events, self.size = program, wrapped(events), size
        self.acknowledged = 0
        self.posts = self.failed = 0
        self.born = 0
        self.enough = threading.Event()

    def run(self) -> None:
        """Send until all is acknowledged, or there have been enough kills."""
        chance = random.Random(2)
        while self.acknowledged < len(self.events) and not self.enough.is_set():
            start, end = self.acknowledged, self.acknowledged + self.size
            mine = self.events[min(self.born, start) : start]
            again = chance.sample(mine, min(AGAIN, len(mine)))
            try:
                self.program.post([*again, *self.events[start:end]])
            except (OSError, HTTPException):
                self.failed += 1
                time.sleep(0.05)
                continue
            self.posts += 1
            self.acknowledged = min(end, len(self.events))


def measure(
    folder: Path, number: int = 50, scenario: Path = ANTWERP, *, look: bool = True
) -> dict[str, object]:
    """Kill so often, then let the day end, and compare with a day that nobody disturbed.

    look: whether a page is open in a Chromium all along, to see how soon it is back.
    """
    program = listening(folder, scenario)
    try:
        return _measured(folder, number, scenario, program, look)
    finally:
        program.leave()


def _measured(
    folder: Path, number: int, scenario: Path, program: Program, look: bool
) -> dict[str, object]:
    chance = random.Random(number)
    events = played(centre_of(scenario))
    sender = Sender(program, events, max(1, len(events) // (number * 120)))
    lost: list[int] = []
    back: list[float] = []
    with chromium() if look else nullcontext() as browser:
        page = browser.new_page() if browser is not None else None
        program.start()
        sender.start()
        if page is not None:
            page.goto(f"{program.url}/tv")
        for _ in range(number):
            if page is not None:
                back.append(_recovered(page, program))
            time.sleep(chance.uniform(0.2, 2.0))
            acknowledged = _kill(program, sender)
            while chance.random() < EARLY:
                program.spawn()
                time.sleep(chance.uniform(0.1, 2.5))
                _kill(program, sender)
            program.start()
            lost.append(max(0, acknowledged - _found(program)))
        if page is not None:
            back.append(_recovered(page, program))
    sender.enough.set()
    sender.join()
    for start in range(sender.acknowledged, len(events), 500):
        program.post(sender.events[start : start + 500])
    shown = program.frame()
    assert program.end() == 0
    kept = _kept(program)
    return {
        "kills": number, "posts": sender.posts, "posts cut off": sender.failed,
        "acknowledged and lost": sum(lost), "kept": len(kept), "of": len(events),
        "each once": len(set(kept)) == len(kept) == len(events),
        "ledger equals the undisturbed": Ledger(kept).log() == Ledger(events).log(),
        "board equals the undisturbed": undisturbed(folder, scenario, sender.events) == told_of(shown),
        "pages back after, s: median": round(float(np.median(back)), 1) if back else None,
        "longest": round(max(back), 1) if back else None,
    }  # fmt: skip


def _kill(program: Program, sender: Sender) -> int:
    """End it without a word; returns how many events it had acknowledged."""
    program.end(signal.SIGKILL)
    acknowledged = sender.acknowledged
    sender.born = acknowledged
    return acknowledged


def _found(program: Program) -> int:
    """Return how many events it found in the store when it started last, as it logged."""
    lines = (program.folder / "log").read_text().splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    return next(line["kept"] for line in reversed(told) if line["event"] == "board ready")


def _recovered(page: object, program: Program) -> float:
    """Wait until the page shows the program that runs now; return the seconds since it answers."""
    boot, since = json.loads(program.ask("/health"))["boot"], time.monotonic()
    shows = (
        f"typeof boot === 'string' && boot === '{boot}' && document.body.dataset.state === 'live'"
    )
    while time.monotonic() - since < PATIENT:
        try:
            if page.evaluate(shows):
                break
        except Exception:  # the page is just being loaded again
            pass
        time.sleep(0.1)
    return time.monotonic() - since


def undisturbed(folder: Path, scenario: Path, events: list[dict[str, object]]) -> object:
    """Return what a program shows that takes the same day in one go."""
    other = folder / "undisturbed"
    other.mkdir()
    program = listening(other, scenario)
    try:
        program.start()
        for start in range(0, len(events), 500):
            program.post(events[start : start + 500])
        return told_of(program.frame())
    finally:
        program.leave()


def told_of(frame: dict[str, object]) -> dict[str, object]:
    """Return what a frame tells of the day, apart from what the clock adds to it."""
    named = ("today", "waiting", "agents", "lines", "chart", "callbacks", "missed", "rejected")
    return {name: _without_ages(frame[name]) for name in named}


def _without_ages(told: object) -> object:
    if isinstance(told, dict):
        return {key: _without_ages(value) for key, value in told.items() if key != "oldest"}
    return [_without_ages(each) for each in told] if isinstance(told, list) else told


def _kept(program: Program) -> list[Event]:
    """Return what the store keeps, by the program's own export."""
    path = program.folder / "kept.jsonl"
    subprocess.run([*program.command, "--export", str(path)], check=True, capture_output=True)
    return [from_json(json.loads(line)) for line in path.read_text().splitlines()]
