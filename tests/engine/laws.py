"""Distributions of every kind, as simkcc tabulates them and as others know them."""

import itertools
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from scipy import integrate, special, stats

from simkcc.engine import chance
from simkcc.engine.samplers import Samplers
from simkcc.model import distribution as parts

DURATION: TypeAdapter[parts.Duration] = TypeAdapter(parts.Duration)
EVEN = (np.arange(4096) + 0.5) / 4096
"""Uniforms that leave nothing out."""

SHAPES: dict[str, dict[str, Any]] = {
    "exponential": {"kind": "exponential", "mean": 300.0},
    "uniform": {"kind": "uniform", "low": 3.0, "high": 50.0},
    "triangular": {"kind": "triangular", "low": 1.0, "mode": 5.0, "high": 20.0},
    "rising": {"kind": "triangular", "low": 0.0, "mode": 20.0, "high": 20.0},
    "falling": {"kind": "triangular", "low": 2.0, "mode": 2.0, "high": 20.0},
    "lognormal": {"kind": "lognormal", "mean": 240.0, "cv": 0.75},
    "gamma": {"kind": "gamma", "mean": 200.0, "cv": 0.5},
    "gamma 2": {"kind": "gamma", "mean": 200.0, "cv": 2.0},
    "weibull": {"kind": "weibull", "mean": 100.0, "shape": 0.5},
    "weibull 3": {"kind": "weibull", "mean": 100.0, "shape": 3.0},
    "hyperexponential": {"kind": "hyperexponential", "shares": (0.5, 0.5), "means": (60.0, 300.0)},
    "hazard": {"kind": "hazard", "from_seconds": (0.0, 10.0, 60.0), "per_second": (0.01, 0, 0.002)},
}
SKEWED: dict[str, dict[str, Any]] = {
    "lognormal 3": {"kind": "lognormal", "mean": 240.0, "cv": 3.0},
    "gamma 5": {"kind": "gamma", "mean": 200.0, "cv": 5.0},
    "weibull 0.3": {"kind": "weibull", "mean": 100.0, "shape": 0.3},
    "hyperexponential 50": {
        "kind": "hyperexponential", "shares": (0.7, 0.3), "means": (10.0, 500.0),
    },
}  # fmt: skip
"""Shapes so skewed that the error of their moments may be half as large again."""

GAPS = {"hazard": 1 / 64}
"""Shapes with times at which nothing ever ends: a table crosses them within one cell, whose share
of the tail this is."""


class Hyperexponential:
    """Quantiles and moments of a mixture of exponentials, which scipy does not have."""

    def __init__(self, part: parts.Hyperexponential) -> None:
        self.shares, self.means = np.array(part.shares), np.array(part.means)

    def mean(self) -> float:
        return float(self.shares @ self.means)

    def var(self) -> float:
        return float(2 * self.shares @ self.means**2 - self.mean() ** 2)

    def sf(self, x: Any) -> Any:
        return np.exp(-np.multiply.outer(x, 1 / self.means)) @ self.shares

    def cdf(self, x: Any) -> Any:
        return -np.expm1(-np.multiply.outer(x, 1 / self.means)) @ self.shares


class PiecewiseHazard:
    """Distribution of a piecewise constant hazard, by numerical integration of its survival."""

    def __init__(self, part: parts.Hazard) -> None:
        self.starts, self.rates = np.array(part.from_seconds), np.array(part.per_second)

    def sf(self, x: Any) -> Any:
        ends = np.append(self.starts[1:], np.inf)
        spent = [np.clip(x, low, high) - low for low, high in zip(self.starts, ends, strict=True)]
        return np.exp(-sum(rate * each for rate, each in zip(self.rates, spent, strict=True)))

    def cdf(self, x: Any) -> Any:
        return -np.expm1(np.log(self.sf(x)))

    def _moment(self, power: int) -> float:
        steps = [*self.starts, self.starts[-1] + 60 / self.rates[-1]]
        return sum(
            integrate.quad(lambda x: power * x ** (power - 1) * self.sf(x), low, high)[0]
            for low, high in itertools.pairwise(steps)
        )

    def mean(self) -> float:
        return self._moment(1)

    def var(self) -> float:
        return self._moment(2) - self._moment(1) ** 2


def law_of(part: Any) -> Any:
    """Return the distribution as others know it."""
    spread = np.sqrt(np.log1p(getattr(part, "cv", 0) ** 2))
    width = getattr(part, "high", 0) - getattr(part, "low", 0)
    return {
        "exponential": lambda: stats.expon(scale=part.mean),
        "uniform": lambda: stats.uniform(part.low, width),
        "triangular": lambda: stats.triang((part.mode - part.low) / width, part.low, width),
        "lognormal": lambda: stats.lognorm(spread, scale=part.mean * np.exp(-(spread**2) / 2)),
        "gamma": lambda: stats.gamma(part.cv**-2, scale=part.mean * part.cv**2),
        "weibull": lambda: stats.weibull_min(
            part.shape, scale=part.mean / special.gamma(1 + 1 / part.shape)
        ),
        "hyperexponential": lambda: Hyperexponential(part),
        "hazard": lambda: PiecewiseHazard(part),
    }[part.kind]()


def part_of(shape: str) -> Any:
    return DURATION.validate_python((SHAPES | SKEWED)[shape])


def made(duration: Any, tick: float = 1.0, hours: Any = None) -> tuple[dict[str, np.ndarray], int]:
    """Return the tables of a duration and its index."""
    samplers = Samplers(tick, hours or {})
    index = samplers.add_always(DURATION.validate_python(duration))
    return samplers.arrays(), index


def table_in_seconds(duration: Any) -> np.ndarray:
    arrays, index = made(duration)
    return arrays["tables"][arrays["dists"][index]["table"]]


def values(duration: Any, us: Any, tick: float = 1.0) -> np.ndarray:
    """Return the values of a distribution at uniforms, in ticks."""
    arrays, index = made(duration, tick)
    dists, atoms, tables = arrays["dists"], arrays["atoms"], arrays["tables"]
    return np.array([chance.value_at(dists, atoms, tables, index, u) for u in us])
