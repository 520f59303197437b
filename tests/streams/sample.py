"""Ten minutes of a real Asterisk, trimmed, with what really happened there."""

import gzip
import json
from pathlib import Path
from typing import Any

from simkcc.analysis.columns.visits import Visit, counts_of, visits_of
from simkcc.analysis.ledger import Ledger
from simkcc.streams.source import Options, Recording, open_recording

FOLDER = Path(__file__).parents[1] / "data" / "asterisk"
AMI = FOLDER / "sample.ami.gz"
LOG = FOLDER / "queue_log.gz"
TRUTH: dict[str, Any] = json.loads(gzip.decompress((FOLDER / "truth.json.gz").read_bytes()))
RAW = gzip.decompress(AMI.read_bytes())

ANSWER_LATE = 0.51
"""Ground truth says an answer so much later than AgentConnect: it has it from the agent's phone."""

ENDLESS = "1795278783.487"
"""Ground truth does not know when this caller left, and counts it as waiting to the end."""

ENDLESS_LEFT = 1795278791.197
"""When it left, by the exchange."""

HUNG_UP_LATE = "1795278863.731"
"""Its AgentComplete came 1.9 s before the agent's phone hung up, which is what ground truth took."""


class Told:
    """What a recording tells when it is read to its end."""

    def __init__(self, address: str, log: Path | None = None) -> None:
        self.recording: Recording = open_recording(address, Options(queue_log=log))
        self.events = list(self.recording.read())
        self.directory = self.recording.directory
        self.ledger = Ledger(self.events)
        self.visits: list[Visit] = list(visits_of(self.ledger.log(), self.directory.told))
        self.counts = counts_of(self.visits, self.directory.queues)

    def of_queue(self, queue: str) -> list[Visit]:
        """Return the visits to a queue, by the time they began."""
        return [v for v in self.visits if self.directory.queues[v.place] == queue]

    def moment(self, at: int) -> float:
        """Return seconds since 1970."""
        return self.recording.reading.numbering.clock.moment(at) / 1e6  # type: ignore[attr-defined]


def truth_of(queue: str) -> list[dict[str, Any]]:
    """Return what really happened in a queue, by the time of joining."""
    return sorted((v for v in TRUTH["visits"] if v["queue"] == queue), key=lambda v: v["join_t"])


def true_counts(queue: str) -> dict[str, int]:
    true = TRUTH["per_queue"][queue]
    words = ("offered", "answered", "abandoned", "timeout", "key")
    return {word: true[word] for word in words} | {"no_agents": true["leaveempty"], "unknown": 0}
