"""Shares of topics as they are written: few digits, and 1 together."""

import math

from hypothesis import given
from hypothesis import strategies as st

from simkcc.calibration.measure import shares_of

AMOUNTS = st.lists(st.integers(0, 200_000).map(float), min_size=1, max_size=40).filter(sum)


@given(AMOUNTS)
def test_rounded_shares_add_up_to_one(amounts: list[float]) -> None:
    found = shares_of(amounts)
    assert abs(math.fsum(found) - 1) < 1e-9
    for share, amount in zip(found, amounts, strict=True):
        assert abs(share - amount / sum(amounts)) < 1e-5
        assert share == round(share, 5)


@given(AMOUNTS)
def test_shares_that_add_up_by_themselves_are_just_rounded(amounts: list[float]) -> None:
    plain = [round(amount / sum(amounts), 5) for amount in amounts]
    steps = [1e5 * amount / sum(amounts) for amount in amounts]
    ties = any(abs(step % 1 - 0.5) < 1e-6 for step in steps)
    if abs(math.fsum(plain) - 1) < 1e-9 and not ties:
        assert shares_of(amounts) == plain


def test_three_thirds_are_one() -> None:
    assert shares_of([1.0, 1.0, 1.0]) == [0.33334, 0.33333, 0.33333]
