"""Twilio: the table of types, any order, and nobody heard who has not signed."""

import asyncio
import json
import random
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from hmac import digest
from itertools import permutations
from pathlib import Path

import pytest
from streams.adapter_contract import Adapter, Told

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.streams.hook import Hook, Request
from simkcc.streams.source import Options, open_recording, open_source
from simkcc.streams.twilio import TwilioReading

WS = "WS0000000000000000000000000000001"
TOKEN, URL = b"12345", "https://board.example/twilio"


def stamp(at: float) -> str:
    return f"2026-05-28T10:{int(at) // 60:02}:{at % 60:06.3f}Z"


def sent(at: float, kind: str, task: str = "WT1", queue: str = "Burgerzaken", worker: str = "",
         **more: object) -> bytes:  # fmt: skip
    """Return an event as Event Streams sends it: the documented example, filled in."""
    payload: dict[str, object] = {
        "eventtype": kind, "account_sid": "AC1", "timestamp": stamp(at), "workspace_sid": WS,
        "task_sid": task, "task_attributes": '{"from":"+32470123456","name":"Jan Peeters"}',
        "task_age": 12, "task_priority": 1, "task_channel_unique_name": "voice",
        "task_queue_name": queue, "task_queue_sid": "WQ1", "workflow_name": "Hoofdmenu",
    }  # fmt: skip
    if worker:
        payload |= {"worker_name": worker, "worker_sid": "WK1", "reservation_sid": f"WR{task}"}
    identity = sha256(f"{at} {kind} {task} {worker}".encode()).hexdigest()[:32]
    wrapped = {
        "specversion": "1.0", "type": f"com.twilio.taskrouter.{kind}", "source": WS,
        "id": f"EZ{identity}", "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4",
        "datacontenttype": "application/json", "time": stamp(at),
        "data": {"timestamp": stamp(at), "group": "task", "payload": payload | more},
    }  # fmt: skip
    return json.dumps(wrapped).encode()


def played(parts: list[bytes], step: int = 0) -> Told:
    reading = TwilioReading(Options())
    events = []
    for number, part in enumerate(parts):
        events += reading.body(part, number * step)
    return Told(events + reading.finish(), reading.directory, reading.troubles)


def a_talk(start: float, task: str = "WT1") -> list[bytes]:
    return [
        sent(start, "task.created", task),
        sent(start + 1, "task-queue.entered", task),
        sent(start + 5, "reservation.created", task, worker="els"),
        sent(start + 12.5, "reservation.accepted", task, worker="els"),
        sent(start + 60, "reservation.wrapup", task, worker="els"),
        sent(start + 75, "reservation.completed", task, worker="els"),
        sent(start + 75.2, "task.completed", task),
    ]


class TestTwilio(Adapter):
    scheme = "twilio+file"

    def parts(self) -> list[bytes]:
        parts = [sent(0, "worker.activity.update", worker="els", worker_activity_name="Available")]
        for number in range(9):
            parts += a_talk(20 * number, f"WT{number}")
        return parts

    def reading(self) -> TwilioReading:
        return TwilioReading(Options())


@pytest.mark.slow  # every order of what is told of a call
def test_any_order_tells_the_same() -> None:
    right = played(a_talk(0)).rows()
    assert right[0][-1] == "answered"
    for order in permutations(a_talk(0)[1:]):
        told = played(list(order))
        assert told.rows() == right
        assert not told.troubles


def test_a_shuffled_hour_with_repetition_tells_the_same() -> None:
    parts = [part for number in range(30) for part in a_talk(9 * number, f"WT{number}")]
    right = played(parts).rows()
    for seed in range(5):
        mixed = parts + random.Random(seed).choices(parts, k=60)
        random.Random(seed).shuffle(mixed)
        assert played(mixed).rows() == right


def test_wait_and_talk_are_told_to_the_millisecond() -> None:
    (visit,) = played(a_talk(0)).visits
    assert (visit.wait, visit.talk) == (11_500_000, 47_500_000)


