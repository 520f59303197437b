"""Draws are the stated bits, uniform and independent; tables give the stated distributions."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba import njit
from pydantic import TypeAdapter
from scipy import integrate, special, stats

from simkcc.engine import chance
from simkcc.engine.chance import NODES, TAIL, Purpose
from simkcc.engine.samplers import LAWS, Samplers, mean_of, tail_points
from simkcc.model import distribution as parts
from simkcc.model.contact_log import NONE

WORD = 2**64
DURATION: TypeAdapter[parts.Duration] = TypeAdapter(parts.Duration)

words = st.integers(0, WORD - 1)
purposes = st.sampled_from(Purpose)
visits = st.integers(0, 255)

# ---------------------------------------------------------------------------------------------
# bits, against plain Python integers


def mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % WORD
    return z ^ (z >> 31)


def bits(key: int, purpose: int, visit: int) -> int:
    first = mix((key + (purpose + 1) * 0x9E3779B97F4A7C15) % WORD)
    return mix((first + (visit + 1) * 0xD1B54A32D192ED03) % WORD)


@njit
def bits_by_type(keys, purpose, visit, byte_visits, out):
    """Write the bits for every type of number that the engines pass."""
    out[0] = chance.bits(keys[0], purpose, visit)
    out[1] = chance.bits(keys[0], np.int64(purpose), np.uint64(visit))
    out[2] = chance.bits(keys[0], purpose, byte_visits[0])
    out[3] = chance.bits(keys[0], Purpose.TALK, visit)


@settings(deadline=None)
@given(words, purposes, st.one_of(visits, st.integers(0, 2**63 - 1)))
@example(0, Purpose.ARRIVAL, 0)
@example(WORD - 1, max(Purpose), 255)
@example(WORD - 1, max(Purpose), 2**63 - 1)
@example(2**63, Purpose.TALK, 1)
@example(2**63 - 1, Purpose.TALK, 1)
@example(2**53 + 1, Purpose.TALK, 2**53 + 1)
def test_bits_are_those_of_plain_integers(key: int, purpose: Purpose, visit: int) -> None:
    wanted = bits(key, int(purpose), visit)
    assert int(chance.bits(np.uint64(key), purpose, visit)) == wanted
    assert int(chance.bits(np.uint64(key), int(purpose), np.int64(visit))) == wanted


@settings(deadline=None)
@given(words, purposes, visits)
@example(WORD - 1, max(Purpose), 255)
def test_bits_are_the_same_for_every_type_of_number(
    key: int, purpose: Purpose, visit: int
) -> None:
    out = np.zeros(4, np.uint64)
    bits_by_type(
        np.array([key], np.uint64), int(purpose), visit, np.array([visit], np.uint8), out
    )
    assert out[:3].tolist() == [bits(key, purpose, visit)] * 3
    assert int(out[3]) == bits(key, Purpose.TALK, visit)


@settings(deadline=None)
@given(words, words, words, st.integers(1, 4_000_000), st.integers(0, 2**40))
@example(0, 0, 0, 1, 0)
@example(WORD - 1, WORD - 1, WORD - 1, 4_000_000, 2**40)
def test_keys_are_those_of_plain_integers(
    seed: int, replication: int, stream: int, date: int, index: int
) -> None:
    wanted = bits(bits(bits(seed, 0, replication), 1, stream), 2, date)
    arguments = np.uint64(seed), np.uint64(replication), np.uint64(stream), np.int64(date)
    found = chance.date_key(*arguments)
    assert int(found) == wanted
    contact = bits(wanted, 3, index)
    assert int(chance.contact_key(np.uint64(found), np.int64(index))) == contact
    child = bits(contact, Purpose.CHILD, index % 256)
    assert int(chance.child_key(np.uint64(contact), np.int64(index % 256))) == child


@njit
def keys_of_signed_words(parent, index):
    """Return the keys of a contact and a child whose parent's key came as a signed number."""
    return chance.contact_key(parent, index), chance.child_key(parent, index)


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 2**40))
def test_keys_of_signed_words_are_the_same_keys(parent: int, index: int) -> None:
    wanted = bits(parent, 3, index), bits(parent, Purpose.CHILD, index)
    assert keys_of_signed_words(parent, index) == wanted


