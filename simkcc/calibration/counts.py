"""Half-hourly counts of an exchange or a workforce tool, from CSV or Excel."""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from simkcc.calibration import cells
from simkcc.calibration.columns import COUNTS, Column, find_columns, missing
from simkcc.calibration.halfhours import Cells, HalfHours
from simkcc.calibration.tables import DataError, Table

LEAST_HANDLING = 20.0
"""A mean handling below so many seconds is not believed: the column holds minutes."""

MOST_HANDLING = 3600.0
"""A mean handling above so many seconds is not believed: the column holds totals."""

LOOSE = 0.02
"""Answered and abandoned may miss offered by this share: calls cross the edge of an interval."""


def read_counts(table: Table, own: Mapping[str, tuple[str, float | None]]) -> HalfHours:
    """Return the counts of a table; raises DataError with one sentence about what is wrong.

    own: the user's map of columns.
    """
    columns = find_columns(table, COUNTS, own)
    for field in ("date", "offered"):
        if field not in columns:
            raise missing(table, field, "counts per half hour")
    moments = _moments(table, columns)
    _refuse_twice(table, columns, moments)
    minutes = _minutes(table, moments)
    known: dict[str, np.ndarray] = {
        field: _numbers(table, columns, field)
        for field in ("offered", "answered", "abandoned", "within")
        if field in columns
    }
    _complete(known)
    _judge(table, columns, known)
    known |= _times(table, columns, known)
    queue = columns.get("queue")
    sums: dict[tuple[int, int, str], dict[str, float]] = {}
    for index, (row, moment) in enumerate(zip(table.rows, moments, strict=True)):
        interval = (moment.hour * 60 + moment.minute) // minutes
        name = str(row[queue.index]).strip() if queue is not None else ""
        cell = sums.setdefault((moment.toordinal(), interval, name), {})
        for field, column in known.items():
            cell[field] = cell.get(field, 0.0) + float(column[index])
    return Cells(minutes, sums).arrays(tuple(known))


def _moments(table: Table, columns: Mapping[str, Column]) -> list[datetime.datetime]:
    found = []
    date, time = columns["date"].index, columns.get("time")
    for number, row in enumerate(table.rows):
        moment = cells.moment(row[date])
        if moment is None:
            wanted = "write a date like 2024-01-31 or 31/01/2024"
            if cells.is_month_first(row[date]):
                wanted = f"the month stands first; {wanted}"
            raise table.error(number, date, row[date], wanted)
        if time is not None:
            clock = cells.clock(row[time.index])
            if clock is None:
                raise table.error(number, time.index, row[time.index], "write a time like 08:30")
            moment = moment.replace(hour=0, minute=0, second=0) + datetime.timedelta(seconds=clock)
        found.append(moment)
    if time is None and all(moment.hour == moment.minute == 0 for moment in found):
        raise missing(table, "time", "the start of each half hour")
    return found


def _refuse_twice(
    table: Table, columns: Mapping[str, Column], moments: list[datetime.datetime]
) -> None:
    queue = columns.get("queue")
    seen: dict[tuple[datetime.datetime, str], int] = {}
    for number, (row, moment) in enumerate(zip(table.rows, moments, strict=True)):
        key = (moment, str(row[queue.index]).strip() if queue is not None else "")
        if key in seen:
            raise DataError(
                f"{table.path}: rows {table.numbers[seen[key]]} and {table.numbers[number]} are "
                f"both for {moment:%Y-%m-%d %H:%M}{f', {key[1]}' if key[1] else ''}; leave one out, "
                "or name the column that tells them apart: --columns queue=HEADING"
            )
        seen[key] = number


def _minutes(table: Table, moments: list[datetime.datetime]) -> int:
    """Return the length of the intervals to count in: 30, or 60 if the rows are hours."""
    times = sorted({moment.hour * 60 + moment.minute for moment in moments})
    steps = np.gcd.reduce(np.array([*times, 60]))
    if steps not in (15, 30, 60):
        raise DataError(
            f"{table.path}: rows start at steps of {steps} minutes; give counts per half hour "
            "(or per quarter or hour)"
        )
    return 60 if steps == 60 else 30


def _numbers(table: Table, columns: Mapping[str, Column], field: str) -> np.ndarray:
    """Return a column of counts; an empty cell is zero."""
    found = np.zeros(len(table.rows))
    place = columns[field].index
    for number, row in enumerate(table.rows):
        cell = row[place]
        if cell is None or str(cell).strip() in ("", "-"):
            continue
        value = cells.number(cell, table.decimal_comma)
        if value is None or value < 0 or value != round(value):
            raise table.error(number, place, cell, f"{field} is a whole number of at least 0")
        found[number] = value
    return found


def _complete(known: dict[str, np.ndarray]) -> None:
    """Fill in answered or abandoned from the other."""
    if "answered" in known and "abandoned" not in known:
        known["abandoned"] = np.maximum(known["offered"] - known["answered"], 0)
    elif "abandoned" in known and "answered" not in known:
        known["answered"] = np.maximum(known["offered"] - known["abandoned"], 0)


