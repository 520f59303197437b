"""Real brokers, started for a test and stopped after it."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from limits import HANG, until

from bench.ports import free_port as free_port
from simkcc.streams.sink import Unreachable, open_sink
from simkcc.streams.source import Source

USER, SECRET = "board", "s3cr:t@/?"
"""Who a private broker lets in."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate of this machine that vouches for itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    made, key = folder / "own.crt", folder / "own.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@contextmanager
def running(
    folder: Path, program: str, port: int, private: tuple[Path, Path] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run nats-server or mosquitto; skip, visibly, where it is not installed.

    private: certificate and key; then it speaks TLS and lets in USER only.
    """
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed: apt-get install {program}")
    folder.mkdir(exist_ok=True)
    command = [path, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder)]
    if private and program == "nats-server":
        certified, key = map(str, private)
        command += [
            "--tls",
            "--tlscert",
            certified,
            "--tlskey",
            key,
            "--user",
            USER,
            "--pass",
            SECRET,
        ]
    if program == "mosquitto":
        conf = folder / "mosquitto.conf"
        lines = [f"listener {port} 127.0.0.1", "user root", "max_queued_messages 0"]
        if private:
            known = folder / "known"
            subprocess.run(["mosquitto_passwd", "-b", "-c", str(known), USER, SECRET], check=True)
            lines += [f"certfile {private[0]}", f"keyfile {private[1]}", f"password_file {known}"]
        conf.write_text("\n".join([*lines, f"allow_anonymous {str(not private).lower()}\n"]))
        command = [path, "-c", str(conf)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            until(lambda: process.poll() is not None or answers(port), f"{program} does not listen")
            assert process.poll() is None, f"{program} cannot run"
            yield process
        finally:
            process.terminate()
            process.wait(HANG)


def answers(port: int) -> bool:
    """Return whether somebody listens."""
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


async def heard_by(address: str, *sources: Source) -> None:
    """Knock at a topic until sources that listen have heard it.

    A topic of MQTT keeps nothing for who has never been there. A knock is no event: sources only count it.
    """
    sink, knocks = open_sink(address), 0
    async with asyncio.timeout(HANG):
        while not all(source.troubles["malformed"] for source in sources):
            with suppress(Unreachable):  # whoever writes tries again
                await sink.write([{"id": f"knock {knocks}"}])
            knocks += 1
            await asyncio.sleep(0.02)
    await sink.close()
