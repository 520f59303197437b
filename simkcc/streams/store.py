"""The event store: what happened is written down before anybody sees it.

SQLite by default, PostgreSQL by its URL. An event is kept once per source, however often it comes.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from simkcc.errors import SettingError
from simkcc.model.cloudevents import Envelope, EventOrigin, to_json
from simkcc.model.contact_log import DAY
from simkcc.model.directory import Directory
from simkcc.model.events import TYPES, Event
from simkcc.streams.names import CALL, MESSAGE, Name
from simkcc.streams.tables import COLUMNS, EVENTS, HEARD, METADATA, NAMES, SOURCES

BATCH = 5_000
"""Rows read at a time."""

MANY = 2_000
"""Rows of one statement, where there are so many: the database works on them without this
interpreter. SQLite takes 32,766 values."""

POSTGRES = "postgresql://"

CACHE = 65_536
"""KiB of a SQLite file kept in memory."""

KINDS = ("queues", "topics", "groups", "agents")

HEARD_DAYS = 2
"""Days for which it is kept by which names calls and messages went."""

PACKED = struct.Struct("<HqqqqqqqqqqQ")


class Store:
    """One source's part of an event store."""

    def __init__(self, url: str, source: str, origin: EventOrigin, directory: Directory,
                 simrun: str = "") -> None:  # fmt: skip
        """url: a file for SQLite, or a database URL. directory: filled with the names known."""
        self._engine = _engine(url, "NORMAL" if origin == "import" else "FULL")
        self._url, self._source, self._origin, self._simrun = url, source, origin, simrun
        self._directory = directory
        self._written: dict[str, int] = dict.fromkeys(KINDS, 0)
        columns = ("of", "id", "at", "type", *COLUMNS, "key")
        mark = "?" if self._engine.dialect.name == "sqlite" else "%s"
        named = ", ".join(f'"{column}"' for column in columns)
        row = f"({', '.join([mark] * len(columns))})"
        self._keep, self._keep_many = (
            f"INSERT INTO events ({named}) VALUES {', '.join([row] * rows)} ON CONFLICT DO NOTHING"
            for rows in (1, MANY)
        )
        self._hear = _hearing(mark)
        try:
            METADATA.create_all(self._engine)
            self._of = self._open()
        except sa.exc.SQLAlchemyError as error:
            self.close()
            raise _told(url, error) from None
        except SettingError:
            self.close()
            raise

    def append(self, events: Sequence[Event], names: Sequence[Name] = ()) -> None:
        """Keep events, each once; they are on disk when this returns (of an import: soon after).

        names: what was heard with them.
        """
        rows = [_row(self._of, event) for event in events]
        rest = len(rows) - len(rows) % MANY
        try:
            with self._engine.begin() as connection:
                self._write_names(connection)
                for start in range(0, rest, MANY):
                    values = tuple(chain.from_iterable(rows[start : start + MANY]))
                    connection.exec_driver_sql(self._keep_many, values)
                if rows[rest:]:
                    connection.exec_driver_sql(self._keep, rows[rest:])
                if names:
                    connection.exec_driver_sql(self._hear, [(self._of, *name) for name in names])
        except sa.exc.SQLAlchemyError as error:
            raise _told(self._url, error) from None

    def read(self, since: int = 0) -> Iterator[list[Event]]:
        """Yield what is kept from `since` on, in the order in which it was appended."""
        columns = [EVENTS.c[name] for name in ("at", "type", *COLUMNS, "key")]
        last = 0
        while True:
            chosen = (
                sa.select(EVENTS.c.number, *columns)
                .where(EVENTS.c.of == self._of, EVENTS.c.at >= since, EVENTS.c.number > last)
                .order_by(EVENTS.c.number).limit(BATCH)
            )  # fmt: skip
            with self._engine.connect() as connection:
                rows = connection.execute(chosen).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [_event(row[1:]) for row in rows]

    def heard(self, since: int) -> list[Name]:
        """Return the names of all agents, and of the calls and messages heard from `since` on."""
        chosen = sa.select(*(HEARD.c[name] for name in Name._fields)).where(
            HEARD.c.of == self._of,
            sa.or_(HEARD.c.kind.not_in((CALL, MESSAGE)), HEARD.c.at >= since),
        )
        with self._engine.connect() as connection:
            return [Name(*row) for row in connection.execute(chosen.order_by(HEARD.c.at))]

    @property
    def last(self) -> int:
        """Return when the last event kept happened; 0 if none is kept."""
        latest = sa.select(sa.func.max(EVENTS.c.at)).where(EVENTS.c.of == self._of)
        with self._engine.connect() as connection:
            return int(connection.execute(latest).scalar() or 0)

    @property
    def next_contact(self) -> int:
        """Return a number behind those of all contacts kept."""
        latest = sa.select(sa.func.max(EVENTS.c.contact)).where(EVENTS.c.of == self._of)
        with self._engine.connect() as connection:
            found = connection.execute(latest).scalar()
        return 0 if found is None else int(found) + 1

    @property
    def kept(self) -> int:
        """Return how many events are kept."""
        counted = sa.select(sa.func.count()).where(EVENTS.c.of == self._of)
        with self._engine.connect() as connection:
            return int(connection.execute(counted).scalar() or 0)

    def forget(self, now: int, days: int) -> None:
        """Drop what happened more than so many days before the day of `now`."""
        before = (now // DAY - days) * DAY
        with self._engine.begin() as connection:
            connection.execute(
                sa.delete(EVENTS).where(EVENTS.c.of == self._of, EVENTS.c.at < before)
            )
            connection.execute(
                sa.delete(HEARD).where(
                    HEARD.c.of == self._of, HEARD.c.kind.in_((CALL, MESSAGE)),
                    HEARD.c.at < now - HEARD_DAYS * DAY,
                )
            )  # fmt: skip

    def export(self, path: Path) -> int:
        """Write what is kept as JSON lines of CloudEvents, or as Parquet by the file's name.

        Returns the number of events.
        """
        try:
            if path.suffix == ".parquet":
                return self._export_parquet(path)
            return self._export_lines(path)
        except OSError as error:
            raise SettingError(f"{path}: cannot write there ({error.strerror})") from None

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _export_lines(self, path: Path) -> int:
        envelope = Envelope(
            self._source, self._origin, self._directory.first_date, self._directory.zone,
            self._simrun or None, self._directory.queues, self._directory.topics,
            self._directory.groups,
        )  # fmt: skip
        number = 0
        with path.open("w", encoding="utf-8") as file:
            for events in self.read():
                number += len(events)
                file.writelines(
                    json.dumps(to_json(event, envelope), separators=(",", ":")) + "\n"
                    for event in events
                )
        return number

    def _export_parquet(self, path: Path) -> int:
        import polars as pl

        events = [event for batch in self.read() for event in batch]
        columns: dict[str, list[Any]] = {
            name: [getattr(event, name) for event in events] for name in ("at", "type", *COLUMNS)
        }
        schema = {"at": pl.Int64, "type": pl.String} | dict.fromkeys(COLUMNS, pl.Int64)
        keys = pl.Series("key", [event.key for event in events], dtype=pl.UInt64)
        pl.DataFrame(columns, schema=schema).with_columns(keys).write_parquet(path)
        return len(events)

    def _open(self) -> int:
        """Return the number of this source; fill the directory with the names it has here."""
        directory = self._directory
        described = {"first_date": directory.first_date.isoformat(), "zone": str(directory.zone)}
        mine = sa.and_(SOURCES.c.source == self._source, SOURCES.c.simrun == self._simrun)
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(SOURCES).where(mine)).mappings().first()
            if row is None:
                added = connection.execute(
                    sa.insert(SOURCES).values(
                        source=self._source, simrun=self._simrun, origin=self._origin, **described
                    )
                )
                return int((added.inserted_primary_key or (0,))[0])
            if self._origin == "sim" and row["first_date"] != described["first_date"]:
                raise SettingError(
                    f"{self._url}: {self._source} {self._simrun} is kept there from "
                    f"{row['first_date']} on, not {described['first_date']}; give another --store"
                )
            directory.first_date = date.fromisoformat(row["first_date"])
            directory.zone = ZoneInfo(row["zone"])
            self._read_names(connection, int(row["number"]))
            return int(row["number"])

    def _read_names(self, connection: sa.Connection, of: int) -> None:
        chosen = sa.select(NAMES).where(NAMES.c.of == of).order_by(NAMES.c.number)
        known: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for row in connection.execute(chosen).mappings():
            known[row["kind"]].append(row["name"])
        for kind, names in known.items():
            listed = getattr(self._directory, kind)
            listed[:] = [*names, *(name for name in listed if name not in names)]
            self._written[kind] = len(names)

    def _write_names(self, connection: sa.Connection) -> None:
        names = {kind: list(getattr(self._directory, kind)) for kind in KINDS}  # they may grow
        rows = [
            {"of": self._of, "kind": kind, "number": number, "name": name}
            for kind in KINDS
            for number, name in enumerate(names[kind])
            if number >= self._written[kind]
        ]
        if rows:
            connection.execute(sa.insert(NAMES), rows)
            self._written = {kind: len(names[kind]) for kind in KINDS}


