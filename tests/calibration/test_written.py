"""What is written of a fit: shares with few digits and 1 together, and no file that would be refused."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import SMALL

from simkcc.calibration.measure import shares_of
from simkcc.calibration.variant import check_text
from simkcc.errors import ScenarioError

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


def test_a_variant_that_would_be_refused_is_told_without_the_file_it_was_tried_in(
    tmp_path: Path,
) -> None:
    with pytest.raises(ScenarioError) as caught:
        check_text(f"{SMALL}\n[variants.measured]\nmenu.lenght = 3\n", tmp_path, "measured")
    (said,) = caught.value.complaints
    assert said.startswith("what was measured: variants.measured.menu.lenght: unknown key")


def test_a_log_of_two_weeks_leaves_the_roster_as_it_was(build) -> None:
    found = build(horizon__weeks=2).measured()
    assert not [path for path in found.settings if path.startswith("groups.team.")]
    assert not [each for each in found.estimates if each.path.startswith("groups.team.")]
    assert any("the roster of team stays as it was" in each.en for each in found.said)


def test_a_log_of_three_weeks_gives_every_weekday_its_roster(build) -> None:
    found = build(horizon__weeks=3).measured()
    assert {f"groups.team.roster.{day}" for day in ("mon", "tue", "wed", "thu", "fri")} <= {
        each.path for each in found.estimates
    }
    assert found.settings["groups.team.roster.minutes"] == 30
