"""The event store: what was appended is there, once, after any end of the process.

The same contract over SQLite and, where there is one, PostgreSQL (slow: its server must be made).
"""

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams.postgres import Server, postgres

from simkcc.errors import SettingError
from simkcc.model.cloudevents import from_json
from simkcc.model.contact_log import DAY, FOREVER
from simkcc.model.directory import Directory
from simkcc.model.events import FAMILIES, Event, Happening
from simkcc.streams.source import Options, Recording, open_source
from simkcc.streams.store import Store

NUMBER = st.integers(-1, FOREVER)
EVENTS = st.builds(
    Event, st.integers(0, FOREVER), st.sampled_from(sorted(FAMILIES)), st.sampled_from(Happening),
    contact=NUMBER, leg=NUMBER, place=NUMBER, agent=NUMBER, second=NUMBER, code=NUMBER,
    topic=NUMBER, parent=NUMBER, due=NUMBER, key=st.integers(0, 2**64 - 1),
)  # fmt: skip


def names() -> Directory:
    return Directory(
        date(2024, 1, 1), ZoneInfo("Europe/Brussels"), ["general"], ["waste"], ["team"]
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


NewStore = Callable[[], str]
"""Gives the address of a store that holds nothing."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewStore:
    if request.param == "postgresql":
        running: Server = request.getfixturevalue("server")
        return running.database
    return lambda: str(tmp_path_factory.mktemp("store") / "events.db")


@pytest.fixture
def address(new_store: NewStore) -> str:
    """Return the address of one store, for as many sources as a test likes."""
    return new_store()


SOURCES = count()
"""Numbers of sources, each for one example."""


def opened(path: Path | str, source: str = "urn:test", simrun: str = "") -> Store:
    return Store(str(path), source, "sim" if simrun else "live", names(), simrun)


def kept(store: Store) -> list[Event]:
    return [event for batch in store.read() for event in batch]


def calls(number: int) -> list[Event]:
    return [
        Event(at, "call", Happening.ARRIVED, at, topic=0, code=0, key=at) for at in range(number)
    ]


@given(events=st.lists(EVENTS, unique=True, max_size=20), repeat=st.randoms(use_true_random=False))
def test_every_event_comes_back_once_in_the_order_of_its_first_append(
    address: str, events: list[Event], repeat: random.Random
) -> None:
    store = opened(address, f"urn:test:{next(SOURCES)}")
    half = len(events) // 2
    store.append(events[:half])
    store.append([*events[:half], *events])
    assert kept(store) == events
    store.close()


def test_more_events_than_a_batch_come_back_in_order(new_store: NewStore) -> None:
    store = opened(new_store())
    events = calls(12_345)
    store.append(events)
    assert kept(store) == events
    assert store.last == 12_344
    store.close()


def test_sources_and_runs_do_not_mix(new_store: NewStore) -> None:
    path = new_store()
    stores = [
        opened(path),
        opened(path, "urn:other"),
        opened(path, simrun="1"),
        opened(path, simrun="2"),
    ]
    for number, store in enumerate(stores, 1):
        store.append(calls(number))
    assert [len(kept(store)) for store in stores] == [1, 2, 3, 4]
    for store in stores:
        store.close()


def test_names_and_the_first_day_survive(new_store: NewStore) -> None:
    path = new_store()
    first = names()
    store = Store(str(path), "urn:pbx", "live", first)
    first.queues.append("passports")
    store.append(calls(1))
    first.agents += ["a1", "a2"]
    store.append(calls(2))
    store.close()
    again = Directory(date(2025, 6, 1), ZoneInfo("UTC"), ["general", "new"])
    Store(str(path), "urn:pbx", "live", again).close()
    assert again.first_date == date(2024, 1, 1)
    assert str(again.zone) == "Europe/Brussels"
    assert again.queues == ["general", "passports", "new"]
    assert again.agents == ["a1", "a2"]


def test_forgetting_drops_what_is_too_old_and_nothing_else(new_store: NewStore) -> None:
    store = opened(new_store())
    events = [Event(day * DAY + 5, "stream", Happening.HEARTBEAT) for day in range(10)]
    store.append(events)
    store.forget(9 * DAY + 7, days=3)
    assert kept(store) == events[6:]
    store.close()


def test_lines_written_out_read_back_as_the_same_events(
    new_store: NewStore, tmp_path: Path
) -> None:
    store = opened(new_store())
    events = calls(50)
    store.append(events)
    assert store.export(tmp_path / "day.jsonl") == 50
    lines = (tmp_path / "day.jsonl").read_text().splitlines()
    assert [from_json(json.loads(line)) for line in lines] == events
    store.close()


def test_parquet_holds_every_number(new_store: NewStore, tmp_path: Path) -> None:
    store = opened(new_store())
    store.append([Event(5, "call", Happening.ARRIVED, 3, key=2**64 - 1), *calls(3)])
    assert store.export(tmp_path / "day.parquet") == 4
    table = pl.read_parquet(tmp_path / "day.parquet")
    assert table["key"].to_list() == [2**64 - 1, 0, 1, 2]
    assert table["type"].unique().to_list() == ["call.arrived"]
    store.close()


def test_an_empty_store_writes_an_empty_table(new_store: NewStore, tmp_path: Path) -> None:
    store = opened(new_store())
    assert store.export(tmp_path / "day.parquet") == 0
    assert pl.read_parquet(tmp_path / "day.parquet").height == 0
    store.close()


@pytest.mark.parametrize(
    "url", ["mysql://host/db", "nonsense://x", "sqlite:////no/such/folder/x.db"]
)
def test_a_store_that_cannot_be_is_one_sentence(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        opened(url)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.write_text("no database " * 100)
    with pytest.raises(SettingError, match="not a database"):
        opened(path)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(SettingError) as caught:
        opened("mysql://me:sesame@host/db")
    assert "sesame" not in str(caught.value)


def test_a_simulation_of_another_first_day_is_refused(new_store: NewStore) -> None:
    url = new_store()
    opened(url, simrun="1").close()
    other = names()
    other.first_date = date(2024, 1, 2)
    with pytest.raises(SettingError, match="2024-01-01"):
        Store(url, "urn:test", "sim", other, "1")


WRITER = """
import sys
sys.path[:0] = {path!r}
from test_store import calls, opened
store = opened({db!r})
for start in range(0, 100_000, 100):
    store.append(calls(start + 100)[start:])
    print(start + 100, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(new_store: NewStore) -> None:
    url = new_store()
    path = [str(Path(__file__).parents[1]), str(Path(__file__).parent), *sys.path]
    code = WRITER.format(path=path, db=url)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = 0
        while acknowledged < 500:
            acknowledged = int(writer.stdout.readline())
        writer.kill()
    store = opened(url)
    found = kept(store)
    assert len(found) >= acknowledged
    assert found == calls(len(found))
    store.close()
    if "://" not in url:
        with closing(sqlite3.connect(url)) as kept_file:
            assert kept_file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_a_store_keeps_can_be_read_as_a_source(new_store: NewStore) -> None:
    url = new_store()
    store = opened(url)
    store.append(calls(7))
    store.close()
    address = url if "://" in url else f"sqlite:///{url}"
    source = open_source(address, Options())
    assert isinstance(source, Recording)
    assert list(source.read()) == calls(7)
    asyncio.run(source.close())


@pytest.mark.slow
def test_a_database_that_was_away_is_written_to_again(server: Server) -> None:
    """Slow: a server of its own is stopped and started."""
    store = opened(server.database())
    store.append(calls(3))
    server.stop()
    with pytest.raises(SettingError, match="refused"):
        store.append(calls(5)[3:])
    server.start()
    store.append(calls(5)[3:])
    assert kept(store) == calls(5)
    store.close()
