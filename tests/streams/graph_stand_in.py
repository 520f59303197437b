"""A stand-in for Microsoft Graph: tokens, call records in pages, presence, subscriptions."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 2
"""Sessions of one answer; the rest follow in further ones, as Graph does after sixty."""


@dataclass
class Tenant:
    """What there is to know, and what was asked."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    presences: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    renewed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    logins: int = 0
    url: str = ""

    def answer(self, method: str, url: str, body: Any) -> tuple[int, Any]:
        """Return status and answer of one request by somebody who is logged in."""
        asked, query = urlsplit(url), parse_qs(urlsplit(url).query)
        self.asked.append(f"{method} {unquote(url)}")
        path = asked.path.strip("/").split("/")
        if path[:2] == ["communications", "callRecords"] and len(path) == 3:
            return self._record(path[2], query)
        if path[:2] == ["communications", "callRecords"] and len(path) == 4:
            start = int(query["$skip"][0])
            return 200, self._sessions(path[2], start)
        if path == ["communications", "callRecords"]:
            if not re.fullmatch(r"startDateTime ge \d{4}-\d\d-\d\dT[\d:]+Z", query["$filter"][0]):
                return 400, {}
            return 200, {"value": [{"id": name} for name in self.records]}
        if path[-1] == "getPresencesByUserId":
            told = [{"id": one, "availability": self.presences[one], "activity": "x"}
                    for one in body["ids"]]  # fmt: skip
            return 200, {"value": told}
        if path == ["subscriptions"] and {"changeType", "resource", "clientState"} <= body.keys():
            name = f"sub-{len(self.subscriptions) + 1}"
            self.subscriptions[name] = body
            return 201, {"id": name}
        if path[0] == "subscriptions" and method == "PATCH" and path[1] in self.subscriptions:
            self.renewed.append(path[1])
            return 200, {"id": path[1]}
        return 404, {}

    def _record(self, name: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if name not in self.records:
            return 404, {}
        if not query.get("$expand", [""])[0].startswith("sessions"):
            return 200, {key: v for key, v in self.records[name].items() if key != "sessions"}
        told = self._sessions(name, 0)
        answer = self.records[name] | {"sessions": told["value"]}
        if "@odata.nextLink" in told:
            answer["sessions@odata.nextLink"] = told["@odata.nextLink"]
        return 200, answer

    def _sessions(self, name: str, start: int) -> dict[str, Any]:
        sessions = self.records[name]["sessions"]
        told: dict[str, Any] = {"value": sessions[start : start + PAGE]}
        if start + PAGE < len(sessions):
            pad = "x" * 300  # real links are longer than any identifier
            where = f"{self.url}/communications/callRecords/{name}/sessions"
            told["@odata.nextLink"] = f"{where}?$skip={start + PAGE}&$skiptoken={pad}"
        return told


@contextmanager
def serving(tenant: Tenant) -> Iterator[str]:
    """Serve a tenant on this machine; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.path.endswith("/oauth2/v2.0/token"):
                good = "client_secret=s3" in text and "grant_type=client_credentials" in text
                tenant.logins += good
                self._say(200 if good else 401, {"access_token": "t0k", "expires_in": 3600})
                return
            self._answer(json.loads(text))

        do_PATCH = do_POST  # noqa: N815 - what the server calls

        def do_GET(self) -> None:
            self._answer(None)

        def _answer(self, body: Any) -> None:
            if self.headers["Authorization"] != "Bearer t0k":
                self._say(401, {})
                return
            self._say(*tenant.answer(self.command, self.path, body))

        def _say(self, status: int, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    tenant.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield tenant.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
