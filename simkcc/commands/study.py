"""`simkcc run` and `simkcc compare`: one scenario, and several on the same callers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.arms import arms_of, under
from simkcc.commands.report import (
    OnePage,
    ReportTo,
    Sliders,
    check_report,
    command_of,
    write_report,
)
from simkcc.commands.screen import PROGRESS, show, warn
from simkcc.commands.screen_study import expectation_text, print_comparison, print_result
from simkcc.errors import SettingError, SimkccError


def run(
    address: options.Address,
    settings: options.Settings = None,
    replications: options.Replications = None,
    precision: options.Precision = None,
    at_most: options.AtMost = 1000,
    minutes: options.Minutes = 10.0,
    seed: options.Seed = None,
    weeks: options.Weeks = None,
    jobs: options.Jobs = 2,
    engine: options.Which = options.Engine.KERNEL,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
    expectations: options.Expect = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Keep no contact log: the same memory, however long")
    ] = False,
) -> None:
    """Run one scenario: figures with their intervals."""
    from simkcc.analysis import results
    from simkcc.analysis.document import rows, run_document
    from simkcc.analysis.inputs import evidence
    from simkcc.analysis.precision import Limits, Reached, parse_precision, until_precise
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    targets = parse_precision(precision) if precision else ()
    loaded = load_scenario(path, variant, options.with_weeks(settings, weeks))
    warn([loaded])
    number = replications or loaded.scenario.replications
    reached: tuple[Reached, ...] = ()
    with PROGRESS.shown() as progress:
        result = results.begin(
            loaded.scenario, name=loaded.scenario.name or path.stem, variant=variant, seed=seed,
            applied=loaded.applied,
        )  # fmt: skip

        def grow(wanted: int) -> None:
            results.grow(
                result, wanted, jobs=jobs, engine=engine.value, stream=stream, on_progress=progress
            )

        if targets:
            reached = until_precise(
                lambda: [(each, result.label, result.interval(each.metric)) for each in targets],
                grow, number, Limits(at_most, minutes),
            )  # fmt: skip
        else:
            grow(number)
    known = evidence([loaded])
    found = _Results(
        lambda: run_document(result, evidence=known, precision=reached), lambda: rows([result])
    )
    found.show(output, lambda: print_result(result, lang.value, known, reached))
    found.write(out, "run.json", [] if stream else [result], engine.value)
    _judge(expectations, address, result.scenario, [result], lang.value)


Inputs = Annotated[
    int | None,
    typer.Option("--inputs", min=10, help="Draw the assumed inputs so many times, jointly"),
]
Policies = Annotated[
    str | None,
    typer.Option(
        "--policies",
        help="Policies R0 to R10 on one centre, the first being the baseline: R1,R3:after=60",
    ),
]


def compare(
    context: typer.Context,
    addresses: Annotated[
        list[str],
        typer.Argument(
            help="FILE.toml:A,B[,C…]; the first is the baseline. FILE.toml alone: all its variants, "
            "a single one with the file itself"
        ),
    ],
    settings: options.Settings = None,
    replications: options.Replications = None,
    precision: options.Precision = None,
    at_most: options.AtMost = 1000,
    minutes: options.Minutes = 10.0,
    inputs: Inputs = None,
    seed: options.Seed = None,
    weeks: options.Weeks = None,
    jobs: options.Jobs = 2,
    engine: options.Which = options.Engine.KERNEL,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
    expectations: options.Expect = False,
    policies: Policies = None,
    turning: Annotated[
        bool, typer.Option(help="Compute where the declared assumptions turn a conclusion")
    ] = True,
    report: ReportTo = None,
    sliders: Sliders = False,
    one_page: OnePage = False,
) -> None:
    """Compare scenarios on the same callers: which differences are real, and what would turn them."""
    from simkcc.analysis.document import comparison_document, rows
    from simkcc.analysis.precision import Limits, parse_precision

    targets = parse_precision(precision) if precision else ()
    laid = options.with_weeks(settings, weeks)
    loaded = arms_of(addresses, laid) if policies is None else under(policies, addresses, laid)
    turning = turning and policies is None
    chance: dict[str, Any] = {
        "replications": replications, "seed": seed, "jobs": jobs, "engine": engine.value,
        "targets": targets, "limits": Limits(at_most, minutes),
    }  # fmt: skip
    check_report(report, len(loaded), sliders=sliders, one_page=one_page)
    comparison = _compared(loaded, chance, laid if turning else None, inputs)
    found = _Results(
        lambda: comparison_document(comparison),
        lambda: rows(comparison.arms, comparison.differences),
    )
    found.show(output, lambda: print_comparison(comparison, lang.value))
    found.write(out, "compare.json", comparison.arms, engine.value)
    if report is not None:
        command = command_of(addresses, context)
        write_report(
            report, comparison, loaded, command, lang.value, sliders=sliders, brief=one_page,
            jobs=jobs,
        )  # fmt: skip
    _judge(expectations, addresses[0], comparison.arms[0].scenario, comparison.arms, lang.value)


def _compared(
    loaded: list[Any], chance: dict[str, Any], turning: list[str] | None, inputs: int | None
) -> Any:
    """Return a comparison, with turning points and draws of the inputs if they are wanted.

    turning: the settings under which to look for them; None looks for none.
    """
    from simkcc.analysis import compare as comparing
    from simkcc.analysis.inputs import study

    warn(loaded)
    jobs = chance["jobs"]
    with PROGRESS.shown() as progress:
        comparison = comparing.compare(loaded, **chance, on_progress=progress)
        first = comparison.arms[0]
        if turning is not None and len({each.path for each in loaded}) == 1:
            turns = comparing.turning_points(
                loaded[0], [arm.variant_name for arm in comparison.arms], seed=first.seed,
                scale=first.callers_per_attempt, settings=turning, jobs=jobs,
                replications=min(4, len(first.sums)), on_progress=progress,
            )  # fmt: skip
            comparison = replace(comparison, turns=turns)
        if inputs is not None:
            drawn = study(
                loaded, comparison.headlines, inputs, seed=first.seed, jobs=jobs,
                on_progress=progress,
            )  # fmt: skip
            comparison = comparing.with_inputs(comparison, drawn)
    return comparison


def _judge(asked: bool, address: str, scenario: Any, arms: Sequence[Any], lang: str) -> None:
    """Fail if it was asked for and a stated figure did not come out, naming all of those."""
    from simkcc.analysis.expected import expectations_met

    missed = [met for met in expectations_met(scenario.expectations, arms) if not met.met]
    if asked and missed:
        names = "; ".join(expectation_text(met, lang) for met in missed)
        raise SimkccError(f"{address}: {len(missed)} expectations not met: {names}")


class _Results:
    """The document and the rows of a command, made when they are needed."""

    def __init__(
        self, document: Callable[[], Any], rows: Callable[[], list[dict[str, Any]]]
    ) -> None:
        self.document, self.rows = cache(document), cache(rows)

    def show(self, output: options.Format, table: Callable[[], None]) -> None:
        """Print them as they are asked for."""
        show(output, document=self.document, rows=self.rows, table=table)

    def write(self, out: Path | None, name: str, arms: Sequence[Any], engine: str) -> None:
        """Write the document, the figures as Parquet, and each arm's log of the first replication.

        A single arm's log stands in the folder itself, several in a folder each.
        """
        if out is None:
            return
        from simkcc.analysis.parquet import write_log, write_rows
        from simkcc.analysis.results import play
        from simkcc.engine.compile import compile_plan

        options.write_document(out, name, self.document())
        write_rows(self.rows(), out / "metrics.parquet")
        for arm in arms:
            folder = out if len(arms) == 1 else out / arm.label.replace(":", "-")
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                why = error.strerror
                raise SettingError(f"--out {folder}: cannot write there ({why})") from None
            plan = compile_plan(arm.scenario, arm.callers_per_attempt).seeded(arm.seed, 0)
            write_log(play(plan, engine).in_order(), plan, folder)
