"""`simkcc fit`: own figures into a scenario, with evidence, and the model held against them."""

import csv
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.commands.options import (
    Address,
    Format,
    Jobs,
    Lang,
    Out,
    Output,
    Seed,
    Tongue,
    write_document,
)
from simkcc.errors import SettingError
from simkcc.screen import PROGRESS, console, print_json

Source = Annotated[
    Path, typer.Option("--from", help="Counts per half hour (CSV, Excel), a contact log (CSV), or a folder of simkcc run --out")
]  # fmt: skip


def fit(
    address: Address,
    source: Source,
    to: Annotated[Path | None, typer.Option("--to", help="New scenario file with the variant added; printed if absent")] = None,
    columns: Annotated[str | None, typer.Option(help="Which column is what: offered=Aangeboden,handling=Duur:min")] = None,
    name: Annotated[str, typer.Option(help="Name of the new variant")] = "measured",
    threshold: Annotated[float | None, typer.Option(min=0, help="Seconds of the file's service level; the scenario's if absent")] = None,
    validate: Annotated[bool, typer.Option(help="Play the fitted model and hold it against the data")] = True,
    replications: Annotated[int, typer.Option("--replications", "-r", min=2, help="Runs of the fitted model")] = 4,
    seed: Seed = None,
    jobs: Jobs = 2,
    output: Output = Format.TABLE,
    lang: Tongue = Lang.EN,
    out: Out = None,
) -> None:  # fmt: skip
    """Measure demand, handling and patience from your own figures, and write them as a variant."""
    from simkcc.analysis import results
    from simkcc.calibration import agreement as agreeing
    from simkcc.calibration.document import fit_document
    from simkcc.calibration.measure import measure, read_figures, refuse_too_few
    from simkcc.calibration.variant import check_text, variant_text
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    loaded = load_scenario(path, variant)
    scenario = loaded.scenario
    if to is not None and to.exists():
        raise SettingError(f"--to {to}: is there already; give the name of a new file")
    wanted = scenario.norms.threshold if threshold is None else threshold
    figures = read_figures(source, columns, wanted, scenario.horizon.start)
    refuse_too_few(figures, str(source))
    through = 1.0
    with PROGRESS.shown() as progress:
        if figures.contacts is None and (scenario.menu or scenario.lines):
            once = results.run(
                _four_weeks(scenario), name="menu", replications=1, seed=seed, on_progress=progress
            )
            through = agreeing.through(once)
        found = measure(figures, scenario, threshold=wanted, through=through, on_progress=progress)
        evidence = f"{source.name}, {figures.first} – {figures.last}"
        titles = {"nl": f"gemeten: {evidence}", "en": f"measured: {evidence}"}
        text = variant_text(path, variant, name, found, evidence, titles)
        with tempfile.TemporaryDirectory() as folder:
            fitted = check_text(text, Path(folder), name)
            compared = None
            if validate:
                same = agreeing.same_days(fitted.path, name, figures.counts, wanted)
                result = results.run(
                    same.scenario, name=scenario.name, variant=name, replications=replications,
                    seed=seed, jobs=jobs, on_progress=progress,
                )  # fmt: skip
                compared = agreeing.compare(figures.counts, result)
    _write(to, text)
    document = fit_document(figures, found, replace(loaded), str(source.name), compared)
    write_document(out, "fit.json", document)
    _draw(out, compared, f"{scenario.name}: {evidence}", lang.value)
    if output == Format.JSON:
        print_json(document | {"variant_text": _only_variant(text, name)})
    elif output == Format.CSV:
        _print_csv(document)
    else:
        _print_table(found, loaded, compared, lang.value)
        if to is None:
            console().print(_only_variant(text, name), markup=False, soft_wrap=True)
        else:
            console().print(f"{to}: variant {name}", markup=False)


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
    table = Table(*HEADS[lang])
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


def _print_csv(document: dict[str, Any]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(["path", "old", "old_mark", "value", "low", "high", "n", "mark"])
    for each in document["estimates"]:
        row = [
            each["path"],
            each["old"],
            each["old_mark"],
            each["value"],
            *each["ci"],
            each["n"],
            each["mark"],
        ]
        writer.writerow(["" if cell is None else cell for cell in row])
