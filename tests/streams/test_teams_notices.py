"""Notices of Microsoft Graph, by webhook and by Event Hubs: who is believed, and what is done about them."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from limits import HANG
from streams.graph_stand_in import Tenant, serving
from streams.test_teams import MENU, OTHER, QUEUE, answered

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.hook import Hook, Request
from simkcc.streams.source import open_source

NAME = "e523d2ed-2966-4b6b-925b-754a88034cc{}"
FIRST, SECOND_NAME = NAME.format(1), NAME.format(2)


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    found = Tenant(presences={"u-els": "Available", "u-jan": "Away"})
    for number, name in enumerate((FIRST, SECOND_NAME)):
        found.records[name] = json.loads(answered(name, 60 * number))
    with serving(found):
        yield found


def settings(folder: Path, tenant: Tenant, **more: str) -> str:
    """Return the options of an address, their files written."""
    app = {"tenant": "t", "client": "c", "secret": "s3", "graph": tenant.url, "login": tenant.url}
    queues = {QUEUE: "Onthaal", OTHER: "Afval", MENU: ""}
    for name, text in (("state", "s3cret"), ("app", json.dumps(app)),
                       ("accounts", json.dumps(queues)),
                       ("agents", json.dumps(["u-els", "u-jan"]))):  # fmt: skip
        (folder / name).write_text(text)
    told = {"state_file": folder / "state", "app_file": folder / "app"} | more
    return "&".join(f"{key}={value}" for key, value in
                    (told | {"accounts": folder / "accounts"}).items())  # fmt: skip


def hook(folder: Path, tenant: Tenant, **more: str) -> Hook:
    source = open_source(f"teams://127.0.0.1:1?{settings(folder, tenant, **more)}")
    assert isinstance(source, Hook)
    return source


def told_of(name: str = FIRST, state: str = "s3cret", **more: str) -> dict[str, str]:
    return {"subscriptionId": "x", "clientState": state, "changeType": "created",
            "resource": f"communications/callRecords/{name}"} | more  # fmt: skip


def notice(*told: dict[str, str]) -> Request:
    return Request("/teams", {}, {}, json.dumps({"value": list(told)}).encode())


async def closed_after(source: Hook, *requests: Request) -> Counter[str]:
    for request in requests:
        assert source.receive(request).status == 204
    await source.close()
    return Counter([event.type async for event in source])


def test_the_handshake_returns_the_token(tmp_path: Path, tenant: Tenant) -> None:
    asked = Request("/teams", {"validationToken": "Validation: Testing <x>"}, {}, b"")
    answer = hook(tmp_path, tenant).receive(asked)
    assert (answer.status, answer.text) == (200, "Validation: Testing <x>")
    assert tenant.asked == []


def test_who_does_not_know_the_state_is_refused(tmp_path: Path, tenant: Tenant) -> None:
    source = hook(tmp_path, tenant)
    assert source.receive(notice(told_of())).status == 204
    assert source.receive(notice(told_of(), told_of(state="guess"))).status == 403
    assert source.receive(Request("/teams", {}, {}, b"{}")).status == 400
    assert tenant.asked == []  # the answer goes out before anything is fetched


def test_a_record_is_fetched_with_all_its_pages(tmp_path: Path, tenant: Tenant) -> None:
    found = asyncio.run(closed_after(hook(tmp_path, tenant), notice(told_of())))
    assert found["call.talked"] == 1
    assert len([asked for asked in tenant.asked if "/sessions?" in asked]) == 1
    assert tenant.logins == 1


def test_a_missed_notice_is_a_gap_and_its_calls_are_fetched(tmp_path: Path, tenant: Tenant) -> None:
    source = hook(tmp_path, tenant)
    told = notice(told_of()), notice(told_of(lifecycleEvent="missed"))
    found = asyncio.run(closed_after(source, *told))
    assert found["stream.gap"] == 1 and found["call.talked"] == 2
    assert not source.troubles


def test_a_record_that_is_not_there_yet_is_asked_for_again(tmp_path: Path, tenant: Tenant) -> None:
    source = hook(tmp_path, tenant)
    source.follower.pause = 0.05  # type: ignore[attr-defined]
    record = tenant.records.pop(FIRST)
    answer = tenant.answer

    def late(method: str, url: str, body: Any) -> tuple[int, Any]:
        if len(tenant.asked) >= 2:
            tenant.records[FIRST] = record
        return answer(method, url, body)

    tenant.answer = late  # type: ignore[method-assign]
    assert asyncio.run(closed_after(source, notice(told_of())))["call.talked"] == 1


def test_a_subscription_is_asked_for_and_made_anew_when_it_is_removed(
    tmp_path: Path, tenant: Tenant
) -> None:
    async def story() -> Counter[str]:
        source = hook(tmp_path, tenant, notify="https://board.example/teams")
        found: Counter[str] = Counter()
        events = aiter(source)
        for what in ("reauthorizationRequired", "subscriptionRemoved"):
            source.receive(notice(told_of()))
            while found["call.talked"] < 1 or (what[0] == "s" and found["stream.gap"] < 1):
                source.receive(notice(told_of(lifecycleEvent=what)))
                found[(await anext(events)).type] += 1
        await source.close()
        async for event in events:
            found[event.type] += 1
        return found

    asyncio.run(asyncio.wait_for(story(), HANG))
    assert tenant.renewed and tenant.renewed[0] == "sub-1"
    asked = tenant.subscriptions["sub-1"]
    assert (asked["clientState"], asked["resource"]) == ("s3cret", "/communications/callRecords")
    assert asked["lifecycleNotificationUrl"] == "https://board.example/teams"
    assert "sub-2" in tenant.subscriptions


@pytest.mark.slow  # seconds of our clock must pass
def test_presence_is_looked_at(tmp_path: Path, tenant: Tenant) -> None:
    async def story() -> list[Event]:
        source = hook(tmp_path, tenant, agents=str(tmp_path / "agents"))
        events = [await anext(aiter(source))]
        await source.close()
        states = source.directory.states
        assert {source.directory.people[number]: state for number, state in states.items()} == {
            "u-els": "ready", "u-jan": "paused Away"
        }  # fmt: skip
        return events

    (event,) = asyncio.run(asyncio.wait_for(story(), HANG))
    assert (event.type, event.code) == ("agent.state", 1)


# ---------------------------------------------------------------- by Event Hubs


class Hub:
    """Stands in for Azure's client: a partition that remembers all, and lines that can be cut."""

    kept: list[bytes] = []
    cut_at: set[int] = set()
    asked: list[object] = []

    @classmethod
    def from_connection_string(cls, connection: str, group: str, *, eventhub_name: str) -> "Hub":
        assert connection.startswith("Endpoint=sb://") and eventhub_name == "calls"
        return cls()

    async def receive_batch(self, take: Any, *, starting_position: Any, on_error: Any) -> None:
        from azure.eventhub.exceptions import ConnectionLostError

        Hub.asked.append(starting_position)
        latest = starting_position == "@latest"
        at = 0 if latest else int(starting_position["0"]) + 1
        while True:
            for offset in range(at, len(Hub.kept)):
                if offset in Hub.cut_at:
                    Hub.cut_at.discard(offset)
                    await on_error(None, ConnectionLostError("the line was cut"))
                    return
                body = Hub.kept[offset].decode()
                event = SimpleNamespace(offset=str(offset), body_as_str=lambda body=body: body)
                await take(SimpleNamespace(partition_id="0"), [event])
            at = len(Hub.kept)
            await asyncio.sleep(0.01)

    async def close(self) -> None: ...


