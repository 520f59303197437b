"""The shipped scenarios, each file read once for all tests."""

from functools import cache
from pathlib import Path

from simkcc.model.files import Loaded, load_all

FOLDER = Path(__file__).parents[1] / "scenarios"
FILES = sorted(FOLDER.glob("*.toml"))


@cache
def variants_of(path: Path) -> dict[str, Loaded]:
    """Return every variant of a file."""
    return load_all(path)
