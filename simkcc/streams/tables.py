"""Tables of an event store."""

import sqlalchemy as sa

from simkcc.model.events import Event

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

METADATA = sa.MetaData()

SOURCES = sa.Table(
    "sources", METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("simrun", sa.Text, nullable=False),
    sa.Column("first_date", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.UniqueConstraint("source", "simrun"),
)  # fmt: skip

NAMES = sa.Table(
    "names", METADATA,
    sa.Column("of", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)  # fmt: skip

COLUMNS = Event._fields[3:12]
"""Whole numbers of an event, from `contact` to `due`."""

EVENTS = sa.Table(
    "events", METADATA,
    sa.Column("number", BIG, primary_key=True, autoincrement=True),
    sa.Column("of", sa.Integer, nullable=False),
    sa.Column("id", sa.LargeBinary(16), nullable=False),
    sa.Column("at", BIG, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    *(sa.Column(name, BIG, nullable=False) for name in COLUMNS),
    sa.Column("key", BIG, nullable=False),
    sa.UniqueConstraint("of", "id"),
)  # fmt: skip

HEARD = sa.Table(
    "heard", METADATA,
    sa.Column("of", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Integer, primary_key=True),
    sa.Column("digest", sa.LargeBinary(16), primary_key=True),
    sa.Column("number", BIG, nullable=False),
    sa.Column("first", sa.Integer, nullable=False),
    sa.Column("at", BIG, nullable=False),
)  # fmt: skip
"""Digests of the names of calls, agents and messages, for whoever goes on after a restart."""
