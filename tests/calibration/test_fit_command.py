"""`simkcc fit` as its users meet it: a file in, a variant and its evidence out, or one sentence."""

import csv
import datetime
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from command import call

from simkcc.model.files import load_scenario


def counts_file(town, path: Path, *, abandonment: bool = True, swap: bool = False) -> Path:
    """Write the town's figures as a Belgian export of half-hourly counts."""
    counts = town.figures.counts
    heads = [
        "Datum",
        "Half uur",
        "Aangeboden",
        "Beantwoord",
        "Afgehaakt",
        "AHT (s)",
        "Servicelevel",
    ]
    if swap:
        heads[2], heads[3] = heads[3], heads[2]
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(heads)
        for day, date in enumerate(counts.dates.tolist()):
            for place in range(17, 34):
                offered, lost, within, seconds, handled = (
                    getattr(counts, name)[day, place].sum()
                    for name in ("offered", "abandoned", "within", "handle_seconds", "handled")
                )
                if not abandonment:
                    offered, lost = offered - lost, 0.0
                level = f"{100 * within / max(offered, 1):.1f}%".replace(".", ",")
                mean = f"{seconds / max(handled, 1):.1f}".replace(".", ",")
                when = datetime.date.fromordinal(date).strftime("%d/%m/%Y")
                start = f"{place // 2:02d}:{30 * (place % 2):02d}"
                writer.writerow(
                    [when, start, int(offered), int(offered - lost), int(lost), mean, level]
                )
    return path


@pytest.mark.slow
def test_a_log_becomes_a_variant_that_loads_and_agrees_with_the_data(
    capsys, monkeypatch, town, tmp_path
):
    to, out = tmp_path / "own.toml", tmp_path / "out"
    code, printed, error = call(
        capsys, monkeypatch, "fit", town.file, "--from", town.log, "--to", to, "--out", out,
        "--format", "json", "-r", 4,
    )  # fmt: skip
    assert (code, error) == (0, "")
    document = json.loads(printed)
    assert json.loads((out / "fit.json").read_text())["estimates"] == document["estimates"]
    loaded = load_scenario(to, "measured")
    assert loaded.marks["patience.mean"].mark == "M"
    assert loaded.marks["patience.mean"].limits[0] < 240 < loaded.marks["patience.mean"].limits[1]
    assert "Kaplan-Meier" in loaded.marks["patience.mean"].note
    assert load_scenario(to).scenario == load_scenario(town.file).scenario  # the base is as it was
    assert "but for chance" in document["agreement"]["verdict"][-1]["en"]
    figures = {cell["figure"] for cell in document["agreement"]["half_hours"]}
    assert figures == {"offered", "answered", "sl2", "abandonment", "asa"}
    picture = ET.parse(out / "fit.svg").getroot()
    assert picture.tag.endswith("svg")
    assert "http" not in (out / "fit.svg").read_text().replace("http://www.w3.org/2000/svg", "")


@pytest.mark.slow
def test_a_wrong_roster_is_not_called_agreement(capsys, monkeypatch, town, tmp_path):
    path = counts_file(town, tmp_path / "counts.csv")
    file = tmp_path / "town.toml"
    # With a second group the roster of neither can be derived, and its agents make waits vanish.
    text = town.file.read_text().replace(
        '[{ group = "team" }]', '[{ group = "team" }, { group = "more" }]'
    )
    file.write_text(text + '[groups.more]\nagents = 2\nhours = "open"\n')
    code, printed, _ = call(
        capsys, monkeypatch, "fit", file, "--from", path, "--format", "json", "-r", 4
    )
    assert code == 0
    assert "do not use the model there" in json.loads(printed)["agreement"]["verdict"][-1]["en"]


