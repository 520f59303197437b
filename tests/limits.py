"""How long a test waits for what must come: until it is there. Only what hangs takes too long."""

import time
from collections.abc import Callable
from typing import Any

HANG = 300.0
"""Seconds that no machine takes, however busy it is."""


def until(seen: Callable[[], Any], what: str, seconds: float = HANG) -> Any:
    """Look again and again until something is seen, and return it. what: what did not come."""
    ends = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < ends, what
        time.sleep(0.05)
    return found
