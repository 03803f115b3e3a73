"""Keystores of tests on disk."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.storage.keystore_file import put_new, replace_keystore, verify_contents
from ehtoolkit.secret import Secret


def write_over(path: Path, keystore: Keystore, password: Secret) -> None:
    """Write a keystore over a file, whatever that has and whatever its password; the old content stays as a backup."""
    present = path.read_bytes()
    profile = EncryptionProfile.of(outline_pkcs12(present).protection)
    data = write_pkcs12(keystore.contents, password, profile)
    replace_keystore(path, data, present, verify_contents(path, keystore.contents, DerivedKeyCache(password)))


def load_any(data: bytes, password: Secret) -> Pkcs12Contents:
    """Everything in a whole file of any format."""
    return recover(data, password, salvage=False).contents


def create_keystore(path: Path, contents: Pkcs12Contents, password: Secret) -> None:
    """Write ``contents`` into a new file, and prove it by opening the file."""
    data = write_pkcs12(contents, password)
    put_new(path, data, verify_contents(path, contents, DerivedKeyCache(password)))
