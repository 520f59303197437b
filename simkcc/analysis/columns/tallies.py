"""Counting rows by the number of what they belong to."""

from collections.abc import Iterable

import numpy as np


def tally(owner: np.ndarray, size: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return for each of `size` owners how many rows, or what sum of weights, is theirs."""
    return np.bincount(owner, weights, minlength=size)


def marked(owner: np.ndarray, size: int) -> np.ndarray:
    """Return for each of `size` owners whether any row is theirs."""
    found = np.zeros(size, bool)
    found[owner] = True
    return found


def distinct(values: np.ndarray) -> np.ndarray:
    """Return the different values, in order; np.unique would first import numpy.ma (20 ms)."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def among(codes: np.ndarray, chosen: Iterable[int]) -> np.ndarray:
    """Return whether each code is one of a few chosen ones."""
    found = np.zeros(len(codes), bool)
    for each in map(int, chosen):  # numpy takes long to see that a member of an enum is a number
        found |= codes == each
    return found


def total(column: np.ndarray) -> float:
    """Return the sum of a column."""
    return float(np.count_nonzero(column) if column.dtype == bool else column.sum())
