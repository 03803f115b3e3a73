"""The training platform's database: one SQLite file that several processes share."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.files import make_folder
from ehtoolkit.system.locks import make_once

DATABASE_FILE: Final = "platform.sqlite3"
"""In the folder of the platform."""

_FIRST: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE trusted (fingerprint TEXT PRIMARY KEY, der BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE contract (
    text_digest TEXT PRIMARY KEY, reference TEXT NOT NULL, dn TEXT NOT NULL, signer TEXT NOT NULL,
    first_names TEXT NOT NULL, name TEXT NOT NULL, holder_first_names TEXT, holder_name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE certificate (
    key_id TEXT PRIMARY KEY, spki BLOB NOT NULL,
    identifier_type TEXT NOT NULL, identifier TEXT NOT NULL, application_id TEXT,
    dn TEXT NOT NULL, holder_first_names TEXT, holder_name TEXT NOT NULL, signer TEXT NOT NULL,
    email TEXT NOT NULL, phone TEXT NOT NULL, general_email TEXT, general_phone TEXT,
    base_services TEXT NOT NULL, automatic INTEGER NOT NULL, replaces TEXT,
    requested_at TEXT NOT NULL, deliver_at TEXT NOT NULL, der BLOB, not_before TEXT, not_after TEXT,
    refused_at TEXT, revoked_at TEXT, revocation_reason TEXT
) WITHOUT ROWID;
CREATE INDEX certificate_of_holder ON certificate (identifier_type, identifier);
CREATE INDEX certificate_of_signer ON certificate (signer);
CREATE TABLE token (
    serial TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES certificate, spki BLOB NOT NULL,
    started_at TEXT NOT NULL, der BLOB, etk BLOB, registered_at TEXT, not_after TEXT,
    activated_at TEXT, revoked_at TEXT
) WITHOUT ROWID;
CREATE INDEX token_of_certificate ON token (key_id);
CREATE TABLE answer (
    operation TEXT NOT NULL, request_id TEXT NOT NULL, signer TEXT NOT NULL, digest TEXT NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (operation, request_id, signer)
) WITHOUT ROWID;
CREATE TABLE mail (
    id INTEGER PRIMARY KEY, key_id TEXT NOT NULL, kind TEXT NOT NULL, sent_at TEXT NOT NULL,
    language TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX mail_of_certificate ON mail (key_id);
"""
_SCENARIOS: Final = """
CREATE TABLE scenario (
    name TEXT NOT NULL, person TEXT NOT NULL, is_on INTEGER NOT NULL, value TEXT,
    PRIMARY KEY (name, person)
) WITHOUT ROWID;
CREATE TABLE mandate (
    person TEXT NOT NULL, identifier_type TEXT NOT NULL, identifier TEXT NOT NULL,
    name_fr TEXT NOT NULL, name_nl TEXT NOT NULL, held INTEGER NOT NULL,
    PRIMARY KEY (person, identifier_type, identifier)
) WITHOUT ROWID;
"""
_REVOCATION_AND_VALIDATION: Final = """
CREATE TABLE revocation_contract (
    text_digest TEXT PRIMARY KEY, reference TEXT NOT NULL, dn TEXT NOT NULL, signer TEXT NOT NULL,
    first_names TEXT NOT NULL, name TEXT NOT NULL, holder_first_names TEXT, holder_name TEXT NOT NULL,
    key_id TEXT NOT NULL, reason TEXT NOT NULL
) WITHOUT ROWID;
ALTER TABLE certificate ADD COLUMN validation_code TEXT;
ALTER TABLE certificate ADD COLUMN validate_by TEXT;
ALTER TABLE certificate ADD COLUMN validated_at TEXT;
CREATE UNIQUE INDEX certificate_of_validation ON certificate (validation_code);
"""
_PEOPLE: Final = """
CREATE TABLE person (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, niss TEXT NOT NULL UNIQUE,
    first_names TEXT NOT NULL, surname TEXT NOT NULL, profession TEXT NOT NULL, language TEXT NOT NULL,
    gender TEXT NOT NULL, birth_place TEXT NOT NULL, nationality TEXT NOT NULL, card_number TEXT NOT NULL,
    qualified INTEGER NOT NULL, card_is_ec INTEGER NOT NULL, card_has_signature INTEGER NOT NULL
);
"""
_SESSIONS: Final = """
CREATE TABLE session_challenge (
    challenge TEXT PRIMARY KEY, holder TEXT NOT NULL, request BLOB NOT NULL, set_at TEXT NOT NULL
) WITHOUT ROWID;
"""
_SEALED_LETTERS: Final = """
CREATE TABLE sealed_letter (
    number INTEGER PRIMARY KEY, key_id TEXT NOT NULL, serial TEXT NOT NULL, sent_at TEXT NOT NULL,
    sender TEXT NOT NULL, language TEXT NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX letter_of_token ON sealed_letter (serial);
CREATE TABLE colleague (
    name TEXT NOT NULL, not_before TEXT NOT NULL, not_after TEXT NOT NULL, private_key BLOB NOT NULL, der BLOB NOT NULL
);
"""
_CARD_AUTHORITIES: Final = """
CREATE TABLE card_authority (fingerprint TEXT PRIMARY KEY, der BLOB NOT NULL) WITHOUT ROWID;
"""
_TRAINEES: Final = """
CREATE TABLE trainee (
    visitor TEXT PRIMARY KEY, name TEXT NOT NULL, page TEXT NOT NULL, step TEXT NOT NULL, problem TEXT NOT NULL,
    card TEXT NOT NULL, changed_at TEXT NOT NULL, seen_at TEXT NOT NULL
) WITHOUT ROWID;
"""
_STEPS: Final = (
    _FIRST,
    _SCENARIOS,
    _REVOCATION_AND_VALIDATION,
    _PEOPLE,
    _SESSIONS,
    _SEALED_LETTERS,
    _CARD_AUTHORITIES,
    _TRAINEES,
)
"""Each makes the next version of the schema of the one before; one that was released is never changed."""


