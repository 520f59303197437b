"""Files that cannot be read, and text that is not TOML: one sentence each, and at once."""

import os
import tracemalloc
from pathlib import Path

import pytest

from simkcc.errors import ScenarioError
from simkcc.model.files import load_scenario

EMPTY = "is empty; a scenario needs topics, queues and groups"
UTF16 = "looks like UTF-16; save it as UTF-8"
TWICE = "a key or table is given twice; keep one"
DEEP = "tables or lists are nested too deeply; at most 30 levels"

WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", EMPTY),
    "only a comment": (b"# later\n", EMPTY),
    "binary": (
        b"\x7fELF\x02\x01\x01" + bytes(2) + b"text" * 9,
        "is not text; a scenario is a TOML file",
    ),
    "UTF-16": ("name = 'x'".encode("utf-16"), UTF16),
    "UTF-16 without a mark": ("name = 'x'".encode("utf-16-le"), UTF16),
    "Latin-1": (
        "name = 'x'\nsource = 'één'".encode("latin-1"),
        "line 2: byte 0xe9 is not UTF-8; save it as UTF-8",
    ),
    "a bare time": (
        b"[x]\nstart = 08:30\n",
        "line 2: is not TOML: expected newline or end of document after a statement; put a time in "
        'quotes: "08:30"',
    ),
    "bare text": (
        b"a = yes # sure\n",
        'line 1: is not TOML: invalid value; put text in quotes: "yes"',
    ),
    "a decimal comma": (
        b"a = 0,5\n",
        "line 1: is not TOML: expected newline or end of document after a statement; write a "
        "decimal point: 0.5",
    ),
    "a key given twice": (b"\na = 1\na = 2\nb = 3\n", f"line 3: {TWICE}"),
    "a key given twice at the end": (b"a = 1\na = 2", f"line 2: {TWICE}"),
    "a table given twice": (
        b"[m]\na = 1\n[m]\nb = 1\n",
        "line 3: a table is given twice; keep one",
    ),
    "no value": (
        b"a = 1\nb\n",
        "line 2: is not TOML: expected '=' after a key in a key/value pair",
    ),
    "deep lists": (b"a = " + b"[" * 5000, DEEP),
    "deep tables": (b"a = " + b"{a = " * 5000, DEEP),
    "a long dotted key": (b".".join([b"a"] * 60) + b" = 1", DEEP),
    "an endless key": (
        b" . ".join([b'"a"'] * 50_000) + b" = 1",
        "has a key of more than 1000 parts; shorten it",
    ),
    "too many digits": (b"a = " + b"9" * 5000, "a number has too many digits"),
}


def complaint(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert len(caught.value.complaints) == 1
    return str(caught.value)


@pytest.mark.parametrize(("content", "sentence"), WRONG.values(), ids=WRONG)
def test_file_that_is_no_scenario(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    assert complaint(file) == f"{file}: {sentence}"


def test_mark_of_utf8_is_accepted(tmp_path: Path, good_text: str) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbf" + good_text.replace("\n", "\r\n").encode())
    assert load_scenario(file).scenario.name == "centre"


def test_missing_file_names_the_nearest(good_file: Path) -> None:
    near = good_file.with_name("centr.toml")
    assert complaint(near) == f"{near}: no such file; did you mean 'centre.toml'?"
    far = good_file.with_name("zzz")
    assert complaint(far) == f"{far}: no such file; .toml files there: centre.toml"
    folder = good_file.parent / "none"
    found = complaint(folder / "a.toml")
    assert found == f"{folder / 'a.toml'}: no such file; there is no folder '{folder}' either"
    below = good_file / "a.toml"
    assert complaint(below) == f"{below}: no such file; there is none"


def test_folder_names_its_files(good_file: Path) -> None:
    folder = good_file.parent
    assert complaint(folder) == f"{folder}: is a folder; its .toml files: centre.toml"


def test_device_is_not_read() -> None:
    assert complaint(Path("/dev/zero")) == "/dev/zero: is not a file; name a .toml file"


def test_impossible_name_is_refused() -> None:
    assert complaint(Path("a\0b.toml")) == "a?b.toml: cannot be the name of a file"
    assert complaint(Path("a" * 5000)).endswith("…: cannot be read: file name too long")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_refused(good_file: Path) -> None:
    good_file.chmod(0)
    assert complaint(good_file) == f"{good_file}: cannot be read: permission denied"


def test_gigabyte_of_zeros_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    with file.open("wb") as sparse:
        sparse.truncate(10**9)
    tracemalloc.start()
    try:
        assert complaint(file) == f"{file}: has 1000.0 MB; a scenario has at most 5 MB"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000  # none of it was read
    finally:
        tracemalloc.stop()
