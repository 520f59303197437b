"""Time: what falls due together happens in the order the events prescribe."""

from collections.abc import Generator
from typing import Any

import simpy

Signal = simpy.Event
"""Something a story waits for."""

Story = Generator[Signal, Any, Any]
"""What somebody does, stopped wherever time must pass."""


class DueEvent(simpy.Event):
    """A timeout with a rank: at equal times the lower rank happens first."""

    def __init__(self, env: simpy.Environment, delay: int, order: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=order + 2, delay=delay)


class Clock(simpy.Environment):
    """SimPy's environment, which can say whether this instant still has something to finish."""

    @property
    def settled(self) -> bool:
        """Return whether nothing is left to happen before the next due event."""
        return not self._queue or self._queue[0][1] >= 2 or self._queue[0][0] > self.now
