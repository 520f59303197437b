"""Scenarios side by side: what is called different, where it turns, and what is said about it."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from small import SMALL

from simkcc.analysis.compare import (
    MOST_TRIES,
    Comparison,
    Turn,
    compare,
    compare_results,
    difference,
    expectations_met,
    turn,
)
from simkcc.analysis.document import comparison_document
from simkcc.analysis.explain import explain, is_paradox
from simkcc.analysis.intervals import Difference, holm
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.results import BINS, Result, Sums, run
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


def test_p_values_are_corrected_over_all_arms_and_figures_together(path: Path) -> None:
    found = small_comparison(path).differences
    assert len(found) == 3 * (len(METRICS) + len(PERCENTILES))
    expected = holm([each.difference.p for each in found])
    np.testing.assert_array_equal([each.p_holm for each in found], expected)
    assert any(each.p_holm > 2 * each.difference.p > 0 for each in found)


def test_a_difference_that_the_correction_undoes_is_no_difference(path: Path) -> None:
    borderline = [
        each
        for each in small_comparison(path).differences
        if each.difference.p < 0.05 < each.p_holm
    ]
    assert borderline
    assert {each.verdict for each in borderline} == {NOTHING}


def test_other_seeds_of_the_same_centre_are_called_different_seldom(path: Path) -> None:
    trials = [
        compare_results([small_run(path, None, 2 * seed), small_run(path, "same", 2 * seed + 1)])
        for seed in range(20)
    ]
    fooled = [
        trial for trial in trials if any(each.verdict != NOTHING for each in trial.differences)
    ]
    assert len(fooled) <= 2
    assert all(trial.find("same", "asa").difference.mean != 0 for trial in trials)


@pytest.mark.parametrize("metric", ["sl2", "asa", "time_to_human", "abandonment"])
def test_common_callers_beat_other_callers(path: Path, metric: str) -> None:
    base = small_run(path, None, 1, 10)
    widths = []
    for seed in (1, 2):
        found = difference(base, small_run(path, "short", seed, 10), metric)
        widths.append(found.high - found.low)
    assert widths[0] < 0.6 * widths[1]


def test_differences_are_arm_minus_baseline(path: Path) -> None:
    comparison = small_comparison(path)
    assert comparison.find("more", "rostered_hours").verdict == "higher"
    assert comparison.find("more", "asa").verdict == "lower"
    assert comparison.find("short", "menu_time").verdict == "lower"
    less = comparison.find("short", "menu_time").difference.mean
    arms = [comparison.result(name).interval("menu_time").mean for name in ("short", "small")]
    assert less == pytest.approx(arms[0] - arms[1])


def test_one_arm_and_one_replication_are_refused(path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be compared"):
        compare_results([small_run(path, None, 1)])
    with pytest.raises(SettingError, match="single replication"):
        compare_results([small_run(path, None, 1, 1), small_run(path, "same", 1, 4)])


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


def arm(label: str, **figures: float | list[float]) -> Result:
    """Return four replications of given figures, whatever is not given being 1."""
    values = {name: figures.get(name, 1.0) for name in METRICS}
    columns = {name: np.broadcast_to(np.asarray(each, float), 4) for name, each in values.items()}
    waits = np.zeros(len(BINS), int)
    waits[10] = 5
    sums = [
        Sums({name: (float(column[index]), 1.0) for name, column in columns.items()}, {}, waits)
        for index in range(4)
    ]
    scenario = load_small()
    return Result(scenario, label, label, 1, 1.0, {}, {}, sums)


@lru_cache
def load_small():
    """Return the small centre, with titles and a menu of 80 s."""
    import tomllib

    from simkcc.model.scenario import Scenario

    table = tomllib.loads(SMALL)
    del table["variants"]
    table["menu"]["length"] = 80.0
    return Scenario.model_validate(table | {"title": {"en": "Small", "nl": "Klein"}})


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
# sentences


OLD = {
    "menu_time": 80.0, "menu_abandonment": 0.077, "offered": 5000.0, "sl2": 0.48,
    "time_to_human": 127.0, "citizen_hours": 190.0, "rostered_hours": 400.0, "cost": 1_000_000.0,
}  # fmt: skip
SHORT = OLD | {
    "menu_time": 13.0, "menu_abandonment": 0.013, "offered": 5345.0, "sl2": 0.42,
    "time_to_human": 68.0, "citizen_hours": 110.0,
}  # fmt: skip
RAISED = OLD | {"rostered_hours": 450.0, "cost": 1_135_000.0, "sl2": 0.81}
SWINGS = np.array([1.0, -1.0, 1.2, -1.2])
"""What a figure does over the replications if its mean says nothing."""

Figures = dict[str, float]


def explained(new: Figures, lang: str, **noisy: float) -> list[str]:
    """Return what is said of an arm; `noisy` figures swing by so much."""
    figures = {name: value + noisy.get(name, 0.0) * SWINGS for name, value in new.items()}
    return explain(compare_results([arm("old", **OLD), arm("new", **figures)]), lang)


GOLDEN = [
    (
        SHORT, "en",
        "new (Small): the queue gets worse while the caller is better off. The menu takes 67.0 s "
        "less and 6.4 pt fewer callers hang up in it, so 345 more calls a week reach the queue on "
        "the same roster: 42.0% of them are answered in time (was 48.0%). Yet a caller speaks to a "
        "human 59.0 s sooner, and citizens spend 80.0 h a week less in menu and queue. A board that "
        "leaves out the menu would call this a failure.",
    ),
    (
        SHORT, "nl",
        "new (Klein): de wachtrij wordt slechter terwijl de beller beter af is. Het menu duurt "
        "67.0 s korter en 6.4 pt minder bellers hangen er op, dus bereiken 345 oproepen per week "
        "meer de wachtrij met hetzelfde rooster: 42.0% ervan wordt op tijd beantwoord (was 48.0%). "
        "Toch spreekt een beller 59.0 s eerder een mens, en zijn burgers 80.0 h per week minder "
        "kwijt in menu en wachtrij. Een bord dat het menu weglaat, zou dit een mislukking noemen.",
    ),
    (
        RAISED, "en",
        "new (Small): +50.0 h of rostered time (+12.5%, EUR +135,000 a year) bring the service "
        "level of the queue to 81.0%, against 48.0% with old (Small): detectably higher.",
    ),
    (
        RAISED, "nl",
        "new (Klein): +50.0 h roostertijd (+12.5%, EUR +135,000 per jaar) brengt de servicenorm van "
        "de wachtrij op 81.0%, tegen 48.0% bij old (Klein): aantoonbaar hoger.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("new", "lang", "sentence"), GOLDEN)
def test_what_is_said(new: Figures, lang: str, sentence: str) -> None:
    assert explained(new, lang) == [sentence]


def test_nothing_is_said_of_arms_that_do_not_differ() -> None:
    assert explained(OLD, "en") == explained(OLD, "nl") == []


def test_the_same_roster_is_said_only_of_the_same_roster() -> None:
    (said,) = explained(SHORT | {"rostered_hours": 399.0}, "en")
    assert "more calls a week reach the queue: 42.0%" in said


PARADOX = ("menu_time", "menu_abandonment", "offered", "sl2", "time_to_human", "citizen_hours")


@pytest.mark.parametrize("name", PARADOX)
def test_no_paradox_is_told_if_one_of_its_claims_is_noise(name: str) -> None:
    swing = 3 * abs(SHORT[name] - OLD[name])
    assert explained(SHORT, "en", **{name: swing}) == []


@pytest.mark.parametrize("name", PARADOX)
def test_no_paradox_is_told_if_one_of_its_claims_is_the_other_way_round(name: str) -> None:
    turned = SHORT | {name: 2 * OLD[name] - SHORT[name]}
    assert explained(turned, "en") == []
    assert not is_paradox(
        compare_results([arm("old", **OLD), arm("new", **turned)]), arm("new", **turned)
    )


@pytest.mark.parametrize(
    ("lang", "verdict"), [("en", NOTHING), ("nl", "geen aantoonbaar verschil")]
)
def test_more_hours_claim_no_better_service_than_is_there(lang: str, verdict: str) -> None:
    (said,) = explained(RAISED, lang, sl2=0.6)
    assert said.endswith(f": {verdict}.")
    assert "aantoonbaar hoger" not in said
    assert "detectably higher" not in said


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "(+12.5%, no detectable difference in cost)"),
        ("nl", "(+12.5%, geen aantoonbaar verschil in kosten)"),
    ],
)
def test_more_hours_claim_no_cost_that_is_noise(lang: str, sentence: str) -> None:
    (said,) = explained(RAISED, lang, cost=1e6)
    assert sentence in said
    assert "EUR" not in said


def test_hours_added_to_none_have_no_percentage() -> None:
    results = [arm("old", **OLD | {"rostered_hours": 0.0}), arm("new", **RAISED)]
    (said,) = explain(compare_results(results))
    assert "+450.0 h of rostered time (EUR +135,000 a year)" in said


def test_more_hours_that_make_it_worse_are_said_to_do_so() -> None:
    (said,) = explained(RAISED | {"sl2": 0.4}, "en")
    assert said.endswith("40.0%, against 48.0% with old (Small): detectably lower.")


def turning(found: Turn, lang: str) -> str:
    """Return what is said of a turning point."""
    results = [arm("long", **OLD), arm("short", **OLD)]
    return explain(replace(compare_results(results), turns=(found,)), lang)[-1]


TURNS = [
    (
        Turn(POINT, 0.1, -0.1, 0.000213, 0.0000312), "en",
        "The difference in sl2 between short and long changes its sign at menu.hang_up = 0.00021 "
        "(± 3e-05 from simulation noise): the chance of hanging up. Over the complete menu of 80 s "
        "that is 1.7% of the callers.",
    ),
    (
        Turn(POINT, 0.1, -0.1, 0.000213, 0.0000312), "nl",
        "Het verschil in sl2 tussen short en long keert van teken om bij menu.hang_up = 0.00021 "
        "(± 3e-05 door simulatieruis): de kans op ophangen. Over het hele menu van 80 s is dat 1.7% "
        "van de bellers.",
    ),
    (
        Turn(POINT, 0.1, 0.2, None, None), "en",
        "The difference in sl2 between short and long never changes its sign for menu.hang_up "
        "between 0 and 1.",
    ),
    (
        Turn(POINT, 0.1, 0.2, None, None), "nl",
        "Het verschil in sl2 tussen short en long keert nooit van teken voor menu.hang_up tussen 0 "
        "en 1.",
    ),
    (
        Turn(POINT, 0.1, 0.2, None, None, clear=False), "en",
        "Whether the difference in sl2 between short and long changes its sign for menu.hang_up "
        "between 0 and 1 cannot be told from simulation noise.",
    ),
    (
        Turn(POINT, 0.1, 0.2, None, None, clear=False), "nl",
        "Of het verschil in sl2 tussen short en long van teken omkeert voor menu.hang_up tussen 0 "
        "en 1, is niet te onderscheiden van simulatieruis.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("found", "lang", "sentence"), TURNS)
def test_what_is_said_of_a_turning_point(found: Turn, lang: str, sentence: str) -> None:
    assert turning(found, lang) == sentence


def test_only_the_hazard_of_the_menu_is_told_over_the_menu() -> None:
    other = POINT.model_copy(update={"key": "redial.share"})
    said = turning(Turn(other, 0.1, -0.1, 0.4, 0.02), "en")
    assert said.endswith(
        "at redial.share = 0.4 (± 0.02 from simulation noise): the chance of hanging up."
    )


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
    turns = (Turn(POINT, math.nan, math.inf, None, None), Turn(POINT, -0.1, 0.1, 0.4, 0.02))
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
