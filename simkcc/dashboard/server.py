"""The server of the wall: one page, one stream of frames for all viewers, events by HTTP."""

import asyncio
import hmac
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bokeh.util.paths import bokehjs_path
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from simkcc.dashboard.charts import chart_items
from simkcc.dashboard.hub import Hub
from simkcc.dashboard.login import COOKIE, Login
from simkcc.dashboard.page import FOLDER, login_page, page
from simkcc.dashboard.words import LANGUAGES
from simkcc.errors import SettingError

LOG = logging.getLogger("simkcc.wallboard")

LOOPBACK = ("127.0.0.1", "localhost", "::1")

THEMES = ("dark", "light")

MOST_BODY = 2_000_000
"""Bytes of a request."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""What the page may load: only what comes from here. Bokeh writes its styles into the page."""

Accept = Callable[[bytes, str], Awaitable[tuple[int, list[str]]]]
"""Takes a body and its content type; returns how many events were taken, and why others were not."""


@dataclass
class Access:
    """Who may come in."""

    hosts: tuple[str, ...] = LOOPBACK
    """Names by which the server may be addressed; any other is refused."""
    token: str = ""
    """What a sender of events shows; without one nobody may send."""
    login: Login = field(default_factory=Login)
    """Who may look."""
    refused: dict[str, int] = field(default_factory=dict)
    """Requests refused, by reason."""

    def count(self, why: str) -> None:
        """Note a refusal."""
        self.refused[why] = self.refused.get(why, 0) + 1


class Page(RequestHandler):
    """What all answers share."""

    open_to = "users"
    """Whom the page is for: users who have logged in, `boards` too, or `all`."""

    def initialize(self, hub: Hub, access: Access, accept: Accept | None = None) -> None:
        """Keep what the server is made of."""
        self.hub, self.access, self.accept = hub, access, accept

    def set_default_headers(self) -> None:
        """Say what a browser may do with an answer."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Server", "simkcc")

    def prepare(self) -> None:
        """Refuse a name that is not ours: another site could have led the browser here."""
        if self.request.host_name.strip("[]") not in self.access.hosts:
            self.access.count("host")
            raise HTTPError(421)
        origin = self.request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != self.request.host:
            self.access.count("origin")
            raise HTTPError(403)
        login = self.access.login
        peer = self.request.remote_ip or ""
        self.user = login.who(self.request.headers, peer, self.get_cookie(COOKIE))
        """Who asks; `-` is a board, nothing is nobody."""
        self._check_user(login)

    def _check_user(self, login: Login) -> None:
        """Let in whom this page is for; send others to log in."""
        if not login.needed or self.open_to == "all":
            return
        if self.user and (self.user != "-" or self.open_to == "boards"):
            return
        self.access.count("login")
        wants_page = "text/html" in self.request.headers.get("Accept", "")
        if login.users is not None and self.request.method == "GET" and wants_page:
            self.redirect("login")
        else:
            raise HTTPError(401)

    def _remember(self, name: str) -> None:
        login = self.access.login
        self.set_cookie(
            COOKIE, login.session(name), httponly=True, samesite="Strict", secure=login.secure,
            expires_days=365 if name == "-" else None,
        )  # fmt: skip

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer in one sentence."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"error": self._reason}))

    def shows_token(self) -> bool:
        """Return whether the request shows the token of those who send events."""
        shown = self.request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        token = self.access.token.encode()
        return bool(token) and hmac.compare_digest(shown, token)

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        """Return an argument of the address if it is known, else the first choice."""
        found = self.get_query_argument(name, choices[0])
        return found if found in choices else choices[0]


class Root(Page):
    """The address without a path."""

    def get(self) -> None:
        """Go to the board."""
        self.redirect("tv")


class Enter(Page):
    """Where people log in."""

    open_to = "all"

    def get(self) -> None:
        """Return the form."""
        self._form(wrong=False)

    async def post(self) -> None:
        """Check name and password; a session follows, or the form again."""
        login, peer = self.access.login, self.request.remote_ip or ""
        if login.users is None:
            raise HTTPError(404)
        if not login.may_try(peer):
            self.access.count("too many passwords")
            raise HTTPError(429)
        name, password = (self.get_body_argument(key, "")[:200] for key in ("name", "password"))
        if await asyncio.to_thread(login.users.check, name, password):
            self._remember(name)
            self.redirect("tv")
            return
        login.was_wrong(peer)
        self.access.count("password")
        self.set_status(401)
        self._form(wrong=True)

    def _form(self, wrong: bool) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(login_page(self.one_of("lang", LANGUAGES), wrong))


class Leave(Page):
    """Where people log out."""

    open_to = "all"

    def post(self) -> None:
        """Forget the session."""
        self.clear_cookie(COOKIE)
        self.redirect("login")


class Tv(Page):
    """The page."""

    open_to = "boards"

    def _check_user(self, login: Login) -> None:
        """Let in whoever has the board's link; from then on a cookie says so."""
        if self.access.login.holds_key(self.get_query_argument("key", "")):
            self._remember("-")
            asked = parse_qsl(self.request.query)
            rest = urlencode([(name, value) for name, value in asked if name != "key"])
            self.redirect(f"tv?{rest}" if rest else "tv")
            return
        super()._check_user(login)

    def get(self) -> None:
        """Return the page, as the address asks."""
        language = self.one_of("lang", LANGUAGES)
        first = self.one_of("board", tuple(self.hub.board.settings.boards))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            page(self.hub.board, language, self.one_of("theme", THEMES), first, self.hub.feed.name)
        )


