"""Translate SQLAlchemy and driver exceptions into errors of ehtoolkit.

It is also the one module that reads the words of psycopg's messages, of connections that were refused: these have no
SQLSTATE. Without the words, a wrong password is reported as a server that cannot be reached. Upstream:
psycopg/psycopg#1188. `tests/providers/test_postgresql.py` provokes each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

from sqlalchemy import exc

from ehtoolkit import errors

_SQLITE: Final[Mapping[int, Callable[..., errors.EhToolkitError]]] = {
    sqlite3.SQLITE_BUSY: errors.RegistryBusy,
    sqlite3.SQLITE_LOCKED: errors.RegistryBusy,
    sqlite3.SQLITE_READONLY: errors.RegistryReadOnly,
    sqlite3.SQLITE_PERM: errors.RegistryReadOnly,
    sqlite3.SQLITE_CANTOPEN: errors.RegistryReadOnly,
    sqlite3.SQLITE_CORRUPT: errors.RegistryDamaged,
    sqlite3.SQLITE_NOTADB: errors.RegistryDamaged,
    sqlite3.SQLITE_INTERRUPT: partial(errors.RegistryDamaged, reason="endless"),
    sqlite3.SQLITE_FULL: lambda place: errors.DiskFull(folder=place),
}
"""Errors by SQLite's primary code."""
_PRIMARY: Final = 0xFF
"""SQLite's extended codes have their primary code in the last byte."""

_POSTGRESQL: Final[Mapping[str, Callable[..., errors.EhToolkitError]]] = {
    "55P03": errors.RegistryBusy,  # lock not available
    "40001": errors.RegistryBusy,  # serialization failure
    "40P01": errors.RegistryBusy,  # deadlock
    "57014": errors.RegistryBusy,  # statement timeout
    "25006": errors.RegistryReadOnly,
    "42501": errors.RegistryReadOnly,  # no privilege
    "XX001": errors.RegistryDamaged,
    "XX002": errors.RegistryDamaged,
    "23505": lambda place: errors.ProviderExists(),  # unique violation
    "53100": lambda place: errors.DiskFull(folder=place),
    "28": partial(errors.RegistryUnreachable, reason="login"),
    "3D000": partial(errors.RegistryUnreachable, reason="database"),
    "08": partial(errors.RegistryUnreachable, reason="connect"),
    "57P": partial(errors.RegistryUnreachable, reason="connect"),  # shut down
}
"""Errors by the codes of PostgreSQL, or by how those begin (its manual, appendix A)."""


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
    ours = _SQLITE.get(code & _PRIMARY)
    if ours is None:
        return errors.RegistryFault(place=place, code=error.sqlite_errorname)
    return ours(place=place)


def _of_postgresql(state: str, place: str) -> errors.EhToolkitError:
    for code, ours in _POSTGRESQL.items():
        if state.startswith(code):
            return ours(place=place)
    return errors.RegistryFault(place=place, code=state)


def _unconnected(message: str, place: str) -> errors.RegistryUnreachable:
    """Return why there is no connection, by the driver's ``message``. Other words than these are taken for a server
    that is not there."""
    if any(words in message for words in ("authentication failed", "no password", "pg_hba", 'role "')):
        return errors.RegistryUnreachable(place=place, reason="login")
    if "database" in message and "does not exist" in message:
        return errors.RegistryUnreachable(place=place, reason="database")
    return errors.RegistryUnreachable(place=place, reason="connect")
