"""The entries of a cache in a table of PostgreSQL, which several computers share.

The key is a file that the administrator puts on each of them, and never in the database. Entries are encrypted with it:
the database alone tells neither whose keystores there are nor which password is right, and what somebody writes into it
without the key is passed over.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    Date,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from ehtoolkit import errors
from ehtoolkit.auditing.cache import KEPT
from ehtoolkit.keystore import fs
from ehtoolkit.providers.database import postgresql_engine

KEY_LENGTH: Final = 32
"""Bytes that the key has at least."""
_LONGEST_KEY: Final = 4_096
_PATIENCE: Final = 5.0
"""Seconds that it is waited for the server, and for others who write."""
_BATCH: Final = 200
"""Entries that are written at once."""
_NONCE: Final = 12
"""Bytes, as AES-GCM has it."""

ENTRIES: Final = Table(
    "ehtoolkit_audit_cache",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("used", Date, nullable=False, index=True),
    Column("entry", LargeBinary, nullable=False),
)
"""Made where it is not there. One of another form is left alone, and the audit does without."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class SharedCache:
    """``url``: as `ehtoolkit.providers.database.postgresql_url` gives it. ``key``: the file with the key; None: nothing
    is kept."""

    url: str
    key: Path | None


def read_key(path: Path | None) -> bytes | None:
    """Return the key in the file; None where there is none or it cannot be read, where it is too short or too long,
    and, on POSIX systems, where others than its owner have any right to it."""
    try:
        if path is None or (os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077):
            return None
        key = fs.read(path, _LONGEST_KEY)
    except (errors.EhToolkitError, OSError, ValueError):
        return None
    return key if KEY_LENGTH <= len(key) <= _LONGEST_KEY else None


def open_entries(place: SharedCache, key: bytes, today: date) -> DatabaseEntries:
    """Return the entries in the database at ``place``; nothing is asked of it yet. Raises
    `errors.RegistryDriverMissing`."""
    return DatabaseEntries(postgresql_engine(place.url, _PATIENCE), key, today)


class DatabaseEntries:
    """Entries in the table `ENTRIES`. After the first fault of the database it is asked nothing more: an audit does not
    wait for it again and again."""

    def __init__(self, engine: Engine, key: bytes, today: date) -> None:
        self._engine = engine
        # Another key than that of the names, made of the same.
        self._cipher = AESGCM(hmac.new(key, b"entries", hashlib.sha256).digest())
        self._today = today
        self._connection: Connection | None = None
        self._works = True
        self._used: list[str] = []
        self._new: dict[str, bytes] = {}

    def get(self, name: str) -> Mapping[str, Any] | None:
        if name in self._new:
            return self._decrypted(name, self._new[name])
        wanted = select(ENTRIES.c.used, ENTRIES.c.entry).where(ENTRIES.c.name == name)
        row = self._ask(lambda connection: connection.execute(wanted).one_or_none())
        if row is None:
            return None
        if row.used != self._today:
            self._used.append(name)
            self._write(least=_BATCH)
        return self._decrypted(name, row.entry)

    def put(self, name: str, entry: Mapping[str, Any]) -> None:
        nonce = secrets.token_bytes(_NONCE)
        text = json.dumps(entry).encode()
        self._new[name] = nonce + self._cipher.encrypt(nonce, text, name.encode())
        self._write(least=_BATCH)

    def save(self) -> None:
        self._write(least=1)
        self._ask(
            lambda connection: connection.execute(delete(ENTRIES).where(ENTRIES.c.used < self._today - KEPT))
        )
        self._close()

    def _decrypted(self, name: str, entry: bytes) -> Mapping[str, Any] | None:
        try:
            found = json.loads(self._cipher.decrypt(entry[:_NONCE], entry[_NONCE:], name.encode()))
        except (InvalidTag, ValueError):  # of another key, or put there by somebody without
            return None
        return found if isinstance(found, dict) else None

    def _write(self, *, least: int) -> None:
        """Write what is new where there is enough of it."""
        from sqlalchemy.dialects.postgresql import insert  # most audits need none of it

        if len(self._new) >= least:
            rows = [{"name": name, "used": self._today, "entry": entry} for name, entry in self._new.items()]
            new = insert(ENTRIES)
            put = new.on_conflict_do_update(
                index_elements=[ENTRIES.c.name], set_={"used": new.excluded.used, "entry": new.excluded.entry}
            )
            self._ask(lambda connection: connection.execute(put, rows))
            self._new.clear()
        if len(self._used) >= least:
            touch = update(ENTRIES).where(ENTRIES.c.name.in_(self._used)).values(used=self._today)
            self._ask(lambda connection: connection.execute(touch))
            self._used.clear()

    def _ask(self, what: Callable[[Connection], _Answer]) -> _Answer | None:
        """Return what the database answers; None from its first fault on."""
        if not self._works:
            return None
        try:
            if self._connection is None:
                # Each statement for itself: an audit takes long, and others wait for no lock of it.
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                ENTRIES.metadata.create_all(self._connection)
            return what(self._connection)
        except SQLAlchemyError:
            self._works = False
            self._close()
            return None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()
