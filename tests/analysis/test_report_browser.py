"""The report in a real Chromium: sliders that conclude as Python does, no network, nothing cut off."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from analysis.report_cases import compared, loaded, material, plain
from browser import MARKS, patient

from simkcc.analysis.compare import Comparison, compare
from simkcc.analysis.intervals import Difference
from simkcc.analysis.money.costs import conclude
from simkcc.analysis.report.material import Grid, Position
from simkcc.analysis.report.page import html, one_page
from simkcc.analysis.verdict import paragraphs
from simkcc.model.files import load_scenario

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = MARKS

CUT_OFF = """[...document.querySelectorAll("main:not([hidden]) *")]
  .filter((e) => e.closest("svg") === null && !e.classList.contains("heard") && e.clientWidth > 0)
  .filter((e) => e.getBoundingClientRect().right > e.closest("main").getBoundingClientRect().right + 1)
  .map((e) => `${e.tagName}: ${e.textContent.trim().slice(0, 60)}`)"""

OUTSIDE = """[...document.querySelectorAll("main:not([hidden]) svg text")]
  .filter((e) => {
    const box = e.getBoundingClientRect(), all = e.closest("svg").getBoundingClientRect();
    return box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 1 || box.bottom > all.bottom + 1;
  }).map((e) => e.textContent)"""

MOVE = """([place, key, value]) => {
  const panel = document.querySelector(`main:not([hidden]) [data-pair="${place}"]`);
  const slider = panel.querySelector(`input[data-key="${key}"]`);
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  return [panel.querySelector(".live strong").textContent, panel.querySelector(".live span").textContent];
}"""

WORDS = {
    "cheaper": "Goedkoper", "dearer": "Duurder",
    "no detectable difference": "Geen aantoonbaar verschil in kosten",
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The material of a report with a slider over simulations, and its file."""
    folder = tmp_path_factory.mktemp("town")
    comparison = compared(folder)
    position = Position(80.0, compared_otherwise(folder), False)
    grid = Grid("topics.calls.per_hour", (Position(60.0, comparison, True), position))
    found = replace(material(folder), grids=(grid,))
    path = folder / "report.html"
    path.write_text(html(found, "nl"), encoding="utf-8")
    return found, path


def compared_otherwise(folder: Path) -> Comparison:
    path, settings = loaded(folder)[0].path, ["topics.calls.per_hour=80.0"]
    return compare([load_scenario(path, each.variant, settings) for each in loaded(folder)])


@pytest.fixture
def opened(chromium, report):
    """The page without a network, and what went wrong on it."""
    size = {"width": 1180, "height": 900}
    context = patient(chromium.new_context(viewport=size, offline=True))
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            wrong.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None
        ),
    )
    page.goto(report[1].as_uri())
    yield page
    context.close()
    assert wrong == []


def conclusions(page, place: int, values: dict[str, float]) -> dict:
    return page.evaluate(
        "([place, values]) => simkcc.conclude(simkcc.known.pairs[place], values)", [place, values]
    )


def assert_equal(found: dict, wanted: Difference, word: str) -> None:
    scale = max(1.0, abs(wanted.mean), abs(wanted.high - wanted.low))
    for name in ("mean", "low", "high"):
        assert found[name] == pytest.approx(getattr(wanted, name), abs=1e-8 * scale)
    assert found["word"] == word


def test_sliders_conclude_as_python_does_at_and_around_break_evens(opened, report):
    turned = 0
    for place, pair in enumerate(report[0].pairs):
        for each in pair.break_evens:
            known = each.assumption
            values = [known.value, known.low, known.high, 0.3 * known.low + 0.7 * known.high]
            if each.value is not None:
                turned += 1
                step = 0.02 * (known.high - known.low)
                values += [each.value - step, each.value, each.value + step]
            for value in values:
                moved = [{known.key: value} if there else {} for there in known.arms]
                wanted = conclude(pair.first.at(moved[0]), pair.second.at(moved[1]))
                found = conclusions(opened, place, {known.key: value})
                assert_equal(found, wanted.difference, wanted.word)
            if each.value is not None:
                signs = [
                    conclusions(opened, place, {known.key: each.value + side * step})["mean"] > 0
                    for side in (-1, 1)
                ]
                assert signs[0] != signs[1]
    assert turned >= 2


