"""What the next half hour may bring: many runs from the present state, in a process of their own.

The loop of the server never waits for them. How often earlier forecasts held is told beside them.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import numpy as np

from simkcc.dashboard import now as live
from simkcc.dashboard.board import MINUTE, Board
from simkcc.dashboard.figures import Centre
from simkcc.engine import runs
from simkcc.engine.compile import compile_plan
from simkcc.engine.live import joined
from simkcc.engine.plan import Plan
from simkcc.errors import SettingError
from simkcc.model.contact_log import DAY, NONE, ContactLog
from simkcc.model.interventions import OF_SCENARIO, Change, change_of, changed

LOG = logging.getLogger("simkcc.wallboard")

AHEAD = 30
"""Minutes."""

PATHS = 200
"""Runs of a forecast."""

BAND = (5, 50, 95)
"""Percentiles of the runs: the edges of the band, and its middle."""

EVERY = 12.0
"""Seconds between two forecasts; where the clock runs fast, sooner."""

REST = 3.0
"""After a forecast its process rests this many times as long as it took, or EVERY."""

APART = 5 * MINUTE
"""Time of the centre between two forecasts that are judged."""

JUDGED = 200
"""Forecasts whose outcome is remembered."""


@dataclass(frozen=True)
class Fan:
    """A forecast of how many calls wait, minute by minute."""

    at: int
    """When it was made, in microseconds."""
    low: tuple[int, ...]
    """The lower edge of the band, from `at` on."""
    middle: tuple[int, ...]
    high: tuple[int, ...]

    @property
    def end(self) -> int:
        """Return the last moment it speaks of."""
        return self.at + AHEAD * MINUTE

    def holds(self, waiting: int) -> bool:
        """Return whether so many calls that waited at its end are within its band."""
        return self.low[-1] <= waiting <= self.high[-1]


def fan_of(plan: Plan, log: ContactLog, now: int, paths: int = PATHS) -> Fan:
    """Return the forecast from a state. plan: whose seed is not that of the day itself."""
    logs = runs.forecast(plan, log, now, now + AHEAD * MINUTE, paths)
    moments = now + np.arange(AHEAD + 1) * MINUTE
    waits = np.array([live.waiting_over(each, moments) for each in logs])
    waits[:, 0] = live.waiting_over(log, moments[:1])
    low, middle, high = np.percentile(waits, BAND, axis=0, method="inverted_cdf").astype(int)
    return Fan(now, tuple(low.tolist()), tuple(middle.tolist()), tuple(high.tolist()))


class Forecaster:
    """Makes forecasts of a board's centre, for as long as it runs."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.fan: Fan | None = None
        self.why = ""
        """Why there is none, in words, if there should be one."""
        self.judged: deque[bool] = deque(maxlen=JUDGED)
        self._open: deque[Fan] = deque()
        self._pool: ProcessPoolExecutor | None = None

    async def run(self) -> None:
        """Make one forecast after the other, for ever."""
        try:
            while True:
                since = time.monotonic()
                await self.make()
                took = time.monotonic() - since
                fast = AHEAD * 60 / 6 / max(self.board.clock.speed, 1.0)
                await asyncio.sleep(min(EVERY, max(fast, REST * took)))
        finally:
            self.close()

    async def make(self) -> None:
        """Judge what was said of now, and say what comes; nothing where nobody is there or waits."""
        log, now = self.board.log(), self.board.now
        self.judge(log, now)
        if not (log.sessions["end"] == NONE).any() or self.board.clock.speed == 0.0:
            self._show(self.fan if self.board.clock.speed == 0.0 else None, "")
            return
        changes = [change_of(event) for event in self.board.changes if event.code in OF_SCENARIO]
        try:
            fan = await asyncio.get_running_loop().run_in_executor(
                self._process(), _forecast, log, now, changes
            )
        except SettingError as error:
            self._show(None, str(error))
        except BrokenProcessPool:
            self.close()
            self._show(None, "the process that makes it has ended")
        else:
            if not self._open or fan.at - self._open[-1].at >= APART:
                self._open.append(fan)
            self._show(fan, "")

    def judge(self, log: ContactLog, now: int) -> None:
        """Hold forecasts that are over against what came; those of another day cannot be."""
        while self._open and self._open[0].end <= now:
            fan = self._open.popleft()
            if fan.end // DAY == now // DAY:
                came = live.waiting_over(log, np.array([fan.end]))
                self.judged.append(fan.holds(int(came[0])))

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            for process in list((self._pool._processes or {}).values()):
                process.terminate()
            self._pool = None

    def _show(self, fan: Fan | None, why: str) -> None:
        if why and why != self.why:
            LOG.warning("no forecast", extra={"why": why})
        self.fan, self.why = fan, why
        self.board.forecast = None if fan is None else self._told(fan)

    def _told(self, fan: Fan) -> dict[str, Any]:
        return {
            "at": fan.at % DAY / MINUTE, "day": fan.at // DAY, "low": fan.low,
            "middle": fan.middle, "high": fan.high,
            "held": sum(self.judged), "judged": len(self.judged),
        }  # fmt: skip

    def _process(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), _begin, (self.board.centre,)
            )
        return self._pool


# ------------------------------------------------------------------ in the other process

_CENTRE: Centre
_PLANS: dict[tuple[Change, ...], Plan] = {}


def _begin_with(centre: Centre) -> None:
    """Keep what forecasts are made of."""
    global _CENTRE
    _CENTRE = centre
    _PLANS.clear()


def _begin(centre: Centre) -> None:
    """Begin as a process: give way to the server, and end with it."""
    _begin_with(centre)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(0)


def _forecast(log: ContactLog, now: int, changes: list[Change]) -> Fan:
    return fan_of(_plan(tuple(changes)), log, now)


def _plan(changes: tuple[Change, ...]) -> Plan:
    """Return the plan of the centre as it was changed, with another seed than the day has."""
    if changes not in _PLANS:
        plan = _CENTRE.plan
        if changes:
            plan = joined(plan, compile_plan(changed(_CENTRE.scenario, list(changes))))
        _PLANS.clear()
        _PLANS[changes] = plan.seeded(int(plan.settings[0]["seed"]) + 1, 0)
    return _PLANS[changes]
