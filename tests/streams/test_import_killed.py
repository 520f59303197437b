"""An import that is killed or interrupted goes on where it stopped: nothing lost, nothing twice."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from limits import HANG, until
from sqlalchemy import create_engine, text

CALLS = 2_000
NOTHING = b"nothing was run yet; nothing was written.\n"
"""Said of an import that is interrupted before it begins."""

STATEMENTS = (8, 14, 30, 20)
"""Statements of its database behind which it is stopped: while tables are made, and within batches."""


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


COMMAND = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from simkcc import cli
from simkcc.commands import importing

importing.BATCH, left = 150, [int(sys.argv.pop(1))]
signal.signal(signal.SIGINT, signal.default_int_handler)

def stand_still(*_):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGSTOP)

event.listen(Engine, "after_cursor_execute", stand_still)
cli.main()
"""
"""The command, which stands still behind so many statements of its database."""


def start(log: Path, to: Path, statements: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", COMMAND, str(statements), "import", str(log), "--to", str(to)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Return the exit code of an import, and what it said of an interruption."""
    _, said = process.communicate(timeout=HANG)
    return process.returncode, said


def stands_still(process: subprocess.Popen[bytes]) -> bool:
    number, how = os.waitpid(process.pid, os.WNOHANG | os.WUNTRACED)
    assert not number or os.WIFSTOPPED(how), "it came to its end before"
    return bool(number)


def kept(store: Path) -> list[tuple[object, ...]]:
    """Return the events of a store in their order, without what tells when they were written."""
    engine = create_engine(f"sqlite:///{store}")
    with engine.connect() as connection:
        rows = connection.execute(text("select * from events order by 1")).mappings().all()
    engine.dispose()
    return [tuple(v for name, v in row.items() if "recorded" not in name) for row in rows]


@pytest.mark.slow  # an import of 5,000 lines, some six times over
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_stopped_anywhere_ends_as_if_it_had_not_been(
    tmp_path: Path, how: signal.Signals
) -> None:
    log = tmp_path / "queue_log"
    log.write_text("".join(lines(CALLS)), encoding="utf-8")
    whole, stopped = tmp_path / "whole.db", tmp_path / "stopped.db"
    assert ended(start(log, whole)) == (0, b"")

    for statements in STATEMENTS:
        process = start(log, stopped, statements)
        until(lambda process=process: stands_still(process), "it does not stand still")
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        code, said = ended(process)
        assert code == (130 if how == signal.SIGINT else -how)
        if code == 130:
            assert said.endswith((b"the same command goes on there.\n", NOTHING)), said
    assert ended(start(log, stopped)) == (0, b"")
    assert kept(stopped) == kept(whole)