@settings(deadline=None)
@given(words, purposes, visits)
def test_uniform_is_the_middle_of_one_of_2_to_the_52_cells(
    key: int, purpose: Purpose, visit: int
) -> None:
    u = chance.uniform(np.uint64(key), purpose, visit)
    assert 0.0 < u < 1.0
    assert (int(u * 2**53)) == 2 * (bits(key, purpose, visit) >> 12) + 1


def test_extreme_bits_give_uniforms_strictly_inside() -> None:
    lowest, highest = 0.5 * 2.0**-52, (2.0**52 - 1 + 0.5) * 2.0**-52
    assert 0.0 < lowest
    assert highest < 1.0
    nodes = table_in_seconds({"kind": "exponential", "mean": 1.0})
    assert chance.quantile(nodes, lowest) > 0.0
    assert np.isfinite(chance.quantile(nodes, highest))


def test_purposes_are_numbered_once_each_from_zero() -> None:
    assert sorted(Purpose) == list(range(chance.N_PURPOSES))


def test_identity_depends_on_the_name_alone_and_fits_a_signed_word() -> None:
    names = ["topic a", "topic b", "group a", "probe a", "", "é"]
    assert len({chance.identity(name) for name in names}) == len(names)
    assert all(0 <= chance.identity(name) < 2**63 for name in names)
    assert chance.identity("topic permits") == 1580021156353067267


# ---------------------------------------------------------------------------------------------
# uniform and independent

N = 200_000


@njit
def fill(keys, purposes, visits, out):
    """Draw a uniform for each row."""
    for row in range(out.shape[0]):
        out[row] = chance.uniform(keys[row], purposes[row], visits[row])


def draws(keys: Any, purposes: Any = Purpose.TALK, visits: Any = 0) -> np.ndarray:
    out = np.zeros(len(keys))
    shape = (len(keys),)
    fill(
        np.asarray(keys, np.uint64), np.broadcast_to(np.asarray(purposes, np.int64), shape).copy(),
        np.broadcast_to(np.asarray(visits, np.int64), shape).copy(), out,
    )  # fmt: skip
    return out


def contact_keys(seed: int, replication: int, stream: int, date: int, number: int = N) -> np.ndarray:
    words = np.uint64(seed), np.uint64(replication), np.uint64(stream)
    first = np.uint64(chance.date_key(*words, date))
    return np.array([chance.contact_key(first, index) for index in range(number)], np.uint64)


@pytest.fixture(scope="module")
def keys() -> np.ndarray:
    return contact_keys(1, 0, chance.identity("topic a"), 738_000)


def is_uniform(sample: np.ndarray, cells: int = 1000) -> bool:
    """Return whether a chi-square test with fixed draws sees nothing odd, either way."""
    counts = np.histogram(sample, cells, (0, 1))[0]
    return 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4


def are_independent(one: np.ndarray, other: np.ndarray, cells: int = 40) -> bool:
    """Return whether pairs fill the unit square evenly and do not go together."""
    counts = np.histogram2d(one, other, cells, ((0, 1), (0, 1)))[0].ravel()
    even = 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4
    return bool(even and abs(np.corrcoef(one, other)[0, 1]) < 4.5 / len(one) ** 0.5)


def test_draws_of_contacts_are_uniform(keys: np.ndarray) -> None:
    for purpose in (Purpose.ARRIVAL, Purpose.PATIENCE, Purpose.TALK, max(Purpose)):
        sample = draws(keys, purpose)
        assert is_uniform(sample)
        assert stats.kstest(sample, "uniform").pvalue > 1e-4


def test_small_whole_keys_are_as_good_as_any() -> None:
    sample = draws(np.arange(N))
    assert is_uniform(sample)
    assert are_independent(sample[:-1], sample[1:])


