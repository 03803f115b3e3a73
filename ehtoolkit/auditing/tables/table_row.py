"""The base of rows: the fields of a row are the columns of its table, and their types are the kinds of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Self, get_args, get_origin, get_type_hints

from ehtoolkit.result_display import Displayed, masked

KEPT: Final = frozenset({"inami", "key_id", "serial_hex", "thumbprint"})
"""Columns whose numbers are no NISS."""
DAY: Final = "datetime64[s]"
"""The pandas type of a column of days; in a row they are ``date``."""
_KINDS: Final[Mapping[object, str]] = {str: "str", int: "Int64", bool: "boolean", date: DAY}
Kind = str | tuple[str, ...]
"""Of a column: its pandas type, or the words that it may have, the most urgent first."""
PlainValue = str | int | bool | None
"""Text, a whole number, true or false, a day as ISO text, None for nothing."""
PlainRow = dict[str, PlainValue]
"""A row by column."""


class TableRow(Displayed):
    """A row of a table: a dataclass with slots, whose fields are the columns.

    A field is text, a number, a truth value or a day; ``Annotated[str, words]`` is a column of words with an order.
    """

    __slots__ = ()

    @classmethod
    @cache
    def columns(cls) -> Mapping[str, Kind]:
        """Return the columns of the table and their kinds."""
        hints = get_type_hints(cls, include_extras=True)
        columns = fields(cls)  # type: ignore[arg-type]  # each is a dataclass
        return {column.name: _kind(hints[column.name]) for column in columns}

    def values(self) -> tuple[Any, ...]:
        """Return the values in the order of the columns."""
        return tuple(getattr(self, name) for name in self.columns())

    def by_column(self) -> dict[str, Any]:
        """Return the values by column."""
        return dict(zip(self.columns(), self.values(), strict=True))

    def plain(self, *, full: bool = False) -> PlainRow:
        """Return the row as text and numbers; NISS numbers are whole only when ``full``."""
        return {name: _plain(name, value, full) for name, value in self.by_column().items()}

    def masked(self) -> Self:
        """Return the same row without a whole NISS."""
        changed = {
            name: hidden
            for name, value in self.by_column().items()
            if isinstance(value, str) and name not in KEPT and (hidden := masked(value)) != value
        }
        return replace(self, **changed) if changed else self  # type: ignore[type-var]  # each is a dataclass


def _kind(hint: Any) -> Kind:
    """Return the kind of the column of a field with the type ``hint``."""
    if get_origin(hint) is Annotated:
        words: tuple[str, ...] = get_args(hint)[1]
        return words
    if hint in _KINDS:
        return _KINDS[hint]
    (present,) = (choice for choice in get_args(hint) if choice is not type(None))
    return _kind(present)


def _plain(name: str, value: Any, full: bool) -> PlainValue:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value if full or name in KEPT else masked(value)
    plain: int | bool | None = value
    return plain
