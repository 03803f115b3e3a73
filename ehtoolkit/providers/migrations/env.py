"""Run the scripts on the caller's connection: Alembic executes this file by its path."""

from __future__ import annotations

from alembic import context

from ehtoolkit.providers.migrations import CONNECTION, TABLE

context.configure(
    connection=context.config.attributes[CONNECTION],
    version_table=context.config.attributes[TABLE],
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
