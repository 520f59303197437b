"""`simkcc metrics`, `schema` and `validate`: lists and proofs."""

from simkcc.commands.options import Engine, Format, Jobs, Lang, Output, Tongue, Which
from simkcc.errors import SimkccError
from simkcc.screen import PROGRESS, print_json, print_metrics, print_rows


def metrics(output: Output = Format.TABLE, lang: Tongue = Lang.EN) -> None:
    """List every figure: name, meaning, formula, unit."""
    from simkcc.analysis.glossary import rows

    if output == Format.JSON:
        print_json(rows())
    else:
        print_metrics(lang.value)


def schema() -> None:
    """Print the JSON schema of a scenario file."""
    from simkcc.model.schema import json_schema

    print_json(json_schema())


def validate(jobs: Jobs = 2, engine: Which = Engine.KERNEL, output: Output = Format.TABLE) -> None:
    """Judge the engine by every oracle: closed forms, exact queues, identities."""
    from simkcc.analysis.validate import validate as judge

    with PROGRESS.shown() as progress:
        verdicts = judge(jobs=jobs, on_progress=progress, engine=engine.value)
    rows = [verdict.as_dict() for verdict in verdicts]
    if output == Format.JSON:
        print_json(rows)
    else:
        print_rows(rows)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if failed:
        raise SimkccError(f"{len(failed)} of {len(verdicts)} figures disagree with their oracle")