class Charts(Page):
    """The charts of the page."""

    open_to = "boards"

    def get(self) -> None:
        """Return every chart of the boards, empty: the page fills them."""
        board = self.hub.board
        names = {name for each in board.settings.boards.values() for name in each.charts}
        same = board.centre.of_parts == board.centre.headline
        goal = board.settings.norms.get("service_level") if same else None
        hours = board.hours(board.now)
        theme = self.one_of("theme", THEMES)
        self.finish(chart_items(tuple(sorted(names)), hours, theme, goal.good if goal else None))


class Stream(Page):
    """Frames, for as long as a viewer looks."""

    open_to = "boards"
    looks = False

    async def get(self) -> None:
        """Send the frame there is, then each new one; a slow viewer skips some."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")
        self.looks = True
        self._auto_finish = False  # it ends when the viewer is gone, and nobody reads an end then
        self.hub.viewers += 1
        told = self.request.headers.get("Last-Event-ID", "")
        seen = int(told.rpartition("-")[2]) if told == f"{self.hub.boot}-{self.hub.seq}" else 0
        try:
            self.write("retry: 2000\n\n")
            await self.flush()
            while self.looks:
                frame = await self.hub.next_frame(seen)
                seen = self.hub.seq
                if self.looks:
                    self.write(frame)
                    await self.flush()
        except (StreamClosedError, asyncio.CancelledError):
            self.on_connection_close()  # the viewer is gone, or the board stops

    def on_connection_close(self) -> None:
        """Count the viewer out, once."""
        self.hub.viewers -= self.looks
        self.looks = False


class Health(Page):
    """Whether it lives; cheap, for probes."""

    open_to = "all"

    def get(self) -> None:
        """Return the boot id and the state of the source; 503 if the source or store failed."""
        state = self.hub.state()
        if state in ("failed", "unkept"):
            self.set_status(503)
        self.finish({"status": state, "boot": self.hub.boot, "events": self.hub.board.events})


class Metrics(Page):
    """Figures about the server itself, as Prometheus reads them."""

    def _check_user(self, login: Login) -> None:
        """Let in who shows the token of senders too: a scraper cannot log in."""
        if not self.shows_token():
            super()._check_user(login)

    def get(self) -> None:
        """Return one line per figure."""
        found = self.hub.figures()
        lines = [
            f"simkcc_events_total {found['events']}",
            f"simkcc_viewers {found['viewers']}",
            f"simkcc_frames_total {found['frames']}",
            f"simkcc_frame_seconds {found['frame_seconds']:.6f}",
            f"simkcc_source_up {int(self.hub.state() in ('running', 'paused', 'unkept'))}",
            f"simkcc_store_up {int(self.hub.feed.kept)}",
            f"simkcc_message_age_seconds {self.hub.age:.1f}",
            f"simkcc_source_lost {int(self.hub.board.gap)}",
            f"simkcc_gaps_total {self.hub.board.gaps}",
            f"simkcc_waiting {found['waiting']}",
            f"simkcc_agents_there {found['agents']}",
        ]
        for name, counts in (("events_rejected", found["rejected"]),
                             ("requests_refused", self.access.refused)):  # fmt: skip
            lines += [f'simkcc_{name}{{reason="{why}"}} {n}' for why, n in sorted(counts.items())]
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish("\n".join(lines) + "\n")


class Events(Page):
    """Where others hand over events."""

    open_to = "all"

    async def post(self) -> None:
        """Take a CloudEvent or a batch; answered when what was taken is kept."""
        if self.accept is None:
            raise HTTPError(404)
        if not self.shows_token():
            self.access.count("token")
            self.set_header("WWW-Authenticate", "Bearer")
            raise HTTPError(401)
        try:
            kind = self.request.headers.get("Content-Type", "")
            taken, refused = await self.accept(self.request.body, kind)
        except SettingError as error:
            self.set_status(400)
            self.finish({"error": str(error)})
            return
        self.set_status(400 if refused and not taken else 202)
        self.finish({"accepted": taken, "rejected": refused})


class Static(StaticFileHandler):
    """Files of the page; a browser keeps them an hour."""

    def set_extra_headers(self, path: str) -> None:
        """Say what a browser may do with a file."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "max-age=3600")


