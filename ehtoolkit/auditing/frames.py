"""The tables of an audit, as pandas frames.

Days are ``datetime64[s]`` without a zone (the day in Belgium, at midnight), numbers of days ``Int64`` (whole, negative
when past, missing where there is none), words that have an order ordered categories, the most urgent first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ehtoolkit.auditing.masking import KEPT, masked
from ehtoolkit.auditing.rows import COLUMNS, DAY, SEVERITIES, STANDINGS, Kind


def _dtype(kind: Kind) -> Any:
    return kind if isinstance(kind, str) else pd.CategoricalDtype(list(kind), ordered=True)


SEVERITY: Final = _dtype(SEVERITIES)
STANDING: Final = _dtype(STANDINGS)
TABLES: Final[Mapping[str, Mapping[str, Any]]] = {
    table: {name: _dtype(kind) for name, kind in columns.items()} for table, columns in COLUMNS.items()
}
"""The columns of each table, with their dtypes."""
KEYSTORES: Final = TABLES["keystores"]
PROVIDERS: Final = TABLES["providers"]
PERIODS: Final = TABLES["periods"]
FINDINGS: Final = TABLES["findings"]


def frame_of(name: str, columns: dict[str, list[Any]]) -> pd.DataFrame:
    """Return the table ``name`` of `ehtoolkit.auditing.rows` as a frame. ``columns`` is empty afterwards: each list
    goes when the frame has it."""
    made = {column: _series(columns.pop(column), kind) for column, kind in TABLES[name].items()}
    return pd.DataFrame(made, copy=False)


def merged_frame(providers: pd.DataFrame, keystores: pd.DataFrame) -> pd.DataFrame:
    """Return the table of provider by keystore: every provider, with or without a keystore, and every keystore, with or
    without a provider; one that two have in common is there twice. It has the columns of both, ``provider`` first;
    ``name`` is the provider's, ``holder_name`` that of the certificate."""
    assigned = providers[providers["file"].notna()]
    left = providers[providers["file"].isna()]
    joined = assigned.merge(keystores.drop(columns="practice"), on="file", how="outer")
    merged = pd.concat([joined, left.reindex(columns=joined.columns).astype(joined.dtypes.to_dict())])
    return merged.sort_values(["days_left", "name", "file"], na_position="last", ignore_index=True)


def plain_rows(frame: pd.DataFrame, *, full: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``frame`` by column: text, whole numbers, true and false, days as ISO text, None for nothing;
    NISS whole only when ``full``."""
    names = [str(name) for name in frame.columns]
    for row in frame.itertuples(index=False, name=None):
        yield {name: _plain(name, value, full) for name, value in zip(names, row, strict=True)}


def _series(values: list[Any], kind: Any) -> pd.Series:
    if kind is DAY:
        # Seconds reach to the year 9999, in which certificates without an end end; nanoseconds to 2262.
        return pd.Series(np.array(values, dtype="datetime64[s]"))
    return pd.Series(values, dtype=kind)


def _plain(name: str, value: Any, full: bool) -> str | int | bool | None:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, str):
        return value if full or name in KEPT else masked(value)
    return bool(value) if isinstance(value, bool | np.bool_) else int(value)
