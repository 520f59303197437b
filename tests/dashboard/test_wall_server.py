"""The server: one stream for all viewers, events by HTTP, and who is let in."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dashboard.walls import Still, names_of, played, small_centre
from limits import HANG
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from simkcc.dashboard import hub as hub_module
from simkcc.dashboard.board import Board
from simkcc.dashboard.figures import Centre
from simkcc.dashboard.hub import Feed, Hub
from simkcc.dashboard.server import Access, application, listen, port_of
from simkcc.dashboard.settings import read_settings
from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.events import Event

NOON = 12 * 3600 * SECOND
TOKEN = "a token of enough characters"
PATIENT = {"connect_timeout": HANG, "request_timeout": HANG}


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return small_centre(tmp_path_factory.mktemp("wall"), "horizon.days=1")


class Wall:
    """A running server, and a client of it."""

    def __init__(self, hub: Hub, access: Access, port: int) -> None:
        self.hub, self.access, self.port = hub, access, port
        self.client = AsyncHTTPClient(force_instance=True, max_clients=50, defaults=PATIENT)

    async def get(self, path: str, **more: Any) -> HTTPResponse:
        return await self.client.fetch(f"http://127.0.0.1:{self.port}{path}", **more)

    async def frames(self, number: int) -> list[dict[str, Any]]:
        """Look at the stream until so many frames came, then go."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /stream HTTP/1.0\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        found: list[dict[str, Any]] = []
        while len(found) < number:
            line = await asyncio.wait_for(reader.readline(), HANG)
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
        writer.close()
        await writer.wait_closed()
        return found


@asynccontextmanager
async def running(
    centre: Centre, events: Sequence[Event] = (), keep: Callable[[Sequence[Event]], None] | None = None,
    origin: str = "sim", accept: Any = None,
) -> AsyncIterator[Wall]:  # fmt: skip
    board = Board(centre, names_of(centre), Still(NOON), read_settings(None))

    async def kept(events: list[Event]) -> None:
        if events and keep is not None:
            await asyncio.to_thread(keep, events)

    hub = Hub(board, Feed(origin, "test"), kept)
    board.apply(events)
    access = Access(token=TOKEN)
    server = listen(application(hub, access, accept(hub) if accept else None), 0, "127.0.0.1")
    task = asyncio.create_task(hub.run())
    try:
        yield Wall(hub, access, port_of(server))
    finally:
        task.cancel()
        server.stop()
        await server.close_all_connections()
        await asyncio.gather(task, return_exceptions=True)


def with_wall(centre: Centre, story: Callable[[Wall], Awaitable[None]], **more: Any) -> None:
    async def told() -> None:
        async with running(centre, **more) as wall:
            await story(wall)

    asyncio.run(told())


@pytest.mark.slow  # seconds of our clock must pass
def test_every_viewer_sees_the_same_figures_and_the_ledgers(centre: Centre) -> None:
    events, _ = played(centre, NOON)

    async def story(wall: Wall) -> None:
        seen = await asyncio.gather(*(wall.frames(3) for _ in range(8)))
        expected = wall.hub.board.snapshot()
        for frames in seen:
            assert [frame["seq"] for frame in frames] == sorted({f["seq"] for f in frames})
            for frame in frames:
                assert {key: frame[key] for key in expected} == expected
        async with asyncio.timeout(HANG):
            while wall.hub.viewers:
                await asyncio.sleep(0.1)

    with_wall(centre, story, events=events)


def test_an_event_reaches_a_viewer_without_waiting_for_the_beat(centre: Centre) -> None:
    events, _ = played(centre, NOON)

    async def story(wall: Wall) -> None:
        viewer = asyncio.create_task(wall.frames(12))
        for start in range(0, 1_200, 100):
            await wall.hub.take(events[start : start + 100])
        assert wall.hub.board.events == 1_200
        assert (await viewer)[-1]["events"] == 1_200

    with_wall(centre, story)


