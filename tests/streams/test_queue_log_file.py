"""A queue_log that grows, rotates, is cut, restarts, or is imported in pieces."""

import asyncio
import os
from pathlib import Path

import pytest
from limits import HANG
from seeds import few_of
from streams.sample import LOG, Told

from simkcc.analysis.ledger import Ledger
from simkcc.commands import importing
from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import queue_log_file
from simkcc.streams.bytefile import lines_of
from simkcc.streams.queue_log_file import LogFollower, Tail
from simkcc.streams.source import Options

LINES = [line + b"\n" for line in lines_of(LOG)]


def tally(folder: Path, *lines: str) -> Told:
    path = folder / "queue_log"
    path.write_text("".join(f"{line}\n" for line in lines))
    return Told(f"queue_log:{path}")


def test_following_through_rotation_tells_what_reading_does(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    whole = Told(f"queue_log:{LOG}")
    wanted = len([e for e in whole.events if e.what.word != "ended"])

    async def follow() -> list[Event]:
        source = LogFollower(path, Options(), look=0.005)
        found: list[Event] = []

        async def write() -> None:
            for start in range(0, len(LINES), 97):
                piece = b"".join(LINES[start : start + 97])
                with path.open("ab") as file:
                    file.write(piece[:50])
                    file.flush()
                    await asyncio.sleep(0.01)
                    file.write(piece[50:])
                if start % (97 * 4) == 0:
                    await asyncio.sleep(0.03)
                    path.rename(tmp_path / f"queue_log.{start}")

        writing = asyncio.create_task(write())
        async for event in source:
            found.append(event)
            if len([e for e in found if e.what.word != "ended"]) == wanted:
                break
        await writing
        await source.close()
        return found

    found = asyncio.run(asyncio.wait_for(follow(), HANG))
    before = [event for event in whole.events if event.what.word != "ended"]
    assert [event for event in found if event.what.word != "ended"] == before


def test_a_file_that_is_cut_and_begun_again_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"a\nb\n")
    tail = Tail(path)
    assert tail.lines() == [b"a", b"b"]
    path.write_bytes(b"c\n")
    assert tail.lines() == [b"c"]
    assert tail.rotations == 1
    tail.close()


def test_lines_written_while_it_looks_for_a_rotation_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looked = tmp_path / "queue_log", os.stat
    path.write_bytes(b"a\n")
    tail = Tail(path)
    assert tail.lines() == [b"a"]

    def rotated(of: Path) -> os.stat_result:
        monkeypatch.setattr(queue_log_file.os, "stat", looked)
        with path.open("ab") as file:
            file.write(b"b\n")
        path.rename(tmp_path / "queue_log.1")
        path.write_bytes(b"d\n")
        return looked(of)

    monkeypatch.setattr(queue_log_file.os, "stat", rotated)
    assert [tail.lines() for _ in range(3)] == [[b"b"], [b"d"], []]
    tail.close()


def test_a_new_file_that_is_empty_is_no_rotation_yet(tmp_path: Path) -> None:
    """Who rotates may make the new file before the exchange lets go of the old one."""
    path = tmp_path / "queue_log"
    path.write_bytes(b"a\n")
    tail = Tail(path)
    assert tail.lines() == [b"a"]
    with path.open("ab") as exchange:
        path.rename(tmp_path / "queue_log.1")
        path.touch()
        assert tail.lines() == []
        exchange.write(b"b\n")
    path.write_bytes(b"c\n")
    assert [tail.lines() for _ in range(2)] == [[b"b"], [b"c"]]
    tail.close()


def test_a_restart_ends_what_was_under_way(tmp_path: Path) -> None:
    told = tally(
        tmp_path,
        "1700000000|1.1|q|NONE|ENTERQUEUE||0470|1",
        "1700000001|1.2|q|NONE|ENTERQUEUE||0470|2",
        "1700000005|1.2|q|Ann|CONNECT|4|1.3|2",
        "1700000009|NONE|NONE|NONE|QUEUESTART|",
        "1700000010|2.1|q|NONE|ENTERQUEUE||0470|1",
        "1700000012|2.1|q|Ann|CONNECT|2|2.2|1",
        "1700000020|2.1|q|Ann|COMPLETECALLER|2|8|1",
    )
    outcomes = [visit.outcome for visit in told.visits]
    assert outcomes == ["unknown", "answered", "answered"]
    assert [visit.talk for visit in told.visits] == [None, None, 8_000_000]
    assert not told.ledger.rejected


