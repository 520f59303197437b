"""Sources behind a broker, which keeps each event until it is told that it arrived safely."""

import time
from collections import Counter

from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.live import Live
from simkcc.streams.named import NamedReading
from simkcc.streams.neutral import Message
from simkcc.streams.receipts import Receipts


class Brokered(Live):
    """CloudEvents in named form, each given back once it is safe."""

    receipts: Receipts

    def __init__(self, reading: NamedReading, resumes: bool) -> None:
        """resumes: whether the broker keeps what comes while nobody is here."""
        self.reading, self.resumes = reading, resumes
        self.directory = reading.directory
        self.receipts = reading.receipts

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    def _passed(self, now: int) -> list[Event]:
        """Return what time alone brings."""
        return self.reading.aside(self.reading.tick(now))

    def _lost(self) -> list[Event]:
        self.receipts.lost()
        gap = Message(neutral.GAP, time.time_ns() // 1000, reason="broker")
        return self.reading.aside(self.reading.number([gap]))