def test_every_bit_is_as_often_one_as_zero(keys: np.ndarray) -> None:
    for sample in (keys, np.arange(N, dtype=np.uint64)):
        out = np.array([chance.bits(np.uint64(key), 12, 0) for key in sample[:50_000]], np.uint64)
        ones = [int((out >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(64)]
        assert max(abs(count - 25_000) for count in ones) < 4.5 * (50_000 / 4) ** 0.5


@pytest.mark.parametrize("lag", [1, 2, 7])
def test_neighbouring_contacts_are_independent(keys: np.ndarray, lag: int) -> None:
    sample = draws(keys)
    assert are_independent(sample[:-lag], sample[lag:])


@pytest.mark.parametrize(
    ("one", "other"), [*itertools.pairwise(Purpose), (Purpose.ARRIVAL, Purpose.TALK)]
)
def test_purposes_of_a_contact_are_independent(
    keys: np.ndarray, one: Purpose, other: Purpose
) -> None:
    assert are_independent(draws(keys, one), draws(keys, other))


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 2), (0, 255), (127, 128)])
def test_visits_of_a_purpose_are_independent(keys: np.ndarray, one: int, other: int) -> None:
    assert are_independent(draws(keys, visits=one), draws(keys, visits=other))


def test_draws_of_one_contact_over_purposes_and_visits_are_uniform_and_independent() -> None:
    pairs = np.array(list(itertools.product(range(chance.N_PURPOSES), range(256))))
    for key in (0, 1, WORD - 1, 0x0123456789ABCDEF):
        sample = draws(np.full(len(pairs), key, np.uint64), pairs[:, 0], pairs[:, 1])
        assert is_uniform(sample, 100)
        assert are_independent(sample[:-1], sample[1:], 10)


@pytest.mark.parametrize(
    "other",
    [(2, 0, 11, 738_000), (1, 1, 11, 738_000), (1, 0, 12, 738_000), (1, 0, 11, 738_001),
     (WORD - 1, 0, 11, 738_000), (0, 1, 11, 738_000)],
    ids=["seed", "replication", "stream", "date", "last seed", "seed and replication swapped"],
)  # fmt: skip
def test_contacts_of_neighbouring_seeds_replications_streams_and_dates_are_independent(
    other: tuple[int, int, int, int],
) -> None:
    number = 60_000
    one = draws(contact_keys(1, 0, 11, 738_000, number))
    assert are_independent(one, draws(contact_keys(*other, number)), 20)


def test_first_contacts_of_successive_dates_and_replications_are_independent() -> None:
    days = [chance.date_key(np.uint64(1), np.uint64(0), np.uint64(11), d) for d in range(60_000)]
    runs = [chance.date_key(np.uint64(1), np.uint64(r), np.uint64(11), 9) for r in range(60_000)]
    for first in (days, runs):
        sample = draws([chance.contact_key(np.uint64(key), 0) for key in first])
        assert is_uniform(sample, 100)
        assert are_independent(sample[:-1], sample[1:], 20)


def test_children_have_keys_of_their_own(keys: np.ndarray) -> None:
    parents = keys[:2000]
    children = [
        int(chance.child_key(np.uint64(parent), ordinal)) for parent in parents for ordinal in range(5)
    ]
    grandchildren = [int(chance.child_key(np.uint64(child), 0)) for child in children]
    everyone = [*map(int, parents), *children, *grandchildren]
    assert len(set(everyone)) == len(everyone)


def test_children_are_independent_of_parents_and_of_each_other(keys: np.ndarray) -> None:
    parents = keys[:60_000]
    first, second = (
        draws([chance.child_key(np.uint64(parent), ordinal) for parent in parents])
        for ordinal in (0, 1)
    )
    assert are_independent(draws(parents), first, 20)
    assert are_independent(first, second, 20)


# ---------------------------------------------------------------------------------------------
# tables of continuous laws

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

each_shape = pytest.mark.parametrize("shape", SHAPES | SKEWED)


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


