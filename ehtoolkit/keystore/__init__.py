"""Keystores: what is in them, in which state they are, and how they are read, written, named and found."""

from __future__ import annotations

from ehtoolkit.keystore.archive import archive_keystore
from ehtoolkit.keystore.backups import backups_of
from ehtoolkit.keystore.contents import Attribute, CertificateBag, Contents, KeyBag, OtherBag
from ehtoolkit.keystore.conversion import convert, read_any, rescue_file
from ehtoolkit.keystore.dummy import dummy_certificate, is_dummy
from ehtoolkit.keystore.entries import AUTHENTICATION, KeyEntry
from ehtoolkit.keystore.export import Form, export_certificate, export_chain, export_encryption
from ehtoolkit.keystore.files import KeystoreFile, open_keystore, read_keystore, save_keystore
from ehtoolkit.keystore.folder import (
    FoundKeystore,
    VisibleKey,
    find_keystores,
    keystore_path,
    visible_key_ids,
)
from ehtoolkit.keystore.java_store import read_java_store
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.kind import kind_of
from ehtoolkit.keystore.local_key_ids import with_sound_ids
from ehtoolkit.keystore.lock import actor_lock
from ehtoolkit.keystore.mending import Mended, mend
from ehtoolkit.keystore.merging import carry_old_keys, check_same_holder, merge_old_keys
from ehtoolkit.keystore.names import KeystoreName, keystore_name, parse_name
from ehtoolkit.keystore.note import Note, read_note, write_note
from ehtoolkit.keystore.password import check_new_password
from ehtoolkit.keystore.password_change import Changed, change_password, delete_backup
from ehtoolkit.keystore.pkcs12 import Profile, outline_pkcs12, read_certificates, read_pkcs12, write_pkcs12
from ehtoolkit.keystore.profiles import ProfileFolder, keystore_folders
from ehtoolkit.keystore.renaming import rename_keystore
from ehtoolkit.keystore.rescue import Lost, Rescued, rescue
from ehtoolkit.keystore.sighting import Sighting, content_of, read_sightings, write_sighting
from ehtoolkit.keystore.state import KeystoreState
from ehtoolkit.keystore.trial import opens_with
from ehtoolkit.keystore.writing import create_keystore

__all__ = [
    "AUTHENTICATION",
    "Attribute",
    "CertificateBag",
    "Changed",
    "Contents",
    "Form",
    "FoundKeystore",
    "KeyBag",
    "KeyEntry",
    "Keystore",
    "KeystoreFile",
    "KeystoreName",
    "KeystoreState",
    "Lost",
    "Mended",
    "Note",
    "OtherBag",
    "Profile",
    "ProfileFolder",
    "Rescued",
    "Sighting",
    "VisibleKey",
    "actor_lock",
    "archive_keystore",
    "backups_of",
    "carry_old_keys",
    "change_password",
    "check_new_password",
    "check_same_holder",
    "content_of",
    "convert",
    "create_keystore",
    "delete_backup",
    "dummy_certificate",
    "export_certificate",
    "export_chain",
    "export_encryption",
    "find_keystores",
    "is_dummy",
    "keystore_folders",
    "keystore_name",
    "keystore_path",
    "kind_of",
    "mend",
    "merge_old_keys",
    "open_keystore",
    "opens_with",
    "outline_pkcs12",
    "parse_name",
    "read_any",
    "read_certificates",
    "read_java_store",
    "read_keystore",
    "read_note",
    "read_pkcs12",
    "read_sightings",
    "rename_keystore",
    "rescue",
    "rescue_file",
    "save_keystore",
    "visible_key_ids",
    "with_sound_ids",
    "write_note",
    "write_pkcs12",
    "write_sighting",
]
