"""Imports point one way, third parties stay in their place, files and functions stay small."""

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
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
    "numba": ("routing/jit.py",),
    "llvmlite": ("routing/jit.py", "routing/program.py"),
    "simpy": ("engine/reference/clock.py",),
    "bokeh": ("dashboard/",),
    "tornado": ("dashboard/",),
    "polars": ("analysis/parquet.py", "calibration/own_log.py", "streams/store.py"),
    "sqlalchemy": ("streams/store.py", "streams/tables.py"),
    "typer": ("commands/", "cli.py"),
    "rich": ("commands/",),
    "jinja2": ("analysis/report/paper.py",),
    "openpyxl": ("calibration/tables.py",),
    "nats": ("streams/nats.py",),
    "aiomqtt": ("streams/mqtt.py",),
    "aiokafka": ("streams/kafka.py",),
    "boto3": ("streams/sqs.py",),
    "azure": ("streams/teams_hub.py",),
}
"""Where a third-party package may be imported."""

LATE = {"scipy", "polars", "openpyxl"}
"""What takes long to load, or may not be there: it is imported by the function that needs it."""

ABOVE_COMPILE = (
    "by_hand", "compile", "journeys", "live", "lowering", "rows", "samplers", "schedules",
    "second_line", "tasks",
)  # fmt: skip
"""Files of engine that know scenarios. Every other one, and routing, sees a plan and nothing else."""

