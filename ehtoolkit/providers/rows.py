"""Records from rows of the database, whatever is in the cells: a file of SQLite keeps any value in any column.

A cell that cannot be read is `UNREADABLE` or of a type that its column does not have. It costs its record that value,
and the record names the column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, get_args

from sqlalchemy import Row
from sqlalchemy.types import UserDefinedType

from ehtoolkit.providers.provider import TEXT_FIELDS, Assignment, Conventioned, Period, Provider
from ehtoolkit.settings import LanguageName

UNREADABLE: Final = object()
"""The value of a cell that holds no day and no moment where one belongs."""


class SqliteTime(UserDefinedType[Any]):
    """A day, or a moment without a zone, kept as SQLAlchemy's own types keep them; another value is `UNREADABLE`.

    Attributes:
        kind: ``date`` or ``datetime``.
    """

    cache_ok = True

    def __init__(self, kind: type[date]) -> None:
        self.kind = kind

    def get_col_spec(self, **_: object) -> str:
        return self.kind.__name__.upper()

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        form = (" ", "microseconds") if self.kind is datetime else ()
        return lambda value: None if value is None else value.isoformat(*form)

    def result_processor(self, dialect: Any, coltype: object) -> Callable[[Any], Any]:
        return self._parsed

    def _parsed(self, value: object) -> object:
        if value is None:
            return None
        try:
            return self.kind.fromisoformat(value) if isinstance(value, str) else UNREADABLE
        except ValueError:
            return UNREADABLE


FIELDS: Final[Mapping[str, tuple[Callable[[object], bool], str | None]]] = {
    **dict.fromkeys(TEXT_FIELDS, (lambda value: isinstance(value, str), "")),
    "birth_date": (lambda value: isinstance(value, date | None), None),
    "language": (lambda value: value is None or value in get_args(LanguageName), None),
}
"""The columns of a record's own: which values they may have, and what stands for another one."""


def to_provider(
    row: Row[Any], types: Sequence[object], periods: Sequence[Row[Any]], assigned: Row[Any] | None
) -> Provider:
    """Make a record of its row and of what other tables have of it: types, INAMI periods and the present keystore."""
    unreadable = [name for name, (fits, _) in FIELDS.items() if not fits(getattr(row, name))]
    values: dict[str, Any] = {
        name: empty if name in unreadable else getattr(row, name) for name, (_, empty) in FIELDS.items()
    }
    good_types = [type_ for type_ in types if isinstance(type_, str)]
    good_periods = list(filter(None, map(_period, periods)))
    keystore = None if assigned is None else to_assignment(assigned)
    others = {
        "version": not isinstance(row.version, int),
        "types": len(good_types) < len(types),
        "periods": len(good_periods) < len(periods),
        "keystore": keystore is None and assigned is not None,
    }
    unreadable += [name for name, is_lost in others.items() if is_lost]
    return Provider(
        **values,
        types=tuple(good_types),
        periods=tuple(good_periods),
        keystore=keystore,
        id=row.id,
        version=row.version if isinstance(row.version, int) else 0,
        unreadable=tuple(unreadable),
    )


def to_assignment(row: Row[Any]) -> Assignment | None:
    """Make an assignment of its row; None where a cell of it cannot be read."""
    texts, moments = (row.key_id, row.holder), (row.not_after, row.assigned_at, row.ended_at)
    if not isinstance(row.path, str) or not all(isinstance(text, str | None) for text in texts):
        return None
    if not all(isinstance(moment, datetime | None) for moment in moments):
        return None
    return Assignment(row.path, row.key_id, row.holder, row.not_after, row.assigned_at, row.ended_at)


def _period(row: Row[Any]) -> Period | None:
    """Make a period of its row; None where a cell of it cannot be read."""
    conventioned = row.conventioned
    if not (isinstance(row.start_day, date) and isinstance(row.end_day, date | None)):
        return None
    if not all(isinstance(text, str) for text in (row.type, row.inami)):
        return None
    if conventioned is not None and conventioned not in set(Conventioned):
        return None
    fees = None if conventioned is None else Conventioned(conventioned)
    return Period(row.type, row.start_day, row.end_day, row.inami, fees)
