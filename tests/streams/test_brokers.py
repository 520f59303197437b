"""NATS, MQTT and Kafka: what one side publishes, the other side tells, through losses."""

import asyncio
import gc
import json
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from streams.adapter_contract import Adapter
from streams.brokers import SECRET, USER, certificate, free_port, heard_by, running

from simkcc.errors import SettingError
from simkcc.streams import neutral
from simkcc.streams.named import NamedReading, to_cloudevent
from simkcc.streams.neutral import Message, read_cloudevents
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.sink import Unreachable, open_sink
from simkcc.streams.source import Options, open_source

START = 1_780_000_000_000_000
KEY = Pseudonyms(b"k" * 32)


def messages(calls: int, first: int = 0) -> list[Message]:
    found = []
    for number in range(first, first + calls):
        at, call = START + number * 1_000_000, f"call{number}"
        found += [
            Message(neutral.QUEUED, at, call, "Burgerzaken"),
            Message(neutral.ANSWERED, at + 5_000_000, call, "Burgerzaken", "Els Peeters", wait_s=5),
            Message(neutral.TALKED, at + 60_000_000, call, "Burgerzaken", "Els Peeters"),
        ]
    return found


def wrapped(found: list[Message]) -> list[dict[str, object]]:
    return [to_cloudevent(message, "urn:simkcc:town", KEY) for message in found]


def test_a_message_survives_the_journey() -> None:
    for message in [*messages(2), Message(neutral.LEFT, START, "c", "q", reason="key", visit=1),
                    Message(neutral.LEFT, START, "c", "q", vague=True)]:  # fmt: skip
        (back,) = read_cloudevents(json.dumps(wrapped([message])[0]))
        back.agent = message.agent = ""
        assert back == message


def test_agents_travel_as_pseudonyms() -> None:
    said = json.dumps(wrapped(messages(1)))
    assert "Peeters" not in said and KEY.of("agent Els Peeters") in said


class TestNamed(Adapter):
    """The CloudEvents of brokers: the same promises as any exchange."""

    scheme = "events"

    def parts(self) -> list[bytes]:
        return [json.dumps(each | {"from": "0470123456"}).encode() for each in wrapped(messages(9))]

    def reading(self) -> NamedReading:
        return NamedReading(Options())


