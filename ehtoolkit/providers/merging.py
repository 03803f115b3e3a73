"""Merge records into the registry: complete known providers, double none, lose nothing.

Who is who: by the NISS; without one by the INAMI number; without either by names and birth date. What the newcomer
leaves empty stays as it is. A period of the same type and start replaces the one that is there; others are added, and
none is taken away. Merging the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, insert, or_, select

from ehtoolkit.providers import tables
from ehtoolkit.providers.provider import Provider
from ehtoolkit.providers.tables import assignment, provider

_AT_ONCE: Final = 300

Who = tuple[str, str] | tuple[str, str, str, date | None]


@dataclass(frozen=True, slots=True)
class MergeResult:
    """How many records are new, changed, and were so already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: MergeResult) -> MergeResult:
        return MergeResult(
            self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged
        )


def match_key(record: Provider) -> Who:
    """Return what tells whose record it is."""
    if record.niss:
        return "niss", record.niss
    if record.inami:
        return "inami", record.inami
    return "name", tables.search_key(record.name), tables.search_key(record.first_names), record.birth_date


def combined(old: Provider, new: Provider) -> Provider:
    """Return ``old`` with what ``new`` knows: what is empty there stays, and a period of the same type and start is
    replaced."""
    plain = ("name", "first_names", "birth_date", "language", "niss", "inami")
    more = ("recognition_number", "enterprise_number", "practice")
    known = {name: getattr(new, name) for name in (*plain, *more) if getattr(new, name)}
    periods = {(one.type, one.start): one for one in new.periods}
    kept = [one for one in old.periods if (one.type, one.start) not in periods]
    types = tuple(dict.fromkeys((*old.types, *new.types)))
    return replace(old, **known, types=types, periods=(*kept, *new.periods)).tidy()


def merge(connection: Connection, records: Sequence[Provider], now: datetime) -> MergeResult:
    """Put ``records`` in, within the transaction of ``connection``, and return how many are new, changed, and were so
    already. Those with a keystore get it where they have none."""
    wanted: dict[Who, Provider] = {}
    for record in (one.tidy() for one in records):
        key = match_key(record)
        wanted[key] = combined(wanted[key], record) if key in wanted else record
    there = _there(connection, wanted.values())
    new = [one for key, one in wanted.items() if key not in there]
    before = {one.id or 0: one.tidy() for one in there.values()}
    after: dict[int, Provider] = {}
    for key, one in there.items():  # two newcomers may be one: by the NISS, and by the INAMI number
        after[one.id or 0] = combined(after.get(one.id or 0, one), wanted[key])
    changed = [one for key, one in after.items() if one != before[key]]
    ids = tables.insert_all(connection, [replace(one, id=None, version=0) for one in new], now)
    tables.update_all(connection, changed, now)
    keystores = dict(zip(ids, new, strict=True))
    keystores |= {one.id or 0: wanted[key] for key, one in there.items() if one.keystore is None}
    _assign(connection, keystores, now)
    return MergeResult(len(new), len(changed), len(after) - len(changed))


def _there(connection: Connection, records: Iterable[Provider]) -> dict[Who, Provider]:
    """Return the records of the registry that are of the same people as ``records``, by `match_key`."""
    keys = [match_key(one) for one in records]
    found: dict[Who, Provider] = {}
    for begin in range(0, len(keys), _AT_ONCE):
        some = keys[begin : begin + _AT_ONCE]
        niss = [key[1] for key in some if key[0] == "niss"]
        inami = [key[1] for key in some if key[0] == "inami"]
        named = [
            (provider.c.sought.startswith(_folded_name(key), autoescape=True))
            for key in some
            if len(key) == 4
        ]
        query = (
            select(provider)
            .where(or_(provider.c.niss.in_(niss), provider.c.inami.in_(inami), *named))
            .order_by(provider.c.id)
        )
        for record in tables.read(connection, connection.execute(query).all()):
            for key in _keys(record):
                found.setdefault(key, record)
    return {key: found[key] for key in keys if key in found}


def _folded_name(key: Who) -> str:
    return f"{key[2]} {key[1]}".strip() + "\n" if len(key) == 4 else ""


def _keys(record: Provider) -> Iterable[Who]:
    """Yield all keys by which ``record`` may be known: a newcomer without NISS is known by the INAMI number of a record
    that has one."""
    if record.niss:
        yield "niss", record.niss
    if record.inami:
        yield "inami", record.inami
    yield match_key(replace(record, niss="", inami=""))


def _assign(connection: Connection, records: dict[int, Provider], now: datetime) -> None:
    values = [
        {
            "provider_id": key,
            "path": one.keystore.path,
            "key_id": one.keystore.key_id,
            "holder": one.keystore.holder,
            "not_after": one.keystore.not_after,
            "assigned_at": now,
        }
        for key, one in records.items()
        if one.keystore is not None
    ]
    if values:
        connection.execute(insert(assignment), values)
