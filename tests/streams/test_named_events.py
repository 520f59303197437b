"""CloudEvents in named form are taken from others; clocks turn moments into local times."""

import asyncio
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
from simkcc.commands.sources import Source, go_on, receipts_of
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.directory import NO_DATE, Directory
from simkcc.streams.clock import Clock
from simkcc.streams.ingest import Reader
from simkcc.streams.keeping import Keeper
from simkcc.streams.neutral import Message, read_cloudevents
from simkcc.streams.numbering import Numbering
from simkcc.streams.pace import Pace, WallClock
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


def call(kind: str, second: int, name: str, **data: Any) -> dict[str, Any]:
    return named(kind, second, **{"call": name, "queue": "burgerzaken"} | data)


def received(store: Path, known: bool, stories: list[list[dict[str, Any]]]) -> Counter[str]:
    """Return the outcomes of visits, of which each story is told to a receiver that starts again."""
    for story in stories:
        directory = Directory(date(2026, 11, 21), topics=["-"])
        reader = Reader(directory)
        there = Store(str(store), "urn:other", "live", directory)
        source = Source("live", "x", "urn:other", directory, WallClock(directory), None, reader)
        source.clock = Pace(there.last + 3600 * SECOND, 1.0)
        keeper = Keeper(there, receipts_of(source) if known else None)
        assert go_on(source, there) == []
        for each in story:
            asyncio.run(keeper.keep(reader.read(each)))
        kept = [event for events in there.read() for event in events]
        there.close()
    ledger = Ledger(kept)
    assert not ledger.rejected
    return Counter(visit.outcome for visit in visits_of(ledger.log(), directory.told))


BEFORE = [
    call("call.queued", 1, "a"),
    call("call.queued", 2, "b"),
    call("call.left", 9, "b", reason="abandoned"),
]
AFTER = [
    call("call.left", 9, "b", reason="abandoned"),  # whoever told it had no answer
    call("call.answered", 12, "a", agent="x"),
    call("call.queued", 20, "c"),
    call("call.answered", 25, "c"),
    call("call.ended", 40, "c"),
    call("call.ended", 50, "a"),
]


def test_a_receiver_that_starts_again_goes_on_with_calls_by_name(tmp_path: Path) -> None:
    found = received(tmp_path / "kept.db", True, [BEFORE, AFTER])
    assert found == {"answered": 2, "abandoned": 1}


def test_calls_whose_names_nobody_kept_are_over_and_get_numbers_of_their_own(
    tmp_path: Path,
) -> None:
    found = received(tmp_path / "kept.db", False, [BEFORE, AFTER[2:5]])
    assert found == {"unknown": 1, "abandoned": 1, "answered": 1}


def test_names_are_kept_as_digests_only(tmp_path: Path) -> None:
    agent = call("call.answered", 12, "a", agent="Els Peeters")
    received(tmp_path / "kept.db", True, [[*BEFORE, agent]])
    kept = (tmp_path / "kept.db").read_bytes()
    assert b"burgerzaken" in kept and b"Peeters" not in kept
