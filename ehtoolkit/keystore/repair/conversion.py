"""Convert keystores: from another format, with another password or protection.

From file to file (`convert`, `rescue_file`), or in memory (`rebuild`, `sealed`), where the result is opened before
it is returned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.decryption import unlock
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.transfer_damage import undo_transfer_damage
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, reseal_secrets, seal
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.passwords import check_new_password
from ehtoolkit.keystore.repair.java_store import JAVA_KINDS, read_java_store
from ehtoolkit.keystore.repair.local_key_ids import with_sound_ids
from ehtoolkit.keystore.repair.recovery import LostItem, Recovered, recover
from ehtoolkit.keystore.storage import backups
from ehtoolkit.keystore.storage.filenames import keystore_name, parse_name
from ehtoolkit.keystore.storage.folder import keystore_path
from ehtoolkit.keystore.storage.keystore_file import about
from ehtoolkit.keystore.storage.writing import put_new, replace_keystore, target_of, verify_by_password
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import flush_folder, map_os_errors, read_file, require_file
from ehtoolkit.system.locks import folder_lock


def load_any(data: bytes, password: Secret) -> Pkcs12Contents:
    """Return everything in a PKCS#12, JKS or JCEKS file, also one as base64 or PEM text, or whose line ends or
    characters a transfer changed, where that can be undone.

    Raises what `ehtoolkit.keystore.read_pkcs12` raises.
    """
    limits.check_size(len(data))
    if detect_file_type(data) in JAVA_KINDS:
        return read_java_store(data, password)
    mended = undo_transfer_damage(data)
    return unlock(outline_pkcs12(data if mended is None else mended.data), DerivedKeyCache(password))


@dataclass(frozen=True, slots=True)
class NewKeystore:
    """A keystore that is in no file yet.

    Attributes:
        data: sealed under its password.
        lost: what could not be taken over.
        identifier: the holder's; None if unknown: then ``name`` is made of the old one.
    """

    data: bytes = field(repr=False)
    name: str
    keys: int
    certificates: int
    lost: tuple[LostItem, ...]
    identifier: Identifier | None
    application_id: str | None
    environment: Environment


@dataclass(frozen=True, slots=True)
class Reencrypted:
    """``data``: ``contents`` as a PKCS#12 file."""

    contents: Pkcs12Contents
    data: bytes = field(repr=False)


def reencrypt(
    contents: Pkcs12Contents, password: Secret, new: Secret, profile: EncryptionProfile, *, mend_ids: bool
) -> Reencrypted:
    """Return everything that a file held under ``password``, sealed under ``new``.

    ``mend_ids``: localKeyIDs and names are given anew where `with_sound_ids` says so. Raises `errors.DuplicateAlias`,
    and as `reseal_secrets` does.
    """
    ring, sealing = DerivedKeyCache(new), EncryptionParams.new(profile)
    kept = reseal_secrets(contents, DerivedKeyCache(password), ring, sealing)
    kept = with_sound_ids(kept) if mend_ids else kept
    return Reencrypted(kept, seal(kept, ring, sealing))


def convert(
    source: Path,
    password: Secret,
    target: Path,
    new_password: Secret | None = None,
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
) -> Pkcs12Contents:
    """Write everything in ``source`` into the new PKCS#12 file ``target``, and return it.

    ``new_password``: None keeps the old one. Lacking, repeated or misleading localKeyIDs are given anew, and numbers as
    names, as `with_sound_ids` says. Raises `errors.PasswordNotAllowed`, what `load_any` raises, `errors.FileExists` and
    what `ehtoolkit.keystore.create_keystore` raises.
    """
    new = password if new_password is None else new_password
    check_new_password(new, kept=new == password)
    data = read_file(source, limits.SIZE)
    with about(source):
        found = load_any(data, password)
    remade = reencrypt(found, password, new, profile, mend_ids=True)
    put_new(target, remade.data, verify_by_password(target, remade.contents, new))
    return remade.contents


def rescue_file(
    source: Path,
    password: Secret,
    target: Path,
    new_password: Secret | None = None,
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
) -> Recovered:
    """Write what is sound in ``source`` into the new file ``target``, and say what it was and what was lost.

    ``new_password``: None keeps the old one. Raises `errors.PasswordNotAllowed`, what
    `ehtoolkit.keystore.repair.recovery` raises, `errors.FileExists` and what `ehtoolkit.keystore.create_keystore`
    raises.
    """
    new = password if new_password is None else new_password
    check_new_password(new, kept=new == password)
    data = read_file(source, limits.SIZE)
    with about(source):
        rescued = recover(data, password)
    remade = reencrypt(rescued.contents, password, new, profile, mend_ids=False)
    put_new(target, remade.data, verify_by_password(target, remade.contents, new))
    return rescued


