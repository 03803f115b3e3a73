"""The registry's tables, for SQLite and PostgreSQL alike. A change here needs a migration: a test holds them equal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC without a zone, which both databases know how to keep."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

provider: Final = Table(
    "provider",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("first_names", Text, nullable=False),
    Column("birth_date", Date),
    Column("language", Text),
    Column("niss", Text, nullable=False),
    Column("inami", Text, nullable=False),
    Column("recognition_number", Text, nullable=False),
    Column("enterprise_number", Text, nullable=False),
    Column("practice", Text, nullable=False),
    Column("sought", Text, nullable=False),  # names and numbers without accents and capitals, to search in
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
Index(
    "uq_provider_niss",
    provider.c.niss,
    unique=True,
    sqlite_where=text("niss <> ''"),
    postgresql_where=text("niss <> ''"),
)
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
    Column("start_day", Date, nullable=False),
    Column("end_day", Date),
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
Index(
    "uq_assignment_current",
    assignment.c.provider_id,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)
