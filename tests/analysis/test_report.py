"""The report: every figure is that of the JSON document, in good numbers, in a file that needs nothing."""

import json
import math
import re
import shlex
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from analysis.report_cases import Page, compared, loaded, material, plain
from arms import arm

from simkcc import cli
from simkcc.analysis.compare import compare, compare_results, with_inputs
from simkcc.analysis.document import comparison_document
from simkcc.analysis.figures import difference_text, interval_text, paired_texts
from simkcc.analysis.folding import BINS
from simkcc.analysis.inputs import study
from simkcc.analysis.intervals import Difference, Interval
from simkcc.analysis.report import charts, live, pictures, tables
from simkcc.analysis.report.material import Material, grids
from simkcc.analysis.report.page import html, one_page
from simkcc.analysis.report.svg import spread, ticks, wrapped
from simkcc.analysis.status import Status
from simkcc.analysis.verdict import paragraphs
from simkcc.model.files import load_scenario

LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def drawn(folder):
    """The small comparison with its inputs drawn."""
    comparison = compared(folder)
    found = study(loaded(folder), comparison.headlines, 5, seed=1, replications=1)
    return replace(material(folder), comparison=with_inputs(comparison, found))


@pytest.fixture(scope="module")
def written(drawn) -> str:
    return html(drawn, "nl")


@pytest.fixture(scope="module")
def page(written) -> Page:
    return Page(written)


def test_elements_nest_and_ids_stand_once(page):
    assert page.wrong == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_nothing_is_fetched_from_anywhere(written):
    assert "http" not in written
    assert set(re.findall(r'(?:src|href)="([^"]*)"', written)) == {"data:,"}
    assert not re.findall(r"url\(|@import|@font-face", written)


def test_it_opens_in_the_language_asked_for(drawn):
    for lang, other in (("nl", "en"), ("en", "nl")):
        found = html(drawn, lang)
        assert f'<html lang="{lang}">' in found
        assert re.findall(r'<main lang="(\w\w)"( hidden)?>', found) == [
            (lang, ""),
            (other, " hidden"),
        ]


