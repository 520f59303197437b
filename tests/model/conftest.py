"""The good centre as a file, and what is said when some of its text is replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest
from model.good_centre import GOOD, changed

from simkcc.errors import ScenarioError
from simkcc.model.files import load_scenario

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
        file = tmp_path / "centre.toml"
        file.write_text(changed(GOOD, changes))
        with pytest.raises(ScenarioError) as caught:
            load_scenario(file)
        assert all(each.startswith(f"{file}: ") for each in caught.value.complaints)
        return [each.removeprefix(f"{file}: ") for each in caught.value.complaints]

    return complaints_about
