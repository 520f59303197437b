"""What is left of a duration that already runs follows the conditional distribution."""

from typing import Any

import numpy as np
import pytest
from engine.laws import EVEN, SHAPES, SKEWED, law_of, made, part_of, table_in_seconds, values
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from seeds import few_of

from simkcc.engine import chance

each_shape = pytest.mark.parametrize("shape", SHAPES | SKEWED)


def remaining(duration: Any, elapsed: float, us: Any) -> np.ndarray:
    arrays, index = made(duration)
    tables = arrays["dists"], arrays["atoms"], arrays["tables"]
    return np.array([chance.remaining_at(*tables, index, u, elapsed) for u in us])


@each_shape
@pytest.mark.parametrize("share", few_of([0.5, 0.0, 0.2, 0.9, 0.999], 1))
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


@settings(deadline=None, max_examples=settings.default.max_examples)
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
