"""What `from simkcc import …` offers is listed, in order, and there."""

import ast
import importlib.util
from pathlib import Path

import pytest

import simkcc

PACKAGE = Path(simkcc.__file__).parent


def listed_names() -> list[str]:
    if not hasattr(simkcc, "__all__"):
        pytest.skip("simkcc lists no public names yet")
    return list(simkcc.__all__)


def test_public_names_are_sorted_and_listed_once() -> None:
    names = listed_names()
    assert names == sorted(set(names))


def test_public_names_can_be_imported() -> None:
    missing = [name for name in listed_names() if not hasattr(simkcc, name)]
    assert missing == []


def test_public_names_are_not_private() -> None:
    assert [name for name in listed_names() if name.startswith("_") and name != "__version__"] == []


def test_public_things_say_what_they_are() -> None:
    things = {name: getattr(simkcc, name) for name in listed_names()}
    bare = [name for name, thing in things.items() if callable(thing) and not thing.__doc__]
    assert bare == []


def test_every_name_imported_for_the_public_is_listed() -> None:
    names = listed_names()
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simkcc")
        for alias in node.names
    }
    assert {name for name in imported if not name.startswith("_")} <= set(names)


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_every_module_opens_with_what_it_is(path: Path) -> None:
    text = path.read_text()
    if text.strip() and path.name != "__main__.py":
        assert ast.get_docstring(ast.parse(text))
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        assert importlib.util.find_spec(name) is not None
