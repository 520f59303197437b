"""A counter of events as a detector of losses."""

from simkcc.model.contact_log import SECOND

RUN = 20
"""Numbers in a row that show that everything which is counted is sent."""

LATE = 2 * SECOND
"""How long a number may be missing before it is lost: threads of an exchange overtake each other."""

MOST = 10_000
"""Missing numbers that are waited for."""


class Sequence:
    """Notices what is missing from numbers that count everything.

    Whoever asked an exchange for a part of its events sees jumps all the time, which say nothing: so
    a jump counts only after numbers came in a row long enough to show that all are sent.
    """

    def __init__(self, all_are_sent: bool = False) -> None:
        self._all = all_are_sent
        self.restart()

    def restart(self) -> None:
        """Begin anew: another connection, or another counter."""
        self._next = 0
        self._run = RUN if self._all else 0
        self._missing: dict[int, int] = {}

    def lost(self, number: int, at: int) -> bool:
        """Return whether something is lost for good. at: when the number came, in microseconds."""
        if self._next and number > self._next and self._run >= RUN:
            skipped = range(max(self._next, number - MOST), number)
            self._missing |= dict.fromkeys(skipped, at)
        self._missing.pop(number, None)
        if number == self._next:
            self._run += 1
        elif number > self._next and self._run < RUN:
            self._run = 0
        self._next = max(self._next, number + 1)
        if not self._missing or at - next(iter(self._missing.values())) <= LATE:
            return False
        self._missing.clear()
        self._run = RUN if self._all else 0
        return True
