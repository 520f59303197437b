"""Asterisk queue_log as a file: read to its end, or followed while it grows and rotates."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from simkcc.errors import SettingError
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event
from simkcc.streams.bytefile import PIECE, lines_of
from simkcc.streams.clock import Clock
from simkcc.streams.numbering import Numbering
from simkcc.streams.queue_log import BOM, QueueLog
from simkcc.streams.source import Options, Recording, Source

LOOK = 0.5
"""Seconds between looks at a growing file."""


def open_log(rest: str, options: Options) -> Source:
    """Open `queue_log:PATH[,PATH…]`: files in any order, or the last alone if it is to be followed."""
    paths = [Path(part) for part in rest.split(",") if part]
    for path in paths:
        if not path.is_file():
            raise SettingError(f"queue_log:{rest}: there is no file {path}")
    if not paths:
        raise SettingError("queue_log: needs a path, as in queue_log:/var/log/asterisk/queue_log")
    return (
        LogRecording(by_age(paths), options) if options.to_end else LogFollower(paths[-1], options)
    )


def by_age(paths: list[Path]) -> list[Path]:
    """Return files with the oldest first, by the time in their first line."""
    return sorted(paths, key=lambda path: (first_line(path).partition(b"|")[0].zfill(12), path))


def first_line(path: Path) -> bytes:
    """Return the line a file begins with."""
    return next(lines_of(path), b"").removeprefix(BOM)


class Reading:
    """Lines to events: the log's reader and the numbering behind it."""

    def __init__(self, options: Options) -> None:
        clock = Clock(options.zone)
        self.directory = Directory(NO_DATE, options.zone, topics=["-"], groups=["agents"])
        self.log = QueueLog(options.pseudonyms, caller=options.caller)
        self.numbering = Numbering(self.directory, clock, heard=options.heard)

    def events_of(self, line: bytes) -> list[Event]:
        """Return the events that a line tells."""
        found: list[Event] = []
        for message in self.log.read(line):
            found += self.numbering.number(message)
        return found

    @property
    def troubles(self) -> Counter[str]:
        """Return what could not be read, by kind."""
        counted = Counter(
            {
                "unreadable": self.log.unreadable,
                "unknown": self.log.unknown,
                "passed over": self.numbering.passed_over,
            }
        )
        return +counted


class LogRecording(Recording):
    """One or more queue logs, the older first, to their end."""

    def __init__(self, paths: list[Path], options: Options) -> None:
        self.paths = paths
        self.reading = Reading(options)
        self.directory = self.reading.directory
        self.size = sum(path.stat().st_size for path in paths)

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read, by kind."""
        return self.reading.troubles

    def read(self) -> Iterator[Event]:
        """Yield all events."""
        for path in self.paths:
            for line in lines_of(path):
                self.done += len(line) + 1
                yield from self.reading.events_of(line)
        if not self.goes_on:
            yield from self.reading.numbering.finish()


class LogFollower(Source):
    """A queue log that grows: from its beginning on, through rotation."""

    def __init__(self, path: Path, options: Options, look: float = LOOK) -> None:
        self.path = path
        self.reading = Reading(options)
        self.directory = self.reading.directory
        self._look = look
        self._tail = Tail(path)

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read, by kind."""
        return self.reading.troubles

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events as lines are written."""
        while True:
            lines = self._tail.lines()
            for number, line in enumerate(lines):
                for event in self.reading.events_of(line):
                    yield event
                if number % 256 == 255:
                    await asyncio.sleep(0)
            if not lines:
                await asyncio.sleep(self._look)

    async def close(self) -> None:
        """Let go of the file."""
        self._tail.close()


class Tail:
    """The whole lines that are written to a file, through rotation: renamed, or cut and begun again."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        """Up to where lines were given out."""
        self.rotations = 0
        self._file: BinaryIO | None = None
        self._inode = 0
        self._rest = b""

    def lines(self) -> list[bytes]:
        """Return the lines written since the last call, at most a piece of them."""
        if self._file is None and not self._open():
            return []
        assert self._file is not None
        piece = self._file.read(PIECE)
        if not piece and self._was_rotated():
            piece = self._file.read(PIECE)  # what was written just before
            if piece:
                return self._whole(piece)
            rest, self._rest = self._rest, b""
            self.close()
            self.offset, self.rotations = 0, self.rotations + 1
            return [rest] if rest else self.lines()
        return self._whole(piece)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def _whole(self, piece: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self.offset += sum(len(line) + 1 for line in lines)
        return lines

    def _open(self) -> bool:
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError:
            return False
        found = os.fstat(self._file.fileno())
        self._inode = found.st_ino
        self._file.seek(self.offset if self.offset <= found.st_size else 0)
        return True

    def _was_rotated(self) -> bool:
        """Return whether another file has the name now, or this one was cut.

        As long as nothing is in the other, whoever writes may still write to this one.
        """
        assert self._file is not None
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return False
        if found.st_ino != self._inode:
            return found.st_size > 0
        return found.st_size < self._file.tell()
