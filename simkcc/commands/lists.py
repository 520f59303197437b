"""`simkcc metrics`, `schema` and `validate`: lists and proofs."""

from typing import Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.screen import PROGRESS, console, print_json, print_rows, show
from simkcc.errors import SimkccError


def metrics(
    output: options.Output = options.Format.TABLE, lang: options.Tongue = options.Lang.EN
) -> None:
    """List every figure: name, meaning, formula, unit."""
    from simkcc.analysis.metrics.glossary import rows

    show(
        output, document=rows, table=lambda: _print_metrics(lang.value),
        rows=lambda: [row | {"by": " ".join(row["by"])} for row in rows()],
    )  # fmt: skip


def _print_metrics(lang: str) -> None:
    """Print every figure with its definition, family by family."""
    from rich.table import Table

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


def schema() -> None:
    """Print the JSON schema of a scenario file."""
    from simkcc.model.schema import json_schema

    print_json(json_schema())


def validate(
    jobs: options.Jobs = 2,
    engine: options.Which = options.Engine.KERNEL,
    output: options.Output = options.Format.TABLE,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Judge the intervals instead: do they hold the truth?"),
    ] = False,
    experiments: Annotated[
        int, typer.Option(min=1, help="Experiments of --coverage; below 1000 chance weighs")
    ] = 1000,
) -> None:
    """Judge the engine by every oracle: closed forms, exact queues, identities."""
    from simkcc.analysis.oracles.coverage import coverage as cover
    from simkcc.analysis.oracles.validate import validate as judge

    verdicts: list[Any]
    with PROGRESS.shown() as progress:
        if coverage:
            verdicts = cover(experiments, jobs=jobs, on_progress=progress)
        else:
            verdicts = judge(jobs=jobs, on_progress=progress, engine=engine.value)
    rows = [verdict.as_dict() for verdict in verdicts]
    show(output, document=lambda: rows, rows=lambda: rows, table=lambda: print_rows(rows))
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if failed:
        what = "do not cover as they should" if coverage else "disagree with their oracle"
        raise SimkccError(f"{len(failed)} of {len(verdicts)} figures {what}")
