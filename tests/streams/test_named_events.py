"""CloudEvents in named form are taken from others; clocks turn moments into local times."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simkcc.analysis.columns.visits import visits_of
from simkcc.analysis.ledger import Ledger
from simkcc.commands.sources import Source, go_on
from simkcc.errors import SettingError
from simkcc.model.directory import NO_DATE, Directory
from simkcc.streams.clock import Clock
from simkcc.streams.ingest import Reader
from simkcc.streams.neutral import Message, read_cloudevents
from simkcc.streams.numbering import Numbering
from simkcc.streams.pace import WallClock
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.store import Store


def named(kind: str, second: int, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{kind}-{second}", "source": "urn:other",
        "type": f"simkcc.{kind}.v1", "time": f"2026-11-21T14:03:{second:02}.250Z",
        "data": {"call": "8f1c2b", **data},
    }  # fmt: skip


STORY = [
    named("call.queued", 1, queue="burgerzaken", skill="nl", priority=0),
    named("call.answered", 8, queue="burgerzaken", agent="a7"),
    named("call.ended", 40, by="caller"),
]


def numbered(messages: list[Message]) -> tuple[Ledger, Directory]:
    directory = Directory(NO_DATE, topics=["-"])
    numbering = Numbering(directory, Clock())
    ledger = Ledger(event for message in messages for event in numbering.number(message))
    return ledger, directory


def test_a_named_call_becomes_a_visit() -> None:
    ledger, directory = numbered(read_cloudevents(json.dumps(STORY)))
    (visit,) = visits_of(ledger.log(), directory.told)
    assert (visit.outcome, visit.wait, visit.talk) == ("answered", 7_000_000, 32_000_000)
    assert directory.queues == ["burgerzaken"]
    assert directory.agents == ["agent-1"]
    assert directory.first_date == date(2026, 11, 21)
    assert not ledger.rejected


def test_types_of_others_are_passed_over() -> None:
    assert read_cloudevents(named("call.recorded", 1)) == []


WRONG = {
    "not json": "{",
    "a list in a list": [[1]],
    "no version": {"type": "simkcc.call.queued.v1"},
    "no type": {"specversion": "1.0"},
    "no data": {**STORY[0], "data": None},
    "no call": {**STORY[0], "data": {"queue": "q"}},
    "a number as queue": named("call.queued", 1, queue=3),
    "a wait below zero": named("call.answered", 1, queue="q", wait_s=-1),
    "no zone": {**STORY[0], "time": "2026-11-21T14:03:01"},
    "no time": {**STORY[0], "time": None},
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(what: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_cloudevents(WRONG[what])  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


KINDS = st.sampled_from(
    ["call.queued", "call.answered", "call.left", "call.talked", "call.held", "call.resumed",
     "call.ended", "agent.state", "stream.gap"]
)  # fmt: skip

MESSAGES = st.lists(
    st.builds(
        Message,
        KINDS,
        st.one_of(
            st.none(), st.integers(1_700_000_000, 1_700_000_100).map(lambda s: s * 1_000_000)
        ),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["q", "r"]),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["", "abandoned", "timeout", "ready", "offline"]),
        st.sampled_from([None, 0.0, 5.0]),
        st.sampled_from([None, 3.0]),
        visit=st.sampled_from([-1, -1, 0, 1]),
        vague=st.booleans(),
    ),
    max_size=25,
)


@given(MESSAGES)
def test_no_telling_breaks_the_numbering(messages: list[Message]) -> None:
    ledger, directory = numbered(messages)
    visits = list(visits_of(ledger.log(), directory.told))
    told = sum(message.type == "call.queued" for message in messages)
    made_up = sum(
        message.type in ("call.answered", "call.left", "call.talked") for message in messages
    )
    assert len(visits) <= told + made_up
    assert all((visit.wait or 0) >= 0 and (visit.talk or 0) >= 0 for visit in visits)


@given(st.integers(1_700_000_000_000_000, 1_800_000_000_000_000))
def test_a_clock_turns_moments_into_local_times(moment: int) -> None:
    clock = Clock(ZoneInfo("Europe/Brussels"), date(2023, 11, 14))
    local = datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(clock.zone)
    of_day = local.hour * 3600 + local.minute * 60 + local.second
    assert clock.at(moment) // 1_000_000 % 86_400 == of_day
    twice = datetime(2000, 1, 1, 2) <= datetime(2000, 1, 1, local.hour) < datetime(2000, 1, 1, 3)
    if not twice:
        assert clock.moment(clock.at(moment)) == moment


def test_pseudonyms_depend_on_the_key_and_the_day() -> None:
    one, other = Pseudonyms(b"k" * 32), Pseudonyms(b"l" * 32)
    assert one.of("1700000000.1") == Pseudonyms(b"k" * 32).of("1700000000.1")
    assert one.of("1700000000.1") != other.of("1700000000.1")
    today, tomorrow = date(2026, 11, 21), date(2026, 11, 22)
    first = one.repeat_of("0470000001", today)
    assert one.repeat_of("0470000001", today) == first
    assert one.repeat_of("0470000001", tomorrow) != first
    one.repeat_of("0470000001", date(2026, 11, 23))
    assert one.repeat_of("0470000001", today) == ""  # that key is gone for good


def test_a_receiver_that_starts_again_gives_calls_by_name_numbers_of_their_own(
    tmp_path: Path,
) -> None:
    def received() -> tuple[Reader, Store]:
        directory = Directory(date(2026, 11, 21), topics=["-"])
        reader = Reader(directory)
        store = Store(str(tmp_path / "kept.db"), "urn:other", "live", directory)
        go_on(
            Source("live", "x", "urn:other", directory, WallClock(directory), None, reader), store
        )
        return reader, store

    def call(kind: str, second: int, name: str, **data: Any) -> dict[str, Any]:
        return named(kind, second, **{"call": name, "queue": "burgerzaken"} | data)

    before = [call("call.queued", 1, "a"), call("call.queued", 2, "b"), call("call.left", 9, "b")]
    after = [
        call("call.queued", 20, "c"),
        call("call.answered", 25, "c"),
        call("call.ended", 40, "c"),
    ]
    for story in (before, after):
        reader, store = received()
        for each in story:
            store.append(reader.read(each))
        kept = [event for events in store.read() for event in events]
        store.close()
    ledger = Ledger(kept)
    outcomes = Counter(visit.outcome for visit in visits_of(ledger.log(), reader.directory.told))
    assert outcomes == {"unknown": 2, "answered": 1}, "who waited is over, and nobody knows how"
    assert not ledger.rejected
