"""What a board asks of where its events come from: what time it is there, and for a simulation, more."""

from typing import Protocol, runtime_checkable

from simkcc.model.events import Event
from simkcc.model.interventions import Change


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


@runtime_checkable
class Levers(Controls, Protocol):
    """What a trainer may change in a simulated centre, and the same day without it."""

    @property
    def changes(self) -> tuple[tuple[int, Change], ...]:
        """Return what was changed so far, and when, in microseconds."""

    def change(self, change: Change) -> None:
        """Change something now; a SettingError says why it cannot be.

        It may take a while: call it from a thread.
        """

    def undisturbed(self, to: int) -> list[Event]:
        """Return what happened in the same day without changes, up to a time.

        Each call returns what follows what was returned before. From a thread, one at a time.
        """
