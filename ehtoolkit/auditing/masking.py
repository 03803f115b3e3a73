"""NISS numbers taken out of what is shown or handed on: sentences, paths, and whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ehtoolkit.result_display import masked

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KEPT", "masked", "masked_frame"]

KEPT: Final = frozenset({"inami", "key_id"})
"""Columns whose numbers are no NISS."""


def masked_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of ``frame`` to be shown, of the same types: `masked` in every column of text but those of `KEPT`,
    and in the index. Its paths lead nowhere any more, and two people may have become one: select and join before."""
    import pandas as pd

    told = frame.copy()
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        if name not in KEPT and (pd.api.types.is_string_dtype(column) or column.dtype == object):
            told.isetitem(place, column.map(_masked, na_action="ignore").astype(column.dtype))
    if not isinstance(frame.index, pd.RangeIndex):
        told.index = frame.index.map(_masked)
    return told


def _masked(value: object) -> object:
    if isinstance(value, tuple):  # of an index with several levels
        return tuple(map(_masked, value))
    return masked(value) if isinstance(value, str) else value
