"""Imports point one way, third parties stay in their place, files and functions stay small."""

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import simkcc

PACKAGE = Path(simkcc.__file__).parent
LAYERS = (
    "model",
    "routing",
    "engine",
    "analysis",
    "calibration",
    "streams",
    "dashboard",
    "commands",
)
"""From the ground up: a package imports only itself and what stands before it."""

FORBIDDEN = {"dashboard": {"streams"}}
"""What a package does not import although it stands before it: a board takes any iterator."""

ONLY_IN = {
    "numba": ("routing/compiled.py",),
    "simpy": ("engine/reference.py",),
    "bokeh": ("dashboard/",),
    "tornado": ("dashboard/",),
}
"""Where a third-party package may be imported."""

BELOW_COMPILE = (
    "engine/agents.py", "engine/answering.py", "engine/arrivals.py", "engine/chance.py",
    "engine/changes.py", "engine/clock.py", "engine/contacts.py", "engine/deadlines.py", "engine/draws.py",
    "engine/given.py", "engine/heap.py", "engine/kernel.py", "engine/legs.py", "engine/plan.py", "engine/reference.py",
    "engine/reference_given.py", "engine/restore.py",
    "engine/runs.py", "engine/state.py", "engine/statistics.py", "engine/steps.py",
    "engine/trace.py", "engine/waiting.py",
    "engine/ways.py", "engine/working_time.py", "routing/compiled.py",
    "routing/rules.py", "routing/tables.py",
)  # fmt: skip
"""Files that see a plan and never a scenario."""

LONG_FILES = {
    "engine/reference.py": "one contact's story, whose steps share the centre",
    "analysis/erlang.py": "one family of formulas that share their terms",
}
"""Files of more than 400 lines, and why."""

LONG_FUNCTIONS = {
    "engine/kernel.py play": "the loop and its dispatch; every call spells out the tables it touches",
    "engine/steps.py advance": "the dispatch over kinds of step; every call spells out its tables",
}
"""Functions of more than 60 lines, and why."""

FILES = sorted(PACKAGE.rglob("*.py"))
LAYERED = [path for path in FILES if path.parent != PACKAGE]


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


each_file = pytest.mark.parametrize("path", FILES, ids=name_of)


def imported_modules(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_layers(path: Path) -> set[str]:
    """Return the packages of simkcc that a file imports."""
    parts = (name.split(".") for name in imported_modules(path))
    own = {part[1] for part in parts if part[0] == "simkcc" and len(part) > 1}
    return own & set(LAYERS)


@pytest.mark.parametrize("path", LAYERED, ids=name_of)
def test_package_imports_only_what_stands_before_it(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0]
    allowed = set(LAYERS[: LAYERS.index(layer) + 1]) - FORBIDDEN.get(layer, set())
    assert imported_layers(path) <= allowed


def test_errors_import_nothing_of_the_packages() -> None:
    assert imported_layers(PACKAGE / "errors.py") == set()


@pytest.mark.parametrize("path", LAYERED, ids=name_of)
def test_no_package_imports_the_command_line(path: Path) -> None:
    assert not [name for name in imported_modules(path) if name.startswith("simkcc.cli")]


@each_file
def test_imports_are_absolute(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text()))
    assert not [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.level]


@each_file
def test_third_parties_are_imported_in_their_place_only(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported_modules(path)}
    strays = [top for top in tops & ONLY_IN.keys() if not name_of(path).startswith(ONLY_IN[top])]
    assert not strays


@pytest.mark.parametrize("name", BELOW_COMPILE)
def test_below_compile_nothing_imports_pydantic(name: str) -> None:
    tops = {module.split(".")[0] for module in imported_modules(PACKAGE / name)}
    assert not tops & {"pydantic", "pydantic_core"}


def test_below_compile_everything_works_without_pydantic() -> None:
    names = [f"simkcc.{name.removesuffix('.py').replace('/', '.')}" for name in BELOW_COMPILE]
    code = f"""
import sys, importlib
sys.modules["pydantic"] = sys.modules["pydantic_core"] = None
for name in {names}:
    importlib.import_module(name)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("name", BELOW_COMPILE)
def test_below_compile_nothing_knows_a_part_of_a_scenario(name: str) -> None:
    part = importlib.import_module("simkcc.model.part").Part
    module = importlib.import_module(f"simkcc.{name.removesuffix('.py').replace('/', '.')}")
    classes = {key: value for key, value in vars(module).items() if inspect.isclass(value)}
    assert not [key for key, value in classes.items() if issubclass(value, part)]


@pytest.mark.parametrize("name", BELOW_COMPILE)
def test_below_compile_nothing_imports_what_stands_above(name: str) -> None:
    above = {other for other in map(name_of, FILES) if other.startswith("engine/")}
    above -= {*BELOW_COMPILE, "engine/__init__.py"}
    modules = {f"simkcc.{other.removesuffix('.py').replace('/', '.')}" for other in above}
    assert not [
        found for found in imported_modules(PACKAGE / name)
        if found in modules or found.rpartition(".")[0] in modules
    ]  # fmt: skip


def test_every_file_of_engine_that_knows_scenarios_serves_compile() -> None:
    done, todo = set(), [PACKAGE / "engine/compile.py"]
    while todo:
        path = todo.pop()
        if path in done or not path.is_file():
            continue
        done.add(path)
        names = (found.split(".") for found in imported_modules(path))
        todo += [PACKAGE / "engine" / f"{n[2]}.py" for n in names if n[:2] == ["simkcc", "engine"]]
    serving = {name_of(path) for path in done}
    knowing = {
        name_of(path) for path in FILES
        if path.parent.name == "engine" and "simkcc.model.scenario" in path.read_text()
    }  # fmt: skip
    assert knowing <= serving - set(BELOW_COMPILE)


@each_file
def test_file_has_at_most_400_lines(path: Path) -> None:
    long = len(path.read_text().splitlines()) > 400
    assert not long or name_of(path) in LONG_FILES


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and the number of lines of every function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)} {node.name}", (node.end_lineno or 0) - node.lineno + 1


@each_file
def test_function_has_at_most_60_lines(path: Path) -> None:
    long = {name for name, lines in functions_of(path) if lines > 60}
    assert long <= LONG_FUNCTIONS.keys()


def test_exceptions_are_still_needed() -> None:
    lines = {name_of(path): len(path.read_text().splitlines()) for path in FILES}
    assert [name for name in LONG_FILES if lines.get(name, 0) <= 400] == []
    lengths = dict(entry for path in FILES for entry in functions_of(path))
    assert [name for name in LONG_FUNCTIONS if lengths.get(name, 0) <= 60] == []


def test_layers_are_the_packages_there_are() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in LAYERED} == set(LAYERS)
