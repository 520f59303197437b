"""What a board asks of where its events come from: what time it is there, and for a simulation, more."""

from typing import Protocol


class Clock(Protocol):
    """The time where events come from."""

    @property
    def now(self) -> int:
        """Return the time there, in microseconds since local midnight of the first day."""

    @property
    def speed(self) -> float:
        """Return how many seconds pass there in one of ours; 0 while it stands still."""


class Controls(Clock, Protocol):
    """What a trainer may do with a simulated or recorded day."""

    def set_speed(self, speed: float) -> None:
        """Let time pass so many times as fast as here, 1 to 600."""

    def pause(self) -> None:
        """Stop the clock."""

    def resume(self) -> None:
        """Let the clock go on."""

    def step(self, seconds: float) -> None:
        """Let so many seconds pass at once, also while the clock stands still."""
