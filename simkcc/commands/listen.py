"""`simkcc listen`: events of any source, passed on to any sink, without a screen."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simkcc.commands.options import secret_in
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.streams.bridge import Status
    from simkcc.streams.source import Source

EVERY = 10.0
"""Seconds between lines that say how far it is."""

From = Annotated[
    str, typer.Option("--from", help="asterisk://…, freeswitch://…, twilio://…, nats://…, a file")
]
To = Annotated[
    str,
    typer.Option("--to", help="FILE.jsonl, -, http(s)://…/events, nats://…, mqtt://…, kafka://…"),
]


def listen(
    source: From,
    to: To,
    name: Annotated[
        str, typer.Option("--name", help="Who tells the events, as urn:simkcc:antwerp:pbx1")
    ] = "urn:simkcc:exchange",
    key: Annotated[
        Path | None,
        typer.Option(help="Key of pseudonyms, made if absent: calls keep theirs over a restart"),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="What to show at http(s)://")
    ] = None,
    queues: Annotated[
        str,
        typer.Option(help="Names of the queues in the order of the board's scenario, for http(s)"),
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="No lines that say how far it is")] = False,
) -> None:
    """Pass events on. Numbers and names of callers never get this far; agents are pseudonyms."""
    import asyncio

    from simkcc.streams.bridge import open_bridge
    from simkcc.streams.privacy import Pseudonyms
    from simkcc.streams.sink import open_sink
    from simkcc.streams.source import Options

    token = "" if token_file is None else secret_in(token_file, "--token-file")
    options = Options(pseudonyms=Pseudonyms(None if key is None else _key(key)))

    bridge = open_bridge(source, lambda: open_sink(to, token), name, options)

    async def run() -> None:
        bridge.shown = _Line(quiet)
        bridge.source.directory.queues += [each.strip() for each in queues.split(",") if each]
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, bridge.stopping.set)
        server = door_of(bridge.source)
        try:
            await bridge.run()
        finally:
            if server is not None:
                server.stop()
                await server.close_all_connections()

    asyncio.run(run())
    sys.stderr.write(f"{_said(bridge.status, bridge.source)}\n")
    if bridge.status.behind:
        raise SettingError(f"{bridge.status.behind} events could not be passed on to {to}")


class _Line:
    """Says now and then how far it is."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self._next = time.monotonic() + EVERY

    def __call__(self, status: "Status", source: "Source") -> None:
        if self.quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        sys.stderr.write(f"{_said(status, source)}\n")


def _said(status: "Status", source: "Source") -> str:
    parts = [f"{status.passed} events passed on"]
    if status.behind:
        parts.append(f"{status.behind} behind")
    if status.latest is not None:
        parts.append(f"last at {time.strftime('%H:%M:%S', time.localtime(status.latest))}")
    if status.failures:
        parts.append(f"{status.failures} failed attempts")
    lost = getattr(source, "losses_seen", 0)
    if lost:
        parts.append(f"source lost {lost} times")
    parts += [f"{what}: {count}" for what, count in source.troubles.items()]
    if source.directory.partial:
        parts.append(f"partial: cannot know {', '.join(source.directory.partial)}")
    return "; ".join(parts)


def door_of(source: "Source") -> Any:
    """Open a door for an exchange that calls; None if this one does not."""
    from simkcc.streams.hook import Hook, Request

    if not isinstance(source, Hook):
        return None
    from simkcc.dashboard.webhook import open_door

    def receive(
        method: str, url: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str]:
        answer = source.receive(Request(url, query, headers, body, method))
        return answer.status, answer.text

    return open_door(source.host, source.port, source.path, receive)


def _key(path: Path) -> bytes:
    """Return the key kept in a file, drawing one if there is no file; only its owner may read it."""
    if not path.exists():
        try:
            path.touch(mode=0o600)
            path.write_text(os.urandom(32).hex() + "\n")
        except OSError as error:
            raise SettingError(f"--key {path}: cannot write there ({error.strerror})") from None
    try:
        key = bytes.fromhex(secret_in(path, "--key"))
    except ValueError:
        key = b""
    if len(key) < 32:
        raise SettingError(f"--key {path}: must hold at least 64 hexadecimal digits")
    return key
