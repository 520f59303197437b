"""`simkcc tally`: the contract of its JSON, and what it says when it cannot."""

import json
import re
from pathlib import Path

import pytest
from streams.sample import AMI, LOG, RAW, TRUTH, true_counts

from simkcc.commands.options import Format, Lang
from simkcc.commands.tally import tally
from simkcc.errors import SettingError

VISIT = {"queue", "joined", "answered", "left", "wait_s", "talk_s", "agent", "outcome"}


def tallied(capsys: pytest.CaptureFixture[str], address: str, log: Path | None = None) -> dict:
    tally(address, log, Format.JSON)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("address", [str(LOG), f"asterisk+file:{AMI}", str(AMI)])
def test_the_document_is_as_agreed(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    document = tallied(capsys, address, LOG if "ami" in address else None)
    assert {queue: document["queues"][queue] for queue in TRUTH["per_queue"]} == {
        queue: true_counts(queue) for queue in TRUTH["per_queue"]
    }
    assert document["troubles"] == {}
    first = min(visit["join_t"] for visit in TRUTH["visits"])
    assert document["visits"][0]["joined"] == pytest.approx(first, abs=1.01)
    for visit in document["visits"]:
        assert set(visit) == VISIT
        assert visit["joined"] <= visit["left"]
        assert (visit["answered"] is None) == (visit["outcome"] != "answered")


def test_without_a_clock_moments_are_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.ami"
    path.write_bytes(re.sub(rb"Timestamp: [0-9.]+\r\n", b"", RAW))
    document = tallied(capsys, str(path))
    assert {visit["joined"] for visit in document["visits"]} == {None}
    assert all(visit["wait_s"] is not None for visit in document["visits"] if visit["talk_s"])


@pytest.mark.parametrize("lang", Lang)
def test_the_table_holds_every_queue(lang: Lang, capsys: pytest.CaptureFixture[str]) -> None:
    tally(str(LOG), None, Format.TABLE, lang)
    shown = capsys.readouterr().out
    assert all(queue in shown for queue in TRUTH["per_queue"])


def test_csv_has_a_line_for_each_visit(capsys: pytest.CaptureFixture[str]) -> None:
    tally(str(LOG), None, Format.CSV)
    assert len(capsys.readouterr().out.splitlines()) == 1 + len(TRUTH["visits"])


def test_a_missing_log_is_one_sentence() -> None:
    with pytest.raises(SettingError, match="no such file"):
        tally(str(LOG), Path("/nowhere/queue_log"))
