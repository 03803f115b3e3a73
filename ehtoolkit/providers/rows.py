"""Records to and from the rows of the tables, many at a time: a few statements, however many records."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, delete, insert, select, update

from ehtoolkit.providers.provider import Assignment, Conventioned, Period, Provider
from ehtoolkit.providers.tables import assignment, period, provider, provider_type

_PLAIN: Final = (
    *("name", "first_names", "birth_date", "language", "niss", "inami"),
    *("recognition_number", "enterprise_number", "practice"),
)
_AT_ONCE: Final = 500
"""Records for which one statement asks: SQLite before 3.32 takes 999 values."""


def search_key(text: str) -> str:
    """``text`` without accents and capitals, as it is searched."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def read(connection: Connection, rows: Sequence[Row[Any]]) -> list[Provider]:
    """The records of these rows of the table ``provider``, in their order, with all that belongs to them."""
    found: list[Provider] = []
    for begin in range(0, len(rows), _AT_ONCE):
        found += _read_some(connection, rows[begin : begin + _AT_ONCE])
    return found


def _read_some(connection: Connection, rows: Sequence[Row[Any]]) -> Iterable[Provider]:
    ids = [row.id for row in rows]
    types: dict[int, list[str]] = defaultdict(list)
    for one in connection.execute(
        select(provider_type).where(provider_type.c.provider_id.in_(ids)).order_by(provider_type.c.position)
    ):
        types[one.provider_id].append(one.type)
    periods: dict[int, list[Period]] = defaultdict(list)
    for one in connection.execute(select(period).where(period.c.provider_id.in_(ids)).order_by(period.c.id)):
        periods[one.provider_id].append(_period(one))
    keystores = {
        one.provider_id: to_assignment(one)
        for one in connection.execute(
            select(assignment).where(assignment.c.provider_id.in_(ids), assignment.c.ended_at.is_(None))
        )
    }
    for row in rows:
        yield Provider(
            **{name: getattr(row, name) for name in _PLAIN},
            types=tuple(types[row.id]),
            periods=tuple(periods[row.id]),
            keystore=keystores.get(row.id),
            id=row.id,
            version=row.version,
        )


def _period(row: Row[Any]) -> Period:
    conventioned = None if row.conventioned is None else Conventioned(row.conventioned)
    return Period(row.type, row.start_day, row.end_day, row.inami, conventioned)


def to_assignment(row: Row[Any]) -> Assignment:
    return Assignment(row.path, row.key_id, row.holder, row.not_after, row.assigned_at, row.ended_at)


def insert_all(connection: Connection, records: Sequence[Provider], now: datetime) -> list[int]:
    """New records, without their keystores; their ids, in the same order."""
    if not records:
        return []
    rows = [{**_values(one), "version": 1, "created_at": now, "changed_at": now} for one in records]
    statement = insert(provider).returning(provider.c.id, sort_by_parameter_order=True)
    ids = cast("list[int]", list(connection.execute(statement, rows).scalars()))
    _insert_parts(connection, zip(ids, records, strict=True))
    return ids


def update_all(connection: Connection, records: Sequence[Provider], now: datetime) -> list[Provider]:
    """Write known records over what is there. Returns those whose version is no longer the one in the table, which
    are then not written."""
    stale: list[Provider] = []
    written: list[Provider] = []
    for one in records:
        statement = (
            update(provider)
            .where(provider.c.id == one.id, provider.c.version == one.version)
            .values(**_values(one), version=one.version + 1, changed_at=now)
        )
        (written if connection.execute(statement).rowcount == 1 else stale).append(one)
    ids = [one.id for one in written if one.id is not None]
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids[begin : begin + _AT_ONCE]
        connection.execute(delete(provider_type).where(provider_type.c.provider_id.in_(some)))
        connection.execute(delete(period).where(period.c.provider_id.in_(some)))
    _insert_parts(connection, ((one.id, one) for one in written if one.id is not None))
    return stale


def _insert_parts(connection: Connection, records: Iterable[tuple[int, Provider]]) -> None:
    types, periods = [], []
    for key, one in records:
        types += [
            {"provider_id": key, "position": position, "type": kind}
            for position, kind in enumerate(one.types)
        ]
        periods += [
            {
                "provider_id": key,
                "type": each.type,
                "start_day": each.start,
                "end_day": each.end,
                "inami": each.inami,
                "conventioned": None if each.conventioned is None else str(each.conventioned),
            }
            for each in one.periods
        ]
    if types:
        connection.execute(insert(provider_type), types)
    if periods:
        connection.execute(insert(period), periods)


def _values(one: Provider) -> Mapping[str, Any]:
    sought = search_key(
        "\n".join((one.full_name, f"{one.name} {one.first_names}", one.niss, one.inami, one.practice))
    )
    return {**{name: getattr(one, name) for name in _PLAIN}, "sought": sought}
