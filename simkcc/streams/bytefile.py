"""Files as bytes, packed with gzip or not, in pieces."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from simkcc.errors import SettingError

PIECE = 1 << 18
GZIP = b"\x1f\x8b"


def open_bytes(path: Path) -> BinaryIO:
    """Open a file to read its bytes; what is packed with gzip is unpacked."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
        return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise SettingError(f"{path}: cannot be read ({error.strerror})") from None


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces. A packed file that is cut short is read as far as it goes."""
    with open_bytes(path) as file:
        while True:
            try:
                piece = file.read1(PIECE)  # type: ignore[attr-defined]  # what came before damage counts
            except (EOFError, OSError, zlib.error):
                return
            if not piece:
                return
            yield piece


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the whole lines of a file, and what stands after the last line break."""
    rest = b""
    for piece in pieces_of(path):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        yield from lines
    if rest:
        yield rest


def text_of(raw: bytes) -> str:
    """Return bytes as text: UTF-8, or what exchanges wrote before it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
