"""Clocks, the simulated source, recordings, and events that others hand over."""

import asyncio
import json
import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dashboard.walls import names_of, played, small_centre
from seeds import few_of

from simkcc.dashboard.figures import Centre
from simkcc.errors import SettingError
from simkcc.model.cloudevents import Envelope, to_json
from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event, Happening
from simkcc.streams import pace
from simkcc.streams.ingest import BATCH, MOST, SINGLE, Reader
from simkcc.streams.pace import Pace
from simkcc.streams.replay import Replay
from simkcc.streams.simulated import LATE, Simulated
from simkcc.streams.source import open_recording

BRUSSELS = ZoneInfo("Europe/Brussels")
HOUR = 3600 * SECOND


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return our clock, which stands still until the test moves it."""
    now = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return small_centre(tmp_path_factory.mktemp("wall"))


def envelope(**more: Any) -> Envelope:
    return Envelope(**{"source": "urn:a", "origin": "live", "first_date": date(2024, 3, 30),
                       "zone": BRUSSELS} | more)  # fmt: skip


def test_a_clock_runs_stands_and_steps(seconds: list[float]) -> None:
    clock = Pace(HOUR, 60)
    seconds[0] += 2
    assert clock.now == HOUR + 120 * SECOND
    clock.set_speed(10)
    seconds[0] += 1
    assert clock.now == HOUR + 130 * SECOND
    clock.pause()
    seconds[0] += 50
    assert (clock.now, clock.speed) == (HOUR + 130 * SECOND, 0.0)
    clock.step(30)
    assert clock.now == HOUR + 160 * SECOND
    clock.resume()
    seconds[0] += 1
    assert (clock.now, clock.speed) == (HOUR + 170 * SECOND, 10)


@pytest.mark.parametrize("speed", [0.0, 0.5, 601, -1, float("nan"), float("inf")])
def test_a_speed_that_cannot_be_is_refused(speed: float) -> None:
    with pytest.raises(SettingError, match="1 to 600"):
        Pace(0, speed)


def test_a_simulated_source_tells_what_the_engine_tells(centre: Centre) -> None:
    source = Simulated(centre.plan, names_of(centre), 0, 60)
    told: list[Event] = []
    while source._played < DAY:
        told += source.advance(min(source._played + random.Random(2).randrange(HOUR), DAY))
    assert told == played(centre, DAY)[0]


def test_what_happened_before_the_start_is_told_at_once(
    centre: Centre, seconds: list[float]
) -> None:
    source = Simulated(centre.plan, names_of(centre), 11 * HOUR, 1)

    async def first(number: int) -> list[Event]:
        told: list[Event] = []
        async for event in source.events():
            told.append(event)
            if len(told) == number:
                break
        return told

    expected = played(centre, 11 * HOUR)[0]
    assert asyncio.run(first(len(expected))) == expected


def test_the_clock_waits_for_a_machine_that_cannot_keep_up(
    centre: Centre, seconds: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Simulated(centre.plan, names_of(centre), 11 * HOUR, 60)
    play = source.advance

    def slowly(to: int) -> list[Event]:
        seconds[0] += 20  # twenty minutes there
        return play(to)

    monkeypatch.setattr(source, "advance", slowly)
    monkeypatch.setattr("simkcc.streams.simulated.TICK", 0.0)

    async def behind() -> list[int]:
        found: list[int] = []
        async for event in source.events():
            if event.at > 11 * HOUR + 600 * SECOND:
                found.append(source.now - event.at)
            if len(found) == 20:
                break
        return found

    late = asyncio.run(behind())
    assert max(late) <= 2 * LATE * 60 * SECOND + 600 * SECOND, "a stride is told at once"
    shown = source.now
    seconds[0] += 0.5
    assert shown <= source.now <= shown + 30 * SECOND, "what was lost is not made up for"


def test_a_morning_that_begins_now_is_not_passed_over(centre: Centre, seconds: list[float]) -> None:
    source = Simulated(centre.plan, names_of(centre), 20 * HOUR, 60)
    while source._played < DAY + 8 * HOUR:
        source.advance(DAY + 8 * HOUR)
    source.move_to(DAY + 8 * HOUR)
    source._skip_night()
    assert source.now == DAY + 8 * HOUR


def test_a_night_is_passed_over_but_not_its_events(centre: Centre, seconds: list[float]) -> None:
    source = Simulated(centre.plan, names_of(centre), 20 * HOUR, 60)
    while source._played < source.now:
        source.advance(source.now)
    source._skip_night()
    assert source.now == DAY + 8 * HOUR - 300 * SECOND
    source._skip_night()
    assert source.now == DAY + 8 * HOUR - 300 * SECOND


def test_a_recording_tells_every_event_when_its_time_has_come(
    tmp_path: Path, centre: Centre
) -> None:
    events, _ = played(centre, 12 * HOUR)
    path = tmp_path / "day.jsonl"
    lines = [json.dumps(to_json(event, envelope())) for event in events]
    lines[3:3] = ["", "{", "[]", '{"specversion": "2"}', "\x00"]
    path.write_text("\n".join(lines))
    recording = open_recording(f"events:{path}")
    source = Replay(recording, 600, 13 * HOUR)
    assert recording.directory.first_date == date(2024, 3, 30)

    async def all_of() -> list[Event]:
        return [event async for event in source.events()]

    assert asyncio.run(all_of()) == events
    assert recording.troubles == Counter({"not JSON": 2, "malformed": 2})


@pytest.mark.parametrize("text", ["", "not an event\n", "{}\n"])
def test_a_recording_without_events_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(text)
    with pytest.raises(SettingError, match="no line in it is an event"):
        Replay(open_recording(f"events:{path}"), 1)


def test_a_batch_is_read_and_its_wrong_events_are_told_apart() -> None:
    events = [Event(at, "call", Happening.ARRIVED, at, code=0) for at in range(5)]
    wrapped: list[Any] = [to_json(event, envelope()) for event in events]
    wrapped[1:1] = [7, None, {"id": "x"}, to_json(events[0], envelope(source="urn:b"))]
    reader = Reader(Directory(NO_DATE), "urn:a")
    found, taken, refused = reader.body(json.dumps(wrapped).encode(), f"{BATCH}; charset=utf-8")
    assert found == events
    assert (taken, len(refused)) == (5, 4)
    assert reader.malformed == Counter({"malformed": 3, "other source": 1})
    single = json.dumps(wrapped[0]).encode()
    assert reader.body(single, SINGLE) == (events[:1], 1, [])


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [(b"{", SINGLE, "not JSON"), (b"\xff\xfe", SINGLE, "not JSON"), (b"[" * 100_000, BATCH, "not JSON"),
     (b"{}", BATCH, "array"), (b"[" + b"0," * MOST + b"0]", BATCH, "at most 1000"),
     (b"{}", "text/plain", "content type"), (b"{}", "", "content type")],
)  # fmt: skip
def test_a_body_that_is_no_batch_is_one_sentence(body: bytes, kind: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Reader(Directory(NO_DATE)).body(body, kind)


@pytest.mark.parametrize("number", few_of([500, 10_000], 1))
def test_broken_messages_are_counted_one_by_one(number: int) -> None:
    chance = random.Random(1)
    good = json.dumps(to_json(Event(5, "call", Happening.ARRIVED, 0, code=0), envelope()))
    lines = []
    for _ in range(number):
        at = chance.randrange(1, len(good) - 1)
        wrong = chance.choice(["\x00", '"', "}", "{", "9e999", "\\u"])
        lines.append((good[:at] + wrong + good[at + 1 :]).encode())
    reader = Reader(Directory(NO_DATE), "urn:a")
    found = list(reader.lines(lines))
    assert len(found) + sum(reader.malformed.values()) == number
    assert sum(reader.malformed.values()) > number // 2


def test_times_count_from_one_midnight() -> None:
    event = Event(DAY + 5, "callback", Happening.ARRIVED, 1, code=3, due=3 * DAY)
    reader = Reader(Directory(NO_DATE))
    assert reader.read(to_json(event, envelope())) == [event]
    assert reader.directory.first_date == date(2024, 3, 30)
    earlier = Reader(Directory(date(2024, 3, 28)))
    moved = event._replace(at=3 * DAY + 5, due=5 * DAY)
    assert earlier.read(to_json(event, envelope())) == [moved]
    with pytest.raises(SettingError, match="midnight of 2024-03-30"):
        reader.read(to_json(event, envelope(first_date=date(2024, 3, 29))))
    assert reader.malformed == Counter({"other midnight": 1})


def test_a_board_of_real_calls_takes_no_simulated_ones() -> None:
    event = Event(5, "call", Happening.ARRIVED, 1, code=0)
    reader = Reader(Directory(NO_DATE), simulated=False)
    with pytest.raises(SettingError, match="real calls only"):
        reader.read(to_json(event, envelope(origin="sim", simrun="1")))
