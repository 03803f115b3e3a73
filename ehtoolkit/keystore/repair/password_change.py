"""Gives a keystore another password, or another protection, and loses nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.decryption import unlock
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.secret_keys import reseal_secrets
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal
from ehtoolkit.keystore.password_policy import check_new_password
from ehtoolkit.keystore.repair.local_key_ids import with_sound_ids
from ehtoolkit.keystore.storage import backups, fs
from ehtoolkit.keystore.storage.keystore_file import about
from ehtoolkit.keystore.storage.writing import replace_keystore, target_of, verify_by_password
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class Changed:
    """``path``: the file, which opens with the new password, as it was named. ``backup``: its copy, which
    still opens with the **old** one. ``profile``: how the file is protected now."""

    path: Path
    backup: Path
    profile: EncryptionProfile


def change_password(
    path: Path, old: Secret, new: Secret, profile: EncryptionProfile | None = None
) -> Changed:
    """Encrypt a keystore anew, under ``new`` (which may be ``old``, to change the profile alone).

    ``profile``: None keeps it, so that what opened the file still does.

    Keys, certificates, names, attributes and their order stay as they are, but for localKeyIDs that lack or
    repeat: those are given anew, or Java would lose keys. What is written is opened under the new password
    and compared before it takes the place of the old file, in one step of the file system.

    Raises `errors.PasswordNotAllowed` for a new password that not every program takes; what reading raises, of
    which `errors.KeystorePasswordWrong`; `errors.DuplicateAlias`, `errors.FolderNotWritable`,
    `errors.DiskFull`, `errors.FileBusy`, `errors.WriteFailed`. Then the file is as it was.
    """
    check_new_password(new)
    data = fs.read(path, limits.SIZE)
    before, after = DerivedKeyCache(old), DerivedKeyCache(new)
    with about(path):
        structure = outline_pkcs12(data)
        found = unlock(structure, before)
        sealing = EncryptionParams.new(profile or EncryptionProfile.of(structure.protection))
        contents = with_sound_ids(reseal_secrets(found, before, after, sealing))
        written = seal(contents, after, sealing)
        backup = replace_keystore(path, written, data, verify_by_password(path, contents, new))
    if backup is None:  # somebody removed the file meanwhile: it is there again
        backup = backups.back_up(target_of(path), data)
    return Changed(path, backup, sealing.profile)


def delete_backup(backup: Path) -> None:
    """Remove a copy that `change_password` named: whoever has it and the old password has the keys.

    Raises `errors.KeystoreNotFound` when it is not there or no such copy, `errors.FolderNotWritable`,
    `errors.WriteFailed`.
    """
    if not backups.is_backup(backup) or not backup.exists():
        raise errors.KeystoreNotFound(path=str(backup))
    with fs.map_os_errors(backup):
        backup.unlink()
        fs.flush_folder(backup.parent)
