"""Recognise the keystores of this training platform, without their password.

A private key's localKeyID is SHA-1 of its public key and lies in the clear. The platform knows the keys of everything
that was asked of it, and those of the sample; so a file all of whose keys it knows can be no real one.
"""

from __future__ import annotations

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
        known = {row["key_id"] for row in self._database.rows("SELECT key_id FROM certificate")}
        for token in self._database.rows("SELECT spki FROM token"):
            known.add(key_identifier(cast("PublicKey", load_der_public_key(token["spki"]))))
        return frozenset({*known, *(note.stem for note in self._notes.glob("*.json")), *key_ids()})

    def includes(self, content: bytes) -> bool:
        """Return whether ``content`` is a keystore that shows its keys, and every one of them is known here."""
        try:
            ids = visible_key_ids(content)
        except errors.KeystoreError:
            return False
        return bool(ids) and set(ids) <= self.key_ids()

    def require(self, path: Path) -> None:
        """Check that a file is a keystore of this platform (see `includes`). Raises `errors.KeystoreNotIssued` when it
        is not, and what `read_file` raises."""
        if not self.includes(read_file(path, limits.SIZE)):
            raise errors.KeystoreNotIssued(path=path.name)
