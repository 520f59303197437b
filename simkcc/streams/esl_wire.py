"""Bytes of FreeSWITCH's event socket -> frames -> events. Incremental: a piece may end anywhere.

A frame is lines `Name: value`, a blank line, and as many bytes as Content-Length says. An event in
the plain form is such lines again, with values in percent encoding. Of an event only the fields in
KEPT are read: numbers and names of callers stay behind here.
"""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote

LONGEST_HEAD = 1 << 16
LONGEST_BODY = 1 << 25
END = b"\n\n"
NEWLINES = (bytearray(b"\n"), bytearray(b"\r"))

KEPT = frozenset(
    (
        "Event-Name", "Event-Subclass", "Event-Sequence", "Event-Date-Timestamp", "Core-UUID",
        "Unique-ID", "CC-Action", "CC-Queue", "CC-Agent", "CC-Agent-Status", "CC-Agent-UUID",
        "CC-Member-UUID", "CC-Member-Session-UUID", "CC-Cause", "CC-Cancel-Reason",
        "CC-Hangup-Cause", "CC-Member-Joined-Time", "CC-Agent-Answered-Time",
        "CC-Bridge-Terminated-Time",
    )
)  # fmt: skip
"""The only fields that are looked at."""

NUMBER = "CC-Member-CID-Number"
"""Read only where somebody asked to know who calls again."""


@dataclass(slots=True)
class Frame:
    """One answer or event."""

    kind: str
    """Its Content-Type: auth/request, command/reply, api/response, text/event-plain, …"""
    reply: str
    """What Reply-Text says, if anything."""
    body: bytes


class EslWire:
    """Cuts bytes into frames. What is no frame is counted and passed over."""

    def __init__(self, numbers: bool = False) -> None:
        """numbers: whether numbers of callers are read, to tell who calls again."""
        self.counts: Counter[str] = Counter()
        self._kept = KEPT | {NUMBER} if numbers else KEPT
        self.restart()

    def restart(self) -> None:
        """Begin a new connection: what is left of the one before is no frame."""
        self._bytes = bytearray()
        self._skip = 0

    def feed(self, piece: bytes) -> list[Frame]:
        """Return the frames that are complete now."""
        self._bytes += piece
        frames: list[Frame] = []
        start = 0
        while True:
            if self._skip:
                skipped = min(self._skip, len(self._bytes) - start)
                self._skip -= skipped
                start += skipped
            while self._bytes[start : start + 1] in NEWLINES:
                start += 1
            end = self._bytes.find(END, start, start + LONGEST_HEAD + len(END))
            if end < 0 and len(self._bytes) - start < LONGEST_HEAD + len(END):
                break
            if end < 0:
                self.counts["malformed"] += 1
                start += LONGEST_HEAD
                continue
            fields = _fields(bytes(self._bytes[start:end]))
            length = _length(fields.get("content-length", "0"))
            body = end + len(END)
            if length is None or "content-type" not in fields:
                self.counts["malformed"] += 1
                start = body
                if length is not None and length > 0:
                    self._skip = length
                continue
            if len(self._bytes) < body + length:
                break
            frames.append(
                Frame(
                    fields["content-type"].lower(), fields.get("reply-text", ""),
                    bytes(self._bytes[body : body + length]),
                )
            )  # fmt: skip
            start = body + length
        del self._bytes[:start]
        return frames

    def event_of(self, body: bytes) -> dict[str, str]:
        """Return the fields of an event that are looked at; empty if it is none."""
        told: dict[str, str] = {}
        for line in body.partition(END)[0].split(b"\n"):
            name, colon, value = line.partition(b":")
            key = name.strip().decode("ascii", "replace")
            if colon and key in self._kept:
                told[key] = unquote(value.strip().decode("utf-8", "replace"))
        return told if "Event-Name" in told else {}


def rows_of(body: bytes) -> list[dict[str, str]]:
    """Return the rows of a list that `callcenter_config` printed, without numbers and names.

    Columns stand between bars, and a caller's name or a dial string may hold a bar too: what stands
    before it is counted from the left, what stands behind it from the right.
    """
    lines = body.decode("utf-8", "replace").splitlines()
    heads = lines[0].split("|") if lines else []
    if "name" not in heads and "uuid" not in heads:
        return []
    loose = [at for at, head in enumerate(heads) if head in ("cid_number", "cid_name", "contact")]
    first, last = (loose[0], loose[-1]) if loose else (len(heads), len(heads))
    rows = []
    for line in lines[1:]:
        cells = line.split("|")
        if len(cells) < len(heads):
            continue
        surplus = len(cells) - len(heads)
        row = {head: cells[at] for at, head in enumerate(heads[:first])}
        row |= {head: cells[at + surplus] for at, head in enumerate(heads) if at > last}
        rows.append(row)
    return rows


def _fields(head: bytes) -> dict[str, str]:
    lines = (line.partition(b":") for line in head.split(b"\n"))
    return {
        name.strip().decode("ascii", "replace").lower(): value.strip().decode("utf-8", "replace")
        for name, colon, value in lines
        if colon
    }


def _length(text: str) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return None
    return int(text) if int(text) <= LONGEST_BODY else None
