"""Replay: a recorded file of events, at any speed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.streams.ingest import Reader
from simkcc.streams.pace import Pace

TICK = 0.1
"""Seconds between two looks at the clock."""

TURN = 2_000
"""Events told before others get a turn."""


class Replay(Pace):
    """A recording, told when its clock reaches it. Read as it goes, however long it is."""

    def __init__(
        self, path: Path, directory: Directory, speed: float, at: int | None = None
    ) -> None:
        """at: time at which the clock starts, in microseconds; that of the first event if absent.

        directory: names of the numbers; its first date becomes that of the recording.
        """
        self.reader = Reader()
        self.directory = directory
        self._path = path
        first = next(self._read(), None)
        if first is None or self.reader.first_date is None:
            raise SettingError(f"{path}: no line in it is an event; give JSON lines of CloudEvents")
        directory.first_date = self.reader.first_date
        self.reader.malformed.clear()
        super().__init__(first.at if at is None else at, speed)

    async def events(self) -> AsyncIterator[Event]:
        """Yield what was recorded, in the order of the file, as the clock reaches it."""
        for told, event in enumerate(self._read()):
            while event.at > self.now:
                await asyncio.sleep(TICK)
            if told % TURN == 0:
                await asyncio.sleep(0)
            yield event

    def _read(self) -> Iterator[Event]:
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                yield from self.reader.lines(file)
        except OSError as error:
            raise SettingError(f"{self._path}: cannot be read ({error.strerror})") from None
