"""The names of the tables of an audit; their columns are in `ehtoolkit.auditing.tables.rows`."""

from __future__ import annotations

from typing import Final

TABLES: Final = ("findings", "keystores", "providers", "periods", "merged")
"""In the order in which people read them. ``merged`` is provider by keystore, made of two others."""
