"""The ways in to a wallboard, as options: users, a link for boards, a proxy that knows who asks."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simkcc.commands import options
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.dashboard.login import Login

UsersFile = Annotated[
    Path | None, typer.Option("--users", help="Password file; who is in it may log in")
]
AddUser = Annotated[
    str | None,
    typer.Option(help="Add this user to --users, or give another password, and stop"),
]
BoardKey = Annotated[
    Path | None,
    typer.Option(
        "--board-key-file", help="File with a key: whoever has the link /tv?key=KEY sees the board"
    ),
]
Header = Annotated[
    str,
    typer.Option("--trusted-header", help="Header in which the --proxy says who logged in there"),
]
Proxies = Annotated[
    list[str] | None, typer.Option("--proxy", help="Address or network of a proxy to believe")
]

SHORTEST_KEY = 32


def login_of(
    users: Path | None, add: str | None, key_file: Path | None, header: str,
    proxies: list[str] | None,
) -> "Login | None":  # fmt: skip
    """Return who may look; None if a user was added and there is nothing else to do."""
    from simkcc.dashboard.login import Login, Users

    if add is not None:
        if users is None:
            raise SettingError("--add-user: give --users, the password file to add to")
        Users(users).add(add, _password())
        typer.echo(f"{add} may log in with {users}")
        return None
    if bool(header) != bool(proxies):
        raise SettingError(
            "--trusted-header and --proxy: give both; only from a proxy can the header be believed"
        )
    known = None if users is None else Users(users)
    if known is not None and not len(known):
        raise SettingError(f"--users {users}: holds no user; add one by --add-user NAME")
    key = _key(key_file)
    if key and not (known or header):
        raise SettingError(
            "--board-key-file: give --users too; without a login nobody needs a link"
        )
    return Login(known, key, header, tuple(proxies or ()))


def _password() -> str:
    """Ask for a password twice on a terminal; elsewhere it is the first line that comes in."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _key(path: Path | None) -> str:
    if path is None:
        return ""
    key = options.secret_in(path, "--board-key-file")
    if len(key) < SHORTEST_KEY or not key.isascii() or not key.isalnum():
        raise SettingError(
            f"--board-key-file {path}: give at least {SHORTEST_KEY} letters and digits, such as "
            "`openssl rand -hex 24` prints"
        )
    return key
