"""An import that is killed or interrupted goes on where it stopped: nothing lost, nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

CALLS = 6_000
NOTHING = b"nothing was run yet; nothing was written.\n"
"""Said of an import that is interrupted before it begins."""


def lines(calls: int) -> Iterator[str]:
    """Yield a log of calls that overlap, some of which are given up."""
    chance = random.Random(7)
    told = []
    for number in range(calls):
        at, wait = 1_700_000_000 + 9 * number, chance.randrange(40)
        head = f"{number}.1|kcc"
        told.append((at, f"{at}|{head}|NONE|ENTERQUEUE||x|1"))
        if chance.random() < 0.2:
            told.append((at + wait, f"{at + wait}|{head}|NONE|ABANDON|1|1|{wait}"))
            continue
        agent, talk = f"agent {number % 9}", chance.randrange(5, 300)
        told.append((at + wait, f"{at + wait}|{head}|{agent}|CONNECT|{wait}|x|2"))
        end = at + wait + talk
        told.append((end, f"{end}|{head}|{agent}|COMPLETECALLER|{wait}|{talk}|1"))
    yield from (f"{line}\n" for _, line in sorted(told, key=lambda each: each[0]))


def start(log: Path, to: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "simkcc", "import", str(log), "--to", str(to)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of an import that nobody disturbs."""
    process.communicate(timeout=120)
    return process.returncode


def kept(store: Path) -> list[tuple[object, ...]]:
    """Return the events of a store in their order, without what tells when they were written."""
    engine = create_engine(f"sqlite:///{store}")
    with engine.connect() as connection:
        rows = connection.execute(text("select * from events order by 1")).mappings().all()
    engine.dispose()
    return [tuple(v for name, v in row.items() if "recorded" not in name) for row in rows]


@pytest.mark.slow  # an import of 16,000 lines, some six times over
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_stopped_anywhere_ends_as_if_it_had_not_been(
    tmp_path: Path, how: signal.Signals
) -> None:
    log = tmp_path / "queue_log"
    log.write_text("".join(lines(CALLS)), encoding="utf-8")
    whole = tmp_path / "whole.db"
    began = time.perf_counter()
    assert ended(start(log, whole)) == 0
    took = time.perf_counter() - began

    chance, stopped = random.Random(3), tmp_path / "stopped.db"
    cut = 0
    for _ in range(4):
        process = start(log, stopped)
        try:
            process.wait(took * chance.uniform(0.3, 0.95))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, how)
            cut += 1
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, -int(how), 130, 1)
        if process.returncode == 130:
            assert said.endswith((b"the same command goes on there.\n", NOTHING)), said
    assert cut
    assert ended(start(log, stopped)) == 0
    assert kept(stopped) == kept(whole)
