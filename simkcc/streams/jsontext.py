"""JSON of others: objects within objects of which nothing is certain."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from simkcc.errors import SettingError

Object = Mapping[str, object]
NOTHING: Object = {}


def parsed(text: bytes | str) -> object:
    """Return what a text says; None if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def objects_of(found: object) -> Iterator[Object | None]:
    """Yield the objects of a text that holds one or a list of them; None for each that is none."""
    for each in found if isinstance(found, list) else [found]:
        yield each if isinstance(each, Mapping) else None


def inside(told: object, *keys: str) -> Object:
    """Return the object within objects; an empty one if there is none."""
    for key in keys:
        told = told.get(key) if isinstance(told, Mapping) else None
    return told if isinstance(told, Mapping) else NOTHING


def text_of(told: Object, *keys: str) -> str:
    """Return the text under the first key that has one, at most 200 signs."""
    for key in keys:
        value = told.get(key)
        if isinstance(value, str) and value:
            return value[:200]
    return ""


LATEST = 4_102_444_800
"""Seconds since 1970 beyond which a moment is a mistake: the year 2100."""


def moment_of(told: Object, *keys: str) -> int | None:
    """Return the first moment there is, in microseconds since 1970.

    A moment is text as 2026-05-28T10:00:00.000Z, or a number of seconds or milliseconds since 1970.
    """
    for key in keys:
        since = _since(told.get(key))
        if since is not None and 0 < since < LATEST:
            return round(since * 1_000_000)
    return None


def _since(value: object) -> float | None:
    """Return the seconds since 1970 that a value tells."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) in (10, 13):
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value >= LATEST else float(value)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def names_in(path: str, option: str, example: str) -> dict[str, str]:
    """Return the names by identifier in a file of JSON that an option of a source gives."""
    try:
        found = parsed(Path(path).read_bytes())
    except OSError as error:
        raise SettingError(f"{option} {path}: cannot be read ({error.strerror})") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise SettingError(f"{option} {path}: must be an object such as {example}")
    return found
