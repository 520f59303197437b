"""`simkcc fit`: own figures into a scenario, with evidence, and the model held against them."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.screen import PROGRESS, console, show
from simkcc.errors import SettingError

Source = Annotated[
    str, typer.Option("--from", help="Counts per half hour (CSV, Excel), a contact log (CSV), a folder of simkcc run --out, or what an exchange told: a queue_log, an event file, a store, asterisk+file:PATH, …")
]  # fmt: skip


def fit(
    address: options.Address,
    source: Source,
    to: Annotated[Path | None, typer.Option("--to", help="New scenario file with the variant added; printed if absent")] = None,
    columns: Annotated[str | None, typer.Option(help="Which column is what: offered=Aangeboden,handling=Duur:min")] = None,
    name: Annotated[str, typer.Option(help="Name of the new variant")] = "measured",
    threshold: Annotated[float | None, typer.Option(min=0, help="Seconds of the file's service level; the scenario's if absent")] = None,
    validate: Annotated[bool, typer.Option(help="Play the fitted model and hold it against the data")] = True,
    replications: Annotated[int, typer.Option("--replications", "-r", min=2, help="Runs of the fitted model")] = 8,
    seed: options.Seed = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
) -> None:  # fmt: skip
    """Measure demand, handling and patience from your own figures, and write them as a variant."""
    from simkcc.calibration.document import fit_document
    from simkcc.calibration.variant import check_text, refuse_name, variant_text
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    loaded = load_scenario(path, variant)
    scenario = loaded.scenario
    refuse_name(loaded, name)
    if to is not None and to.exists():
        raise SettingError(f"--to {to}: is there already; give the name of a new file")
    wanted = scenario.norms.threshold if threshold is None else threshold
    of = _Source(source, columns, wanted, scenario)
    with PROGRESS.shown():
        found = of.measured(seed)
        titles = {"nl": f"gemeten: {of.evidence}", "en": f"measured: {of.evidence}"}
        text = variant_text(path, variant, name, found, of.evidence, titles)
        with tempfile.TemporaryDirectory() as folder:
            fitted = check_text(text, Path(folder), name)
            compared = (
                of.compared(fitted.path, name, replications, seed, jobs) if validate else None
            )
    _write(to, text)
    document = fit_document(of.figures, found, loaded, of.name, compared)
    options.write_document(out, "fit.json", document)
    _draw(out, compared, f"{scenario.name}: {of.evidence}", lang.value)

    def print_table() -> None:
        _print_table(found, loaded, compared, lang.value)
        written = _only_variant(text, name) if to is None else f"{to}: variant {name}"
        console().print(written, markup=False, soft_wrap=True)

    show(
        output, document=lambda: document | {"variant_text": _only_variant(text, name)},
        rows=lambda: _rows(document), table=print_table, columns=COLUMNS,
    )  # fmt: skip


class _Source:
    """What `--from` holds: contacts or counts, or the figures of some years."""

    def __init__(self, source: str, columns: str | None, threshold: float, scenario: Any) -> None:
        from simkcc.calibration.columns import parse_map
        from simkcc.calibration.contacts import is_own_log
        from simkcc.calibration.measure import read_figures, refuse_too_few
        from simkcc.calibration.tables import read_table
        from simkcc.calibration.years import looks_like_years, read_years
        from simkcc.streams.source import HIDDEN, SECRET

        path = Path(source)
        self.shown = SECRET.sub(HIDDEN, source)
        self.name = Path(self.shown.partition("?")[0].rpartition(":")[2]).name
        self.threshold, self.scenario = threshold, scenario
        self.figures: Any = None
        self.years: Any = []
        if _is_told(source):
            self.figures = _heard(source, threshold)
        elif path.is_file() and not is_own_log(path) and looks_like_years(read_table(path)):
            self.years = read_years(read_table(path), parse_map(columns))
            self.evidence = f"{self.name}, {self.years[0].name} to {self.years[-1].name}"
            return
        else:
            self.figures = read_figures(path, columns, threshold, scenario.horizon.start)
        refuse_too_few(self.figures, self.shown)
        self.evidence = f"{self.name}, {self.figures.first} to {self.figures.last}"

    def measured(self, seed: int | None) -> Any:
        """Return every estimate; raises SettingError if there is none."""
        from simkcc.calibration.measure import measure
        from simkcc.calibration.years import fit_years, year_findings

        if self.figures is None:
            found = year_findings(fit_years(self.years, self.scenario, self.threshold))
        else:
            found = measure(
                self.figures, self.scenario, threshold=self.threshold,
                through=self._through(seed), on_progress=PROGRESS,
            )  # fmt: skip
        if not any(each.is_written for each in found.estimates):
            reasons = " ".join(each.en for each in found.said)
            raise SettingError(f"{self.shown}: nothing can be estimated. {reasons}")
        return found

    def _through(self, seed: int | None) -> float:
        """Return the share of dialled calls that reach a queue, which is where counts start."""
        from simkcc.analysis import results
        from simkcc.calibration.agreement import through

        contacts = self.figures.contacts
        if contacts is not None and not contacts.from_queue:
            return 1.0
        if not (self.scenario.menu or self.scenario.lines):
            return 1.0
        once = _four_weeks(self.scenario)
        return through(results.run(once, replications=1, seed=seed, on_progress=PROGRESS))

    def compared(
        self, file: Path, name: str, replications: int, seed: int | None, jobs: int
    ) -> Any:
        """Return the fitted model against the data; None for yearly figures."""
        from simkcc.analysis import results
        from simkcc.calibration.agreement import compare, same_days

        if self.figures is None:
            return None
        same = same_days(file, name, self.figures.counts, self.threshold)
        result = results.run(
            same.scenario, name=self.scenario.name, variant=name, replications=replications,
            seed=seed, jobs=jobs, on_progress=PROGRESS,
        )  # fmt: skip
        return compare(self.figures.counts, result)


def _is_told(source: str) -> bool:
    """Return whether a source is what an exchange told, rather than a table or a folder."""
    from simkcc.streams.event_file import scheme_of
    from simkcc.streams.source import SCHEMES

    path = Path(source.partition("?")[0].partition(",")[0])
    if path.exists():
        return path.is_file() and path.stat().st_size > 0 and bool(scheme_of(path))
    return source.partition(":")[0] in SCHEMES


def _heard(address: str, threshold: float) -> Any:
    """Return the figures of a source with an end, read to it."""
    from simkcc.analysis.ledger import Ledger
    from simkcc.calibration.heard import figures_of_intervals, figures_of_log
    from simkcc.streams.source import open_recording

    recording = open_recording(address)
    ledger = Ledger(recording.read())
    names = recording.directory
    if names.intervals:
        return figures_of_intervals(names.intervals, names.queues, names.first_date)
    if not names.timed:
        raise SettingError(
            f"{address}: nothing in it tells the time of day; demand cannot be measured"
        )
    return figures_of_log(ledger.log(), names.told, names.queues, names.first_date, threshold)


def _four_weeks(scenario: Any) -> Any:
    horizon = scenario.horizon.model_copy(update={"weeks": 4, "days": None, "warm_up_days": 0})
    return scenario.model_copy(
        update={"horizon": horizon, "expectations": (), "turning_points": ()}
    )


def _only_variant(text: str, name: str) -> str:
    return text[text.rindex(f"[variants.{name}]") :]


def _write(to: Path | None, text: str) -> None:
    if to is None:
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"--to {to}: cannot write there ({error.strerror})") from None


def _draw(out: Path | None, compared: Any, title: str, lang: str) -> None:
    from simkcc.calibration.chart import chart

    if out is not None and compared is not None:
        (out / "fit.svg").write_text(chart(compared, title, lang), encoding="utf-8")


def _print_table(found: Any, loaded: Any, compared: Any, lang: str) -> None:
    from rich.table import Table

    from simkcc.calibration.document import HEADS, agreement_rows, estimate_rows, verdict

    screen = console()
    table = Table()
    for head in HEADS[lang]:
        table.add_column(head, overflow="fold")
    for row in estimate_rows(found, loaded, lang):
        table.add_row(*row)
    screen.print(table)
    for said in found.said:
        screen.print(f"- {said.by(lang)}", markup=False, soft_wrap=True)
    if compared is None:
        return
    heads, rows = agreement_rows(compared)
    pair = "cijfers | model, * buiten de ruis" if lang == "nl" else "data | model, * beyond noise"
    table = Table(*heads, title=pair, title_justify="left")
    for cells in rows:
        table.add_row(*cells)
    screen.print(table)
    for said in verdict(compared):
        screen.print(f"- {said.by(lang)}", markup=False, soft_wrap=True)


COLUMNS = ("path", "old", "old_mark", "value", "low", "high", "n", "mark")
"""Columns of the estimates as CSV."""


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for each in document["estimates"]:
        low, high = each["ci"]
        found.append({name: each.get(name) for name in COLUMNS} | {"low": low, "high": high})
    return found
