"""Pseudonyms: what an exchange calls a call or an agent never leaves its adapter."""

import hmac
import secrets
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from hashlib import sha256

KEY_BYTES = 32

RECENT = 4096
"""Pseudonyms at hand: a call is spoken of several times within minutes."""

CallerOf = Callable[[str, int | None], str]
"""A number and a moment (microseconds since 1970) -> a pseudonym of the day, or nothing."""


def nobody(number: str, moment: int | None) -> str:
    """Tell nothing of a caller: what adapters do unless somebody asks who calls again."""
    return ""


class Pseudonyms:
    """Turns native identifiers into keyed pseudonyms: the same for the same key, else unrelated.

    Without a key one is drawn that lives as long as this object. Pseudonymised data is still
    personal data (GDPR, article 4(5)).
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._base = hmac.new(key or secrets.token_bytes(KEY_BYTES), digestmod=sha256)
        self._recent = lru_cache(RECENT)(self._made)
        self._repeat_keys: dict[date, bytes] = {}

    def of(self, native: str) -> str:
        """Return the pseudonym of a native identifier: 16 hexadecimal digits."""
        return self._recent(native)

    def _made(self, native: str) -> str:
        digest = self._base.copy()
        digest.update(native.encode())
        return digest.hexdigest()[:16]

    def repeat_of(self, number: str, day: date) -> str:
        """Return a pseudonym of a caller that is the same all day, and unrelated the next.

        Its key is drawn anew each day and kept in memory only; those of the latest two days that were
        asked for are kept, because around midnight what is told comes mixed.
        """
        if day not in self._repeat_keys:
            self._repeat_keys[day] = secrets.token_bytes(KEY_BYTES)
            if len(self._repeat_keys) > 2:
                del self._repeat_keys[min(self._repeat_keys)]
        key = self._repeat_keys.get(day, b"")
        return hmac.new(key, number.encode(), sha256).hexdigest()[:16] if key else ""
