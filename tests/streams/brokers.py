"""Real brokers, started for a test and stopped after it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(folder: Path, program: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run nats-server or mosquitto; skip, visibly, where it is not installed."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed: apt-get install {program}")
    folder.mkdir(exist_ok=True)
    command = [path, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder)]
    if program == "mosquitto":
        conf = folder / "mosquitto.conf"
        conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n")
        command = [path, "-c", str(conf)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            for _ in range(200):
                with socket.socket() as door:
                    if door.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            else:
                pytest.fail(f"{program} does not listen on {port}")
            yield process
        finally:
            process.terminate()
            process.wait(10)