def test_the_verdict_is_that_of_the_document(page, drawn):
    said = comparison_document(drawn.comparison)["verdict"]
    for lang in LANGUAGES:
        assert plain(said[lang]) in page.text(lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_is_that_of_the_document(page, drawn, lang):
    document = comparison_document(drawn.comparison)
    levels = {
        f"{run['variant']}|{name}": interval_text(name, interval_of(figure), lang)
        for run in document["arms"]
        for name, figure in run["metrics"].items()
    }
    changes = {f"{each['b']}|{each['metric']}": each for each in document["differences"]}
    kinds = dict.fromkeys(("data-figure", "data-change", "data-band"), 0)
    for (tongue, kind, address), texts in page.marked.items():
        if tongue != lang:
            continue
        kinds[kind] += 1
        if kind == "data-figure":
            wanted = levels[address]
        else:
            each = changes[address]
            if kind == "data-change":
                gap = Difference(each["mean"], *each["ci"], each["p"], 5)
                wanted = " ± ".join(paired_texts(each["metric"], gap, lang))
            else:
                ends = each["inputs"]["band"]
                words = (
                    difference_text(each["metric"], end, signed=True, lang=lang) for end in ends
                )
                wanted = f"[{' … '.join(words)}]"
        for text in texts:
            assert plain(text).lstrip("▲▼↑↓=~ ") == plain(wanted)
    assert all(kinds.values()), kinds


def interval_of(figure: dict) -> Interval:
    mean, low, high = (math.nan if e is None else e for e in (figure["mean"], *figure["ci"]))
    return Interval(mean, low, high, 0.95, figure["n"])


def test_dutch_numbers_have_a_comma_and_english_ones_a_point(page):
    with_point = re.findall(r"(?<![\d.])\d{1,3}\.\d{1,2}(?![\d.])", page.text("nl"))
    with_comma = re.findall(r"(?<![\d,])\d{1,3},\d{1,2}(?![\d,])", page.text("en"))
    assert with_point == []
    assert with_comma == []
    assert "29 februari 2024" in page.text("nl")


def test_every_number_that_went_in_stands_there_once_with_its_mark(drawn):
    known = drawn.comparison.evidence
    for lang in LANGUAGES:
        rows = tables.assumptions(drawn.comparison, drawn.loaded, lang)
        counts = [sum(row["mark"] == mark for row in rows) for mark in "GDAM-"]
        assert counts == [known.given, known.derived, known.assumed, known.measured, known.unmarked]
    handling = next(row for row in rows if row["key"] == "handling.aht")
    assert (handling["value"], handling["mark"], handling["source"]) == ("3 min", "G", "counted")
    assert next(row for row in rows if row["key"] == "topics.calls.per_hour")["range"] == "40 … 80"


def test_names_and_notes_cannot_break_the_page(drawn):
    words = "</script><script>alert(1)</script> & „x”"
    arms = [replace(each, scenario=each.scenario.model_copy(
        update={"title": each.scenario.title.model_copy(update={"nl": words + str(i)})}))
        for i, each in enumerate(drawn.comparison.arms)]  # fmt: skip
    hostile = replace(drawn, comparison=replace(drawn.comparison, arms=tuple(arms)))
    found = html(hostile, "nl")
    assert "<script>alert" not in found
    assert Page(found).wrong == []
    assert found.count("<script") == 3


def test_arms_without_figures_or_without_a_mean_are_told_as_such(folder):
    old, new = (
        arm("three", ("oud", "old"), sl2=math.nan, asa=math.nan),
        arm("more", ("nieuw", "new")),
    )
    new.statuses = {"abandonment": Status("diverges", "De stapel groeit.", "The pile grows.")}
    for each in (old, new):
        for sums in each.sums:
            sums.waits[:] = 0
    bare = Material(
        compare_results([old, new]), loaded(folder)[:2], "simkcc", material(folder).made
    )
    found = Page(html(bare, "en"))
    assert found.wrong == []
    assert "The pile grows." in found.text("en")
    assert "De stapel groeit." in found.text("nl")
    assert found.marked["en", "data-figure", "more|abandonment"] == ["keeps growing"]
    assert ("en", "data-change", "more|abandonment") not in found.marked
    assert "nan" not in found.text("en").lower().split()


# ---------------------------------------------------------------------------------------------
# pictures


def test_seconds_of_a_call_add_up_to_citizens_hours(folder):
    for each in compared(folder).arms:
        hours = each.interval("citizen_hours").mean
        calls = each.interval("dialled").mean
        assert sum(pictures.seconds_of(each)) == pytest.approx(3600 * hours / calls)


def test_curve_of_waits_passes_through_the_service_level(folder):
    for each in compared(folder).arms:
        seen, share = pictures.answered_within(each)
        at = int(np.searchsorted(seen, each.scenario.norms.threshold))
        assert share[at - 1] <= each.interval("sl2").mean + 1e-12
        assert share[at + 1] >= each.interval("sl2").mean - 1e-12
        assert share[-1] == pytest.approx(each.interval("accessibility_r1").mean)
        assert len(seen) == len(BINS)


def test_a_line_breaks_where_there_is_no_number():
    axis = charts.Axis(0, 4, (0, 4), str)
    nan = math.nan
    line = charts.Line("a", [(0, 0.1), (1, 0.2), (2, nan), (3, 0.3), (4, nan)])
    drawn = charts.lines("t", "d", [line], axis, charts.Axis(0, 1, (0, 1), str))
    path = re.search(r'<path d="(M[^"]*)" fill="none"', drawn)
    assert path.group(1).count("M") == 2
    ((x, y),) = re.findall(r'<circle cx="([^"]*)" cy="([^"]*)"', drawn)
    assert path.group(1).endswith(f"M{float(x):.1f} {float(y):.1f}")  # the point that stands alone
    assert "nan" not in drawn
    assert charts.lines("t", "d", [charts.Line("a", [(0, nan)])], axis, axis) == ""


def test_pictures_without_anything_to_show_are_left_out():
    assert charts.stacked("t", "d", [("a", [0.0, math.nan])], ["x", "y"], str) == ""
    assert charts.bars("t", "d", [], str, zero=True) == ""
    assert charts.bars("t", "d", [charts.Bar("a", 0, math.nan, "", "")], str, zero=True) == ""


def test_every_picture_says_what_it_shows(written):
    pictures_there = re.findall(r"<svg.*?</svg>", written, re.S)
    assert len(pictures_there) >= 8
    for each in pictures_there:
        assert re.search(r"<title>[^<]+</title><desc>[^<]+</desc>", each)
        assert "nan" not in each


def test_labels_do_not_overlap_and_stay_below_the_top():
    found = spread([10, 11, 12, 200], [20, 30, 20, 20], top=0)
    order = np.argsort(found)
    heights = np.array([20, 30, 20, 20])[order]
    gaps = np.diff(np.sort(found)) - (heights[1:] + heights[:-1]) / 2
    assert gaps.min() > -0.5
    assert min(found) >= 10
    assert wrapped("aaa bbb cccccccc d", 7) == ["aaa bbb", "cccccccc", "d"]
    assert all(
        low <= each <= high for low, high in ((0, 1), (-3e5, 7e6)) for each in ticks(low, high)
    )


# ---------------------------------------------------------------------------------------------
# what turns the verdict


def test_steps_of_the_bridge_and_break_evens_are_in_the_page(page, drawn):
    pair = drawn.pairs[1]
    assert {each.assumption.key for each in pair.break_evens if each.value is not None}
    for each in pair.break_evens:
        slider = next(s for s in live.panels(drawn, "nl")[-1]["turning"] + live.panels(drawn, "nl")[-1]["others"]
                      if s["key"] == each.assumption.key)  # fmt: skip
        assert plain(slider["name"]) in page.text("nl")
        if each.value is not None:
            assert plain(slider["turns"]) in page.text("nl")


def test_the_claim_is_judged_for_outsourced_arms_only(page):
    text = page.text("nl")
    assert "„uitbesteed”: de stelling" in text
    assert "„met „vier” & meer”: de stelling" not in text
    assert "Er spreekt tegen: Elders ging het anders. [the newspaper]" in text


@pytest.mark.slow
def test_positions_of_a_slider_are_what_a_setting_brings(folder):
    comparison = compared(folder)
    (grid,) = grids(comparison, loaded(folder))
    assert grid.key == "topics.calls.per_hour"
    assert [position.value for position in grid.positions] == [40, 50, 60, 70, 80]
    assert grid.positions[2].comparison is comparison
    path = loaded(folder)[0].path
    again = compare(
        [
            load_scenario(path, each.variant, ["topics.calls.per_hour=80.0"])
            for each in loaded(folder)
        ]
    )
    stated = grid.positions[-1].comparison
    for one, other in zip(stated.differences, again.differences, strict=True):
        assert one.difference == other.difference or math.isnan(one.difference.mean)
    assert paragraphs(stated)[:3] == paragraphs(again)[:3]


def test_what_the_sliders_know_is_json(written):
    found = re.search(r'<script type="application/json" id="known">(.*?)</script>', written, re.S)
    known = json.loads(found.group(1))
    assert "<" not in found.group(1)
    assert [pair["second"]["label"] for pair in known["pairs"]] == ["more", "out"]


# ---------------------------------------------------------------------------------------------
# the command


def call(monkeypatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["simkcc", *map(str, words)])
    try:
        cli.main()
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 0


@pytest.mark.slow
def test_the_command_in_the_report_makes_the_same_report(monkeypatch, tmp_path, folder):
    place = tmp_path / "new folder" / "it.html"
    words = ["compare", f"{loaded(folder)[0].path}:three,more", "-r", "3", "--set", "menu.length=10",
             "--lang", "nl", "--report", place]  # fmt: skip
    assert call(monkeypatch, *words) == 0
    first = place.read_text()
    again = unescape(re.sub(r"</?span>", "", re.search(r"<pre>(.*?)</pre>", first)[1]))
    place.unlink()
    assert call(monkeypatch, *shlex.split(again)[1:]) == 0
    assert place.read_text() == first
    assert '<html lang="nl">' in first


def test_one_page_has_the_figures_of_the_whole_report(drawn, written):
    brief = one_page(drawn, "nl")
    whole, figures = (
        dict(re.findall(r'data-figure="([^"]*)">([^<]*)<', text)) for text in (written, brief)
    )
    assert figures
    assert figures.items() <= whole.items()
    assert '<html lang="nl">' in brief
    assert "Wat kost het" in brief


def test_one_page_holds_four_scenarios(monkeypatch, capsys, folder):
    options = ("--one-page", "--report", folder / "page.html")
    variants = "three,more,three,more,three"
    assert call(monkeypatch, "compare", f"{loaded(folder)[0].path}:{variants}", *options) == 1
    assert "holds 4 scenarios at most" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sliders",), "--report FILE.html"),
        (("--one-page",), "add --report FILE.html"),
        (("--report", "."), "is a folder"),
        (("--report", "/proc/no/report.html"), "cannot write there"),
    ],
)
def test_a_place_that_will_not_do_is_refused_before_anything_runs(
    monkeypatch, capsys, folder, options, said
):
    assert call(monkeypatch, "compare", f"{loaded(folder)[0].path}:three,more", *options) == 1
    assert said in capsys.readouterr().err
