"""Microsoft Graph, as far as a board asks it: call records, presence, and a subscription that lasts.

https://learn.microsoft.com/graph/api/resources/callrecords-callrecord
https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid
https://learn.microsoft.com/graph/api/resources/subscription
"""

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from simkcc.errors import SettingError
from simkcc.streams.jsontext import Object, inside, objects_of, parsed, text_of

LASTING = timedelta(minutes=2880)
"""How long a subscription is asked for; Graph allows 4,230 minutes for call records."""

MOST_PEOPLE = 650
"""Users whose presence can be asked at once."""

PAGES = 50
"""Pages of one answer that are read."""


class Graph:
    """Asks as an application: CallRecords.Read.All, and Presence.Read.All for presence.

    Whatever cannot be had now is None, or nothing: whoever asks tries again.
    """

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

    def record(self, name: str) -> Object | None:
        """Return a call record with all its sessions; None if it cannot be had now."""
        found = self._ask(f"{self.graph}/communications/callRecords/{quote(name)}?$expand=sessions")
        if found is None or not isinstance(found.get("sessions"), list):
            return found
        more = self._pages(_link(found, "sessions@odata.nextLink"))
        return None if more is None else {**found, "sessions": [*found["sessions"], *more]}  # type: ignore[misc]

    def names_since(self, moment: int) -> list[str] | None:
        """Return which records there are of calls since a moment, in microseconds since 1970."""
        since = datetime.fromtimestamp(moment // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = urlencode({"$filter": f"startDateTime ge {since}"}, quote_via=quote)
        rows = self._pages(f"{self.graph}/communications/callRecords?{query}")
        return None if rows is None else [text_of(row, "id") for row in rows if text_of(row, "id")]

    def presences(self, people: list[str]) -> list[Object]:
        """Return what people do now."""
        where, found = f"{self.graph}/communications/getPresencesByUserId", []
        for start in range(0, len(people), MOST_PEOPLE):
            told = self._ask(where, {"ids": people[start : start + MOST_PEOPLE]})
            found += [row for row in objects_of((told or {}).get("value", [])) if row]
        return found

    def subscribe(self, notify: str, state: str) -> str | None:
        """Ask to be told of new call records; return the name of the subscription."""
        lifecycle = {} if notify.startswith("EventHub:") else {"lifecycleNotificationUrl": notify}
        told = self._ask(f"{self.graph}/subscriptions", {
            "changeType": "created,updated", "notificationUrl": notify, **lifecycle,
            "resource": "/communications/callRecords", "clientState": state,
            "expirationDateTime": _later(),
        })  # fmt: skip
        return text_of(told or {}, "id") or None

    def renew(self, subscription: str) -> bool:
        """Let a subscription last longer; return whether it does."""
        where = f"{self.graph}/subscriptions/{quote(subscription)}"
        return self._ask(where, {"expirationDateTime": _later()}, "PATCH") is not None

    def _pages(self, url: str) -> list[Object] | None:
        rows: list[Object] = []
        for _ in range(PAGES):
            if not url:
                break
            told = self._ask(url)
            if told is None:
                return None
            rows += [row for row in objects_of(told.get("value", [])) if row]
            url = _link(told, "@odata.nextLink")
        return rows

    def _ask(
        self, url: str, body: dict[str, object] | None = None, method: str = ""
    ) -> Object | None:
        try:
            if time.monotonic() > self._until:
                self._log_in()
            headers = {"Authorization": f"Bearer {self._token}"}
            sent = None if body is None else json.dumps(body).encode()
            if sent is not None:
                headers["Content-Type"] = "application/json"
            asked = Request(url, sent, headers, method=method or ("POST" if sent else "GET"))
            with urlopen(asked, timeout=20) as answer:
                found = parsed(answer.read())
                return found if isinstance(found, dict) else {}
        except HTTPError as error:
            error.close()
            self._until = 0.0 if error.code == 401 else self._until
            return None
        except (URLError, OSError, ValueError):
            return None

    def _log_in(self) -> None:
        with urlopen(Request(self.login, urlencode(self._form).encode()), timeout=20) as answer:
            told = json.loads(answer.read())
        self._token = str(told["access_token"])
        self._until = time.monotonic() + float(told.get("expires_in", 300)) - 60


def _link(told: Object, key: str) -> str:
    """Return the address of what follows, however long; empty if nothing does."""
    value = told.get(key)
    return value if isinstance(value, str) else ""


def _later() -> str:
    return (datetime.now(UTC) + LASTING).strftime("%Y-%m-%dT%H:%M:%SZ")
