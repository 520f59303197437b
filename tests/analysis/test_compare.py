"""Scenarios side by side: what is called different, where it turns, and what is said about it."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from arms import arm, load_small
from small import SMALL

from simkcc.analysis.compare import (
    MOST_TRIES,
    Compared,
    Comparison,
    Turn,
    compare,
    compare_results,
    difference,
    headlines,
    turn,
)
from simkcc.analysis.document import comparison_document
from simkcc.analysis.expected import expectations_met
from simkcc.analysis.inputs import Drawn
from simkcc.analysis.intervals import Difference, holm
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.results import Result, grow, run
from simkcc.analysis.status import Status
from simkcc.errors import SettingError
from simkcc.model.expectation import Expectation, TurningPoint
from simkcc.model.files import load_scenario
from simkcc.model.words import Words

NOTHING = "no detectable difference"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare") / "small.toml"
    path.write_text(SMALL)
    return path


def small_run(path: Path, variant: str | None, seed: int, replications: int = 4) -> Result:
    """Return a run of a variant of the small centre."""
    scenario = load_scenario(path, variant).scenario
    return run(
        scenario, name="small", variant=variant, seed=seed, replications=replications, jobs=1
    )


@lru_cache
def small_comparison(path: Path) -> Comparison:
    """Return all variants of the small centre side by side."""
    names = (None, "same", "more", "short")
    return compare([load_scenario(path, name) for name in names], jobs=1)


# ---------------------------------------------------------------------------------------------
# noise


def test_identical_arms_differ_by_exactly_zero_in_everything(path: Path) -> None:
    comparison = small_comparison(path)
    found = [each for each in comparison.differences if each.arm == "same"]
    assert [each.metric for each in found] == [*METRICS, *PERCENTILES]
    for each in found:
        values = (each.difference.mean, each.difference.low, each.difference.high)
        missing = math.isnan(comparison.arms[0].interval(each.metric).mean)
        assert all(map(math.isnan, values)) if missing else values == (0.0, 0.0, 0.0)
        assert each.verdict == NOTHING


def test_headline_figures_are_corrected_together_and_the_others_over_everything(
    path: Path,
) -> None:
    comparison = small_comparison(path)
    found = comparison.differences
    assert len(found) == 3 * (len(METRICS) + len(PERCENTILES))
    main = [each for each in found if each.metric in comparison.headlines]
    assert len(main) == 3 * len(comparison.headlines)
    expected = holm([each.difference.p for each in main])
    np.testing.assert_array_equal([each.p_holm for each in main], expected)
    rest = [i for i, each in enumerate(found) if each.metric not in comparison.headlines]
    over_all = holm([each.difference.p for each in found])
    np.testing.assert_array_equal([found[i].p_holm for i in rest], [over_all[i] for i in rest])
    assert any(each.p_holm > 2 * each.difference.p > 0 for each in main)


def test_headlines_are_chosen_by_the_norms_and_stated_beforehand() -> None:
    scenario = load_small()
    assert headlines(scenario) == (
        "sl2", "time_to_human", "abandonment", "accessibility_r1", "cost", "citizen_hours",
    )  # fmt: skip
    norms = scenario.norms.model_copy(update={"service_level": "sl6", "accessibility": "r5"})
    stated = (ordering("higher", "aht"), ordering("lower", "cost"))
    value = Expectation(metric="occupancy", value=0.8, tolerance=0.1, basis="input")
    changed = scenario.model_copy(
        update={"norms": norms, "expectations": (*stated, value), "turning_points": (POINT,)}
    )
    assert headlines(changed) == (
        "sl6", "time_to_human", "abandonment", "accessibility_r5", "cost", "citizen_hours", "aht",
        "sl2",
    )  # fmt: skip


def test_a_difference_that_the_correction_undoes_is_no_difference(path: Path) -> None:
    borderline = [
        each
        for each in small_comparison(path).differences
        if each.difference.p < 0.05 < each.p_holm
    ]
    assert borderline
    assert {each.verdict for each in borderline} == {NOTHING}


@pytest.mark.slow
def test_other_seeds_of_the_same_centre_are_called_different_seldom(path: Path) -> None:
    trials = [
        compare_results([small_run(path, None, 2 * seed), small_run(path, "same", 2 * seed + 1)])
        for seed in range(100)
    ]
    fooled = [
        trial for trial in trials if any(each.verdict != NOTHING for each in trial.differences)
    ]
    assert len(fooled) <= 11  # 5 in the mean; 11 is the 99.6 % quantile of chance
    assert all(trial.find("same", "asa").difference.mean != 0 for trial in trials)


@pytest.mark.slow  # thirty replications
def test_common_callers_beat_other_callers(path: Path) -> None:
    base, *others = small_run(path, None, 1, 10), *(small_run(path, "short", n, 10) for n in (1, 2))
    for metric in ("sl2", "asa", "time_to_human", "abandonment"):
        found = [difference(base, other, metric) for other in others]
        same, different = (each.high - each.low for each in found)
        assert same < 0.6 * different, metric


def test_differences_are_arm_minus_baseline(path: Path) -> None:
    comparison = small_comparison(path)
    assert comparison.find("more", "rostered_hours").verdict == "higher"
    assert comparison.find("more", "time_to_human").verdict == "lower"
    assert comparison.find("short", "menu_time").verdict == "lower"
    less = comparison.find("short", "menu_time").difference.mean
    arms = [comparison.result(name).interval("menu_time").mean for name in ("short", "small")]
    assert less == pytest.approx(arms[0] - arms[1])


def test_replications_added_later_are_those_made_at_once(path: Path) -> None:
    grown, at_once = small_run(path, None, 3, 2), small_run(path, None, 3, 5)
    grow(grown, 3, jobs=1)
    grow(grown, 5, jobs=1)
    grow(grown, 4, jobs=1)
    for metric in ("sl2", "wait_p90", "cost"):
        np.testing.assert_equal(grown.interval(metric), at_once.interval(metric))


def test_figures_alone_are_the_same_as_among_all(path: Path) -> None:
    scenario = load_scenario(path, "short").scenario
    few = run(scenario, seed=1, replications=2, jobs=1, only=("asa", "wait_p90"))
    every = small_run(path, "short", 1, 2)
    for metric in ("asa", "wait_p90"):
        np.testing.assert_equal(few.interval(metric), every.interval(metric))


def test_one_arm_and_one_replication_are_refused(path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be compared"):
        compare_results([small_run(path, None, 1)])
    with pytest.raises(SettingError, match="single replication"):
        compare_results([small_run(path, None, 1, 1), small_run(path, "same", 1, 4)])


# ---------------------------------------------------------------------------------------------
# figures without a mean, and draws of the inputs


GROWS = Status("diverges", "Er zijn 2 uur per dag te weinig.", "It is 2 hours a day short.")


def test_figures_that_diverge_have_no_mean_and_no_difference() -> None:
    stable, growing = arm("old", asa=20.0), arm("new", asa=[30.0, 31.0, 30.5, 31.5])
    growing.statuses["asa"] = GROWS
    assert math.isnan(growing.interval("asa").mean)
    for results in ((stable, growing), (growing, stable)):
        comparison = compare_results(results)
        found = comparison.find(results[1].label, "asa")
        assert math.isnan(found.difference.mean)
        assert found.verdict == "diverges"
        document = comparison_document(comparison, split=False)
        arms = {each["variant"]: each["metrics"]["asa"] for each in document["arms"]}
        assert (arms["new"]["mean"], arms["new"]["status"]) == (None, "diverges")
        assert arms["new"]["sentence"]["en"] == "It is 2 hours a day short."
        assert arms["old"]["mean"] == 20.0
        assert "sentence" not in arms["old"]
    assert compare_results([stable, growing]).find("new", "cost").verdict == NOTHING


def test_other_statuses_leave_a_figure_its_mean() -> None:
    result = arm("new", asa=30.0)
    result.statuses["asa"] = Status("remark", "", "")
    assert result.interval("asa").mean == 30.0


def drawn(above: int, below: int, same: int = 0) -> Drawn:
    return Drawn((1.0,) * above + (-1.0,) * below + (0.0,) * same)


@pytest.mark.parametrize(
    ("mean", "inputs", "verdict"),
    [
        (2.0, None, "higher"),
        (2.0, drawn(9, 1), "higher"),
        (2.0, drawn(8, 2), "depends on assumptions"),
        (2.0, drawn(8, 0, 2), "depends on assumptions"),
        (2.0, drawn(0, 10), "depends on assumptions"),
        (-2.0, drawn(0, 10), "lower"),
        (-2.0, drawn(2, 8), "depends on assumptions"),
        (0.5, drawn(10, 0), NOTHING),
    ],
)
def test_a_difference_holds_beyond_noise_and_in_nine_draws_of_ten(
    mean: float, inputs: Drawn | None, verdict: str
) -> None:
    found = Difference(mean, mean - 1.0, mean + 1.0, 0.001, 10)
    assert Compared("a", "b", "asa", found, 0.001, inputs=inputs).verdict == verdict


def test_an_arm_without_data_is_never_different() -> None:
    results = [arm("old", asa=20.0), arm("new", asa=math.nan)]
    assert compare_results(results).find("new", "asa").verdict == NOTHING


# ---------------------------------------------------------------------------------------------
# turning points


POINT = TurningPoint(
    metric="sl2", first="short", second="long", key="menu.hang_up", low=0.0, high=1.0,
    meaning=Words(en="the chance of hanging up", nl="de kans op ophangen"),
)  # fmt: skip

Curve = Callable[[float], Difference]


def exactly(function: Callable[[float], float], half: float = 0.0) -> Curve:
    """Return a curve of differences that is known to within `half`."""

    def curve(value: float) -> Difference:
        mean = function(value)
        return Difference(mean, mean - half, mean + half, 0.5, 4)

    return curve


def test_linear_difference_turns_where_it_is_zero() -> None:
    found = turn(POINT, exactly(lambda value: 2 * (value - 0.3), half=0.05))
    assert found.value == pytest.approx(0.3)
    assert (found.at_low, found.at_high) == (pytest.approx(-0.6), pytest.approx(1.4))
    assert found.half_width == pytest.approx(0.05 / 2)


def test_falling_difference_turns_too() -> None:
    assert turn(POINT, exactly(lambda value: 0.3 - value)).value == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("function", "zero"),
    [
        (lambda value: value**3 - 0.3, 0.3 ** (1 / 3)),
        (lambda value: 0.5 - math.exp(-20 * value), math.log(2) / 20),
        (lambda value: math.exp(8 * value) - 5, math.log(5) / 8),
        (lambda value: math.tanh(9 * (value - 0.7)), 0.7),
    ],
)
def test_bent_difference_turns_within_what_is_stated(
    function: Callable[[float], float], zero: float
) -> None:
    found = turn(POINT, exactly(function))
    assert found.value is not None
    assert found.half_width is not None
    assert abs(found.value - zero) <= found.half_width + 1e-12


@pytest.mark.parametrize("seed", range(20))
def test_noisy_difference_turns_within_its_noise(seed: int) -> None:
    random = np.random.default_rng(seed)
    sd = 0.02
    found = turn(POINT, exactly(lambda x: 2 * (x - 0.3) + sd * random.standard_normal(), 2 * sd))
    assert found.value is not None
    assert found.half_width == pytest.approx(0.02, rel=0.2)
    assert abs(found.value - 0.3) < 2 * 0.02


def test_no_turn_within_the_range() -> None:
    for sign in (1, -1):
        found = turn(POINT, exactly(lambda value, sign=sign: sign * (value + 1), half=0.1))
        assert (found.value, found.half_width, found.clear) == (None, None, True)
        assert found.at_high == 2 * sign


@pytest.mark.parametrize("zero", [0.0, 1.0])
def test_zero_at_an_edge_is_no_change_of_sign(zero: float) -> None:
    found = turn(POINT, exactly(lambda value: value - zero))
    assert found.value is None
    assert not found.clear


def test_noise_at_the_edges_and_missing_figures_are_not_clear() -> None:
    assert not turn(POINT, exactly(lambda value: value + 1, half=1.5)).clear
    missing = turn(POINT, exactly(lambda value: math.nan))
    assert (missing.value, missing.clear) == (None, False)


def test_turning_tries_no_more_often_than_it_says() -> None:
    tried: list[float] = []

    def curve(value: float) -> Difference:
        tried.append(value)
        return exactly(lambda x: math.exp(8 * x) - 5)(value)

    turn(POINT, curve)
    assert len(tried) <= MOST_TRIES
    assert all(0 <= value <= 1 for value in tried)


# ---------------------------------------------------------------------------------------------
# expectations


def ordering(sign: str, metric: str = "sl2") -> Expectation:
    return Expectation(metric=metric, variant="new", versus="old", sign=sign, basis="predicted")


def test_orderings_are_met_only_beyond_noise() -> None:
    old, wide = arm("old", sl2=0.5), [0.0, 1.0, 0.2, 1.0]
    for figure, outcome in ((0.6, "higher"), (0.4, "lower"), (0.5, "equal"), (wide, "equal")):
        results = [old, arm("new", sl2=figure)]
        judged = expectations_met([ordering(s) for s in ("higher", "lower", "equal")], results)
        assert [each.expectation.sign for each in judged if each.met] == [outcome]
        assert judged[0].found == pytest.approx(np.mean(figure) - 0.5)


def test_values_are_met_within_their_tolerance() -> None:
    results = [arm("old", asa=18.0), arm("new", asa=25.0)]

    def judge(**stated: object) -> list[bool]:
        each = Expectation.model_validate({"metric": "asa", "basis": "fitted"} | stated)
        return [met.met for met in expectations_met([each], results)]

    assert judge(variant="old", value=20.0, tolerance=2.0) == [True]
    assert judge(variant="old", value=20.0, tolerance=1.9) == [False]
    assert judge(value=20.0, tolerance=3.0) == [True, False]
    assert judge(variant="elsewhere", value=20.0, tolerance=3.0) == []


def test_values_that_do_not_exist_are_not_met() -> None:
    result = arm("old", sl7=math.nan)
    each = Expectation(metric="sl7", value=0.7, tolerance=1.0, basis="fitted")
    assert [met.met for met in expectations_met([each], [result])] == [False]


def test_orderings_between_variants_that_were_not_run_are_left_out() -> None:
    assert expectations_met([ordering("higher")], [arm("new"), arm("other")]) == []


# ---------------------------------------------------------------------------------------------
# JSON


def numbers_in(document: object) -> list[float]:
    if isinstance(document, dict):
        return [each for inner in document.values() for each in numbers_in(inner)]
    if isinstance(document, list):
        return [each for inner in document for each in numbers_in(inner)]
    return [document] if isinstance(document, float) else []


@pytest.mark.parametrize("split", [True, False])
def test_documents_are_json_without_nan(path: Path, split: bool) -> None:
    point = POINT.model_copy(update={"second": "more"})
    turns = (Turn(point, math.nan, math.inf, None, None), Turn(point, -0.1, 0.1, 0.4, 0.02))
    comparison = replace(small_comparison(path), turns=turns)
    document = comparison_document(comparison, split=split)
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert all(map(math.isfinite, numbers_in(document)))
    assert len(document["arms"]) == 4
    assert document["turning_points"][0]["differences_at_range"] == [None, None]


def test_figures_without_data_say_so(path: Path) -> None:
    document = comparison_document(small_comparison(path), split=False)
    found = document["arms"][0]["metrics"]["take_back_time"]
    assert (found["mean"], found["ci"], found["status"]) == (None, [None, None], "no data")
    (missing,) = (
        each
        for each in document["differences"]
        if (each["b"], each["metric"]) == ("more", "take_back_time")
    )
    assert (missing["mean"], missing["p_holm"], missing["verdict"]) == (None, None, NOTHING)
