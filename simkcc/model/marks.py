"""Marked numbers: a leaf of a scenario file that says what its number is worth.

`{ value = 5, unit = "min", mark = "A", source = "…", range = [3, 8], note = "…" }` stands for a
number, or a list of numbers, in the model's own unit.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from simkcc.model import shape
from simkcc.model.complaints import Complaint, Path, describe, dotted, hint, shown

KEYS = ("value", "unit", "mark", "source", "range", "note")
"""Keys of a marked number."""

MEANINGS = {"G": "given", "D": "derived", "A": "assumed", "M": "measured"}
"""What each mark says about a number."""

UNITS: dict[str, dict[str, Fraction]] = {
    "s": {
        "s": Fraction(1), "ms": Fraction(1, 1000), "min": Fraction(60), "h": Fraction(3600),
        "d": Fraction(86_400),
    },
    "min": {"min": Fraction(1), "h": Fraction(60)},
    "share": {"share": Fraction(1), "%": Fraction(1, 100)},
    "EUR": {"EUR": Fraction(1)},
    "EUR/h": {"EUR/h": Fraction(1), "EUR/min": Fraction(60)},
    "EUR/min": {"EUR/min": Fraction(1), "EUR/h": Fraction(1, 60)},
    "EUR/call": {"EUR/call": Fraction(1)},
    "EUR/year": {"EUR/year": Fraction(1), "EUR/month": Fraction(12)},
    "/s": {"/s": Fraction(1), "/min": Fraction(1, 60), "/h": Fraction(1, 3600)},
    "/h": {"/h": Fraction(1), "/min": Fraction(60), "/s": Fraction(3600)},
    "/year": {"/year": Fraction(1), "/month": Fraction(12)},
    "": {
        "1": Fraction(1), "%": Fraction(1, 100), "agents": Fraction(1), "contacts": Fraction(1),
        "lines": Fraction(1), "days": Fraction(1), "weeks": Fraction(1), "hours": Fraction(1),
    },
}  # fmt: skip
"""By the model's unit: the units that may be written instead, and what one of them is worth."""

NOT_FACTS = (
    "name", "seed", "replications", "tick", "horizon", "norms", "expectations", "turning_points",
    "rollout",
)  # fmt: skip
"""Sections whose numbers are choices of the user, and need no mark."""


@dataclass(frozen=True)
class Mark:
    """What a file says about one of its numbers."""

    value: Any
    """The number or list of numbers, as written."""
    unit: str = ""
    """Unit as written; the model's own unit if empty."""
    mark: str = ""
    """G given, D derived, A assumed, M measured; empty if the file does not say."""
    source: str = ""
    """Where the number comes from."""
    range: tuple[float, float] | None = None
    """Lowest and highest plausible value, in the unit as written."""
    note: str = ""
    """Remark."""
    factor: Fraction = Fraction(1)
    """What one written unit is in the model's unit."""
    set_by: str = ""
    """`variant NAME` or `--set` if a plain number has taken the place of `value`."""

    @property
    def limits(self) -> tuple[float, float] | None:
        """Return the range in the model's unit."""
        if self.range is None:
            return None
        low, high = (converted(end, self.factor) for end in self.range)
        return low, high


def converted(number: Any, factor: Fraction) -> Any:
    """Return a number, or each of a list, times a factor; whole numbers stay whole if they can."""
    if isinstance(number, list):
        return [converted(each, factor) for each in number]
    if not shape.is_number(number) or abs(number) > 1e15:
        return number
    product = number * factor.numerator
    return product if factor.denominator == 1 else product / factor.denominator


def is_marked(value: Any) -> bool:
    """Return whether a table is a marked number: it has `value`, and no key that marks have not."""
    return isinstance(value, dict) and "value" in value and all(key in KEYS for key in value)


def read_off(data: Any, root: Any) -> tuple[Any, dict[str, Mark], list[Complaint]]:
    """Return `data` with plain numbers in the model's units, its marks by path, and complaints."""
    marks: dict[str, Mark] = {}
    complaints: list[Complaint] = []
    plain = _read(data, root, (), marks, complaints)
    return plain, marks, complaints


