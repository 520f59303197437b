"""Dotted keys: what stands at one in the plain data of a file. Places in lists count from 0."""

from typing import Any


def value_of(data: Any, key: str) -> Any:
    """Return what stands at a key; raises LookupError if nothing does.

    >>> value_of({"routes": [{"after": 30}, {"after": 60}]}, "routes.1.after")
    60
    """
    for segment in key.split("."):
        if isinstance(data, list) and segment.isdecimal():
            data = data[int(segment)]
        elif isinstance(data, dict):
            data = data[segment]
        else:
            raise LookupError(key)
    return data


def number_of(data: Any, key: str) -> float | None:
    """Return the number at a key; None if there is none."""
    try:
        found = value_of(data, key)
    except LookupError:
        return None
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number else None


def put(data: Any, key: str, value: Any) -> None:
    """Put a value at a key whose table or list is there; raises LookupError if that is not."""
    parent, _, last = key.rpartition(".")
    here = value_of(data, parent) if parent else data
    if isinstance(here, dict):
        here[last] = value
    elif isinstance(here, list):
        here[int(last)] = value
    else:
        raise LookupError(key)