@pytest.mark.slow  # seconds of our clock must pass
def test_notices_come_by_event_hubs_through_a_loss_and_a_restart(
    tmp_path: Path, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("azure.eventhub")
    monkeypatch.setattr("azure.eventhub.aio.EventHubConsumerClient", Hub)
    (tmp_path / "line").write_text("Endpoint=sb://Town.servicebus.windows.net/;SharedAccessKey=x")
    Hub.kept = [
        json.dumps({"value": [told]}).encode()
        for told in (
            told_of(changeType="Validation: Testing client application", clientState="NA"),
            told_of(), told_of(state="guess"), told_of(SECOND_NAME), told_of(),
        )
    ] + [b"no json"]  # fmt: skip
    Hub.cut_at, Hub.asked = {3}, []
    options = settings(tmp_path, tenant, connection_file=str(tmp_path / "line"),
                       places=str(tmp_path / "places"))  # fmt: skip
    address = f"teams+eventhub://town.servicebus.windows.net/calls?{options}"

    places = tmp_path / "places"

    async def closed_behind(source: Any, last: str) -> None:
        while not places.exists() or json.loads(places.read_text()) != {"0": last}:
            await asyncio.sleep(0.01)
        source._closed = True

    async def story(last: str) -> tuple[Counter[str], Counter[str]]:
        source = open_source(address)
        source.first_pause = 0.01  # type: ignore[attr-defined]
        found: Counter[str] = Counter()
        closing = asyncio.ensure_future(closed_behind(source, last))
        async with asyncio.timeout(HANG):
            async for event in source:
                found[event.type] += 1
        await closing
        await source.close()
        return found, source.troubles

    found, troubles = asyncio.run(story("5"))
    assert found["call.talked"] == 2
    assert found["stream.gap"] == 1 and troubles["refused"] == 1
    assert troubles["malformed"] == 1
    assert Hub.asked == ["@latest", {"0": "2"}]
    Hub.kept.append(json.dumps({"value": [told_of()]}).encode())
    assert asyncio.run(story("6"))[0]["call.talked"] == 1  # another process goes on behind that
    assert Hub.asked[2] == {"0": "5"}


def test_without_the_extra_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.eventhub", None)
    monkeypatch.delitem(sys.modules, "simkcc.streams.teams_hub", raising=False)
    with pytest.raises(SettingError, match=r"simkcc\[teams\]"):
        open_source("teams+eventhub://town.servicebus.windows.net/calls")


@pytest.mark.parametrize("rest", ["nohub", "town.servicebus.windows.net/calls"])
def test_addresses_that_cannot_be_used(rest: str) -> None:
    pytest.importorskip("azure.eventhub")
    with pytest.raises(SettingError, match=r"teams\+eventhub"):
        open_source(f"teams+eventhub://{rest}")


def test_the_queues_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")
    with pytest.raises(SettingError, match="accounts"):
        open_source(f"teams+file:{tmp_path}/x")
