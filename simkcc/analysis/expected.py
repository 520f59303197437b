"""What a scenario said should come out, held against what did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simkcc.analysis.compare import LEVEL, difference
from simkcc.analysis.intervals import Difference, paired_ratio_difference
from simkcc.analysis.results import Result
from simkcc.errors import ScenarioError
from simkcc.model.expectation import Expectation


@dataclass(frozen=True)
class Met:
    """Whether an expectation came out."""

    expectation: Expectation
    found: float
    """The figure, or for an ordering the difference; nan if there is none."""
    met: bool


def expectations_met(expectations: Sequence[Expectation], results: Sequence[Result]) -> list[Met]:
    """Judge the expectations whose variants were run."""
    by_name = {result.variant_name: result for result in results}
    judged = []
    for each in expectations:
        if each.sign is not None:
            there = each.variant in by_name and each.versus in by_name
            if there and len(by_name[str(each.variant)].sums) > 1:
                judged.append(_ordered(each, by_name))
            continue
        for name, result in by_name.items():
            if each.variant in (None, name):
                judged.append(_stated(each, result))
    return judged


def _stated(each: Expectation, result: Result) -> Met:
    """Judge a figure that should come out, or should not exist."""
    if each.part is None:
        found = result.interval(each.metric).mean
    else:
        _place(each, result)
        found_by = result.split(each.metric, each.part[0])
        found = found_by[each.part[1]].mean if each.part[1] in found_by else float("nan")
    if each.absent:
        return Met(each, found, bool(np.isnan(found)))
    assert each.value is not None
    return Met(each, found, abs(found - each.value) <= (each.tolerance or 0.0))


def _ordered(each: Expectation, by_name: dict[str, Result]) -> Met:
    """Judge an ordering: the whole interval of the difference says it, or holds zero."""
    first, second = by_name[str(each.versus)], by_name[str(each.variant)]
    found = difference(first, second, each.metric) if each.part is None else _between(
        each, first, second
    )  # fmt: skip
    sign = "higher" if found.mean > 0 else "lower"
    sign = "equal" if found.low <= 0 <= found.high else sign
    return Met(each, found.mean, sign == each.sign)


def _between(each: Expectation, first: Result, second: Result) -> Difference:
    pairs = [*_pairs(each, second), *_pairs(each, first)]
    return paired_ratio_difference(pairs[0], pairs[1], pairs[2], pairs[3], LEVEL)


def _pairs(each: Expectation, result: Result) -> tuple[np.ndarray, np.ndarray]:
    place = _place(each, result)
    assert each.part is not None
    parts = np.array([sums.parts[each.part[0]][each.metric] for sums in result.sums])
    return parts[:, 0, place], parts[:, 1, place]


def _place(each: Expectation, result: Result) -> int:
    """Return which value of its dimension an expectation is about."""
    assert each.part is not None
    dimension, value = each.part
    if dimension not in result.dimensions_of(each.metric):
        raise ScenarioError(f"expectations: {each.metric} is not split by {dimension}")
    if value not in result.values[dimension]:
        known = ", ".join(result.values[dimension])
        raise ScenarioError(f"expectations: no {dimension} '{value}' in {result.label} ({known})")
    return result.values[dimension].index(value)