def test_nothing_is_shown_before_it_is_kept(centre: Centre) -> None:
    events, _ = played(centre, NOON)
    kept: list[Event] = []
    shown_before: list[int] = []

    async def told() -> None:
        async with running(centre, keep=keep) as wall:
            walls.append(wall)
            for start in range(0, 300, 10):
                await wall.hub.take(events[start : start + 10])

    walls: list[Wall] = []

    def keep(batch: Sequence[Event]) -> None:
        shown_before.append(walls[0].hub.board.events - len(kept))
        kept.extend(batch)

    asyncio.run(told())
    assert kept == events[:300]
    assert set(shown_before) == {0}


def test_events_that_cannot_be_kept_are_not_shown_and_not_acknowledged(centre: Centre) -> None:
    events, _ = played(centre, NOON)

    def full(batch: Sequence[Event]) -> None:
        raise SettingError("disk full")

    async def story(wall: Wall) -> None:
        with pytest.raises(SettingError, match="disk full"):
            await wall.hub.take(events[:5])
        assert wall.hub.board.events == 0
        with pytest.raises(HTTPClientError) as caught:
            await wall.get("/health")
        assert caught.value.code == 503

    with_wall(centre, story, keep=full)


def test_what_a_source_told_waits_for_a_store_that_is_away(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, _ = played(centre, NOON)
    kept: list[Event] = []
    away = True
    monkeypatch.setattr(hub_module, "AGAIN", 0.1)

    def keep(batch: Sequence[Event]) -> None:
        if away:
            raise SettingError("disk full")
        kept.extend(batch)

    async def story(wall: Wall) -> None:
        nonlocal away
        await wall.hub.follow(some(events[:200], broken=False))
        frames = await wall.frames(2)
        assert frames[-1]["feed"] == "unkept"
        assert frames[-1]["events"] == 0
        away = False
        while (await wall.frames(1))[0]["events"] < 200:
            pass
        assert kept == events[:200]
        assert wall.hub.state() == "ended"

    with_wall(centre, story, keep=keep)


def test_what_cannot_be_had_again_waits_for_the_store_although_its_sender_is_refused(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, _ = played(centre, NOON)
    kept: list[Event] = []
    away = True
    monkeypatch.setattr(hub_module, "AGAIN", 0.05)

    def keep(batch: Sequence[Event]) -> None:
        if away:
            raise SettingError("disk full")
        kept.extend(batch)

    async def story(wall: Wall) -> None:
        nonlocal away
        with pytest.raises(SettingError):
            await wall.hub.take(events[:5], again=False)
        with pytest.raises(SettingError):  # the same again: nothing new, and still not safe
            await wall.hub.take([], again=False)
        away = False
        await wall.hub.take([], again=False)
        assert kept == events[:5] and wall.hub.board.events == 5

    with_wall(centre, story, keep=keep)


async def some(events: Sequence[Event], broken: bool) -> AsyncIterator[Event]:
    for event in events:
        yield event
    if broken:
        raise RuntimeError("the line is cut")


@pytest.mark.slow  # seconds of our clock must pass
@pytest.mark.parametrize(("broken", "state"), [(False, "ended"), (True, "failed")])
def test_the_end_of_a_source_is_a_state(centre: Centre, broken: bool, state: str) -> None:
    events, _ = played(centre, NOON)

    async def story(wall: Wall) -> None:
        await wall.hub.follow(some(events[:20], broken))
        frames = await wall.frames(2)
        assert frames[-1]["feed"] == state
        assert frames[-1]["events"] == 20

    with_wall(centre, story)


@pytest.mark.slow  # seconds of our clock must pass
def test_a_clock_that_stands_still_is_paused(centre: Centre) -> None:
    async def story(wall: Wall) -> None:
        wall.hub.board.clock.speed = 0.0  # type: ignore[misc]
        assert (await wall.frames(2))[-1]["feed"] == "paused"

    with_wall(centre, story)


def test_a_silent_exchange_is_a_state(centre: Centre) -> None:
    async def story(wall: Wall) -> None:
        wall.hub.heard -= 61
        assert (await wall.frames(1))[-1]["feed"] == "silent"

    with_wall(centre, story, origin="live")


def test_health_and_metrics_cost_no_frame(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "BEAT", 10 * HANG)

    async def story(wall: Wall) -> None:
        health = json.loads((await wall.get("/health")).body)
        assert health == {"status": "running", "boot": wall.hub.boot, "events": 0}
        text = (await wall.get("/metrics")).body.decode()
        figures = dict(line.rsplit(" ", 1) for line in text.splitlines())
        assert figures["simkcc_source_up"] == figures["simkcc_store_up"] == "1"
        assert int(figures["simkcc_frames_total"]) <= 1
        assert wall.hub.viewers == 0

    with_wall(centre, story)


@pytest.mark.parametrize("path", ["/tv", "/tv?lang=xx&theme=%00&board=../..", "/charts", "/"])
def test_the_page_may_load_nothing_from_elsewhere(centre: Centre, path: str) -> None:
    async def story(wall: Wall) -> None:
        answer = await wall.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert b"://" not in answer.body.replace(b"http://www.w3.org", b"")

    with_wall(centre, story)


@pytest.mark.parametrize(
    ("headers", "code"),
    [({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403),
     ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
     ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200)],
)  # fmt: skip
def test_other_names_and_origins_are_refused(
    centre: Centre, headers: dict[str, str], code: int
) -> None:
    async def story(wall: Wall) -> None:
        answer = await wall.get("/health", headers=headers, raise_error=False)
        assert answer.code == code
        assert sum(wall.access.refused.values()) == (code != 200)

    with_wall(centre, story)


@pytest.mark.parametrize(
    "path", ["/static/tv.html", "/static/../server.py", "/static/bokeh/../package.json", "/console"]
)
def test_no_other_file_is_served(centre: Centre, path: str) -> None:
    async def story(wall: Wall) -> None:
        assert (await wall.get(path, raise_error=False)).code == 404

    with_wall(centre, story)


def echo(hub: Hub) -> Any:
    """Return what takes bodies that name a number of events."""

    async def accept(body: bytes, kind: str) -> tuple[int, list[str]]:
        if kind != "text/test":
            raise SettingError("not a test")
        return int(body), [] if int(body) else ["nothing in it"]

    return accept


@pytest.mark.parametrize(
    ("token", "kind", "body", "code"),
    [(TOKEN, "text/test", "3", 202), (TOKEN, "text/test", "0", 400), (TOKEN, "text/html", "3", 400),
     ("wrong", "text/test", "3", 401), ("", "text/test", "3", 401)],
)  # fmt: skip
def test_only_who_shows_the_token_may_hand_over_events(
    centre: Centre, token: str, kind: str, body: str, code: int
) -> None:
    async def story(wall: Wall) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        answer = await wall.get(
            "/events", method="POST", body=body, headers=headers, raise_error=False
        )
        assert answer.code == code
        json.loads(answer.body)

    with_wall(centre, story, accept=echo)


def test_a_board_that_listens_to_nobody_has_no_door(centre: Centre) -> None:
    async def story(wall: Wall) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = await wall.get(
            "/events", method="POST", body="", headers=headers, raise_error=False
        )
        assert answer.code == 404

    with_wall(centre, story)


def test_a_body_that_is_too_large_is_not_read(centre: Centre) -> None:
    async def story(wall: Wall) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/test"}
        try:
            answer = await wall.get(
                "/events", method="POST", body=b"1" * 3_000_000, headers=headers, raise_error=False
            )
            assert answer.code in (400, 413, 599)
        except OSError:
            pass
        assert (await wall.get("/health")).code == 200

    with_wall(centre, story, accept=echo)


def test_a_port_in_use_is_one_sentence(centre: Centre) -> None:
    async def story(wall: Wall) -> None:
        with pytest.raises(SettingError, match="another --port"):
            listen(application(wall.hub, wall.access), wall.port, "127.0.0.1")

    with_wall(centre, story)


def test_pages_show_no_agent_and_no_number_of_a_contact(centre: Centre, tmp_path: Path) -> None:
    events, _ = played(centre, NOON)

    async def story(wall: Wall) -> None:
        wall.hub.board.directory.agents += ["Agent Secret"]
        frame = json.dumps((await wall.frames(1))[0])
        text = (await wall.get("/tv")).body.decode() + frame
        assert "Secret" not in text
        assert '"contact"' not in text

    with_wall(centre, story, events=events)