def rebuild(
    data: bytes,
    name: str,
    password: Secret,
    new_password: Secret | None,
    profile: EncryptionProfile,
    *,
    now: datetime,
    environment: Environment,
) -> NewKeystore:
    """Return a sound PKCS#12 keystore of everything that can be proven sound in a file of any format, sound, mangled or
    damaged.

    Args:
        new_password: None keeps the old one.
        now: for the name, aware.
        environment: where nothing else tells it.

    Raises `errors.PasswordNotAllowed`, what `ehtoolkit.keystore.repair.recovery` raises, `errors.DuplicateAlias`,
    `errors.WriteFailed`.
    """
    new = password if new_password is None else new_password
    check_new_password(new, kept=new == password)
    rescued = recover(data, password)
    remade = reencrypt(rescued.contents, password, new, profile, mend_ids=True)
    return _made(remade, new, rescued.lost, name, now, environment)


def sealed(
    contents: Pkcs12Contents, name: str, password: Secret, *, now: datetime, environment: Environment
) -> NewKeystore:
    """Return a keystore of ``contents`` under the password that it had. Raises `errors.DuplicateAlias`,
    `errors.WriteFailed`, and as `reseal_secrets` does."""
    remade = reencrypt(contents, password, password, EncryptionProfile.COMPATIBLE, mend_ids=False)
    return _made(remade, password, (), name, now, environment)


def save_to_folder(folder: Path, made: NewKeystore, now: datetime) -> Path:
    """Write ``made`` into the keystore folder as a new file, later by name than all others of its holder, and return
    where.

    Raises `errors.KeystoreNotFound` if its holder is unknown, and what
    `ehtoolkit.keystore.storage.writing.put_new` raises.
    """
    if made.identifier is None:
        raise errors.KeystoreNotFound(path=made.name)
    path = keystore_path(folder, made.identifier, made.application_id, now, made.environment)

    def check(written: bytes) -> None:
        if written != made.data:
            raise errors.WriteFailed(path=str(path))

    put_new(path, made.data, check)
    return path


def _made(
    remade: Reencrypted,
    password: Secret,
    lost: tuple[LostItem, ...],
    name: str,
    now: datetime,
    environment: Environment,
) -> NewKeystore:
    contents, data = remade.contents, remade.data
    verify_by_password(Path(name), contents, password)(data)
    named = parse_name(name)
    holder, issued = _holder_of(contents)
    identifier = named.identifier if holder is None else holder.identifier
    application_id = named.application_id if holder is None else holder.application_id
    where = issued or named.environment or environment
    if identifier is None:
        proper = f"{Path(name).stem}-new.p12"
    else:
        proper = keystore_name(identifier, application_id, now, where)
    return NewKeystore(
        data, proper, len(contents.keys), len(contents.certificates), lost, identifier, application_id, where
    )


def _holder_of(contents: Pkcs12Contents) -> tuple[DistinguishedName | None, Environment | None]:
    try:
        keystore = Keystore.of(contents)
    except errors.KeystoreError:
        return None, None
    return keystore.holder, keystore.environment


# ── Another password, another protection ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Changed:
    """A keystore whose password was changed.

    Attributes:
        path: the file, which opens with the new password, as it was named.
        backup: its copy, which still opens with the **old** one.
        profile: how the file is protected now.
    """

    path: Path
    backup: Path
    profile: EncryptionProfile


def change_password(
    path: Path, old: Secret, new: Secret, profile: EncryptionProfile | None = None
) -> Changed:
    """Encrypt a keystore anew, under ``new`` (which may be ``old``, to change the profile alone).

    ``profile``: None keeps it, so that what opened the file still does.

    Keys, certificates, names, attributes and their order stay as they are, but for localKeyIDs that lack, repeat or
    mislead: those are given anew, or Java would lose keys; and an encryption key that is called by another number gets
    the serial number of its certificate as its name, as `with_sound_ids` says. What is written is opened under the new
    password and compared before it takes the place of the old file, in one step of the file system.

    Raises `errors.PasswordNotAllowed` for a new password that not every program takes; what reading raises, of
    which `errors.KeystorePasswordWrong`; `errors.DuplicateAlias`, `errors.FolderNotWritable`,
    `errors.DiskFull`, `errors.FileBusy`, `errors.WriteFailed`. Then the file is as it was.
    """
    check_new_password(new, kept=new == old)
    data = read_file(path, limits.SIZE)
    before, after = DerivedKeyCache(old), DerivedKeyCache(new)
    with about(path):
        structure = outline_pkcs12(data)
        found = unlock(structure, before)
        sealing = EncryptionParams.new(profile or EncryptionProfile.of(structure.protection))
        contents = with_sound_ids(reseal_secrets(found, before, after, sealing))
        written = seal(contents, after, sealing)
        backup = replace_keystore(path, written, data, verify_by_password(path, contents, new))
    if backup is None:  # somebody removed the file meanwhile: it is there again
        target = target_of(path)
        with folder_lock(target.parent):
            backup = backups.back_up(target, data)
    return Changed(path, backup, sealing.profile)


def delete_backup(backup: Path) -> None:
    """Remove a copy that `change_password` named: with it and the old password, anybody has the keys.

    Raises `errors.KeystoreNotFound` when it is not there or no such copy, `errors.FolderNotWritable`,
    `errors.WriteFailed`.
    """
    if not backups.is_backup(backup):
        raise errors.KeystoreNotFound(path=str(backup))
    require_file(backup)
    with map_os_errors(backup):
        backup.unlink()
        flush_folder(backup.parent)
