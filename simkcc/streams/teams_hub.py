"""Microsoft Graph's change notifications by Azure Event Hubs: no door has to be open for Microsoft.

https://learn.microsoft.com/graph/change-notifications-delivery-event-hubs
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

from azure.eventhub import aio
from azure.eventhub.exceptions import AuthenticationError, EventHubError

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams.hook import secret_of
from simkcc.streams.live import Live, RefusedError
from simkcc.streams.source import Options, Source
from simkcc.streams.teams import TeamsReading
from simkcc.streams.teams_notices import Follower, is_test, notices_of

ADDRESS = re.compile(r"(?P<namespace>[\w.-]+)/(?P<hub>[\w.-]+)")

FULL = 100
"""Batches that may wait to be followed up; then nothing more is taken."""


def open_hub(rest: str, options: Options) -> Source:
    """Open `teams+eventhub://NAMESPACE.servicebus.windows.net/HUB?connection_file=FILE&…`."""
    found = ADDRESS.fullmatch(rest)
    if not found:
        raise SettingError(
            "teams+eventhub: the address looks like "
            "teams+eventhub://NAMESPACE.servicebus.windows.net/HUB?connection_file=FILE"
        )
    connection = secret_of(options, "connection_file", "teams+eventhub").decode()
    if found["namespace"].lower() not in connection.lower():
        raise SettingError(
            f"teams+eventhub: connection_file is not for {found['namespace']}; it holds a line like "
            "Endpoint=sb://NAMESPACE.servicebus.windows.net/;SharedAccessKeyName=…"
        )
    reading = TeamsReading(options)
    return TeamsHub(found["hub"], connection, reading, Follower(reading, options), options)


class TeamsHub(Live):
    """Takes notices from an event hub, from where it stopped."""

    losses = (OSError, EOFError, TimeoutError, EventHubError)

    def __init__(
        self, hub: str, connection: str, reading: TeamsReading, follower: Follower, options: Options
    ) -> None:
        self.hub, self.reading, self.follower = hub, reading, follower
        self.directory = reading.directory
        self._connection_string = connection
        self._group = options.more.get("group", "$Default")
        self._places = Places(options.more.get("places"))
        self._owed = False
        """Whether a gap is still to be caught up with."""

    @property
    def troubles(self) -> Counter[str]:  # type: ignore[override]
        """Return what could not be read or used, by kind."""
        return self.reading.troubles

    async def _connection(self) -> AsyncGenerator[Event, None]:
        taken: asyncio.Queue[Any] = asyncio.Queue(FULL)
        client = aio.EventHubConsumerClient.from_connection_string(
            self._connection_string, self._group, eventhub_name=self.hub
        )

        async def take(partition: Any, batch: list[Any]) -> None:
            await taken.put((partition.partition_id, batch))

        async def fail(_: Any, error: Exception) -> None:
            await taken.put(error)

        receiving = asyncio.ensure_future(
            client.receive_batch(
                take, starting_position=dict(self._places.by_partition) or "@latest", on_error=fail
            )
        )
        try:
            if self._owed:
                self._owed = False
                for event in await self.follower.gap("connection"):
                    yield event
            while not self._closed:
                for event in await self.follower.upkeep():
                    yield event
                if receiving.done() and taken.empty():
                    receiving.result()
                    return
                with suppress(TimeoutError):
                    told = await asyncio.wait_for(taken.get(), 1.0)
                    if isinstance(told, AuthenticationError):
                        raise RefusedError(f"teams+eventhub: Azure refuses {self.hub}: {told}")
                    if isinstance(told, Exception):
                        raise told
                    async for event in self._followed(*told):
                        yield event
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            await client.close()

    async def _followed(self, partition: str, batch: list[Any]) -> AsyncGenerator[Event, None]:
        for each in batch:
            for notice in notices_of(each.body_as_str().encode()) or [None]:
                if is_test(notice):
                    continue
                if not self.follower.knows(notice):
                    self.reading.counts["refused" if notice else "malformed"] += 1
                    continue
                for event in await self.follower.follow(notice or {}):
                    yield event
            self._places.told(partition, each.offset)
        self._places.keep()

    def _lost(self) -> list[Event]:
        self._owed = True  # a gap has calls in it: they are asked for as soon as there is a line
        return []


class Places:
    """How far each partition was told, in a file if one is given."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None
        self.by_partition: dict[str, Any] = {}
        if self._path is None or not self._path.exists():
            return
        try:
            found = json.loads(self._path.read_text())
        except (OSError, ValueError) as error:
            raise SettingError(f"places {path}: cannot be used ({error})") from None
        if not isinstance(found, dict):
            raise SettingError(f"places {path}: holds no places; delete it to begin anew")
        self.by_partition = found

    def told(self, partition: str, offset: Any) -> None:
        """Note that everything up to an offset was told."""
        self.by_partition[partition] = offset

    def keep(self) -> None:
        """Write it down, whole or not at all."""
        if self._path is None:
            return
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(self.by_partition))
        beside.replace(self._path)