async def passed_on(address: str, more: str, calls: int) -> Counter[str]:
    """Publish calls while somebody listens, some of them twice; return what was told."""
    source = open_source(address + more)
    found: Counter[str] = Counter()

    async def listened() -> None:
        async for event in source:
            found[event.type] += 1
            if found["call.talked"] == calls:
                await source.close()

    listening = asyncio.ensure_future(listened())
    await heard_by(address, source)
    sink = open_sink(address)
    batch = wrapped(messages(calls))
    await sink.write(batch[: len(batch) // 2])
    await sink.write(batch)
    await sink.close()
    await asyncio.wait_for(listening, 60)
    return found


@pytest.mark.parametrize(
    ("program", "path"), [("nats-server", "town.calls"), ("mosquitto", "town/calls")]
)
def test_what_is_published_is_told_once(tmp_path: Path, program: str, path: str) -> None:
    pytest.importorskip("nats" if program == "nats-server" else "aiomqtt")
    scheme, port = {"nats-server": "nats", "mosquitto": "mqtt"}[program], free_port()
    with running(tmp_path, program, port):
        address = f"{scheme}://127.0.0.1:{port}/{path}"
        found = asyncio.run(passed_on(address, "", 40))
    assert found["call.queued"] == found["call.answered"] == found["call.talked"] == 40


PRIVATE = [
    pytest.param("nats-server", "nats+tls", "town.calls", "nats", id="nats"),
    pytest.param("mosquitto", "mqtts", "town/calls", "aiomqtt", id="mqtt"),
]


@pytest.mark.parametrize(("program", "scheme", "path", "library"), PRIVATE)
@pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # the clients', after a refusal
def test_a_private_broker_lets_in_who_has_its_secret(
    tmp_path: Path, program: str, scheme: str, path: str, library: str
) -> None:
    pytest.importorskip(library)
    port, private = free_port(), certificate(tmp_path)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    where = f"127.0.0.1:{port}/{path}"

    async def refused(address: str) -> str:
        told = []
        for use in (
            open_sink(address).write(wrapped(messages(1))),
            anext(aiter(open_source(address))),
        ):
            with pytest.raises(SettingError) as raised:
                await asyncio.wait_for(use, 60)
            told.append(str(raised.value))
        assert told[0] == told[1] and "\n" not in told[0] and SECRET not in told[0]
        return told[0]

    with running(tmp_path / "data", program, port, private):
        login = f"{USER}:{quote(SECRET, safe='')}"
        found = asyncio.run(passed_on(f"{scheme}://{login}@{where}?ca={private[0]}", "", 5))
        assert found["call.talked"] == 5
        from_file = f"{scheme}://{USER}@{where}?ca={private[0]}&secret_file={tmp_path / 'secret'}"
        assert asyncio.run(passed_on(from_file, "", 3))["call.talked"] == 3
        assert "refuses us" in asyncio.run(refused(f"{scheme}://{USER}:x@{where}?ca={private[0]}"))
        assert "give ?ca=FILE" in asyncio.run(refused(f"{scheme}://{login}@{where}"))
    gc.collect()


def test_mqtt_gives_again_what_was_not_told_before_the_reader_died(tmp_path: Path) -> None:
    pytest.importorskip("aiomqtt")
    port = free_port()
    address = f"mqtt://127.0.0.1:{port}/town/calls"

    people = [
        Message(neutral.AGENT_STATE, START + number, agent=f"agent {number}", reason="ready")
        for number in range(4)
    ]

    async def story() -> int:
        dying = open_source(f"{address}?client=board")
        taking, sink = aiter(dying), open_sink(address)
        first = asyncio.ensure_future(anext(taking))
        await heard_by(address, dying)
        await sink.write(wrapped(people))
        await sink.close()
        await first
        await anext(taking)  # whoever asks for the next has the first, and the second in hand
        await taking.aclose()  # type: ignore[attr-defined]
        again, told = open_source(f"{address}?client=board"), list[int]()
        async with asyncio.timeout(60):
            async for event in again:
                told.append(event.agent)
                if len(told) == 3:
                    await again.close()
        return again.reading.counts["read"]  # type: ignore[attr-defined]

    with running(tmp_path, "mosquitto", port):
        assert asyncio.run(story()) == 3, "what was in hand comes again, and what was told does not"


def test_a_nats_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    pytest.importorskip("nats")
    port = free_port()
    address = f"nats://127.0.0.1:{port}/town.calls"

    async def read(calls: int) -> set[int]:
        source, contacts = open_source(f"{address}?durable=board"), []
        async with asyncio.timeout(60):
            async for event in source:
                if event.type == "call.talked":
                    contacts.append(event.at)
                    if len(contacts) == calls:
                        await source.close()
        return set(contacts)

    async def story() -> tuple[set[int], set[int]]:
        sink = open_sink(address)
        await sink.write(wrapped(messages(3)))
        first = await read(3)
        await sink.write(wrapped(messages(2, first=3)))
        await sink.close()
        return first, await read(2)

    with running(tmp_path, "nats-server", port):
        first, second = asyncio.run(story())
    assert len(first) == 3 and len(second) == 2 and not first & second


@pytest.mark.slow  # seconds of our clock must pass
def test_a_lost_broker_is_a_gap_and_then_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("nats")
    port = free_port()
    address = f"nats://127.0.0.1:{port}/town.calls"

    async def story() -> Counter[str]:
        source = open_source(f"{address}?durable=board")
        source.first_pause = 0.1  # type: ignore[attr-defined]
        found: Counter[str] = Counter()
        events = aiter(source)

        async def until(what: str, count: int) -> None:
            async with asyncio.timeout(60):
                while found[what] < count:
                    found[(await anext(events)).type] += 1

        sink = open_sink(address)
        with running(tmp_path / "data", "nats-server", port):
            await sink.write(wrapped(messages(2)))
            await until("call.talked", 2)
        await until("stream.gap", 1)
        with pytest.raises(Unreachable):
            await sink.write(wrapped(messages(2, first=2)))
        with running(tmp_path / "data", "nats-server", port):
            await sink.write(wrapped(messages(2, first=2)))
            await until("call.talked", 4)
            await sink.close()
            await source.close()
            await events.aclose()  # type: ignore[attr-defined]
        return found

    (tmp_path / "data").mkdir()
    assert asyncio.run(story())["call.queued"] == 4


class Inbox:
    """Stands in for a subscription of NATS: what was sent to it, and what of that came."""

    def __init__(self) -> None:
        self.sent, self.came = 0, list[SimpleNamespace]()

    async def consumer_info(self) -> SimpleNamespace:
        return SimpleNamespace(delivered=SimpleNamespace(consumer_seq=self.sent))

    async def fetch(self, count: int, timeout: float) -> list[SimpleNamespace]:
        while not self.came:
            await asyncio.sleep(0)
        found, self.came = self.came, []
        return found

    def send(self, comes: bool) -> None:
        self.sent += 1
        sequence = SimpleNamespace(consumer=self.sent)
        if comes:
            self.came = [
                SimpleNamespace(metadata=SimpleNamespace(sequence=sequence, num_pending=0))
            ]


def test_a_nats_reader_that_does_not_hear_what_is_sent_comes_anew() -> None:
    pytest.importorskip("nats")
    from simkcc.streams.nats import _Pull

    async def story() -> None:
        inbox = Inbox()
        pull = _Pull(inbox, heard=0)
        await pull.check()
        for _ in range(3):
            inbox.send(comes=True)
            await pull.check()  # under way is not lost
            await pull.task
            assert len(pull.take()) == 1
            await pull.check()
        inbox.send(comes=False)
        await pull.check()
        with pytest.raises(ConnectionError):
            await pull.check()
        pull.task.cancel()

    asyncio.run(story())


# ---------------------------------------------------------------- Kafka, without a Kafka


class Topic:
    """Stands in for aiokafka's two clients: no broker, only a list and a committed offset."""

    kept: list[bytes] = []
    committed = 0

    def __init__(self, *_: object, **how: object) -> None:
        self.at = Topic.committed
        assert how.get("acks", "all") == "all" and not how.get("enable_auto_commit")

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def flush(self) -> None: ...

    async def send(self, topic: str, value: bytes, key: bytes, headers: object) -> None:
        Topic.kept.append(value)

    async def getmany(self, **_: object) -> dict[str, list[SimpleNamespace]]:
        await asyncio.sleep(0)
        some = [
            SimpleNamespace(value=value, offset=offset)
            for offset, value in enumerate(Topic.kept[self.at : self.at + 5], self.at)
        ]
        self.at += len(some)
        return {"partition": some} if some else {}

    async def commit(self, offsets: dict[str, int]) -> None:
        Topic.committed = offsets["partition"]


def test_kafka_commits_only_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiokafka")
    monkeypatch.setattr("aiokafka.AIOKafkaConsumer", Topic)
    monkeypatch.setattr("aiokafka.AIOKafkaProducer", Topic)

    async def story() -> Counter[str]:
        sink, found = open_sink("kafka://127.0.0.1:9092/calls"), Counter[str]()
        await sink.write(wrapped(messages(4)))
        source = open_source("kafka://127.0.0.1:9092/calls?group=board")
        async for event in source:
            found[event.type] += 1
            if found["call.queued"] == 1:
                assert Topic.committed == 0
            if found["call.talked"] == 4:
                await source.close()
        return found

    assert asyncio.run(asyncio.wait_for(story(), 60))["call.answered"] == 4
    assert Topic.committed == 12


@pytest.mark.parametrize(
    "address",
    [
        "nats://h/town/x",
        "mqtt://h/town/#",
        "mqtt://h:x/town",
        "kafka:///topic",
        "nats://a,b/town",
        "kafka://h/town?mechanism=GSSAPI",
        "mqtt://h/town?ca=x",
        "mqtts://h/town?ca=nowhere.pem",
        "nats://h/town?secret_file=nowhere",
        "fax://h",
    ],
)
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(SettingError):
        open_source(address)


@pytest.mark.parametrize(
    ("scheme", "file", "module", "extra"),
    [("nats", "nats", "nats", "nats"), ("mqtt", "mqtt", "aiomqtt", "mqtt"),
     ("kafka", "kafka", "aiokafka", "kafka"), ("sqs", "sqs", "boto3", "aws")],
)  # fmt: skip
def test_a_missing_extra_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, scheme: str, file: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"simkcc.streams.{file}", raising=False)
    with pytest.raises(SettingError, match=rf"simkcc\[{extra}\]"):
        open_source(f"{scheme}://127.0.0.1/x")
