"""Whole numbers that add up: people over teams, steps of a share over topics."""

import numpy as np


def largest_remainder(number: int, quotas: np.ndarray) -> np.ndarray:
    """Return whole numbers that add up to `number`, as near to the quotas as can be, none below 0."""
    quotas = np.maximum(quotas, 0.0)
    total = quotas.sum()
    quotas = quotas * (number / total) if total > 0 else np.full(len(quotas), number / len(quotas))
    found = np.floor(quotas + 1e-9).astype(int)
    order = np.argsort(-(quotas - found), kind="stable")
    found[order[: number - int(found.sum())]] += 1
    return found
