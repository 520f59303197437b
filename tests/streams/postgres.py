"""A PostgreSQL of its own for tests: a server in a temporary folder, on loopback, ended with them.

PostgreSQL refuses to run as root; then it runs as the user its package made.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.ports import free_port

ACCOUNT = "postgres"

QUICK = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=20"
"""What is written here is thrown away; no test cuts the power."""


def programs() -> Path | None:
    """Return where the server's programs are, the newest version first; none if it is not here."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in folders), default=None, key=_version)


def why_not() -> str:
    """Return why PostgreSQL cannot be tried here, or nothing."""
    if programs() is None:
        return "no PostgreSQL here: apt-get install postgresql"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "no psycopg here: pip install simkcc[postgres]"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(ACCOUNT)
        except KeyError:
            return f"PostgreSQL refuses to run as root, and there is no user {ACCOUNT}"
    return ""


class Server:
    """A running PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.made = 0
        _call(
            "initdb", "-D", folder / "data", "-U", "simkcc", "-A", "trust", "--no-sync", "-E",
            "UTF8",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} {QUICK}"
        _call(
            "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options,
            "start",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        _call("pg_ctl", "-D", self.folder / "data", "-w", "-m", "fast", "stop")

    def database(self) -> str:
        """Make an empty database and return its address."""
        import psycopg

        self.made += 1
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE test_{self.made}")  # type: ignore[call-overload]
        return self._address(f"test_{self.made}")

    def _address(self, database: str) -> str:
        return f"postgresql://simkcc@127.0.0.1:{self.port}/{database}"


@contextmanager
def postgres() -> Iterator[Server]:
    """Run a server until the block is left; skip the test, with the reason, where that cannot be."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="simkcc-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT)
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _call(program: str, *words: object) -> None:
    folder = programs()
    assert folder is not None
    account = ACCOUNT if os.geteuid() == 0 else None
    subprocess.run(
        [str(folder / program), *map(str, words)], check=True, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=account, group=account,
        extra_groups=None if account is None else [], env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())