@pytest.mark.parametrize(
    "how", ["milliseconds", "text of milliseconds", "in data", "in the envelope"]
)
def test_the_moment_stands_in_one_of_four_places(how: str) -> None:
    parts = []
    for part in a_talk(0):
        told = json.loads(part)
        payload, moment = told["data"]["payload"], told.pop("time")
        since = round(datetime.fromisoformat(moment).timestamp() * 1000)
        if how == "in the envelope":
            told["time"] = moment
        if not how.startswith("in data"):
            del told["data"]["timestamp"]
        del payload["timestamp"]
        if "milliseconds" in how:
            payload["timestamp"] = str(since) if how.startswith("text") else since
        parts.append(json.dumps(told).encode())
    assert played(parts).rows() == played(a_talk(0)).rows()


def test_an_end_whose_answer_was_lost_still_is_one_answered_visit() -> None:
    told = played([part for part in a_talk(0) if b"accepted" not in part])
    assert told.outcomes() == {("Burgerzaken", "answered"): 1}
    (visit,) = told.visits
    assert (visit.wait, visit.talk) == (None, None)  # nobody knows when


def test_a_talk_without_wrap_up_ends_when_it_is_completed() -> None:
    (visit,) = played([part for part in a_talk(0) if b"wrapup" not in part]).visits
    assert visit.talk == 62_500_000


def test_after_call_work_is_told_not_inferred() -> None:
    for order in (a_talk(0), [*a_talk(0)[:4], *reversed(a_talk(0)[4:6])]):
        reading = TwilioReading(Options(wrap_up=99))
        events = [event for part in order for event in reading.body(part, 0)] + reading.finish()
        wraps = [(e.type, e.at - events[0].at) for e in events if "wrap" in e.type]
        assert wraps == [("call.wrap_up", 59 * SECOND), ("call.wrapped_up", 74 * SECOND)]
        assert not reading.troubles


@pytest.mark.parametrize(
    ("kind", "more", "outcome"),
    [("task.canceled", {"task_canceled_reason": "hangup"}, "abandoned"),
     ("task.canceled", {"task_canceled_reason": "Jan Peeters said no"}, "unknown"),
     ("workflow.timeout", {}, "timeout")],
)  # fmt: skip
def test_how_a_task_leaves(kind: str, more: dict[str, object], outcome: str) -> None:
    told = played([sent(0, "task-queue.entered"), sent(30, kind, **more)])
    assert told.outcomes() == {("Burgerzaken", outcome): 1}


def test_a_task_that_moves_on_is_offered_again() -> None:
    parts = [sent(0, "task-queue.entered"), sent(30, "task-queue.moved", queue="Iedereen")]
    parts += [sent(30, "task-queue.entered", queue="Iedereen")]
    told = played([*parts, sent(40, "reservation.accepted", queue="Iedereen", worker="els")])
    assert told.outcomes() == {("Burgerzaken", "timeout"): 1, ("Iedereen", "answered"): 1}


def test_a_second_agent_on_the_same_task_is_a_visit_of_its_own() -> None:
    second = {"reservation_sid": "WR2"}
    parts = [
        *a_talk(0)[:4],
        sent(40, "reservation.created", worker="jan", **second),
        sent(45, "reservation.accepted", worker="jan", **second),
        sent(50, "reservation.wrapup", worker="els"),  # stayed on the line for a moment
        sent(58, "reservation.completed", worker="els"),
        sent(90, "reservation.wrapup", worker="jan", **second),
        sent(99, "reservation.completed", worker="jan", **second),
        sent(99, "task.completed"),
    ]
    reading = TwilioReading(Options())
    events = [event for part in [*parts, *parts] for event in reading.body(part, 0)]
    told = Told(events + reading.finish(), reading.directory, reading.troubles)
    visits = sorted(told.visits, key=lambda visit: visit.joined)
    assert [(visit.wait, visit.talk) for visit in visits] == [
        (11_500_000, 32_500_000), (0, 45_000_000),
    ]  # fmt: skip
    assert visits[0].agent != visits[1].agent
    work = [(e.type, e.agent, e.at - events[0].at) for e in events if "wrap" in e.type]
    assert work == [
        ("call.wrap_up", visits[0].agent, 49 * SECOND),
        ("call.wrapped_up", visits[0].agent, 57 * SECOND),
        ("call.wrap_up", visits[1].agent, 89 * SECOND),
        ("call.wrapped_up", visits[1].agent, 98 * SECOND),
    ]
    assert not reading.troubles


