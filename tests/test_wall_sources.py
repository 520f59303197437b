"""The board of a real exchange, of which nobody wrote a scenario."""

import asyncio
import json
from pathlib import Path

import pytest
from streams.sample import AMI, LOG, RAW, TRUTH, true_counts

from simkcc.commands.importing import import_logs
from simkcc.commands.options import Format
from simkcc.commands.sources import Source, replayed, undescribed
from simkcc.commands.tally import tally
from simkcc.dashboard.board import Board
from simkcc.dashboard.page import page
from simkcc.dashboard.settings import settings_of
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.streams.source import Options, open_source

CENTRE = undescribed(["norms.threshold=5"], None)


def opened(address: str, log: Path | None = None) -> tuple[Source, Board]:
    recording = open_source(address, Options(queue_log=log))
    source = replayed(None, recording, "sample", 600, None)  # type: ignore[arg-type]
    settings = settings_of(CENTRE.scenario, None, described=False)
    return source, Board(CENTRE, source.directory, source.clock, settings, source.refused)


def told(source: Source, board: Board, until: float | None = None) -> dict:
    """Return the board when its source has told all, or all until seconds after its start."""
    clock = source.clock
    began = clock.now
    clock.pause()  # type: ignore[attr-defined]
    clock.move_to(began + int((until or 3_600) * SECOND))  # type: ignore[attr-defined]

    async def follow() -> None:
        assert source.events is not None
        async for event in source.events:
            if event.at > clock.now:
                break
            board.apply([event])
            if until is not None and event.at >= began + (until - 2) * SECOND:
                break

    asyncio.run(follow())
    return board.snapshot()


@pytest.fixture(scope="module")
def by_both() -> dict:
    return told(*opened(f"asterisk+file:{AMI}", LOG))


def test_the_board_counts_what_really_happened(by_both: dict) -> None:
    for line in by_both["lines"]:
        assert line["name"] in TRUTH["per_queue"]
    offered = sum(true_counts(queue)["offered"] for queue in TRUTH["per_queue"])
    calls = by_both["today"]["offered"]["num"]
    answered = by_both["today"]["answered"]["num"]
    again = sum(1 for v in TRUTH["visits"]) - len({v["uniqueid"] for v in TRUTH["visits"]})
    assert offered - again <= calls <= offered
    assert answered <= sum(true_counts(queue)["answered"] for queue in TRUTH["per_queue"])
    assert by_both["waiting"]["n"] == 0
    assert by_both["rejected"]["n"] == 0


def test_reasons_come_while_the_recording_plays() -> None:
    middle = told(*opened(f"asterisk+file:{AMI}", LOG), until=400)
    assert middle["today"]["abandonment"]["num"] > 10
    assert middle["left_unknown"] < 10


def test_what_the_interface_cannot_know_is_not_0(by_both: dict) -> None:
    alone = told(*opened(f"asterisk+file:{AMI}"))
    assert "abandoned_queue" in alone["unknown"]
    assert "abandoned_queue" not in by_both["unknown"]
    assert {"abandoned_menu", "callbacks", "in_kcc", "transfers"} <= set(alone["unknown"])
    exits = sum(c["offered"] - c["answered"] for c in map(true_counts, TRUTH["per_queue"]))
    assert 0 < alone["left_unknown"] <= exits
    assert by_both["left_unknown"] == 0


def test_telephones_ring_and_agents_pause() -> None:
    source, _ = opened(f"asterisk+file:{AMI}")
    rang, paused = 0, 0

    async def follow() -> None:
        nonlocal rang, paused
        source.clock.move_to(10**15)  # type: ignore[attr-defined]
        assert source.events is not None
        async for _ in source.events:
            rang = max(rang, len(source.directory.ringing))
            states = source.directory.states.values()
            paused = max(paused, sum(state.startswith("paused") for state in states))

    asyncio.run(follow())
    assert 0 < rang <= len(source.directory.agents)
    assert paused > 0
    assert not source.directory.ringing


def test_a_recording_without_any_time_cannot_be_replayed(tmp_path: Path) -> None:
    import re

    path = tmp_path / "x.ami"
    path.write_bytes(re.sub(rb"Timestamp: [0-9.]+\r\n", b"", RAW))
    with pytest.raises(SettingError, match="tells the time"):
        opened(f"asterisk+file:{path}")


def test_the_page_names_the_source_and_every_queue() -> None:
    source, board = opened(f"asterisk+file:{AMI}", LOG)
    told(source, board)
    text = page(board, "nl", "dark", "main", "sample").decode()
    assert "<h1>sample</h1>" in text
    assert all(queue in text for queue in TRUTH["per_queue"])
    assert not any(number in text for number in TRUTH["numbers"])


def test_a_store_is_filled_and_read_as_the_log_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "kept.db"
    import_logs([LOG], str(store))
    import_logs([LOG], f"sqlite:///{store}")
    capsys.readouterr()
    for address in (str(store), f"sqlite:///{store}", str(LOG)):
        tally(address, None, Format.JSON)
        counts = json.loads(capsys.readouterr().out)["queues"]
        assert counts == {queue: true_counts(queue) for queue in TRUTH["per_queue"]}
    kept = store.read_bytes()
    assert not any(number.encode() in kept for number in TRUTH["numbers"] if len(number) > 5)
    assert b"Medewerker" not in kept
