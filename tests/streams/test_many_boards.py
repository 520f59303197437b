"""One exchange feeds many boards, many towns feed one: over real brokers, every ledger is the same."""

import asyncio
import json
import re
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams.brokers import free_port, heard_by, running
from streams.test_brokers import KEY, messages, wrapped
from streams.test_freeswitch import a_morning
from streams.test_listen import command

from simkcc.analysis.columns.visits import visits_of
from simkcc.analysis.ledger import Ledger
from simkcc.commands.listen import listen
from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.named import NamedReading, to_cloudevent
from simkcc.streams.source import Options, Source, open_recording, open_source
from simkcc.streams.subjects import collide, covers

Rows = list[tuple[Any, ...]]


def rows(source: Source, events: list[Event]) -> Rows:
    """Return the visits of a ledger by what they are."""
    ledger = Ledger(events)
    assert not ledger.rejected
    queues = source.directory.queues
    return sorted(
        (queues[v.place], v.joined, v.answered or 0, v.left or 0, v.outcome)
        for v in visits_of(ledger.log(), source.directory.told)
    )


def morning(folder: Path, seed: int) -> str:
    path = folder / f"{seed}.esl"
    path.write_bytes(b"".join(a_morning(seed)[0]))
    return f"freeswitch+file:{path}"


def right(address: str) -> Rows:
    source = open_recording(address)
    return rows(source, list(source.read()))


async def heard(source: Source, visits: int) -> Rows:
    """Return the visits of a board that listens until all are over."""
    events: list[Event] = []
    over = ("call.left", "call.talked")
    async with asyncio.timeout(60):
        async for event in source:
            events.append(event)
            if sum(each.type in over for each in events) == visits:
                await source.close()
    return rows(source, events)


BROKERS = {
    "nats-server": ("nats", "region.{}", "region.*", "?durable={}"),
    "mosquitto": ("mqtt", "region/{}", "region/+", "?client={}"),
}


@pytest.mark.slow  # a real broker, and the command in processes of its own
@pytest.mark.parametrize("program", BROKERS)
def test_two_boards_on_one_exchange_hold_the_same_ledger(tmp_path: Path, program: str) -> None:
    scheme, each, _, name = BROKERS[program]
    pytest.importorskip("nats" if scheme == "nats" else "aiomqtt")
    port, address = free_port(), morning(tmp_path, 1)
    topic = f"{scheme}://127.0.0.1:{port}/{each.format('antwerp')}"

    async def story() -> list[Rows]:
        boards = [open_source(topic + name.format(board)) for board in ("tv", "planner")]
        listening = [asyncio.ensure_future(heard(board, len(right(address)))) for board in boards]
        await heard_by(topic, *boards)
        await asyncio.to_thread(run_listen, address, topic, "urn:simkcc:antwerp")
        return await asyncio.gather(*listening)

    with running(tmp_path / "broker", program, port):
        one, other = asyncio.run(story())
    assert one == other == right(address)


def run_listen(address: str, to: str, name: str) -> None:
    """Run the command, in a process of its own as it would be."""
    code, _, error = command("--from", address, "--to", to, "--name", name)
    assert code == 0, error


@pytest.mark.slow  # a real broker, and the command in processes of its own
@pytest.mark.parametrize("program", BROKERS)
def test_towns_on_one_board_are_kept_apart(tmp_path: Path, program: str) -> None:
    scheme, each, many, name = BROKERS[program]
    pytest.importorskip("nats" if scheme == "nats" else "aiomqtt")
    port, towns = free_port(), {"antwerp": morning(tmp_path, 1), "mol": morning(tmp_path, 2)}
    base = f"{scheme}://127.0.0.1:{port}/"
    truth = sorted(
        (f"{queue} ({town})", *rest)
        for town, address in towns.items()
        for queue, *rest in right(address)
    )

    async def story() -> Rows:
        board = open_source(base + many + name.format("region"))
        listening = asyncio.ensure_future(heard(board, len(truth)))
        await heard_by(base + each.format("ghent"), board)
        await asyncio.gather(*(
            asyncio.to_thread(run_listen, address, base + each.format(town), f"urn:simkcc:{town}")
            for town, address in towns.items()
        ))  # fmt: skip
        return await listening

    with running(tmp_path / "broker", program, port):
        assert asyncio.run(story()) == truth


@pytest.mark.slow  # a real broker, and the command in processes of its own
@pytest.mark.parametrize("before", [1, 2])
def test_a_board_of_towns_may_come_after_them(tmp_path: Path, before: int) -> None:
    """Towns that came first have each a stream of its own; so has the one that comes last."""
    pytest.importorskip("nats")
    base = f"nats://127.0.0.1:{(port := free_port())}/"
    towns = {town: morning(tmp_path, seed) for seed, town in enumerate(("antwerp", "mol"), 1)}
    truth = sorted(
        (f"{queue} ({town})", *rest)
        for town, address in towns.items()
        for queue, *rest in right(address)
    )

    async def told(*names: str) -> None:
        for town in names:
            await asyncio.to_thread(
                run_listen, towns[town], f"{base}region.{town}", f"urn:simkcc:{town}"
            )

    async def story() -> Rows:
        await told(*list(towns)[:before])
        board = open_source(f"{base}region.*?durable=region")
        listening = asyncio.ensure_future(heard(board, len(truth)))
        await told(*list(towns)[before:])
        return await listening

    with running(tmp_path / "broker", "nats-server", port):
        assert asyncio.run(story()) == truth


def word(signs: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(signs), min_size=1, max_size=4).map(".".join)


SUBJECTS = word("ab*").flatmap(lambda subject: st.sampled_from([subject, f"{subject}.>", ">"]))


@given(SUBJECTS, SUBJECTS)
def test_subjects_that_stand_for_many_meet_and_hold_each_other(one: str, other: str) -> None:
    """Judged by listing all subjects of up to six words."""
    plain = [".".join(words) for n in range(1, 7) for words in product("abc", repeat=n)]

    def listed(subject: str) -> set[str]:
        pattern = re.escape(subject).replace(r"\*", "[^.]+").replace(">", ".+")
        return {each for each in plain if re.fullmatch(pattern, each)}

    assert collide(one, other) == bool(listed(one) & listed(other))
    assert covers(one, other) == (listed(other) <= listed(one))


def test_a_second_source_on_one_subject_is_kept_apart_too() -> None:
    reading, events = NamedReading(Options()), []
    for town in ("urn:simkcc:antwerp", "urn:simkcc:mol"):
        told = [to_cloudevent(message, town, KEY) for message in messages(3)]
        events += reading.body(json.dumps(told).encode(), 0)
    assert reading.directory.queues == ["Burgerzaken", "Burgerzaken (mol)"]
    assert len(reading.directory.agents) == 2
    assert [event.type for event in events].count("call.talked") == 6


def test_what_a_broker_kept_of_yesterday_is_not_told_as_of_today() -> None:
    reading = NamedReading(Options())
    reading.directory.first_date = date(2026, 5, 29)  # the messages are of the day before
    assert reading.body(json.dumps(wrapped(messages(3))).encode(), 0) == []
    assert not reading.troubles


def test_a_sink_has_one_subject() -> None:
    pytest.importorskip("nats")
    with pytest.raises(SettingError, match="looks like"):
        listen("connect+file:-", "nats://127.0.0.1:1/region.*")
