"""What an exchange told as a source of `simkcc fit`: the same calls give the same figures, however told."""

import json
from pathlib import Path
from typing import Any

import pytest
from command import call
from streams.sample import AMI, LOG

from simkcc.commands.importing import import_logs
from simkcc.model.calendar import WEEKDAYS

ANTWERP = Path(__file__).parents[2] / "scenarios" / "antwerp.toml:ivr13"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heard")
    import_logs([LOG], str(folder / "calls.jsonl"), zone="Europe/Brussels")
    import_logs([LOG], f"sqlite:///{folder}/calls.db", zone="Europe/Brussels")
    return folder


def fitted(capsys, monkeypatch, folder: Path, source: str) -> dict[str, Any]:
    code, printed, error = call(
        capsys, monkeypatch, "fit", ANTWERP, "--from", source, "--no-validate",
        "--format", "json",
    )  # fmt: skip
    assert (code, error) == (0, "")
    return {each["path"]: each["value"] for each in json.loads(printed)["estimates"]}


@pytest.mark.slow  # each fit draws its bootstrap
@pytest.mark.parametrize("how", ["{log}", "queue_log:{log}", "{folder}/calls.jsonl",
                                 "events:{folder}/calls.jsonl", "{folder}/calls.db",
                                 "sqlite:///{folder}/calls.db"])  # fmt: skip
def test_a_log_an_event_file_and_a_store_tell_the_same(
    capsys, monkeypatch, folder: Path, how: str
) -> None:
    source = how.format(log=LOG, folder=folder) + "?zone=Europe/Brussels"
    found = fitted(capsys, monkeypatch, folder, source)
    right = fitted(capsys, monkeypatch, folder, f"{LOG}?zone=Europe/Brussels")
    assert found == right and "patience.mean" in found


@pytest.mark.slow  # two fits
def test_the_interface_tells_the_same_patience_as_the_log(
    capsys, monkeypatch, folder: Path
) -> None:
    log = fitted(capsys, monkeypatch, folder, str(LOG))
    found = fitted(capsys, monkeypatch, folder, f"asterisk+file:{AMI}?queue_log={LOG}")
    assert found["patience.mean"] == pytest.approx(log["patience.mean"], rel=0.1)


@pytest.mark.slow  # a fit draws its bootstrap
def test_counts_of_intervals_tell_the_volume(capsys, monkeypatch, folder: Path) -> None:
    rows = ["queue,start,length_s,offered,answered,abandoned"]
    for day in range(16, 30):
        for half in range(16, 40):
            start = f"2026-11-{day}T{half // 2:02}:{30 * (half % 2):02}"
            rows.append(f"Onthaal,{start},1800,{40 + (day * half) % 21},38,2")
    (folder / "counts.csv").write_text("\n".join(rows))
    found = fitted(capsys, monkeypatch, folder, f"intervals:{folder}/counts.csv")
    assert found["seen.hours"] == [f"{day} 08:00-20:00" for day in WEEKDAYS]
    assert len(found["demand.profile.shares"]) == 24 and found["demand.per_year"] > 0


@pytest.mark.parametrize(
    ("source", "says"),
    [("asterisk://u:secret@127.0.0.1", "no end"), ("queue_log:/nowhere", "no file"),
     ("/nowhere.csv", "nowhere.csv")],
)  # fmt: skip
def test_a_mistake_is_one_sentence(
    capsys, monkeypatch, folder: Path, source: str, says: str
) -> None:
    code, _, error = call(capsys, monkeypatch, "fit", ANTWERP, "--from", source)
    assert code == 1 and says in error and "secret" not in error
