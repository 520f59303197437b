"""Who may look: passwords in a file, sessions in a signed cookie, a name from a proxy, a board's link."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

from simkcc.errors import SettingError

COST, BLOCK, LANES = 2**15, 8, 1
"""Parameters of scrypt (RFC 7914): about a tenth of a second and 32 MiB per password."""

SHORTEST = 10
"""Characters of a password, at least."""

SESSION = 12 * 3600
"""Seconds a login lasts: a working day."""

COOKIE = "simkcc"

ATTEMPTS, PER = 8, 300.0
"""Wrong passwords of one address in so many seconds; then it has to wait."""

MOST_ADDRESSES = 10_000


def hashed(password: str) -> str:
    """Return a password as it is kept: scrypt with a salt of its own."""
    salt = os.urandom(16)
    return f"scrypt${COST}${salt.hex()}${_digest(password, salt, COST).hex()}"


def _digest(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=BLOCK, p=LANES, maxmem=2**28, dklen=32
    )


class Users:
    """The password file: lines `name:scrypt$cost$salt$digest`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: dict[str, str] = {}
        try:
            lines = path.read_text("utf-8").splitlines() if path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"{path}: cannot be read ({error})") from None
        for number, line in enumerate(lines, 1):
            name, colon, kept = line.partition(":")
            parts = kept.split("$")
            if not colon or len(parts) != 4 or parts[0] != "scrypt" or not parts[1].isdigit():
                raise SettingError(
                    f"{path}, line {number}: not a user; add users by simkcc wallboard --add-user"
                )
            self._kept[name] = kept
        self.seed = hashlib.sha256("\n".join(lines).encode()).digest()
        """Changes when the file changes, so that sessions end with the passwords they began with."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._kept)

    def add(self, name: str, password: str) -> None:
        """Add a user, or give one another password. The file is for its owner's eyes only."""
        if not name or not name.isprintable() or set(name) & set(": ") or len(name) > 100:
            raise SettingError(f"--add-user {name!r}: a name has no space and no colon")
        if len(password) < SHORTEST:
            raise SettingError(f"the password is too short: give at least {SHORTEST} characters")
        self._kept[name] = hashed(password)
        text = "".join(f"{user}:{kept}\n" for user, kept in self._kept.items())
        try:
            with os.fdopen(
                os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
            ) as f:
                f.write(text)
            self.path.chmod(0o600)
        except OSError as error:
            raise SettingError(f"{self.path}: cannot write there ({error.strerror})") from None

    def check(self, name: str, password: str) -> bool:
        """Return whether the password is right; as slow for a name nobody has."""
        kept = self._kept.get(name, f"scrypt${COST}${'0' * 32}${'0' * 64}")
        _, cost, salt, digest = kept.split("$")
        try:
            found = _digest(password, bytes.fromhex(salt), int(cost))
        except ValueError:
            return False
        return hmac.compare_digest(found.hex(), digest) and name in self._kept


@dataclass
class Login:
    """The ways in. With none of them everybody is let in: the server then binds to loopback only."""

    users: Users | None = None
    key: str = ""
    """What the link to a board holds: whoever has it sees `/tv`, and nothing else."""
    header: str = ""
    """Header in which a proxy says who logged in there."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose header is believed."""
    secure: bool = False
    """Whether cookies go over TLS only."""
    _secret: bytes = b""
    _wrong: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        """Check addresses; make the secret that signs sessions."""
        try:
            self._networks = [ip_network(each, strict=False) for each in self.proxies]
        except ValueError as error:
            raise SettingError(f"--proxy: {error}") from None
        seed = self.users.seed if self.users is not None else secrets.token_bytes(32)
        self._secret = hmac.digest(seed, f"simkcc session {self.key}".encode(), "sha256")

    @property
    def needed(self) -> bool:
        """Return whether anybody has to log in."""
        return self.users is not None or bool(self.header)

    def who(self, headers: Mapping[str, str], peer: str, cookie: str | None) -> str:
        """Return who asks: a user, `-` for whoever holds the board's link, or nobody."""
        if self.header and headers.get(self.header) and self._is_proxy(peer):
            return headers[self.header][:100]
        return self._of_session(cookie) if cookie else ""

    def session(self, name: str) -> str:
        """Return the cookie of a user who has logged in. `-` is whoever holds the board's link."""
        until = int(time.time()) + (SESSION if name != "-" else 365 * 86_400)
        said = base64.urlsafe_b64encode(f"{until}:{name}".encode()).decode()
        return f"{said}.{self._signed(said)}"

    def holds_key(self, key: str) -> bool:
        """Return whether somebody has the board's link."""
        return bool(self.key) and hmac.compare_digest(key.encode(), self.key.encode())

    def may_try(self, peer: str) -> bool:
        """Return whether an address may try another password now."""
        wrong = self._wrong.get(peer, deque())
        while wrong and time.monotonic() - wrong[0] > PER:
            wrong.popleft()
        return len(wrong) < ATTEMPTS

    def was_wrong(self, peer: str) -> None:
        """Note a wrong password."""
        self._wrong.setdefault(peer, deque()).append(time.monotonic())
        self._wrong.move_to_end(peer)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def _is_proxy(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def _of_session(self, cookie: str) -> str:
        said, _, signed = cookie.partition(".")
        if not hmac.compare_digest(signed.encode(), self._signed(said).encode()):
            return ""
        until, _, name = base64.urlsafe_b64decode(said).decode().partition(":")
        return name if int(until) > time.time() else ""

    def _signed(self, said: str) -> str:
        return hmac.new(self._secret, said.encode(), "sha256").hexdigest()
