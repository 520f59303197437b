"""A stand-in for Amazon SQS: two of its actions, in its JSON protocol, on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


class Queue:
    """Messages that are hidden while somebody has them, and gone when deleted."""

    def __init__(self, bodies: list[str]) -> None:
        self.waiting = dict(enumerate(bodies))
        self.taken: dict[int, str] = {}
        self.deny = ""
        self.lock = Lock()

    def act(self, action: str, asked: dict[str, object]) -> tuple[int, dict[str, object]]:
        with self.lock:
            if self.deny:
                return 400, {"__type": f"com.amazonaws.sqs#{self.deny}", "message": "no"}
            if action == "ReceiveMessage":
                some = dict(list(self.waiting.items())[: int(str(asked["MaxNumberOfMessages"]))])
                self.waiting = {n: body for n, body in self.waiting.items() if n not in some}
                self.taken |= some
                return 200, {"Messages": [
                    {"MessageId": str(n), "ReceiptHandle": str(n), "Body": body,
                     "MD5OfBody": md5(body.encode()).hexdigest()}
                    for n, body in some.items()
                ]}  # fmt: skip
            entries = asked["Entries"]
            assert isinstance(entries, list)
            for entry in entries:
                self.taken.pop(int(entry["ReceiptHandle"]))
            return 200, {"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []}


@contextmanager
def served(queue: Queue) -> Iterator[str]:
    """Serve a queue; yield host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            status, said = queue.act(action, asked)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
