"""No number of a citizen, and no name of an agent, is in anything that is kept."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from limits import HANG, until
from streams.sample import AMI, LOG, RAW, TRUTH, Told

from bench.ports import free_port
from simkcc.commands.importing import import_logs
from simkcc.model.cloudevents import Envelope, to_json

NUMBERS = re.compile("|".join(map(re.escape, TRUTH["numbers"])))
NAMES = re.compile("Medewerker|Specialist|agent\\d@|spec\\d@")
UIDS = re.compile(r"17952\d{5}\.\d+")


def test_the_sample_holds_what_must_not_get_out() -> None:
    assert len(TRUTH["numbers"]) > 200
    assert NUMBERS.search(RAW.decode())
    assert NAMES.search(RAW.decode())


@pytest.mark.parametrize("address", [f"asterisk+file:{AMI}", f"queue_log:{LOG}"])
def test_events_hold_neither_numbers_nor_names(address: str) -> None:
    told = Told(address, LOG if "ami" in address else None)
    envelope = Envelope(
        "urn:simkcc:test", "import", told.directory.first_date, queues=told.directory.queues
    )
    for event in told.events:
        text = json.dumps(to_json(event, envelope))
        kept = re.sub(r'"(id|time)": "[^"]*"|"at": \d+', "", text)
        assert not NUMBERS.search(kept)
        assert not NAMES.search(kept)
        assert not UIDS.search(kept)
    assert not NAMES.search(repr(told.directory.agents))


def test_the_machine_of_states_never_sees_a_number() -> None:
    from simkcc.streams.ami_wire import Wire

    for packet in Wire().feed(RAW):
        assert not any(value in TRUTH["numbers"] for value in packet.fields.values())


def test_what_is_imported_holds_neither(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "events.jsonl"
    import_logs([LOG], str(target))
    said = capsys.readouterr()
    kept = re.sub(r'"(id|time)": "[^"]*"|"at": \d+', "", target.read_text())
    for text in (kept, said.out, said.err):
        assert not NUMBERS.search(text)
        assert not NAMES.search(text)


PAGES = ("tv", "stream", "charts", "metrics", "health", "console", "lab")


def served(port: int, page: str) -> bytes:
    """Return a page as far as it comes at once: a stream has no end."""

    def asked() -> list[bytes]:
        try:
            with urlopen(f"http://127.0.0.1:{port}/{page}", timeout=HANG) as answer:
                return [answer.read1(1 << 20)]
        except HTTPError as error:
            with error:
                return [error.read()]
        except OSError:
            return []

    return bytes(until(asked, "the board does not answer")[0])


@pytest.mark.slow  # a whole board in a process of its own
def test_store_logs_and_pages_of_a_board_hold_no_number(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    words = ["wallboard", "--from", f"asterisk+file:{AMI}", "--queue-log", str(LOG), "--speed", "600",
             "--store", str(tmp_path / "kept.db"), "--port", str(port)]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "simkcc", *words], stdout=out, stderr=out,
            env=os.environ | {"PYTHONPATH": os.getcwd()},
        )  # fmt: skip
        try:
            pages = {page: served(port, page) for page in PAGES}
            until(lambda: b'"ended"' in served(port, "health"), "the recording does not end")
            pages |= {f"{page} at the end": served(port, page) for page in PAGES}
        finally:
            process.terminate()
            process.wait(HANG)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert any(name.startswith("kept.db") and len(raw) > 50_000 for name, raw in kept.items())
    found = re.compile(rb"(?<![\d.])(?:%s)(?![\d.])" % NUMBERS.pattern.encode())
    for name, raw in (pages | kept).items():
        assert not found.search(raw), name