LONG_FILES = {
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
ABOVE = [PACKAGE / "engine" / f"{name}.py" for name in ABOVE_COMPILE]
BELOW = sorted(
    {*(PACKAGE / "engine").rglob("*.py"), *(PACKAGE / "routing").rglob("*.py")} - {*ABOVE}
)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def text_of(path: Path) -> str:
    return path.read_text()


@dataclass
class Source:
    """What these tests look at in a file."""

    imports: list[str]
    """Dotted name of everything it imports, at its top or within a function."""
    relative: list[str]
    functions: dict[str, int]
    """Lines of every function."""


@cache
def source_of(path: Path) -> Source:
    found = Source([], [], {})
    todo: list[ast.AST] = [ast.parse(text_of(path))]
    while todo:
        node = todo.pop()
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            todo += getattr(node, field, ())
        if isinstance(node, ast.Import):
            found.imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.imports += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.relative.append(str(node.module))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            found.functions[node.name] = max(lines, found.functions.get(node.name, 0))
    return found


def offenders(
    offences: Callable[[Path], Collection[object]], paths: Iterable[Path] = FILES
) -> dict[str, Collection[object]]:
    """Return what each file does wrong, by its name; files that do nothing wrong are left out."""
    found = {name_of(path): offences(path) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


def imported_layers(path: Path) -> set[str]:
    """Return the packages of simkcc that a file imports."""
    parts = (name.split(".") for name in source_of(path).imports)
    own = {part[1] for part in parts if part[0] == "simkcc" and len(part) > 1}
    return own & set(LAYERS)


def test_columns_know_no_figure() -> None:
    def figures(path: Path) -> list[str]:
        return [name for name in source_of(path).imports if "analysis.metrics" in name]

    assert offenders(figures, (PACKAGE / "analysis/columns").glob("*.py")) == {}


def test_package_imports_only_what_stands_before_it() -> None:
    def above(path: Path) -> set[str]:
        layer = path.relative_to(PACKAGE).parts[0]
        allowed = set(LAYERS[: LAYERS.index(layer) + 1]) - FORBIDDEN.get(layer, set())
        return imported_layers(path) - allowed

    assert offenders(above, LAYERED) == {}


def at_its_top(path: Path) -> list[str]:
    """Return the dotted names of what importing a file imports."""
    found: list[str] = []
    todo: list[ast.stmt] = list(ast.parse(text_of(path)).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Try):
            todo += node.body
    return found


def loads(path: Path) -> set[str]:
    """Return the files of simkcc that importing a file runs first: packages on the way included.

    Its own packages are left out: whoever gets to a file has run those.
    """
    found = set().union(*map(_on_the_way, at_its_top(path)))
    own = {f"{name_of(parent)}/__init__.py" for parent in path.parents if PACKAGE in parent.parents}
    return found - own - {"__init__.py", name_of(path)}


def _on_the_way(dotted: str) -> set[str]:
    """Return the files of a dotted name: each package, then the module."""
    top, *parts = dotted.split(".")
    places = [PACKAGE.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
    files = [path for place in places for path in (place / "__init__.py", place.with_suffix(".py"))]
    return {name_of(path) for path in files if top == "simkcc" and path.exists()}


def test_imports_make_no_circle() -> None:
    """Where they did, a file would load or fail by who asked for it first."""
    left = {name_of(path): loads(path) for path in FILES}
    while free := {name for name, needs in left.items() if not needs & left.keys()}:
        left = {name: needs for name, needs in left.items() if name not in free}
    assert sorted(left) == []


def test_errors_import_nothing_of_the_packages() -> None:
    assert imported_layers(PACKAGE / "errors.py") == set()


def test_no_package_imports_the_command_line() -> None:
    def command_line(path: Path) -> list[str]:
        return [name for name in source_of(path).imports if name.startswith("simkcc.cli")]

    assert offenders(command_line, LAYERED) == {}


def test_imports_are_absolute() -> None:
    assert offenders(lambda path: source_of(path).relative) == {}


def test_third_parties_are_imported_in_their_place_only() -> None:
    def strays(path: Path) -> list[str]:
        tops = {name.split(".")[0] for name in source_of(path).imports}
        return [top for top in tops & ONLY_IN.keys() if not name_of(path).startswith(ONLY_IN[top])]

    assert offenders(strays) == {}


def test_what_is_slow_to_load_is_loaded_when_it_is_needed() -> None:
    assert offenders(lambda path: {name.split(".")[0] for name in at_its_top(path)} & LATE) == {}


def test_below_compile_nothing_imports_pydantic() -> None:
    def pydantic(path: Path) -> set[str]:
        tops = {module.split(".")[0] for module in source_of(path).imports}
        return tops & {"pydantic", "pydantic_core"}

    assert offenders(pydantic, BELOW) == {}


@pytest.mark.slow
def test_below_compile_everything_works_without_pydantic() -> None:
    names = [module_name(path) for path in BELOW]
    code = f"""
import sys, importlib
sys.modules["pydantic"] = sys.modules["pydantic_core"] = None
for name in {names}:
    importlib.import_module(name)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


def module_name(path: Path) -> str:
    return f"simkcc.{name_of(path).removesuffix('.py').replace('/', '.')}"


def test_below_compile_nothing_knows_a_part_of_a_scenario() -> None:
    part = importlib.import_module("simkcc.model.part").Part

    def parts(path: Path) -> list[str]:
        module = importlib.import_module(module_name(path))
        classes = {key: value for key, value in vars(module).items() if inspect.isclass(value)}
        return [key for key, value in classes.items() if issubclass(value, part)]

    assert offenders(parts, BELOW) == {}


def test_below_compile_nothing_imports_what_stands_above() -> None:
    modules = set(map(module_name, ABOVE))

    def higher(path: Path) -> list[str]:
        return [
            found
            for found in source_of(path).imports
            if found in modules or found.rpartition(".")[0] in modules
        ]

    assert offenders(higher, BELOW) == {}


def test_every_file_of_engine_that_knows_scenarios_serves_compile() -> None:
    done, todo = set(), [PACKAGE / "engine/compile.py"]
    while todo:
        path = todo.pop()
        if path in done or not path.is_file():
            continue
        done.add(path)
        names = (found.split(".") for found in source_of(path).imports)
        todo += [PACKAGE / "engine" / f"{n[2]}.py" for n in names if n[:2] == ["simkcc", "engine"]]
    serving = {name_of(path) for path in done}
    knowing = {
        name_of(path) for path in FILES
        if path.parent.name == "engine" and "simkcc.model.scenario" in text_of(path)
    }  # fmt: skip
    assert knowing <= serving - set(map(name_of, BELOW))


def lines_of(path: Path) -> int:
    return len(text_of(path).splitlines())


def test_files_have_at_most_400_lines() -> None:
    long = {name_of(path) for path in FILES if lines_of(path) > 400}
    assert long == set(LONG_FILES), "a file too long, or an exception no longer needed"


def long_functions(path: Path) -> set[str]:
    lengths = source_of(path).functions.items()
    return {f"{name_of(path)} {name}" for name, lines in lengths if lines > 60}


def test_functions_have_at_most_60_lines() -> None:
    long = set().union(*map(long_functions, FILES))
    assert long == set(LONG_FUNCTIONS), "a function too long, or an exception no longer needed"


def test_layers_are_the_packages_there_are() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in LAYERED} == set(LAYERS)
