"""Tables give the stated distributions: continuous laws in both tails, atoms exactly."""

from typing import Any

import numpy as np
import pytest
from engine.laws import (
    DURATION,
    EVEN,
    GAPS,
    SHAPES,
    SKEWED,
    law_of,
    made,
    part_of,
    table_in_seconds,
    values,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from simkcc.engine import chance
from simkcc.engine.chance import NODES, TAIL
from simkcc.engine.samplers import Samplers, mean_of, tail_points
from simkcc.model.contact_log import NONE

each_shape = pytest.mark.parametrize("shape", SHAPES | SKEWED)


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
    us = np.sort(
        np.concatenate([2.0 ** -np.linspace(1, 52, 500), 1 - 2.0 ** -np.linspace(1, 52, 500)])
    )
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
    shares = 2.0 ** -rng.uniform(1, 45, 150)
    for u in [*shares, *(1 - shares), *rng.random(150), 0.5]:
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


def test_plain_number_is_always_that_number() -> None:
    assert set(values(7.5, EVEN)) == {7.5}
    assert set(values({"kind": "deterministic", "value": 2.0, "shift": 1.0}, EVEN)) == {3.0}


def test_empirical_values_come_up_in_proportion_and_nothing_between_them() -> None:
    sample = {"kind": "empirical", "values": (10.0, 1.0, 4.0), "weights": (1.0, 2.0, 1.0)}
    found, counts = np.unique(values(sample, EVEN), return_counts=True)
    assert found.tolist() == [1.0, 4.0, 10.0]
    assert counts.tolist() == [2048, 1024, 1024]


@settings(deadline=None, max_examples=settings.default.max_examples)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=30),
    st.sampled_from((0.0, 0.25, 1.0)),
)
@example(pairs=[(0, 1), (0, 4), (1, 8), (1, 9), (2, 5)], zero=0.0)
def test_never_a_value_between_atoms(pairs: list[tuple[int, int]], zero: float) -> None:
    given_values, weights = zip(*pairs, strict=True)
    sample = {
        "kind": "empirical", "values": [float(each) for each in given_values],
        "weights": [float(each) for each in weights], "zero": zero, "shift": 100.0,
    }  # fmt: skip
    found = values(sample, [2.0**-53, *EVEN, 1 - 2.0**-53])
    wanted = {each + 100.0 for each in given_values} if zero < 1 else set()
    assert set(found) <= wanted | ({0.0} if zero else set())
    share = {
        each: (1 - zero) * sum(w for v, w in pairs if v == each) / sum(weights)
        for each in given_values
    }
    evenly, most = found[1:-1], 1.001 / len(EVEN)  # an interval holds one point more or less
    for each in given_values:
        assert np.mean(evenly == each + 100.0) == pytest.approx(share[each], abs=most)
    assert np.mean(evenly == 0.0) == pytest.approx(zero, abs=most)


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
    assert stats.kstest(inside, lambda x: law.cdf(x) / law.cdf(cap)).statistic < max(
        1e-3, GAPS.get(kind, 0.0) / 4
    )


def test_shift_moves_every_draw_but_the_zeros() -> None:
    plain = values(SHAPES["lognormal"] | {"zero": 0.5}, EVEN)
    moved = values(SHAPES["lognormal"] | {"zero": 0.5, "shift": 60.0}, EVEN)
    assert (moved[plain == 0] == 0).all()
    assert moved[plain > 0] == pytest.approx(plain[plain > 0] + 60.0, rel=1e-6)


def test_cap_at_the_shift_leaves_one_value() -> None:
    assert set(values({"kind": "exponential", "mean": 9.0, "shift": 5.0, "cap": 5.0}, EVEN)) == {
        5.0
    }


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
    assert (
        chance.dist_now(arrays["dists"], arrays["selectors"], np.zeros(3, np.int64), NONE) == NONE
    )
