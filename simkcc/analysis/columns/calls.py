"""The calls of a replication with all that is known of them, and its tasks and probes."""

from functools import cached_property

import numpy as np

from simkcc.analysis.columns.questions import Questions
from simkcc.analysis.columns.rows import Rows
from simkcc.analysis.columns.transfers import Transfers
from simkcc.model.contact_log import SECOND, ContactKind, How, LegKind, Origin


class Calls(Rows):
    """The counted calls of one replication: each by itself, who was handed over, who came back."""

    @cached_property
    def transfers(self) -> Transfers:
        """Return who was handed over, and how."""
        return Transfers(self)

    @cached_property
    def questions(self) -> Questions:
        """Return which calls are about the same question."""
        return Questions(self)

    def of_kind(self, kind: ContactKind) -> "Calls":
        """Return the contacts of another kind as such rows."""
        if kind not in self._of_kind:
            self._of_kind[kind] = Calls(self.log, self.plan, self.window, kind)
        return self._of_kind[kind]

    @cached_property
    def _of_kind(self) -> dict[ContactKind, "Calls"]:
        return {}

    # ----------------------------------------------------------------- tasks and probes

    @cached_property
    def tasks(self) -> np.ndarray:
        """Return the counted callbacks and forms, backlog left out."""
        contacts = self.log.contacts[self._chosen & (self.log.contacts["kind"] != ContactKind.CALL)]
        tasks = np.isin(contacts["kind"], (ContactKind.CALLBACK, ContactKind.FORM))
        return contacts[tasks & (contacts["origin"] != Origin.BACKLOG)]

    @cached_property
    def probe_waits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (wait in seconds, answered) of each probe whose wait has ended."""
        chosen = self._chosen & (self.log.contacts["kind"] == ContactKind.PROBE)
        if not chosen.any():
            return np.zeros(0), np.zeros(0, bool)
        legs = self.log.legs[self._legs.places(LegKind.QUEUE)]
        legs = legs[chosen[legs["contact"]] & (legs["how"] != How.OPEN)]
        return (legs["end"] - legs["start"]) / SECOND, legs["how"] == How.ANSWERED

    @cached_property
    def probes(self) -> tuple[int, float]:
        """Return how many probes waited, and how long together, in seconds."""
        waits, _ = self.probe_waits
        return len(waits), float(waits.sum())

    def probes_within(self, threshold: float) -> int:
        """Return how many probes were answered within so many seconds."""
        waits, served = self.probe_waits
        return int((served & (waits <= threshold)).sum())
