"""How long the command line takes to start: compiled for the first time, and ever after."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SMALL = """
[horizon]
days = 1
[topics.calls]
per_hour = 60
[groups.agents]
agents = 4
[queues.kcc]
routes = [{ group = "agents" }]
[patience]
kind = "exponential"
mean = 300
[handling.talk]
kind = "exponential"
mean = 180
"""
"""A small centre for one day: next to nothing to simulate."""

ROOT = Path(__file__).parents[1]
COMMANDS = (("run", True), ("check", True), ("--help", False))
"""What is started, and whether it is given the file."""


@dataclass(frozen=True)
class Start:
    """One command, started several times."""

    what: str
    wall: list[float]
    """Seconds until it ended, per start."""
    cpu: list[float]
    """CPU seconds, per start; on a busy machine these say more."""


def measure(rounds: int) -> list[Start]:
    """Start each command with an empty cache once, and then again and again."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.toml"
        file.write_text(SMALL, encoding="utf-8")
        places = os.environ | {"SIMKCC_CACHE": folder, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
        places.pop("PYTHONDONTWRITEBYTECODE", None)
        found = [started("simkcc run, nothing compiled yet", ["run", str(file)], places, 1)]
        for command, reads in COMMANDS:
            arguments = [command, str(file)] if reads else [command]
            started(f"simkcc {command}", arguments, places, 1)
            found.append(started(f"simkcc {command}", arguments, places, rounds))
    for each in found:
        print(f"start: {each.what}, {min(each.wall):.2f} s at best", flush=True)
    return found


def started(what: str, arguments: list[str], places: dict[str, str], rounds: int) -> Start:
    """Run one command so many times."""
    wall, cpu = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), children()
        subprocess.run(
            [sys.executable, "-m", "simkcc", *arguments], cwd=ROOT, env=places,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        wall.append(time.perf_counter() - start)
        cpu.append(children() - used)
    return Start(what, wall, cpu)


def children() -> float:
    """Return the CPU seconds of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
