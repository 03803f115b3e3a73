"""Keystores on disk: opened once, saved as often as a procedure needs without deriving a key again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12, unlock
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, prepare, seal
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.copies import CopiedFile, Destination, copy_keystore
from ehtoolkit.keystore.storage.filenames import KeystoreName, parse_name
from ehtoolkit.keystore.storage.records import fingerprint
from ehtoolkit.keystore.storage.writing import put_new, replace_keystore, verify_contents
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import Check, read_file


class KeystoreFile:
    """A keystore and the file that it is in, for as long as a procedure works on them.

    Holds the keys that open and seal this file, and not the password.

    Args:
        path: as it was given; when it is a link, the file that it leads to is written.
        keystore: what the file holds.
    """

    def __init__(
        self, path: Path, keystore: Keystore, cache: DerivedKeyCache, params: EncryptionParams, data: bytes
    ) -> None:
        """Take what `open` and `create` have read or made: use these. ``data``: what is on disk."""
        self.path = path
        self.keystore = keystore
        self._cache = cache
        self._params = params
        self._data = data

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
        file = cls(path, keystore, cache, params, b"")
        data = seal(keystore.contents, cache, params)
        put_new(path, data, file._check(keystore))
        file._data = data
        return file

    @property
    def content(self) -> str:
        """The SHA-256 of what is on disk, hexadecimal."""
        return fingerprint(self._data)

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
        backup = replace_keystore(self.path, data, self._data, self._check(keystore))
        self.keystore, self._data = keystore, data
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
        if data == self._data:
            return
        try:
            found = self._opened_again(data, password)
        except errors.KeystorePasswordWrong as error:
            raise errors.FileBusy(path=str(self.path), reason="password") from error
        if found.keystore.key_id != self.keystore.key_id:
            raise errors.FileBusy(path=str(self.path), reason="changed")
        self.keystore, self._data = found.keystore, found._data
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

    def copy_to(
        self, destination: Destination, connected: Callable[[], Iterable[Path]] = tuple
    ) -> CopiedFile:
        """Write what the file holds once more, under the same name in a folder; proven by opening the copy.

        Raises as `copy_keystore` does.
        """
        check = self._check(self.keystore)
        return copy_keystore(self.path, self._data, destination, check, connected=connected)

    def _check(self, keystore: Keystore) -> Check:
        return verify_contents(self.path, keystore.contents, self._cache)


def read_keystore(path: Path, password: Secret) -> Pkcs12Contents:
    """Return all bags of a file, also of one that is no eHealth keystore. Raises as `KeystoreFile.open` does."""
    data = read_file(path, limits.SIZE)
    with about(path):
        return read_pkcs12(data, password)


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