class KeptEvents:
    """A store that is filled from what can be read again from its beginning."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.kept = store.kept
        """Events that were there already."""
        self.passed = 0
        """Events that went by, written or there already."""

    def append(self, events: Sequence[Event]) -> None:
        """Keep events behind what is there."""
        if events:
            self._store.append(events)

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()


def sources_of(url: str) -> list[tuple[str, EventOrigin, str]]:
    """Return which sources a store keeps events of, the oldest first: source, origin and run."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("sources"):
                raise SettingError(f"{_shown(url)}: a database, but not an event store")
            rows = connection.execute(sa.select(SOURCES).order_by(SOURCES.c.number)).mappings()
            return [(row["source"], row["origin"], row["simrun"]) for row in rows]
    except sa.exc.SQLAlchemyError as error:
        raise _told(url, error) from None
    finally:
        engine.dispose()


def _engine(url: str, synchronous: str = "FULL") -> sa.Engine:
    address = url if "://" in url else f"sqlite:///{url}"
    if address.startswith(POSTGRES):
        address = address.replace(POSTGRES, "postgresql+psycopg://", 1)
    try:
        engine = sa.create_engine(address, pool_pre_ping=address.startswith("postgresql"))
    except ImportError as error:
        if error.name != "psycopg":
            raise _told(url, error) from None
        raise SettingError(
            f"{_shown(url)}: PostgreSQL needs psycopg; pip install 'simkcc[postgres]'"
        ) from None
    except sa.exc.ArgumentError as error:
        raise _told(url, error) from None
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise SettingError(f"{url}: an event store is a file, sqlite:///… or postgresql://…")
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", partial(_prepare_sqlite, synchronous))
    return engine


