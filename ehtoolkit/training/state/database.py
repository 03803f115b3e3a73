"""The training platform's database: one SQLite file that several processes share."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder
from ehtoolkit.system.locks import make_once

DATABASE_FILE: Final = "platform.sqlite3"
"""In the folder of the platform."""

_VERSION: Final = 8
"""Of the schema. Each file of the folder ``schema`` makes the version of its name of the one before; a file that was
released is never changed."""


class TrainingDatabase:
    """One SQLite file in WAL mode, and one connection to it, which threads use in turn.

    Moments are stored as UTC text of one width, so that they sort. Raises `errors.FolderNotWritable`,
    `errors.DiskFull`, `errors.FileBusy` (another process holds it too long) and `errors.FileUnreadable`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: sqlite3.Connection | None = None
        self._turn = threading.RLock()
        make_folder(path.parent)
        make_once(self._is_prepared, self._prepare, path.with_name(f"{path.name}.lock"))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for queries."""
        with self._border():
            yield self._connection()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction with the only right to write, so that what it reads still holds when it writes.

        An inner one joins the outer one. An exception undoes everything.
        """
        with self._border():
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def as_stored(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection of its own for queries, which does not see what an open transaction has written."""
        with (
            self._border(),
            closing(sqlite3.connect(self.path, timeout=20, isolation_level=None)) as connection,
        ):
            yield connection

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows that a query finds."""
        with self.reading() as connection:
            return connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        """Return the first row that a query finds; None without one."""
        return next(iter(self.rows(query, *values)), None)

    def write(self, statement: str, *values: object) -> None:
        """Execute one statement, in the open transaction or else in a new one."""
        with self.writing() as connection:
            connection.execute(statement, values)

    def insert(self, table: str, /, **values: object) -> None:
        """Insert a row, by the names of its columns."""
        marks = ", ".join("?" * len(values))
        self.write(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())  # noqa: S608

    def clear(self) -> None:
        """Forget everything. The file stays, since another process may have it open."""
        with self.writing():
            self.write("PRAGMA defer_foreign_keys = ON")
            for (table,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                self.write(f"DELETE FROM {table}")  # noqa: S608  # our own names

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._turn:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _is_prepared(self) -> bool:
        """Return whether the file has today's tables: then opening it needs no lock."""
        if not self.path.exists():
            return False
        with self._border():
            return self._version() >= _VERSION

    def _version(self) -> int:
        version: int = self._connection().execute("PRAGMA user_version").fetchone()[0]
        return version

    def _prepare(self) -> None:
        with self._border():
            connection, version = self._connection(), self._version()
            if version == 0:
                self.path.chmod(0o600)
                connection.execute("PRAGMA journal_mode = WAL")
            for number in range(version + 1, _VERSION + 1):
                step = (
                    files("ehtoolkit.training.state").joinpath("schema", f"{number}.sql").read_text("utf-8")
                )
                connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            weakref.finalize(self, connection.close)
            self._opened = connection
        return self._opened

    @contextmanager
    def _border(self) -> Iterator[None]:
        """Keep other threads out of the body, and turn SQLite's exceptions in it into those of `errors`; those that are
        our own mistakes stay."""
        folder = str(self.path.parent)
        try:
            with self._turn:
                yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "full" in text:
                raise errors.DiskFull(folder=folder) from error
            if "locked" in text:
                raise errors.FileBusy(path=str(self.path)) from error
            if any(sign in text for sign in ("readonly", "unable to open", "disk I/O")):
                raise errors.FolderNotWritable(folder=folder) from error
            raise
        except sqlite3.DatabaseError as error:
            if type(error) is sqlite3.DatabaseError:  # "file is not a database", "disk image is malformed"
                raise errors.FileUnreadable(path=str(self.path)) from error
            raise


def read_setting(database: TrainingDatabase, name: str) -> str | None:
    """Return a setting of the platform; None where it is not set."""
    row = database.row("SELECT value FROM setting WHERE name = ?", name)
    return None if row is None else str(row[0])


def write_setting(database: TrainingDatabase, name: str, value: str) -> None:
    database.write("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)


def to_text(moment: datetime) -> str:
    """Return an aware moment as the text that is stored."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """Return the moment in a stored text, aware and in UTC."""
    return datetime.fromisoformat(text)
