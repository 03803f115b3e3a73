"""Recognise the keystores of this training platform, without their password, and the notes of their requests.

A private key's localKeyID is SHA-1 of its public key and lies in the clear. The platform knows the keys of everything
that was asked of it, and those of the sample; so a file all of whose keys it knows can be no real one. A file that
only mentions a key, or cannot be read, is not recognised.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.serialization import load_der_public_key

from ehtoolkit import errors
from ehtoolkit.crypto.keys import PublicKey
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.storage.found_keystore import visible_key_ids
from ehtoolkit.system.files import read_file
from ehtoolkit.training.authority.certificate_register import key_identifier
from ehtoolkit.training.keystores.keystore_factory import key_ids
from ehtoolkit.training.state.database import TrainingDatabase


class IssuedKeystores:
    """``notes``: the folder with the notes of requests, which have the keys of those that are still to be sent."""

    def __init__(self, database: TrainingDatabase, notes: Path) -> None:
        self._database = database
        self._notes = notes

    def key_ids(self) -> frozenset[str]:
        """Return the identifiers (40 hexadecimal digits, upper case) of all keys that the platform knows now."""
        return issued_key_ids(self._database).union(note.stem for note in self._notes.glob("*.json"))

    def includes(self, content: bytes) -> bool:
        """Return whether ``content`` is a keystore that shows its keys, and every one of them is known here."""
        ids = _shown_key_ids(content)
        return bool(ids) and ids <= self.key_ids()

    def require(self, path: Path) -> None:
        """Check that a file is a keystore of this platform (see `includes`). Raises `errors.KeystoreNotIssued` when it
        is not, and what `read_file` raises."""
        if not self.includes(read_file(path, limits.SIZE)):
            raise errors.KeystoreNotIssued(path=path.name)


def issued_key_ids(database: TrainingDatabase) -> frozenset[str]:
    """Return the identifiers of the keys that were sent to the platform, and of those of the sample."""
    known = {row["key_id"] for row in database.rows("SELECT key_id FROM certificate")}
    for token in database.rows("SELECT spki FROM token"):
        known.add(key_identifier(cast("PublicKey", load_der_public_key(token["spki"]))))
    return frozenset({*known, *key_ids()})


def is_file_of(path: Path, own: Collection[str], known: Collection[str]) -> bool:
    """Return whether a file is a keystore with one of the keys ``own`` and no other keys than those and the ``known``
    ones, or the note of a request for one of the keys ``own``."""
    try:
        content = read_file(path, limits.SIZE)
    except (errors.KeystoreError, errors.FileUnreadable):
        return False
    if path.suffix == ".json":
        return path.stem in own and _names_key(content, path.stem)
    ids = _shown_key_ids(content)
    return not ids.isdisjoint(own) and ids <= {*own, *known}


def _shown_key_ids(content: bytes) -> frozenset[str]:
    """Return the identifiers of all keys of a keystore; empty where one does not show it, and for what is no sound
    keystore."""
    try:
        return frozenset(visible_key_ids(content))
    except errors.KeystoreError:
        return frozenset()


def _names_key(note: bytes, key_id: str) -> bool:
    try:
        found = json.loads(note)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("key_id") == key_id
