"""The registry's tables, for SQLite and PostgreSQL alike, and records to and from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    TypeDecorator,
    delete,
    insert,
    select,
    text,
    update,
)

from ehtoolkit import errors
from ehtoolkit.i18n import search_key
from ehtoolkit.providers.provider import NUMBERS, Assignment, Provider
from ehtoolkit.providers.rows import FIELDS, SqliteTime, to_provider


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC without a zone, which both databases know how to keep."""

    impl = DateTime().with_variant(SqliteTime(datetime), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


DAY: Final = Date().with_variant(SqliteTime(date), "sqlite")

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _only(condition: str) -> dict[str, Any]:
    """Return the options of an index of the rows for which ``condition`` holds."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


provider: Final = Table(
    "provider",
    metadata,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("name", "first_names")),
    Column("birth_date", DAY),
    Column("language", Text),
    *(Column(name, Text, nullable=False) for name in (*NUMBERS, "practice")),
    Column("sought", Text, nullable=False),  # names and numbers without accents and capitals, to search in
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
Index("uq_provider_niss", provider.c.niss, unique=True, **_only("niss <> ''"))
Index("ix_provider_inami", provider.c.inami)
Index("ix_provider_name", provider.c.name)

provider_type: Final = Table(
    "provider_type",
    metadata,
    Column("provider_id", ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("type", Text, nullable=False),
)

period: Final = Table(
    "period",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider_id", ForeignKey("provider.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("start_day", DAY, nullable=False),
    Column("end_day", DAY),
    Column("inami", Text, nullable=False),
    Column("conventioned", Text),
)

assignment: Final = Table(
    "assignment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider_id", ForeignKey("provider.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("key_id", Text),
    Column("holder", Text),
    Column("not_after", UtcDateTime),
    Column("assigned_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)
Index("uq_assignment_current", assignment.c.provider_id, unique=True, **_only("ended_at IS NULL"))


# ── Records to and from rows ─────────────────────────────────────────────────────────────────────────────
_AT_ONCE: Final = 500
"""Records for which one statement asks: SQLite before 3.32 takes 999 values."""


def read(connection: Connection, rows: Sequence[Row[Any]]) -> list[Provider]:
    """Return the records of these rows of the table ``provider``, in their order, with all that belongs to them."""
    found: list[Provider] = []
    for begin in range(0, len(rows), _AT_ONCE):
        found += _read_some(connection, rows[begin : begin + _AT_ONCE])
    return found


def _read_some(connection: Connection, rows: Sequence[Row[Any]]) -> Iterable[Provider]:
    ids = [row.id for row in rows]
    types: dict[int, list[object]] = defaultdict(list)
    for row in connection.execute(
        select(provider_type).where(provider_type.c.provider_id.in_(ids)).order_by(provider_type.c.position)
    ):
        types[row.provider_id].append(row.type)
    periods: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(period).where(period.c.provider_id.in_(ids)).order_by(period.c.id)):
        periods[row.provider_id].append(row)
    current = select(assignment).where(assignment.c.provider_id.in_(ids), assignment.c.ended_at.is_(None))
    keystores = {row.provider_id: row for row in connection.execute(current)}
    for row in rows:
        yield to_provider(row, types[row.id], periods[row.id], keystores.get(row.id))


def insert_all(connection: Connection, records: Sequence[Provider], now: datetime) -> list[int]:
    """Insert new records, without their keystores, and return their ids, in the same order."""
    if not records:
        return []
    rows = [{**_values(record), "version": 1, "created_at": now, "changed_at": now} for record in records]
    statement = insert(provider).returning(provider.c.id, sort_by_parameter_order=True)
    ids = cast("list[int]", list(connection.execute(statement, rows).scalars()))
    _insert_parts(connection, zip(ids, records, strict=True))
    return ids


def update_all(connection: Connection, records: Sequence[Provider], now: datetime) -> list[Provider]:
    """Write known records over what is there, and return those whose version is no longer the one in the table, which
    are then not written."""
    stale: list[Provider] = []
    written: list[Provider] = []
    for record in records:
        statement = (
            update(provider)
            .where(provider.c.id == record.id, provider.c.version == record.version)
            .values(**_values(record), version=record.version + 1, changed_at=now)
        )
        (written if connection.execute(statement).rowcount == 1 else stale).append(record)
    ids = [record.id for record in written if record.id is not None]
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids[begin : begin + _AT_ONCE]
        connection.execute(delete(provider_type).where(provider_type.c.provider_id.in_(some)))
        connection.execute(delete(period).where(period.c.provider_id.in_(some)))
    _insert_parts(connection, ((record.id, record) for record in written if record.id is not None))
    return stale


def _insert_parts(connection: Connection, records: Iterable[tuple[int, Provider]]) -> None:
    types, periods = [], []
    for key, record in records:
        types += [
            {"provider_id": key, "position": position, "type": kind}
            for position, kind in enumerate(record.types)
        ]
        periods += [
            {
                "provider_id": key,
                "type": each.type,
                "start_day": each.start,
                "end_day": each.end,
                "inami": each.inami,
                "conventioned": None if each.conventioned is None else str(each.conventioned),
            }
            for each in record.periods
        ]
    if types:
        connection.execute(insert(provider_type), types)
    if periods:
        connection.execute(insert(period), periods)


def insert_assignments(connection: Connection, keystores: Mapping[int, Assignment], now: datetime) -> None:
    """Assign each of ``keystores`` from ``now`` on to the provider of that id, who must have none."""
    rows = [
        {
            "provider_id": key,
            "path": keystore.path,
            "key_id": keystore.key_id,
            "holder": keystore.holder,
            "not_after": keystore.not_after,
            "assigned_at": now,
        }
        for key, keystore in keystores.items()
    ]
    if rows:
        connection.execute(insert(assignment), rows)


def _values(record: Provider) -> Mapping[str, Any]:
    names = (record.full_name, f"{record.name} {record.first_names}")
    sought = search_key("\n".join((*names, record.niss, record.inami, record.practice)))
    return {**{name: getattr(record, name) for name in FIELDS}, "sought": sought}


def require_text(path: str) -> None:
    """Raise `errors.RecordInvalid` for a path that a database cannot keep."""
    if not is_text(path):
        raise errors.RecordInvalid(reason="characters")


def is_text(text: str) -> bool:
    """Return whether a database can keep ``text``: names of files need not be text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
