"""Pseudonyms: what an exchange calls a call or an agent never leaves its adapter."""

import hmac
import secrets
from datetime import date
from hashlib import sha256

KEY_BYTES = 32


class Pseudonyms:
    """Turns native identifiers into keyed pseudonyms: the same for the same key, else unrelated.

    Without a key one is drawn that lives as long as this object. Pseudonymised data is still
    personal data (GDPR, article 4(5)).
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._base = hmac.new(key or secrets.token_bytes(KEY_BYTES), digestmod=sha256)
        self._repeat_key: tuple[date | None, bytes] = (None, b"")

    def of(self, native: str) -> str:
        """Return the pseudonym of a native identifier: 16 hexadecimal digits."""
        digest = self._base.copy()
        digest.update(native.encode())
        return digest.hexdigest()[:16]

    def repeat_of(self, number: str, day: date) -> str:
        """Return a pseudonym of a caller that is the same all day, and unrelated the next.

        Its key is drawn anew each day and kept in memory only.
        """
        if self._repeat_key[0] != day:
            self._repeat_key = (day, secrets.token_bytes(KEY_BYTES))
        return hmac.new(self._repeat_key[1], number.encode(), sha256).hexdigest()[:16]
