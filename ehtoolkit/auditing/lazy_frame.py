"""Make the frames of an audit at their first use: an audit that is only printed needs no pandas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, cast

from ehtoolkit.auditing.masking import KEPT, masked
from ehtoolkit.auditing.rows import COLUMNS, Row

if TYPE_CHECKING:
    import pandas as pd

PlainRow = dict[str, str | int | bool | None]
"""A row by column: text, whole numbers, true and false, days as ISO text, None for nothing."""


class FrameSource(Protocol):
    """What gives a frame."""

    def to_pandas(self) -> pd.DataFrame: ...


class LazyFrame:
    """The table ``name`` of `ehtoolkit.auditing.rows.COLUMNS` until it is a frame, and the frame from then on; or a
    frame that was there already. Kept by column: a list of a million values takes less than a million rows."""

    def __init__(self, name: str, rows: Iterable[Row] = (), frame: pd.DataFrame | None = None) -> None:
        self._name, self._frame = name, frame
        self._columns: dict[str, list[Any]] = (
            {column: [] for column in COLUMNS[name]} if frame is None else {}
        )
        for row in rows:
            self.append(row)

    def append(self, row: Row) -> None:
        """Add a row to what is not a frame yet."""
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a frame, the same each time: what is changed in it stays changed."""
        if self._frame is None:
            from ehtoolkit.auditing.frames import frame_of

            self._frame = frame_of(self._name, self._columns)
        return self._frame

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()))) if self._frame is None else len(self._frame)

    def plain_rows(self, *, full: bool = False) -> Iterator[PlainRow]:
        """Yield the rows by column, as text and numbers, NISS whole only when ``full``."""
        if self._frame is not None:
            from ehtoolkit.auditing.frames import plain_rows

            yield from plain_rows(self._frame, full=full)
            return
        for row in zip(*self._columns.values(), strict=True):
            yield {
                name: plain(name, value, full=full) for name, value in zip(self._columns, row, strict=True)
            }


class MergedFrame:
    """The table ``merged``: provider by keystore, joined when it is first asked for."""

    def __init__(self, providers: LazyFrame, keystores: LazyFrame) -> None:
        self._parts = (providers, keystores)
        self._frame: pd.DataFrame | None = None

    def to_pandas(self) -> pd.DataFrame:
        """Return the joined table as a frame, the same each time."""
        if self._frame is None:
            from ehtoolkit.auditing.frames import merged_frame

            self._frame = merged_frame(*(one.to_pandas() for one in self._parts))
        return self._frame


class FrameField:
    """A field of a data class that takes a frame, or what gives one later, and is always a frame when it is read."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> pd.DataFrame:
        if instance is None:  # the data class asks for a default, and there is none
            raise AttributeError(self._name)
        source: FrameSource = vars(instance)[self._name]
        return source.to_pandas()

    def __set__(self, instance: object, value: pd.DataFrame | FrameSource) -> None:
        if not isinstance(value, LazyFrame | MergedFrame):
            value = LazyFrame(self._name, frame=cast("pd.DataFrame", value))
        vars(instance)[self._name] = value


def plain(name: str, value: Any, *, full: bool) -> Any:
    """Return a value of the column ``name``, of a row that is no frame, as text or number: a day as ISO text, NISS
    whole only when ``full``."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value if full or name in KEPT else masked(value)
    return value
