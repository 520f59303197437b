"""The command line: parse, call, print. Exit 0 fine, 1 the input is wrong, 2 usage."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from simkcc.errors import SettingError, SimkccError

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
    def shown(self) -> Iterator["Progress"]:
        """Show a bar on a terminal; say so when the engine must be compiled first."""
        from rich.progress import Progress as Bar

        from simkcc.routing.compiled import CACHE

        error = Console(stderr=True)
        if not CACHE.exists():
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
        print_json([_check_document(each) for each in loaded])
    else:
        _print_checked(loaded)
    if plan:
        for each in loaded[:1]:
            _print_plan(each)
    if complaints:
        raise SimkccError("\n".join(complaints))


def _check_document(loaded: Any) -> dict[str, Any]:
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


def _print_checked(loaded: list[Any]) -> None:
    table = Table("file", "variant", "given", "derived", "assumed", "measured", "unmarked")
    for each in loaded:
        found = _check_document(each)
        counts = [str(found["marks"][mark]) for mark in "GDAM"]
        table.add_row(found["file"], found["variant"] or "(base)", *counts, str(found["unmarked"]))
    if loaded:
        console().print(table)
    for each in loaded:
        for warning in each.warnings:
            console().print(f"warning: {warning}")


def _print_plan(loaded: Any) -> None:
    from simkcc.analysis.planview import plan_rows
    from simkcc.engine.compile import compile_plan

    table = Table("#", "step", "kind", "goes to", "takes", "of")
    for row in plan_rows(compile_plan(loaded.scenario)):
        table.add_row(*row)
    console().print(table)


# ---------------------------------------------------------------------------------------------
# run and compare


HEADLINES = (
    "dialled", "offered", "blocked", "menu_time", "menu_abandonment", "wrong_menu", "sl2", "sl6",
    "asa", "wait_p90", "time_to_human", "abandonment", "accessibility_r1", "direct",
    "transfer_success", "aht", "occupancy", "rostered_hours", "cost", "cost_per_call",
    "citizen_hours",
)  # fmt: skip
"""Figures of the tables; all are in the JSON."""


def _headlines(norms: Any) -> list[str]:
    own = [norms.service_level, f"accessibility_{norms.accessibility}"]
    return list(dict.fromkeys([*HEADLINES[:6], *own, *HEADLINES[6:]]))


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
        _print_csv([result])
    else:
        _print_result(result, lang.value)
    missed = [met for met in document["expectations"] if not met["met"]]
    if expectations and missed:
        names = ", ".join(f"{met['metric']} {met['found']:.4g}" for met in missed)
        raise SimkccError(f"{address}: expectations not met: {names}")


@app.command()
def compare(
    addresses: Annotated[list[str], typer.Argument(help="FILE.toml:A,B[,C…]; the first is the baseline")],
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
                loaded[0], [arm.label for arm in comparison.arms], seed=first.seed,
                scale=first.callers_per_attempt, settings=_settings(settings, weeks), jobs=jobs,
                replications=min(4, len(first.sums)), on_progress=progress,
            )  # fmt: skip
            comparison = replace(comparison, turns=turns)
    document = comparison_document(comparison)
    _write(out, "compare.json", document)
    if output == Format.JSON:
        print_json(document)
    elif output == Format.CSV:
        _print_csv(list(comparison.arms))
    else:
        _print_comparison(comparison, lang.value)


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


def _name(result: Any, lang: str) -> str:
    from simkcc.analysis.explain import name_of

    return name_of(result, lang)


def _metric_name(metric: str, lang: str) -> str:
    from simkcc.analysis.metrics import METRICS

    if metric not in METRICS:
        return metric
    return METRICS[metric].nl if lang == "nl" else METRICS[metric].en


def _print_result(result: Any, lang: str) -> None:
    from simkcc.analysis.figures import interval_text

    table = Table("figure", "", "mean ± 95 %", title=_name(result, lang), title_justify="left")
    for metric in _headlines(result.scenario.norms):
        interval = result.interval(metric)
        if interval.mean == interval.mean:
            table.add_row(metric, _metric_name(metric, lang), interval_text(metric, interval))
    console().print(table)
    console().print(_footer([result]))


def _print_comparison(comparison: Any, lang: str) -> None:
    from simkcc.analysis.explain import explain
    from simkcc.analysis.figures import difference_text, interval_text

    baseline, *others = comparison.arms
    screen = console()
    table = Table("figure", "")
    table.add_column(baseline.label, justify="right")
    for arm in others:
        table.add_column(f"{arm.label}\nminus {baseline.label}", justify="right")
    for metric in _headlines(baseline.scenario.norms):
        interval = baseline.interval(metric)
        if interval.mean != interval.mean:
            continue
        cells = []
        for arm in others:
            found = comparison.find(arm.label, metric)
            change = difference_text(metric, found.difference.mean, signed=True)
            half = difference_text(metric, (found.difference.high - found.difference.low) / 2)
            same = found.verdict.startswith("no")
            cells.append(f"[dim]{change} ± {half}  =[/dim]" if same else f"{change} ± {half}")
        table.add_row(metric, _metric_name(metric, lang), interval_text(metric, interval), *cells)
    for arm in comparison.arms:
        screen.print(_name(arm, lang), highlight=False)
    screen.print(table)
    screen.print(_footer(comparison.arms))
    for paragraph in explain(comparison, lang):
        screen.print()
        screen.print(paragraph, soft_wrap=not sys.stdout.isatty())
    _print_expectations(comparison, screen)


def _print_expectations(comparison: Any, screen: Console) -> None:
    from simkcc.analysis.compare import expectations_met

    judged = expectations_met(comparison.arms[0].scenario.expectations, comparison.arms)
    if not judged:
        return
    screen.print()
    for met in judged:
        each = met.expectation
        what = (
            f"{each.metric}: {each.variant} {each.sign} than {each.versus}"
            if each.sign
            else f"{each.metric} of {each.variant or 'every variant'}: {each.value:g} ± {each.tolerance:g}"
        )
        word = "met" if met.met else "NOT MET"
        screen.print(f"expectation ({each.basis}) {what}: {word}, found {met.found:.4g}")


def _footer(results: Any) -> str:
    first = results[0]
    scale = "" if first.callers_per_attempt == 1 else (
        f" The stated volume counts attempts; {first.callers_per_attempt:.1%} of them are first "
        "attempts of callers (fixed point in the baseline)."
    )  # fmt: skip
    noise = (
        " Differences are paired on the same callers; ± is the 95 % interval of simulation noise; "
        "= marks no detectable difference (Holm-corrected)."
        if len(results) > 1
        else " ± is the 95 % interval of simulation noise."
    )
    return f"{len(first.sums)} replications, seed {first.seed}.{noise}{scale}"


def _print_csv(results: list[Any]) -> None:
    import csv

    from simkcc.analysis.metrics import METRICS, PERCENTILES

    writer = csv.writer(sys.stdout)
    writer.writerow(["arm", "metric", "mean", "low", "high", "n"])
    for result in results:
        for metric in [*METRICS, *PERCENTILES]:
            found = result.interval(metric)
            writer.writerow([result.label, metric, found.mean, found.low, found.high, found.n])


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
    table = Table("name", "meaning", "formula", "unit")
    for each in METRICS.values():
        table.add_row(each.name, each.nl if lang == Lang.NL else each.en, each.formula, each.unit)
    console().print(table)


@app.command()
def schema() -> None:
    """Print the JSON schema of a scenario file."""
    from simkcc.model.schema import json_schema

    print_json(json_schema())


@app.command()
def validate(
    jobs: Jobs = 2, engine: Which = Engine.KERNEL, output: Output = Format.TABLE
) -> None:
    """Judge the engine by every oracle: closed forms, exact queues, identities."""
    from simkcc.analysis.validate import validate as judge

    with PROGRESS.shown() as progress:
        verdicts = judge(jobs=jobs, on_progress=progress, engine=engine.value)
    rows = [verdict.as_dict() for verdict in verdicts]
    if output == Format.JSON:
        print_json(rows)
    else:
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        console().print(table)
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
