"""How many events a second one core keeps and counts, in batches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.wall.day import ZONE, centre_of, envelope, played
from simkcc.dashboard.board import Board
from simkcc.dashboard.settings import read_settings
from simkcc.model.contact_log import DAY
from simkcc.model.directory import Directory
from simkcc.streams.store import Store

BATCH = 5_000


class Still:
    """A clock that stands at the end of the day."""

    now, speed = DAY, 1.0


def measure(folder: Path, number: int = 5, url: str = "") -> dict[str, float]:
    """Return events per second of a core into store and board, the median of some rounds.

    url: of an event store; a file of SQLite if absent.
    """
    centre = centre_of()
    plan, events = centre.plan, played(centre, 5 * DAY)
    rates, walls = [], []
    for turn in range(number):
        names = Directory(
            envelope().first_date, ZONE, list(plan.queue_names), list(plan.topics),
            list(plan.group_names),
        )  # fmt: skip
        board = Board(centre, names, Still(), read_settings(None))
        store = Store(url or str(folder / f"{turn}.db"), f"urn:bench:{turn}", "live", names)
        with _timed() as (used, lasted):
            for start in range(0, len(events), BATCH):
                batch = events[start : start + BATCH]
                store.append(batch)
                board.apply(batch)
        assert store.kept == board.events == len(events)
        store.close()
        rates.append(len(events) / used[0])
        walls.append(len(events) / lasted[0])
    return {
        "events": len(events), "per second of a core": sorted(rates)[number // 2],
        "per second on the wall": sorted(walls)[number // 2],
    }  # fmt: skip


@contextmanager
def _timed() -> Iterator[tuple[list[float], list[float]]]:
    used, lasted = [time.process_time()], [time.monotonic()]
    yield used, lasted
    used[0], lasted[0] = time.process_time() - used[0], time.monotonic() - lasted[0]
