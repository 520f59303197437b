"""A simulated week at full speed, with viewers and a console open: does memory stay flat?"""

import json
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

from bench.wall.crowd import with_viewers
from bench.wall.day import ANTWERP
from bench.wall.program import Program

SPEED = 600
LOOK = 1.0
"""Seconds between two looks at the memory, and at the console."""


def measure(folder: Path, number: int = 1, viewers: int = 10) -> dict[str, object]:
    """Return the memory at the end of each day of so many weeks, in megabytes."""
    program = Program(
        folder, str(ANTWERP), "--speed", str(SPEED), "--at", "07:30",
        "--set", f"horizon.weeks={number}", "--store", str(folder / "events.db"),
    )  # fmt: skip
    program.start()
    crowd = with_viewers(program, viewers, 1e6)
    most: dict[str, float] = {}
    state = "running"
    try:
        while state != "ended":
            state = json.loads(program.ask("/health"))["status"]
            frame = program.frame()
            with urllib.request.urlopen(f"{program.url}/console/state") as answer:
                answer.read()
            day = str(frame["date"])
            most[day] = max(most.get(day, 0.0), program.memory())
            time.sleep(LOOK)
        events = int(program.figures()["simkcc_events_total"])
    finally:
        crowd.kill()
        crowd.communicate()
        program.end()
    days = [round(megabytes, 1) for megabytes in most.values()]
    return {
        "viewers": viewers, "events": events, "megabytes by day": days,
        "growth after the second day": round(sum(b - a for a, b in pairwise(days[1:])), 1),
        "store, megabytes": round((folder / "events.db").stat().st_size / 1e6, 1),
    }  # fmt: skip
