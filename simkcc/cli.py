"""The command line: parse, call, print. Exit 0 fine, 1 the input is wrong, 2 usage."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.errors import SettingError, SimkccError
from simkcc.screen import (
    PROGRESS,
    check_document,
    print_checked,
    print_comparison,
    print_csv,
    print_json,
    print_metrics,
    print_plan,
    print_result,
    print_rows,
)

app = typer.Typer(
    name="simkcc", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Simulate municipal contact centres, and compare ways of routing and staffing them.",
)  # fmt: skip


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Engine(StrEnum):
    """Which engine plays."""

    KERNEL = "kernel"
    REFERENCE = "reference"


class Lang(StrEnum):
    """Language of the sentences."""

    EN = "en"
    NL = "nl"


Address = Annotated[str, typer.Argument(help="FILE.toml, or FILE.toml:VARIANT[,VARIANT…]")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="Set a value, as menu.length=13; may be repeated")
]
Replications = Annotated[
    int | None, typer.Option("--replications", "-r", min=1, help="Independent runs")
]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of all chance")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, help="Threads")]
Output = Annotated[Format, typer.Option("--format", "-f", help="How results are printed")]
Which = Annotated[Engine, typer.Option("--engine", help="Which engine plays")]
Weeks = Annotated[int | None, typer.Option("--weeks", min=1, help="Weeks to simulate")]
Tongue = Annotated[Lang, typer.Option("--lang", help="Language of the sentences")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for JSON and Parquet")]


def _settings(settings: list[str] | None, weeks: int | None) -> list[str]:
    extra = [] if weeks is None else [f"horizon.weeks={weeks}", "horizon.days=absent"]
    return [*(settings or []), *extra]


# ---------------------------------------------------------------------------------------------
# check


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Scenario files, FILE or FILE:VARIANT")],
    plan: Annotated[bool, typer.Option("--plan", help="Print the rows of the plan")] = False,
    settings: Settings = None,
    output: Output = Format.TABLE,
) -> None:
    """Say whether files are valid, and what in them is given, derived, assumed or measured."""
    from simkcc.model.files import load_all, load_scenario, parse_addresses

    loaded, complaints = [], []
    for address in files:
        path, variants = parse_addresses(address)
        try:
            if variants:
                loaded += [load_scenario(path, name, settings or ()) for name in variants]
            else:
                loaded += list(load_all(path, settings or ()).values())
        except SimkccError as error:
            complaints.append(str(error))
    if output == Format.JSON:
        print_json([check_document(each) for each in loaded])
    else:
        print_checked(loaded)
    if plan:
        for each in loaded[:1]:
            print_plan(each)
    if complaints:
        raise SimkccError("\n".join(complaints))


# ---------------------------------------------------------------------------------------------
# run and compare


@app.command()
def run(
    address: Address,
    settings: Settings = None,
    replications: Replications = None,
    seed: Seed = None,
    weeks: Weeks = None,
    jobs: Jobs = 2,
    engine: Which = Engine.KERNEL,
    output: Output = Format.TABLE,
    lang: Tongue = Lang.EN,
    out: Out = None,
    expectations: Annotated[
        bool, typer.Option("--expectations", help="Exit 1 if a stated figure is not met")
    ] = False,
) -> None:
    """Run one scenario: figures with their intervals."""
    from simkcc.analysis import results
    from simkcc.analysis.document import run_document
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    loaded = load_scenario(path, variant, _settings(settings, weeks))
    with PROGRESS.shown() as progress:
        result = results.run(
            loaded.scenario, name=loaded.scenario.name or path.stem, variant=variant,
            replications=replications, seed=seed, jobs=jobs, engine=engine.value,
            applied=loaded.applied, on_progress=progress,
        )  # fmt: skip
    document = run_document(result)
    _write(out, "run.json", document)
    if out is not None:
        _write_log(out, result, engine.value)
    if output == Format.JSON:
        print_json(document)
    elif output == Format.CSV:
        print_csv([result])
    else:
        print_result(result, lang.value)
    missed = [met for met in document["expectations"] if not met["met"]]
    if expectations and missed:
        names = ", ".join(f"{met['metric']} {met['found']:.4g}" for met in missed)
        raise SimkccError(f"{address}: expectations not met: {names}")


@app.command()
def compare(
    addresses: Annotated[
        list[str], typer.Argument(help="FILE.toml:A,B[,C…]; the first is the baseline")
    ],
    settings: Settings = None,
    replications: Replications = None,
    seed: Seed = None,
    weeks: Weeks = None,
    jobs: Jobs = 2,
    engine: Which = Engine.KERNEL,
    output: Output = Format.TABLE,
    lang: Tongue = Lang.EN,
    out: Out = None,
    turning: Annotated[
        bool, typer.Option(help="Compute where the declared assumptions turn a conclusion")
    ] = True,
) -> None:
    """Compare scenarios on the same callers: which differences are real, and what would turn them."""
    from dataclasses import replace

    from simkcc.analysis import compare as comparing
    from simkcc.analysis.document import comparison_document

    loaded = _arms(addresses, _settings(settings, weeks))
    with PROGRESS.shown() as progress:
        comparison = comparing.compare(
            loaded, replications=replications, seed=seed, jobs=jobs, engine=engine.value,
            on_progress=progress,
        )  # fmt: skip
        first = comparison.arms[0]
        if turning and len({each.path for each in loaded}) == 1:
            turns = comparing.turning_points(
                loaded[0], [arm.variant_name for arm in comparison.arms], seed=first.seed,
                scale=first.callers_per_attempt, settings=_settings(settings, weeks), jobs=jobs,
                replications=min(4, len(first.sums)), on_progress=progress,
            )  # fmt: skip
            comparison = replace(comparison, turns=turns)
    document = comparison_document(comparison)
    _write(out, "compare.json", document)
    if output == Format.JSON:
        print_json(document)
    elif output == Format.CSV:
        print_csv(list(comparison.arms))
    else:
        print_comparison(comparison, lang.value)


def _arms(addresses: list[str], settings: list[str]) -> list[Any]:
    from simkcc.model.files import load_all, load_scenario, parse_addresses

    loaded = []
    for address in addresses:
        path, variants = parse_addresses(address)
        if variants:
            loaded += [load_scenario(path, name, settings) for name in variants]
        elif len(addresses) == 1:
            every = load_all(path, settings)
            loaded += [each for each in every.values() if each.variant] or list(every.values())
        else:
            loaded.append(load_scenario(path, None, settings))
    return loaded


def _write(out: Path | None, name: str, document: Any) -> None:
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(json.dumps(document, indent=1, ensure_ascii=False))
    except OSError as error:
        raise SettingError(f"--out {out}: cannot write there ({error.strerror})") from None


def _write_log(out: Path, result: Any, engine: str) -> None:
    """Write the contact log of the first replication as Parquet."""
    from simkcc.analysis.parquet import write_log
    from simkcc.analysis.results import play
    from simkcc.engine.compile import compile_plan

    plan = compile_plan(result.scenario, result.callers_per_attempt).seeded(result.seed, 0)
    write_log(play(plan, engine).in_order(), plan, out)


# ---------------------------------------------------------------------------------------------
# lists and proofs


@app.command()
def metrics(output: Output = Format.TABLE, lang: Tongue = Lang.EN) -> None:
    """List every figure: name, meaning, formula, unit."""
    from simkcc.analysis.metrics import METRICS

    if output == Format.JSON:
        print_json(
            [
                {"name": m.name, "unit": m.unit, "nl": m.nl, "en": m.en, "formula": m.formula}
                for m in METRICS.values()
            ]
        )
        return
    print_metrics(lang.value)


@app.command()
def schema() -> None:
    """Print the JSON schema of a scenario file."""
    from simkcc.model.schema import json_schema

    print_json(json_schema())


@app.command()
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


INTERRUPTED = 130
"""What Ctrl-C exits with, by the custom of shells."""


def main() -> None:
    """Run the command line; a mistake of the user is one sentence and exit code 1."""
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        raise SystemExit(code if isinstance(code, int) else 0)
    except SimkccError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        sys.stderr.write(f"Interrupted: {PROGRESS.sentence}; nothing was written.\n")
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception as error:
        _usage(error)


def _usage(error: Exception) -> None:
    """Show a mistake in the use of the command line; let anything else through."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if code is None:
        raise error
    if show is not None:
        show()
    raise SystemExit(code)
