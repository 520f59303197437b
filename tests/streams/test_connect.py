"""Amazon Connect: contacts and agents, in any order; transfers; and a queue of messages."""

import asyncio
import json
import random
from datetime import datetime
from itertools import permutations
from pathlib import Path

import pytest
from limits import HANG
from streams.adapter_contract import Adapter, Told
from streams.sqs_stand_in import Queue, served

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.streams.connect import ConnectReading
from simkcc.streams.source import Options, open_recording, open_source

INSTANCE = "arn:aws:connect:eu-central-1:123456789012:instance/11111111-2222-4333-8444-555555555555"


def stamp(at: float) -> str:
    return f"2026-05-28T10:{int(at) // 60:02}:{at % 60:06.3f}Z"


def contact(
    at: float, kind: str, name: str = "c1", queue: str = "q-burger", **told: object
) -> bytes:
    """Return a contact event as EventBridge hands it over."""
    detail = {
        "eventType": kind, "contactId": name, "channel": "VOICE", "instanceArn": INSTANCE,
        "initiationMethod": "INBOUND", "initiationTimestamp": stamp(0), "contactDetails": {},
        "customerEndpoint": {"address": "+32470123456", "type": "TELEPHONE_NUMBER"},
        "tags": {"name": "Jan Peeters"},
        "queueInfo": {"queueArn": f"{INSTANCE}/queue/{queue}", "queueType": "STANDARD"},
    }  # fmt: skip
    for part in ("queueInfo", "agentInfo"):
        more = told.pop(part, None)
        if isinstance(more, dict):
            detail[part] = {**(detail.get(part) or {}), **more}  # type: ignore[dict-item]
    return json.dumps({
        "version": "0", "id": f"{name}-{kind}-{at}", "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect", "account": "123456789012", "time": stamp(at),
        "region": "eu-central-1", "resources": [INSTANCE], "detail": {**detail, **told},
    }).encode()  # fmt: skip


def answered(
    start: float, name: str = "c1", queue: str = "q-burger", **told: object
) -> list[bytes]:
    joined = {"enqueueTimestamp": stamp(start)}
    agent = {"agentArn": f"{INSTANCE}/agent/els", "connectedToAgentTimestamp": stamp(start + 20)}
    told |= {"name": name, "queue": queue, "queueInfo": joined}
    over = {**told, "agentInfo": agent, "disconnectTimestamp": stamp(start + 80.5),
            "disconnectReason": "CUSTOMER_DISCONNECT"}  # fmt: skip
    return [
        contact(start, "QUEUED", **told),  # type: ignore[arg-type]
        contact(start + 20, "CONNECTED_TO_AGENT", agentInfo=agent, **told),  # type: ignore[arg-type]
        contact(start + 80.5, "DISCONNECTED", **over),  # type: ignore[arg-type]
        contact(start + 99, "COMPLETED", **over),  # type: ignore[arg-type]
    ]


def gone(
    start: float, name: str = "c1", reason: str = "CUSTOMER_DISCONNECT", **told: object
) -> list[bytes]:
    joined = {"enqueueTimestamp": stamp(start)}
    told |= {"name": name, "queueInfo": joined}
    over = {**told, "disconnectTimestamp": stamp(start + 30), "disconnectReason": reason}
    return [contact(start, "QUEUED", **told), contact(start + 30, "DISCONNECTED", **over)]  # type: ignore[arg-type]


def agent_event(at: float, kind: str, status: str = "Available", type_: str = "ROUTABLE",
                contacts: list[dict[str, str]] | None = None) -> bytes:  # fmt: skip
    now = {"AgentStatus": {"Name": status, "Type": type_}, "Contacts": contacts or [],
           "Configuration": {"FirstName": "Els", "Username": "els"}}  # fmt: skip
    return json.dumps({
        "AgentARN": f"{INSTANCE}/agent/els", "EventId": f"{kind}{at}", "EventType": kind,
        "EventTimestamp": stamp(at), "Version": "2017-10-01", "CurrentAgentSnapshot": now,
    }).encode()  # fmt: skip


def played(parts: list[bytes]) -> Told:
    reading = ConnectReading(Options())
    events = [event for part in parts for event in reading.body(part, 0)]
    return Told(events + reading.finish(), reading.directory, reading.troubles)