def moments_of(nodes: np.ndarray) -> tuple[float, float]:
    """Return mean and variance of a table, integrated cell by cell: it is linear within a cell."""
    tail = tail_points()
    first = second = 0.0
    for half in np.split(nodes.astype(float), 2):
        left, right, width = half[:-1], half[1:], np.diff(tail)
        first += float(np.sum(width * (left + right) / 2)) + tail[0] * half[0]
        second += float(np.sum(width * (left**2 + left * right + right**2) / 3))
        second += tail[0] * half[0] ** 2
    return first, second - first**2


@pytest.mark.parametrize(
    ("shape", "most"), [*((shape, 2e-5) for shape in SHAPES), *((shape, 3e-5) for shape in SKEWED)]
)
def test_mean_and_variance_of_a_table_are_those_of_the_law(shape: str, most: float) -> None:
    law = law_of(part_of(shape))
    mean, variance = moments_of(table_in_seconds(part_of(shape)))
    assert mean == pytest.approx(law.mean(), rel=most)
    assert variance == pytest.approx(law.var(), rel=most)


@each_shape
def test_table_rises_from_one_tail_to_the_other(shape: str) -> None:
    nodes = table_in_seconds(part_of(shape))
    lower, upper = nodes[:TAIL], nodes[TAIL:]
    assert nodes.shape == (NODES,)
    assert nodes.dtype == np.float32
    assert (np.diff(lower) >= 0).all()
    assert (np.diff(upper) <= 0).all()
    assert lower[-1] == upper[-1]
    us = np.sort(np.concatenate([2.0 ** -np.linspace(1, 52, 500), 1 - 2.0 ** -np.linspace(1, 52, 500)]))
    assert (np.diff([chance.quantile(nodes, u) for u in us]) >= 0).all()


@each_shape
@pytest.mark.parametrize("tail", ["lower", "upper"])
def test_quantiles_are_those_of_the_law_in_both_tails(shape: str, tail: str) -> None:
    law, nodes = law_of(part_of(shape)), table_in_seconds(part_of(shape))
    shares = 2.0 ** -np.random.default_rng(3).uniform(1, 48, 1000)
    us = shares if tail == "lower" else 1.0 - shares
    shares = us if tail == "lower" else 1.0 - us
    found = np.array([chance.quantile(nodes, u) for u in us])
    reached = law.cdf(found) if tail == "lower" else law.sf(found)
    close = np.abs(reached / shares - 1) < max(6e-4, GAPS.get(shape, 0.0))
    if hasattr(law, "ppf"):
        exact = law.ppf(us) if tail == "lower" else law.isf(shares)
        close |= np.abs(found - exact) < 4e-4 * exact + 1e-6
    assert close.all()


def test_tail_reaches_draws_of_one_in_2_to_the_52() -> None:
    nodes = table_in_seconds({"kind": "exponential", "mean": 1.0})
    assert chance.quantile(nodes, 1 - 2.0**-53) == pytest.approx(53 * np.log(2), rel=1e-6)
    assert chance.quantile(nodes, 2.0**-53) == pytest.approx(2.0**-53, rel=1e-6)
    assert chance.quantile(nodes, 0.5) == pytest.approx(np.log(2), rel=1e-6)


@each_shape
def test_share_below_inverts_the_quantile(shape: str) -> None:
    nodes = table_in_seconds(part_of(shape))
    rng = np.random.default_rng(5)
    shares = 2.0 ** -rng.uniform(1, 45, 500)
    for u in [*shares, *(1 - shares), *rng.random(500), 0.5]:
        value = chance.quantile(nodes, u)
        share = chance.share_below(nodes, value)
        assert chance.quantile(nodes, share) == pytest.approx(value, rel=1e-9)
        if 0.01 < u < 0.99 and value > nodes[0] and shape not in GAPS:
            assert share == pytest.approx(u, rel=1e-9)