def _read(
    value: Any, kind: Any, path: Path, marks: dict[str, Mark], complaints: list[Complaint]
) -> Any:
    if is_marked(value) and path and path[0] != "expectations":
        found = list(_complaints(value, kind, path))
        complaints.extend(found)
        mark = _mark(value, kind)
        if not found:
            marks[dotted(path)] = mark
        return converted(value["value"], mark.factor)
    if isinstance(value, dict):
        return {
            key: _read(each, _within(kind, value, key), (*path, key), marks, complaints)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [
            _read(each, _within(kind, value, index), (*path, index), marks, complaints)
            for index, each in enumerate(value)
        ]
    return value


def _within(kind: Any, value: Any, key: str | int) -> Any:
    return None if kind is None else shape.inside(kind, value, key)


def _mark(value: dict[str, Any], kind: Any) -> Mark:
    unit = value.get("unit", "")
    known = UNITS[shape.unit_of(kind)] if kind is not None else {}
    ends = value.get("range")
    return Mark(
        value=value["value"],
        unit=unit,
        mark=value.get("mark", ""),
        source=value.get("source", ""),
        range=tuple(ends) if isinstance(ends, list) else None,
        note=value.get("note", ""),
        factor=known.get(_spelled(unit), Fraction(1)),
    )


def _spelled(unit: Any) -> str:
    """Return a unit in the spelling of the table: `per hour` as `/h`, `€` as `EUR`."""
    text = str(unit).replace("€", "EUR").replace("euro", "EUR")
    for word, sign in (("hour", "h"), ("minute", "min"), ("second", "s"), ("year", "year")):
        text = text.replace(f"per {word}", f"/{sign}").replace(f"per_{word}", f"/{sign}")
    return text.replace(" /", "/")


def _complaints(value: dict[str, Any], kind: Any, path: Path) -> Iterator[Complaint]:
    """Yield everything that is wrong with one marked number."""
    numbers = value["value"] if isinstance(value["value"], list) else [value["value"]]
    if kind is not None and not shape.holds_numbers(kind):
        yield Complaint(path, "only numbers can carry a mark; write the value itself")
        return
    wrong = [each for each in numbers if not _is_finite(each)]
    if wrong:
        needed = "give a number, or a list of numbers"
        yield Complaint((*path, "value"), f"found {describe(wrong[0])}; {needed}")
    yield from _unit_complaints(value, kind, path)
    if "mark" in value and value["mark"] not in list(MEANINGS):
        known = ", ".join(f"{mark} ({meaning})" for mark, meaning in MEANINGS.items())
        found = describe(value["mark"])
        yield Complaint((*path, "mark"), f"found {found}; give one of {known}")
    for key in ("source", "note"):
        if not isinstance(value.get(key, ""), str):
            yield Complaint((*path, key), f"found {describe(value[key])}; give text")
    if "range" in value and not wrong:
        yield from _range_complaints(value["range"], numbers, path)


def _unit_complaints(value: dict[str, Any], kind: Any, path: Path) -> Iterator[Complaint]:
    if "unit" not in value or kind is None:
        return
    known = UNITS[shape.unit_of(kind)]
    if not isinstance(value["unit"], str):
        yield Complaint((*path, "unit"), f"found {describe(value['unit'])}; give text")
    elif _spelled(value["unit"]) not in known:
        text = f"unknown unit '{shown(value['unit'])}' here{hint(value['unit'], known)}"
        yield Complaint((*path, "unit"), text)


def _range_complaints(ends: Any, numbers: list[Any], path: Path) -> Iterator[Complaint]:
    at = (*path, "range")
    if not (isinstance(ends, list) and len(ends) == 2 and all(_is_finite(end) for end in ends)):
        yield Complaint(at, f"found {describe(ends)}; give two numbers, [low, high]")
        return
    low, high = ends
    if low > high:
        yield Complaint(at, f"low {describe(low)} lies above high {describe(high)}; swap them")
        return
    for number in numbers:
        if not low <= number <= high:
            text = f"value {describe(number)} lies outside its own range"
            yield Complaint(path, f"{text} [{describe(low)}, {describe(high)}]")


def _is_finite(value: Any) -> bool:
    return shape.is_number(value) and (isinstance(value, int) or math.isfinite(value))


def overridden(marks: dict[str, Mark], path: str, by: str) -> None:
    """Note that a plain number has taken the place of the marked one at `path`."""
    marks[path] = replace(marks[path], set_by=by)


def numeric_paths(data: Any, path: Path = ()) -> Iterator[str]:
    """Yield the path of every number, or list of numbers, that a file states as a fact."""
    if path and path[0] in NOT_FACTS:
        return
    if shape.is_number(data) or (
        isinstance(data, list) and data and all(shape.is_number(each) for each in data)
    ):
        yield dotted(path)
    elif isinstance(data, dict):
        for key, each in data.items():
            yield from numeric_paths(each, (*path, key))
    elif isinstance(data, list):
        for index, each in enumerate(data):
            yield from numeric_paths(each, (*path, index))
