"""The registry's history: one script per version of its tables, which Alembic runs in their order."""

from __future__ import annotations

from typing import Final

CONNECTION: Final = "connection"
"""The attribute of Alembic's configuration that holds the open connection."""
TABLE: Final = "version_table"
"""The attribute that holds the name of the table with the version."""
