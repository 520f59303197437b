"""An event store as a source: what is kept of one source, in the order in which it came."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event
from simkcc.streams.source import Options, Recording
from simkcc.streams.store import Store, sources_of


def open_file(rest: str, options: Options) -> Recording:
    """Open `sqlite:///PATH`."""
    path = Path(rest.removeprefix("/") if rest.startswith("/") else rest)
    if not path.is_file():
        raise SettingError(f"sqlite:///{path}: there is no such file")
    return Stored(f"sqlite:///{path}", options)


def open_database(rest: str, options: Options) -> Recording:
    """Open `postgresql://user:secret@host/database`."""
    return Stored(f"postgresql://{rest}", options)


class Stored(Recording):
    """What a store keeps; of several sources the one that was added last."""

    def __init__(self, url: str, options: Options) -> None:
        found = sources_of(url)
        if not found:
            raise SettingError(f"{url}: this store keeps nothing yet")
        source, origin, simrun = found[-1]
        self.directory = Directory(NO_DATE, options.zone)
        self.troubles = Counter()
        self._store = Store(url, source, origin, self.directory, simrun)
        self.size = self._store.kept
        """Events, where other recordings count bytes."""

    def read(self) -> Iterator[Event]:
        """Yield all events."""
        for events in self._store.read():
            self.done += len(events)
            yield from events
        self._store.close()

    async def close(self) -> None:
        """Let go of the database."""
        self._store.close()
