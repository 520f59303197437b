"""What README and docs print can be typed: commands, options, files and variants are there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from simkcc.cli import app
from simkcc.model.files import load_scenario, parse_addresses

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "tests" / "README.md"]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def printed(page: Path) -> Iterator[list[str]]:
    """Yield the words of every command of simkcc on a page, in a block of code or within a line."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.S | re.M)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(simkcc [^`]*)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    for line in lines:
        if found := re.match(r"\s*(?:\$ |nohup )?simkcc (.*)", line, re.S):
            yield shlex.split(found[1], comments=True)


def unknown(words: list[str]) -> Iterator[str]:
    """Yield what of a command there is not."""
    name, *rest = words
    if name not in COMMANDS:
        yield name
        return
    options = {
        option for each in COMMANDS[name].params for option in [*each.opts, *each.secondary_opts]
    }
    for word in rest:
        if re.match(r"-{1,2}[a-z]", word) and word.partition("=")[0] not in options:
            yield word
        if re.fullmatch(r"scenarios/[\w-]+\.toml(:[\w,]+)?", word):
            path, variants = parse_addresses(str(ROOT / word))
            for variant in variants or (None,):
                load_scenario(path, variant)  # raises if it is not there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_on_a_page_can_be_typed(page: Path) -> None:
    assert [(words, wrong) for words in printed(page) for wrong in unknown(words)] == []


def test_the_pages_print_commands() -> None:
    assert sum(1 for page in PAGES for _ in printed(page)) > 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
