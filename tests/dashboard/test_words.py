"""Every word of the screens stands in every catalogue, with the same figures in it."""

import re
from pathlib import Path

import pytest

from simkcc.dashboard import alerts, console_pages, lab_pages, page
from simkcc.dashboard.words import FOLDER, LANGUAGES, catalogue, translator

PAGES = Path(str(page.FOLDER))


def words_of_the_code() -> set[str]:
    """Return every English word the page can show."""
    found = (
        set(page.SCREEN)
        | set(page.REASONS)
        | set(page.RULES.values())
        | set(page.CHART_TITLES.values())
    )
    found |= {tile.title for tile in page.TILES.values()}
    found |= {tile.sentence for tile in page.TILES.values()}
    found |= {*console_pages.CONSOLE_WORDS, *alerts.ALERTS.values(), *lab_pages.LAB_WORDS}
    found |= {word for word, *_ in console_pages.FIGURES.values()}
    for each in ("tv.html", "console.html", "lab.html", "login.html"):
        found |= set(re.findall(r"""tr\(["']([^"']+)["']\)""", (PAGES / each).read_text("utf-8")))
    found |= {tile.note for tile in page.TILES.values() if not tile.note.startswith("{")} | set(
        page.AGENT_STATES.values()
    )
    found |= {*page.STATES, "no norm"}
    found.discard("")
    return found


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_catalogue_has_every_word_and_no_other(language: str) -> None:
    assert set(catalogue(language)) == words_of_the_code()


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_translations_name_the_same_figures(language: str) -> None:
    for english, other in catalogue(language).items():
        assert other.strip(), english
        assert sorted(re.findall(r"{[^}]*}", english)) == sorted(re.findall(r"{[^}]*}", other))


def test_words_the_page_asks_for_are_words_of_the_screen() -> None:
    script = (PAGES / "tv.js").read_text("utf-8")
    asked = set(re.findall(r'WORDS\["([^"]+)"\]', script)) | set(
        re.findall(r"WORDS\.(\w+)", script)
    )
    pills = script[script.index("const PILLS") : script.index("function show()")]
    asked |= set(re.findall(r'"([a-z ]+)"', pills))
    assert asked == set(page.SCREEN)


def test_an_unknown_word_stays_english() -> None:
    assert translator("nl")("a word nobody knows") == "a word nobody knows"


def test_languages_are_those_with_a_catalogue() -> None:
    files = {Path(str(path)).stem for path in FOLDER.iterdir()}
    assert files | {"en"} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("script", "words"),
    [("console.js", console_pages.CONSOLE_WORDS), ("lab.js", lab_pages.LAB_WORDS)],
)
def test_words_other_pages_ask_for_are_theirs(script: str, words: tuple[str, ...]) -> None:
    text = (PAGES / script).read_text("utf-8")
    asked = set(re.findall(r'WORDS\["([^"]+)"\]', text)) | set(re.findall(r"WORDS\.(\w+)", text))
    asked |= set(re.findall(r'say\("([^"]+)"\)', text))
    assert asked <= set(words)
