"""Keystore files on disk: opened once, saved as often as a procedure needs without deriving a key again.

A keystore is written under the lock of its folder, proven by opening it, and never without a copy of what was there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12, unlock
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, prepare, seal
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.backups import back_up, discard, remove_old_backups
from ehtoolkit.keystore.storage.filenames import KeystoreName, parse_name
from ehtoolkit.keystore.storage.records import fingerprint
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


class KeystoreFile:
    """A keystore and the file that it is in, for as long as a procedure works on them.

    Holds the keys that open and seal this file, and not the password.

    Args:
        path: as it was given; when it is a link, the file that it leads to is written.
        keystore: what the file holds.
        data: its bytes, as they are on disk.
    """

    def __init__(
        self, path: Path, keystore: Keystore, cache: DerivedKeyCache, params: EncryptionParams, data: bytes
    ) -> None:
        """Take what `open` and `create` have read or made: use these."""
        self.path = path
        self.keystore = keystore
        self._cache = cache
        self._params = params
        self.data = data

    @classmethod
    def open(cls, path: Path, password: Secret) -> KeystoreFile:
        """Read a keystore, to save it again.

        Raises `errors.KeystoreNotFound`, `errors.FileUnreadable`, `errors.NotAKeystore`,
        `errors.KeystoreDamaged`, `errors.LimitExceeded`, `errors.KeystoreUnsupported`,
        `errors.KeystorePasswordWrong`, each with the fact ``path``.
        """
        data = read_file(path, limits.SIZE)
        cache = DerivedKeyCache(password)
        with about(path):
            structure = outline_pkcs12(data)
            keystore = Keystore.of(unlock(structure, cache))
            params = EncryptionParams.to_continue(structure.protection)
            prepare(cache, params)
        cache.close()
        return cls(path, keystore, cache, params, data)

    @classmethod
    def create(
        cls,
        path: Path,
        keystore: Keystore,
        password: Secret,
        profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
    ) -> KeystoreFile:
        """Write ``keystore`` into a new file; its folder is made when it is missing.

        Raises `errors.FileExists`, `errors.FolderNotWritable`, `errors.DiskFull`, `errors.FileBusy`,
        `errors.WriteFailed`, `errors.DuplicateAlias`; then there is no file. The password is not judged here.
        """
        cache, params = DerivedKeyCache(password), EncryptionParams.new(profile)
        prepare(cache, params)
        cache.close()
        data = seal(keystore.contents, cache, params)
        put_new(path, data, verify_contents(path, keystore.contents, cache))
        return cls(path, keystore, cache, params, data)

    @property
    def content(self) -> str:
        """The SHA-256 of what is on disk, hexadecimal."""
        return fingerprint(self.data)

    @property
    def named(self) -> KeystoreName:
        """What the name of the file says: a hint."""
        return parse_name(self.path.name)

    def save(self, keystore: Keystore) -> Path | None:
        """Write ``keystore`` instead of what the file holds, and return the copy of that, a backup.

        What was written is read back and compared before it takes the place. A file that is gone is written
        again, without a backup. Raises as `create` does, and `errors.FileBusy` (reason ``changed``) when
        another program has written the file since it was read; then the old file is as it was.
        """
        data = seal(keystore.contents, self._cache, self._params)
        check = verify_contents(self.path, keystore.contents, self._cache)
        backup = replace_keystore(self.path, data, self.data, check)
        self.keystore, self.data = keystore, data
        return backup

    def reread(self, password: Secret | None = None) -> None:
        """Take in what another program has written since. A file that is gone stays what it was: `save` writes it
        again.

        Args:
            password: opens what was written with new salts, as other programs do. Without it, only the keys that the
                file was opened with are tried.

        Raises as `open` does; `errors.FileBusy` (reason ``password``) where neither opens it, or (reason ``changed``)
        where it holds another certificate's keystore now. Then this object is as it was.
        """
        try:
            data = read_file(self.path, limits.SIZE)
        except errors.KeystoreNotFound:
            return
        if data == self.data:
            return
        try:
            found = self._opened_again(data, password)
        except errors.KeystorePasswordWrong as error:
            raise errors.FileBusy(path=str(self.path), reason="password") from error
        if found.keystore.key_id != self.keystore.key_id:
            raise errors.FileBusy(path=str(self.path), reason="changed")
        self.keystore, self.data = found.keystore, found.data
        self._cache, self._params = found._cache, found._params

    def _opened_again(self, data: bytes, password: Secret | None) -> KeystoreFile:
        try:
            with about(self.path):
                keystore = Keystore.of(unlock(outline_pkcs12(data), self._cache))
            return KeystoreFile(self.path, keystore, self._cache, self._params, data)
        except errors.KeystorePasswordWrong:
            if password is None:
                raise
            return KeystoreFile.open(self.path, password)


def read_keystore(path: Path, password: Secret) -> Pkcs12Contents:
    """Return all bags of a file, also of one that is no eHealth keystore. Raises as `KeystoreFile.open` does."""
    with about(path):
        return read_pkcs12(read_file(path, limits.SIZE), password)


def open_keystore(path: Path, password: Secret) -> Keystore:
    """Read a keystore. Raises as `KeystoreFile.open` does."""
    with about(path):
        return Keystore.of(read_keystore(path, password))


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Add ``path`` to errors about a keystore that the body raises, so that they say which file it was."""
    try:
        yield
    except errors.KeystoreError as error:
        error.facts.setdefault("path", str(path))
        raise


# ── Write safely ───────────────────────────────────────────────────────────────────────────────────────
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
        backup = back_up(target, found)
        try:
            replace_file(target, data, check)
        except errors.KeystoreError:
            if holds(target, found):  # else the copy may be all that is left of it
                discard(backup)
            elif holds(target, data):  # it has its place, and the disk does not say that it stays there
                with suppress(errors.KeystoreError):
                    replace_file(target, found)
            raise
        remove_old_backups(target)
        return backup


def holds(path: Path, data: bytes) -> bool:
    """Return whether a file is there that can be read and has these bytes."""
    try:
        return path.stat().st_size == len(data) and read_file(path, limits.SIZE) == data
    except (errors.KeystoreError, errors.FileUnreadable, OSError):
        return False


def verify_contents(path: Path, contents: Pkcs12Contents, cache: DerivedKeyCache) -> Check:
    """Return a check that what was written opens with the keys of ``cache`` and holds ``contents``: keys, certificates,
    names, IDs, all attributes and the order. It raises `errors.WriteFailed`."""

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
