"""Families of durations fitted by likelihood, censored or not, and judged against the data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Curves = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]
"""Logarithm of the density, logarithm of the survival."""

STEP = 0.5
"""Durations are counted in cells of so many seconds, which makes a fit of a million rows quick."""

AT_ONCE = 1.0
"""Whatever ended within so many seconds is only known to have ended by then."""

SAME = 6.0
"""Families whose AIC differs by less cannot be told apart; the one with fewer parameters wins.

A family with one parameter more than the true one passes this in one sample of two hundred."""


@dataclass(frozen=True)
class Durations:
    """Durations in cells: how many ended, and how many were cut off (censored), at each length."""

    lengths: Floats
    """(N,) mean of each cell, in seconds, rising."""
    ended: Floats
    cut_off: Floats

    @property
    def n_ended(self) -> int:
        """Return how many ended."""
        return int(self.ended.sum())

    @property
    def exposure(self) -> float:
        """Return the seconds that all of them lasted together."""
        return float(((self.ended + self.cut_off) * self.lengths).sum())


def durations(values: npt.ArrayLike, ended: npt.ArrayLike | None = None) -> Durations:
    """Return durations in cells; `ended` False is cut off by something else (censored)."""
    seconds = np.asarray(values, float)
    over = np.ones(len(seconds), bool) if ended is None else np.asarray(ended, bool)
    cell, place = np.unique(np.floor(seconds / STEP), return_inverse=True)
    size = len(cell)
    return Durations(
        np.bincount(place, seconds, minlength=size) / np.bincount(place, minlength=size),
        np.bincount(place[over], minlength=size).astype(float),
        np.bincount(place[~over], minlength=size).astype(float),
    )


@dataclass(frozen=True)
class Family:
    """A family of laws; its parameters are free real numbers while it is fitted."""

    name: str
    keys: tuple[str, ...]
    """Names of the parameters, in the words of scenario files."""
    start: Callable[[float], list[float]]
    """First guess from a mean."""
    read: Callable[[Floats], tuple[float, ...]]
    """Free numbers -> parameters."""
    curves: Callable[[tuple[float, ...]], Curves]


def _exponential(p: tuple[float, ...]) -> Curves:
    return (lambda x: -x / p[0] - np.log(p[0])), (lambda x: -x / p[0])


def _weibull(p: tuple[float, ...]) -> Curves:
    from scipy.special import gamma

    mean, shape = p
    scale = mean / gamma(1 + 1 / shape)

    def log_density(x: Floats) -> Floats:
        ratio = x / scale
        return np.asarray(np.log(shape / scale) + (shape - 1) * np.log(ratio) - ratio**shape)

    return log_density, lambda x: -((x / scale) ** shape)


def _lognormal(p: tuple[float, ...]) -> Curves:
    from scipy.special import log_ndtr

    mean, cv = p
    spread = np.sqrt(np.log1p(cv**2))
    centre = np.log(mean) - spread**2 / 2

    def log_density(x: Floats) -> Floats:
        z = (np.log(x) - centre) / spread
        return np.asarray(-(z**2) / 2 - np.log(x * spread * np.sqrt(2 * np.pi)))

    return log_density, lambda x: np.asarray(log_ndtr((centre - np.log(x)) / spread))


def _gamma(p: tuple[float, ...]) -> Curves:
    from scipy.special import gammaincc, gammaln

    mean, cv = p
    shape = cv**-2
    scale = mean / shape

    def log_density(x: Floats) -> Floats:
        return np.asarray(
            (shape - 1) * np.log(x / scale) - x / scale - gammaln(shape) - np.log(scale)
        )

    return log_density, lambda x: np.log(np.maximum(gammaincc(shape, x / scale), 1e-300))


def _hyperexponential(p: tuple[float, ...]) -> Curves:
    share, short, long = p

    def log_density(x: Floats) -> Floats:
        return np.logaddexp(
            np.log(share / short) - x / short, np.log((1 - share) / long) - x / long
        )

    return log_density, lambda x: np.logaddexp(
        np.log(share) - x / short, np.log1p(-share) - x / long
    )


def _with_zero(p: tuple[float, ...]) -> Curves:
    zero, mean = p
    density, survival = _exponential((mean,))
    stays = np.log1p(-zero)
    return (lambda x: density(x) + stays), (lambda x: survival(x) + stays)


def _share(free: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(free, -30, 30))))


def _positive(free: Floats) -> tuple[float, ...]:
    return tuple(np.exp(np.clip(free, -20, 25)).tolist())


def _two_branches(free: Floats) -> tuple[float, ...]:
    return (_share(free[0]), *_positive(free[1:]))


EXPONENTIAL = Family("exponential", ("mean",), lambda m: [np.log(m)], _positive, _exponential)
WEIBULL = Family("weibull", ("mean", "shape"), lambda m: [np.log(m), 0.0], _positive, _weibull)
LOGNORMAL = Family("lognormal", ("mean", "cv"), lambda m: [np.log(m), 0.0], _positive, _lognormal)
GAMMA = Family("gamma", ("mean", "cv"), lambda m: [np.log(m), -0.1], _positive, _gamma)
HYPEREXPONENTIAL = Family(
    "hyperexponential", ("share", "short", "long"),
    lambda m: [-0.5, np.log(m / 5), np.log(1.4 * m)], _two_branches, _hyperexponential,
)  # fmt: skip
WITH_ZERO = Family(
    "exponential with zero",
    ("zero", "mean"),
    lambda m: [-3.0, np.log(m)],
    _two_branches,
    _with_zero,
)


@dataclass(frozen=True)
class Fit:
    """A family fitted to durations."""

    family: Family
    parameters: tuple[float, ...]
    ranges: tuple[tuple[float, float], ...]
    """95 % interval of each parameter (Wald, on the scale on which it is free)."""
    aic: float
    sound: bool
    """Whether the fit has a top of its likelihood, and intervals with it."""

    def survival(self, seconds: npt.ArrayLike) -> Floats:
        """Return the share that lasts longer than so many seconds."""
        values = np.maximum(np.asarray(seconds, float), 1e-9)
        return np.asarray(np.exp(self.family.curves(self.parameters)[1](values)))

    @property
    def mean(self) -> float:
        """Return the mean of the law."""
        if self.family is HYPEREXPONENTIAL:
            share, short, long = self.parameters
            return share * short + (1 - share) * long
        if self.family is WITH_ZERO:
            return (1 - self.parameters[0]) * self.parameters[1]
        return self.parameters[0]


def log_likelihood(family: Family, free: Floats, data: Durations) -> float:
    """Return the log likelihood; what ended within a second counts as ended by then."""
    log_density, log_survival = family.curves(family.read(free))
    soon = data.lengths < AT_ONCE
    with np.errstate(all="ignore"):
        # Who was answered within the second did not hang up at once: counted as staying for it.
        found = float((data.cut_off * log_survival(np.maximum(data.lengths, AT_ONCE))).sum())
        found += float((data.ended * log_density(data.lengths))[~soon].sum())
        at_once = float(-np.expm1(log_survival(np.array([AT_ONCE])))[0])
        found += float(data.ended[soon].sum()) * float(np.log(max(at_once, 1e-300)))
    return found if np.isfinite(found) else -1e300


def fit(family: Family, data: Durations) -> Fit:
    """Return the law of a family with the highest likelihood."""
    from scipy.optimize import minimize

    mean = data.exposure / max(data.n_ended, 1)

    def cost(free: Floats) -> float:
        return -log_likelihood(family, free, data)

    first = minimize(
        cost,
        family.start(mean),
        method="Nelder-Mead",
        options={"maxiter": 2000, "xatol": 1e-5, "fatol": 1e-6},
    )
    free = np.asarray(first.x)
    spread = _spread(cost, free)
    sound = bool(np.all(np.isfinite(spread)) and np.all(spread < 5))
    read = family.read
    with np.errstate(over="ignore"):
        low, high = read(free - 1.96 * spread), read(free + 1.96 * spread)
    ranges = tuple(zip(low, high, strict=True))
    return Fit(family, read(free), ranges, 2 * len(family.keys) + 2 * float(first.fun), sound)


def _spread(cost: Callable[[Floats], float], top: Floats, step: float = 1e-3) -> Floats:
    """Return standard errors of free numbers from the curvature of the likelihood at its top."""
    size = len(top)
    bend = np.empty((size, size))
    unit = np.eye(size) * step
    for i in range(size):
        for j in range(size):
            plus = cost(top + unit[i] + unit[j]) - cost(top + unit[i] - unit[j])
            minus = cost(top - unit[i] + unit[j]) - cost(top - unit[i] - unit[j])
            bend[i, j] = (plus - minus) / (4 * step * step)
    try:
        covariance = np.linalg.inv(bend)
    except np.linalg.LinAlgError:
        return np.full(size, np.inf)
    variances = np.diag(covariance)
    return np.where(variances > 0, np.sqrt(np.maximum(variances, 0)), np.inf)


def fits(families: Iterable[Family], data: Durations) -> list[Fit]:
    """Return every family's fit that has a top, the chosen one first.

    Chosen is the one with the fewest parameters among those whose AIC is within `SAME` of the best.
    """
    found = [each for each in (fit(family, data) for family in families) if each.sound]
    best = min((each.aic for each in found), default=np.inf)
    return sorted(
        found,
        key=lambda each: (
            each.aic > best + SAME,
            len(each.parameters) if each.aic <= best + SAME else 0,
            each.aic,
        ),
    )


@dataclass(frozen=True)
class KaplanMeier:
    """The share that lasts longer, estimated without a family; with Greenwood's interval."""

    seconds: Floats
    """Moments at which anything ended, rising."""
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    """How many were still there just before each moment."""

    def at(self, seconds: npt.ArrayLike) -> Floats:
        """Return the share that lasts longer than so many seconds."""
        steps = np.searchsorted(self.seconds, np.asarray(seconds, float), side="right")
        return np.append(1.0, self.survival)[steps]