@each_shape
def test_share_below_is_the_distribution_function(shape: str) -> None:
    law, nodes = law_of(part_of(shape)), table_in_seconds(part_of(shape))
    for value in np.quantile(nodes, np.linspace(0.05, 0.95, 40)):
        assert chance.share_below(nodes, value) == pytest.approx(float(law.cdf(value)), abs=2e-4)
    assert chance.share_below(nodes, -1.0) == 0.0
    assert chance.share_below(nodes, float(nodes[0])) == 0.0
    assert chance.share_below(nodes, float(nodes[TAIL])) == 1.0
    assert chance.share_below(nodes, 1e30) == 1.0


@each_shape
def test_mean_that_the_handling_is_made_from_is_the_mean_of_the_law(shape: str) -> None:
    assert mean_of(part_of(shape)) == pytest.approx(law_of(part_of(shape)).mean(), rel=3e-5)


# ---------------------------------------------------------------------------------------------
# atoms

EVEN = (np.arange(4096) + 0.5) / 4096


def test_plain_number_is_always_that_number() -> None:
    assert set(values(7.5, EVEN)) == {7.5}
    assert set(values({"kind": "deterministic", "value": 2.0, "shift": 1.0}, EVEN)) == {3.0}


def test_empirical_values_come_up_in_proportion_and_nothing_between_them() -> None:
    sample = {"kind": "empirical", "values": (10.0, 1.0, 4.0), "weights": (1.0, 2.0, 1.0)}
    found, counts = np.unique(values(sample, EVEN), return_counts=True)
    assert found.tolist() == [1.0, 4.0, 10.0]
    assert counts.tolist() == [2048, 1024, 1024]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=30),
    st.sampled_from((0.0, 0.25, 1.0)),
)
def test_never_a_value_between_atoms(pairs: list[tuple[int, int]], zero: float) -> None:
    given_values, weights = zip(*pairs, strict=True)
    sample = {
        "kind": "empirical", "values": [float(each) for each in given_values],
        "weights": [float(each) for each in weights], "zero": zero, "shift": 100.0,
    }  # fmt: skip
    found = values(sample, [2.0**-53, *EVEN, 1 - 2.0**-53])
    wanted = {each + 100.0 for each in given_values} if zero < 1 else set()
    assert set(found) <= wanted | ({0.0} if zero else set())
    share = {each: (1 - zero) * sum(w for v, w in pairs if v == each) / sum(weights) for each in given_values}
    for each in given_values:
        assert np.mean(found == each + 100.0) == pytest.approx(share[each], abs=2 / 4096)
    assert np.mean(found == 0.0) == pytest.approx(zero, abs=2 / 4096)


@pytest.mark.parametrize("kind", ["exponential", "gamma", "lognormal", "weibull", "hazard"])
def test_zero_and_cap_are_exact_masses_beside_a_continuous_part(kind: str) -> None:
    part = SHAPES[kind] | {"zero": 0.25, "shift": 5.0, "cap": 150.0}
    arrays, index = made(part)
    row = arrays["dists"][index]
    atoms = arrays["atoms"][row["first_atom"] : row["last_atom"] + 1]
    beyond = float(law_of(part_of(kind)).sf(145.0))
    assert atoms["value"].tolist() == [0.0, 150.0]
    assert np.diff(atoms["below"], prepend=0.0) == pytest.approx([0.25, 0.75 * beyond], rel=1e-12)
    assert row["mass"] == atoms["below"][-1]
    found = values(part, EVEN)
    assert np.sum(found == 0.0) == 1024
    assert np.mean(found == 150.0) == pytest.approx(0.75 * beyond, abs=2 / 4096)
    inside = found[(found != 0.0) & (found != 150.0)]
    assert inside.min() >= 5.0
    assert inside.max() <= 150.0


@pytest.mark.parametrize("kind", ["exponential", "uniform", "triangular", "lognormal", "gamma",
                                  "weibull", "hyperexponential", "hazard"])  # fmt: skip
