"""Merge records into the registry: complete known providers, double none, lose nothing.

Who is who: by the NISS; where one of the two has none, by the INAMI number; a newcomer without either by names and
birth date. What the newcomer leaves empty stays as it is. A period of the same type and start replaces the one that is
there; others are added, and none is taken away. Merging the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from ehtoolkit.i18n import search_key
from ehtoolkit.providers import tables
from ehtoolkit.providers.provider import PLAIN_FIELDS, Assignment, Provider
from ehtoolkit.providers.tables import provider

_AT_ONCE: Final = 300
_NO_NISS: Final = "inami without niss"
"""The kind of the key by which a newcomer with a NISS finds a record without one."""

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
    return "name", search_key(record.name), search_key(record.first_names), record.birth_date


def combined(old: Provider, new: Provider) -> Provider:
    """Return ``old`` with what ``new`` knows: what is empty there stays, and a period of the same type and start is
    replaced."""
    known = {name: getattr(new, name) for name in PLAIN_FIELDS if getattr(new, name)}
    periods = {(period.type, period.start): period for period in new.periods}
    kept = [period for period in old.periods if (period.type, period.start) not in periods]
    types = tuple(dict.fromkeys((*old.types, *new.types)))
    return replace(old, **known, types=types, periods=(*kept, *new.periods)).tidy()


def merge(connection: Connection, records: Sequence[Provider], now: datetime) -> MergeResult:
    """Put ``records`` in, one after the other, within the transaction of ``connection``, and return how many are new,
    changed, and were so already. Those with a keystore get it where they have none."""
    newcomers = [record.tidy() for record in records]
    there = _there(connection, newcomers)
    people = list(there)
    places: dict[Who, int] = {}
    for place, record in enumerate(there):
        _note(places, record, place)
    met: dict[int, Assignment | None] = {}
    for record in newcomers:
        place = _place_of(record, people, places)
        if place < len(people):
            people[place] = combined(people[place], record)
        else:
            people.append(record)
        _note(places, people[place], place)
        met[place] = met.get(place) or record.keystore
    new = people[len(there) :]
    known = [place for place in met if place < len(there)]
    changed = [people[place] for place in known if people[place] != there[place].tidy()]
    ids = tables.insert_all(connection, [replace(record, id=None, version=0) for record in new], now)
    tables.update_all(connection, changed, now)
    keystores = {key: met[place] for place, key in enumerate(ids, start=len(there))}
    keystores |= {there[place].id or 0: met[place] for place in known if there[place].keystore is None}
    given = {key: keystore for key, keystore in keystores.items() if keystore is not None}
    tables.insert_assignments(connection, given, now)
    return MergeResult(len(new), len(changed), len(known) - len(changed))


def _there(connection: Connection, newcomers: Sequence[Provider]) -> list[Provider]:
    """Return the records of the registry that may be of the same people as ``newcomers``."""
    found: dict[int, Provider] = {}
    for begin in range(0, len(newcomers), _AT_ONCE):
        some = newcomers[begin : begin + _AT_ONCE]
        named = [
            provider.c.sought.startswith(_folded_name(record), autoescape=True)
            for record in some
            if not (record.niss or record.inami)
        ]
        query = select(provider).where(
            or_(
                provider.c.niss.in_({record.niss for record in some if record.niss}),
                provider.c.inami.in_({period.inami for period in some if period.inami}),
                *named,
            )
        )
        for record in tables.read(connection, connection.execute(query).all()):
            found[record.id or 0] = record
    return [found[key] for key in sorted(found)]


def _folded_name(record: Provider) -> str:
    return f"{search_key(record.first_names)} {search_key(record.name)}".strip() + "\n"


def _place_of(newcomer: Provider, people: Sequence[Provider], places: Mapping[Who, int]) -> int:
    """Return the place of ``newcomer`` among ``people``; the one behind them for a newcomer that is not there yet."""
    place = places.get(match_key(newcomer))
    if place is None and newcomer.niss:
        place = places.get((_NO_NISS, newcomer.inami))
        if place is not None and people[place].niss:  # that of another newcomer, by now
            place = None
    return len(people) if place is None else place


def _note(places: dict[Who, int], record: Provider, place: int) -> None:
    """Note in ``places`` all by which ``record`` may be known; what others are known by stays theirs."""
    for key in _keys(record):
        places.setdefault(key, place)


def _keys(record: Provider) -> Iterable[Who]:
    """Yield all keys by which ``record`` may be known: a newcomer without NISS is known by the INAMI number of a record
    that has one, and one with a NISS by that of a record without."""
    if record.niss:
        yield "niss", record.niss
    if record.inami:
        yield "inami", record.inami
        if not record.niss:
            yield _NO_NISS, record.inami
    yield match_key(replace(record, niss="", inami=""))