def kaplan_meier(values: npt.ArrayLike, ended: npt.ArrayLike) -> KaplanMeier:
    """Return the product-limit estimate; ties: what ends goes before what is cut off.

    Intervals on the log-log scale. Sources: Kaplan and Meier (1958); Greenwood (1926).

    >>> kaplan_meier([1, 2, 2, 3, 4], [True, True, False, True, False]).survival.round(3).tolist()
    [0.8, 0.6, 0.3]
    """
    seconds, over = np.asarray(values, float), np.asarray(ended, bool)
    moments, place = np.unique(seconds, return_inverse=True)
    gone = np.bincount(place[over], minlength=len(moments)).astype(float)
    left = np.bincount(place, minlength=len(moments)).astype(float)
    at_risk = np.cumsum(left[::-1])[::-1]
    kept = gone > 0
    moments, gone, at_risk = moments[kept], gone[kept], at_risk[kept]
    survival = np.cumprod(1 - gone / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = np.sqrt(np.cumsum(gone / (at_risk * (at_risk - gone))))
        width = 1.96 * noise / np.abs(np.log(survival))
        low, high = survival ** np.exp(width), survival ** np.exp(-width)
    low, high = np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), 1.0, high)
    return KaplanMeier(moments, survival, low, high, at_risk)


def distance(law: Fit, curve: KaplanMeier) -> float:
    """Return the largest gap between a law and the curve, where the curve is known to 3 points."""
    seen = (curve.high - curve.low < 0.06) & (curve.at_risk >= 20)
    if not seen.any():
        return float("nan")
    before = np.append(1.0, curve.survival[:-1])[seen]
    fitted = law.survival(curve.seconds[seen])
    return float(np.maximum(np.abs(fitted - curve.survival[seen]), np.abs(fitted - before)).max())
