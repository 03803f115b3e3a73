"""Keystores: what is in them, in which state they are, and how they are read, written, named and found."""

from __future__ import annotations

from ehtoolkit.keystore.certificates import is_placeholder, placeholder_certificate
from ehtoolkit.keystore.codec.contents import Attribute, CertificateBag, KeyBag, OtherBag, Pkcs12Contents
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.pkcs12 import (
    EncryptionProfile,
    outline_pkcs12,
    password_matches,
    read_certificates,
    read_pkcs12,
    write_pkcs12,
)
from ehtoolkit.keystore.codec.transfer_damage import Repaired, undo_transfer_damage
from ehtoolkit.keystore.entries import AUTHENTICATION, KeyEntry
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.passwords import check_new_password
from ehtoolkit.keystore.repair.export import (
    CertificateFormat,
    export_certificate,
    export_chain,
    export_encryption,
)
from ehtoolkit.keystore.repair.java_store import read_java_store
from ehtoolkit.keystore.repair.local_key_ids import with_sound_ids
from ehtoolkit.keystore.repair.merging import carry_old_keys, check_same_holder, merge_old_keys
from ehtoolkit.keystore.repair.recovery import LostItem, Recovered, recover
from ehtoolkit.keystore.rewrite import (
    Changed,
    Rewritten,
    change_password,
    delete_backup,
    rewrite,
    rewrite_file,
)
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.keystore.storage.actor_lock import actor_lock
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.filenames import KeystoreName, keystore_name, parse_name
from ehtoolkit.keystore.storage.folder import (
    FoundKeystore,
    VisibleKey,
    find_keystores,
    keystore_path,
    visible_key_ids,
)
from ehtoolkit.keystore.storage.importing import ImportedKeystore, import_keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore, read_keystore
from ehtoolkit.keystore.storage.move import archive_keystore, rename_keystore
from ehtoolkit.keystore.storage.request_record import RequestRecord, read_request_record, write_request_record
from ehtoolkit.keystore.storage.state_cache import (
    CachedState,
    read_cached_states,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.keystore.storage.user_profiles import ProfileFolder, keystore_folders
from ehtoolkit.keystore.storage.writing import create_keystore

__all__ = [
    "AUTHENTICATION",
    "Attribute",
    "CachedState",
    "CertificateBag",
    "CertificateFormat",
    "CertificateState",
    "Changed",
    "EncryptionProfile",
    "FoundKeystore",
    "ImportedKeystore",
    "KeyBag",
    "KeyEntry",
    "Keystore",
    "KeystoreFile",
    "KeystoreName",
    "LostItem",
    "OtherBag",
    "Pkcs12Contents",
    "ProfileFolder",
    "Recovered",
    "Repaired",
    "RequestRecord",
    "Rewritten",
    "VisibleKey",
    "actor_lock",
    "archive_keystore",
    "backups_of",
    "carry_old_keys",
    "change_password",
    "check_new_password",
    "check_same_holder",
    "create_keystore",
    "delete_backup",
    "detect_file_type",
    "export_certificate",
    "export_chain",
    "export_encryption",
    "find_keystores",
    "import_keystore",
    "is_placeholder",
    "keystore_folders",
    "keystore_name",
    "keystore_path",
    "merge_old_keys",
    "open_keystore",
    "outline_pkcs12",
    "parse_name",
    "password_matches",
    "placeholder_certificate",
    "read_cached_states",
    "read_certificates",
    "read_java_store",
    "read_keystore",
    "read_pkcs12",
    "read_request_record",
    "recover",
    "rename_keystore",
    "rewrite",
    "rewrite_file",
    "sha256_of_file",
    "undo_transfer_damage",
    "visible_key_ids",
    "with_sound_ids",
    "write_cached_state",
    "write_pkcs12",
    "write_request_record",
]
