"""The first registry: providers, what they are, their INAMI periods, their keystores with history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "first_names")),
        sa.Column("birth_date", sa.Date()),
        sa.Column("language", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("niss", "inami")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("recognition_number", "enterprise_number")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("practice", "sought")),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime(), nullable=False) for name in ("created_at", "changed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_provider"),
    )
    given = sa.text("niss <> ''")
    op.create_index(
        "uq_provider_niss", "provider", ["niss"], unique=True, sqlite_where=given, postgresql_where=given
    )
    op.create_index("ix_provider_inami", "provider", ["inami"])
    op.create_index("ix_provider_name", "provider", ["name"])
    op.create_table(
        "provider_type",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        _of_provider("provider_type"),
        sa.PrimaryKeyConstraint("provider_id", "position", name="pk_provider_type"),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date()),
        sa.Column("inami", sa.Text(), nullable=False),
        sa.Column("conventioned", sa.Text()),
        _of_provider("period"),
        sa.PrimaryKeyConstraint("id", name="pk_period"),
    )
    op.create_index("ix_period_provider_id", "period", ["provider_id"])
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("holder", sa.Text()),
        sa.Column("not_after", sa.DateTime()),
        sa.Column("assigned_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        _of_provider("assignment"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_provider_id", "assignment", ["provider_id"])
    current = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_assignment_current",
        "assignment",
        ["provider_id"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )


def _of_provider(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["provider_id"], ["provider.id"], name=f"fk_{table}_provider_id", ondelete="CASCADE"
    )
