"""What really happened on a floor, and how much of it somebody listening could know."""

from dataclasses import dataclass, field

from streams.floor_wire import SECOND


@dataclass(eq=False)
class TrueVisit:
    """One stay in a queue. Times are microseconds since 1970."""

    queue: str
    joined: int
    answered: int | None = None
    over: int | None = None
    """End of the talk, or of the wait without one; None while under way."""
    agent: str = ""
    outcome: str = "unknown"
    lost: bool = False
    """Whether the exchange died under it."""
    heard: set[str] = field(default_factory=set)
    """What the interface told of it while somebody listened."""

    @property
    def offered_to(self) -> bool:
        """Return whether the interface told of it at all."""
        return bool(self.heard)

    @property
    def known_answered(self) -> bool:
        """Return whether the interface alone told that it was answered."""
        return bool(self.heard & {"connect", "complete", "listed talking"})

    @property
    def told_reason(self) -> str:
        """Return why it ended without an agent, as far as the dialplan's variables told."""
        if "status TIMEOUT" in self.heard:
            return "timeout"
        return "no_agents" if "status LEAVEEMPTY" in self.heard else "unknown"

    @property
    def hold(self) -> int:
        """Return the whole seconds the exchange counts as its wait."""
        until = self.answered if self.answered is not None else self.over
        assert until is not None
        return until // SECOND - self.joined // SECOND

    @property
    def talk(self) -> int:
        """Return the whole seconds the exchange counts as its talk."""
        assert self.answered is not None and self.over is not None
        return self.over // SECOND - self.answered // SECOND


WORDS = ("answered", "abandoned", "timeout", "key", "no_agents", "unknown")


def counts(visits: list[TrueVisit], queues: list[str], alone: bool) -> dict[str, dict[str, int]]:
    """Return what a tally should count: by the interface alone, or with the log beside it."""
    found = {queue: dict.fromkeys(("offered", *WORDS), 0) for queue in queues}
    for visit in visits:
        word = visit.outcome
        if alone:
            word = "answered" if visit.known_answered else visit.told_reason
        found[visit.queue]["offered"] += 1
        found[visit.queue][word] += 1
    return found