def application(
    hub: Hub, access: Access, accept: Accept | None = None, more: Sequence[Any] = ()
) -> Application:
    """Return the server's application. accept: what takes events by HTTP, if anything does.

    more: handlers of further pages.
    """
    shared = {"hub": hub, "access": access}
    bokeh = str(Path(bokehjs_path()) / "js")
    return Application(
        [
            (r"/", Root, shared),
            (r"/login", Enter, shared),
            (r"/logout", Leave, shared),
            (r"/tv", Tv, shared),
            (r"/charts", Charts, shared),
            (r"/stream", Stream, shared),
            (r"/health", Health, shared),
            (r"/metrics", Metrics, shared),
            (r"/events", Events, shared | {"accept": accept}),
            (r"/static/bokeh/(bokeh\.min\.js)", Static, {"path": bokeh}),
            (r"/static/((?:tv|login|console|lab)\.(?:css|js))", Static, {"path": str(FOLDER)}),
            *more,
        ],
        compress_response=False,
        log_function=_log,
    )


def listen(app: Application, port: int, address: str) -> HTTPServer:
    """Return a server that listens; a SettingError says why it cannot."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        door = socket.create_server((address, port), family=family, backlog=128)
    except OSError as error:
        raise SettingError(
            f"{address} port {port}: cannot listen there ({error.strerror}); give another --port"
        ) from None
    door.setblocking(False)
    server = HTTPServer(app, max_body_size=MOST_BODY, idle_connection_timeout=120)
    server.add_socket(door)
    return server


def port_of(server: HTTPServer) -> int:
    """Return the port a server listens on."""
    return int(next(iter(server._sockets.values())).getsockname()[1])


def _log(handler: RequestHandler) -> None:
    level = logging.WARNING if handler.get_status() >= 400 else logging.DEBUG
    LOG.log(
        level, "request",
        extra={"path": handler.request.path, "status": handler.get_status(),
               "ms": round(1000 * handler.request.request_time(), 1)},
    )  # fmt: skip
