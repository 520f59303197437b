"""Replay: any recording, at any speed."""

import asyncio
from collections.abc import AsyncIterator

from simkcc.errors import SettingError
from simkcc.model.directory import NO_DATE
from simkcc.model.events import Event
from simkcc.streams.pace import Pace
from simkcc.streams.source import Recording

TICK = 0.1
"""Seconds between two looks at the clock."""

TURN = 2_000
"""Events told before others get a turn."""


class Replay(Pace):
    """A recording, told when its clock reaches it. Read as it goes, however long it is."""

    def __init__(self, recording: Recording, speed: float, at: int | None = None) -> None:
        """at: time at which the clock starts, in microseconds; that of the first event if absent."""
        self.recording = recording
        self.directory = recording.directory
        self._events = recording.read()
        self._head = self._read_head()
        if not self._head:
            raise SettingError("no line in it is an event: this recording has nothing to show")
        if self.directory.first_date == NO_DATE or not recording.timed:
            raise SettingError(
                "nothing in this recording tells the time, so it cannot be replayed; simkcc tally "
                "counts what is in it"
            )
        super().__init__(self._head[-1].at if at is None else at, speed)

    def _read_head(self) -> list[Event]:
        """Return the events up to the first whose time is known; those before happened just then."""
        head: list[Event] = []
        for event in self._events:
            head.append(event)
            if self.directory.first_date != NO_DATE and self.recording.timed:
                break
        return [event._replace(at=head[-1].at) for event in head]

    async def events(self) -> AsyncIterator[Event]:
        """Yield what was recorded, in the order of the recording, as the clock reaches it."""
        for event in self._head:
            yield event
        for told, event in enumerate(self._events):
            while event.at > self.now:
                await asyncio.sleep(TICK)
            if told % TURN == 0:
                await asyncio.sleep(0)
            yield event
