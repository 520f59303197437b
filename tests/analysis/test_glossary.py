"""The list of figures says of each what it is, in two languages, and the page is current."""

from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from simkcc.analysis.figures import difference_text, figure_text
from simkcc.analysis.metrics import FAMILIES, METRICS, PERCENTILES
from simkcc.analysis.metrics.glossary import markdown, rows
from simkcc.analysis.metrics.registry import DIMENSIONS, Unit

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"

each_figure = pytest.mark.parametrize("row", rows(), ids=lambda row: row["name"])


def test_page_is_current() -> None:
    assert PAGE.read_text() == markdown(), (
        "python -m simkcc.analysis.metrics.glossary > docs/metrics.md"
    )


def test_list_has_every_figure_once_and_families_together() -> None:
    names = [row["name"] for row in rows()]
    assert sorted(names) == sorted([*METRICS, *PERCENTILES])
    families = [row["family"] for row in rows()]
    changes = 1 + sum(one != other for one, other in pairwise(families))
    assert changes == len(set(families))


@each_figure
def test_figure_says_what_it_is(row: dict) -> None:
    assert row["unit"] in get_args(Unit)
    assert row["nl"] and row["en"] and row["formula"]
    assert row["definition"][0].isupper()
    assert row["definition"].endswith(".")
    assert not row["definition"].startswith("Return")


@each_figure
def test_figure_is_written_with_its_unit(row: dict) -> None:
    assert figure_text(row["name"], float("nan")) == "n/a"
    assert difference_text(row["name"], 1.0, signed=True) != "n/a"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_no_two_figures_have_the_same_name(lang: str) -> None:
    names = [row[lang] for row in rows()]
    assert len(set(names)) == len(names)


def test_families_are_titled_in_both_languages() -> None:
    assert all(nl and en for nl, en in FAMILIES.values())


def test_only_known_dimensions_split() -> None:
    known = {name for names in DIMENSIONS.values() for name in names}
    assert all(set(row["by"]) <= known for row in rows())
