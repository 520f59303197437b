"""`simkcc sweep`: figures as one number of a scenario moves over a range."""

from typing import TYPE_CHECKING, Annotated

import typer

from simkcc.commands import options
from simkcc.commands.report import ReportTo, check_place, command_of
from simkcc.commands.screen import PROGRESS, console, say, show, warn

if TYPE_CHECKING:
    from simkcc.analysis.sweep.played import Sweep

Moves = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="The number that moves, as menu.length=13..80 or groups.kcc.agents=4..12:2; and what "
        "is set besides, as redial.share=0.4",
    ),
]
Followed = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        help="A figure, may be repeated; the service level of the norms, time to a human and cost "
        "if absent",
    ),
]
Points = Annotated[
    int, typer.Option(min=2, max=200, help="Values to look at, unless a step is given")
]


def sweep(
    context: typer.Context,
    address: options.Address,
    settings: Moves = None,
    metric: Followed = None,
    points: Points = 8,
    replications: options.Replications = None,
    seed: options.Seed = None,
    weeks: options.Weeks = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
    report: ReportTo = None,
) -> None:
    """Let one number move over a range, and say what comes out at each value, on the same callers."""
    from simkcc.analysis.sweep import played
    from simkcc.analysis.sweep.document import sweep_document, sweep_rows
    from simkcc.analysis.sweep.range import parse_ranges
    from simkcc.model.files import load_scenario, parse_addresses

    over, rest = parse_ranges(settings or [])
    path, variants = parse_addresses(address)
    laid = options.with_weeks(rest, weeks)
    if report is not None:
        check_place(report)
    warn([load_scenario(path, each, laid) for each in variants or (None,)])
    with PROGRESS.shown() as progress:
        found = played.sweep(
            path, variants or (None,), over, settings=laid, metrics=metric or (), number=points,
            replications=replications, seed=seed, jobs=jobs, on_progress=progress,
        )  # fmt: skip
    document = sweep_document(found)
    options.write_document(out, "sweep.json", document)
    show(
        output, document=lambda: document, rows=lambda: sweep_rows(found),
        table=lambda: _print_tables(found, lang.value),
    )  # fmt: skip
    if report is not None:
        from simkcc.analysis.sweep.page import sweep_page

        command = command_of([address], context, "sweep")
        report.write_text(sweep_page(found, command, lang.value), encoding="utf-8")
        typer.echo(f"Report: {report.resolve()}", err=True)


def _print_tables(found: "Sweep", lang: str) -> None:
    """Print a table per figure: the values down, the variants across."""
    from rich.table import Table

    from simkcc.analysis.sweep.document import how_made, sentences
    from simkcc.analysis.sweep.page import cells, heads

    screen = console()
    for name in found.metrics:
        table = Table(title=found.title(name, lang), title_justify="left")
        table.add_column(found.key, justify="right")
        for head in heads(found, lang):
            table.add_column(head, justify="right")
        for point in found.points:
            table.add_row(*cells(found, point, name, lang))
        screen.print(table)
    say((*sentences(found, lang), how_made(found, lang)))
