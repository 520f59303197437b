"""Asterisk's manager interface as a source: recorded bytes, or a connection that comes back."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event
from simkcc.streams.ami import Ami
from simkcc.streams.ami_wire import Wire
from simkcc.streams.bytefile import lines_of, pieces_of
from simkcc.streams.clock import Clock
from simkcc.streams.neutral import Message
from simkcc.streams.numbering import Numbering
from simkcc.streams.reasons import Reasons
from simkcc.streams.source import Options, Recording

LATE = 5 * SECOND
"""How long the manager interface may be behind the queue_log."""


def open_recording(rest: str, options: Options) -> Recording:
    """Open `asterisk+file:PATH[,PATH…]`: each further file is the connection after a gap."""
    paths = [Path(part) for part in rest.split(",") if part]
    if not paths:
        raise SettingError("asterisk+file: needs a path, as in asterisk+file:recorded.ami")
    for path in paths:
        if not path.is_file():
            raise SettingError(f"asterisk+file:{rest}: there is no file {path}")
    return AmiRecording(paths, options)


class AmiReading:
    """Packets to events: the exchange's machine of states, why callers left, and the numbers."""

    def __init__(self, options: Options) -> None:
        self.directory = Directory(NO_DATE, options.zone, topics=["-"], groups=["agents"])
        self.wire = Wire(callers=options.repeats)
        self.ami = Ami(options.pseudonyms, options.caller)
        self.numbering = Numbering(
            self.directory, Clock(options.zone), options.wrap_up, options.heard
        )
        renamed = self.ami.renamed
        self.reasons = Reasons(options.pseudonyms, renamed) if options.queue_log else None

    def connected(self) -> None:
        """Begin a new connection: bytes of the one before may have been cut anywhere."""
        counts, callers = self.wire.counts, self.wire.callers
        self.wire = Wire(callers=callers)
        self.wire.counts = counts
        self.ami.connected()

    def messages_of(
        self, piece: bytes, received: Callable[[int], int | None]
    ) -> Iterator[list[Message]]:
        """Yield what each packet tells that is complete with a piece. received: by its end, when."""
        for packet in self.wire.feed(piece):
            messages = self.ami.read(packet, received(packet.end))
            self.wire.eager = self.ami.timeless
            if messages:
                yield messages

    def number(self, messages: list[Message]) -> list[Event]:
        """Return the events of messages; with a queue_log, also those that its reasons add."""
        events: list[Event] = []
        for message in messages:
            if self.reasons is not None:
                self.reasons.note(message)
            events += self.numbering.number(message)
        return events

    @property
    def troubles(self) -> Counter[str]:
        """Return what could not be read or used, by kind."""
        counted = Counter(
            {
                "unreadable": self.wire.counts["unreadable"],
                "passed over": self.ami.counts["passed over"] + self.numbering.passed_over,
            }
        )
        return +counted


class AmiRecording(Recording):
    """Recorded bytes of one or more connections, to their end."""

    def __init__(self, paths: list[Path], options: Options) -> None:
        self.paths = paths
        self.reading = AmiReading(options)
        self.directory = self.reading.directory
        self._lines = lines_of(options.queue_log) if options.queue_log else iter(())
        self._to_end = options.to_end
        self.size = sum(path.stat().st_size for path in paths)

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    def read(self) -> Iterator[Event]:
        """Yield all events; what the queue_log adds comes last."""
        reading = self.reading
        for number, path in enumerate(self.paths):
            times = ReceiveTimes(path)
            if number:
                yield from reading.number(reading.ami.lost())
            reading.connected()
            for piece in pieces_of(path):
                self.done += len(piece)
                for messages in reading.messages_of(piece, times.of):
                    yield from reading.number(messages)
                if not self._to_end:
                    yield from self._meanwhile()
        yield from reading.number(reading.ami.finish())
        if reading.reasons is not None:
            for line in self._lines:
                reading.reasons.read(line)
            for message in reading.reasons.settled(reading.ami.began, reading.ami.latest):
                if not self.timed:
                    message.at = None  # two clocks, of which one is unknown, tell no order
                yield from reading.numbering.number(message)
        self.directory.timed = self.timed
        yield from reading.numbering.finish()

    @property
    def timed(self) -> bool:  # type: ignore[override]
        """Return whether anything told the time, as far as it was read."""
        return self.reading.ami.began is not None

    def _meanwhile(self) -> Iterator[Event]:
        """Yield what the queue_log had told by now, for whoever watches."""
        reading, ami = self.reading, self.reading.ami
        if reading.reasons is None or ami.latest is None:
            return
        for line in self._lines:
            reading.reasons.read(line)
            stamp = line.partition(b"|")[0]
            if stamp.isdigit() and int(stamp[:12]) * SECOND >= ami.latest:
                break
        for message in reading.reasons.settled(ami.began, ami.latest, ami.latest - LATE):
            yield from reading.numbering.number(message)


class ReceiveTimes:
    """When bytes came, from `X.recv.csv` beside `X.ami` or `X.ami.gz`: lines epoch,offset,length."""

    def __init__(self, path: Path) -> None:
        self._offsets: list[int] = []
        self._moments: list[int] = []
        name = path.name.removesuffix(".gz").removesuffix(".ami")
        beside = [path.with_name(name + end) for end in (".recv.csv", ".recv.csv.gz")]
        for found in beside:
            if found.is_file():
                self._read(found)
                break

    def of(self, end: int) -> int | None:
        """Return when the byte before an offset came, in microseconds since 1970."""
        if not self._offsets:
            return None
        return self._moments[max(bisect_right(self._offsets, end - 1) - 1, 0)]

    def _read(self, path: Path) -> None:
        for line in lines_of(path):
            try:
                epoch, offset, _ = line.split(b",")
                whole, _, part = epoch.strip().partition(b".")
                moment = int(whole) * 1_000_000 + int(part[:6].ljust(6, b"0") or 0)
                self._offsets.append(int(offset))
            except ValueError:
                continue  # a heading
            self._moments.append(moment)
