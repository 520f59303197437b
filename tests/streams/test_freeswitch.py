"""FreeSWITCH: the table of actions, its traps, cuts and lists, and a connection that comes back."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from limits import HANG
from streams.adapter_contract import Adapter, Told
from streams.freeswitch_exchange import PASSWORD, FreeSwitch, Server

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.events import Event
from simkcc.streams.freeswitch import EslReading
from simkcc.streams.source import Options, open_recording, open_source

FRAMES = re.compile(rb"Content-Type: .*?\n\n.*?\n\n", re.DOTALL)
QUEUE, OTHER = "burgerzaken@default", "afval@default"


def told_by(reading: EslReading, pieces: list[bytes]) -> Told:
    events = []
    for piece in pieces:
        for frame in reading.wire.feed(piece):
            if frame.kind == "text/event-plain":
                events += reading.event(frame)
    return Told(events + reading.finish(), reading.directory, reading.troubles)


def told(pieces: list[bytes]) -> Told:
    return told_by(EslReading(Options()), pieces)


def a_morning(seed: int) -> tuple[list[bytes], Counter[tuple[str, str]]]:
    """Return events of a morning, and what really happened."""
    rng, exchange, truth = random.Random(seed), FreeSwitch(), Counter[tuple[str, str]]()
    happened: list[tuple[float, int, str, tuple[str, ...]]] = []
    for number in range(40):
        at, queue, session = rng.uniform(0, 3600), rng.choice([QUEUE, OTHER]), f"s{number}"
        how = rng.choice(["answered", "answered", "answered", "abandoned", "timeout", "key"])
        truth[queue, how] += 1
        wait, talk = rng.uniform(1, 120), rng.uniform(5, 300)
        happened.append((at, 0, "join", (session, queue)))
        if how == "answered":
            happened.append((at + wait - 0.9, 1, "offer", (session, "els")))
            happened.append((at + wait, 2, "answer", (session, "els")))
            happened.append((at + wait + talk, 3, "end", (session,)))
        else:
            reason = {"abandoned": "BREAK_OUT", "timeout": "TIMEOUT", "key": "EXIT_WITH_KEY"}[how]
            happened.append((at + wait, 3, "cancel", (session, reason)))
    return [getattr(exchange, word)(at, *told) for at, _, word, told in sorted(happened)], truth


class TestFreeSwitch(Adapter):
    scheme = "freeswitch+file"
    between = b""

    def parts(self) -> list[bytes]:
        parts, _ = a_morning(1)
        return [whole for part in parts for whole in FRAMES.findall(part)]

    def reading(self) -> EslReading:
        return EslReading(Options())

    def feed(self, reading: EslReading, piece: bytes, received: int) -> list[Event]:
        frames = [f for f in reading.wire.feed(piece) if f.kind == "text/event-plain"]
        return [event for f in frames for event in reading.event(f, received or None)]

    def moment(self, part: bytes) -> float:
        found = re.search(rb"Event-Date-Timestamp: (\d+)", part)
        assert found is not None
        return int(found[1]) / 1e6

    def rubbish(self, rng: random.Random) -> bytes:
        """Return an event without what it must have, or a frame that is none."""
        part = rng.choice(self.parts())
        body = part.partition(b"\n\n")[2]
        field = rng.choice([b"Event-Name", b"CC-Queue", b"CC-Member-Session-UUID"])
        less = re.sub(field + rb": [^\n]*\n", b"", body)
        less = re.sub(rb"Event-Sequence: [^\n]*\n", b"", less)
        head = rng.choice([b"Content-Type: text/event-plain\n", b"", b"\x00\xff: what\n"])
        if not head.startswith(b"Content-Type"):
            return head + f"Content-Length: {len(less)}\n\n".encode() + less
        return head + f"Content-Length: {len(less)}\n\n".encode() + less

    def cut(self, parts: list[bytes], rng: random.Random) -> list[bytes]:
        raw = b"".join(parts)
        places = sorted(rng.randrange(len(raw)) for _ in range(len(parts) * 2))
        return [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_a_morning_is_counted_as_it_happened(seed: int) -> None:
    parts, truth = a_morning(seed)
    assert told(parts).outcomes() == truth


def test_waits_and_talks_are_told_to_the_microsecond() -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(10.25, "s", QUEUE), exchange.answer(31.5, "s", "els")]
    (visit,) = told([*parts, exchange.end(100.75, "s")]).visits
    assert (visit.wait, visit.talk) == (21_250_000, 69_250_000)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [("BREAK_OUT", "abandoned"), ("NONE", "abandoned"), ("TIMEOUT", "timeout"),
     ("NO_AGENT_TIMEOUT", "no_agents"), ("EXIT_WITH_KEY", "key"), ("SOMETHING_NEW", "unknown")],
)  # fmt: skip
def test_reasons_of_cancel(reason: str, outcome: str) -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s", QUEUE), exchange.cancel(9, "s", reason)]
    assert told(parts).outcomes() == {(QUEUE, outcome): 1}


def test_cancel_without_a_reason_does_not_undo_an_answer() -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s", QUEUE), exchange.answer(9, "s", "els")]
    parts.append(exchange.cancel(10, "s", "NONE"))
    assert told(parts).outcomes() == {(QUEUE, "answered"): 1}


@pytest.mark.parametrize("terminated_first", [True, False])
def test_the_end_of_a_talk_is_told_twice_in_either_order(terminated_first: bool) -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s", QUEUE), exchange.answer(9, "s", "els")]
    found = told([*parts, exchange.end(60, "s", terminated_first)])
    (visit,) = found.visits
    assert visit.talk == 51 * SECOND and not found.troubles


def test_whoever_resumes_is_offered_again_and_follows_from_the_first_call() -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s1", QUEUE), exchange.cancel(20, "s1", "BREAK_OUT")]
    parts += [exchange.join(40, "s2", QUEUE, resumed="s1"), exchange.answer(50, "s2", "els")]
    found = told([*parts, exchange.end(90, "s2")])
    assert found.outcomes() == {(QUEUE, "abandoned"): 1, (QUEUE, "answered"): 1}
    assert [visit.wait for visit in found.visits] == [20 * SECOND, 10 * SECOND]
    assert [e.parent for e in found.events if e.type == "call.arrived"] == [-1, 0]


def test_a_call_that_goes_on_to_another_queue_is_one_contact_with_two_visits() -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s", QUEUE), exchange.answer(9, "s", "els"), exchange.end(30, "s")]
    parts += [exchange.join(31, "s", OTHER), exchange.answer(40, "s", "jan"), exchange.end(70, "s")]
    found = told(parts)
    assert found.outcomes() == {(QUEUE, "answered"): 1, (OTHER, "answered"): 1}
    assert {visit.contact for visit in found.visits} == {0}


def test_hold_is_told_by_the_channel_of_the_agent() -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s", QUEUE), exchange.answer(9, "s", "els")]
    parts.append(exchange.event(20, "CHANNEL_HOLD", Unique_ID="a-s"))
    parts.append(exchange.event(25, "CHANNEL_UNHOLD", Unique_ID="a-s"))
    found = told([*parts, exchange.end(30, "s")])
    assert [e.at - found.events[0].at for e in found.events if e.type == "call.held"] == [
        20 * SECOND
    ]


def test_agents_come_and_go_with_their_status() -> None:
    exchange = FreeSwitch()
    words = ["Available", "Available (On Demand)", "On Break", "Available", "Logged Out"]
    found = told([exchange.status(at, "els", word) for at, word in enumerate(words)])
    assert [event.code for event in found.events] == [1, 0, 1, 0]
    assert found.directory.people == {0: "els"}


def test_another_core_means_that_all_calls_are_gone() -> None:
    exchange = FreeSwitch()
    parts = [exchange.join(0, "s", QUEUE), exchange.join(1, "t", QUEUE)]
    parts.append(exchange.answer(5, "t", "els"))
    again = FreeSwitch(core="another")
    found = told([*parts, again.join(60, "u", QUEUE), again.cancel(70, "u", "BREAK_OUT")])
    assert found.outcomes() == {(QUEUE, "unknown"): 1, (QUEUE, "answered"): 1,
                                (QUEUE, "abandoned"): 1}  # fmt: skip
    assert [event.type for event in found.events].count("stream.gap") == 1


def test_the_middle_of_a_talk_is_enough_to_know_the_visit() -> None:
    exchange = FreeSwitch()
    exchange.join(0, "s", QUEUE)
    exchange.answer(9, "s", "els")
    (visit,) = told([exchange.end(60, "s")]).visits
    assert (visit.outcome, visit.wait, visit.talk) == ("answered", 9 * SECOND, 51 * SECOND)


def test_recorded_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    parts, truth = a_morning(2)
    for name, some in (("a.esl", parts[:70]), ("b.esl", parts[70:])):
        (tmp_path / name).write_bytes(b"".join(some))
    recording = open_recording(f"freeswitch+file:{tmp_path}/a.esl,{tmp_path}/b.esl")
    events = list(recording.read())
    assert Told(events, recording.directory, recording.troubles).outcomes() == truth
    assert [event.type for event in events].count("stream.gap") == 1


@pytest.mark.parametrize(
    "address", ["freeswitch://host", "freeswitch://:pw@", "freeswitch://:pw@h:x"]
)
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(SettingError, match="freeswitch"):
        open_source(address)


# ---------------------------------------------------------------- live


async def until(events: AsyncIterator[Event], seen: list[Event], what: str, count: int) -> None:
    """Read events until something was told so many times."""
    async with asyncio.timeout(HANG):
        while [event.type for event in seen].count(what) < count:
            seen.append(await anext(events))


def live(server: Server, secret: str = PASSWORD) -> tuple[AsyncIterator[Event], Told]:
    source = open_source(f"freeswitch://:{secret}@127.0.0.1:{server.port}")
    source.first_pause = 0.01  # type: ignore[attr-defined]
    return aiter(source), Told([], source.directory, source.troubles)


async def followed() -> None:
    """Follow a live exchange through a loss, in which one talk ends and one call is answered."""
    exchange = FreeSwitch(wrap_up=20, epoch=int(time.time()) - 100)
    exchange.agents = {"els": "Available", "jan": "On Break"}
    exchange.join(0, "early", QUEUE)
    async with Server(exchange) as server:
        events, found = live(server)
        await until(events, found.events, "call.queued", 1)  # who was there before us
        await server.listening.wait()
        server.say(exchange.join(5, "s", QUEUE) + exchange.answer(9, "s", "els"))
        server.say(exchange.join(10, "w", OTHER))
        await until(events, found.events, "call.queued", 3)
        await server.drop()
        exchange.end(20, "s")
        exchange.answer(30, "early", "els")
        exchange.cancel(31, "w", "BREAK_OUT")
        await until(events, found.events, "stream.gap", 1)
        await until(events, found.events, "call.talking", 2)
        await server.listening.wait()
        server.say(exchange.end(90, "early"))
        await until(events, found.events, "call.wrap_up", 1)
        await events.aclose()  # type: ignore[attr-defined]
    by_queue = found.outcomes()
    assert by_queue == {(QUEUE, "answered"): 2, (OTHER, "unknown"): 1}
    early = next(visit for visit in found.visits if visit.talk == 60 * SECOND)
    assert early.wait == 30 * SECOND  # both from the exchange's own lists


def test_a_live_exchange_is_followed_through_a_loss() -> None:
    asyncio.run(followed())


def test_a_wrong_password_is_one_sentence() -> None:
    async def attempt() -> None:
        async with Server(FreeSwitch()) as server:
            events, _ = live(server, "wrong")
            await anext(events)

    with pytest.raises(SettingError, match="password"):
        asyncio.run(attempt())
