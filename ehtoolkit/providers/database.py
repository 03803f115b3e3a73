"""The registry's database: its location, connections and transactions, and the version of its tables.

A transaction that writes takes the registry's one lock at its beginning, in both databases, so that two writers wait
for each other and neither has to be undone; one that is not committed when its process dies has never been.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, inspect, text
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from ehtoolkit import errors
from ehtoolkit.providers import migrations
from ehtoolkit.providers.db_errors import map_db_errors
from ehtoolkit.providers.postgresql import postgresql_engine, postgresql_url
from ehtoolkit.settings import Settings
from ehtoolkit.system.files import create_private, make_private_folder

PATIENCE: Final = 10.0
"""Seconds that a transaction waits for another one."""
_WRITES: Final = "ehtoolkit_writes"
_LIMIT: Final = "ehtoolkit_limit"
_LOCK: Final = 0x6568746B
"""PostgreSQL's number of the lock of writers ("ehtk"); SQLite locks the file."""
_ONE_STATE: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""For PostgreSQL: without it each statement sees what was written until then. SQLite shows one state by itself."""


COMPUTING: Final = 10.0
"""Seconds of the processor that one statement of SQLite may take: a file can be made so that one never ends."""
_STEPS: Final = 20_000
"""Steps of SQLite's virtual machine between two looks at the time; signals are handled there, too."""
_LONGEST: Final = 10_000_000
"""Bytes of the longest value that SQLite reads or makes."""


class RegistryDatabase:
    """Made by `open_database`. May be shared by threads: each transaction has a connection of its own."""

    def __init__(self, engine: Engine, place: DatabaseLocation) -> None:
        self._engine = engine
        self.place = place

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    def reading(self) -> AbstractContextManager[Connection]:
        """Hold a transaction open for reading alone, without the lock of writers; it sees one state from beginning to
        end. Raises what `map_db_errors` raises."""
        return self._transaction(writes=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """Hold a transaction open, under the lock of writers, that is all there at its end, or, when anything is
        raised, not at all. Raises what `map_db_errors` raises."""
        return self._transaction(writes=True)

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        with map_db_errors(self.place.shown), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: writes})
            with connection.begin():
                if self.dialect == "postgresql":
                    if writes:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                    else:
                        # By a statement, not as an option of the connection: nothing is left to be undone when it goes
                        # back into the pool.
                        connection.execute(text(_ONE_STATE))
                yield connection

    def close(self) -> None:
        self._engine.dispose()


def open_database(
    place: DatabaseLocation, patience: float = PATIENCE, computing: float = COMPUTING
) -> RegistryDatabase:
    """Open the database at ``place``, with the tables of this version, and return it; the file of SQLite is made where
    there is none, and each of its statements may take ``computing`` seconds of the processor.

    Raises `errors.RegistryError` and, for a disk that is full, `errors.DiskFull`.
    """
    if place.path is not None:
        _make_private(place.path)
        engine = _sqlite(place.path, patience, computing)
    else:
        engine = postgresql_engine(place.url, patience)
    database = RegistryDatabase(engine, place)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _sqlite(path: Path, patience: float, computing: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        hide_parameters=True,  # they are personal data, and an exception's text may be logged
        # The driver shall leave BEGIN to us: it would take the lock for writing only at the first change, too late to
        # wait for another writer.
        connect_args={"timeout": patience, "isolation_level": None, "check_same_thread": False},
    )

    def prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        limit = record.info[_LIMIT] = _StatementLimit(computing)
        connection.set_progress_handler(limit.is_over, _STEPS)

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)

    def start(connection: Connection, *_: object) -> None:
        connection.info[_LIMIT].start()

    def interrupted(context: ExceptionContext) -> None:
        code = getattr(context.original_exception, "sqlite_errorcode", None)
        known = None if context.connection is None else context.connection.info.get(_LIMIT)
        if code == sqlite3.SQLITE_INTERRUPT and known is not None and not known.is_over():
            raise KeyboardInterrupt

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", start)
    event.listen(engine, "handle_error", interrupted)
    return engine


