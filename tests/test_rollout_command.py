"""`simkcc rollout` and `compare --policies` as their users meet them."""

import csv
import io
import json
from functools import partial
from pathlib import Path

import pytest
from analysis.rollout_cases import TOWN
from command import call

FAST = ("-r", "2", "--draws", "2", "-j", "1")


@pytest.fixture
def simkcc(capsys, monkeypatch):
    """Return a call of the command line: exit code, output and error."""

    return partial(call, capsys, monkeypatch)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("town") / "town.toml"
    path.write_text(TOWN)
    return str(path)


@pytest.mark.slow
def test_the_calendar_as_json_and_in_a_folder(simkcc, file: str, tmp_path: Path) -> None:
    code, out, err = simkcc("rollout", file, *FAST, "--format", "json", "--out", str(tmp_path))
    assert code == 0, err
    document = json.loads(out)
    assert document == json.loads((tmp_path / "rollout.json").read_text())
    assert document["schema"] == "simkcc/1"
    assert [each["label"] for each in document["periods"]][:2] == ["Q1 2024", "Q2 2024"]
    assert {each["phase"] for each in document["gates"]} == {"first", "second"}
    assert all(document["sentences"][lang] for lang in ("nl", "en"))
    assert "groups.kcc.agents" not in document["drawn"]
    assert "rollout.half_life" in document["drawn"]


@pytest.mark.slow
def test_which_department_next_in_dutch(simkcc, file: str) -> None:
    code, out, err = simkcc("rollout", file, *FAST, "--next", "--people", "5", "--lang", "nl")
    assert code == 0, err
    assert "1. " in out
    assert "Volgorde: " in out


def test_policies_side_by_side_as_csv(simkcc, file: str) -> None:
    code, out, err = simkcc(
        "compare", file, "--policies", "R1,R2,R6c", "-r", "2", "--weeks", "1", "--format", "csv"
    )
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["arm"] for row in rows} == {"R1", "R2", "R6c"}


WRONG = [
    (("rollout", "FILE", "--postpone", "first"), "give a phase and a number of quarters"),
    (("rollout", "FILE", "--postpone", "frist=1"), "did you mean 'first'"),
    (("rollout", "FILE", "--at", "2024-01-01"), "--at and --people go with --next"),
    (("rollout", "FILE", "--next", "--at", "2030-01-01"), "lies outside the calendar"),
    (("rollout", "FILE", "--next", "--at", "soon"), "give a date like 2024-04-01"),
    (("rollout", "FILE", "--measured", "FILE"), "marks no number of this centre M"),
    (("rollout", "FILE", "--measured", "frist=FILE:fitted"), "no phase 'frist'; phases are first"),
    (
        ("rollout", "FILE", "--measured", "FILE:fitted", "--measured", "FILE:fitted"),
        "give one file for all phases",
    ),
    (("compare", "FILE:fitted", "FILE", "--policies", "R1"), "name one file"),
    (("compare", "FILE", "--policies", "R1"), "one scenario alone cannot be compared"),
    (("compare", "FILE", "--policies", "R1,R9"), "R9 does not apply to"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=lambda each: str(each)[:40])
def test_a_mistake_is_one_sentence(
    simkcc, file: str, arguments: tuple[str, ...], sentence: str
) -> None:
    code, _, err = simkcc(*(each.replace("FILE", file) for each in arguments))
    assert code == 1
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
