"""Puts a sealed keystore on disk: under the lock of its folder, proven, with a copy of what was there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.decryption import unlock
from ehtoolkit.keystore.codec.derived_keys import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal
from ehtoolkit.keystore.storage import backups
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import (
    Check,
    create_file,
    make_folder,
    map_os_errors,
    read_file,
    remove_stale_temp,
    replace_file,
)
from ehtoolkit.system.locks import folder_lock


def put_new(path: Path, data: bytes, check: Check) -> None:
    """Write a file that must not exist yet; its folder is made when it is missing.

    Raises `errors.FileExists`, `errors.FolderNotWritable`, `errors.DiskFull`, `errors.FileBusy`,
    `errors.WriteFailed`; then there is no file.
    """
    with map_os_errors(path):
        if path.is_symlink():  # the link would decide where the file goes
            raise errors.FileExists(path=str(path))
    target = target_of(path)
    make_folder(target.parent)
    with folder_lock(target.parent):
        remove_stale_temp(target.parent)
        create_file(target, data, check)


def replace_keystore(path: Path, data: bytes, present: bytes, check: Check) -> Path | None:
    """Write ``data`` instead of what was read from the file, ``present``, and return the copy of that.

    A file that is gone is written again, without a copy. Raises as `put_new` does, and `errors.FileBusy`
    (reason ``changed``) when another program has written the file since it was read; then the old file is
    as it was.
    """
    target = target_of(path)
    with folder_lock(target.parent):
        remove_stale_temp(target.parent)
        try:
            found = read_file(target, limits.SIZE)
        except errors.KeystoreNotFound:
            create_file(target, data, check)
            return None
        if found != present:
            raise errors.FileBusy(path=str(path), reason="changed")
        backup = backups.back_up(target, found)
        try:
            replace_file(target, data, check)
        except errors.KeystoreError:
            if _holds(target, found):  # else the copy may be all that is left of it
                backups.discard(backup)
            elif _holds(target, data):  # it has its place, and the disk does not say that it stays there
                with suppress(errors.KeystoreError):
                    replace_file(target, found)
            raise
        backups.prune(target)
        return backup


def _holds(path: Path, data: bytes) -> bool:
    try:
        return read_file(path, limits.SIZE) == data
    except (errors.KeystoreError, errors.FileUnreadable):
        return False


def create_keystore(
    path: Path,
    contents: Pkcs12Contents,
    password: Secret,
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
) -> None:
    """Write ``contents`` into a new file, names and order as they are, and prove it by opening the file.

    Raises as `put_new` does, and `errors.DuplicateAlias`. The password is not judged here.
    """
    put_new(
        path,
        seal(contents, DerivedKeyCache(password), EncryptionParams.new(profile)),
        verify_by_password(path, contents, password),
    )


def verify_by_password(path: Path, contents: Pkcs12Contents, password: Secret) -> Check:
    """Return a check that what was written opens under ``password``, derived again, and holds ``contents``: keys,
    certificates, names, IDs, all attributes and the order. It raises `errors.WriteFailed`."""
    return verify_contents(path, contents, DerivedKeyCache(password))


def verify_contents(path: Path, contents: Pkcs12Contents, cache: DerivedKeyCache) -> Check:
    """Return the same check as `verify_by_password`, with keys that were derived before."""

    def check(written: bytes) -> None:
        try:
            same = unlock(outline_pkcs12(written), cache) == contents
        except errors.KeystoreError as error:
            raise errors.WriteFailed(path=str(path)) from error
        if not same:
            raise errors.WriteFailed(path=str(path))

    return check


def target_of(path: Path) -> Path:
    """Return the file that is meant, when ``path`` is a link."""
    return Path(os.path.realpath(path))  # Path.resolve has no way to answer links in a circle