class TestConnect(Adapter):
    scheme = "connect+file"

    def parts(self) -> list[bytes]:
        parts = [agent_event(0, "LOGIN")]
        for number in range(5):
            parts += answered(20 * number, f"a{number}") + gone(15 * number, f"b{number}")
        return parts

    def reading(self) -> ConnectReading:
        return ConnectReading(Options())

    def moment(self, part: bytes) -> float:
        told = json.loads(part)
        return datetime.fromisoformat(told.get("time") or told["EventTimestamp"]).timestamp()


@pytest.mark.parametrize("lost", [[], [0], [1], [0, 1], [2], [0, 1, 2]])
def test_any_order_and_what_is_lost_is_made_up_for(lost: list[int]) -> None:
    parts = [part for number, part in enumerate(answered(0)) if number not in lost]
    right = played(answered(0)).rows()
    for order in permutations(parts):
        assert played(list(order)).rows() == right


def test_wait_and_talk() -> None:
    (visit,) = played(answered(0)).visits
    assert (visit.wait, visit.talk) == (20 * SECOND, 60_500_000)


def test_whoever_disconnects_without_an_agent_gave_up() -> None:
    told = played(gone(0, reason="CUSTOMER_DISCONNECT") + gone(9, "c2", reason=""))
    assert told.outcomes() == {("q-burger", "abandoned"): 2}


def test_other_reasons() -> None:
    parts = gone(0, "c1", reason="CONTACT_FLOW_DISCONNECT") + gone(
        0, "c2", reason="TELECOM_PROBLEM"
    )
    assert played(parts).outcomes() == {("q-burger", "timeout"): 1, ("q-burger", "unknown"): 1}


@pytest.mark.parametrize("first", [True, False])
def test_a_caller_moved_to_another_queue_did_not_give_up(first: bool) -> None:
    before = gone(0, "c1", reason="")
    after = answered(30, "c2", "q-afval", initiationMethod="QUEUE_TRANSFER", previousContactId="c1")
    told = played(before + after if first else before[:1] + after + before[1:])
    assert told.outcomes() == {("q-burger", "timeout"): 1, ("q-afval", "answered"): 1}


def test_after_call_work_is_told_not_inferred() -> None:
    work = {"afterContactWorkStartTimestamp": stamp(81), "afterContactWorkEndTimestamp": stamp(95)}
    parts = answered(0)
    told = json.loads(parts[3])
    told["detail"]["agentInfo"] |= work
    reading = ConnectReading(Options(wrap_up=99))
    sent = [*parts[:3], json.dumps(told).encode()]
    events = [event for part in sent for event in reading.body(part, 0)] + reading.finish()
    wraps = [(e.type, e.at - events[0].at) for e in events if "wrap" in e.type]
    assert wraps == [("call.wrap_up", 81 * SECOND), ("call.wrapped_up", 95 * SECOND)]


def test_whoever_is_promised_a_call_back_did_not_give_up() -> None:
    promised = contact(20, "INITIATED", "c2", initiationMethod="CALLBACK", previousContactId="c1")
    before = gone(0, "c1", reason="CONTACT_FLOW_DISCONNECT")
    for parts in ([*before, promised], [promised, *before]):
        assert played(parts).outcomes() == {("q-burger", "key"): 1}


def test_a_call_from_a_browser_waits_like_any_other() -> None:
    assert len(played(answered(0, initiationMethod="WEBRTC_API")).visits) == 1


def test_a_chain_of_transfers_is_offered_in_each_queue() -> None:
    chain = answered(0)
    for number, queue in ((2, "q-afval"), (3, "q-burger"), (4, "q-afval")):
        chain += answered(
            100 * number, f"c{number}", queue, initiationMethod="TRANSFER",
            previousContactId=f"c{number - 1}", initialContactId="c1",
        )  # fmt: skip
    rng = random.Random(1)
    mixed = [part for at in range(0, len(chain), 4) for part in rng.sample(chain[at : at + 4], k=4)]
    told = played(mixed)
    assert told.outcomes() == {("q-burger", "answered"): 2, ("q-afval", "answered"): 2}
    parents = {e.contact: e.parent for e in told.events if e.type == "call.arrived"}
    assert sorted(parent == -1 for parent in parents.values()) == [False] * 3 + [True]


def test_agents_that_fall_silent_are_a_gap() -> None:
    reading, now = ConnectReading(Options()), 1_780_000_000 * SECOND
    reading.body(agent_event(0, "LOGIN"), now)
    assert reading.tick(now + 149 * SECOND) == []
    assert [event.type for event in reading.tick(now + 151 * SECOND)] == ["stream.gap"]
    assert reading.tick(now + 500 * SECOND) == []
    beat = reading.body(agent_event(600, "HEART_BEAT"), now + 600 * SECOND)
    assert [event.type for event in beat] == ["stream.heartbeat"]
    reading.body(agent_event(610, "LOGOUT", "Offline", "OFFLINE"), now + 610 * SECOND)
    assert reading.tick(now + 9_000 * SECOND) == []


