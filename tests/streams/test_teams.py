"""Microsoft Teams: finished calls from records, presence, and notifications from whoever knows us."""

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from streams.adapter_contract import Adapter

from simkcc.errors import SettingError
from simkcc.model.contact_log import SECOND
from simkcc.streams.hook import Hook, Request
from simkcc.streams.source import Options, open_source
from simkcc.streams.teams import TeamsReading

QUEUE, MENU = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
OTHER = "aaaaaaaa-0000-4000-8000-000000000003"


def stamp(at: float) -> str:
    return f"2026-05-28T10:{int(at) // 60:02}:{at % 60:06.3f}Z"


def session(start: float, end: float, callee: str, failed: bool = False) -> dict[str, object]:
    return {
        "id": f"{start}{callee}", "startDateTime": stamp(start), "endDateTime": stamp(end),
        "modalities": ["audio"], "failureInfo": {"stage": "callSetup"} if failed else None,
        "caller": {"@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
                   "identity": {"phone": {"id": "+32470123456", "displayName": "Jan Peeters"}}},
        "callee": {"@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
                   "identity": {"user": {"id": callee, "displayName": None}}},
    }  # fmt: skip


def record(name: str, *sessions: dict[str, object], version: int = 1) -> bytes:
    return json.dumps({
        "id": name, "version": version, "type": "groupCall", "modalities": ["audio"],
        "startDateTime": stamp(0), "endDateTime": stamp(99), "sessions": list(sessions),
    }).encode()  # fmt: skip


def answered(name: str, at: float) -> bytes:
    return record(
        name, session(at, at + 5, MENU), session(at + 5, at + 90, QUEUE),
        session(at + 15, at + 30, "els", failed=True), session(at + 32, at + 90, "jan"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("teams") / "accounts.json"
    path.write_text(json.dumps({QUEUE: "Onthaal", OTHER: "Afval", MENU: ""}))
    return path


class TestTeams(Adapter):
    scheme = "teams+file"

    @pytest.fixture(autouse=True)
    def _accounts(self, accounts: Path) -> None:
        self.accounts = accounts
        self.query = f"?accounts={accounts}"

    def parts(self) -> list[bytes]:
        return [answered(f"r{number}", 30 * number) for number in range(12)]

    def reading(self) -> TeamsReading:
        return TeamsReading(Options(more={"accounts": str(self.accounts)}))

    def moment(self, part: bytes) -> float:
        return datetime.fromisoformat(json.loads(part)["endDateTime"]).timestamp()

    def cut(self, parts: list[bytes], rng: random.Random) -> list[bytes]:
        half = rng.randrange(1, len(parts))
        together = b",".join(parts[:half])
        return [b'{"value":[' + together + b"]}", *parts[half:]]

    def test_a_record_tells_one_visit(self) -> None:
        (visit,) = self.play([answered("r", 0)]).visits
        assert (visit.wait, visit.talk) == (27 * SECOND, 58 * SECOND)

    def test_why_a_caller_left_is_unknown(self) -> None:
        told = self.play([record("r", session(0, 40, QUEUE), session(10, 20, "els", failed=True))])
        assert told.outcomes() == {("Onthaal", "unknown"): 1}
        assert told.directory.partial == ("waiting", "reasons", "holds")

    def test_a_second_queue_is_a_second_visit(self) -> None:
        told = self.play([record("r", session(0, 90, QUEUE), session(30, 90, OTHER),
                                 session(40, 90, "els"))])  # fmt: skip
        assert told.outcomes() == {("Onthaal", "unknown"): 1, ("Afval", "answered"): 1}

    def test_a_newer_version_counts_once(self) -> None:
        newer = record("r", session(0, 90, QUEUE), session(9, 90, "els"), version=2)
        told = self.play([record("r", session(0, 90, QUEUE), session(9, 90, "els")), newer])
        assert told.outcomes() == {("Onthaal", "answered"): 1}

    def test_calls_between_colleagues_are_no_visits(self) -> None:
        assert self.play([record("r", session(0, 30, "els"))]).visits == []

    def test_presence(self) -> None:
        reading = self.reading()
        words = ["Available", "Busy", "Away", "Offline", "DoNotDisturb", "Available"]
        events = []
        for second, word in enumerate(words):
            told = {"value": [{"id": "els", "availability": word, "activity": word}]}
            events += reading.body(json.dumps(told).encode(), (1_780_000_000 + second) * SECOND)
        assert [event.code for event in events] == [1, 0, 1]


# ---------------------------------------------------------------- notifications


class GraphStandIn(BaseHTTPRequestHandler):
    """Gives a token to whoever asks with the secret, and one record to whoever has the token."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        good = "client_secret=s3" in asked and "grant_type=client_credentials" in asked
        self._say(200 if good else 401, {"access_token": "t0k", "expires_in": 3600})

    def do_GET(self) -> None:
        good = self.headers["Authorization"] == "Bearer t0k" and "$expand=sessions" in self.path
        self._say(200 if good else 401, json.loads(answered("r1", 0)))

    def _say(self, status: int, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def graph() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), GraphStandIn)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def hook(folder: Path, accounts: Path, graph: str = "http://127.0.0.1:9") -> Hook:
    (folder / "state").write_text("s3cret")
    app = {"tenant": "t", "client": "c", "secret": "s3", "graph": graph, "login": graph}
    (folder / "app").write_text(json.dumps(app))
    source = open_source(
        f"teams://127.0.0.1:1?state_file={folder}/state&app_file={folder}/app&accounts={accounts}"
    )
    assert isinstance(source, Hook)
    return source


def notice(state: str = "s3cret", **more: str) -> Request:
    name = "e523d2ed-2966-4b6b-925b-754a88034cc5"
    told = {"subscriptionId": "x", "clientState": state, "changeType": "created",
            "resource": f"communications/callRecords/{name}"} | more  # fmt: skip
    return Request("/teams", {}, {}, json.dumps({"value": [told]}).encode())


def test_the_handshake_returns_the_token(tmp_path: Path, accounts: Path) -> None:
    asked = Request("/teams", {"validationToken": "Validation: Testing <x>"}, {}, b"")
    answer = hook(tmp_path, accounts).receive(asked)
    assert (answer.status, answer.text) == (200, "Validation: Testing <x>")


def test_who_does_not_know_the_state_is_refused(tmp_path: Path, accounts: Path) -> None:
    source = hook(tmp_path, accounts)
    assert source.receive(notice()).status == 204
    assert source.receive(notice(state="guess")).status == 403
    assert source.receive(Request("/teams", {}, {}, b"{}")).status == 400


def test_a_record_is_fetched_and_a_missed_notice_is_a_gap(
    tmp_path: Path, accounts: Path, graph: str
) -> None:
    async def listened() -> list[str]:
        source = hook(tmp_path, accounts, graph)
        source.receive(notice())
        source.receive(notice(lifecycleEvent="missed"))
        await source.close()
        return [event.type async for event in source]

    types = asyncio.run(asyncio.wait_for(listened(), 20))
    assert types.count("call.talked") == 1 and types.count("stream.gap") == 1


def test_the_queues_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")
    with pytest.raises(SettingError, match="accounts"):
        open_source(f"teams+file:{tmp_path}/x")
