"""Names a receiver goes by: which numbers calls and agents have, and which messages were taken.

They are kept beside the events, so that whoever starts again goes on with the calls under way. Nothing
but digests is kept: enough to know a name again when it is heard.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple, TypeVar

from simkcc.model.contact_log import NONE

CALL, AGENT, MESSAGE, TELLER = range(4)
"""Kinds of names. They are numbers in stores: add at the end, never reuse one."""


class Name(NamedTuple):
    """A name that was heard."""

    kind: int
    digest: bytes
    number: int = NONE
    """The contact or agent it stands for."""
    first: int = 0
    """Ordinal of the first visit that this contact has of the call."""
    at: int = 0
    """When it was heard, as times of events are."""


def digest_of(name: str) -> bytes:
    """Return what is kept of a name."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Heard:
    """Names that were heard and are not kept yet. Nobody collects them unless somebody keeps them."""

    def __init__(self) -> None:
        self.wanted = False
        """Whether somebody keeps them."""
        self.now = 0
        self._names: list[Name] = []

    def note(self, kind: int, name: str, number: int = NONE, first: int = 0) -> None:
        """Remember a name for whoever keeps it."""
        if self.wanted:
            self._names.append(Name(kind, digest_of(name), number, first, self.now))

    def taken(self) -> list[Name]:
        """Return the names since the last time this was asked."""
        names, self._names = self._names, []
        return names


T = TypeVar("T")


class ByName(OrderedDict[str, T]):
    """Things by name. What was kept stands under the digest of its name until that is heard again."""

    def __init__(self, met: Callable[[T, str], None] = lambda found, name: None) -> None:
        """met: told what was kept, and its name, when that is heard."""
        super().__init__()
        self._kept = 0
        self._met = met

    def keep(self, digest: bytes, thing: T) -> None:
        """Put in what was kept."""
        self[digest.hex()] = thing
        self._kept += 1

    def find(self, name: str) -> T | None:
        """Return what a name stands for."""
        found = self.get(name)
        if found is None and self._kept and name:
            found = self.pop(digest_of(name).hex(), None)
            if found is not None:
                self[name] = found
                self._kept -= 1
                self._met(found, name)
        return found
