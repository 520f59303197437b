"""Distributions as tables: atoms plus one continuous quantile table each, in ticks.

See chance.quantile for how a table is read. The quantile function of the normal is that of the
standard library, that of the gamma is scipy's; the others are closed forms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import erfc, log, sqrt

import numpy as np

from simkcc.engine.chance import CELLS, OCTAVES
from simkcc.engine.plan import atom_dtype, dist_dtype, selector_dtype
from simkcc.model import distribution as parts
from simkcc.model.contact_log import NONE

Curve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Law:
    """A continuous law of durations in seconds: quantiles from below and above, and tails."""

    quantile: Curve
    upper_quantile: Curve
    below: Callable[[float], float]
    above: Callable[[float], float]


def tail_points() -> np.ndarray:
    """Return the probabilities of a tail at which tables have their nodes, rising to a half."""
    steps = 1 + np.arange(CELLS) / CELLS
    octaves = 2.0 ** -np.arange(OCTAVES + 1, 1, -1)
    return np.append((octaves[:, None] * steps).ravel(), 0.5)


def table_of(law: Law, mass: float = 1.0) -> np.ndarray:
    """Return the nodes of the part of a law below the cap, whose probability is `mass`; seconds."""
    tail = tail_points()
    if mass >= 1.0:
        return np.concatenate([law.quantile(tail), law.upper_quantile(tail)])
    return np.concatenate([law.quantile(tail * mass), law.upper_quantile(1.0 - mass + tail * mass)])


def _exponential(part: parts.Exponential) -> Law:
    mean = part.mean
    return Law(
        lambda u: -mean * np.log1p(-u),
        lambda t: -mean * np.log(t),
        lambda x: float(-np.expm1(-x / mean)),
        lambda x: float(np.exp(-x / mean)),
    )


def _uniform(part: parts.Uniform) -> Law:
    width = part.high - part.low
    return Law(
        lambda u: part.low + width * u,
        lambda t: part.high - width * t,
        lambda x: float(np.clip((x - part.low) / width, 0, 1)),
        lambda x: float(np.clip((part.high - x) / width, 0, 1)),
    )


def _triangular(part: parts.Triangular) -> Law:
    low, mode, high = part.low, part.mode, part.high
    width, turn = high - low, (mode - low) / (high - low)

    def quantile(u: np.ndarray) -> np.ndarray:
        rising = low + np.sqrt(u * width * (mode - low))
        return np.where(u < turn, rising, high - np.sqrt((1 - u) * width * (high - mode)))

    def upper(t: np.ndarray) -> np.ndarray:
        falling = high - np.sqrt(t * width * (high - mode))
        return np.where(t < 1 - turn, falling, low + np.sqrt((1 - t) * width * (mode - low)))

    def below(x: float) -> float:
        if x <= mode:
            return max(x - low, 0.0) ** 2 / (width * (mode - low)) if mode > low else 0.0
        return 1.0 - max(high - x, 0.0) ** 2 / (width * (high - mode))

    return Law(quantile, upper, below, lambda x: 1.0 - below(x))


def _normal_quantile(u: np.ndarray) -> np.ndarray:
    """Return the quantiles of the standard normal; scipy.special alone would take 0.2 s to import."""
    return _normal_quantiles_at(u.tobytes())


@lru_cache(maxsize=8)
def _normal_quantiles_at(points: bytes) -> np.ndarray:
    """Return them at float64 probabilities: lognormal laws without a cap all ask at the same."""
    from statistics import NormalDist

    inverse = NormalDist().inv_cdf
    found = np.array([inverse(each) for each in np.frombuffer(points).tolist()])
    found.flags.writeable = False
    return found


def _normal_below(x: float) -> float:
    return 0.5 * erfc(-x / sqrt(2.0))


def _lognormal(part: parts.Lognormal) -> Law:
    spread = float(np.sqrt(np.log1p(part.cv**2)))
    centre = float(np.log(part.mean)) - spread**2 / 2
    return Law(
        lambda u: np.exp(centre + spread * _normal_quantile(u)),
        lambda t: np.exp(centre - spread * _normal_quantile(t)),
        lambda x: _normal_below((log(x) - centre) / spread) if x > 0 else 0.0,
        lambda x: _normal_below((centre - log(x)) / spread) if x > 0 else 1.0,
    )


def _gamma(part: parts.Gamma) -> Law:
    from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv

    shape = part.cv**-2
    scale = part.mean / shape
    return Law(
        lambda u: scale * gammaincinv(shape, u),
        lambda t: scale * gammainccinv(shape, t),
        lambda x: float(gammainc(shape, x / scale)),
        lambda x: float(gammaincc(shape, x / scale)),
    )


def _weibull(part: parts.Weibull) -> Law:
    from math import gamma

    power = 1.0 / part.shape
    scale = part.mean / gamma(1.0 + power)
    return Law(
        lambda u: scale * (-np.log1p(-u)) ** power,
        lambda t: scale * (-np.log(t)) ** power,
        lambda x: float(-np.expm1(-((x / scale) ** part.shape))),
        lambda x: float(np.exp(-((x / scale) ** part.shape))),
    )


def _hyperexponential(part: parts.Hyperexponential) -> Law:
    shares, rates = np.array(part.shares), 1.0 / np.array(part.means)

    def above(x: np.ndarray | float) -> np.ndarray:
        return np.asarray(shares @ np.exp(-np.multiply.outer(rates, x)))

    def below(x: np.ndarray | float) -> np.ndarray:
        return np.asarray(shares @ -np.expm1(-np.multiply.outer(rates, x)))

    def solve(curve: Callable, target: np.ndarray, rising: bool) -> np.ndarray:
        low, high = np.zeros_like(target), np.full_like(target, 80.0 / rates.min())
        for _ in range(120):
            middle = (low + high) / 2
            short = (curve(middle) < target) == rising
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return (low + high) / 2

    return Law(
        lambda u: solve(below, u, True),
        lambda t: solve(above, t, False),
        lambda x: float(below(x)),
        lambda x: float(above(x)),
    )


def _hazard(part: parts.Hazard) -> Law:
    start, rate = np.array(part.from_seconds), np.array(part.per_second)
    passed = np.append(0.0, np.cumsum(np.diff(start) * rate[:-1]))

    def reach(hazard: np.ndarray) -> np.ndarray:
        row = np.searchsorted(passed, hazard, side="right") - 1
        row = np.where((rate[row] == 0) & (row + 1 < len(rate)), row + 1, row)
        return start[row] + np.maximum(hazard - passed[row], 0) / np.maximum(rate[row], 1e-300)

    def total(x: float) -> float:
        row = int(np.searchsorted(start, x, side="right")) - 1
        return float(passed[row] + (x - start[row]) * rate[row])

    return Law(
        lambda u: reach(-np.log1p(-u)),
        lambda t: reach(-np.log(t)),
        lambda x: float(-np.expm1(-total(x))),
        lambda x: float(np.exp(-total(x))),
    )


LAWS: Mapping[str, Callable[..., Law]] = {
    "exponential": _exponential,
    "uniform": _uniform,
    "triangular": _triangular,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "hyperexponential": _hyperexponential,
    "hazard": _hazard,
}


def mean_of(duration: parts.Duration) -> float:
    """Return the mean of a duration, in seconds; of `otherwise` if it depends on the time."""
    if isinstance(duration, parts.ByTime):
        return mean_of(duration.otherwise)
    return (1 - duration.zero) * _mean_above_zero(duration)


def _mean_above_zero(duration: parts.Shaped) -> float:
    """Return the mean of a duration with its shift and cap, without its share of zeros."""
    cap = np.inf if duration.cap is None else duration.cap
    if isinstance(duration, parts.Deterministic):
        return float(min(duration.value + duration.shift, cap))
    if isinstance(duration, parts.Empirical):
        values = np.minimum(np.array(duration.values) + duration.shift, cap)
        return float(np.average(values, weights=duration.weights))
    if duration.cap is None and hasattr(duration, "mean"):
        return float(duration.mean + duration.shift)
    nodes = np.minimum(table_of(LAWS[duration.kind](duration)) + duration.shift, cap)  # type: ignore[attr-defined]
    lower, upper = np.split(nodes, 2)
    return float(np.trapezoid(lower, tail_points()) + np.trapezoid(upper, tail_points()))


@dataclass
class Samplers:
    """Collects distributions and turns them into tables; equal ones are kept once."""

    tick: float
    """Seconds of a tick."""
    hours: Mapping[str, int]
    """Index of each named hours."""
    tables: list[np.ndarray] = field(default_factory=list)
    dists: list[tuple] = field(default_factory=list)
    atoms: list[tuple] = field(default_factory=list)
    selectors: list[tuple] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the unit exponential of the arrivals first."""
        unit = parts.Exponential(kind="exponential", mean=1.0)
        self.tables.append(table_of(_exponential(unit)))

    def add(self, duration: parts.Duration | None) -> int:
        """Return the index of a distribution; NONE for none and for a plain zero."""
        if duration is None or duration == parts.Deterministic(value=0.0):
            return NONE
        return self.add_always(duration)

    def add_always(self, duration: parts.Duration, plus: float = 0.0) -> int:
        """Return the index of a distribution, of a plain zero too; `plus` seconds on every value."""
        name = f"{duration.kind}{duration.model_dump_json()}{plus}"
        if name not in self.known:
            self.known[name] = self._new(duration, plus)
        return self.known[name]

    def add_below(self, duration: parts.Duration, limit: float) -> tuple[float, int]:
        """Return the share of a duration below a limit, and the index of that part by itself.

        Only for durations without a share of zeros, shift or cap of their own.
        """
        if isinstance(duration, parts.Deterministic):
            return float(duration.value <= limit), self.add_always(duration)
        law = LAWS[duration.kind](duration)
        share = 1.0 - law.above(limit)
        name = f"{duration.kind}{duration.model_dump_json()} below {limit}"
        if name not in self.known and share > 0:
            self.tables.append(table_of(law, share) / self.tick)
            self.known[name] = self._row(len(self.tables) - 1, [], 0.0)
        return share, self.known.get(name, NONE)

    def busyness(self, cv: float) -> int:
        """Return the index of a Gamma factor of mean 1, in millionths."""
        if cv == 0:
            return NONE
        part = parts.Gamma(kind="gamma", mean=1.0 * 1e6 * self.tick, cv=cv)
        return self.add_always(part)

    def _new(self, duration: parts.Duration, plus: float) -> int:
        if isinstance(duration, parts.ByTime):
            return self._selected(duration, plus)
        if isinstance(duration, parts.Deterministic):
            return self._atoms_only(duration, [duration.value], [1.0], plus)
        if isinstance(duration, parts.Empirical):
            weights = duration.weights or [1.0] * len(duration.values)
            return self._atoms_only(duration, list(duration.values), list(weights), plus)
        law = LAWS[duration.kind](duration)
        limit = None if duration.cap is None else duration.cap - duration.shift
        beyond = 0.0 if limit is None else law.above(limit)
        atoms = [(0.0, duration.zero)] if duration.zero > 0 else []
        if beyond > 0:
            atoms.append((float(duration.cap or 0.0), (1 - duration.zero) * beyond))
        mass = sum(share for _, share in atoms)
        if mass >= 1.0:
            return self._row(NONE, atoms, plus)
        self.tables.append((table_of(law, 1.0 - beyond) + duration.shift + plus) / self.tick)
        return self._row(len(self.tables) - 1, atoms, plus)

    def _atoms_only(
        self, part: parts.Shaped, values: list[float], weights: list[float], plus: float
    ) -> int:
        cap = part.cap if part.cap is not None else np.inf
        total = sum(weights)
        atoms = [(0.0, part.zero)] if part.zero > 0 else []
        atoms += [
            (min(value + part.shift, cap), (1 - part.zero) * weight / total)
            for value, weight in sorted(zip(values, weights, strict=True))
        ]
        return self._row(NONE, atoms, plus)

    def _row(self, table: int, atoms: list[tuple[float, float]], plus: float) -> int:
        first = len(self.atoms)
        mass = 0.0
        for value, share in atoms:
            mass += share
            self.atoms.append((mass, (value + plus) / self.tick))
        if table == NONE:
            mass = 1.0
            self.atoms[-1] = (1.0, self.atoms[-1][1])
        self.dists.append((table, first, len(self.atoms) - 1, mass, NONE))
        return len(self.dists) - 1

    def _selected(self, duration: parts.ByTime, plus: float) -> int:
        choices = [(self.hours[w.hours], self.add_always(w.then, plus)) for w in duration.windows]
        choices.append((NONE, self.add_always(duration.otherwise, plus)))
        first = len(self.selectors)
        self.selectors.extend(choices)
        self.dists.append((NONE, NONE, NONE, 0.0, first))
        return len(self.dists) - 1

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the tables of the plan."""
        return {
            "tables": np.array(self.tables, np.float32),
            "dists": np.array(self.dists, dist_dtype),
            "atoms": np.array(self.atoms, atom_dtype),
            "selectors": np.array(self.selectors, selector_dtype),
        }
