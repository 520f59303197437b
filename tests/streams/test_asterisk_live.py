"""A live exchange, played by a server that replays the recording and hangs up in the middle."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import pytest
from limits import HANG
from streams.exchange import BANNER, END, Exchange, fields_of, packets_of
from streams.sample import RAW, TRUTH, true_counts

from simkcc.analysis.columns.visits import counts_of, visits_of
from simkcc.analysis.ledger import Ledger
from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import asterisk_live
from simkcc.streams.asterisk_live import AmiConnection
from simkcc.streams.live import FIRST_PAUSE, LONGEST_PAUSE
from simkcc.streams.source import Options

PACKETS = packets_of(RAW)


class FakeExchange:
    """Plays the recording over a socket; each connection gets the packets up to its end."""

    def __init__(self, *ends: int, secret: str = "secret") -> None:
        self.ends = list(ends)
        self.secret = secret
        self.exchange = Exchange()
        self.played = 0
        self.connections = 0
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BANNER)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                action = fields_of(await reader.readuntil(END))
                if not await self._answer(action, writer):
                    break
        writer.close()

    async def _answer(self, action: dict[str, str], writer: asyncio.StreamWriter) -> bool:
        name, reply = action["Action"], action["ActionID"]
        self.asked.append(name)
        if name == "Login":
            good = action["Secret"] == self.secret
            word = "Success" if good else "Error"
            writer.write(f"Response: {word}\r\nActionID: {reply}".encode() + END)
            return good
        if name == "QueueStatus":
            writer.write(self.exchange.queue_status(reply))
        if name == "CoreShowChannels":
            writer.write(self.exchange.core_show_channels(reply))
            await self._play(writer)
            return False
        return True

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        end = self.ends[min(self.connections, len(self.ends) - 1)]
        self.connections += 1
        packets = PACKETS[self.played : end]
        for start in range(0, len(packets), 500):
            writer.write(b"".join(packets[start : start + 500]))
            await writer.drain()
        self.exchange.see(packets)
        self.played = end


async def with_server(
    fake: "FakeExchange | SilentExchange",
    use: Callable[[AmiConnection], Awaitable[None]],
    secret: str = "secret",
) -> None:
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    source = AmiConnection("127.0.0.1", port, "board", secret, Options())
    source.first_pause = 0.01
    try:
        await asyncio.wait_for(use(source), HANG)
    finally:
        await source.close()
        server.close()
        await server.wait_closed()


def are_all_there(found: list[Event], source: AmiConnection) -> None:
    visits = list(visits_of(Ledger(found).log(), source.directory.told))
    counts = counts_of(visits, source.directory.queues)
    for queue in TRUTH["per_queue"]:
        true = true_counts(queue)
        assert counts[queue]["offered"] == true["offered"]
        assert counts[queue]["answered"] == true["answered"]


def clock(monkeypatch: pytest.MonkeyPatch, step: float) -> None:
    """Let the listener's clock go on by so many seconds whenever it is looked at, and not otherwise."""
    seconds = count(2_000_000_000, step)
    told = SimpleNamespace(monotonic=time.monotonic, time_ns=lambda: int(next(seconds) * 1e9))
    monkeypatch.setattr(asterisk_live, "time", told)


@pytest.mark.slow
def test_a_machine_that_is_late_takes_nothing_for_certain_that_it_has_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock(monkeypatch, 5.0)
    found: list[Event] = []

    async def listen(source: AmiConnection) -> None:
        async for event in source:
            found.append(event)
            if event.type == "stream.gap":
                break
        are_all_there(found, source)

    asyncio.run(with_server(FakeExchange(len(PACKETS)), listen))


