"""A connection to the registry's database: transactions that read, transactions that write, tables that are up to date.

A transaction that writes takes the registry's one lock at its beginning, in both databases, so that two writers wait
for each other and neither has to be undone; one that is not committed when its process dies has never been.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from ehtoolkit import errors
from ehtoolkit.providers.db_errors import map_db_errors
from ehtoolkit.providers.location import DatabaseLocation
from ehtoolkit.providers.schema import bring_up_to_date
from ehtoolkit.system.private_folder import make_private_folder

PATIENCE: Final = 10.0
"""Seconds that a transaction waits for another one."""
_WRITES: Final = "ehtoolkit_writes"
_LOCK: Final = 0x6568746B
"""PostgreSQL's number of the lock of writers ("ehtk"); SQLite locks the file."""


class RegistryDatabase:
    """Made by `open_database`. May be shared by threads: each transaction has a connection of its own."""

    def __init__(self, engine: Engine, place: DatabaseLocation) -> None:
        self._engine = engine
        self.place = place

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing. Raises what `map_db_errors` raises."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is all there at its end, or, when anything is raised, not at all."""
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        with map_db_errors(self.place.shown), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: writes})
            with connection.begin():
                if writes and self.dialect == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                yield connection

    def close(self) -> None:
        self._engine.dispose()


def open_database(place: DatabaseLocation, patience: float = PATIENCE) -> RegistryDatabase:
    """The database at ``place``, made where it is not there, with the tables of this version.

    Raises `errors.RegistryError` and, for a disk that is full, `errors.DiskFull`.
    """
    if place.path is not None:
        _make_private(place.path)
        engine = _sqlite(place.path, patience)
    else:
        engine = _postgresql(place.url, patience)
    database = RegistryDatabase(engine, place)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _sqlite(path: Path, patience: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        hide_parameters=True,  # they are personal data, and an exception's text may be logged
        # The driver shall leave BEGIN to us: it would take the lock for writing only at the first change, too late to
        # wait for another writer.
        connect_args={"timeout": patience, "isolation_level": None, "check_same_thread": False},
    )

    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _postgresql(url: str, patience: float) -> Engine:
    try:
        import psycopg  # noqa: F401  # an optional extra: whether it is there
    except ImportError as error:
        raise errors.RegistryDriverMissing from error
    milliseconds = int(patience * 1000)
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=2,
        connect_args={"connect_timeout": max(2, int(patience)), "options": f"-c lock_timeout={milliseconds}"},
    )


def _make_private(path: Path) -> None:
    """An empty file that only its owner may read, where there is none; SQLite makes a database of it."""
    try:
        make_private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        if not path.is_file():
            raise errors.RegistryDamaged(place=str(path)) from error
    except OSError as error:
        if not path.is_file():
            raise errors.RegistryReadOnly(place=str(path)) from error
