"""A `simkcc wallboard` in a process of its own, on loopback, and what it costs."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.ports import free_port

URN = "urn:bench:pbx"
TOKEN = "a token of enough characters"
BATCH = "application/cloudevents-batch+json"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

ZONE = ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 12:+d}")
"""Where it is about noon: no midnight comes while the day of a board is being told."""

LONG = 300.0
"""Seconds after which it hangs, however busy the machine is."""


class Program:
    """The program. It is started, asked, and ended, as often as need be."""

    def __init__(self, folder: Path, *words: str) -> None:
        """words: what stands on the command line behind `simkcc wallboard`."""
        self.port = free_port()
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.command = [
            sys.executable, "-m", "simkcc", "wallboard", *words, "--port", str(self.port),
        ]  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spawn(self) -> None:
        """Start the process; it does not answer yet."""
        self.log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(self.command, stderr=self.log)

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.spawn()
        ends = time.monotonic() + LONG
        while self.process.poll() is None and time.monotonic() < ends:
            try:
                self.ask("/health")
                return
            except OSError:
                time.sleep(0.05)
        self.leave()
        raise AssertionError((self.folder / "log").read_text())

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the process; returns its exit code."""
        self.process.send_signal(number)
        self.log.close()
        return self.process.wait(LONG)

    def leave(self) -> None:
        """See that it does not run on, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)

    def ask(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=LONG) as answer:
            return bytes(answer.read())

    def post(self, wrapped: list[dict[str, object]]) -> dict[str, object]:
        """Hand over CloudEvents; returns the answer, which comes when they are kept."""
        return self.post_body(json.dumps(wrapped).encode())

    def post_body(self, body: bytes) -> dict[str, object]:
        """Hand over a body as it is."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": BATCH}
        asked = urllib.request.Request(f"{self.url}/events", body, headers)
        with urllib.request.urlopen(asked, timeout=LONG) as answer:
            return dict(json.loads(answer.read()))

    def frame(self) -> dict[str, object]:
        """Return the newest frame."""
        with urllib.request.urlopen(f"{self.url}/stream", timeout=LONG) as answer:
            for line in answer:
                if line.startswith(b"data: "):
                    return dict(json.loads(line[6:]))
        raise AssertionError("no frame")

    def figures(self) -> dict[str, float]:
        """Return what it tells Prometheus."""
        lines = self.ask("/metrics").decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def cpu(self) -> float:
        """Return the seconds of a core it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Return its resident memory in megabytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * PAGE / 1e6


def listening(folder: Path, scenario: Path) -> Program:
    """Return a program that takes events by HTTP and keeps them in a file."""
    (folder / "token").write_text(TOKEN)
    return Program(
        folder, str(scenario), "--listen", URN, "--token-file", str(folder / "token"),
        "--store", str(folder / "events.db"), "--zone", str(ZONE),
    )  # fmt: skip
