"""Keystores: what is in them, in which state they are, and how they are read, written, named and found."""

from __future__ import annotations

from ehtoolkit.keystore.backups import backups_of
from ehtoolkit.keystore.contents import Attribute, CertificateBag, Contents, KeyBag, OtherBag
from ehtoolkit.keystore.dummy import dummy_certificate, is_dummy
from ehtoolkit.keystore.entries import AUTHENTICATION, KeyEntry
from ehtoolkit.keystore.files import KeystoreFile, open_keystore, read_keystore, save_keystore
from ehtoolkit.keystore.folder import FoundKeystore, find_keystores, keystore_path
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.lock import actor_lock
from ehtoolkit.keystore.names import KeystoreName, keystore_name, parse_name
from ehtoolkit.keystore.note import Note, read_note, write_note
from ehtoolkit.keystore.password import check_new_password
from ehtoolkit.keystore.pkcs12 import Profile, outline_pkcs12, read_pkcs12, write_pkcs12
from ehtoolkit.keystore.state import KeystoreState

__all__ = [
    "AUTHENTICATION",
    "Attribute",
    "CertificateBag",
    "Contents",
    "FoundKeystore",
    "KeyBag",
    "KeyEntry",
    "Keystore",
    "KeystoreFile",
    "KeystoreName",
    "KeystoreState",
    "Note",
    "OtherBag",
    "Profile",
    "actor_lock",
    "backups_of",
    "check_new_password",
    "dummy_certificate",
    "find_keystores",
    "is_dummy",
    "keystore_name",
    "keystore_path",
    "open_keystore",
    "outline_pkcs12",
    "parse_name",
    "read_keystore",
    "read_note",
    "read_pkcs12",
    "save_keystore",
    "write_note",
    "write_pkcs12",
]