EXITS = {
    "ABANDON|1|1|9": "abandoned",
    "EXITWITHTIMEOUT|1|1|9": "timeout",
    "EXITEMPTY|1|1|9": "no_agents",
    "EXITWITHKEY|1|1|1|9": "key",
    "WITHDRAW|1|1|9": "unknown",
    "SYSCOMPAT": "unknown",
}


@pytest.mark.parametrize("line", EXITS)
def test_every_exit_has_its_reason(tmp_path: Path, line: str) -> None:
    told = tally(tmp_path, "1700000000|1.1|q|NONE|ENTERQUEUE||0|1", f"1700000009|1.1|q|NONE|{line}")
    assert [(visit.outcome, visit.wait) for visit in told.visits] == [(EXITS[line], 9_000_000)]


def test_the_same_caller_in_the_same_queue_twice_is_two_visits(tmp_path: Path) -> None:
    told = tally(
        tmp_path,
        "1700000000|1.1|q|NONE|ENTERQUEUE||0|1",
        "1700000002|1.1|q|Ann|CONNECT|2|1.2|2",
        "1700000009|1.1|q|NONE|ENTERQUEUE||0|1",
        "1700000009|1.1|q|Ann|BLINDTRANSFER|q|ctx|2|7|1",
        "1700000012|1.1|q|NONE|ABANDON|1|1|3",
    )
    assert [visit.outcome for visit in told.visits] == ["answered", "abandoned"]
    assert [visit.talk for visit in told.visits] == [7_000_000, None]


def test_a_caller_who_takes_the_place_of_a_consult_call_is_one_visit(tmp_path: Path) -> None:
    told = tally(
        tmp_path,
        "1700000000|1.1|q|NONE|ENTERQUEUE||0|1",
        "1700000007|1.9|q|Ann|CONNECT|7|1.2|2",
        "1700000019|1.9|q|Ann|COMPLETEAGENT|7|12|1",
    )
    assert [(v.outcome, v.wait, v.talk) for v in told.visits] == [("answered", 7e6, 12e6)]


def test_rubbish_is_counted(tmp_path: Path) -> None:
    told = tally(
        tmp_path, "x|y", "99999999999999|1|q|NONE|ENTERQUEUE", "1700000000|1|q|NONE|NEWWORD|1",
        "1700000000|1.1|q|NONE|ENTERQUEUE",
    )  # fmt: skip
    assert told.recording.troubles == {"unreadable": 2, "unknown": 1}
    assert told.counts["q"]["offered"] == 1


@pytest.mark.parametrize("cut", few_of([777, 0, 1, 20_000, 300_000], 1))
def test_an_import_goes_on_where_it_stopped(tmp_path: Path, cut: int) -> None:
    whole, part = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    importing.import_logs([LOG], str(whole))
    part.write_bytes(whole.read_bytes()[:cut])
    importing.import_logs([LOG], str(part))
    assert part.read_bytes() == whole.read_bytes()


def test_rotated_logs_are_imported_in_their_order_and_later_ones_added(tmp_path: Path) -> None:
    parts = [tmp_path / name for name in ("queue_log.2", "queue_log.1", "queue_log")]
    thirds = [LINES[:300], LINES[300:700], LINES[700:]]
    for path, lines in zip(parts, thirds, strict=True):
        path.write_bytes(b"".join(lines))
    target, whole = tmp_path / "events.jsonl", tmp_path / "whole.jsonl"
    importing.import_logs([parts[1], parts[0]], str(target))
    importing.import_logs([parts[2], parts[0], parts[1]], str(target))
    importing.import_logs([LOG], str(whole))
    assert target.read_bytes() == whole.read_bytes()


def test_an_import_does_not_mix_with_something_else(tmp_path: Path) -> None:
    target, other = tmp_path / "events.jsonl", tmp_path / "queue_log"
    other.write_bytes(b"".join(LINES[5:]))
    importing.import_logs([LOG], str(target))
    with pytest.raises(SettingError, match="something else"):
        importing.import_logs([other], str(target))


def test_imported_events_make_the_same_log(tmp_path: Path) -> None:
    target = tmp_path / "events.jsonl"
    importing.import_logs([LOG], str(target))
    told = Told(f"events:{target}")
    assert told.counts == Told(f"queue_log:{LOG}").counts
    assert isinstance(told.ledger, Ledger)
