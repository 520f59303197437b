"""`simkcc metrics`, `schema` and `validate`: lists and proofs."""

from typing import Annotated, Any

import typer

from simkcc.commands.options import Engine, Format, Jobs, Lang, Output, Tongue, Which
from simkcc.commands.screen import PROGRESS, print_csv, print_json, print_metrics, print_rows
from simkcc.errors import SimkccError


def metrics(output: Output = Format.TABLE, lang: Tongue = Lang.EN) -> None:
    """List every figure: name, meaning, formula, unit."""
    from simkcc.analysis.metrics.glossary import rows

    if output == Format.JSON:
        print_json(rows())
    else:
        print_metrics(lang.value)


def schema() -> None:
    """Print the JSON schema of a scenario file."""
    from simkcc.model.schema import json_schema

    print_json(json_schema())


def validate(
    jobs: Jobs = 2,
    engine: Which = Engine.KERNEL,
    output: Output = Format.TABLE,
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
    if output == Format.JSON:
        print_json(rows)
    elif output == Format.CSV:
        print_csv(rows)
    else:
        print_rows(rows)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if failed:
        what = "do not cover as they should" if coverage else "disagree with their oracle"
        raise SimkccError(f"{len(failed)} of {len(verdicts)} figures {what}")
