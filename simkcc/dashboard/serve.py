"""Serving: the source, the hub and the server on one loop, until somebody says stop."""

import asyncio
import logging
import resource
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from tornado.httpserver import HTTPServer

from simkcc.dashboard.hub import Hub
from simkcc.model.events import Event

LOG = logging.getLogger("simkcc.wallboard")

HOUR = 3600


async def serve(
    hub: Hub, server: HTTPServer, events: AsyncIterator[Event] | None, hourly: Callable[[], None],
    beside: Sequence[Coroutine[Any, Any, None]] = (),
) -> None:  # fmt: skip
    """Serve until SIGINT or SIGTERM; what was read by then is kept before this returns.

    beside: what else runs until then.
    """
    _open_many()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    source = asyncio.create_task(hub.follow(events)) if events is not None else None
    tasks = [asyncio.create_task(hub.run()), asyncio.create_task(_every_hour(hourly))]
    tasks += [asyncio.create_task(each) for each in beside]
    waiting = asyncio.create_task(_until(stop))
    try:
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        LOG.info("stopping", extra={"events": hub.board.events, "viewers": hub.viewers})
        server.stop()
        for task in [source] if source else []:
            task.cancel()
        await hub.finish()
        for task in (*tasks, waiting):
            task.cancel()
        await asyncio.gather(*tasks, waiting, *([source] if source else []), return_exceptions=True)
        await server.close_all_connections()
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


def _open_many() -> None:
    """Allow as many open connections as the system lets us: a shell often gives only 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _every_hour(what: Callable[[], None]) -> None:
    while True:
        await asyncio.to_thread(what)
        await asyncio.sleep(HOUR)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
