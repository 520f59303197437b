"""What the command line shows: tables, progress, JSON."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table


def console() -> Console:
    """Return where results are printed: as wide as needed in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


class Progress:
    """What was done so far: a bar on a terminal, and the sentence after an interruption."""

    def __init__(self) -> None:
        self.sentence = "nothing was run yet"
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, done: int, of: int, what: str) -> None:
        """Note that `done` of `of` runs are finished."""
        self.sentence = f"{done} of {of} runs of {what} were done"
        if self._bar is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=of)
        self._bar.update(self._tasks[what], completed=done)

    @contextmanager
    def shown(self, compiles: bool = True) -> Iterator["Progress"]:
        """Show a bar on a terminal; say so when an engine it uses must be compiled first."""
        from rich.progress import Progress as Bar

        from simkcc.routing.compiled import CACHE

        error = Console(stderr=True)
        if compiles and not any(CACHE.rglob("kernel.play-*.nbc")):
            error.print("Compiling the engine, once: about half a minute.", highlight=False)
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


def check_document(loaded: Any) -> dict[str, Any]:
    from simkcc.model.files import unmarked

    marks = {path: mark.mark for path, mark in loaded.marks.items()}
    return {
        "file": str(loaded.path),
        "variant": loaded.variant,
        "marks": {mark: sum(m == mark for m in marks.values()) for mark in "GDAM"},
        "unmarked": len(unmarked(loaded)),
        "warnings": list(loaded.warnings),
        "applied": {key: str(value) for key, value in loaded.applied.items()},
    }


def print_checked(loaded: list[Any]) -> None:
    table = Table("file", "variant", "given", "derived", "assumed", "measured", "unmarked")
    for each in loaded:
        found = check_document(each)
        counts = [str(found["marks"][mark]) for mark in "GDAM"]
        table.add_row(found["file"], found["variant"] or "(base)", *counts, str(found["unmarked"]))
    if loaded:
        console().print(table)
    for warning in warnings_of(loaded):
        console().print(f"warning: {warning}", soft_wrap=True, markup=False)


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


def print_plan(loaded: Any) -> None:
    from simkcc.analysis.planview import plan_rows
    from simkcc.engine.compile import compile_plan

    table = Table("#", "step", "kind", "goes to", "takes", "of")
    for row in plan_rows(compile_plan(loaded.scenario)):
        table.add_row(*row)
    console().print(table)


def print_csv(rows: list[dict[str, Any]]) -> None:
    """Print rows with the same keys as CSV; what is not there is empty."""
    import csv

    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def print_refused(result: Any) -> None:
    """Print which figures a run without a contact log could not have, if it was one."""
    if result.refused:
        names = ", ".join(result.refused)
        console().print(f"Not without a contact log (run without --stream): {names}.")


def print_metrics(lang: str) -> None:
    """Print every figure with its definition, family by family."""
    from simkcc.analysis.metrics.glossary import rows, title_of

    table = Table("name", "meaning", "formula", "unit")
    family = ""
    for row in rows():
        if row["family"] != family:
            family = row["family"]
            table.add_section()
            table.add_row(f"[bold]{title_of(family, lang)}[/bold]")
        table.add_row(row["name"], row[lang], row["formula"], row["unit"])
    console().print(table)


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Print rows with the same keys as a table."""
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console().print(table)
