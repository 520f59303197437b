"""Exports of exchanges as rows of cells: CSV in any of the usual dialects, and Excel.

Encodings: UTF-8 (with or without BOM), UTF-16, Windows-1252. Separators: semicolon, comma, tab, bar.
"""

import csv
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simkcc.errors import SimkccError

EXCEL = (".xlsx", ".xlsm")
SEPARATORS = ";,\t|"
TITLES = 12
"""A heading stands within so many first rows; titles may stand above it."""


class DataError(SimkccError):
    """A file of figures cannot be read, or says something that cannot be."""


@dataclass(frozen=True)
class Table:
    """A table as it stands in a file, cells as text or as Excel gives them."""

    path: Path
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: tuple[int, ...]
    """Row of each row in the file, from 1."""
    decimal_comma: bool
    """Whether numbers are written with a decimal comma."""

    def error(self, row: int, column: int, found: Any, wanted: str) -> DataError:
        """Return the error of a cell: row, column, what was found, what would do."""
        where = f"{self.path}: row {self.numbers[row]}, column '{self.headers[column]}'"
        text = str(found)
        return DataError(f"{where}: found '{text[:40]}'; {wanted}")


def read_table(path: Path) -> Table:
    """Return the table of a CSV or Excel file; raises DataError."""
    if not path.exists():
        raise DataError(f"{path}: no such file")
    if path.suffix.lower() == ".xls":
        raise DataError(f"{path}: is an old Excel file; save it as .xlsx or CSV")
    lines = _excel(path) if path.suffix.lower() in EXCEL else _csv(path)
    numbered = [(n, cells) for n, cells in enumerate(lines, 1) if any(_filled(c) for c in cells)]
    widest = max((_width(cells) for _, cells in numbered[:TITLES]), default=0)
    if widest < 2:
        raise DataError(f"{path}: no table was found; give a heading row and at least two columns")
    start = next(i for i, (_, cells) in enumerate(numbered) if 2 * _width(cells) > widest)
    headers = tuple(str(cell).strip() if _filled(cell) else "" for cell in numbered[start][1])
    body = numbered[start + 1 :]
    if not body:
        raise DataError(f"{path}: has a heading and no rows below it")
    rows = tuple((*cells, *([""] * (len(headers) - len(cells)))) for _, cells in body)
    return Table(path, headers, rows, tuple(n for n, _ in body), _decimal_comma(rows))


def _decimal_comma(rows: tuple[tuple[Any, ...], ...]) -> bool:
    """Return whether numbers are written with a decimal comma, or with points that group thousands.

    `1.234` alone could be either; it groups if every point in the file stands before three digits
    and none of the numbers starts with a zero.
    """
    texts = [cell.strip() for row in rows for cell in row if isinstance(cell, str)]
    if any(re.fullmatch(r"-?[\d.]*\d,\d+ ?%?", text) for text in texts):
        return True
    pointed = [text for text in texts if re.fullmatch(r"\d+(?:\.\d+)+", text)]
    return bool(pointed) and all(
        re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", text) for text in pointed
    )


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _width(cells: tuple[Any, ...]) -> int:
    return sum(map(_filled, cells))


def _csv(path: Path) -> Iterator[tuple[Any, ...]]:
    try:
        text = _decoded(path, path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {(error.strerror or '').lower()}") from None
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)\s*", first)  # Excel writes and reads such a first line
    separator = named[1] if named else _separator(text)
    lines = csv.reader(io.StringIO(rest if named else text), delimiter=separator)
    if named:
        yield ()
    try:
        for cells in lines:
            yield tuple(cells)
    except csv.Error as error:
        raise DataError(f"{path}: row {lines.line_num}: is not CSV: {error}") from None


def _decoded(path: Path, content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:4000]:
        raise DataError(
            f"{path}: is not text; give a CSV file, .xlsx, or a folder with a Parquet log"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """Return the separator that splits most of the first lines into the same number of cells."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]

    def score(separator: str) -> tuple[int, int]:
        widths = [len(next(csv.reader([line], delimiter=separator), [])) for line in lines]
        wide = [width for width in widths if width > 1]
        common = max(set(wide), key=wide.count) if wide else 1
        return wide.count(common), common

    return max(SEPARATORS, key=score)


def _excel(path: Path) -> Iterator[tuple[Any, ...]]:
    try:
        import openpyxl
    except ImportError:
        raise DataError(
            f"{path}: reading Excel needs the package openpyxl (pip install simkcc[excel]); or save it as CSV"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                yield from book.worksheets[0].iter_rows(values_only=True)
            finally:
                book.close()
    except (OSError, ValueError, KeyError, IndexError, EOFError) as error:
        raise DataError(f"{path}: is not an Excel workbook ({type(error).__name__})") from None
    except Exception as error:  # the reader's own errors share no ancestor
        if type(error).__module__.partition(".")[0] in ("zipfile", "openpyxl", "xml"):
            raise DataError(f"{path}: is not an Excel workbook ({type(error).__name__})") from None
        raise
