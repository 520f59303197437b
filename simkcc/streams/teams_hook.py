"""Microsoft Graph's change notifications: which record is new, and the record itself, fetched.

Graph asks once whether we are there (validationToken), and wants an answer within three seconds, so
records are fetched after it. https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import asyncio
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request as Ask
from urllib.request import urlopen

from simkcc.errors import SettingError
from simkcc.model.events import Event
from simkcc.streams import neutral
from simkcc.streams.hook import Answer, Hook, Request, address_of, secret_of
from simkcc.streams.jsontext import Object, inside, objects_of, parsed, text_of
from simkcc.streams.neutral import Message
from simkcc.streams.source import Options, Source
from simkcc.streams.teams import TeamsReading

RESOURCE = re.compile(r"/?communications/callRecords[/(]'?(?P<id>[0-9a-fA-F-]{36})'?\)?")
ATTEMPTS = 4
"""A record may be announced a little before it can be read."""


def open_hook(rest: str, options: Options) -> Source:
    """Open `teams://host:port/path?state_file=FILE&app_file=FILE&accounts=FILE`."""
    state = secret_of(options, "state_file", "teams")
    graph = Graph.of_file(secret_of(options, "app_file", "teams"))
    return TeamsHook(*address_of(rest, "teams"), TeamsReading(options), state, graph)


class TeamsHook(Hook):
    """Listens for Microsoft Graph."""

    pause = 15.0
    """Seconds between attempts to read a record."""

    def __init__(
        self, host: str, port: int, path: str, reading: TeamsReading, state: bytes, graph: "Graph"
    ) -> None:
        super().__init__(host, port, path, reading)
        self._state, self._graph = state, graph

    def judge(self, request: Request) -> Answer | None:
        """Answer the question whether we are there; refuse who does not know the clientState."""
        if "validationToken" in request.query:
            return Answer(200, request.query["validationToken"])
        if request.method != "POST":
            return Answer(405)
        told = parsed(request.body)
        values = told.get("value") if isinstance(told, dict) else None
        if not isinstance(values, list) or not values:
            return Answer(400)
        for each in objects_of(values):
            shown = text_of(each or {}, "clientState").encode()
            if not hmac.compare_digest(shown, self._state):
                return Answer(403)
        return None

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events until closed."""
        while (body := await self._requests.get()) is not None:
            told = parsed(body)
            for notice in objects_of(told["value"] if isinstance(told, dict) else None):
                for event in await self._follow(notice or {}):
                    yield event
        for event in self.reading.finish():
            yield event

    async def _follow(self, notice: Object) -> list[Event]:
        """Return the events of the record a notice announces, or of the gap it admits."""
        now = time.time_ns() // 1000
        if text_of(notice, "lifecycleEvent"):
            gap = Message(neutral.GAP, now, reason=text_of(notice, "lifecycleEvent"))
            return self.reading.number([gap])
        found = RESOURCE.fullmatch(text_of(notice, "resource"))
        if found is None:
            self.reading.counts["malformed"] += 1
            return []
        for attempt in range(ATTEMPTS):
            record = await asyncio.to_thread(self._graph.record, found["id"])
            if record is not None:
                return self.reading.body(record, now)
            await asyncio.sleep(self.pause * attempt)
        self.reading.counts["refused"] += 1
        return []


class Graph:
    """Reads call records, as an application with the permission CallRecords.Read.All."""

    def __init__(self, tenant: str, client: str, secret: str, graph: str, login: str) -> None:
        self.graph, self.login = graph, f"{login}/{tenant}/oauth2/v2.0/token"
        self._form = {
            "client_id": client, "client_secret": secret, "grant_type": "client_credentials",
            "scope": "https://graph.microsoft.com/.default",
        }  # fmt: skip
        self._token, self._until = "", 0.0

    @classmethod
    def of_file(cls, text: bytes) -> "Graph":
        """Return what a file of JSON with tenant, client and secret describes."""
        told = inside({"of": parsed(text)}, "of")
        if not all(text_of(told, key) for key in ("tenant", "client", "secret")):
            raise SettingError("teams: app_file must be JSON with tenant, client and secret")
        return cls(
            text_of(told, "tenant"), text_of(told, "client"), text_of(told, "secret"),
            text_of(told, "graph") or "https://graph.microsoft.com/v1.0",
            text_of(told, "login") or "https://login.microsoftonline.com",
        )  # fmt: skip

    def record(self, name: str) -> bytes | None:
        """Return a call record with its sessions; None if it cannot be had now."""
        try:
            if time.monotonic() > self._until:
                self._log_in()
            asked = f"{self.graph}/communications/callRecords/{name}?$expand=sessions"
            ask = Ask(asked, headers={"Authorization": f"Bearer {self._token}"})
            with urlopen(ask, timeout=20) as answer:
                found: bytes = answer.read()
                return found
        except (URLError, OSError, ValueError):
            return None

    def _log_in(self) -> None:
        with urlopen(Ask(self.login, urlencode(self._form).encode()), timeout=20) as answer:
            told = json.loads(answer.read())
        self._token = str(told["access_token"])
        self._until = time.monotonic() + float(told.get("expires_in", 300)) - 60
