"""Translate SQLAlchemy and driver exceptions into errors of ehtoolkit.

It is also the one module that reads the words of psycopg's messages, of connections that were refused: these have no
SQLSTATE. Without the words, a wrong password is reported as a server that cannot be reached. Upstream:
psycopg/psycopg#1188. `tests/providers/test_postgresql.py` provokes each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from ehtoolkit import errors

_SQLITE: Final[dict[int, type[errors.RegistryError]]] = {
    sqlite3.SQLITE_BUSY: errors.RegistryBusy,
    sqlite3.SQLITE_LOCKED: errors.RegistryBusy,
    sqlite3.SQLITE_READONLY: errors.RegistryReadOnly,
    sqlite3.SQLITE_PERM: errors.RegistryReadOnly,
    sqlite3.SQLITE_CANTOPEN: errors.RegistryReadOnly,
    sqlite3.SQLITE_CORRUPT: errors.RegistryDamaged,
    sqlite3.SQLITE_NOTADB: errors.RegistryDamaged,
}
_PRIMARY: Final = 0xFF
"""SQLite's extended codes have their primary code in the last byte."""

# The classes and codes of PostgreSQL's errors (its manual, appendix A).
_POSTGRESQL: Final[dict[str, type[errors.RegistryError]]] = {
    "55P03": errors.RegistryBusy,  # lock not available
    "40001": errors.RegistryBusy,  # serialization failure
    "40P01": errors.RegistryBusy,  # deadlock
    "57014": errors.RegistryBusy,  # statement timeout
    "25006": errors.RegistryReadOnly,
    "42501": errors.RegistryReadOnly,  # no privilege
    "XX001": errors.RegistryDamaged,
    "XX002": errors.RegistryDamaged,
}
_UNIQUE: Final = frozenset({"23505"})
_FULL: Final = "53100"
_LOGIN: Final = "28"
_NO_DATABASE: Final = "3D000"
_GONE: Final = ("08", "57P")


@contextmanager
def map_db_errors(place: str) -> Iterator[None]:
    """Turn what goes wrong with the database at ``place`` (a path, or host and name) into `errors.RegistryError`,
    `errors.DiskFull`, or `errors.ProviderExists` where a NISS is there already."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _ours(error, place) from error
    except exc.SQLAlchemyError as error:
        raise errors.RegistryFault(place=place, code=type(error).__name__) from error


def _ours(error: exc.DBAPIError, place: str) -> errors.EhToolkitError:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, place)
    state = getattr(cause, "sqlstate", None)
    if state is None:  # no connection: the driver knows no code, since no server has given one
        return _unconnected(str(cause), place)
    return _of_postgresql(state, place)


def _of_sqlite(error: sqlite3.Error, place: str) -> errors.EhToolkitError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return errors.RegistryFault(place=place, code=type(error).__name__)
    if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
        return errors.ProviderExists()
    if code & _PRIMARY == sqlite3.SQLITE_FULL:
        return errors.DiskFull(folder=place)
    if code == sqlite3.SQLITE_INTERRUPT:
        return errors.RegistryDamaged(place=place, reason="endless")
    ours = _SQLITE.get(code & _PRIMARY)
    if ours is None:
        return errors.RegistryFault(place=place, code=error.sqlite_errorname)
    return ours(place=place)


def _of_postgresql(state: str, place: str) -> errors.EhToolkitError:
    if state in _UNIQUE:
        return errors.ProviderExists()
    if state == _FULL:
        return errors.DiskFull(folder=place)
    if state.startswith(_LOGIN):
        return errors.RegistryUnreachable(place=place, reason="login")
    if state == _NO_DATABASE:
        return errors.RegistryUnreachable(place=place, reason="database")
    if state.startswith(_GONE):
        return errors.RegistryUnreachable(place=place, reason="connect")
    ours = _POSTGRESQL.get(state)
    return errors.RegistryFault(place=place, code=state) if ours is None else ours(place=place)


def _unconnected(message: str, place: str) -> errors.RegistryUnreachable:
    """Return why there is no connection, by the driver's ``message``. Other words than these are taken for a server
    that is not there."""
    if any(words in message for words in ("authentication failed", "no password", "pg_hba", 'role "')):
        return errors.RegistryUnreachable(place=place, reason="login")
    if "database" in message and "does not exist" in message:
        return errors.RegistryUnreachable(place=place, reason="database")
    return errors.RegistryUnreachable(place=place, reason="connect")
