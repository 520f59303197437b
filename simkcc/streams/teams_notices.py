"""Notices of Microsoft Graph followed up: records fetched, gaps owned up to, presence asked for.

A notice only says that a record is new or has changed. However it came, by webhook or by Event Hubs,
the same is done about it.
"""

import asyncio
import hmac
import re
import time
from pathlib import Path

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.graph import Graph
from simkcc.streams.hook import secret_of
from simkcc.streams.jsontext import Object, objects_of, parsed, text_of
from simkcc.streams.neutral import Message
from simkcc.streams.source import Options
from simkcc.streams.teams import TeamsReading

RESOURCE = re.compile(r"/?communications/callRecords[/(]'?(?P<id>[0-9a-fA-F-]{36})'?\)?")

ATTEMPTS = 4
"""A record may be announced a little before it can be read."""

TESTED = "Validation: "
"""How the type of a change begins that only tries whether notices arrive."""

LOOK_EVERY = 30.0
"""Seconds between looks at presence."""

RENEW_EVERY = 12 * 3600.0
"""Seconds between renewals of the subscription."""

SLACK = 4 * 3600 * SECOND
"""How much longer than the gap is looked back for: a record is of a call that began before."""


class Follower:
    """Does what notices ask for."""

    pause = 15.0
    """Seconds between attempts to read a record."""

    def __init__(self, reading: TeamsReading, options: Options) -> None:
        self.reading = reading
        self._state = secret_of(options, "state_file", "teams")
        self._graph = Graph.of_file(secret_of(options, "app_file", "teams"))
        self._people = _people(options.more.get("agents"))
        self._notify = options.more.get("notify", "")
        if self._notify and not self._notify.startswith(("https://", "EventHub:https://")):
            raise SettingError("teams: notify= is an address like https://… or EventHub:https://…")
        self._subscription: str | None = None
        self._look_at = self._renew_at = 0.0
        self._heard = time.time_ns() // 1000

    def knows(self, notice: Object | None) -> bool:
        """Return whether a notice shows the state that was agreed on."""
        shown = text_of(notice or {}, "clientState").encode()
        return hmac.compare_digest(shown, self._state)

    async def follow(self, notice: Object) -> list[Event]:
        """Return the events of the record a notice announces, or of the gap it admits."""
        lifecycle = text_of(notice, "lifecycleEvent")
        if lifecycle:
            return await self._lifecycle(lifecycle)
        found = RESOURCE.fullmatch(text_of(notice, "resource"))
        if found is None:
            self.reading.counts["malformed"] += 1
            return []
        events = await self._fetched(found["id"])
        self._heard = time.time_ns() // 1000
        return events

    async def upkeep(self) -> list[Event]:
        """Return what agents do, now and then; keep the subscription alive if that is asked for."""
        now, events = time.monotonic(), self.reading.alive(time.time_ns() // 1000)
        if self._notify and now >= self._renew_at:
            self._renew_at = now + RENEW_EVERY
            await self._renew()
        if self._people and now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            for told in await asyncio.to_thread(self._graph.presences, self._people):
                events += self.reading.object(told, time.time_ns() // 1000)
        return events

    async def gap(self, why: str) -> list[Event]:
        """Return a gap, and the calls that ended in it."""
        events = self.reading.number([Message(neutral.GAP, self._heard, reason=why)])
        names = await asyncio.to_thread(self._graph.names_since, self._heard - SLACK)
        if names is None:
            self.reading.counts["refused"] += 1
        for name in names or []:
            events += await self._fetched(name)
        self._heard = time.time_ns() // 1000
        return events

    async def _lifecycle(self, what: str) -> list[Event]:
        if what == "reauthorizationRequired":
            await self._renew()
            return []
        if what == "subscriptionRemoved":
            self._subscription = None
            await self._renew()
        return await self.gap(what)

    async def _fetched(self, name: str) -> list[Event]:
        for attempt in range(ATTEMPTS):
            record = await asyncio.to_thread(self._graph.record, name)
            if record is not None:
                return self.reading.object(record, time.time_ns() // 1000)
            await asyncio.sleep(self.pause * attempt)
        self.reading.counts["refused"] += 1
        return []

    async def _renew(self) -> None:
        if not self._notify:
            return
        graph, name = self._graph, self._subscription
        if name is None or not await asyncio.to_thread(graph.renew, name):
            state = self._state.decode()
            self._subscription = await asyncio.to_thread(graph.subscribe, self._notify, state)
        if self._subscription is None:
            self.reading.counts["refused"] += 1
            self._renew_at = time.monotonic() + 60.0


def notices_of(body: bytes) -> list[Object | None] | None:
    """Return the notices of a body; None if it holds none."""
    told = parsed(body)
    values = told.get("value") if isinstance(told, dict) else None
    return list(objects_of(values)) if isinstance(values, list) and values else None


def is_test(notice: Object | None) -> bool:
    """Return whether a notice only tries whether notices arrive."""
    return text_of(notice or {}, "changeType").startswith(TESTED)


def _people(path: str | None) -> list[str]:
    """Return the identifiers of the users whose presence is looked at, from a file of JSON."""
    if not path:
        return []
    try:
        found = parsed(Path(path).read_bytes())
    except OSError as error:
        raise SettingError(f"agents {path}: cannot be read ({error.strerror})") from None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise SettingError(f'agents {path}: must be a list of identifiers such as ["e523d2ed-…"]')
    return found