def _judge(table: Table, columns: Mapping[str, Column], known: Mapping[str, np.ndarray]) -> None:
    """Refuse counts that cannot be, and ask about those that hardly can."""
    for field in ("answered", "abandoned"):
        if field in known:
            _refuse_above(table, columns, known, field, "offered")
    if "answered" in known:
        _judge_balance(table, columns, known)
    if "within" in known:
        _refuse_above(
            table, columns, known, "within", "answered" if "answered" in known else "offered"
        )


def _judge_balance(
    table: Table, columns: Mapping[str, Column], known: Mapping[str, np.ndarray]
) -> None:
    """Refuse columns that do not add up, and ask whether more hang up than are answered."""
    offered, answered, abandoned = (known[k].sum() for k in ("offered", "answered", "abandoned"))
    gap = offered - answered - abandoned
    if abs(gap) > max(LOOSE * offered, 5):
        raise DataError(
            f"{table.path}: offered {offered:,.0f} is not answered {answered:,.0f} + abandoned "
            f"{abandoned:,.0f}: {abs(gap):,.0f} calls ({abs(gap) / max(offered, 1):.0%}) are "
            f"{'missing' if gap > 0 else 'too many'}; choose the columns with --columns, or take "
            "out the column of abandoned, which then is offered less answered"
        )
    by_user = all(columns[k].by_user for k in ("answered", "abandoned") if k in columns)
    if abandoned > answered and not by_user:
        raise DataError(
            f"{table.path}: abandoned {abandoned:,.0f} lies above answered {answered:,.0f}; are the "
            "columns swapped? If it is true, say so: --columns answered=HEADING,abandoned=HEADING"
        )


def _refuse_above(
    table: Table, columns: Mapping[str, Column], known: Mapping[str, np.ndarray],
    field: str, roof: str,
) -> None:  # fmt: skip
    """Refuse a count above the one it is part of: a few calls may cross the edge of an interval."""
    over = known[field] > known[roof] + np.maximum(3, 0.1 * known[roof])
    if over.mean() <= 0.01 and known[field].sum() <= known[roof].sum() * (1 + LOOSE):
        return
    row = int(np.argmax(over if over.any() else known[field] > known[roof]))
    place = columns[field].index if field in columns else columns[roof].index
    raise table.error(
        row, place, f"{known[field][row]:.0f}",
        f"{field} cannot lie above {roof} ({known[roof][row]:.0f}), as it does in "
        f"{int((known[field] > known[roof]).sum())} of {len(table.rows)} rows; are the columns "
        f"swapped? Say which is which: --columns {roof}=HEADING,{field}=HEADING",
    )  # fmt: skip


def _times(
    table: Table, columns: Mapping[str, Column], known: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return totals of handling and waiting, and who was answered in time from a service level."""
    found: dict[str, np.ndarray] = {}
    answered = known.get("answered", known["offered"])
    if "handling" in columns:
        each = _durations(table, columns, "handling")
        measured = (each > 0) & (answered > 0)
        _judge_handling(table, columns["handling"], each, np.where(measured, answered, 0.0))
        found["handle_seconds"] = np.where(measured, each * answered, 0.0)
        found["handled"] = np.where(measured, answered, 0.0)
    if "asa" in columns:
        found["wait_seconds"] = _durations(table, columns, "asa") * answered
    if "service_level" in columns and "within" not in known:
        found["within"] = np.round(_shares(table, columns["service_level"]) * known["offered"])
    return found


def _durations(table: Table, columns: Mapping[str, Column], field: str) -> np.ndarray:
    column = columns[field]
    found = np.zeros(len(table.rows))
    for number, row in enumerate(table.rows):
        cell = row[column.index]
        if cell is None or str(cell).strip() in ("", "-"):
            continue
        value = cells.duration(cell, table.decimal_comma, column.unit or 1.0)
        if value is None or value < 0:
            raise table.error(number, column.index, cell, f"{field} is in seconds, or mm:ss")
        found[number] = value
    return found


def _judge_handling(table: Table, column: Column, each: np.ndarray, weight: np.ndarray) -> None:
    """Ask about a mean handling that is in minutes, or a total."""
    if not weight.sum():
        return
    mean = float((each * weight).sum() / weight.sum())
    heading = table.headers[column.index]
    if mean < LEAST_HANDLING and column.unit is None:
        raise DataError(
            f"{table.path}: column '{heading}': the mean handling is {mean:.3g}, too short for "
            f"seconds; if it is minutes, say so: --columns handling={heading}:min"
        )
    if mean > MOST_HANDLING:
        raise DataError(
            f"{table.path}: column '{heading}': the mean handling is {mean:,.0f} s, more than an "
            "hour; give the mean per call in seconds, not the total of the half hour"
        )


def _shares(table: Table, column: Column) -> np.ndarray:
    found: Any = np.zeros(len(table.rows))
    in_percent = False
    for number, row in enumerate(table.rows):
        cell = row[column.index]
        if cell is None or str(cell).strip() in ("", "-"):
            continue
        value = cells.number(cell, table.decimal_comma)
        if value is None or not 0 <= value <= 100:
            raise table.error(
                number, column.index, cell, "a service level is a share or a percentage"
            )
        in_percent |= value > 1
        found[number] = value
    return found / 100 if in_percent else found
