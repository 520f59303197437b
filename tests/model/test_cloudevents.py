"""Events travel as CloudEvents and come back the same; what is malformed is named in a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simkcc.errors import SettingError
from simkcc.model.cloudevents import Envelope, from_json, subject_of, to_json
from simkcc.model.contact_log import DAY, FOREVER, NONE, SECOND, How, Origin, Outcome
from simkcc.model.events import TYPES, Event, Happening

BRUSSELS = ZoneInfo("Europe/Brussels")
RUN = Envelope("urn:simkcc:antwerp", "sim", date(2024, 1, 31), BRUSSELS, "base-1")
LIVE = Envelope("urn:simkcc:skw:asterisk:pbx1", "live", date(2024, 1, 31), BRUSSELS)
HALF_PAST_EIGHT = 30_600 * SECOND
LEFT = Event(HALF_PAST_EIGHT + 5, "call", Happening.LEFT, 42, 1, place=1, code=How.ABANDONED)

whole = st.integers(NONE, 5) | st.integers(NONE, FOREVER)
any_events = st.builds(
    lambda named, at, *numbers, key: Event(at, *named, *numbers, key=key),
    st.sampled_from(list(TYPES.values())),
    st.integers(0, 300_000 * DAY),
    *[whole] * 9,
    key=st.integers(0, 2**64 - 1),
)


def there_and_back(event: Event, envelope: Envelope = RUN) -> Event:
    return from_json(json.loads(json.dumps(to_json(event, envelope))))


@pytest.mark.parametrize("name", TYPES)
def test_every_type_comes_back(name: str) -> None:
    event = Event(7, *TYPES[name], contact=1, leg=2, place=3, agent=4, code=5, key=6)
    assert to_json(event, RUN)["type"] == f"simkcc.{name}.v1"
    assert there_and_back(event) == event


@given(any_events, st.sampled_from((RUN, LIVE)))
def test_every_event_comes_back_in_every_number(event: Event, envelope: Envelope) -> None:
    back = there_and_back(event, envelope)
    assert back == event
    assert hash(back) == hash(event)


def test_an_event_as_it_travels() -> None:
    names = replace(RUN, queues=("permits", "general"), topics=("passport",))
    assert to_json(LEFT._replace(topic=0, key=10), names) == {
        "specversion": "1.0",
        "id": "7177e13121763b1273d0d30e7332d0fe",
        "source": "urn:simkcc:antwerp",
        "type": "simkcc.call.left.v1",
        "subject": "call/42",
        "time": "2024-01-31T08:30:00.000005+01:00",
        "datacontenttype": "application/json",
        "origin": "sim",
        "simrun": "base-1",
        "data": {
            "at": HALF_PAST_EIGHT + 5, "contact": 42, "leg": 1, "place": 1, "code": 3, "topic": 0,
            "key": "000000000000000a", "queue_name": "general", "topic_name": "passport",
            "code_name": "abandoned",
        },
    }  # fmt: skip


def test_the_event_on_the_page_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
    shown = json.loads(page.split("```json\n")[1].split("```")[0])
    assert shown == to_json(from_json(shown), replace(RUN, queues=("permits", "general")))


def data_of(event: Event, envelope: Envelope) -> dict[str, Any]:
    data = to_json(event, envelope)["data"]
    assert isinstance(data, dict)
    return data


def test_names_are_left_out_where_there_are_none() -> None:
    assert "queue_name" not in data_of(LEFT, RUN)
    assert "queue_name" not in data_of(LEFT, replace(RUN, queues=("permits",)))


def test_an_agent_is_there_in_a_group_and_joins_a_queue() -> None:
    names = replace(RUN, queues=("permits",), groups=("first line",))
    there = Event(1, "agent", Happening.STATE, agent=3, place=0, code=1)
    assert data_of(there, names)["group_name"] == "first line"
    joined = there._replace(what=Happening.QUEUE)
    assert data_of(joined, names)["queue_name"] == "permits"
    assert subject_of(there) == subject_of(joined) == "agent/3"


@pytest.mark.parametrize(
    ("what", "code", "name"),
    [
        (Happening.ARRIVED, Origin.REDIAL, "redial"),
        (Happening.LEFT, How.TIMEOUT, "timeout"),
        (Happening.ENDED, Outcome.TURNED_AWAY, "turned_away"),
        (Happening.ENDED, 99, None),
        (Happening.TALKING, 1, None),
    ],
)
def test_codes_have_names(what: Happening, code: int, name: str | None) -> None:
    assert data_of(Event(1, "call", what, 1, code=code), RUN).get("code_name") == name


def test_the_same_event_has_the_same_id_wherever_it_is_told() -> None:
    assert to_json(LEFT, RUN)["id"] == to_json(LEFT._replace(), RUN)["id"]
    replay = replace(LIVE, origin="replay", zone=ZoneInfo("UTC"))
    assert to_json(LEFT, LIVE)["id"] == to_json(LEFT, replay)["id"]


@given(any_events, any_events)
def test_different_events_and_runs_have_different_ids(one: Event, other: Event) -> None:
    assert (to_json(one, RUN)["id"] == to_json(other, RUN)["id"]) == (one == other)
    assert to_json(one, RUN)["id"] != to_json(one, replace(RUN, simrun="base-2"))["id"]


@pytest.mark.parametrize(
    ("at", "zone", "time"),
    [
        (0, "UTC", "2024-01-31T00:00:00.000000Z"),
        (0, "Europe/Brussels", "2024-01-31T00:00:00.000000+01:00"),
        (HALF_PAST_EIGHT + 60 * DAY, "Europe/Brussels", "2024-03-31T08:30:00.000000+02:00"),
        (DAY - 1, "America/St_Johns", "2024-01-31T23:59:59.999999-03:30"),
    ],
)
def test_time_is_the_wall_clock_of_the_centre(at: int, zone: str, time: str) -> None:
    envelope = replace(LIVE, zone=ZoneInfo(zone))
    assert to_json(LEFT._replace(at=at), envelope)["time"] == time


@given(st.integers(0, 3000 * DAY))
def test_time_says_the_same_as_at(at: int) -> None:
    told = datetime.fromisoformat(str(to_json(LEFT._replace(at=at), LIVE)["time"]))
    midnight = datetime(2024, 1, 31)
    assert told.replace(tzinfo=None) - midnight == timedelta(microseconds=at)


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda made: {key: value for key, value in made.items() if key != name}


def with_(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda made: made | values


def with_data(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda made: made | {"data": made["data"] | values}


WRONG: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no object": (lambda _: [1], "event: found a list; a CloudEvent is a JSON object"),
    "no id": (without("id"), "event '?': id is missing; it must be text"),
    "no source": (without("source"), "event 'x': source is missing; it must be text"),
    "no type": (without("type"), "event 'x': type is missing; it must be text"),
    "no subject": (with_(subject=""), "event 'x': subject is ''; it must be text"),
    "no origin": (without("origin"), "event 'x': origin is missing; it must be text"),
    "other version": (
        with_(specversion="0.3"), "event 'x': specversion is '0.3'; it must be '1.0'",
    ),
    "other origin": (
        with_(origin="moon"),
        "event 'x': origin is 'moon'; it can be live, sim, replay, import",
    ),
    "no run": (without("simrun"), "event 'x': simrun is missing; a simulated event names its run"),
    "misspelt type": (
        with_(type="simkcc.call.lefd.v1"),
        "event 'x': type 'simkcc.call.lefd.v1' is not known; did you mean simkcc.call.left.v1?",
    ),
    "strange type": (
        with_(type="com.example.ticket"),
        "event 'x': type 'com.example.ticket' is not known; it looks like simkcc.call.queued.v1",
    ),
    "time without zone": (
        with_(time="2024-01-31T08:30:00"),
        "event 'x': time is '2024-01-31T08:30:00'; it looks like "
        "2024-01-31T08:30:00.000000+01:00",
    ),
    "no such time": (
        with_(time="2024-02-31T08:30:00Z"),
        "event 'x': time is '2024-02-31T08:30:00Z'; it looks like "
        "2024-01-31T08:30:00.000000+01:00",
    ),
    "no data": (without("data"), "event 'x': data is missing; it must be a JSON object"),
    "no at": (
        with_(data={"contact": 42}),
        "event 'x': data has no 'at', the time in whole microseconds",
    ),
    "negative at": (
        with_data(at=-1), "event 'x': at in data is -1; it must be a whole number from 0 to 2^62",
    ),
    "half a leg": (
        with_data(leg=0.5),
        "event 'x': leg in data is 0.5; it must be a whole number from -1 to 2^62",
    ),
    "a truth for a number": (
        with_data(agent=True),
        "event 'x': agent in data is True; it must be a whole number from -1 to 2^62",
    ),
    "text for a number": (
        with_data(parent="7"),
        "event 'x': parent in data is '7'; it must be a whole number from -1 to 2^62",
    ),
    "nothing for a number": (
        with_data(code=None),
        "event 'x': code in data is missing; it must be a whole number from -1 to 2^62",
    ),
    "number for a key": (
        with_data(key=7), "event 'x': key in data is 7; it must be 16 hexadecimal digits",
    ),
    "other subject": (
        with_(subject="call/43"), "event 'x': subject is 'call/43', but data is about call/42",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_malformed_is_named(change: Callable[[dict[str, Any]], Any], sentence: str) -> None:
    made = to_json(LEFT, RUN) | {"id": "x"}
    assert from_json(made) == LEFT
    with pytest.raises(SettingError) as raised:
        from_json(change(made))
    assert str(raised.value) == sentence


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
json_values = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)


@given(st.sampled_from(list(to_json(LEFT, RUN))), json_values)
def test_any_attribute_may_be_nonsense(name: str, value: Any) -> None:
    try:
        assert isinstance(from_json(to_json(LEFT, RUN) | {name: value}), Event)
    except SettingError as error:
        assert len(str(error)) < 250
        assert "\n" not in str(error)


def test_what_the_vocabulary_does_not_know_is_passed_over() -> None:
    made = to_json(LEFT, LIVE)
    data = made["data"]
    assert isinstance(data, dict)
    made |= {"partitionkey": "1", "recordedtime": "x", "data": data | {"number": "+32 475 12 34"}}
    assert from_json(made) == LEFT


def test_time_and_names_need_not_be_there() -> None:
    made = without("time")(to_json(LEFT, replace(LIVE, queues=("a", "b"))))
    made["data"] = {"at": LEFT.at, "contact": 42, "leg": 1, "place": 1, "code": 3}
    assert from_json(made) == LEFT


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"source": ""}, "envelope: source is empty; give a URI such as urn:simkcc:centre"),
        (
            {"origin": "moon"},
            "envelope: origin is 'moon'; it can be live, sim, replay, import",
        ),
        (
            {"origin": "sim"},
            "envelope: origin sim without a simrun; a simulated event names its run, no other does",
        ),
        (
            {"simrun": "1"},
            "envelope: origin live with a simrun; a simulated event names its run, no other does",
        ),
    ],
)
def test_an_envelope_is_checked(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        replace(LIVE, **fields)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("fields", "start"),
    [({"family": "+32 475"}, "event: family is '+32 475'"), ({"at": FOREVER}, "event: at is 4611")],
)
def test_an_event_that_cannot_travel_says_why(fields: dict[str, Any], start: str) -> None:
    with pytest.raises(SettingError) as raised:
        to_json(LEFT._replace(**fields), LIVE)
    assert str(raised.value).startswith(start)