class _StatementLimit:
    """The time of the processor that a statement may take, asked for by SQLite while it works.

    `is_over` runs as Python code, so the handlers of signals run there. Their ``KeyboardInterrupt`` does not get
    through SQLite, which ends the statement as interrupted.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        self._end = time.thread_time() + self._seconds

    def is_over(self) -> bool:
        return time.thread_time() > self._end


def _make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none; SQLite makes a database of it. Raises
    `errors.RegistryDamaged` where something else has that name, `errors.RegistryReadOnly` where none can be made."""
    try:
        make_private_folder(path.parent)
        create_private(path).close()
    except FileExistsError as error:
        if not path.is_file():
            raise errors.RegistryDamaged(place=str(path)) from error
    except OSError as error:
        if not path.is_file():
            raise errors.RegistryReadOnly(place=str(path)) from error


# ── Where the registry is ────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class DatabaseLocation:
    """``path`` for SQLite, else ``url`` (``postgresql://USER@HOST:PORT/NAME``)."""

    path: Path | None = None
    url: str = ""

    @property
    def shown(self) -> str:
        """As a person can be told it: the path, or host and name of the database."""
        if self.path is not None:
            return str(self.path)
        address = urlsplit(self.url)
        return f"{address.hostname or ''}{address.path}"


def location_of(settings: Settings) -> DatabaseLocation:
    """Return the database of ``settings.provider_database``, else the file of the environment. Raises what
    `postgresql_url` raises."""
    url = settings.provider_database
    if url is None:
        return DatabaseLocation(settings.provider_file)
    return DatabaseLocation(url=postgresql_url(url))


# ── The tables of this version ───────────────────────────────────────────────────────────────────────────
VERSION_TABLE: Final = "ehtoolkit_version"
FOLDER: Final = Path(migrations.__file__).parent
_MIGRATING: Final = threading.Lock()
"""alembic has one current migration in a process, which ``migrations/env.py`` reads."""
_OTHER_OBJECTS: Final = """
SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql NOT LIKE 'CREATE TABLE %'
AND sql NOT LIKE 'CREATE INDEX %' AND sql NOT LIKE 'CREATE UNIQUE INDEX %' LIMIT 1"""
"""Views, triggers and virtual tables run code of the file's author; a registry has none. Their text is looked at, too:
the column ``type`` can be forged."""


@cache
def revisions() -> tuple[str, ...]:
    """Return the versions that this program knows, oldest first: their scripts are named by them."""
    return tuple(sorted(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*_*.py")))


def bring_up_to_date(database: RegistryDatabase) -> None:
    """Bring the tables to the last version; do nothing where they are of it already.

    Raises `errors.RegistryNewer` for a version that this program does not know, `errors.RegistryDamaged` for a file
    with tables of another program (reason ``foreign``) or with anything but tables and indexes (``views``), and what
    `map_db_errors` raises.
    """
    with database.reading() as connection:
        if _found(database, connection) == revisions()[-1]:
            return
    with database.writing() as connection:
        if _found(database, connection) != revisions()[-1]:  # another process may have done it meanwhile
            _migrate(connection)


def _found(database: RegistryDatabase, connection: Connection) -> str | None:
    """Return the version of the tables; None where there are none yet."""
    if database.dialect == "sqlite" and connection.exec_driver_sql(_OTHER_OBJECTS).first() is not None:
        raise errors.RegistryDamaged(place=database.place.shown, reason="views")
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        foreign = tables if database.dialect == "sqlite" else {"provider", "period"} & set(tables)
        if foreign:
            raise errors.RegistryDamaged(place=database.place.shown, reason="foreign")
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    if found is not None and found not in revisions():
        raise errors.RegistryNewer(place=database.place.shown, version=str(found))
    return found


def _migrate(connection: Connection) -> None:
    """Run all scripts that are missing, in the transaction of ``connection``: all of them, or none."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={migrations.CONNECTION: connection, migrations.TABLE: VERSION_TABLE})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with _MIGRATING:
        command.upgrade(config, "head")
