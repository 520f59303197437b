"""Counts per half hour: what every exchange can export, and what a contact log adds up to."""

from dataclasses import dataclass

import numpy as np

DAY_MINUTES = 1440


@dataclass(frozen=True)
class HalfHours:
    """Contacts per date, interval of the day and queue. Arrays are (D, J, Q); None if not known."""

    dates: np.ndarray
    """(D,) proleptic ordinals of the dates, rising; dates between them had no row at all."""
    minutes: int
    """Length of an interval."""
    queues: tuple[str, ...]
    """Names of the queues as the file writes them; one empty name if it has none."""
    offered: np.ndarray
    """Contacts that joined a queue."""
    dialled: np.ndarray | None = None
    """Contacts that came in, those who gave up in a menu included."""
    answered: np.ndarray | None = None
    abandoned: np.ndarray | None = None
    handle_seconds: np.ndarray | None = None
    """Handling of the answered, in total."""
    handled: np.ndarray | None = None
    """Answered contacts whose handling is known."""
    within: np.ndarray | None = None
    """Answered within the threshold."""
    wait_seconds: np.ndarray | None = None
    """Waits of the answered, in total."""

    @property
    def attempts(self) -> np.ndarray:
        """Return how many came in, or joined a queue where that alone is counted; (D, J)."""
        return self.of_centre("offered" if self.dialled is None else "dialled")

    @property
    def intervals(self) -> int:
        """Return the number of intervals of a day."""
        return DAY_MINUTES // self.minutes

    @property
    def weekdays(self) -> np.ndarray:
        """Return the weekday of each date, 0 = Monday."""
        return (self.dates - 1) % 7

    def total(self, name: str) -> float:
        """Return the sum of a column over everything; nan if it is not known."""
        column = getattr(self, name)
        return float("nan") if column is None else float(column.sum())

    def of_centre(self, name: str) -> np.ndarray:
        """Return a column summed over the queues, (D, J)."""
        return np.asarray(getattr(self, name)).sum(axis=2)


@dataclass
class Cells:
    """Sums per (date, interval, queue) while a source is read."""

    minutes: int
    sums: dict[tuple[int, int, str], dict[str, float]]

    def arrays(self, names: tuple[str, ...]) -> HalfHours:
        """Return the arrays of what was summed; `names` are the columns that are known."""
        dates = np.array(sorted({date for date, _, _ in self.sums}))
        queues = tuple(sorted({queue for _, _, queue in self.sums}))
        place = {date: i for i, date in enumerate(dates.tolist())}
        shape = (len(dates), DAY_MINUTES // self.minutes, len(queues))
        columns = {name: np.zeros(shape) for name in names}
        for (date, interval, queue), values in self.sums.items():
            for name, value in values.items():
                columns[name][place[date], interval, queues.index(queue)] += value
        return HalfHours(dates, self.minutes, queues, **columns)
