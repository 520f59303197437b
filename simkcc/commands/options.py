"""What commands share: options, languages, files of secrets, and where results are written."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from simkcc.errors import SettingError


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Engine(StrEnum):
    """Which engine plays."""

    KERNEL = "kernel"
    REFERENCE = "reference"


class LogForm(StrEnum):
    """How a running server logs."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class Lang(StrEnum):
    """Language of the sentences."""

    EN = "en"
    NL = "nl"


Address = Annotated[str, typer.Argument(help="FILE.toml, or FILE.toml:VARIANT[,VARIANT…]")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="Set a value, as menu.length=13; may be repeated")
]
Replications = Annotated[
    int | None, typer.Option("--replications", "-r", min=1, help="Independent runs")
]
Seed = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Seed of all chance")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, help="Threads")]
Output = Annotated[Format, typer.Option("--format", "-f", help="How results are printed")]
Which = Annotated[Engine, typer.Option("--engine", help="Which engine plays")]
Weeks = Annotated[int | None, typer.Option("--weeks", min=1, help="Weeks to simulate")]
Tongue = Annotated[Lang, typer.Option("--lang", help="Language of the sentences")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for JSON and Parquet")]
Precision = Annotated[
    str | None,
    typer.Option(
        "--precision",
        help="Make replications until figures are so sure: METRIC=HALF-WIDTH[,…], as sl2=1%,asa=2",
    ),
]
AtMost = Annotated[
    int, typer.Option("--at-most", min=2, help="Replications at which --precision gives up")
]
Minutes = Annotated[
    float, typer.Option("--minutes", min=0.01, help="Minutes after which --precision gives up")
]
Expect = Annotated[
    bool, typer.Option("--expectations", help="Exit 1 if a stated figure is not met")
]


def with_weeks(settings: list[str] | None, weeks: int | None) -> list[str]:
    """Return the settings, with a horizon of so many weeks if one is asked for."""
    extra = [] if weeks is None else [f"horizon.weeks={weeks}", "horizon.days=absent"]
    return [*(settings or []), *extra]


def write_document(out: Path | None, name: str, document: Any) -> None:
    """Write a document as JSON into the folder of `--out`, if one is given."""
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(json.dumps(document, indent=1, ensure_ascii=False))
    except OSError as error:
        raise SettingError(f"--out {out}: cannot write there ({error.strerror})") from None


def secret_in(path: Path, option: str) -> str:
    """Return what stands in the file of a key or token, without the space around it."""
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        why = error.strerror
    except UnicodeDecodeError:
        why = "it is not text"
    raise SettingError(f"{option} {path}: cannot be read ({why})")