def test_an_answer_whose_start_was_lost_is_told_after_a_while() -> None:
    reading = TwilioReading(Options())
    assert reading.body(sent(9, "reservation.accepted", worker="els"), 0) == []
    assert [event.type for event in reading.tick(11 * SECOND)][-1] == "call.talking"


def test_chats_are_no_calls() -> None:
    assert played([sent(0, "task-queue.entered", task_channel_unique_name="chat")]).events == []


def test_activities_have_names_of_their_own() -> None:
    reading = TwilioReading(Options(more={"available": "Aan de lijn,Klaar"}))
    told = [
        reading.body(sent(at, "worker.activity.update", worker="els", worker_activity_name=name), 0)
        for at, name in enumerate(["Klaar", "Middagpauze", "Aan de lijn", "Offline"])
    ]
    assert [event.code for events in told for event in events] == [1, 0, 1, 0]


def test_a_file_of_bodies(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(a_talk(0)))
    recording = open_recording(f"twilio+file:{path}")
    assert [e.type for e in recording.read()].count("call.answered") == 1


# ---------------------------------------------------------------- who is believed


def hook(folder: Path) -> Hook:
    (folder / "token").write_bytes(TOKEN + b"\n")
    source = open_source(f"twilio://127.0.0.1:8085?token_file={folder}/token&url={URL}")
    assert isinstance(source, Hook)
    return source


def signed(body: bytes, token: bytes = TOKEN, of: bytes | None = None) -> Request:
    asked = f"?bodySHA256={sha256(body if of is None else of).hexdigest()}"
    signature = b64encode(digest(token, (URL + asked).encode(), "sha1")).decode()
    return Request(f"/twilio{asked}", {}, {"x-twilio-signature": signature}, body)


def test_the_documented_algorithm() -> None:
    """Twilio's own example: its libraries' tests sign this address with this token."""
    from simkcc.streams.twilio import is_signed

    body = b'{"property": "value", "boolean": true}'
    url = (
        "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256="
        "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    )
    assert is_signed(b"12345", url, body, "a9nBmqA0ju/hNViExpshrM61xv4=")


def test_who_has_not_signed_is_refused(tmp_path: Path) -> None:
    source, body = hook(tmp_path), b"[]"
    assert source.receive(signed(body)).status == 204
    assert source.receive(signed(body, token=b"other")).status == 403
    assert source.receive(signed(body, of=b"[{}]")).status == 403
    assert source.receive(Request("/twilio", {}, {}, body)).status == 403
    assert source.troubles["refused"] == 3


def test_what_comes_by_request_is_told(tmp_path: Path) -> None:
    async def listened() -> list[str]:
        source = hook(tmp_path)
        for part in a_talk(0):
            assert source.receive(signed(part)).status == 204
        await source.close()
        return [event.type async for event in source]

    assert asyncio.run(listened()).count("call.talked") == 1


def test_who_comes_when_it_is_closing_is_asked_to_come_back(tmp_path: Path) -> None:
    async def statuses() -> list[int]:
        source = hook(tmp_path)
        before = [source.receive(signed(part)).status for part in a_talk(0)[:3]]
        await source.close()
        return before + [source.receive(signed(part)).status for part in a_talk(0)[3:]]

    assert asyncio.run(statuses()) == [204] * 3 + [503] * 4


def test_a_door_nobody_knocks_at_still_gives_a_sign_of_life() -> None:
    reading, now = TwilioReading(Options()), 1_780_000_000 * SECOND
    told = [reading.alive(now + second * SECOND) for second in range(61)]
    beats = [second for second, events in enumerate(told) if events]
    assert beats == [20, 40, 60] and told[20][0].type == "stream.heartbeat"


def test_too_many_requests_are_asked_to_come_back(tmp_path: Path) -> None:
    source = hook(tmp_path)
    assert [source.receive(signed(b"[]")).status for _ in range(1001)][-1] == 503


@pytest.mark.parametrize(
    "rest", ["x", "127.0.0.1:1", "127.0.0.1:1?token_file=/nowhere", "h:1?colour=blue"]
)
def test_addresses_that_cannot_be_used(rest: str) -> None:
    with pytest.raises(SettingError, match="twilio"):
        open_source(f"twilio://{rest}")
