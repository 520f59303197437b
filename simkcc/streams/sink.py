"""Where events are passed on to: one contract, one registry, one way to open an address."""

import asyncio
import importlib
import json
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from simkcc.errors import SettingError
from simkcc.streams.source import SECRET

Wrapped = dict[str, object]

BATCH = "application/cloudevents-batch+json"


class Unreachable(Exception):  # noqa: N818 - it is no error yet: whoever writes tries again
    """Whoever takes the events cannot be reached now."""


class Sink(ABC):
    """Takes CloudEvents."""

    numbered = False
    """Whether it wants events with numbers, as a board does, rather than names."""

    @abstractmethod
    async def write(self, batch: list[Wrapped]) -> None:
        """Write all of them, or raise Unreachable; then the same ones are written again."""

    async def close(self) -> None:
        """Let go of files and connections."""
        return


class LineSink(Sink):
    """A file that grows by a line per event; `-` is the pipe."""

    def __init__(self, path: str) -> None:
        self.path = path
        if path != "-":
            self.append("")

    def append(self, text: str) -> None:
        """Write behind what is there."""
        try:
            with Path(self.path).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise SettingError(f"{self.path}: cannot write there ({error.strerror})") from None

    async def write(self, batch: list[Wrapped]) -> None:
        """Write lines."""
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in batch)
        if self.path == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            self.append(text)


class HttpSink(Sink):
    """A board, or whatever else takes batches of CloudEvents by POST."""

    numbered = True

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._headers = {"Content-Type": BATCH}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    async def write(self, batch: list[Wrapped]) -> None:
        """Post one batch."""
        await asyncio.to_thread(self._post, json.dumps(batch).encode())

    def _post(self, body: bytes) -> None:
        try:
            with urlopen(Request(self.url, body, self._headers), timeout=20):
                return
        except HTTPError as error:
            with error:
                if error.code in (400, 401, 403, 404, 405, 413, 415):
                    said = error.read(300).decode("utf-8", "replace")
                    raise SettingError(f"{self.url}: refuses ({error.code}): {said}") from None
                raise Unreachable from None
        except (URLError, OSError):
            raise Unreachable from None


SINKS = {
    "nats": ("simkcc.streams.nats:NatsSink", "nats"),
    "nats+tls": ("simkcc.streams.nats:NatsSink", "nats"),
    "mqtt": ("simkcc.streams.mqtt:MqttSink", "mqtt"),
    "mqtts": ("simkcc.streams.mqtt:MqttSink", "mqtt"),
    "kafka": ("simkcc.streams.kafka:KafkaSink", "kafka"),
    "kafka+tls": ("simkcc.streams.kafka:KafkaSink", "kafka"),
}
"""Who opens an address, and the extra to install."""


def open_sink(address: str, token: str = "") -> Sink:
    """Return the sink at an address: a file, `-`, http(s):// or a broker's."""
    scheme, colon, _ = address.partition("://")
    if not colon:
        return LineSink(address)
    if scheme in ("http", "https"):
        return HttpSink(address, token)
    if scheme not in SINKS:
        known = ", ".join(("FILE.jsonl", "http", "https", *SINKS))
        raise SettingError(
            f"{SECRET.sub(r'//…@', address)}: cannot pass on to {scheme!r}; {known} can"
        )
    where, extra = SINKS[scheme]
    module, _, name = where.partition(":")
    try:
        opens = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise SettingError(f"{scheme}: {error.name} is missing; install simkcc[{extra}]") from None
    opened: Sink = opens(address)
    return opened
