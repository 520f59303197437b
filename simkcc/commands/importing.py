"""`simkcc import`: call logs into an event file or the event store, resumed where it stopped."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simkcc.commands.screen import PROGRESS, console
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.model.directory import Directory
    from simkcc.streams.event_file import EventLines
    from simkcc.streams.store import KeptEvents

STORES = (".db", ".sqlite", ".sqlite3")
"""Ends of the names of files that are event stores."""

BATCH = 20_000
"""Events written at a time: what an interruption can cost."""

Logs = Annotated[list[Path], typer.Argument(help="queue_log files, packed or not, in any order")]
Target = Annotated[
    str,
    typer.Option(
        "--to", help="FILE.jsonl, or an event store: FILE.db, sqlite:///… or postgresql://…"
    ),
]
Zone = Annotated[str, typer.Option("--zone", help="Where the centre is, as Europe/Brussels")]


def import_logs(logs: Logs, to: Target, zone: Zone = "UTC") -> None:
    """Import call logs. Interrupt it at will: the same command goes on where it stopped."""
    from simkcc.streams.queue_log_file import by_age
    from simkcc.streams.source import Options, open_recording

    for path in logs:
        if not path.is_file():
            raise SettingError(f"{path}: there is no such file")
    names = ",".join(str(path) for path in by_age(logs))
    recording = open_recording(f"queue_log:{names}?zone={zone}", Options())
    recording.goes_on = True
    PROGRESS.kept = "the same command goes on there"
    with PROGRESS.shown(runs=False) as progress, _without_collection():
        there = added = 0
        for kept, written in _written(recording, to, _fingerprint(names)):
            there, added = kept, added + written
            progress(min(recording.done, recording.size), recording.size, "bytes")
    already = f", {there} were there already" if there else ""
    console().print(f"{added} events added to {to}{already}")
    for what, count in recording.troubles.items():
        console().print(f"{what}: {count} lines")


@contextmanager
def _without_collection() -> Iterator[None]:
    """Let no garbage be looked for: events make no cycles, and looking costs a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _written(recording: Any, to: str, source: str) -> Iterator[tuple[int, int]]:
    """Yield (events that were there already, events just written) after each batch.

    Events of the same files are the same, in the same order; so their number says where to go on.
    While a batch is written the next is read.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    target: EventLines | KeptEvents | None = None
    writing: Future[None] | None = None
    events = recording.read()
    kept = 0
    with ThreadPoolExecutor(1) as writer:
        try:
            while batch := list(islice(events, BATCH)):
                if target is None:
                    target = _target(to, source, recording.directory)
                    kept = target.kept
                if writing is not None:
                    writing.result()
                fresh = batch[max(kept - target.passed, 0) :]
                target.passed += len(batch)
                writing = writer.submit(target.append, fresh)
                yield kept, len(fresh)
            if writing is not None:
                writing.result()
        finally:
            writer.shutdown()
            if target is not None:
                target.close()


def _target(to: str, source: str, directory: "Directory") -> "EventLines | KeptEvents":
    """Return what takes events: a store, by its address or the end of its name, or a file."""
    from simkcc.model.cloudevents import Envelope
    from simkcc.streams.event_file import EventLines
    from simkcc.streams.store import KeptEvents, Store

    if "://" in to or to.endswith(STORES):
        return KeptEvents(Store(to, source, "import", directory))
    envelope = Envelope(
        source, "import", directory.first_date, directory.zone, queues=directory.queues
    )
    return EventLines(Path(to), envelope)


def _fingerprint(names: str) -> str:
    """Return a name for these logs: the same as long as the oldest begins the same."""
    from hashlib import sha256

    from simkcc.streams.queue_log_file import first_line

    first = first_line(Path(names.partition(",")[0]))
    return f"urn:simkcc:queue_log:{sha256(first).hexdigest()[:12]}"
