"""`simkcc tally`: a finite stream to its end, and what happened."""

from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.screen import PROGRESS, console, show
from simkcc.errors import SettingError

From = Annotated[
    str,
    typer.Option(
        "--from",
        help="A queue_log, an event file, a store, or asterisk+file:PATH[,PATH…]",
    ),
]

COLUMNS = (
    "queue", "joined", "answered", "left", "gone_by", "wait_s", "talk_s", "agent", "outcome",
)  # fmt: skip
"""Columns of the visits as CSV."""


def tally(
    source: From,
    queue_log: Annotated[
        Path | None, typer.Option("--queue-log", help="Asterisk's queue_log: why callers left")
    ] = None,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
) -> None:
    """Read a finite stream to its end: offered, answered and left per queue, and every visit.

    Agents are shown by the names their exchange has for them, where it told; nothing is stored.
    """
    from simkcc.analysis.columns.visits import counts_of, counts_of_intervals, visits_of
    from simkcc.analysis.ledger import Ledger
    from simkcc.streams.source import Options, open_recording

    if queue_log is not None and not queue_log.is_file():
        raise SettingError(f"--queue-log {queue_log}: there is no such file")
    recording = open_recording(source, Options(queue_log=queue_log))
    ledger = Ledger()
    with PROGRESS.shown(runs=False) as progress:
        for number, event in enumerate(recording.read()):
            ledger.apply(event)
            if number % 4096 == 0:
                progress(recording.done, max(recording.size, recording.done), "bytes")
    directory = recording.directory
    visits = list(visits_of(ledger.log(), directory.told))
    _extend(directory.queues, visits)
    queues = counts_of(visits, directory.queues)
    if directory.intervals:
        queues = counts_of_intervals(directory.intervals, directory.queues)
    rows = [_row(visit, directory) for visit in visits]
    troubles = {**recording.troubles, **{str(k): n for k, n in ledger.rejected.items()}}

    def print_table() -> None:
        _print_table(queues, recording.troubles, lang.value)
        if "calls" in directory.partial:
            console().print(ONLY_COUNTS[lang.value])

    show(
        output, document=lambda: {"queues": queues, "visits": rows, "troubles": troubles},
        rows=lambda: rows, table=print_table, columns=COLUMNS,
    )  # fmt: skip


def _extend(queues: list[str], visits: list[Any]) -> None:
    """Give queues that no source named a name of their own."""
    most = max((visit.place for visit in visits), default=-1)
    queues += [f"#{number}" for number in range(len(queues), most + 1)]


def _row(visit: Any, directory: Any) -> dict[str, Any]:
    from simkcc.analysis.columns.visits import seconds
    from simkcc.streams.clock import Clock

    clock = Clock(directory.zone, directory.first_date)

    def moment(at: int | None) -> float | None:
        return None if at is None or not directory.timed else clock.moment(at) / 1_000_000

    agent = directory.people.get(visit.agent)
    if agent is None and 0 <= visit.agent < len(directory.agents):
        agent = directory.agents[visit.agent]
    gone_by = moment(visit.gone_by)
    return {
        "queue": directory.queues[visit.place],
        "joined": moment(visit.joined),
        "answered": moment(visit.answered),
        "left": moment(visit.left),
        "wait_s": seconds(visit.wait),
        "talk_s": seconds(visit.talk),
        "agent": agent,
        "outcome": visit.outcome,
    } | ({} if gone_by is None else {"gone_by": gone_by})


ONLY_COUNTS = {
    "en": "This exchange only counts per interval: no single call, wait or talk is known.",
    "nl": "Deze centrale telt enkel per interval: geen afzonderlijke oproep, wachttijd of gesprek is bekend.",
}

HEADS = {
    "en": ("queue", "offered", "answered", "abandoned", "timeout", "key", "no agents", "unknown"),
    "nl": (
        "wachtrij", "aangeboden", "beantwoord", "opgehangen", "te lang", "toets",
        "geen medewerkers", "onbekend",
    ),
}  # fmt: skip


def _print_table(queues: dict[str, dict[str, int]], troubles: Any, lang: str) -> None:
    from rich.table import Table

    table = Table(HEADS[lang][0])
    for head in HEADS[lang][1:]:
        table.add_column(head, justify="right")
    for name, counts in queues.items():
        table.add_row(name, *(str(count) for count in counts.values()))
    total = [sum(column) for column in zip(*(c.values() for c in queues.values()), strict=True)]
    if len(queues) > 1:
        table.add_section()
        table.add_row("totaal" if lang == "nl" else "total", *(str(count) for count in total))
    console().print(table)
    for what, count in troubles.items():
        console().print(f"{what}: {count}")
