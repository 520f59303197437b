"""The reference engine against a clock: a simulated day, as events that happen now."""

import asyncio
from collections.abc import AsyncIterator

from simkcc.engine.plan import ChangeKind, Plan
from simkcc.engine.reference import Centre
from simkcc.model.contact_log import FOREVER, SECOND, ContactKind
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.streams.pace import Pace

TICK = 0.1
"""Seconds between two looks at the clock."""

STRIDE = 600 * SECOND
"""At most so much simulated time is played at once, so that a stop is heard."""

EARLY = 300 * SECOND
"""So long before somebody comes in the morning a night is over."""


class Simulated(Pace):
    """A simulated centre. What happened before the clock starts is told at once."""

    def __init__(self, plan: Plan, directory: Directory, at: int, speed: float) -> None:
        """at: time at which the clock starts, in microseconds since midnight of the first day."""
        super().__init__(at, speed)
        self.plan = plan
        self.directory = directory
        self._centre = Centre(plan)
        self._played = 0

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happens, as the clock reaches it, until the horizon is over."""
        until = int(self.plan.settings[0]["until"])
        while self._played < until:
            due = min(self.now, until)
            for event in await asyncio.to_thread(self.advance, due):
                yield event
            if self._played >= due:
                self._skip_night()
                await asyncio.sleep(TICK)

    def advance(self, to: int) -> list[Event]:
        """Play to a time, or a stride of it, and return what happened."""
        self._played = min(max(to, self._played), self._played + STRIDE)
        self._centre.run(self._played)
        said, self._centre.events = self._centre.events, []
        return said

    def _skip_night(self) -> None:
        """Go to the morning when nobody is there and nobody calls: a night shows nothing."""
        if self.speed <= 1.0 or self._open():
            return
        changes = self.plan.changes
        comes = (changes["kind"] == ChangeKind.ROSTER) & (changes["level"] > 0)
        morning = changes["at"][comes & (changes["at"] > self._played)]
        ahead = int(morning.min()) - EARLY if len(morning) else FOREVER
        if self._played < ahead < FOREVER:
            self.move_to(ahead)

    def _open(self) -> bool:
        centre = self._centre
        calling = any(me.kind == ContactKind.CALL for me in centre.present.values())
        return calling or any(agent.there for agent in centre.agents)
