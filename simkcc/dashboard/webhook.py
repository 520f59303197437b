"""A door for exchanges that call: requests in, whatever `receive` answers out."""

import socket
from collections.abc import Callable, Mapping

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from simkcc.errors import SettingError

Receive = Callable[[str, str, Mapping[str, str], Mapping[str, str], bytes], tuple[int, str]]
"""(method, url, query, headers in lower case, body) -> (status, text)."""

MOST_BODY = 1 << 22


class _Door(RequestHandler):
    def initialize(self, receive: Receive) -> None:
        self.receive = receive

    def post(self) -> None:
        self._answer()

    def get(self) -> None:
        self._answer()

    def _answer(self) -> None:
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        headers = {name.lower(): value for name, value in self.request.headers.get_all()}
        asked = self.request
        status, text = self.receive(str(asked.method), str(asked.uri), query, headers, asked.body)
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        if status != 204:
            self.write(text)


def open_door(host: str, port: int, path: str, receive: Receive) -> HTTPServer:
    """Return a server that listens; a SettingError says why it cannot."""
    try:
        listening = socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise SettingError(f"{host}:{port}: cannot listen there ({error.strerror})") from None
    listening.setblocking(False)
    app = Application([(path, _Door, {"receive": receive})], log_function=lambda _: None)
    server = HTTPServer(app, max_body_size=MOST_BODY)
    server.add_socket(listening)
    return server
