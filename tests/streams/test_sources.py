"""Each source keeps the contract; an address nobody knows is answered with a sentence."""

from pathlib import Path

import pytest
from streams.sample import AMI, FOLDER, LOG
from streams.source_contract import SourceContract

from simkcc.commands.importing import import_logs
from simkcc.errors import SettingError
from simkcc.streams.source import Options, open_recording, open_source


class TestQueueLog(SourceContract):
    scheme = "queue_log"

    def address(self, folder: Path) -> str:
        return f"queue_log:{LOG}"


class TestPathAlone(SourceContract):
    scheme = "file"

    def address(self, folder: Path) -> str:
        return str(LOG)


class TestAsteriskFile(SourceContract):
    scheme = "asterisk+file"

    def address(self, folder: Path) -> str:
        return f"asterisk+file:{AMI}?zone=Europe/Brussels&wrap_up=3"


class TestAsteriskFileAndLog(SourceContract):
    scheme = "asterisk+file"

    def address(self, folder: Path) -> str:
        return f"asterisk+file:{AMI}?queue_log={LOG}"


class TestEventFile(SourceContract):
    scheme = "events"

    def address(self, folder: Path) -> str:
        target = folder / "events.jsonl"
        if not target.exists():
            import_logs([LOG], str(target))
        return f"events:{target}"


class TestStore(SourceContract):
    scheme = "sqlite"

    def address(self, folder: Path) -> str:
        target = folder / "events.db"
        if not target.exists():
            import_logs([LOG], f"sqlite:///{target}")
        return f"sqlite:///{target}"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("asterix://host", "did you mean asterisk"),
        ("no/such/file", "no such file"),
        ("queue_log:/nowhere/queue_log", "no file"),
        (f"queue_log:{LOG}?zone=Mars/Olympus", "cannot be used"),
        (f"queue_log:{LOG}?speed=3", "no option 'speed'"),
        ("asterisk://me@host", "looks like"),
        (str(FOLDER / "truth.json.gz"), "malformed|found neither|JSON"),
    ],
)
def test_a_wrong_address_is_one_sentence(address: str, says: str) -> None:
    with pytest.raises(SettingError, match=says) as raised:
        source = open_recording(address, Options())
        list(source.read())
        raise SettingError("malformed" if source.troubles else "nothing wrong")
    assert "\n" not in str(raised.value)


def test_a_secret_is_not_shown() -> None:
    with pytest.raises(SettingError) as raised:
        open_source("asterisk://board:s3cret@host?nonsense=1")
    assert "s3cret" not in str(raised.value)
    assert "nonsense" in str(raised.value)


def test_what_has_no_end_is_not_tallied() -> None:
    with pytest.raises(SettingError, match="no end"):
        open_recording("asterisk://board:secret@127.0.0.1:5038")
