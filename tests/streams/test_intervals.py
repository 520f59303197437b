"""Exchanges that only count: tables read once or again, malformed rows counted, shown as such."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from limits import HANG

from simkcc.analysis.ledger import Ledger
from simkcc.commands.options import Format, Lang
from simkcc.commands.tally import tally
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.streams.source import Recording, open_recording, open_source

HEAD = "queue,start,length_s,offered,answered,abandoned,waiting\n"
ROWS = "Onthaal,2026-05-28T09:00,900,12,9,2,1\nOnthaal,2026-05-28T09:15,900,5,5,0,\n"


def table(folder: Path, text: str = HEAD + ROWS) -> str:
    path = folder / "table"
    path.write_text(text)
    return f"intervals:{path}"


def test_an_event_per_interval_and_its_counts_beside_it(tmp_path: Path) -> None:
    recording = open_recording(f"{table(tmp_path)}?zone=Europe/Brussels")
    events = list(recording.read())
    assert [event.type for event in events] == ["metrics.interval"] * 2
    assert [event.at for event in events] == [9 * 3600 * SECOND, (9 * 3600 + 900) * SECOND]
    first = recording.directory.intervals[0, events[0].at]
    assert (first.offered, first.answered, first.abandoned, first.waiting) == (12, 9, 2, 1)
    assert recording.directory.intervals[0, events[1].at].waiting is None
    assert "calls" in recording.directory.partial
    assert not Ledger(events).rejected


def test_json_tells_the_same_as_csv(tmp_path: Path) -> None:
    rows = [{"queue": "Onthaal", "start": "2026-05-28T09:00", "length_s": 900, "offered": 12,
             "answered": 9, "abandoned": 2, "waiting": 1}]  # fmt: skip
    told = open_recording(table(tmp_path, json.dumps(rows)))
    other = open_recording(table(tmp_path))
    assert next(told.read()) == next(other.read())
    assert told.directory.intervals.items() <= other.directory.intervals.items()


def test_only_what_changed_is_told_again(tmp_path: Path) -> None:
    recording = open_recording(table(tmp_path))
    assert len(list(recording.read())) == 2
    assert list(recording.read()) == []
    table(tmp_path, HEAD + ROWS.replace("900,5,5", "900,6,5"))
    assert len(list(recording.read())) == 1


@pytest.mark.parametrize(
    "row", ["Onthaal,yesterday,900,1,1", ",2026-05-28,900,1,1", "Onthaal,2026-05-28,900,x,1",
            "Onthaal,2026-05-28,0,1,1", "Onthaal,2026-05-28,900,-1,1", "Onthaal"]
)  # fmt: skip
def test_malformed_rows_are_counted(tmp_path: Path, row: str) -> None:
    recording = open_recording(table(tmp_path, HEAD + row + "\n" + ROWS))
    assert len(list(recording.read())) == 2
    assert recording.troubles == {"malformed": 1}


def test_a_tally_says_that_these_are_only_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally(table(tmp_path), output=Format.JSON)
    found = json.loads(capsys.readouterr().out)
    told = found["queues"]["Onthaal"]
    assert (told["offered"], told["answered"], told["abandoned"], told["unknown"]) == (17, 14, 2, 1)
    assert found["visits"] == []
    tally(table(tmp_path), lang=Lang.NL)
    assert "telt enkel per interval" in capsys.readouterr().out


@pytest.mark.slow  # seconds of our clock must pass
def test_a_table_is_asked_again_until_closed(tmp_path: Path) -> None:
    async def story() -> Counter[str]:
        source, told = open_source(f"{table(tmp_path)}?every=1"), Counter[str]()
        assert not isinstance(source, Recording)
        async for event in source:
            told[event.type] += 1
            if told["stream.heartbeat"] == 1:
                table(tmp_path, HEAD + ROWS.replace("900,5,5", "900,6,5"))
            if told["metrics.interval"] == 3:
                (tmp_path / "table").unlink(missing_ok=True)
            if told["stream.gap"]:
                await source.close()
        assert source.troubles == {"unreachable": 1}
        return told

    told = asyncio.run(asyncio.wait_for(story(), HANG))
    assert told["metrics.interval"] == 3 and told["stream.heartbeat"] == 2


@pytest.mark.parametrize("address", ["intervals:/nowhere", "intervals:/nowhere?every=often"])
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(SettingError, match="intervals"):
        open_source(address)
