"""Microsoft Teams: finished calls from records, presence, and notifications from whoever knows us."""

import json
import random
from datetime import datetime
from pathlib import Path

import pytest
from streams.adapter_contract import Adapter

from simkcc.model.contact_log import SECOND
from simkcc.streams.source import Options
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

    def test_a_newer_version_tells_what_the_first_did_not_know(self) -> None:
        first = record("r", session(0, 40, QUEUE), session(10, 20, "els", failed=True))
        newer = record("r", session(0, 90, QUEUE), session(10, 20, "els", failed=True),
                       session(25, 90, "jan"), version=2)  # fmt: skip
        told = self.play([first, newer, first])
        assert told.outcomes() == {("Onthaal", "answered"): 1}
        (visit,) = told.visits
        assert (visit.wait, visit.talk) == (25 * SECOND, 65 * SECOND)
        assert not told.troubles

    def test_an_older_version_that_comes_late_changes_nothing(self) -> None:
        newer = record("r", session(0, 90, QUEUE), session(9, 90, "els"), version=3)
        told = self.play([newer, record("r", session(0, 40, QUEUE), version=2)])
        assert told.outcomes() == {("Onthaal", "answered"): 1}

    def test_a_resource_account_may_be_an_application(self) -> None:
        told = session(0, 90, "x")
        told["callee"] = {"identity": {"applicationInstance": {"id": QUEUE}}}
        assert self.play([record("r", told, session(9, 90, "els"))]).outcomes() == {
            ("Onthaal", "answered"): 1
        }

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
