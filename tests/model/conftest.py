"""A scenario file without mistakes, and what is said when some of its text is replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simkcc.errors import ScenarioError
from simkcc.model.files import load_scenario

GOOD = """
name = "centre"
patience = { kind = "exponential", mean = 300 }
handling.aht = 240
redial.share = 0.3

[hours.open]
weekdays = ["08:00-18:00"]

[demand]
per_year = 100000

[topics.permits]
share = 0.4

[topics.other]
share = 0.6
queue = "kcc"

[menu]
length = 80

[queues.kcc]
routes = [{ group = "front" }, { group = "back", after = 60 }]

[queues.permits]
routes = [{ group = "back" }]

[groups.front]
agents = 6

[groups.back]
roster = { start = "08:00", minutes = 60, weekdays = [2, 3, 4] }

[journeys.ask]
dial = { step = "enter", done = "pause", other = "over" }
pause = { step = "delay", duration = 30, done = { over = 0.5, dial = 0.5 } }
over = { step = "end", outcome = "direct" }

[variants.short]
menu.length = 13
"""

Explain = Callable[[dict[str, str]], list[str]]


@pytest.fixture
def good_text() -> str:
    return GOOD


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    file = tmp_path / "centre.toml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def explain(tmp_path: Path) -> Explain:
    """Return a function from replacements in the good file to the sentences about it."""

    def complaints_about(changes: dict[str, str]) -> list[str]:
        text = GOOD
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / "centre.toml"
        file.write_text(text)
        with pytest.raises(ScenarioError) as caught:
            load_scenario(file)
        assert all(each.startswith(f"{file}: ") for each in caught.value.complaints)
        return [each.removeprefix(f"{file}: ") for each in caught.value.complaints]

    return complaints_about
