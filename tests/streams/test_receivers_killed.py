"""A board that is killed while it takes from a broker, or is told by HTTP: nothing is lost, nothing told twice."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from seeds import few_of
from small import SMALL
from streams.brokers import free_port, heard_by, running
from streams.test_brokers import KEY
from streams.test_many_boards import Rows, rows

from simkcc.model.contact_log import DAY, SECOND
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.keeping import Keeper
from simkcc.streams.named import NamedReading, to_cloudevent
from simkcc.streams.neutral import Message
from simkcc.streams.resuming import resume
from simkcc.streams.sink import Sink, Unreachable, open_sink
from simkcc.streams.source import Options, open_recording, open_source
from simkcc.streams.store import Store

BROKERS = {
    "nats-server": ("nats", "town.calls", "durable"),
    "mosquitto": ("mqtt", "town/calls", "client"),
}
QUEUES = ("Burgerzaken", "Omgeving")


def story(calls: int, seed: int) -> list[dict[str, object]]:
    """Return the events of calls that overlap, all of the last minutes."""
    chance, told = random.Random(seed), list[Message]()
    now = time.time_ns() // 1000 - 600 * SECOND
    for number in range(6):
        told.append(Message(neutral.AGENT_STATE, now, agent=f"a{number}", reason="ready"))
    for number in range(calls):
        call, queue, agent = f"call{number}", chance.choice(QUEUES), f"a{chance.randrange(6)}"
        at = now + chance.randrange(400 * SECOND)
        told.append(Message(neutral.QUEUED, at, call, queue))
        at += chance.randrange(1, 60 * SECOND)
        if chance.random() < 0.25:
            told.append(Message(neutral.LEFT, at, call, queue, reason="abandoned"))
            continue
        told.append(Message(neutral.OFFERED, at - 1, call, queue, agent))
        told.append(Message(neutral.ANSWERED, at, call, queue, agent))
        for kind in (neutral.HELD, neutral.RESUMED, neutral.TALKED, neutral.ENDED):
            at += chance.randrange(1, 20 * SECOND)
            if kind in (neutral.TALKED, neutral.ENDED) or number % 3 == 0:
                told.append(Message(kind, at, call, queue, agent))
    told.sort(key=lambda each: each.at or 0)
    return [to_cloudevent(each, "urn:simkcc:town", KEY) for each in told]


def undisturbed(told: list[dict[str, object]]) -> Rows:
    reading = NamedReading(Options())
    events = [
        event
        for number, each in enumerate(told)
        for event in reading.body(json.dumps(each).encode(), number * SECOND)
    ]
    events += reading.tick(DAY)
    return rows(reading, events)  # type: ignore[arg-type]


def kept(store: Path) -> Rows:
    source = open_recording(f"sqlite:///{store}")
    return rows(source, list(source.read()))


def lived(told: list[bytes], store: Path, seed: int, options: Options) -> None:
    """Take what a broker gives, through lives that end anywhere.

    A life ends between the commit and the acknowledgement, within a batch, or before either.
    """
    chance, safe = random.Random(seed), 0
    while safe < len(told):
        reading = NamedReading(options)
        there = Store(str(store), "urn:town", "live", reading.directory)
        reading.directory.first_date = datetime.now(UTC).date()
        reading.receipts.wanted = reading.numbering.names.wanted = True
        keeper, pending = Keeper(there, reading.receipts), list[Event]()
        assert resume(reading, there, there.last) == []
        for number, each in enumerate(told[safe:], safe):
            pending += reading.body(each, number * SECOND, number)
            last = number == len(told) - 1
            if last:
                pending += reading.aside(reading.tick(DAY))  # whatever waits waits no longer
            if last or chance.random() < 0.2:
                most = len(pending)
                some = most if last or chance.random() < 0.7 else chance.randrange(most + 1)
                asyncio.run(keeper.keep(pending[:some]))
                del pending[:some]
                if not last and chance.random() < 0.3:
                    break
                safe = min([*reading.receipts.unsettled(), number + 1])
                if chance.random() < 0.1:
                    break
        there.close()


@pytest.mark.parametrize("seed", few_of(range(20), 2))
def test_a_reader_that_dies_anywhere_goes_on_as_if_it_had_not(tmp_path: Path, seed: int) -> None:
    told, options = [json.dumps(each).encode() for each in story(9, seed)], Options(wrap_up=20)
    if seed % 2:  # some come too early, as of exchanges whose threads overtake each other
        for place in range(0, len(told) - 1, 5):
            told[place], told[place + 1] = told[place + 1], told[place]
    lived(told, tmp_path / "kept.db", seed, options)
    assert kept(tmp_path / "kept.db") == undisturbed([json.loads(each) for each in told])


def start(store: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the program, and wait until it says that it is ready."""
    command = [sys.executable, "-m", "simkcc", "wallboard", "--store", str(store), "--zone", "UTC",
               "--without-forecast", "--log", "json", *words]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    while (line := process.stderr.readline()) and b"board ready" not in line:
        pass
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it without a word."""
    assert process.poll() is None and process.stderr is not None
    process.kill()
    process.wait(10)
    process.stderr.close()


async def lives(
    store: Path, words: Sequence[str], told: list[dict[str, object]], sink: Sink, together: int = 5
) -> None:
    """Let boards be killed at random moments while somebody publishes; the last one has it all."""
    chance, truth = random.Random(words[1]), undisturbed(told)
    publishing = asyncio.ensure_future(publish(sink, told, together))
    while not publishing.done():
        process = await asyncio.to_thread(start, store, words)
        await asyncio.sleep(chance.uniform(0.05, 2.0))
        kill(process)
    await publishing
    process = await asyncio.to_thread(start, store, words)
    for _ in range(120):
        if kept(store) == truth:
            break
        await asyncio.sleep(0.5)
    kill(process)
    assert kept(store) == truth


async def publish(sink: Sink, told: list[dict[str, object]], together: int) -> None:
    """Publish what is told, so many events together, again until they are there."""
    for place in range(0, len(told), together):
        while True:
            try:
                await sink.write(told[place : place + together])
                break
            except Unreachable:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.03)
    await sink.close()


@pytest.mark.slow  # starts the program some five times
@pytest.mark.parametrize("program", BROKERS)
def test_a_board_killed_at_random_moments_holds_what_an_undisturbed_one_does(
    tmp_path: Path, program: str
) -> None:
    scheme, topic, name = BROKERS[program]
    pytest.importorskip("nats" if scheme == "nats" else "aiomqtt")
    port = free_port()
    address = f"{scheme}://127.0.0.1:{port}/{topic}"
    mine = f"{address}?{name}=board"

    async def whole() -> None:
        if scheme == "mqtt":  # a topic keeps nothing for who was never there
            first = open_source(mine)
            taking = asyncio.ensure_future(anext(aiter(first)))
            await heard_by(address, first)
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
            await first.close()
        words = ["--from", mine, "--port", "0"]
        await lives(tmp_path / "kept.db", words, story(400, 1), open_sink(address))

    with running(tmp_path / "broker", program, port):
        asyncio.run(whole())


@pytest.mark.slow  # starts the program some five times
def test_a_board_that_is_told_by_http_and_killed_holds_the_same(tmp_path: Path) -> None:
    port, token, centre = free_port(), tmp_path / "token", tmp_path / "small.toml"
    token.write_text("a token of enough characters")
    centre.write_text(SMALL)
    words = [
        str(centre),
        "--listen",
        "urn:simkcc:town",
        "--token-file",
        str(token),
        "--port",
        str(port),
    ]
    sink = open_sink(f"http://127.0.0.1:{port}/events", token.read_text())
    asyncio.run(lives(tmp_path / "kept.db", words, story(120, 2), sink, together=25))