class TrainingDatabase:
    """One SQLite file in WAL mode; a connection per thread, kept open until the thread ends or `close`.

    Moments are stored as UTC text of one width, so that they sort. Raises `errors.FolderNotWritable`,
    `errors.DiskFull`, `errors.FileBusy` (another process holds it too long) and `errors.FileUnreadable`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._finalizer = weakref.finalize(self, _close, self._opened)
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

    def clear(self) -> None:
        """Forget everything. The file stays, since another process may have it open."""
        with self.writing() as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            _close(self._opened)
            self._local = threading.local()

    def _is_prepared(self) -> bool:
        """Return whether the file has today's tables: then opening it needs no lock."""
        if not self.path.exists():
            return False
        with self._border():
            return self._version() >= len(_STEPS)

    def _version(self) -> int:
        version: int = self._connection().execute("PRAGMA user_version").fetchone()[0]
        return version

    def _prepare(self) -> None:
        with self._border():
            connection, version = self._connection(), self._version()
            if version == 0:
                self.path.chmod(0o600)
                connection.execute("PRAGMA journal_mode = WAL")
            for number, step in enumerate(_STEPS[version:], start=version + 1):
                connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Not used by two threads at once, but closed by the one that calls close().
            connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
            with self._guard:
                ended = [pair for pair in self._opened if not pair[0].is_alive()]
                self._opened[:] = [pair for pair in self._opened if pair[0].is_alive()]
                self._opened.append((threading.current_thread(), connection))
            _close(ended)
        return connection

    @contextmanager
    def _border(self) -> Iterator[None]:
        """Turn SQLite's exceptions in the body into those of `errors`; those that are our own mistakes stay."""
        folder = str(self.path.parent)
        try:
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


def insert(database: TrainingDatabase, table: str, /, **values: object) -> None:
    """Insert a row, by the names of its columns."""
    marks = ", ".join(f":{name}" for name in values)
    query = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608  # our own names
    with database.writing() as connection:
        connection.execute(query, values)


def read_setting(database: TrainingDatabase, name: str) -> str | None:
    """Return a setting of the platform; None where it is not set."""
    with database.reading() as connection:
        row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def write_setting(database: TrainingDatabase, name: str, value: str) -> None:
    with database.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def _close(opened: list[tuple[threading.Thread, sqlite3.Connection]]) -> None:
    while opened:
        opened.pop()[1].close()


def to_text(moment: datetime) -> str:
    """Return an aware moment as the text that is stored."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """Return the moment in a stored text, aware and in UTC."""
    return datetime.fromisoformat(text)
