"""The tables of an audit as pandas frames: the one module of the audit that needs pandas.

Days are ``datetime64[s]`` without a zone (the day in Belgium, at midnight), numbers of days ``Int64`` (whole, negative
when past, missing where there is none), words that have an order ordered categories, the most urgent first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ehtoolkit.auditing.tables.table_row import DAY, KEPT, Kind, TableRow
from ehtoolkit.result_display import masked


def frame(kind: type[TableRow], rows: Iterable[TableRow]) -> pd.DataFrame:
    """Return ``rows``, all of the same ``kind``, as a frame."""
    columns = kind.columns()
    values: dict[str, list[Any]] = {name: [] for name in columns}
    for row in rows:
        for column, value in zip(values.values(), row.values(), strict=True):
            column.append(value)
    # Each list is freed as soon as the frame has it: together they take as much memory as the frame.
    return pd.DataFrame({name: _series(values.pop(name), columns[name]) for name in columns}, copy=False)


def masked_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of ``frame`` that can be shown: NISS numbers are masked in the index, in every column of text,
    and in ``attrs``.

    Types and INAMI numbers stay as they are. The paths in the copy lead nowhere, and two people may look like one:
    select and join before.

    >>> import ehtoolkit, pandas
    >>> ehtoolkit.masked_frame(pandas.DataFrame({"niss": ["79031421872"]})).loc[0, "niss"]
    '790314*****'
    """
    shown = frame.copy()
    shown.attrs = {name: _masked_attribute(value) for name, value in frame.attrs.items()}
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        if name not in KEPT and (pd.api.types.is_string_dtype(column) or column.dtype == object):
            shown.isetitem(place, column.map(_masked, na_action="ignore").astype(column.dtype))
    if not isinstance(frame.index, pd.RangeIndex):
        shown.index = frame.index.map(_masked)
    return shown


def findings_html(findings: pd.DataFrame, count: int) -> str:
    """Return ``count`` findings as a table of HTML, masked."""
    shown = masked_frame(findings)[["severity", "days", "name", "message", "next"]]
    return str(shown.to_html(max_rows=count, index=False, border=0))


def _series(values: list[Any], kind: Kind) -> pd.Series:
    if kind is DAY:
        # Seconds reach to the year 9999, in which certificates without an end end; nanoseconds to 2262.
        return pd.Series(np.array(values, dtype="datetime64[s]"))
    return pd.Series(values, dtype=kind if isinstance(kind, str) else pd.CategoricalDtype(kind, ordered=True))


def _masked_attribute(value: Any) -> Any:
    return [_masked(each) for each in value] if isinstance(value, list) else _masked(value)


def _masked(value: object) -> object:
    if isinstance(value, tuple):  # of an index with several levels
        return tuple(map(_masked, value))
    return masked(value) if isinstance(value, str) else value
