"""What may stand where in a scenario: the types of the parts, read for messages, units and docs."""

import datetime
import functools
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from simkcc.model.calendar import Spans, TimeOfDay
from simkcc.model.distribution import Duration
from simkcc.model.journey import Exit
from simkcc.model.part import Name, Part

DURATION = "a duration: seconds, or a table with a kind"

WORDS: tuple[tuple[Any, str], ...] = (
    (Duration, DURATION),
    (Exit, "a step, or a table of steps with their shares"),
    (Name, "a name"),
    (TimeOfDay, 'a time of day like "08:30"'),
    (Spans, 'a list of spans like "08:00-18:00"'),
)
"""Types with words of their own."""

UNIT_WORDS = {
    "s": "seconds", "min": "minutes", "EUR": "euros", "EUR/h": "euros an hour",
    "EUR/min": "euros a minute", "EUR/call": "euros a call", "EUR/year": "euros a year",
    "/s": "per second", "/h": "per hour", "/year": "per year",
}  # fmt: skip
"""The model's units, in words."""


@functools.cache
def fields_of(part: type[Part]) -> dict[str, Any]:
    """Return the annotation of each field of a part, with its limits and units."""
    hints = get_type_hints(part, include_extras=True)
    return {name: hints[name] for name in part.model_fields}


def options(kind: Any) -> list[Any]:
    """Return the types that a value of `kind` may have, without None, limits and units."""
    if get_origin(kind) is Annotated:
        return options(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [each for one in get_args(kind) if one is not type(None) for each in options(one)]
    return [kind]


def extras(kind: Any) -> Iterator[Any]:
    """Yield the limits and units of a type, the innermost first."""
    if get_origin(kind) in (Union, types.UnionType) and not is_duration(kind):
        for one in get_args(kind):
            yield from extras(one)
    if get_origin(kind) is Annotated:
        inner, *own = get_args(kind)
        yield from extras(inner)
        for extra in own:
            yield extra
            yield from extra.metadata if isinstance(extra, FieldInfo) else ()


def parts(kind: Any) -> list[type[Part]]:
    """Return the parts that a value of `kind` may be."""
    return [one for one in options(kind) if isinstance(one, type) and issubclass(one, Part)]


def is_duration(kind: Any) -> bool:
    """Return whether `kind` is a duration: a number or one of several kinds of distribution."""
    return len(parts(kind)) > 1


def kind_name(part: type[Part]) -> str:
    """Return the `kind` by which a distribution is chosen."""
    return str(get_args(fields_of(part)["kind"])[0])


def is_number(value: Any) -> bool:
    """Return whether a value of the file is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def part_for(kind: Any, value: Any) -> type[Part] | None:
    """Return the part that the table `value` is meant to be."""
    candidates = parts(kind)
    if len(candidates) > 1 and isinstance(value, dict):
        candidates = [one for one in candidates if kind_name(one) == value.get("kind")]
    return candidates[0] if len(candidates) == 1 else None


def inside(kind: Any, value: Any, key: str | int) -> Any:
    """Return the type of what stands at `key` within `value`, of type `kind`; None if unknown."""
    part = part_for(kind, value)
    if part is not None:
        return fields_of(part).get(str(key))
    for one in options(kind):
        if get_origin(one) is dict and isinstance(key, str):
            return get_args(one)[1]
        if get_origin(one) is tuple and isinstance(key, int):
            return get_args(one)[0]
    return None


def known_keys(kind: Any, value: Any) -> list[str]:
    """Return the keys that a table of type `kind` may have; none if its names are free."""
    part = part_for(kind, value)
    return list(fields_of(part)) if part is not None else []


def holds_numbers(kind: Any) -> bool:
    """Return whether a number, or a list of numbers, may stand here."""
    return is_duration(kind) or any(
        one in (int, float) or (get_origin(one) is tuple and holds_numbers(get_args(one)[0]))
        for one in options(kind)
    )


def unit_of(kind: Any) -> str:
    """Return the unit in which the model keeps a number, or the empty string."""
    if is_duration(kind):
        return "s"
    found = ""
    for extra in extras(kind):
        if isinstance(extra, FieldInfo) and isinstance(extra.json_schema_extra, dict):
            found = str(extra.json_schema_extra.get("unit", found))
    lists = [one for one in options(kind) if get_origin(one) is tuple]
    return found or (unit_of(get_args(lists[0])[0]) if lists else "")


def limits(kind: Any) -> str:
    """Return the limits of a number in words, such as `from 0 to 1`."""
    low, above, high = None, None, None
    for extra in extras(kind):
        low = getattr(extra, "ge", low)
        above = getattr(extra, "gt", above)
        high = getattr(extra, "le", high)
    if high is not None and high >= 1e6:
        high = None
    if low is None and above is None:
        return ""
    start = f"above {above:g}" if above is not None else f"{low:g} or more"
    if high is None:
        return start
    return f"{start}, at most {high:g}" if above is not None else f"from {low:g} to {high:g}"


def in_words(kind: Any) -> str:
    """Return what is needed where `kind` stands, such as `a number of seconds, 0 or more`."""
    candidates = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    for known, words in WORDS:
        if known in candidates:
            return words
    return _one_in_words(options(kind)[0], kind)


def _one_in_words(one: Any, kind: Any) -> str:
    if one in (int, float):
        return _number_in_words(one, kind)
    if get_origin(one) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(one))
    if get_origin(one) is dict:
        return "a table"
    if get_origin(one) is tuple:
        return f"a list of {_plural(get_args(one)[0])}"
    if isinstance(one, type) and issubclass(one, Part):
        return "a table"
    return {str: "text", bool: "true or false", datetime.date: "a date like 2024-01-31"}[one]


def _plural(kind: Any) -> str:
    one = options(kind)[0]
    if isinstance(one, type) and issubclass(one, Part):
        return "tables"
    if one in (int, float):
        return "numbers"
    return "dates" if one is datetime.date else "names" if kind == Name else "texts"


def _number_in_words(one: Any, kind: Any) -> str:
    unit = unit_of(kind)
    words = "a whole number" if one is int else "a number"
    if unit == "share":
        words = "a share"
    elif unit:
        words += (" " if unit.startswith("/") else " of ") + UNIT_WORDS[unit]
    return number_in_words(words, kind)


def number_in_words(words: str, kind: Any) -> str:
    """Return words for a number, with its limits."""
    bounds = limits(kind)
    comma = "," if bounds[:1].isdigit() or bounds.startswith("-") else ""
    return f"{words}{comma} {bounds}".strip()
