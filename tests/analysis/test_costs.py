"""Costs of two arms: the bridge adds up, break-evens are roots, conclusions turn there."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simkcc.analysis.columns.usage import MEASURED
from simkcc.analysis.compare import compare_results
from simkcc.analysis.document import run_document
from simkcc.analysis.intervals import Difference
from simkcc.analysis.money import claim
from simkcc.analysis.money.breakeven import (
    COST,
    Assumption,
    assumptions,
    cost_difference,
    is_price,
    straight,
)
from simkcc.analysis.money.bridge import bridge, explain_bridge, step_values
from simkcc.analysis.money.costs import (
    ASSUMED,
    Components,
    components,
    components_document,
    conclude,
    figures,
    net_difference,
)
from simkcc.analysis.results import run
from simkcc.model.files import load_scenario
from simkcc.model.scenario import Evidence, Scenario

STATED = {
    "costs.back_office_hour": 65.0, "costs.resumption": 300.0, "costs.citizen_hour": 15.0,
    "costs.hours_per_fte": 1363.0, "costs.avoided": 1.0, "costs.extra_transfers": 0.0,
    "costs.extra_repeats": 0.0,
}  # fmt: skip
PRICE = "providers.p.per_hour"
HOUR = "groups.kcc.per_hour"
WAGE, FEE, MANAGEMENT = 52.0, 36.0, 50_000.0


def arm(
    label: str, hours: float = 0.0, provider: float = 0.0, noise: tuple[float, ...] = (0.0, 0.0),
    **measured: float,
) -> Components:  # fmt: skip
    """Return an arm of so many hours a year in house and at a provider, plus noise in the latter."""
    one, wobble = np.ones(len(noise)), np.array(noise)
    counts = {name: measured.get(name, 0.0) * one for name in MEASURED}
    counts |= {"front_line_hours": hours * one, "provider_hours": provider + wobble}
    counts["answered"] = measured.get("answered", 293_000.0) * one
    quantities = {"costs.per_year": one}
    prices = {"costs.per_year": 0.0}
    if hours:
        quantities[HOUR], prices[HOUR] = hours * one, WAGE
    if provider:
        quantities |= {PRICE: provider + wobble, "providers.p.management_per_year": one}
        prices |= {PRICE: FEE, "providers.p.management_per_year": MANAGEMENT}
    return Components(label, prices, quantities, counts, dict(STATED))


# The reference arms of the outsourcing of Antwerp: 6 min of a specialist per call put through.
SPECIALIST = {"interruptions": 1000.0, "specialist_hours": 100.0}
AS_IS = arm("as_is", hours=21_450, **SPECIALIST)
EQUAL = arm("equal_sl", hours=27_330, **SPECIALIST)
FULL = arm("full", provider=22_890, **SPECIALIST)
DEDICATED = arm("full_dedicated", provider=26_660, **SPECIALIST)


def turning(first: Components, second: Components, key: str, low: float, high: float) -> Any:
    moved = Assumption(key, None, low, high, (True, True))
    return straight(
        moved, lambda value: cost_difference(COST, first, second, {key: value}, {key: value})
    )


@pytest.mark.parametrize(
    ("first", "second", "key", "expected"),
    [
        (AS_IS, FULL, PRICE, (21_450 * 52 - 50_000) / 22_890),
        (EQUAL, FULL, PRICE, (27_330 * 52 - 50_000) / 22_890),
        (AS_IS, DEDICATED, PRICE, (21_450 * 52 - 50_000) / 26_660),
        (AS_IS, FULL, "costs.avoided", (22_890 * 36 + 50_000) / (21_450 * 52)),
        (AS_IS, FULL, "costs.extra_transfers",
         (21_450 * 52 - 22_890 * 36 - 50_000) / (293_000 * (360 + 300) / 3600 * 65)),
        (AS_IS, FULL, "costs.extra_repeats",
         (21_450 * 52 - 22_890 * 36 - 50_000) / (22_890 * 36)),
    ],
)  # fmt: skip
def test_break_even_is_the_closed_form(
    first: Components, second: Components, key: str, expected: float
) -> None:
    found = turning(first, second, key, 0.0, 100.0)
    assert found.value == pytest.approx(expected)
    assert found.status == "turns"


def test_figures_of_the_published_example_come_out() -> None:
    found = bridge(EQUAL, FULL)
    steps = {name: round(each.mean, -3) for name, each in found.steps.items()}
    assert steps == {
        "hours": -231_000, "price": -366_000, "fixed": 0, "management": 50_000, "transfers": 0,
        "repeats": 0, "kept": 0,
    }  # fmt: skip
    assert found.price_share == pytest.approx(0.6, abs=0.02)
    assert FULL.transfer_cost == pytest.approx(11.9, abs=0.05)


amounts = st.integers(0, 100_000).map(float)
arms = st.builds(
    lambda label, hours, provider, noise, answered, disturbed, talk: arm(
        label, hours, provider, (noise, -noise / 2, 0.0), answered=answered,
        interruptions=disturbed, specialist_hours=talk,
    ),
    st.sampled_from("ab"), amounts, amounts, st.floats(0, 50), st.integers(1, 10**6).map(float), amounts, amounts,
)  # fmt: skip
values = st.fixed_dictionaries(
    {},
    optional={
        PRICE: st.floats(0, 200), HOUR: st.floats(0, 200), "costs.avoided": st.floats(0, 1),
        "costs.extra_transfers": st.floats(0, 1), "costs.extra_repeats": st.floats(0, 1),
        "costs.resumption": st.floats(0, 2000), "costs.back_office_hour": st.floats(0, 200),
    },
)  # fmt: skip


@settings(deadline=None)
@given(arms, arms, values)
def test_steps_of_the_bridge_add_up_to_the_difference(
    first: Components, second: Components, given_values: dict[str, float]
) -> None:
    moved = first.at(given_values), second.at(given_values)
    steps = np.sum(list(step_values(*moved).values()), axis=0)
    whole = net_difference(first, second, given_values)
    assert steps == pytest.approx(whole, rel=1e-9, abs=1e-3)
    found = bridge(first, second, given_values)
    total = found.start.mean + sum(each.mean for each in found.steps.values())
    assert total == pytest.approx(found.end.mean, rel=1e-9, abs=1e-3)


@settings(deadline=None)
@given(arms, arms, st.sampled_from([PRICE, "costs.avoided", "costs.extra_transfers"]))
def test_break_even_equals_the_root_that_bisection_finds(
    first: Components, second: Components, key: str
) -> None:
    low, high = 0.0, 1.0 if key != PRICE else 200.0

    def at(value: float) -> float:
        return float(net_difference(first, second, {key: value}).mean())

    found = turning(first, second, key, low, high)
    if at(low) * at(high) >= 0:
        assert found.value is None or min(abs(at(low)), abs(at(high))) < 1e-3
        return
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle) * at(high) <= 0 else (low, middle)
    assert found.value == pytest.approx(low, abs=1e-6)


def test_each_value_alone_moves_the_difference_along_a_straight_line() -> None:
    second = arm("b", 5000, 20_000, (0.0, 100.0), **SPECIALIST)
    for key in (PRICE, HOUR, "providers.p.management_per_year", "costs.per_year", *ASSUMED):
        at = [net_difference(AS_IS, second, {key: value}).mean() for value in (0.0, 0.5, 1.0)]
        assert at[1] == pytest.approx((at[0] + at[2]) / 2), key
        assert is_price(key)


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [(PRICE, "cheaper", "dearer"), ("costs.avoided", "dearer", "cheaper"),
     ("costs.extra_transfers", "cheaper", "dearer")],
)  # fmt: skip
def test_the_word_of_the_conclusion_changes_where_the_assumption_turns(
    key: str, before: str, after: str
) -> None:
    second = arm("full", provider=22_890, noise=(30.0, -30.0, 10.0, -10.0), **SPECIALIST)
    first = arm("as_is", hours=21_450, noise=(0.0,) * 4, **SPECIALIST)
    found = turning(first, second, key, 0.0, 100.0)
    edge = 1.01 * found.half_width
    assert found.half_width > 0
    words = [
        conclude(first, second, {key: found.value + shift}).word for shift in (-edge, 0.0, edge)
    ]
    assert words == [before, "no detectable difference", after]


def test_staff_that_is_freed_counts_only_as_far_as_less_is_rostered_in_house() -> None:
    partly = arm("partly", hours=10_000, provider=5000, **SPECIALIST)
    assert net_difference(AS_IS, partly, {"costs.avoided": 0.25}) == pytest.approx(
        10_000 * 52 + 5000 * 36 + 50_000 - 21_450 * 52 + 0.75 * 11_450 * 52
    )
    assert net_difference(AS_IS, EQUAL, {"costs.avoided": 0.0}) == pytest.approx(5880 * 52)


def test_an_arm_is_not_charged_for_the_second_line_of_callers_the_other_leaves_unanswered() -> None:
    first = arm("a", hours=1000, answered=1000.0, interruptions=100.0, specialist_hours=10.0)
    more = arm("b", hours=1000, answered=2000.0, interruptions=200.0, specialist_hours=20.0)
    assert net_difference(first, more) == pytest.approx(0.0)
    worse = arm("c", hours=1000, answered=2000.0, interruptions=300.0, specialist_hours=30.0)
    assert net_difference(first, worse) == pytest.approx((10 + 100 / 12) * 65)


def test_a_contract_by_the_call_is_price_of_labour_in_the_bridge() -> None:
    key = "providers.p.per_call"
    second = arm("calls", provider=1000.0)
    second = Components(
        "calls", second.prices | {PRICE: 0.0, key: 2.0},
        second.quantities | {key: np.array([10_000.0, 10_000.0])}, second.measured, second.assumed,
    )  # fmt: skip
    steps = bridge(AS_IS, second).steps
    assert steps["hours"].mean == pytest.approx((1000 - 21_450) * 52)
    assert steps["price"].mean == pytest.approx(1000 * (20 - 52))


def test_costs_are_per_answered_call_and_per_question_with_back_office() -> None:
    made = arm("a", hours=1363.0, answered=1000.0, resolved=500.0, specialist_hours=100.0)
    found = figures(made)
    assert found["fte"].mean == pytest.approx(1)
    assert found["budget_per_call"].mean == pytest.approx(1363 * 52 / 1000)
    assert found["cost_per_question"].mean == pytest.approx((1363 * 52 + 6500) / 500)
    assert found["budget"].half_width == 0


def test_components_as_json_are_enough_to_compute_the_difference_anew() -> None:
    second = arm("full", provider=22_890, noise=(30.0, -30.0), **SPECIALIST)
    read = [json.loads(json.dumps(components_document(each))) for each in (AS_IS, second)]

    def budget(document: dict[str, Any]) -> Any:
        amounts = document["quantities"]
        lines = [
            document["prices"][key] * np.array(each["per_replication"])
            for key, each in amounts.items()
            if document["columns"][key] in ("front_line", "provider", "management", "fixed")
        ]
        return np.sum(lines, axis=0)

    assert budget(read[1]) - budget(read[0]) == pytest.approx(net_difference(AS_IS, second))


# ---------------------------------------------------------------------------------------------
# words


def change(mean: float, half: float = 1.0) -> Difference:
    return Difference(mean, mean - half, mean + half, 0.0, 4)


@pytest.mark.parametrize(
    ("service", "price", "word"),
    [(10.0, 36.0, claim.HOLDS), (0.0, 36.0, "only cheaper"), (-10.0, 36.0, "not better"),
     (10.0, 48.0, "dearer"), (10.0, (21_450 * 52 - 50_000) / 22_890, "cost unclear")],
)  # fmt: skip
def test_the_claim_is_judged_on_service_and_cost_together(
    service: float, price: float, word: str
) -> None:
    second = arm("full", provider=22_890, noise=(30.0, -30.0), **SPECIALIST)
    cost = conclude(AS_IS, second, {PRICE: price})
    assert claim.judge(change(service), cost) == word
    for lang in ("nl", "en"):
        said = claim.verdict(AS_IS, second, change(service), {PRICE: price}, lang)
        assert said == claim.WORDS[word][lang]


def test_sentences_say_price_share_break_even_and_counter_evidence_in_both_languages() -> None:
    (saving, _) = explain_bridge(bridge(EQUAL, FULL), 1000.0)
    assert saving.endswith("About 61% of the gross saving is the price of labour, not efficiency.")
    (saving, _) = explain_bridge(bridge(EQUAL, FULL), 1000.0, "nl")
    assert "Ongeveer 61 % van de brutobesparing is de prijs van arbeid" in saving
    found = [turning(AS_IS, FULL, PRICE, 30.0, 75.0), turning(EQUAL, FULL, HOUR, 51.0, 60.0)]
    said = claim.refutation("as_is", "full", found)
    assert "the price of an hour at p above EUR 46.5 (± 0)" in said
    assert "kcc" not in said
    assert claim.refutation("a", "b", found[1:]).startswith("None of the assumptions tried")
    known = [Evidence(nl="Terug.", en="Back.", source="a paper"), Evidence()]
    assert claim.counter_evidence(known, "nl") == ["Er spreekt tegen: Terug. [a paper]"]


def test_no_price_share_where_price_is_the_same() -> None:
    assert bridge(EQUAL, AS_IS).price_share is None
    assert len(explain_bridge(bridge(EQUAL, AS_IS), 1.0)) == 1


# ---------------------------------------------------------------------------------------------
# which assumptions

FILE = """
[hours.open]
daily = ["08:00-18:00"]
[topics.calls]
per_hour = { value = 60, mark = "A", range = [40, 80] }
hours = "open"
[handling]
aht = { value = 180, mark = "A" }
[patience]
kind = "exponential"
mean = { value = 300, mark = "D", range = [200, 400] }
[queues.kcc]
routes = [{ group = "kcc" }]
[groups.kcc]
agents = { value = 3, mark = "A", range = [2, 5] }
hours = "open"
per_hour = { value = 52, mark = "A", range = [45, 60] }
[providers.p]
per_hour = { value = 36, mark = "A", range = [30, 75] }

