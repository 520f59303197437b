"""The reference engine against a clock: a simulated day, as events that happen now."""

import asyncio
import threading
from collections.abc import AsyncIterator

from simkcc.engine.compile import compile_plan
from simkcc.engine.live import LiveCentre
from simkcc.engine.plan import ChangeKind, Plan
from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, SECOND, ContactKind, LegKind
from simkcc.model.directory import Directory
from simkcc.model.events import Event
from simkcc.model.interventions import (
    AS_ROSTERED,
    CLOCK,
    OF_SCENARIO,
    Change,
    Lever,
    changed,
    check,
)
from simkcc.model.scenario import Scenario
from simkcc.streams.pace import Pace

TICK = 0.1
"""Seconds between two looks at the clock."""

STRIDE = 600 * SECOND
"""At most so much simulated time is played at once, so that a stop is heard."""

LATE = 1.0
"""Seconds of ours after which the clock waits for a simulation that cannot keep up with it."""

EARLY = 300 * SECOND
"""So long before somebody comes in the morning a night is over."""


class Simulated(Pace):
    """A simulated centre. What happened before the clock starts is told at once."""

    def __init__(
        self,
        plan: Plan,
        directory: Directory,
        at: int,
        speed: float,
        scenario: Scenario | None = None,
    ) -> None:
        """at: time at which the clock starts, in microseconds since midnight of the first day.

        scenario: what the plan was made of; without it nothing can be changed. A group can have as many agents more as the plan has
        room for.
        """
        super().__init__(at, speed)
        self.plan = plan
        self.directory = directory
        self.scenario = scenario
        self._centre = LiveCentre(plan)
        self._played = 0
        self._changes: list[tuple[int, Change]] = []
        self._again: list[tuple[int, Change]] = []
        self._playing = threading.Lock()
        self._twin: LiveCentre | None = None

    @property
    def changes(self) -> tuple[tuple[int, Change], ...]:
        """Return what was changed so far, and when."""
        return tuple(self._changes)

    @property
    def now(self) -> int:
        """Return the time; on a machine that is too slow it goes as fast as the simulation does."""
        known = max(self._played, self._at)
        return min(super().now, known + int(LATE * self._speed * SECOND))

    async def events(self) -> AsyncIterator[Event]:
        """Yield what happens, as the clock reaches it, until the horizon is over."""
        until = int(self.plan.settings[0]["until"])
        while self._played < until:
            due = min(self.now, until)
            said = await asyncio.to_thread(self.advance, due)
            _forget(self._centre, said)
            for event in said:
                yield event
            if self._played >= due:
                self._keep_time()
                self._skip_night()
                await asyncio.sleep(TICK)

    def _keep_time(self) -> None:
        """Go on from the time that is shown: what was lost by waiting is not made up for."""
        shown = self.now
        if shown < super().now:
            self.move_to(shown)

    def advance(self, to: int) -> list[Event]:
        """Play to a time, or a stride of it, and return what happened."""
        with self._playing:
            stop = min(max(to, self._played), self._played + STRIDE)
            while self._again and self._again[0][0] <= stop:
                at, change = self._again.pop(0)
                self._centre.run(at)
                self._played = max(at, self._played)
                self._do(change)
            self._centre.run(stop)
            self._played = stop
            return _said(self._centre)

    def change(self, change: Change) -> None:
        """Change something from the moment on that was played last."""
        if self.scenario is None:
            raise SettingError("this run cannot be changed: its scenario is not known")
        check(change, self.scenario)
        with self._playing:
            self._do(change)
        if change.lever is Lever.SPEED:
            if change.amount:
                self.set_speed(change.amount)
                self.resume()
            else:
                self.pause()
        elif change.lever is Lever.STEP:
            self.step(change.amount)

    def repeat(self, changes: list[tuple[int, Change]]) -> None:
        """Make changes of an earlier run again, each at its time, as the clock comes by."""
        self._again = sorted((each for each in changes if each[1].lever not in CLOCK), key=_time)

    def undisturbed(self, to: int) -> list[Event]:
        """Play the same day without changes, to a time, and return what is new."""
        if self._twin is None:
            self._twin = LiveCentre(self.plan)
        self._twin.run(to)
        said = _said(self._twin)
        _forget(self._twin, said)
        return said

    def _do(self, change: Change) -> None:
        """Pull a lever of the centre, and say so."""
        at, centre = self._played, self._centre
        changes = [*(each for _, each in self._changes), change]
        if change.lever in OF_SCENARIO and self.scenario is not None:
            centre.adopt(compile_plan(changed(self.scenario, changes)), at)
        elif change.lever is Lever.AGENTS:
            centre.add_agents(change.place, change.amount - AS_ROSTERED, at)
        elif change.lever is Lever.BURST:
            centre.burst(change.place, change.amount, at)
        self._changes.append((at, change))
        centre.events.append(change.event(at))

    def _skip_night(self) -> None:
        """Go to the morning when nobody is there and nobody calls: a night shows nothing."""
        if self.speed <= 1.0 or self._open():
            return
        changes = self.plan.changes
        comes = (changes["kind"] == ChangeKind.ROSTER) & (changes["level"] > 0)
        morning = changes["at"][comes & (changes["at"] >= self._played)]
        ahead = int(morning.min()) - EARLY if len(morning) else int(self.plan.settings[0]["until"])
        if self._played < ahead:
            self.move_to(ahead)

    def _open(self) -> bool:
        """Return whether somebody is there, or on the line; who rings again tomorrow is not."""
        centre = self._centre
        calling = any(
            me.kind == ContactKind.CALL and me.leg_kind not in (NONE, LegKind.DELAY)
            for me in centre.present.values()
        )
        return calling or any(agent.there for agent in centre.agents)


def _said(centre: LiveCentre) -> list[Event]:
    """Return what a centre said since it was asked last."""
    said, centre.events = centre.events, []
    return said


def _forget(centre: LiveCentre, said: list[Event]) -> None:
    """Let a centre forget what is over: its events said it, and it may run for weeks."""
    centre.leg_rows.clear()
    centre.session_rows.clear()
    for event in said:
        if event.contact != NONE and event.contact not in centre.present:
            centre.contact_rows[event.contact] = []


def _time(made: tuple[int, Change]) -> int:
    return made[0]
