"""Reads and writes PKCS#12 files: several private keys, all names, in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Pkcs12Contents
from ehtoolkit.keystore.codec.decryption import is_authentic, unlock
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.keystore.codec.reader import read_structure
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.codec.transfer_damage import is_text_mode
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file


def outline_pkcs12(data: bytes) -> Structure:
    """Return what a file tells without its password.

    Raises `errors.NotAKeystore`, `errors.KeystoreDamaged`, `errors.LimitExceeded`,
    `errors.KeystoreUnsupported`.
    """
    kind = detect_file_type(data)
    if kind is not None:
        raise errors.NotAKeystore(kind=kind)
    try:
        return read_structure(data)
    except errors.KeystoreDamaged as error:
        if is_text_mode(data):
            raise errors.KeystoreDamaged(reason="text_mode") from error
        raise


def read_pkcs12(data: bytes, password: Secret) -> Pkcs12Contents:
    """Return everything in a file, names and order as they are.

    Raises what `outline_pkcs12` raises, and `errors.KeystorePasswordWrong`.
    """
    return unlock(outline_pkcs12(data), DerivedKeyCache(password))


def read_certificates(data: bytes, password: Secret) -> tuple[CertificateBag, ...]:
    """Return the certificates in a file, proven by its MAC where it has one: they tell whose it is and until when, in
    half the time or less, since no key is decrypted. Raises as `read_pkcs12`."""
    return unlock(outline_pkcs12(data), DerivedKeyCache(password), keys=False).certificates


def write_pkcs12(
    contents: Pkcs12Contents, password: Secret, profile: EncryptionProfile = EncryptionProfile.COMPATIBLE
) -> bytes:
    """Return a PKCS#12 file with everything in ``contents``, names and order as they are.

    Raises `errors.DuplicateAlias`. The password is not judged: see `ehtoolkit.keystore.passwords.check_new_password`.
    """
    return seal(contents, DerivedKeyCache(password), EncryptionParams.new(profile))


# ── Does a password open a file ──────────────────────────────────────────────────────────────────────────
_WORK: Final = 700_000.0
"""Iterations of PBKDF2 with SHA-256 that one trial may cost: what real keystores ask for, and little more."""


def password_matches(path: Path, password: Secret) -> bool:
    """Return whether a password opens a file, by its integrity value; False also for what is no keystore, cannot be
    read, has no integrity value, or costs too much to try."""
    try:
        structure = outline_pkcs12(read_file(path, limits.SIZE))
        mac = structure.mac
        if not isinstance(mac, Mac) or mac.key.work > _WORK:
            return False
        return is_authentic(structure, DerivedKeyCache(password)) is True
    except (errors.KeystoreError, errors.FileUnreadable):
        return False