[variants.a]
[variants.b]
topics.calls.per_hour = { value = 50, mark = "A", range = [30, 80] }
groups.kcc.agents = 4
"""


def test_assumptions_are_numbers_marked_a_with_a_range_moved_where_they_are_assumed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file.toml"
    path.write_text(FILE)
    found = {
        each.key: each for each in assumptions(load_scenario(path, "a"), load_scenario(path, "b"))
    }
    assert set(found) == {
        "topics.calls.per_hour", "groups.kcc.agents", "groups.kcc.per_hour", PRICE,
    }  # fmt: skip
    assert found["topics.calls.per_hour"].arms == (False, True)
    assert found["topics.calls.per_hour"].value == 50
    assert found["groups.kcc.agents"].arms == (True, False)
    assert found[PRICE].arms == (True, True)
    assert [each.key for each in found.values() if each.only_costs] == [HOUR, PRICE]


def test_investments_and_yearly_costs_of_the_documents_stand_in_their_own_column() -> None:
    """26,949.20 a year and 106,599.56 over five years, whatever the rosters cost."""
    path = Path(__file__).parents[2] / "scenarios" / "sint-katelijne-waver.toml"
    scenario = load_scenario(path, "phase_3", ["horizon.weeks=2", "horizon.days=absent"]).scenario
    found = figures(components(run(scenario, replications=2)))["fixed"]
    assert found.mean == pytest.approx(26_949.20 + 106_599.56 / 5, abs=1)


def test_cost_per_question_is_that_of_the_table() -> None:
    path = Path(__file__).parents[2] / "scenarios" / "sint-katelijne-waver.toml"
    scenario = load_scenario(path, "phase_3", ["horizon.weeks=2", "horizon.days=absent"]).scenario
    result = run(scenario, replications=2)
    table = figures(components(result))["cost_per_question"]
    assert result.interval("cost_per_question").mean == pytest.approx(table.mean)


UNPRICED: dict[str, Any] = {
    "horizon": {"days": 2}, "hours": {"open": {"daily": ["09:00-12:00"]}},
    "topics": {"calls": {"per_hour": 10, "hours": "open", "handling": {"aht": 120}}},
    "queues": {"kcc": {"routes": [{"group": "team"}]}},
    "groups": {"team": {"agents": 2, "hours": "open"}},
}  # fmt: skip


def test_where_no_price_is_given_cost_is_unknown_and_a_price_of_zero_costs_nothing() -> None:
    unknown = run(Scenario.model_validate(UNPRICED), replications=2)
    free = run(Scenario.model_validate(UNPRICED | {"costs": {"per_year": 0}}), replications=2)
    for metric in ("cost", "cost_per_call", "cost_per_question"):
        found = run_document(unknown)["metrics"][metric]
        assert (found["mean"], found["status"]) == (None, "no price given")
        assert free.interval(metric).mean == 0
    gap = compare_results([free, unknown]).find(unknown.label, "cost")
    assert np.isnan(gap.difference.mean), "dearer or cheaper than what is unknown"
