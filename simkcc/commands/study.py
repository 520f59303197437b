"""`simkcc run` and `simkcc compare`: one scenario, and several on the same callers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.commands.options import (
    Address,
    Engine,
    Format,
    Jobs,
    Lang,
    Out,
    Output,
    Replications,
    Seed,
    Settings,
    Tongue,
    Weeks,
    Which,
    with_weeks,
    write_document,
)
from simkcc.errors import SimkccError
from simkcc.screen import (
    PROGRESS,
    print_comparison,
    print_csv,
    print_json,
    print_refused,
    print_result,
)


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
    stream: Annotated[
        bool, typer.Option("--stream", help="Keep no contact log: the same memory, however long")
    ] = False,
) -> None:
    """Run one scenario: figures with their intervals."""
    from simkcc.analysis import results
    from simkcc.analysis.document import run_document
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    loaded = load_scenario(path, variant, with_weeks(settings, weeks))
    with PROGRESS.shown() as progress:
        result = results.run(
            loaded.scenario, name=loaded.scenario.name or path.stem, variant=variant,
            replications=replications, seed=seed, jobs=jobs, engine=engine.value, stream=stream,
            applied=loaded.applied, on_progress=progress,
        )  # fmt: skip
    document = run_document(result)
    write_document(out, "run.json", document)
    if out is not None and not stream:
        _write_log(out, result, engine.value)
    if output == Format.JSON:
        print_json(document)
    elif output == Format.CSV:
        print_csv([result])
    else:
        print_result(result, lang.value)
        print_refused(result)
    missed = [met for met in document["expectations"] if not met["met"]]
    if expectations and missed:
        names = ", ".join(f"{met['metric']} {met['found']:.4g}" for met in missed)
        raise SimkccError(f"{address}: expectations not met: {names}")


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

    loaded = _arms(addresses, with_weeks(settings, weeks))
    with PROGRESS.shown() as progress:
        comparison = comparing.compare(
            loaded, replications=replications, seed=seed, jobs=jobs, engine=engine.value,
            on_progress=progress,
        )  # fmt: skip
        first = comparison.arms[0]
        if turning and len({each.path for each in loaded}) == 1:
            turns = comparing.turning_points(
                loaded[0], [arm.variant_name for arm in comparison.arms], seed=first.seed,
                scale=first.callers_per_attempt, settings=with_weeks(settings, weeks), jobs=jobs,
                replications=min(4, len(first.sums)), on_progress=progress,
            )  # fmt: skip
            comparison = replace(comparison, turns=turns)
    document = comparison_document(comparison)
    write_document(out, "compare.json", document)
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


def _write_log(out: Path, result: Any, engine: str) -> None:
    """Write the contact log of the first replication as Parquet."""
    from simkcc.analysis.parquet import write_log
    from simkcc.analysis.results import play
    from simkcc.engine.compile import compile_plan

    plan = compile_plan(result.scenario, result.callers_per_attempt).seeded(result.seed, 0)
    write_log(play(plan, engine).in_order(), plan, out)