def _prepare_sqlite(synchronous: str, connection: Any, _: object) -> None:
    """Write ahead; readers never wait. A commit holds a batch.

    FULL: to the disk at each commit, so that what was committed survives a power cut too. NORMAL: a
    power cut may take the latest batches, all of them whole; for what can be read again.
    """
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute(f"PRAGMA cache_size={-CACHE}")


def _told(url: str, error: Exception) -> SettingError:
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    return SettingError(
        f"{_shown(url)}: {cause}; give a file that can be written, or a database's URL"
    )


def _shown(url: str) -> str:
    """Return an address without its secret."""
    return sa.engine.make_url(url).render_as_string() if "://" in url else url


TYPE_OF = {pair: (number, name) for number, (name, pair) in enumerate(TYPES.items())}


def _hearing(mark: str) -> str:
    """Return the statement that keeps a name; the latest number it stood for counts."""
    columns = ("of", *Name._fields)
    named = ", ".join(f'"{column}"' for column in columns)
    latest = ", ".join(f'"{column}" = excluded."{column}"' for column in columns[3:])
    return (
        f"INSERT INTO heard ({named}) VALUES ({', '.join([mark] * len(columns))}) "
        f'ON CONFLICT ("of", "kind", "digest") DO UPDATE SET {latest}'
    )


def _row(of: int, event: Event) -> tuple[object, ...]:
    """Return the columns of an event.

    Its identity is when it happened and a digest of all it says: so what follows in time stands
    behind in the index too, and is not written all over the file.
    """
    at, numbers, key = event.at, event[3:12], event.key
    number, name = TYPE_OF[event.family, event.what]
    said = blake2b(PACKED.pack(number, at, *numbers, key), digest_size=8).digest()
    signed = key - 2**64 if key >= 2**63 else key
    return (of, at.to_bytes(8, "big", signed=True) + said, at, name, *numbers, signed)


def _event(row: Sequence[Any]) -> Event:
    at, name, *numbers, key = row
    family, what = TYPES[name]
    told = dict(zip(COLUMNS, numbers, strict=True))
    return Event(at, family, what, **told, key=key % 2**64)
