"""The registry's history: one script per version of its tables, which Alembic runs in their order."""