def test_capped_law_is_the_law_below_the_cap(kind: str) -> None:
    law = law_of(part_of(kind))
    cap = {"uniform": 40.0, "triangular": 12.0}.get(kind, 150.0)
    found = np.sort(values(SHAPES[kind] | {"cap": cap}, EVEN))
    inside = found[found < cap]
    assert len(inside) / 4096 == pytest.approx(float(law.cdf(cap)), abs=2 / 4096)
    assert stats.kstest(inside, lambda x: law.cdf(x) / law.cdf(cap)).statistic < max(1e-3, GAPS.get(kind, 0.0) / 4)


def test_shift_moves_every_draw_but_the_zeros() -> None:
    plain = values(SHAPES["lognormal"] | {"zero": 0.5}, EVEN)
    moved = values(SHAPES["lognormal"] | {"zero": 0.5, "shift": 60.0}, EVEN)
    assert (moved[plain == 0] == 0).all()
    assert moved[plain > 0] == pytest.approx(plain[plain > 0] + 60.0, rel=1e-6)


def test_cap_at_the_shift_leaves_one_value() -> None:
    assert set(values({"kind": "exponential", "mean": 9.0, "shift": 5.0, "cap": 5.0}, EVEN)) == {5.0}


def test_share_zero_of_one_leaves_zero() -> None:
    for part in (SHAPES["gamma"], {"kind": "deterministic", "value": 3.0}):
        assert set(values(part | {"zero": 1.0}, EVEN)) == {0.0}


@pytest.mark.parametrize(
    "duration",
    [
        SHAPES["exponential"] | {"zero": 0.3},
        SHAPES["exponential"] | {"cap": 200.0},
        SHAPES["gamma"] | {"zero": 0.1, "cap": 250.0, "shift": 7.0},
        {"kind": "empirical", "values": (1.0, 5.0, 9.0), "zero": 0.2, "cap": 6.0},
        {"kind": "deterministic", "value": 4.0, "zero": 0.5},
    ],
)
def test_mean_of_a_shaped_duration_is_the_mean_of_its_draws(duration: Any) -> None:
    sample = values(duration, (np.arange(40_000) + 0.5) / 40_000)
    assert mean_of(DURATION.validate_python(duration)) == pytest.approx(sample.mean(), rel=1e-3)


# ---------------------------------------------------------------------------------------------
# rounding, and time


@pytest.mark.parametrize(
    ("seconds", "factor", "tick", "wanted"),
    [(2.5, 1.0, 1.0, 2_000_000), (3.5, 1.0, 1.0, 4_000_000), (7.4, 2.0, 5.0, 15_000_000),
     (0.1, 1.0, 1e-6, 100_000), (1.0, 1 / 3, 1e-6, 333_333), (86_400.0, 100.0, 1e-6, 8_640_000_000_000)],
)  # fmt: skip
def test_duration_is_rounded_once_to_a_whole_tick(
    seconds: float, factor: float, tick: float, wanted: int
) -> None:
    arrays, index = made(seconds, tick)
    found = chance.duration_at(
        arrays["dists"], arrays["atoms"], arrays["tables"], index, 0.5, factor, round(tick * 1e6)
    )
    assert found == wanted


def test_equal_durations_share_a_table_and_a_zero_has_none() -> None:
    samplers = Samplers(1.0, {})
    part = part_of("gamma")
    assert samplers.add(part) == samplers.add(part.model_copy())
    assert samplers.add(None) == samplers.add(DURATION.validate_python(0.0)) == NONE
    assert samplers.add_always(DURATION.validate_python(0.0)) != NONE


