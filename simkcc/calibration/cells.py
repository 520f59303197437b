"""Cells of an export as numbers, moments and durations; each returns None for what is none."""

import datetime
import re
from typing import Any
from zoneinfo import ZoneInfo

EPOCH = datetime.datetime(1970, 1, 1)

LOCAL = ZoneInfo("Europe/Brussels")
"""Where moments that say their offset from UTC are read; the clock of Amsterdam is the same."""

_DATE = r"(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|(?P<d2>\d{1,2})[-/.](?P<m2>\d{1,2})[-/.](?P<y2>\d{4}|\d{2}))"
_TIME = r"(?P<h>\d{1,2})[:uh.](?P<min>\d{2})(?:[:.](?P<s>\d{2}(?:[.,]\d{1,9})?))?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
_OFFSET = r"(?P<offset>Z|[+-]\d\d:?\d\d)"
_MOMENT = re.compile(rf"{_DATE}(?:[T ]+{_TIME}(?:\s*{_OFFSET})?)?(?:\s*-.*)?")
_CLOCK = re.compile(rf"{_TIME}(?:\s*(?:-|\u2013|tot|\u00e0).*)?")
_SPAN = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:[.,]\d+)?)")


def number(cell: Any, decimal_comma: bool) -> float | None:
    """Return a number; a percentage as a share; None if it is none.

    decimal_comma: the comma is the decimal sign and the point groups thousands; else the reverse.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = re.sub(r"[\s\u00a0\u202f']", "", str(cell))
    share = text.endswith("%")
    text = text.removesuffix("%")
    group, sign = (".", ",") if decimal_comma else (",", ".")
    if re.fullmatch(rf"-?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(sign)}\d+)?", text):
        text = text.replace(group, "")
    text = text.replace(sign, ".") if decimal_comma else text
    if not re.fullmatch(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", text):
        return None
    return float(text) / (100 if share else 1)


def moment(cell: Any) -> datetime.datetime | None:
    """Return a local date and time: ISO, dd/mm/yyyy or dd-mm-yyyy; midnight if no time is given.

    A moment with an offset (`Z`, `+00:00`) is turned into local time.
    """
    if isinstance(cell, datetime.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, datetime.date):
        return datetime.datetime(cell.year, cell.month, cell.day)
    match = _MOMENT.fullmatch(str(cell).strip())
    if match is None:
        return None
    year = int(match["y"] or match["y2"])
    seconds = 0.0 if match["h"] is None else _time_of(match)
    if seconds is None:
        return None
    try:
        day = datetime.datetime(
            year + 2000 if year < 100 else year,
            int(match["m"] or match["m2"]), int(match["d"] or match["d2"]),
        )  # fmt: skip
    except ValueError:
        return None
    return _local(day + datetime.timedelta(seconds=seconds), match["offset"])


def _time_of(match: re.Match[str]) -> float | None:
    """Return the seconds since midnight of a matched time; None if there is no such time."""
    hours, minutes = int(match["h"]), int(match["min"])
    seconds = float((match["s"] or "0").replace(",", "."))
    if match["half"] is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match["half"] in "Pp" else 0)
    if hours > 24 or minutes > 59 or seconds >= 60:
        return None
    return hours * 3600 + minutes * 60 + seconds


def _local(stated: datetime.datetime, offset: str | None) -> datetime.datetime:
    """Return the local time of a moment that says how far it is from UTC, if it does."""
    if offset is None:
        return stated
    sign, digits = offset[0], offset[1:].replace(":", "")
    away = 0 if sign == "Z" else int(digits[:2]) * 60 + int(digits[2:])
    utc = stated - datetime.timedelta(minutes=-away if sign == "-" else away)
    return utc.replace(tzinfo=datetime.UTC).astimezone(LOCAL).replace(tzinfo=None)


def is_month_first(cell: Any) -> bool:
    """Return whether a date can only be month/day/year, which these exports do not use."""
    match = re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}", str(cell).strip())
    return match is not None and int(match[1]) <= 12 < int(match[2]) <= 31


def clock(cell: Any) -> int | None:
    """Return the seconds since midnight of a time of day; of a span `08:00-08:30`, its start."""
    if isinstance(cell, datetime.datetime | datetime.time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, datetime.timedelta):
        return round(cell.total_seconds())
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return round(cell * 86_400) if 0 <= cell < 1 else None  # Excel keeps times as days
    match = _CLOCK.fullmatch(str(cell).strip())
    seconds = None if match is None else _time_of(match)
    return None if seconds is None else int(seconds)


def duration(cell: Any, decimal_comma: bool, seconds_per_unit: float = 1.0) -> float | None:
    """Return seconds: a number of units, or mm:ss, or h:mm:ss; None if it is none."""
    if isinstance(cell, datetime.time | datetime.datetime):
        return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond * 1e-6
    if isinstance(cell, datetime.timedelta):
        return cell.total_seconds()
    match = _SPAN.fullmatch(str(cell).strip())
    if match is not None:
        return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3].replace(",", "."))
    found = number(cell, decimal_comma)
    return None if found is None else found * seconds_per_unit
