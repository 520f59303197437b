"""The bridge and its command: nothing lost while the other side is away, nothing left behind at the end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request as Ask
from urllib.request import urlopen

import pytest
from limits import HANG, until
from streams.freeswitch_exchange import FreeSwitch
from streams.test_freeswitch import QUEUE, a_morning
from streams.test_twilio import TOKEN, URL, a_talk, signed

from bench.ports import free_port
from simkcc.analysis.columns.visits import counts_of, visits_of
from simkcc.analysis.ledger import Ledger
from simkcc.commands.listen import listen
from simkcc.errors import SettingError
from simkcc.model.cloudevents import from_json
from simkcc.model.directory import NO_DATE, Directory
from simkcc.model.events import Event, Happening
from simkcc.streams import bridge as bridge_module
from simkcc.streams.bridge import Bridge, open_bridge
from simkcc.streams.ingest import BATCH, Reader
from simkcc.streams.privacy import Pseudonyms
from simkcc.streams.sink import Sink, Unreachable, Wrapped, open_sink
from simkcc.streams.source import Options, Source, open_recording


class Shaky(Sink):
    """Cannot be reached every second time, and then may have taken it all the same."""

    def __init__(self, numbered: bool) -> None:
        self.numbered = numbered
        self.taken: list[Wrapped] = []
        self.attempts = 0

    async def write(self, batch: list[Wrapped]) -> None:
        self.attempts += 1
        if self.attempts % 2:
            self.taken += batch if self.attempts % 4 == 1 else []
            raise Unreachable
        self.taken += batch


@pytest.fixture
def recording(tmp_path: Path) -> tuple[str, dict[str, dict[str, int]]]:
    path = tmp_path / "day.esl"
    path.write_bytes(b"".join(a_morning(3)[0]))
    return f"freeswitch+file:{path}", counts(f"freeswitch+file:{path}")


def counts(address: str) -> dict[str, dict[str, int]]:
    found = open_recording(address)
    ledger = Ledger(found.read())
    return counts_of(list(visits_of(ledger.log(), found.directory.told)), found.directory.queues)


def bridged(address: str, sink: Sink) -> Bridge:
    async def run() -> Bridge:
        bridge = open_bridge(address, lambda: sink, "urn:simkcc:town", Options())
        bridge.first_pause = 0.001
        await bridge.run()
        return bridge

    return asyncio.run(asyncio.wait_for(run(), HANG))


def test_names_arrive_complete_through_failures(
    recording: tuple[str, dict[str, dict[str, int]]], tmp_path: Path
) -> None:
    sink = Shaky(numbered=False)
    status = bridged(recording[0], sink).status
    assert status.failures and not status.behind
    out = tmp_path / "out.jsonl"
    unique = {str(each["id"]): each for each in sink.taken}
    out.write_text("".join(json.dumps(each) + "\n" for each in unique.values()))
    assert counts(str(out)) == recording[1]
    assert "0470123456" not in out.read_text() and "Peeters" not in out.read_text()


def test_numbers_arrive_complete_through_failures(
    recording: tuple[str, dict[str, dict[str, int]]],
) -> None:
    sink = Shaky(numbered=True)
    bridged(recording[0], sink)
    board = Reader(Directory(NO_DATE), "urn:simkcc:town", simulated=False)
    taken, _, refused = board.body(json.dumps(sink.taken[:500]).encode(), BATCH)
    assert taken and not refused
    ledger = Ledger(map(from_json, sink.taken))
    assert not ledger.rejected
    outcomes = sum(row["offered"] for row in recording[1].values())
    assert len(list(visits_of(ledger.log(), {}))) == outcomes


def test_a_source_that_still_tells_is_heard_out_after_a_stop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seconds = [0.0]
    monkeypatch.setattr(
        bridge_module, "time", SimpleNamespace(monotonic=lambda: seconds[0], time=time.time)
    )

    class Slow(Source):
        """Has taken nine messages, and needs as many times two seconds to tell them."""

        def __init__(self) -> None:
            self.directory, self.troubles = Directory(NO_DATE), Counter[str]()

        async def __aiter__(self) -> AsyncIterator[Event]:
            for number in range(9):
                await bridge.stopping.wait()
                seconds[0] += 2.0
                yield Event(number, "stream", Happening.HEARTBEAT)

    out = tmp_path / "out.jsonl"
    bridge = Bridge(Slow(), open_sink(str(out)), "urn:simkcc:town", [], Pseudonyms(b"k" * 32))
    bridge.sink.numbered = True

    async def story() -> None:
        asyncio.get_running_loop().call_soon(bridge.stopping.set)
        await bridge.run()

    asyncio.run(asyncio.wait_for(story(), HANG))
    assert len(out.read_text().splitlines()) == 9


def test_a_second_run_with_the_same_key_tells_the_same_ids(
    recording: tuple[str, dict[str, dict[str, int]]], tmp_path: Path
) -> None:
    told = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.jsonl"
        listen(recording[0], str(out), key=tmp_path / "key", quiet=True)
        told.append([json.loads(line)["id"] for line in out.read_text().splitlines()])
    assert told[0] == told[1]
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def started(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "simkcc", "listen", *words], stderr=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip


def command(*words: str) -> tuple[int, str, str]:
    with started(*words) as process:
        out, error = process.communicate(timeout=HANG)
    return process.returncode, out, error


def posted(port: int, path: str, body: bytes, headers: dict[str, str]) -> int:
    ask = Ask(f"http://127.0.0.1:{port}{path}", body, headers)

    def answered() -> int | None:
        try:
            with urlopen(ask, timeout=HANG) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code
        except URLError:
            return None

    return int(until(answered, "nobody listens"))


@pytest.mark.slow  # starts the command
def test_twilio_knocks_at_the_command_and_a_stop_loses_nothing(tmp_path: Path) -> None:
    port, out = free_port(), tmp_path / "out.jsonl"
    (tmp_path / "token").write_bytes(TOKEN)
    address = f"twilio://127.0.0.1:{port}/twilio?token_file={tmp_path}/token&url={URL}"
    with started("--from", address, "--to", str(out)) as process:
        statuses = []
        for part in a_talk(0):
            request = signed(part)
            signature = {"X-Twilio-Signature": request.headers["x-twilio-signature"]}
            statuses.append(posted(port, request.url, part, signature))
        statuses.append(posted(port, "/twilio", b"[]", {}))
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=HANG)
    assert statuses == [204] * 7 + [403]
    assert process.returncode == 0, error
    assert "events passed on" in error and "refused: 1" in error
    types = [json.loads(line)["type"] for line in out.read_text().splitlines()]
    assert types.count("simkcc.call.talked.v1") == 1
    assert counts(str(out))["Burgerzaken"]["answered"] == 1


def test_queues_keep_the_order_of_the_board(tmp_path: Path) -> None:
    exchange, path, out = FreeSwitch(), tmp_path / "x.esl", tmp_path / "out.jsonl"
    path.write_bytes(exchange.join(0, "s", QUEUE))

    class Numbered(type(open_sink(str(out)))):  # type: ignore[misc]
        numbered = True

    async def run() -> list[dict[str, Any]]:
        bridge = open_bridge(
            f"freeswitch+file:{path}", lambda: Numbered(str(out)), "urn:simkcc:town", Options()
        )
        bridge.source.directory.queues += ["afval@default", QUEUE]
        await bridge.run()
        return [json.loads(line)["data"] for line in out.read_text().splitlines()]

    places = [data["place"] for data in asyncio.run(run()) if "place" in data]
    assert places and set(places) == {1}


def test_the_pipe(tmp_path: Path) -> None:
    exchange, path = FreeSwitch(), tmp_path / "x.esl"
    path.write_bytes(exchange.join(0, "s", QUEUE) + exchange.cancel(9, "s", "BREAK_OUT"))
    code, out, error = command("--from", f"freeswitch+file:{path}", "--to", "-")
    assert code == 0 and "2 events passed on" in error
    assert [json.loads(line)["data"].get("reason") for line in out.splitlines()] == [
        None,
        "abandoned",
    ]


@pytest.mark.parametrize(("source", "to"), [("nowhere.x", "-"), ("connect+file:-", "fax://x")])
def test_a_mistake_is_one_sentence(source: str, to: str) -> None:
    with pytest.raises(SettingError, match=r"nowhere\.x|fax"):
        listen(source, to)


def test_a_mistake_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no such file"):
        listen(str(tmp_path / "nowhere"), str(tmp_path / "out.jsonl"))
    assert list(tmp_path.iterdir()) == []


def test_a_board_that_refuses_is_one_sentence() -> None:
    sink = open_sink("http://127.0.0.1:9/events", "t")
    with pytest.raises(Unreachable):
        asyncio.run(sink.write([]))
    with pytest.raises(SettingError):
        open_sink("gopher://x")