@pytest.mark.slow
def test_it_comes_back_after_lost_connections_and_counts_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock of the recording stands still between two connections, and so does ours."""
    clock(monkeypatch, 0.0)
    fake = FakeExchange(2000, 3500, len(PACKETS))
    found: list[Event] = []

    async def listen(source: AmiConnection) -> None:
        async for event in source:
            found.append(event)
            gaps = [each for each in found if each.type == "stream.gap"]
            if len(gaps) == 3:
                break
        are_all_there(found, source)

    asyncio.run(with_server(fake, listen))
    assert fake.connections >= 3
    assert fake.asked[:4] == ["Login", "Filter", "QueueStatus", "CoreShowChannels"]


def test_a_wrong_secret_is_one_sentence_and_not_shown() -> None:
    async def listen(source: AmiConnection) -> None:
        with pytest.raises(SettingError, match="refuses the login") as raised:
            async for _ in source:
                pass
        assert "wrong" not in str(raised.value)

    asyncio.run(with_server(FakeExchange(10), listen, secret="wrong"))


class YoungExchange(FakeExchange):
    """Does not know its lists when it is asked for the first time: not all of it is up."""

    async def _answer(self, action: dict[str, str], writer: asyncio.StreamWriter) -> bool:
        name, reply = action["Action"], action["ActionID"]
        if name in ("QueueStatus", "CoreShowChannels") and name not in self.asked:
            self.asked.append(name)
            text = (
                f"Response: Error\r\nActionID: {reply}\r\nMessage: Invalid/unknown command: {name}."
            )
            writer.write(text.encode() + END)
            return True
        return await super()._answer(action, writer)


def test_an_exchange_that_has_just_started_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simkcc.streams.asterisk_live.AGAIN", 0.0)
    fake = YoungExchange(300)

    async def listen(source: AmiConnection) -> None:
        async for _ in source:
            if fake.connections:
                break

    asyncio.run(with_server(fake, listen))
    assert fake.asked[-4:].count("QueueStatus") == fake.asked[-4:].count("CoreShowChannels") == 2


class SilentExchange:
    """Lets everybody in and then says nothing, but answers so many pings."""

    def __init__(self, pings: int) -> None:
        self.pings = pings
        self.asked: list[list[str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked: list[str] = []
        self.asked.append(asked)
        writer.write(BANNER)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked.append(fields_of(await reader.readuntil(END))["Action"])
                if asked.count("Ping") <= self.pings:
                    writer.write(b"Response: Success" + END)
        writer.close()


def test_silence_is_asked_into_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock goes on by a second with every look, however long that takes."""
    looks = count()
    told = SimpleNamespace(monotonic=lambda: float(next(looks)), time_ns=time.time_ns)
    monkeypatch.setattr(asterisk_live, "time", told)
    monkeypatch.setattr(asterisk_live, "LOOK", 0.01)
    monkeypatch.setattr(asterisk_live, "BEAT", 0.5)
    fake = SilentExchange(pings=2)
    found: list[str] = []

    async def listen(source: AmiConnection) -> None:
        async for event in source:
            found.append(event.type)
            if len(fake.asked) > 1:
                return

    asyncio.run(with_server(fake, listen))
    first = fake.asked[0]
    assert first[:4] == ["Login", "Filter", "QueueStatus", "CoreShowChannels"]
    assert set(first[4:]) == {"Ping"} and len(first) >= 4 + 3, "it lived while pings were answered"
    assert found.count("stream.heartbeat") >= 3
    before_loss = found[: found.index("stream.gap")]
    assert set(before_loss) == {"stream.heartbeat"}


def test_attempts_to_come_back_grow_apart_and_have_chance_in_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    source = AmiConnection("127.0.0.1", 9, "board", "secret", Options())

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 40:
            await source.close()

    monkeypatch.setattr(source, "_wait", note)

    async def listen() -> list[str]:
        return [event.type async for event in source]

    assert asyncio.run(listen()).count("stream.gap") == 40
    wanted = [min(FIRST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(40)]
    shares = [pause / most for pause, most in zip(pauses, wanted, strict=True)]
    assert all(0.5 <= share <= 1 for share in shares)
    assert max(shares) - min(shares) > 0.1, (
        "boards that lost one exchange must not all come at once"
    )
