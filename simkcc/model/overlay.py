"""Laying variants and settings over a file: tables merge key by key, everything else replaces.

A table with a `kind` of distribution, and a marked number, replace what they lie on as a whole.
The text "absent" takes a key away.
"""

import copy
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from simkcc.model import shape
from simkcc.model.complaints import (
    KINDS,
    Complaint,
    Path,
    describe,
    dotted,
    hint,
    shown,
    type_at,
    value_at,
)
from simkcc.model.marks import KEYS, is_marked

ABSENT = "absent"
"""The value that takes a key away."""

Table = dict[str, Any]


def lay_over(base: Table, over: Table) -> Table:
    """Return the table `over` laid over `base`, key by key; neither is changed."""
    result = dict(base)
    for key, value in over.items():
        if value == ABSENT:
            result.pop(key, None)
        else:
            result[key] = _laid(result.get(key), value)
    return result


def _laid(base: Any, over: Any) -> Any:
    """Return the value `over` laid over the value `base`, which it replaces or adds to."""
    if not isinstance(over, dict):
        return copy.deepcopy(over)
    return lay_over(base if isinstance(base, dict) and _merges(base, over) else {}, over)


def _merges(base: Table, over: Table) -> bool:
    """Return whether a table adds to the one it lies on, instead of replacing it."""
    if is_marked(over) or over.get("kind") in KINDS:
        return False
    return not is_marked(base) or all(key in KEYS for key in over)


def leaves(table: Table, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield (path, value) of everything a table sets."""
    for key, value in table.items():
        if isinstance(value, dict) and value and not is_marked(value):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def idle_removals(base: Table, over: Table, root: Any) -> Iterator[Complaint]:
    """Yield the keys that `over` takes away although no such key can be there."""
    for path, value in leaves(over):
        if value != ABSENT or is_there(base, path):
            continue
        try:
            parent = value_at(base, path[:-1])
        except LookupError:
            parent = {}
        kind = type_at(root, base, path[:-1]) if len(path) > 1 else root
        known = shape.known_keys(kind, parent) if kind is not None else []
        if path[-1] not in known:
            names = [*known, *(parent if isinstance(parent, dict) else ())]
            yield Complaint(path, f"nothing to take away here{hint(path[-1], names)}")


def is_there(data: Any, path: Path) -> bool:
    """Return whether anything stands at a path."""
    try:
        value_at(data, path)
    except LookupError:
        return False
    return True


def parse_setting(text: str) -> tuple[str, Any]:
    """Return the dotted key and the value of `a.b.c=VALUE`: a TOML value, else bare text."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise ValueError(f"--set {shown(text)}: has no key and value; write it like menu.length=13")
    return key.strip(), _value(value.strip())


def _value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text


def put(data: Table, key: str, value: Any, root: Any) -> tuple[Table, Path]:
    """Return `data` with `value` at a dotted key, and the key as a path.

    Raises ValueError with a sentence if the key leads nowhere.
    """
    result = copy.deepcopy(data)
    here: Any = result
    kind: Any = root
    path: list[str | int] = []
    segments = key.split(".")
    for segment in segments[:-1]:
        place = _place(here, kind, segment, tuple(path))
        path.append(place)
        kind = shape.inside(kind, here, place) if kind is not None else None
        if isinstance(here, dict):
            here.setdefault(place, {})
        here = here[place]
    place = _place(here, kind, segments[-1], tuple(path), may_add=value != ABSENT)
    _write(here, place, value)
    return result, (*path, place)


def _write(here: Any, place: Any, value: Any) -> None:
    old = here[place] if isinstance(here, list) else here.get(place)
    if value != ABSENT:
        here[place] = _laid(old, value)
    elif isinstance(here, list):
        del here[place]
    else:
        here.pop(place, None)


def _place(here: Any, kind: Any, segment: str, path: Path, *, may_add: bool = False) -> str | int:
    """Return the key or index that a segment means within `here`, or raise ValueError.

    may_add: a new name may be given where names are free.
    """
    at = dotted(path)
    if isinstance(here, list):
        if segment.isdecimal() and len(segment) < 7 and int(segment) < len(here):
            return int(segment)
        places = f"0 to {len(here) - 1}" if here else "none"
        raise ValueError(f"leads nowhere; places in {at}: {places}")
    if not isinstance(here, dict):
        raise ValueError(f"leads nowhere; {at} is {describe(here)}")
    known = _keys_for(here, kind)
    if segment in known or (may_add and len(known) == len(here)):
        return segment
    near = get_close_matches(segment[:100], known, n=1)
    if near:
        raise ValueError(f"leads nowhere; did you mean '{dotted((*path, near[0]))}'?")
    raise ValueError(f"leads nowhere; keys {'of ' + at if at else 'here'}: {', '.join(known)}")


def _keys_for(here: Table, kind: Any) -> list[str]:
    """Return the keys a table has or may have; only those it has if its names are free."""
    known = list(here)
    if kind is not None:
        known += shape.known_keys(kind, here)
        known += ["kind"] if shape.is_duration(kind) else []
    if is_marked(here):
        known += KEYS
    return list(dict.fromkeys(known))