def test_a_transfer_is_a_contact_that_follows() -> None:
    after = answered(70, "c2", "q-afval", initiationMethod="TRANSFER", previousContactId="c1")
    told = played(answered(0) + after)
    assert told.outcomes() == {("q-burger", "answered"): 1, ("q-afval", "answered"): 1}
    assert [event.parent for event in told.events if event.type == "call.arrived"] == [-1, 0]


@pytest.mark.parametrize(
    "told",
    [{"initiationMethod": "OUTBOUND"}, {"initiationMethod": "CALLBACK"}, {"channel": "CHAT"}],
)
def test_who_is_not_on_the_line_is_not_counted(told: dict[str, object]) -> None:
    assert played(answered(0, **told)).visits == []


def test_agents_and_their_holds() -> None:
    held = [{"ContactId": "c1", "State": "CONNECTED_ONHOLD", "StateStartTimestamp": stamp(40)}]
    back = [{"ContactId": "c1", "State": "CONNECTED", "StateStartTimestamp": stamp(50)}]
    parts = answered(0)
    parts[2:2] = [agent_event(40, "STATE_CHANGE", contacts=held),
                  agent_event(50, "STATE_CHANGE", contacts=back)]  # fmt: skip
    parts += [agent_event(100, "STATE_CHANGE", "Lunch", "CUSTOM"), agent_event(101, "HEART_BEAT")]
    parts += [agent_event(90, "HEART_BEAT"), agent_event(120, "LOGOUT", "Offline", "OFFLINE")]
    told = played(parts)
    assert [e.code for e in told.events if e.type == "agent.state"] == [1, 0, 1, 0]
    assert [e.type for e in told.events].count("call.held") == 1
    (visit,) = told.visits
    assert visit.talk == 60_500_000


def test_names_come_from_a_file(tmp_path: Path) -> None:
    names, lines = tmp_path / "names.json", tmp_path / "connect.jsonl"
    names.write_text(json.dumps({f"{INSTANCE}/queue/q-burger": "Burgerzaken", "els": "Els"}))
    lines.write_bytes(b"\n".join(answered(0)))
    recording = open_recording(f"connect+file:{lines}?names={names}")
    told = Told(list(recording.read()), recording.directory, recording.troubles)
    assert told.outcomes() == {("Burgerzaken", "answered"): 1}
    assert told.directory.people == {0: "Els"}


def test_a_pipe_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    class Stdin:
        buffer = io.BytesIO(b"\n".join(answered(0)))

    monkeypatch.setattr("sys.stdin", Stdin)

    async def listened() -> list[str]:
        return [event.type async for event in open_source("connect+file:-")]

    assert asyncio.run(listened()).count("call.talked") == 1


# ---------------------------------------------------------------- by SQS


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def notified(body: bytes) -> str:
    """Return a body as a notification (SNS) wraps it."""
    return json.dumps({"Type": "Notification", "MessageId": "x", "Message": body.decode()})


@pytest.mark.usefixtures("credentials")
def test_messages_are_deleted_only_when_they_were_told() -> None:
    bodies = [notified(part) for number in range(6) for part in answered(number, f"c{number}")]
    queue = Queue(bodies)

    async def listened(host: str) -> int:
        source = open_source(f"sqs://{host}/123456789012/simkcc")
        told = 0
        async for event in source:
            if event.type == "call.queued":
                told += 1
                if told == 1:
                    assert len(queue.taken) == 10
                if told == 6:
                    await source.close()
        return told

    with served(queue) as host:
        assert asyncio.run(asyncio.wait_for(listened(host), HANG)) == 6
    assert not queue.waiting and not queue.taken


@pytest.mark.usefixtures("credentials")
def test_a_queue_that_denies_us_is_one_sentence() -> None:
    queue = Queue([])
    queue.deny = "QueueDoesNotExist"

    async def listened(host: str) -> None:
        await anext(aiter(open_source(f"sqs://{host}/123456789012/simkcc")))

    with served(queue) as host, pytest.raises(SettingError, match="refuses"):
        asyncio.run(listened(host))


def test_an_address_that_cannot_be_used() -> None:
    pytest.importorskip("boto3")
    with pytest.raises(SettingError, match="sqs"):
        open_source("sqs://nowhere")
