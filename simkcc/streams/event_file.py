"""Recorded events: a file of CloudEvents, one per line; and any file, recognised by its content."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.cloudevents import Envelope, to_json
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event
from simkcc.streams.bytefile import lines_of, pieces_of
from simkcc.streams.ingest import Reader
from simkcc.streams.source import Options, Recording, Source, open_source

SQLITE = b"SQLite format 3\0"


def open_path(rest: str, options: Options) -> Source:
    """Open a file by what is in it: a queue_log, events, recorded bytes of an exchange, or a store."""
    path = Path(rest.partition(",")[0])
    if not path.is_file():
        raise SettingError(f"{rest}: there is no such file")
    scheme = scheme_of(path)
    if not scheme:
        raise SettingError(
            f"{rest}: found neither lines of a queue_log, nor events in JSON, nor recorded bytes of "
            "Asterisk's manager interface or FreeSWITCH's event socket, nor a store"
        )
    if scheme == "events":
        return open_events(rest, options)
    return open_source(
        f"sqlite:///{path.absolute()}" if scheme == "sqlite" else f"{scheme}:{rest}", options
    )


def scheme_of(path: Path) -> str:
    """Return the scheme of a file, by what is in it; empty if it is none of ours."""
    start = next(pieces_of(path), b"")[:4096].lstrip(b"\xef\xbb\xbf\r\n ")
    if start.startswith(SQLITE):
        return "sqlite"
    if start.startswith(b"{"):
        return "events"
    if start.startswith((b"Asterisk Call Manager", b"Event: ", b"Response: ")):
        return "asterisk+file"
    if start.startswith(b"Content-Type: "):
        return "freeswitch+file"
    stamp, _, more = start.partition(b"|")
    if not start or (stamp.isdigit() and more.count(b"|") >= 3):
        return "queue_log"
    return ""


def open_events(rest: str, options: Options) -> Recording:
    """Open `events:PATH`."""
    path = Path(rest)
    if not path.is_file():
        raise SettingError(f"events:{rest}: there is no such file")
    return EventFile(path, options)


class EventFile(Recording):
    """A file of CloudEvents, one per line, in the form of the ledger or in named form."""

    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        self.directory = Directory(NO_DATE, options.zone)
        self.reader = Reader(self.directory, learns=True, heard=options.heard)
        self.troubles = self.reader.malformed
        self.size = path.stat().st_size

    def read(self) -> Iterator[Event]:
        """Yield all events; what is malformed is counted."""
        yield from self.reader.lines(self._lines())

    def _lines(self) -> Iterator[bytes]:
        for line in lines_of(self.path):
            self.done += len(line) + 1
            yield line


class EventLines:
    """A file of events that grows: whole lines only, so that it can be continued."""

    def __init__(self, path: Path, envelope: Envelope) -> None:
        self.path = path
        self.envelope = envelope
        self.passed = 0
        """Events that went by, written or there already."""
        try:
            self.kept = self._count()
        except OSError as error:
            raise SettingError(f"{path}: cannot write there ({error.strerror})") from None

    def append(self, events: Iterable[Event]) -> None:
        """Write events behind what is there."""
        lines = [json.dumps(to_json(event, self.envelope)) + "\n" for event in events]
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(lines)
        except OSError as error:
            raise SettingError(f"{self.path}: cannot write there ({error.strerror})") from None

    def close(self) -> None:
        """Do nothing: the file is open only while it is written."""

    def _count(self) -> int:
        """Return how many events are there; half a line, from an interruption, is cut off."""
        if not self.path.exists():
            return 0
        count = whole = 0
        with self.path.open("rb+") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if not count and self.envelope.source.encode() not in line:
                    raise SettingError(f"{self.path}: holds events of something else")
                count, whole = count + 1, whole + len(line)
            file.truncate(whole)
        return count
