"""The contact log as Parquet files, with names beside the numbers. The border where polars stands."""

from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from simkcc.engine.plan import Plan
from simkcc.errors import SettingError
from simkcc.model.contact_log import ContactKind, ContactLog, How, LegKind, Origin, Outcome

FIRST_DATE = "simkcc.first_date"
"""Key in the metadata of every file: the date of microsecond 0."""


def write_log(log: ContactLog, plan: Plan, folder: Path) -> None:
    """Write contacts.parquet, legs.parquet and sessions.parquet; times in microseconds."""
    import polars as pl

    first = date.fromordinal(int(plan.settings[0]["first_date"]))
    metadata = {FIRST_DATE: first.isoformat()}
    tables = {"contacts": log.contacts, "legs": log.legs, "sessions": log.sessions}
    words: dict[str, dict[str, type[IntEnum]]] = {
        "kind": {"contacts": ContactKind, "legs": LegKind},
        "origin": {"contacts": Origin},
        "outcome": {"contacts": Outcome},
        "how": {"legs": How},
    }
    for name, table in tables.items():
        columns: dict[str, np.ndarray] = {field: table[field] for field in table.dtype.names or ()}
        for field, enums in words.items():
            if name in enums and field in columns:
                named = np.array([member.name.lower() for member in enums[name]])
                columns[field] = named[table[field]]
        if name == "contacts":
            columns["topic"] = np.array(plan.topics)[table["topic"]]
        if name == "sessions":
            columns["group"] = np.array(plan.group_names)[table["group"]]
        if name == "legs":
            columns["queue"] = np.array([*plan.queue_names, ""])[table["place"]]
        try:
            pl.DataFrame(columns).write_parquet(folder / f"{name}.parquet", metadata=metadata)
        except OSError as error:
            raise SettingError(f"--out {folder}: cannot write there ({error.strerror})") from None


def write_rows(rows: list[dict[str, Any]], path: Path) -> None:
    """Write rows with the same keys as a Parquet file."""
    import polars as pl

    try:
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    except OSError as error:
        raise SettingError(f"--out {path}: cannot write there ({error.strerror})") from None
