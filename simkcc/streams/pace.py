"""Pace: a clock that runs some times as fast as ours, can stand still, and can be moved ahead."""

import time

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.directory import Directory
from simkcc.streams.clock import Clock

SLOWEST, FASTEST = 1.0, 600.0


class Pace:
    """The clock of a simulated or recorded day."""

    def __init__(self, at: int, speed: float) -> None:
        """at: time at which it starts, in microseconds."""
        self._at, self._since, self._speed = at, time.monotonic(), _checked(speed)
        self._paused = False

    @property
    def now(self) -> int:
        """Return the time, in microseconds."""
        if self._paused:
            return self._at
        return self._at + int((time.monotonic() - self._since) * self._speed * SECOND)

    @property
    def speed(self) -> float:
        """Return how fast it runs; 0 while it stands still."""
        return 0.0 if self._paused else self._speed

    def set_speed(self, speed: float) -> None:
        """Run so many times as fast as our clock, from now on."""
        checked = _checked(speed)
        self.move_to(self.now)
        self._speed = checked

    def pause(self) -> None:
        """Stand still."""
        self.move_to(self.now)
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        self.move_to(self.now)
        self._paused = False

    def step(self, seconds: float) -> None:
        """Move ahead by so many seconds."""
        if seconds < 0:
            raise SettingError(f"step {seconds:g} s: time only goes ahead; give seconds from 0")
        self.move_to(self.now + int(seconds * SECOND))

    def move_to(self, at: int) -> None:
        """Let it be `at` now."""
        self._at, self._since = at, time.monotonic()


class WallClock:
    """Our own clock, where the centre is. Local days last 86,400 s, as everywhere."""

    speed = 1.0

    def __init__(self, directory: Directory) -> None:
        """directory: knows the first date and the zone."""
        self._directory = directory
        self._clock = Clock(directory.zone, directory.first_date)

    @property
    def now(self) -> int:
        """Return the time, in microseconds."""
        directory = self._directory
        if self._clock.first_date != directory.first_date or self._clock.zone != directory.zone:
            self._clock = Clock(directory.zone, directory.first_date)
        return self._clock.at(time.time_ns() // 1000)


def _checked(speed: float) -> float:
    if not SLOWEST <= speed <= FASTEST:
        raise SettingError(f"speed {speed:g}: give a number from {SLOWEST:g} to {FASTEST:g}")
    return speed
