"""What `simkcc compare --report` writes: one HTML file that needs nothing."""

import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.commands.screen import PROGRESS
from simkcc.errors import SettingError

ReportTo = Annotated[
    Path | None, typer.Option("--report", help="Write a report: one HTML file, to read or print")
]
Sliders = Annotated[
    bool,
    typer.Option(
        "--sliders",
        help="Simulate for the report what comes out at other values of one or two assumptions",
    ),
]

OnePage = Annotated[
    bool,
    typer.Option(
        "--one-page", help="Make that report one page: verdict, headline figures, norms, money"
    ),
]
MOST_ON_A_PAGE = 4
"""Arms that one page holds, the baseline included."""

NO_MATTER = ("output", "out", "jobs", "expectations")
"""Options that change nothing in a report."""


def command_of(addresses: Sequence[str], context: typer.Context, command: str = "compare") -> str:
    """Return the command that makes the same report: every option that was given."""
    words = ["simkcc", command, *addresses]
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "")
        if option.name in NO_MATTER or option.param_type_name != "option":
            continue
        if given is None or given.name == "DEFAULT":
            continue
        words += _option(max(option.opts, key=len), option.secondary_opts, context.params[option.name or ""])  # fmt: skip
    return shlex.join(words)


def _option(name: str, no: Sequence[str], value: Any) -> list[str]:
    """Return an option as it is typed, once for each of several values."""
    if isinstance(value, bool):
        return [name if value else no[0]]
    if isinstance(value, list | tuple):
        return [word for each in value for word in (name, str(each))]
    return [name, str(value)]


def check_report(report: Path | None, arms: int, *, sliders: bool, one_page: bool) -> None:
    """Refuse options of a report that do not go together, and a place that cannot be written."""
    if one_page and (report is None or sliders):
        raise SettingError("--one-page: add --report FILE.html, and leave out --sliders")
    if one_page and arms > MOST_ON_A_PAGE:
        raise SettingError(
            f"--one-page: holds {MOST_ON_A_PAGE} scenarios at most, not {arms}; name which, "
            "as FILE.toml:A,B"
        )
    if sliders and report is None:
        raise SettingError("--sliders: belongs to a report; add --report FILE.html")
    if report is not None:
        check_place(report)


def check_place(path: Path) -> None:
    """Refuse a place that cannot be written, before anything is simulated."""
    if path.is_dir():
        raise SettingError(f"--report {path}: is a folder; name a file, as {path / 'report.html'}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("a"):
            pass
        if is_new:
            path.unlink()
    except OSError as error:
        raise SettingError(f"--report {path}: cannot write there ({error.strerror})") from None


def write_report(
    path: Path, comparison: Any, loaded: Sequence[Any], command: str, lang: str, *,
    sliders: bool = False, brief: bool = False, jobs: int = 2,
) -> None:  # fmt: skip
    """Write the report of a comparison and say where it is."""
    from rich.console import Console

    from simkcc.analysis.report.material import Material, grids
    from simkcc.analysis.report.page import html, one_page

    moved: tuple[Any, ...] = ()
    if sliders:
        with PROGRESS.shown() as progress:
            moved = grids(comparison, loaded, jobs=jobs, on_progress=progress)
    material = Material(comparison, tuple(loaded), command, date.today(), moved)
    write = one_page if brief else html
    path.write_text(write(material, lang), encoding="utf-8")
    Console(stderr=True).print(f"Report: {path.resolve()}", highlight=False, soft_wrap=True)
