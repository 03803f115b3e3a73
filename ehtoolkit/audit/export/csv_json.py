"""An audit for other programs: rows of plain values, CSV that no spreadsheet program computes, and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ehtoolkit.audit.audit import Audit
from ehtoolkit.audit.masking import KEPT, masked
from ehtoolkit.providers.cells import neutral
from ehtoolkit.system import text_safety


def plain_rows(frame: pd.DataFrame, *, full: bool = False) -> Iterator[dict[str, Any]]:
    """The rows as text, whole numbers, true and false, days as ISO text, None for nothing; NISS only when ``full``."""
    names = [str(name) for name in frame.columns]
    for row in frame.itertuples(index=False, name=None):
        yield {name: _plain(name, value, full) for name, value in zip(names, row, strict=True)}


def csv_text(frame: pd.DataFrame, *, full: bool = False) -> str:
    """A heading and the rows, semicolons between the cells."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([str(name) for name in frame.columns])
    for row in plain_rows(frame, full=full):
        writer.writerow(
            [neutral(value) if isinstance(value, str) else _cell(value) for value in row.values()]
        )
    return target.getvalue()


def json_text(audit: Audit, *, full: bool = False) -> str:
    """One object: ``environment`` (null: any), ``due``, ``passed_over``, and the rows of ``keystores``,
    ``providers``, ``periods`` and ``findings``."""
    value: dict[str, object] = {
        "environment": None if audit.environment is None else str(audit.environment),
        "due": audit.is_due,
        "passed_over": audit.passed_over,
    }
    for name in ("keystores", "providers", "periods", "findings"):
        value[name] = list(plain_rows(getattr(audit, name), full=full))
    return text_safety.json_text(value) + "\n"


def _cell(value: bool | int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _plain(name: str, value: Any, full: bool) -> str | int | bool | None:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, str):
        return value if full or name in KEPT else masked(value)
    return bool(value) if isinstance(value, bool | np.bool_) else int(value)
