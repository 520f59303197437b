"""No number of a citizen, and no name of an agent, is in anything that is kept."""

import json
import re
from pathlib import Path

import pytest
from streams.sample import AMI, LOG, RAW, TRUTH, Told

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
