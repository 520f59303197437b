"""Measured figures in the place of assumed ones: what a fit wrote, laid over a file."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from simkcc.analysis.rollout.calendar import VOLUMES
from simkcc.errors import ScenarioError
from simkcc.model.complaints import dotted
from simkcc.model.files import Loaded
from simkcc.model.keys import value_of
from simkcc.model.scenario import Scenario

WAYS = (*VOLUMES, "rates", "arrivals")
"""Keys of a topic of which one says how often."""


def with_measured(loaded: Loaded, fitted: Loaded) -> tuple[Loaded, tuple[str, ...]]:
    """Return a file with the figures that another one marks M, and their keys.

    A distribution, and the handling of a topic, is taken over whole. What the file does not know
    (a topic of another name) is left out. Raises ScenarioError if nothing is measured.
    """
    data, keys = copy.deepcopy(loaded.data), []
    marks = dict(loaded.marks)
    for path in _measured(fitted):
        taken = _whole(fitted.data, path)
        if not _put(data, taken, value_of(fitted.data, ".".join(taken))):
            continue
        keys.append(dotted(path))
        marks = {key: each for key, each in marks.items() if not _within(key, dotted(taken))}
        marks |= {k: each for k, each in fitted.marks.items() if _within(k, dotted(taken))}
    if not keys:
        raise ScenarioError(
            f"{fitted.path}: marks no number of this centre M (measured); let simkcc fit write it"
        )
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise ScenarioError(
            f"{fitted.path}: its measured figures do not fit {loaded.path}: "
            f"{dotted(wrong['loc'])}: {wrong['msg']}"
        ) from None
    return replace(loaded, data=data, marks=marks, scenario=scenario), tuple(keys)


def _measured(fitted: Loaded) -> Iterator[tuple[str, ...]]:
    for key, mark in fitted.marks.items():
        if mark.mark == "M" and not mark.set_by:
            yield tuple(key.split("."))


def _within(key: str, top: str) -> bool:
    return key == top or key.startswith(f"{top}.")


def _whole(data: Any, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path of what is taken over whole: a handling, a distribution, or the number."""
    here = data
    for place, key in enumerate(path):
        here = here[int(key)] if isinstance(here, list) else here[key]
        if key == "handling" or (isinstance(here, dict) and "kind" in here):
            return path[: place + 1]
    return path


def _put(data: Any, path: tuple[str, ...], value: Any) -> bool:
    """Put a value at a path whose table is there; return whether it was."""
    *above, last = path
    try:
        parent = value_of(data, ".".join(above)) if above else data
    except LookupError:
        return False
    if not isinstance(parent, dict):
        return False
    if path[0] == "topics" and last in WAYS:
        for key in WAYS:
            parent.pop(key, None)
    parent[last] = copy.deepcopy(value)
    return True
