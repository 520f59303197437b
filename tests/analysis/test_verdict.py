"""What is said of a comparison: whole paragraphs, and what may never be said.

The golden texts stand in verdicts/NAME.LANGUAGE.txt, a sentence a line; they were read aloud.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from arms import arm

from simkcc.analysis.compare import Comparison, Turn, compare_results, with_inputs
from simkcc.analysis.figures import difference_text, figure_text, paired_texts, spoken
from simkcc.analysis.inputs import Assumption, Drawn, Evidence, InputStudy, Split
from simkcc.analysis.intervals import Difference
from simkcc.analysis.language import GAP
from simkcc.analysis.phrases import TEXTS, assumption_name
from simkcc.analysis.results import Result
from simkcc.analysis.status import Status
from simkcc.analysis.verdict import is_paradox, turn_text, verdict
from simkcc.model.expectation import Expectation, TurningPoint
from simkcc.model.words import Words

GOLDEN = Path(__file__).parent / "verdicts"
OLD = {
    "menu_time": 80.0, "menu_abandonment": 0.077, "offered": 5000.0, "sl2": 0.48,
    "abandonment": 0.10, "time_to_human": 127.0, "citizen_hours": 190.0, "rostered_hours": 400.0,
    "cost": 1_000_000.0,
}  # fmt: skip
SHORT = OLD | {
    "menu_time": 13.0, "menu_abandonment": 0.013, "offered": 5345.0, "sl2": 0.42,
    "time_to_human": 68.0, "citizen_hours": 110.0, "abandonment": 0.13,
}  # fmt: skip
BETTER = OLD | {"abandonment": 0.026, "time_to_human": 101.0, "citizen_hours": 150.0}
SWINGS = np.array([1.0, -1.0, 1.2, -1.2])
"""What a figure does over the replications if its mean says nothing."""
EVIDENCE = Evidence(given=4, derived=6, assumed=12, measured=0, unmarked=3)
POINT = TurningPoint(
    metric="sl2", first="new", second="old", key="menu.hang_up", low=0.0, high=1.0,
    meaning=Words(en="the chance of hanging up", nl="de kans op ophangen"),
)  # fmt: skip


def old(**changes: object) -> Result:
    return arm("old", ("in eigen beheer", "in house"), **OLD | changes)


def new(nl: str, en: str, figures: dict[str, object]) -> Result:
    return arm("new", (nl, en), **figures)


def drawn(split: Split | None = None, *, above: int, below: int, size: float = 1.0) -> Drawn:
    return Drawn((size,) * above + (-size,) * below, split)


def studied(comparison: Comparison, **found: Drawn) -> Comparison:
    """Return a comparison whose inputs were drawn, with what came out per figure."""
    varied = tuple(Assumption(f"key{i}", 0.5, 0.3, 0.8, (0, 1)) for i in range(12))
    outcomes = {(1, metric): each for metric, each in found.items()}
    return with_inputs(comparison, InputStudy(20, 2, varied, ("demand.month",), 0, outcomes))


def winner() -> Comparison:
    figures = BETTER | {"sl2": 0.81 + 0.002 * SWINGS, "cost": 874_000 + 5000 * SWINGS}
    return replace(
        compare_results([old(), new("uitbesteed", "outsourced", figures)]), evidence=EVIDENCE
    )


OUTCOMES = {
    "sl2": drawn(above=19, below=1, size=0.2),
    "abandonment": drawn(above=0, below=20),
    "time_to_human": drawn(above=0, below=20),
    "citizen_hours": drawn(above=1, below=19),
    "cost": Drawn(tuple(np.linspace(-200_000, -20_000, 20))),
}


def trade_off() -> Comparison:
    figures = BETTER | {"sl2": 0.81, "rostered_hours": 450.0, "cost": 1_135_000.0}
    expectations = tuple(
        Expectation(metric=metric, variant="new", versus="old", sign=sign, basis=basis)
        for metric, sign, basis in (
            ("sl2", "higher", "predicted"), ("cost", "lower", "predicted"), ("asa", "equal", "fitted"),
        )
    )  # fmt: skip
    baseline = old()
    scenario = baseline.scenario.model_copy(update={"expectations": expectations})
    return replace(
        compare_results([replace(baseline, scenario=scenario), new("meer personeel", "more staff", figures)]),
        evidence=Evidence(given=20),
    )  # fmt: skip


def depends() -> Comparison:
    split = Split("groups.kcc.per_hour", 46.6, True, 0.93, 0.95)
    hanging = {
        "cost": drawn(split, above=7, below=13, size=80_000.0),
        "sl2": drawn(above=15, below=5, size=0.1),
    }
    return studied(winner(), **OUTCOMES | hanging)


def diverging() -> Comparison:
    growing = new("formulier", "form", OLD | {"time_to_human": 120.0})
    growing.statuses["time_to_resolution"] = Status(
        "diverges",
        "Wat openstaat, groeit: de terugbelnotities vragen 4,4 uur per dag en er is 4 uur; vanaf 4,5 uur is het houdbaar.",
        "What is open grows: callbacks need 4.4 hours a day and there are 4; from 4.5 hours on it can be kept up.",
    )
    return compare_results([old(), growing])


def paradox() -> Comparison:
    comparison = compare_results([old(), new("menu van 13 s", "menu of 13 s", SHORT)])
    return replace(comparison, turns=(Turn(POINT, 0.1, -0.1, 0.000213, 0.0000312),))


CASES = {
    "winner": lambda: studied(winner(), **OUTCOMES),
    "winner-at-stated-values": winner,
    "trade-off": trade_off,
    "no-difference": lambda: compare_results([old(), new("ander opschrift", "other label", OLD)]),
    "depends": depends,
    "diverges": diverging,
    "paradox": paradox,
}


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", CASES)
def test_verdicts_read_as_they_were_read_aloud(name: str, lang: str) -> None:
    said = verdict(CASES[name](), lang).replace(GAP, " ")
    golden = (GOLDEN / f"{name}.{lang}.txt").read_text().splitlines()
    assert said == " ".join(golden)


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_is_one_paragraph_with_every_word_filled_in(name: str) -> None:
    for lang in ("nl", "en"):
        said = verdict(CASES[name](), lang)
        assert "\n" not in said
        assert "  " not in said
        assert not set("{}") & set(said)
        assert "nan" not in said
        assert said.endswith(".")


def test_every_sentence_has_both_languages_with_the_same_words_to_fill_in() -> None:
    from string import Formatter

    for name, pair in TEXTS.items():
        fields = [
            {field for _, field, _, _ in Formatter().parse(pair[lang]) if field} - {"came"}
            for lang in ("nl", "en")
        ]
        assert fields[0] == fields[1], name


# ---------------------------------------------------------------------------------------------
# what may never be said

WON = ("comes out better", "komt er beter uit")


@pytest.mark.parametrize("above", range(12, 21))
def test_a_winner_wins_in_nine_draws_of_ten(above: int) -> None:
    outcomes = OUTCOMES | {"sl2": drawn(above=above, below=20 - above)}
    comparison = studied(winner(), **outcomes)
    for lang, won in zip(("en", "nl"), WON, strict=True):
        assert (won in verdict(comparison, lang)) == (above >= 18)


def test_nobody_wins_on_assumptions_that_were_not_varied() -> None:
    said = verdict(winner(), "en")
    assert "At the values assumed" in said
    assert said.endswith("they were not varied, so no winner is named.")
    certain = replace(winner(), evidence=Evidence(given=9, measured=3))
    assert "At the values assumed" not in verdict(certain, "en")
    assert "Scenario “outsourced” comes out better" in verdict(certain, "en")


def test_an_arm_that_cannot_be_kept_up_is_never_better() -> None:
    comparison = diverging()
    assert comparison.find("new", "time_to_human").verdict == "lower"
    for lang, won in zip(("en", "nl"), WON, strict=True):
        assert won not in verdict(comparison, lang)


def test_a_baseline_that_cannot_be_kept_up_is_told_once() -> None:
    baseline, others = old(), [arm(name, **BETTER) for name in ("one", "two")]
    baseline.statuses["asa"] = baseline.statuses["aht"] = Status("diverges", "Te weinig.", "Short.")
    said = verdict(compare_results([baseline, *others]), "en")
    assert said.count("The baseline cannot be kept up") == 1
    assert said.count("Short.") == 1


def test_the_service_level_is_that_of_the_norms_with_its_rule() -> None:
    baseline = old(sl6=0.10)
    norms = baseline.scenario.norms.model_copy(update={"service_level": "sl6"})
    scenario = baseline.scenario.model_copy(update={"norms": norms})
    better = arm("new", **OLD | {"sl6": 0.30})
    said = verdict(compare_results([replace(baseline, scenario=scenario), better]), "en")
    said = said.replace(GAP, " ")
    assert "30.0% of all who call reach a human within 20 seconds, the menu counted" in said
    assert "offered to the queue" not in said


def noisy(figures: dict[str, float], **swings: float) -> Comparison:
    """Return a comparison in which some figures swing by so much."""
    moving = {name: value + swings.get(name, 0.0) * SWINGS for name, value in figures.items()}
    return compare_results([old(), new("nieuw", "new", moving)])


PARADOX = ("menu_time", "menu_abandonment", "offered", "sl2", "time_to_human", "citizen_hours")


@pytest.mark.parametrize("name", PARADOX)
def test_no_paradox_is_told_if_one_of_its_claims_is_noise(name: str) -> None:
    comparison = noisy(SHORT, **{name: 3 * abs(SHORT[name] - OLD[name])})
    assert not is_paradox(comparison, comparison.arms[1])
    assert "the queue gets worse" not in verdict(comparison, "en")


@pytest.mark.parametrize("name", PARADOX)
def test_no_paradox_is_told_if_one_of_its_claims_is_the_other_way_round(name: str) -> None:
    comparison = noisy(SHORT | {name: 2 * OLD[name] - SHORT[name]})
    assert not is_paradox(comparison, comparison.arms[1])


def test_the_same_roster_is_said_only_of_the_same_roster() -> None:
    assert "on the same roster" in verdict(noisy(SHORT), "en")
    said = verdict(noisy(SHORT | {"rostered_hours": 399.0}), "en").replace(GAP, " ")
    assert "on the same roster" not in said
    assert "the roster is 1 hour a week shorter" in said


def test_noise_is_never_told_as_a_difference() -> None:
    said = verdict(noisy(BETTER | {"sl2": 0.81, "cost": 1_135_000.0}, cost=1e6), "en")
    assert "no detectable difference in cost" in said
    assert "€" not in said


# ---------------------------------------------------------------------------------------------
# turning points, figures, names


@pytest.mark.parametrize(
    ("found", "lang", "sentence"),
    [
        (
            Turn(POINT, 0.1, 0.2, None, None), "en",
            "The difference in service level between “new” and “old” never turns for menu.hang_up "
            "between 0 and 1 per second.",
        ),
        (
            Turn(POINT, 0.1, 0.2, None, None, clear=False), "nl",
            "Of het verschil in de servicenorm tussen „new” en „old” omslaat voor menu.hang_up "
            "tussen 0 en 1 per seconde, is niet van ruis te onderscheiden.",
        ),
        (
            Turn(POINT.model_copy(update={"key": "redial.share"}), 0.1, -0.1, 0.4, 0.02), "en",
            "The difference in service level between “new” and “old” turns at 40% (± 2%), "
            "the chance of hanging up (redial.share).",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_turning_point(found: Turn, lang: str, sentence: str) -> None:
    comparison = compare_results([arm("old", **OLD), arm("new", **SHORT)])
    assert turn_text(found, comparison, lang).replace(GAP, " ") == sentence


@pytest.mark.parametrize(
    ("metric", "value", "nl", "en"),
    [
        ("sl2", 0.449, "44,9 %", "44.9%"),
        ("cost", 1_234_567.0, "€ 1.234.567", "€1,234,567"),
        ("cost_per_call", 4.156, "€ 4,16", "€4.16"),
        ("offered", 12_345.6, "12.346", "12,346"),
        ("citizen_hours", 1_186.14, "1.186,1 u", "1,186.1 h"),
        ("asa", -0.04, "0,0 s", "0.0 s"),
        ("asa", math.nan, "n.v.t.", "n/a"),
        ("wait_p90", 132.94, "132,9 s", "132.9 s"),
    ],
)
def test_figures_are_written_as_people_write_them(
    metric: str, value: float, nl: str, en: str
) -> None:
    assert figure_text(metric, value, "nl").replace(GAP, " ") == nl
    assert figure_text(metric, value, "en").replace(GAP, " ") == en


def test_signs_and_points_of_differences() -> None:
    assert (
        difference_text("cost", -50_196.0, signed=True, lang="nl").replace(GAP, " ") == "-€ 50.196"
    )
    assert difference_text("sl2", 0.004, signed=True, lang="nl").replace(GAP, " ") == "+0,4 pt"
    narrow = Difference(0.0012, 0.0009, 0.0015, 0.001, 10)
    assert [each.replace(GAP, " ") for each in paired_texts("sl2", narrow)] == [
        "+0.12 pt",
        "0.03 pt",
    ]
    assert spoken("cost", -1_230_400.0, "nl").replace(GAP, " ") == "€ 1,23 mln per jaar"
    assert spoken("asa", 7.0, "nl").replace(GAP, " ") == "7 seconden"
    assert spoken("asa", -7.3, "en").replace(GAP, " ") == "7.3 seconds"


def test_assumptions_have_names_where_they_are_known() -> None:
    name = "de prijs per uur van kcc (groups.kcc.per_hour)"
    assert assumption_name("groups.kcc.per_hour", "nl") == name
    assert assumption_name("probes.research.odd", "en") == "probes.research.odd"
    assert assumption_name("redial.share", "en").startswith("the share that calls again")