def test_first_open_window_says_which_distribution_holds() -> None:
    by_time = {
        "kind": "by_time", "otherwise": 9.0,
        "windows": [
            {"hours": "lunch", "then": 1.0},
            {"hours": "day", "then": {
                "kind": "by_time", "windows": [{"hours": "winter", "then": 2.0}], "otherwise": 3.0,
            }},
        ],
    }  # fmt: skip
    arrays, index = made(by_time, hours={"day": 0, "lunch": 1, "winter": 2})
    for open_now, wanted in (
        ((0, 0, 0), 9.0), ((1, 0, 0), 3.0), ((1, 1, 0), 1.0), ((0, 1, 1), 1.0), ((1, 0, 1), 2.0),
        ((0, 0, 1), 9.0),
    ):  # fmt: skip
        found = chance.dist_now(
            arrays["dists"], arrays["selectors"], np.array(open_now, np.int64), index
        )
        value = chance.value_at(arrays["dists"], arrays["atoms"], arrays["tables"], found, 0.5)
        assert value == wanted
    assert chance.dist_now(arrays["dists"], arrays["selectors"], np.zeros(3, np.int64), NONE) == NONE


# ---------------------------------------------------------------------------------------------
# durations already running


def remaining(duration: Any, elapsed: float, us: Any) -> np.ndarray:
    arrays, index = made(duration)
    tables = arrays["dists"], arrays["atoms"], arrays["tables"]
    return np.array([chance.remaining_at(*tables, index, u, elapsed) for u in us])


@each_shape
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_what_remains_follows_the_conditional_distribution(shape: str, share: float) -> None:
    law, nodes = law_of(part_of(shape)), table_in_seconds(part_of(shape))
    elapsed = chance.quantile(nodes, share) if share else 0.0
    found = remaining(part_of(shape), elapsed, np.random.default_rng(11).random(4000))
    assert (found >= 0).all()

    def conditional(x: np.ndarray) -> np.ndarray:
        return 1 - law.sf(elapsed + x) / law.sf(elapsed)

    assert stats.kstest(found, conditional).pvalue > 1e-4


def test_what_remains_of_an_exponential_is_the_exponential() -> None:
    us = np.random.default_rng(12).random(2000)
    whole = values(SHAPES["exponential"], us)
    assert remaining(SHAPES["exponential"], 450.0, us) == pytest.approx(whole, rel=2e-3, abs=1e-2)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(("exponential", "gamma", "uniform")),
    st.sampled_from((0.0, 0.3)),
    st.sampled_from((None, 30.0, 45.0)),
    st.floats(0.0, 50.0),
)
def test_what_remains_is_what_draws_that_last_longer_have_left(
    shape: str, zero: float, cap: float | None, elapsed: float
) -> None:
    duration = SHAPES[shape] | {"zero": zero, "shift": 2.0, "cap": cap}
    whole = values(duration, EVEN)
    left = np.sort(whole[whole > elapsed]) - elapsed
    if len(left) < 500:
        return
    found = np.sort(remaining(duration, elapsed, EVEN))
    middles = (np.arange(50) + 0.5) / 50
    assert np.quantile(found, middles) == pytest.approx(
        np.quantile(left, middles), rel=0.03, abs=0.05 * left.max()
    )
    if cap is not None:
        at_cap = [np.mean(np.isclose(each, cap - elapsed)) for each in (found, left)]
        assert at_cap[0] == pytest.approx(at_cap[1], abs=0.01)
    assert found.min() >= 0


def test_what_remains_of_atoms_is_an_atom_that_is_left() -> None:
    sample = {"kind": "empirical", "values": (1.0, 4.0, 10.0), "weights": (2.0, 1.0, 1.0)}
    for elapsed, wanted in (
        (0.0, {1.0: 2048, 4.0: 1024, 10.0: 1024}),
        (0.5, {0.5: 2048, 3.5: 1024, 9.5: 1024}),
        (1.0, {3.0: 2048, 9.0: 2048}),
        (4.0, {6.0: 4096}),
        (9.5, {0.5: 4096}),
        (10.0, {0.0: 4096}),
        (50.0, {0.0: 4096}),
    ):
        found, counts = np.unique(remaining(sample, elapsed, EVEN), return_counts=True)
        assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == wanted


def test_nothing_remains_of_what_should_be_over() -> None:
    assert set(remaining(SHAPES["uniform"], 50.0, EVEN)) == {0.0}
    assert set(remaining(SHAPES["exponential"] | {"cap": 20.0}, 20.0, EVEN)) == {0.0}