def test_several_sliders_together_conclude_as_python_does(opened, report):
    pair = report[0].pairs[1]
    values = {
        each.assumption.key: 0.4 * each.assumption.low + 0.6 * each.assumption.high
        for each in pair.break_evens
    }
    moved = [
        {
            each.assumption.key: values[each.assumption.key]
            for each in pair.break_evens
            if each.assumption.arms[arm]
        }
        for arm in (0, 1)
    ]
    wanted = conclude(pair.first.at(moved[0]), pair.second.at(moved[1]))
    assert_equal(conclusions(opened, 1, values), wanted.difference, wanted.word)


def test_moving_a_slider_rewrites_the_words(opened, report):
    pair = report[0].pairs[1]
    each = next(e for e in pair.break_evens if e.assumption.key == "providers.firm.per_hour")
    said = {}
    for value in (each.assumption.low, each.assumption.high):
        title, text = opened.evaluate(MOVE, [1, each.assumption.key, value])
        moved = {each.assumption.key: value}
        wanted = conclude(pair.first.at({}), pair.second.at(moved))
        assert title == WORDS[wanted.word]
        size = f"{abs(wanted.difference.mean):,.0f}".replace(",", ".")
        assert f"€ {size} " in plain(text)
        said[wanted.word] = plain(text)
    assert set(said) == {"cheaper", "dearer"}
    assert "per jaar minder dan" in said["cheaper"]
    assert "de kosten liggen hoger" in said["dearer"]
    opened.click("main:not([hidden]) [data-pair='1'] > summary")
    opened.click("main:not([hidden]) [data-pair='1'] [data-reset]")
    live = opened.inner_text("main:not([hidden]) [data-pair='1'] .live strong")
    assert live == WORDS[pair.conclusion.word]


def test_a_simulated_slider_shows_the_verdict_of_that_simulation(opened, report):
    slider = opened.locator("main:not([hidden]) [data-grid='0'] input")
    shown = opened.locator("main:not([hidden]) [data-grid='0'] .verdict")
    for place, position in enumerate(report[0].grids[0].positions):
        slider.fill(str(place))
        assert plain(shown.inner_text()) == plain(" ".join(paragraphs(position.comparison, "nl")))


def test_the_switch_turns_the_language(opened):
    opened.click("[data-turn='nl']")
    assert opened.evaluate("document.documentElement.lang") == "en"
    assert opened.locator("main:not([hidden]) h2").first.inner_text() == "The question"
    opened.click("[data-turn='en']")
    assert opened.locator("main:not([hidden]) h2").first.inner_text() == "De vraag"


def test_nothing_is_cut_off_on_screen_or_paper(opened):
    for width, medium in ((1180, "screen"), (820, "screen"), (680, "print")):
        opened.set_viewport_size({"width": width, "height": 900})
        opened.emulate_media(media=medium)
        assert opened.evaluate(CUT_OFF) == []
        assert opened.evaluate(OUTSIDE) == []


def test_one_page_is_one_page_of_paper_and_turns_its_language(opened, tmp_path):
    place = tmp_path / "page.html"
    place.write_text(one_page(material(tmp_path), "nl"), encoding="utf-8")
    opened.goto(place.as_uri())
    paper = opened.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    opened.click("main:not([hidden]) [data-turn]")
    assert opened.evaluate("document.documentElement.lang") == "en"


def test_it_prints(opened):
    paper = opened.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert b"/MediaBox [0 0 595" in paper or b"/MediaBox [0 0 594" in paper
