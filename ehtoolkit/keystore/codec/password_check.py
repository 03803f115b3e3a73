"""Whether a password opens a file, told by the integrity value alone: nothing in the file is decrypted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.decryption import is_authentic
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.keystore.storage import fs
from ehtoolkit.secret import Secret

_WORK: Final = 700_000.0
"""Iterations of PBKDF2 with SHA-256 that one trial may cost: what real keystores ask for, and little more."""


def password_matches(path: Path, password: Secret) -> bool:
    """False also for what is no keystore, cannot be read, has no integrity value, or costs too much to try."""
    try:
        structure = outline_pkcs12(fs.read(path, limits.SIZE))
        mac = structure.mac
        if not isinstance(mac, Mac) or mac.key.work > _WORK:
            return False
        return is_authentic(structure, DerivedKeyCache(password)) is True
    except (errors.KeystoreError, errors.FileUnreadable):
        return False
