"""Seeds of what is made at random: the first few are in `make check`, all of them in `make test`."""

from collections.abc import Iterable
from typing import Any

import pytest


def few_of(values: Iterable[Any], few: int) -> list[Any]:
    """Return values to parametrize with; those after the first few are slow."""
    return [
        value if place < few else pytest.param(*several(value), marks=pytest.mark.slow)
        for place, value in enumerate(values)
    ]


def several(value: Any) -> tuple[Any, ...]:
    """Return the arguments a value stands for: a tuple stands for one each."""
    return value if isinstance(value, tuple) else (value,)
