"""Complaints: what is wrong with a scenario, each one sentence at a dotted path."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from pydantic import ValidationError

from simkcc.model import shape
from simkcc.model.distribution import Duration
from simkcc.model.part import Part

Path = tuple[str | int, ...]
"""Where something stands: the keys and places in lists from the root of the file."""

KINDS = [shape.kind_name(part) for part in shape.parts(Duration)]
"""The kinds of distribution."""

MOST = 200
"""Mistakes of one sort beyond these are not looked into."""

EXIT_FORMS = ("name", "shares")
"""The forms of an exit of a step."""


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong, and where."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.text}" if self.path else self.text


def dotted(path: Path) -> str:
    """Return a path as `--set` takes it, such as `queues.kcc.routes.0.after`."""
    return ".".join(shown(str(key), 60) for key in path)


def shown(text: str, longest: int = 40) -> str:
    """Return text for a sentence: on one line, printable and not too long."""
    safe = "".join(each if each.isprintable() else "?" for each in text[: longest + 1])
    return safe if len(safe) <= longest else safe[:longest] + "…"


def describe(value: Any) -> str:
    """Return what was found, in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"text '{shown(value)}'"
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of about {round(value.bit_length() * 0.30103)} digits"
    if isinstance(value, int | float):
        return f"{value}"
    if isinstance(value, dict | Part):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, datetime.datetime):
        return f"the moment {value}"
    if isinstance(value, datetime.date):
        return f"the date {value}"
    return f"the time {value}"


def bound(number: float) -> str:
    """Return a limit, digits grouped if it is large."""
    return f"{number:,.0f}" if number >= 1e5 else f"{number:g}"


def hint(name: Any, known: Iterable[str], rest: str = "known") -> str:
    """Return `; did you mean …?` with the nearest of the known names, or a list of them."""
    known = list(islice(known, 1000))
    near = get_close_matches(str(name)[:100], known, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    more = ", …" if len(known) > 12 else ""
    return f"; {rest}: {', '.join(known[:12])}{more}" if known else "; there is none"


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at a path; raises LookupError if nothing does."""
    for key in path:
        if not isinstance(data, dict | list | tuple):
            raise LookupError(key)
        if isinstance(key, int) == isinstance(data, dict):
            raise LookupError(key)
        data = data[key]  # type: ignore[index]
    return data


def value_or_none(data: Any, path: Path) -> Any:
    """Return what stands at a path, or None."""
    try:
        return value_at(data, path)
    except LookupError:
        return None


def type_at(root: Any, data: Any, path: Path) -> Any:
    """Return the type of what stands at a path of `data`, of type `root`; None if unknown."""
    for key in path:
        root = shape.inside(root, data, key)
        if root is None:
            return None
        try:
            data = value_at(data, (key,))
        except LookupError:
            data = None
    return root


def from_pydantic(error: ValidationError, root: type[Part], data: Any) -> list[Complaint]:
    """Return pydantic's errors about `data` as plain sentences."""
    found = []
    for each in error.errors(include_url=False)[:MOST]:
        path = _real_path(each["loc"], root, data)
        complaint = _complaint(each, path, root, data)
        if complaint is not None and complaint not in found:
            found.append(complaint)
    return found


def _real_path(loc: Path, root: Any, data: Any) -> Path:
    """Return a path of pydantic without the tags it adds for distributions and exits."""
    path: list[str | int] = []
    rest = list(loc)
    while rest:
        key = rest.pop(0)
        if len(shape.options(root)) > 1 and key in (*KINDS, *EXIT_FORMS):
            if not rest or not isinstance(data, dict):
                break
            key = rest.pop(0)
        path.append(key)
        root = shape.inside(root, data, key) if root is not None else None
        try:
            data = value_at(data, (key,))
        except LookupError:
            data = None
    return tuple(path)


def _complaint(each: Any, path: Path, root: Any, data: Any) -> Complaint | None:
    """Return one error of pydantic as a complaint; None if another error says it already."""
    kind = type_at(root, data, path)
    name = each["type"]
    if path and path[-1] == "[key]":
        return Complaint(path[:-2], _bad_name(path[-2]))
    if name == "extra_forbidden":
        return Complaint(path, _unknown_key(path, root, data))
    if name in ("union_tag_not_found", "union_tag_invalid"):
        return _bad_kind(path, each["input"])
    if name == "missing":
        return Complaint(path, f"missing; give {shape.in_words(kind)}")
    if name == "too_short" and len(each["input"]) >= each["ctx"]["min_length"]:
        return None
    if name in SENTENCES:
        return Complaint(path, SENTENCES[name](each))
    needed = shape.in_words(kind) if kind is not None else "something else"
    return Complaint(path, f"found {describe(each['input'])}; give {needed}")


def _bad_name(name: Any) -> str:
    return (
        f"'{shown(str(name))}' will not do as a name; use letters, digits, '_', '-' and spaces, "
        "at most 60, a letter or digit first"
    )


def _unknown_key(path: Path, root: Any, data: Any) -> str:
    parent = type_at(root, data, path[:-1]) if len(path) > 1 else root
    known = shape.known_keys(parent, value_at(data, path[:-1]))
    if len(path) > 1 and path[-1] in shape.known_keys(root, data):
        return f"unknown key here; '{path[-1]}' stands above the first [table] of the file"
    return f"unknown key{hint(path[-1], known, 'keys here')}"


def _bad_kind(path: Path, found: Any) -> Complaint:
    known = f"give one of {', '.join(KINDS)}"
    if "kind" not in found:
        return Complaint(path, f"has no kind; {known}")
    kind = found["kind"]
    if not isinstance(kind, str):
        return Complaint((*path, "kind"), f"found {describe(kind)}; {known}")
    return Complaint((*path, "kind"), f"unknown kind '{shown(kind)}'{hint(kind, KINDS)}")


def _not_a_choice(each: Any) -> str:
    choices = [
        text.strip(" '") for text in each["ctx"]["expected"].replace(" or ", ", ").split(",")
    ]
    return f"found {describe(each['input'])}{hint(each['input'], choices, 'give one of')}"


def _bound(words: str, key: str) -> Callable[[Any], str]:
    return lambda each: f"found {describe(each['input'])}; give {words} {bound(each['ctx'][key])}"


def _length(words: str, key: str) -> Callable[[Any], str]:
    def sentence(each: Any) -> str:
        unit = "characters" if isinstance(each["input"], str) else "entries"
        return f"has {len(each['input'])} {unit}; give {words} {each['ctx'][key]}"

    return sentence


SENTENCES: dict[str, Callable[[Any], str]] = {
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "too_short": _length("at least", "min_length"),
    "too_long": _length("at most", "max_length"),
    "string_too_short": _length("at least", "min_length"),
    "string_too_long": _length("at most", "max_length"),
    "finite_number": lambda each: f"found {describe(each['input'])}; give a finite number",
    "string_pattern_mismatch": lambda each: _bad_name(each["input"]),
    "literal_error": _not_a_choice,
    "value_error": lambda each: str(each["ctx"]["error"]),
}
"""The sentence for each type of error that needs no more than the error itself."""