@pytest.mark.slow
def test_counts_alone_give_a_derived_patience(capsys, monkeypatch, town, tmp_path):
    path = counts_file(town, tmp_path / "counts.csv")
    code, printed, _ = call(
        capsys, monkeypatch, "fit", town.file, "--from", path, "--no-validate", "--format", "json"
    )
    assert code == 0
    estimates = {each["path"]: each for each in json.loads(printed)["estimates"]}
    patience = estimates["patience.mean"]
    assert patience["mark"] == "D"
    # A half hour of this town is far from balance with two or three agents: within a factor.
    assert 120 < patience["value"] < 480
    assert patience["ci"][0] < 240 < patience["ci"][1]
    assert "redial.share" not in estimates


@pytest.mark.slow
def test_a_file_without_abandonments_keeps_patience_as_it_was(capsys, monkeypatch, town, tmp_path):
    path = counts_file(town, tmp_path / "counts.csv", abandonment=False)
    to = tmp_path / "own.toml"
    code, printed, _ = call(
        capsys, monkeypatch, "fit", town.file, "--from", path, "--no-validate", "--to", to
    )
    assert code == 0
    assert "No abandonments in the file: patience cannot be estimated" in printed
    assert "patience.mean" not in load_scenario(to, "measured").marks


def test_thirty_calls_are_refused(capsys, monkeypatch, town, tmp_path):
    rows = ["Start,Answered,Ended,Queue"]
    start = datetime.datetime(2024, 1, 8, 9)
    for call_number in range(30):
        came = start + datetime.timedelta(minutes=3 * call_number)
        rows.append(
            f"{came},{came + datetime.timedelta(seconds=9)},{came + datetime.timedelta(seconds=99)},kcc"
        )
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows))
    code, printed, error = call(capsys, monkeypatch, "fit", town.file, "--from", path)
    assert (code, printed) == (1, "")
    assert "30 calls on 1 day(s)" in error
    assert "cannot be estimated" in error
    assert "Traceback" not in error


def test_swapped_columns_are_refused(capsys, monkeypatch, town, tmp_path):
    path = counts_file(town, tmp_path / "counts.csv", swap=True)
    code, printed, error = call(capsys, monkeypatch, "fit", town.file, "--from", path)
    assert (code, printed) == (1, "")
    assert "swapped" in error
    assert "--columns offered=HEADING,answered=HEADING" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "nowhere.csv"], "nowhere.csv: no such file"),
        (["--from", "."], "no contacts.parquet"),
        (["--from", "LOG", "--to", "TOWN"], "is there already"),
        # The file that it is fitted to is not there: the name is judged before anything is read.
        (["--from", "nowhere.csv", "--name", "base"], "choose another name"),
        (["--from", "nowhere.csv", "--name", "a.b"], "letters, digits"),
    ],
)
def test_slips_on_the_command_line_are_one_sentence(
    capsys, monkeypatch, town, tmp_path, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    named = {"LOG": town.log, "TOWN": town.file}
    code, _, error = call(
        capsys, monkeypatch, "fit", town.file, *(named.get(a, a) for a in arguments)
    )
    assert code == 1
    assert sentence in error


def test_dutch_and_tables(capsys, monkeypatch, town):
    code, printed, _ = call(
        capsys, monkeypatch, "fit", town.file, "--from", town.log, "--no-validate", "--lang", "nl"
    )
    assert code == 0
    assert "Het bestand beslaat geen heel jaar" in printed
    assert "[variants.measured]" in printed


@pytest.mark.slow
def test_yearly_reports_give_one_patience(capsys, monkeypatch, town, tmp_path):
    path = tmp_path / "jaren.csv"
    path.write_text(
        "Jaar;Oproepen;Gespreksduur;Servicelevel;Afhakers\n"
        "2018;174.444;4:47;71 %;6 %\n2019;163.408;4:52;67 %;7 %\n"
    )
    code, printed, _ = call(
        capsys, monkeypatch, "fit", town.file, "--from", path, "--threshold", 25, "--format", "json"
    )
    assert code == 0
    estimates = json.loads(printed)["estimates"]
    assert [each["path"] for each in estimates] == ["patience.mean"]
    assert estimates[0]["mark"] == "D"
