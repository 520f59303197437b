"""What the command line shows: tables, progress, JSON."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from simkcc.commands.options import Format

Rows = Sequence[dict[str, Any]]


def show(
    output: Format, *, document: Callable[[], Any], rows: Callable[[], Rows],
    table: Callable[[], None], columns: Sequence[str] = (),
) -> None:  # fmt: skip
    """Print results as they are asked for: a document as JSON, rows as CSV, or what `table` prints.

    columns: of the CSV, where rows may lack some or there may be none; else the keys of the first row.
    """
    match output:
        case Format.JSON:
            print_json(document())
        case Format.CSV:
            print_csv(rows(), columns)
        case Format.TABLE:
            table()


def say(lines: Iterable[str]) -> None:
    """Print sentences: folded on a terminal, a line each in a pipe."""
    screen = console()
    for line in lines:
        screen.print(line, soft_wrap=not sys.stdout.isatty(), markup=False)


def console() -> Console:
    """Return where results are printed: as wide as needed in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False, emoji=False)


COMPILING = "Compiling the engine, once: about half a minute"
"""Said before the first run of an engine."""


def must_compile() -> bool:
    """Return whether the engine was never compiled here as it is now."""
    from simkcc.routing.compiled import CACHE

    return not any(CACHE.glob("play-*.o"))


class Progress:
    """What was done so far: a bar on a terminal, and the sentence after an interruption."""

    def __init__(self) -> None:
        self.sentence = "nothing was run yet"
        self.kept = "nothing was written"
        """What an interruption leaves."""
        self._runs = True
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, done: int, of: int, what: str) -> None:
        """Note that `done` of `of` runs of something are finished, or of what else is counted."""
        self.sentence = f"{done} of {of} {'runs of ' * self._runs}{what} were done"
        if self._bar is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=of)
        self._bar.update(self._tasks[what], completed=done)

    @contextmanager
    def shown(self, runs: bool = True) -> Iterator["Progress"]:
        """Show a bar on a terminal; say so when an engine must be compiled first.

        runs: whether an engine plays; what is counted is something else if not.
        """
        from rich.progress import Progress as Bar

        error, self._runs = Console(stderr=True), runs
        if runs and must_compile():
            error.print(f"{COMPILING}.", highlight=False)
        if not sys.stderr.isatty():
            yield self
            return
        with Bar(console=error, transient=True) as bar:
            self._bar = bar
            yield self


PROGRESS = Progress()


def print_json(document: Any) -> None:
    """Print a document as JSON."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def warnings_of(loaded: list[Any]) -> list[str]:
    """Return every warning once, with the file and, if it is not said of all, the variants."""
    said: dict[tuple[str, str], list[str]] = {}
    for each in loaded:
        for warning in each.warnings:
            said.setdefault((str(each.path), warning), []).append(each.variant or "base")
    return [
        f"{path}{'' if len(variants) == len(loaded) else ':' + ','.join(variants)}: {warning}"
        for (path, warning), variants in said.items()
    ]


def warn(loaded: list[Any]) -> None:
    """Say on standard error what is allowed in scenarios that are run, but hardly meant."""
    error = Console(stderr=True, highlight=False)
    for warning in warnings_of(loaded):
        error.print(f"warning: {warning}", soft_wrap=True, markup=False)


def print_csv(rows: Rows, columns: Sequence[str] = ()) -> None:
    """Print rows as CSV; what is not there is empty."""
    import csv

    writer = csv.DictWriter(sys.stdout, list(columns or rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def print_rows(rows: Rows) -> None:
    """Print rows with the same keys as a table."""
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console().print(table)
