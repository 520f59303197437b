"""Alerts with hysteresis: raised when something stays wrong, cleared when it stays right."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

RAISE_AFTER = 30.0
"""Seconds of the centre for which something must be wrong."""

CLEAR_AFTER = 60.0
"""Seconds of the centre for which it must be right again."""

KEPT = 200
"""Entries of the log."""

WRONG_FEEDS = ("silent", "failed", "ended", "unkept")

ALERTS = {
    "longest_wait": "Somebody waits too long",
    "service_level": "Service level of the last 30 minutes off norm",
    "callbacks": "Callbacks overdue",
    "source": "The source tells nothing",
}
"""What is watched, in words."""


def wrong(frame: dict[str, Any]) -> set[str]:
    """Return what is wrong in a frame of the board."""
    found = {
        "longest_wait": frame["waiting"]["status"] == "bad",
        "service_level": frame["lately"]["sl"]["status"] == "bad",
        "callbacks": frame["callbacks"]["status"] == "bad",
        "source": frame["feed"] in WRONG_FEEDS or frame["gap"],
    }
    return {name for name, is_wrong in found.items() if is_wrong}


@dataclass
class Alerts:
    """What is wrong for long enough, and what was."""

    open: dict[str, float] = field(default_factory=dict)
    """Since when, in seconds of the centre."""
    log: deque[tuple[float, str, bool]] = field(default_factory=lambda: deque(maxlen=KEPT))
    """When, what, and whether it was raised."""
    _turning: dict[str, float] = field(default_factory=dict)

    def update(self, frame: dict[str, Any], now: float) -> None:
        """Look at a frame. now: seconds of the centre."""
        found = wrong(frame)
        for name in ALERTS:
            if (name in found) == (name in self.open):
                self._turning.pop(name, None)
                continue
            since = self._turning.setdefault(name, now)
            raised = name in found
            if now - since < (RAISE_AFTER if raised else CLEAR_AFTER):
                continue
            del self._turning[name]
            if raised:
                self.open[name] = since
            else:
                del self.open[name]
            self.log.appendleft((now, name, raised))
