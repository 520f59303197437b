"""A small simulated centre with a console before it, for tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.walls import names_of, small_centre
from limits import HANG
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from simkcc.dashboard.board import Board
from simkcc.dashboard.console_pages import HEADER, console_handlers
from simkcc.dashboard.figures import Centre
from simkcc.dashboard.hub import Feed, Hub
from simkcc.dashboard.lab_pages import lab_handlers
from simkcc.dashboard.server import Access, application, listen, port_of
from simkcc.dashboard.settings import settings_of
from simkcc.engine.live import with_room
from simkcc.model.contact_log import SECOND
from simkcc.streams.simulated import Simulated

HOUR = 3600 * SECOND


def centre_in(folder: Path) -> Centre:
    """Return a small centre whose groups have room."""
    centre = small_centre(folder, "horizon.days=1")
    return replace(centre, plan=with_room(centre.plan, 20))


class Room:
    """A running server with a console, and a client of it."""

    def __init__(self, hub: Hub, source: Simulated, access: Access, port: int) -> None:
        self.hub, self.source, self.access, self.port = hub, source, access, port
        self.client = AsyncHTTPClient(
            force_instance=True, defaults={"connect_timeout": HANG, "request_timeout": HANG}
        )

    async def ask(self, path: str, **more: Any) -> HTTPResponse:
        url = f"http://127.0.0.1:{self.port}/{path}"
        return await self.client.fetch(url, raise_error=False, **more)

    async def state(self, query: str = "") -> dict[str, Any]:
        self.hub.publish()
        found: dict[str, Any] = json.loads((await self.ask(f"console/state{query}")).body)
        return found

    async def post(self, path: str, what: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        headers = {HEADER: "1"} | headers
        answer = await self.ask(
            f"console/{path}", method="POST", body=json.dumps(what), headers=headers
        )
        return answer.code, json.loads(answer.body)

    def play(self, to: int) -> None:
        """Let the simulation go on to a time, and the board know."""
        self.source.move_to(to)
        while self.source._played < to:
            self.hub.board.apply(self.source.advance(to))


@asynccontextmanager
async def console_of(centre: Centre, *, levers: bool = True) -> AsyncIterator[Room]:
    """Serve a console of a centre whose clock stands still."""
    names = names_of(centre)
    source = Simulated(centre.plan, names, 0, 1.0, centre.scenario)
    source.pause()
    board = Board(centre, names, source, settings_of(centre.scenario, None))
    hub, access = Hub(board, Feed("sim", "test")), Access()
    pages = console_handlers(hub, access, source if levers else None) + lab_handlers(hub, access)
    server = listen(application(hub, access, None, pages), 0, "127.0.0.1")
    running = asyncio.create_task(hub.run())
    try:
        yield Room(hub, source, access, port_of(server))
    finally:
        running.cancel()
        server.stop()
        await server.close_all_connections()
        await asyncio.gather(running, return_exceptions=True)
