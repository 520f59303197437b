"""The cache of compiled code is named after every file that machine code depends on."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import simkcc
from simkcc.routing import compiled

PACKAGE = Path(simkcc.__file__).parent


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


DECORATORS = {
    node.name
    for node in tree_of(PACKAGE / "routing/compiled.py").body
    if isinstance(node, ast.FunctionDef) and [each.arg for each in node.args.args] == ["function"]
}
"""The public functions of compiled.py that take a function and compile it."""


def is_compiled(node: ast.AST) -> bool:
    """Return whether a piece of code defines a function of compiled code."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(each, ast.Name) and each.id in DECORATORS for each in node.decorator_list
    )


def names_a_decorator(path: Path) -> bool:
    """Return whether it is worth parsing a file: most never name a decorator."""
    text = path.read_text()
    return any(f"@{name}" in text for name in DECORATORS)


def uses_decorators(path: Path) -> bool:
    return names_a_decorator(path) and any(is_compiled(node) for node in tree_of(path).body)


def names_in(node: ast.AST) -> set[str]:
    """Return the names a piece of code reads."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def origins(path: Path) -> dict[str, tuple[Path, str]]:
    """Return the file and the name there of everything that a file imports from simkcc."""
    found = {}
    for node in tree_of(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simkcc."):
            source = PACKAGE.parent / f"{str(node.module).replace('.', '/')}.py"
            for alias in node.names:
                found[alias.asname or alias.name] = source, alias.name
    return found


def definitions(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what a file defines at its top, by name."""
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from ((name, node) for name in names_in(target))


def frozen_files() -> set[Path]:
    """Return the files that define anything compiled code reads, however far away."""
    code = [path for path in sorted(PACKAGE.rglob("*.py")) if uses_decorators(path)]
    todo = [
        (path, name) for path in code for node in tree_of(path).body if is_compiled(node)
        for name in names_in(node) - DECORATORS
    ]  # fmt: skip
    seen: set[tuple[Path, str]] = set()
    while todo:
        path, name = todo.pop()
        if (path, name) in seen:
            continue
        imported = origins(path)
        if name in imported:
            todo.append(imported[name])
            continue
        nodes = [node for known, node in definitions(path) if known == name]
        if nodes:
            seen.add((path, name))
            todo += [(path, inner) for node in nodes for inner in names_in(node)]
    return {path for path, _ in seen}


def listed() -> set[Path]:
    return {PACKAGE / name for name in compiled.FILES}


def test_decorators_are_those_of_the_one_file() -> None:
    assert {"compiled", "inlined"} <= DECORATORS


def test_files_that_say_how_to_compile_are_listed() -> None:
    assert {f"routing/{name}.py" for name in ("compiled", "jit", "program")} <= set(compiled.FILES)


def test_every_listed_file_exists() -> None:
    assert [path for path in listed() if not path.is_file()] == []


def test_every_file_with_compiled_functions_is_listed() -> None:
    code = {path for path in PACKAGE.rglob("*.py") if uses_decorators(path)}
    assert len(code) >= 5
    assert {str(path.relative_to(PACKAGE)) for path in code - listed()} == set()


def test_every_file_whose_constants_are_frozen_into_code_is_listed() -> None:
    assert {str(path.relative_to(PACKAGE)) for path in frozen_files() - listed()} == set()


def test_decorators_are_used_on_functions_at_the_top_of_a_file_only() -> None:
    for path in filter(names_a_decorator, PACKAGE.rglob("*.py")):
        everywhere = [node for node in ast.walk(tree_of(path)) if is_compiled(node)]
        assert len(everywhere) == sum(is_compiled(node) for node in tree_of(path).body), path


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the listed files, which the fingerprint now looks at."""
    for path in listed():
        target = tmp_path / path.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    monkeypatch.setattr(compiled, "ROOT", tmp_path)
    return tmp_path


def test_fingerprint_is_that_of_the_content(copied: Path) -> None:
    assert compiled.fingerprint() == compiled.CACHE.name


@pytest.mark.parametrize("name", compiled.FILES)
def test_fingerprint_changes_when_a_file_changes_and_comes_back_with_it(
    copied: Path, name: str
) -> None:
    file = copied / name
    before, content = compiled.fingerprint(), file.read_text()
    file.write_text(f"{content}\n")
    assert compiled.fingerprint() != before
    file.write_text(content)
    assert compiled.fingerprint() == before


def test_fingerprint_changes_with_the_bounds_check(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiled.fingerprint()
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    assert compiled.fingerprint() != before


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["SIMKCC_CACHE", "XDG_CACHE_HOME"])
def test_cache_lies_where_the_environment_says(tmp_path: Path, variable: str) -> None:
    home = {key: value for key, value in os.environ.items() if "CACHE" not in key}
    found = subprocess.run(
        [sys.executable, "-c", "from simkcc.routing.compiled import CACHE; print(CACHE)"],
        env=home | {variable: str(tmp_path), "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(found.stdout.strip()) == tmp_path / "simkcc" / "compiled" / compiled.CACHE.name


@pytest.mark.slow
def test_engine_does_not_look_for_blas_and_leaves_it_to_who_needs_it() -> None:
    code = """
import sys
import simkcc.engine.kernel
assert "scipy.linalg" not in sys.modules, "the start of every run would wait for it"
import numba
import numpy as np
assert (numba.njit(lambda one, other: np.dot(one, other))(np.eye(2), np.ones(2)) == 1.0).all()
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
