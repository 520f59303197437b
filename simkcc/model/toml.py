"""A TOML file as a table: what can be wrong with a file before a word of it is understood."""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from simkcc.errors import ScenarioError
from simkcc.model.complaints import hint, shown

MOST_BYTES = 5_000_000
"""Larger files are not read."""

DEEPEST = 30
"""Tables and lists nested deeper than this are no scenario."""

MOST_DOTS = 1000
"""A key of more parts would keep the parser busy for minutes."""


def exists(path: str) -> bool:
    """Return whether a path leads to a file; one that cannot be a path does not."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def read_table(path: Path) -> dict[str, Any]:
    """Return the table in a file; raises ScenarioError with one sentence."""
    text = _text(path, _bytes(path))
    _refuse_endless_keys(path, text)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        table = _too_deep(path)
    except ValueError as error:
        raise ScenarioError(f"{path}: {_syntax(str(error), text)}") from None
    if not table:
        raise ScenarioError(f"{path}: is empty; a scenario needs topics, queues and groups")
    if _depth(table) > DEEPEST:
        _too_deep(path)
    return table


def _bytes(path: Path) -> bytes:
    try:
        kind = path.stat()
        if stat.S_ISDIR(kind.st_mode):
            raise ScenarioError(f"{path}: is a folder{_files_in(path)}")
        if not stat.S_ISREG(kind.st_mode):
            raise ScenarioError(f"{path}: is not a file; name a .toml file")
        if kind.st_size > MOST_BYTES:
            size = f"{kind.st_size / 1e6:.1f} MB"
            raise ScenarioError(
                f"{path}: has {size}; a scenario has at most {MOST_BYTES // 10**6} MB"
            )
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise ScenarioError(_missing(path)) from None
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise ScenarioError(f"{shown(str(path), 200)}: cannot be read: {reason}") from None
    except ValueError:
        raise ScenarioError(f"{shown(str(path), 200)}: cannot be the name of a file") from None


def _missing(path: Path) -> str:
    if not exists(str(path.parent)):
        return f"{path}: no such file; there is no folder '{path.parent}' either"
    return f"{path}: no such file{_files_in(path.parent, path.name)}"


def _files_in(folder: Path, name: str = "") -> str:
    try:
        files = sorted(each.name for each in folder.glob("*.toml"))
    except OSError:
        files = []
    if not name and not files:
        return "; name a .toml file"
    return hint(name, files, "its .toml files" if not name else ".toml files there")


def _text(path: Path, content: bytes) -> str:
    head = content[:1000]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head.count(0) * 3 > len(head) > head.count(0):
        raise ScenarioError(f"{path}: looks like UTF-16; save it as UTF-8")
    if b"\0" in content:
        raise ScenarioError(f"{path}: is not text; a scenario is a TOML file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise ScenarioError(
            f"{path}: line {line}: {found} is not UTF-8; save it as UTF-8"
        ) from None


def _refuse_endless_keys(path: Path, text: str) -> None:
    squeezed = text.translate({ord(each): None for each in " \t\"'"})
    for run in re.findall(r"[\w.-]+", squeezed):
        if run.count(".") > MOST_DOTS and "=" in text and not run.startswith("."):
            raise ScenarioError(f"{path}: has a key of more than {MOST_DOTS} parts; shorten it")


def _too_deep(path: Path) -> dict[str, Any]:
    raise ScenarioError(f"{path}: tables or lists are nested too deeply; at most {DEEPEST} levels")


def _depth(table: dict[str, Any]) -> int:
    """Return how deep tables and lists are nested, without calling itself."""
    deepest = 0
    waiting: list[tuple[Any, int]] = [(table, 1)]
    while waiting and deepest <= DEEPEST:
        value, level = waiting.pop()
        deepest = max(deepest, level)
        inner = value.values() if isinstance(value, dict) else value
        waiting.extend((each, level + 1) for each in inner if isinstance(each, dict | list))
    return deepest


TWICE = {
    "cannot overwrite a value": "a key or table is given twice; keep one",
    "cannot declare": "a table is given twice; keep one",
    "cannot mutate immutable": "a table in braces is closed; write the key inside them",
    "cannot redefine": "a key or table is given twice; keep one",
}
"""The parser's words for duplicates, and ours."""


def _syntax(message: str, text: str) -> str:
    """Return a parser's message with its line first, and a hint where the slip is a common one."""
    place = re.search(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    if place is None:
        digits = "digits" in message
        return "a number has too many digits" if digits else f"is not TOML: {message[:200]}"
    number = int(place[1]) if place[1] else text.rstrip().count("\n") + 1
    reason = message[: place.start()]
    reason = reason[:1].lower() + reason[1:]
    for words, ours in TWICE.items():
        if reason.startswith(words):
            return f"line {number}: {ours}"
    lines = text.splitlines()
    line = lines[number - 1] if number <= len(lines) else ""
    return f"line {number}: is not TOML: {reason}{_slip(line)}"


def _slip(line: str) -> str:
    value = line.partition("=")[2].split("#")[0].strip()
    if re.fullmatch(r"\d{1,2}:\d{2}", value):
        return f'; put a time in quotes: "{value}"'
    if re.fullmatch(r"[A-Za-z][\w -]*", value) and value not in ("true", "false"):
        return f'; put text in quotes: "{value}"'
    if re.fullmatch(r"-?\d+,\d+", value):
        return f"; write a decimal point: {value.replace(',', '.')}"
    bare = re.search(r"(?<![\w.\"'])\.\d+", line)
    return f"; write a zero before the point: 0{bare[0]}" if bare else ""
