"""The shipped outsourcing scenario: signs and orderings of its conclusions, not their points."""

from functools import lru_cache
from pathlib import Path

import pytest

from simkcc.analysis.expected import expectations_met
from simkcc.analysis.money.breakeven import COST, Assumption, BreakEven, cost_difference, straight
from simkcc.analysis.money.bridge import bridge
from simkcc.analysis.money.costs import Components, components, conclude
from simkcc.analysis.results import Result, deflation, run
from simkcc.model.files import load_all, load_scenario

FILE = Path(__file__).parents[2] / "scenarios" / "antwerp-outsourcing.toml"
PRICE = "providers.callcentre.per_hour"
ARMS = ("as_is", "equal_sl", "full", "full_dedicated", "per_line")

SPRING = ("horizon.start=2023-03-13", "horizon.weeks=16")
"""Sixteen weeks whose months are average, so that rosters by month cost what they do in a year."""


@lru_cache
def arms() -> dict[str, Result]:
    base = load_scenario(FILE, "as_is", SPRING).scenario
    scale = deflation(base, base.seed)
    return {
        name: run(load_scenario(FILE, name, SPRING).scenario, variant=name, replications=3,
                  callers_per_attempt=scale)
        for name in ARMS
    }  # fmt: skip


def of(name: str) -> Components:
    return components(arms()[name])


def turning(first: str, second: str, key: str, low: float, high: float) -> BreakEven:
    def curve(value: float):
        return cost_difference(COST, of(first), of(second), {key: value}, {key: value})

    return straight(Assumption(key, None, low, high, (True, True)), curve)


def test_every_variant_is_a_valid_file_whose_numbers_are_marked() -> None:
    found = load_all(FILE)
    assert {"as_is", "equal_sl", "hybrid_2022", "full", "full_dedicated", "more_transfers",
            "partial_1", "partial_2", "partial_3", "per_line"} <= set(found)  # fmt: skip
    for loaded in found.values():
        assert not loaded.warnings
        assert loaded.marks[PRICE].limits == (30, 75)


@pytest.mark.slow
def test_expectations_of_the_arms_come_out() -> None:
    judged = expectations_met(arms()["as_is"].scenario.expectations, list(arms().values()))
    assert len(judged) >= 9
    assert [met.expectation for met in judged if not met.met] == []


@pytest.mark.slow
def test_the_claim_holds_at_the_stated_price_and_turns_within_the_stated_ranges() -> None:
    assert conclude(of("as_is"), of("full")).word == "cheaper"
    pooled = turning("as_is", "full", PRICE, 30, 75)
    dedicated = turning("as_is", "full_dedicated", PRICE, 30, 75)
    fair = turning("equal_sl", "full", PRICE, 30, 75)
    assert 36 < dedicated.value < pooled.value < fair.value < 75
    for key, high in (("costs.avoided", 1.0), ("costs.extra_transfers", 0.15)):
        found = turning("as_is", "full", key, 0.0, high)
        assert found.status == "turns"
        for value, word in ((0.8 * found.value, -1), (1.2 * found.value, 1)):
            dearer = word if key != "costs.avoided" else -word
            change = conclude(of("as_is"), of("full"), {key: value})
            assert change.word == ("dearer" if dearer > 0 else "cheaper")


@pytest.mark.slow
def test_most_of_the_saving_is_the_price_of_labour_and_lines_apart_lose_pooling() -> None:
    found = bridge(of("equal_sl"), of("full"))
    assert found.steps["hours"].mean < 0
    assert found.steps["price"].mean < found.steps["hours"].mean
    assert 0.5 < found.price_share < 0.7
    hours = {name: of(name).rostered_hours.mean() for name in ("per_line", "full_dedicated")}
    assert 1.25 < hours["per_line"] / hours["full_dedicated"] < 1.5
