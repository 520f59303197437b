"""What many viewers cost: share of a core of a board that sends each a frame a second."""

import subprocess
import sys
import time
from pathlib import Path

from bench.wall.day import ANTWERP, centre_of, played, wrapped
from bench.wall.program import Program, listening

SETTLE = 8.0
"""Seconds until all are connected and looked at once."""


def measure(folder: Path, number: int = 1000, seconds: float = 30.0) -> dict[str, float]:
    """Return what the program used while so many looked, and while nobody did."""
    program = listening(folder, ANTWERP)
    program.start()
    try:
        events = wrapped(played(centre_of(), 11 * 3600 * 10**6))
        for start in range(0, len(events), 1000):
            program.post(events[start : start + 1000])
        alone = _used(program, 10.0)
        crowd = with_viewers(program, number, SETTLE + seconds + 4.0)
        time.sleep(SETTLE)
        before = program.figures()
        used = _used(program, seconds)
        after = program.figures()
        frames = after["simkcc_frames_total"] - before["simkcc_frames_total"]
        seen = int(crowd.communicate(timeout=60)[0])
    finally:
        program.end()
    return {
        "viewers": before["simkcc_viewers"], "frames per second": frames / seconds,
        "core without viewers": alone, "core": used, "frames received": seen,
    }  # fmt: skip


def with_viewers(program: Program, number: int, seconds: float) -> "subprocess.Popen[bytes]":
    """Let so many look, from a process of their own."""
    words = [sys.executable, "-m", "bench.wall.viewer", str(program.port), str(number)]
    return subprocess.Popen([*words, str(seconds)], stdout=subprocess.PIPE)


def _used(program: Program, seconds: float) -> float:
    before, since = program.cpu(), time.monotonic()
    time.sleep(seconds)
    return (program.cpu() - before) / (time.monotonic() - since)
