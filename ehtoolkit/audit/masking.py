"""NISS numbers taken out of what is shown or handed on: sentences, paths, and whole tables."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

_NISS: Final = re.compile(r"(?<!\d)(\d{2})([. ]?)(\d{2})([. ]?)(\d{2})[-. ]?\d{3}[-. ]?\d{2}(?!\d)", re.ASCII)
"""Eleven digits, in all the ways in which people and programs write a NISS."""
_TAKEN_OUT: Final = r"\g<1>\g<2>\g<3>\g<4>\g<5>*****"
KEPT: Final = frozenset({"inami", "key_id"})
"""Columns whose numbers are no NISS."""


def masked(text: str) -> str:
    """``text`` with the day of birth alone of each number that may be a NISS: ``790314*****``. Counter and check digits
    go together: of either the other can be found. It is looked for everywhere, since names of keystores hold it."""
    return _NISS.sub(_TAKEN_OUT, text)


def masked_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy of ``frame`` to be shown, of the same types: `masked` in every column of text but those of `KEPT`, and in
    the index. Its paths lead nowhere any more, and two people may have become one: select and join before."""
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
