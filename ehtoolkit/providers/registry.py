"""The registry of providers: what is in it, and every change to it, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

from ehtoolkit import errors
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.i18n import search_key
from ehtoolkit.identity.numbers import bare
from ehtoolkit.providers import tables
from ehtoolkit.providers.database import (
    PATIENCE,
    DatabaseLocation,
    RegistryDatabase,
    location_of,
    open_database,
)
from ehtoolkit.providers.merging import MergeResult, merge
from ehtoolkit.providers.provider import Assignment, Provider
from ehtoolkit.providers.rows import to_assignment
from ehtoolkit.providers.tables import assignment, provider
from ehtoolkit.result_display import ResultTuple
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.type_errors import optional_instance_of

_AT_ONCE: Final = 1000
"""Rows that are fetched at a time while all records are read."""
_BY_NAME: Final = select(provider).order_by(provider.c.name, provider.c.first_names, provider.c.id)


class Registry:
    """Made by `open_registry`; `close` releases it, and so does the end of a ``with``.

    Every method raises what `ehtoolkit.providers.db_errors.map_db_errors` raises; then nothing was changed.
    """

    def __init__(self, database: RegistryDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    @property
    def place(self) -> DatabaseLocation:
        return self._database.place

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────
    def providers(self) -> Iterator[Provider]:
        """Yield all providers, by name, as they are when the first one is asked for. The transaction is over before the
        first one comes: a caller that takes its time keeps no one from writing."""
        found: list[Provider] = []
        with self._database.reading() as connection:
            for rows in connection.execute(_BY_NAME, execution_options={"yield_per": _AT_ONCE}).partitions():
                found += tables.read(connection, rows)
        yield from found

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(provider)).scalar_one()

    def get(self, provider_id: int) -> Provider:
        """Return the provider of this number. Raises `errors.ProviderUnknown`."""
        with self._database.reading() as connection:
            return _get(connection, provider_id)

    def search(self, words: str, limit: int | None = None) -> ResultTuple[Provider]:
        """Return the providers in whose names, NISS, INAMI number or practice all ``words`` occur, whatever their
        accents and capitals; by name, ``limit`` of them at most."""
        if not tables.is_text(words):
            return ResultTuple()
        query = _BY_NAME
        for word in search_key(words).split():
            plain = bare(word) or word  # numbers are kept without their separators, names with their dashes
            query = query.where(_contains(word) | _contains(plain) if plain.isdigit() else _contains(word))
        found = self._found(query.limit(limit))
        # SQLite compares bytes, which would put É behind Z.
        found.sort(key=lambda known: (search_key(known.name), search_key(known.first_names), known.id or 0))
        return ResultTuple(found)

    def find(self, text: str) -> Provider:
        """Return the provider that ``text`` names: ``#7`` or ``7`` its number here, its NISS, its INAMI number, or
        words that only its record has. A record of that very name, whatever its accents and capitals, goes before those
        in which the words occur.

        Raises `errors.ProviderUnknown`, `errors.ProviderAmbiguous`.
        """
        number = bare(text.strip().removeprefix("#"))
        if number.isascii() and number.isdigit():
            if len(number) < 8:
                return self.get(int(number))
            same = (provider.c.niss == number) | provider.c.inami.startswith(number)
            found: Sequence[Provider] = self._found(select(provider).where(same))
        else:
            found = self.search(text) if text.strip() else ()
        if not found:
            raise errors.ProviderUnknown(text=text)
        if len(found) > 1:
            found = [record for record in found if _is_named(record, text)] or found
        if len(found) > 1:
            raise errors.ProviderAmbiguous(text=text, count=len(found))
        return found[0]

    def with_number(self, number: str) -> tuple[Provider, ...]:
        """Return the providers whose NISS or enterprise number is ``number``, or whose INAMI number begins with it, so
        that its qualification may be left out; by name. ``number``: plain digits."""
        same = (
            (provider.c.niss == number)
            | provider.c.enterprise_number.in_((number, f"BE{number}"))
            | provider.c.inami.startswith(number, autoescape=True)
        )
        return tuple(self._found(_BY_NAME.where(same)))

    def _found(self, query: Select[Any]) -> list[Provider]:
        with self._database.reading() as connection:
            return tables.read(connection, connection.execute(query).all())

    def history(self, provider_id: int) -> ResultTuple[Assignment]:
        """Return the keystores that the provider has or had, the present one first; an entry
        that cannot be read is left out."""
        query = select(assignment).where(assignment.c.provider_id == provider_id)
        query = query.order_by(assignment.c.ended_at.is_not(None), assignment.c.id.desc())
        with self._database.reading() as connection:
            return ResultTuple(filter(None, map(to_assignment, connection.execute(query))))

    # ── changing ─────────────────────────────────────────────────────────────────────────────────────────
    def add(self, record: Provider) -> Provider:
        """Store a new record, and return it with its id. Its keystore is no part of it: `assign`.

        Raises `errors.RecordInvalid`, `errors.ProviderExists`.
        """
        tidy = record.tidy()
        with self._database.writing() as connection:
            (key,) = tables.insert_all(connection, [tidy], self._clock.now())
        return replace(tidy, id=key, version=1, keystore=None)

    def save(self, record: Provider) -> Provider:
        """Save a record of this registry that was changed, and return it. Its keystore stays as it is in the registry.

        Raises `errors.RecordInvalid`, `errors.ProviderExists`, and `errors.ProviderChanged` when someone else has
        changed or removed it since it was read.
        """
        tidy = record.tidy()
        with self._database.writing() as connection:
            if tables.update_all(connection, [tidy], self._clock.now()):
                raise errors.ProviderChanged(name=record.full_name)
            return _get(connection, tidy.id or 0)

    def remove(self, provider_id: int) -> None:
        """Remove the record with its periods and the history of its keystores; the files stay. Raises
        `errors.ProviderUnknown`."""
        with self._database.writing() as connection:
            if connection.execute(delete(provider).where(provider.c.id == provider_id)).rowcount != 1:
                raise errors.ProviderUnknown(text=f"#{provider_id}")

    def clear(self) -> None:
        """Forget every record, as `remove` forgets one: for registries of training."""
        with self._database.writing() as connection:
            connection.execute(delete(provider))

    def assign(self, provider_id: int, keystore: Assignment) -> Provider:
        """Assign ``keystore`` to the provider from now on, and return the record; the keystore before stays in the
        history. The same file with the same key again changes what is known of it and makes no new entry.

        Raises `errors.ProviderUnknown`, `errors.RecordInvalid` (reason ``characters``) for a path that is no text.
        """
        tables.require_text(keystore.path)
        now, current = self._clock.now(), update(assignment).where(_is_current(provider_id))
        with self._database.writing() as connection:
            present = _get(connection, provider_id).keystore
            if present is not None and (present.path, present.key_id) == (keystore.path, keystore.key_id):
                connection.execute(current.values(holder=keystore.holder, not_after=keystore.not_after))
            else:
                connection.execute(current.values(ended_at=now))
                tables.insert_assignments(connection, {provider_id: keystore}, now)
            return _get(connection, provider_id)

    def unassign(self, provider_id: int) -> Provider:
        """Leave the provider without a keystore, and return the record; the file stays where it is. Raises
        `errors.ProviderUnknown`."""
        with self._database.writing() as connection:
            _get(connection, provider_id)
            ended = update(assignment).where(_is_current(provider_id)).values(ended_at=self._clock.now())
            connection.execute(ended)
            return _get(connection, provider_id)

    def relocate(self, path: str, new: str) -> tuple[Provider, ...]:
        """Record that a keystore has moved from ``path`` to ``new``: present assignments and past ones name it there.
        Return the records whose present keystore it is.

        Raises `errors.RecordInvalid` (reason ``characters``) for a path that is no text.
        """
        if not tables.is_text(path):  # then no assignment names it
            return ()
        tables.require_text(new)
        with self._database.writing() as connection:
            connection.execute(update(assignment).where(assignment.c.path == path).values(path=new))
            holding = select(assignment.c.provider_id).where(
                assignment.c.path == new, assignment.c.ended_at.is_(None)
            )
            query = select(provider).where(provider.c.id.in_(holding)).order_by(provider.c.id)
            return tuple(tables.read(connection, connection.execute(query).all()))

    def merge(self, records: Sequence[Provider]) -> MergeResult:
        """Merge records from elsewhere, all in one transaction, or none of them, and return how many are new, changed,
        and were so already: see `ehtoolkit.providers.merging`.

        Raises `errors.RecordInvalid`.
        """
        for record in records:
            if record.keystore is not None:
                tables.require_text(record.keystore.path)
        with self._database.writing() as connection:
            return merge(connection, records, self._clock.now())


def _is_named(record: Provider, text: str) -> bool:
    """Return whether ``text`` is the name of the record: the family name, or with the first names, before or behind."""
    wanted = search_key(" ".join(text.split()))
    whole = (record.name, record.full_name, f"{record.name} {record.first_names}")
    return any(search_key(part.strip()) == wanted for part in whole)


def open_registry(
    settings: Settings | None = None, clock: Clock | None = None, *, patience: float = PATIENCE
) -> Registry:
    """Open the registry of ``settings`` (those of this process where none are given), made where there is none, and
    return it. ``patience``: seconds to wait for other writers.

    Raises `errors.RegistryError`, `errors.SettingInvalid`.

    >>> from ehtoolkit import Provider, open_registry
    >>> with open_registry() as registry:
    ...     kept = registry.add(Provider("Vandamme", "Élise", practice="Les Tilleuls"))
    ...     registry.count()
    1
    """
    place = location_of(optional_instance_of("settings", settings, Settings) or load_settings())
    return Registry(open_database(place, patience), clock or SystemClock())


def _get(connection: Connection, provider_id: int) -> Provider:
    query = select(provider).where(provider.c.id == provider_id)
    if not 0 < provider_id < 2**31:
        raise errors.ProviderUnknown(text=f"#{provider_id}")
    found = tables.read(connection, connection.execute(query).all())
    if not found:
        raise errors.ProviderUnknown(text=f"#{provider_id}")
    return found[0]


def _is_current(provider_id: int) -> ColumnElement[bool]:
    """Return the condition of the row of a provider's present keystore."""
    return (assignment.c.provider_id == provider_id) & assignment.c.ended_at.is_(None)


def _contains(word: str) -> ColumnElement[bool]:
    return provider.c.sought.contains(word, autoescape=True)
