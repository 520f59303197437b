"""What `from simkcc import …` offers is listed, in order, and there."""

import ast
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


def test_every_module_opens_with_what_it_is() -> None:
    texts = {path: path.read_text().strip() for path in PACKAGE.rglob("*.py")}
    bare = {path.relative_to(PACKAGE).as_posix() for path in texts if texts[path][:3] != '"""'}
    assert bare == {path for path in bare if path.endswith(("__main__.py", "__init__.py"))}
