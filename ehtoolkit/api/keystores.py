"""Methods that open and write keystores."""

from __future__ import annotations

from functools import partial

from ehtoolkit.api.arguments import (
    Password,
    Passwords,
    PathLike,
    Paths,
    optional_secret_of,
    passwords_of,
    path_of,
    paths_of,
    secret_of,
)
from ehtoolkit.api.connection import Connection
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.key_import import read_source, write_combined
from ehtoolkit.keystore.repair.key_names import RenamedKey, rename_key
from ehtoolkit.keystore.repair.merging import combine_sources
from ehtoolkit.keystore.rewrite import Changed, WrittenKeystore, change_password, rewrite_file
from ehtoolkit.system.files import require_new
from ehtoolkit.type_errors import checked_choice, instance_of, optional_instance_of


class KeystoreMethods(Connection):
    """Methods that open and write keystores."""

    def open_keystore(self, keystore: PathLike, password: Password) -> Keystore:
        """Return the contents of a keystore: see `ehtoolkit.open_keystore`."""
        return self._opened(keystore, password).keystore

    def change_password(
        self,
        keystore: PathLike,
        password: Password,
        new_password: Password,
        *,
        profile: EncryptionProfile | str | None = None,
    ) -> Changed:
        """Encrypt a keystore with another password. The result names the backup, which still opens with the old one.

        Args:
            profile: ``compatible`` (3DES, HMAC-SHA1) or ``modern`` (AES-256, HMAC-SHA256); None keeps the present
                protection, so that the same software can open it.

        Raises `errors.KeystorePasswordWrong`, `errors.PasswordNotAllowed`, `errors.DuplicateAlias`, `errors.FileBusy`,
        `errors.FolderNotWritable`, `errors.DiskFull` and `errors.WriteFailed`. The file is then unchanged.

        >>> import ehtoolkit
        >>> changed = ehtoolkit.change_password(asked.keystore, "Kine-2026", "Kine-2027")
        >>> ehtoolkit.diagnose(asked.keystore, "Kine-2027").opened
        True
        >>> ehtoolkit.diagnose(changed.backup, "Kine-2026").opened
        True
        >>> back = ehtoolkit.change_password(asked.keystore, "Kine-2027", "Kine-2026", profile="compatible")
        """
        path, old = path_of("keystore", keystore), secret_of("password", password)
        new = secret_of("new_password", new_password)
        chosen = None if profile is None else _profile_of(profile)
        self._toolkit.require_openable(path)
        return change_password(path, old, new, chosen)

    def rename_key(self, keystore: PathLike, password: Password, key: str, new_name: str) -> RenamedKey:
        """Give a private key of a keystore, and its certificate, another name. ``key``: its name, its position (``#1``)
        or its key identifier. The result names the backup.

        eHealth software looks for the key that signs under the name ``authentication``; ``authentication_missing`` of
        the result says that no key is called so any more.

        Raises `errors.KeyNotFound`, `errors.DuplicateAlias`, `errors.InputInvalid`, and what opening the keystore
        raises.

        >>> import ehtoolkit
        >>> named = ehtoolkit.rename_key(asked.keystore, "Kine-2026", "authentication", "old")
        >>> named.authentication_missing
        True
        >>> ehtoolkit.rename_key(asked.keystore, "Kine-2026", "#1", "authentication").old
        'old'
        """
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        self._toolkit.require_openable(path)
        return rename_key(path, secret, instance_of("key", key, str), instance_of("new_name", new_name, str))

    def import_keys(
        self,
        sources: Paths,
        output: PathLike,
        new_password: Password | None = None,
        *,
        passwords: Passwords = None,
        key_password: Password | None = None,
        alias: str | None = None,
        profile: EncryptionProfile | str = "compatible",
    ) -> Keystore:
        """Make one PKCS#12 keystore of private keys and certificates in files: PEM, DER, PKCS#12 (PFX), JKS, JCEKS.
        Keys and certificates are matched by public key. Returns the new keystore.

        Args:
            sources: the files, which are not changed.
            output: the new file; it must not exist.
            new_password: of the new file; None keeps the password of the sources, when they all have the same.
            passwords: of the sources, as in `diagnose`.
            key_password: of private keys that their file's password does not open (JKS, JCEKS, PEM).
            alias: the name of the only key; None keeps its name. eHealth software expects ``authentication``.
            profile: ``compatible`` or ``modern``.

        Raises `errors.ImportConflict`, `errors.KeyPasswordWrong`, `errors.DuplicateAlias`, and what reading the sources
        and writing a keystore raises.

        >>> import ehtoolkit
        >>> made = ehtoolkit.import_keys(asked.keystore, "imported.p12", passwords="Kine-2026")
        >>> made.key_id == ehtoolkit.open_keystore(asked.keystore, "Kine-2026").key_id
        True
        """
        files, target = paths_of("sources", sources), path_of("output", output)
        given, found = optional_secret_of("new_password", new_password), passwords_of("passwords", passwords)
        secret = optional_secret_of("key_password", key_password)
        name = optional_instance_of("alias", alias, str)
        chosen = _profile_of(profile)
        require_new(target)
        for file in files:
            self._toolkit.require_openable(file)
        combined = combine_sources([read_source(file, partial(found, file), secret) for file in files], name)
        password = given or combined.password
        if password is None:
            raise TypeError("new_password has to be given: the sources do not have one password")
        return Keystore.of(write_combined(target, combined, password, chosen))

    def convert_keystore(
        self,
        keystore: PathLike,
        password: Password,
        output: PathLike,
        *,
        new_password: Password | None = None,
        profile: EncryptionProfile | str = "compatible",
    ) -> WrittenKeystore:
        """Write all keys and certificates of a keystore to a new PKCS#12 file. Reads PKCS#12, JKS and JCEKS, also files
        that a transfer changed, for example into base64 text. The source is not changed.

        Args:
            keystore: the source, up to 1 MB.
            password: of the source.
            output: the new file; it must not exist.
            new_password: of the new file; None keeps the password.
            profile: ``compatible`` (3DES, HMAC-SHA1) or ``modern`` (AES-256, HMAC-SHA256).

        Raises `errors.KeystorePasswordWrong`, `errors.KeystoreDamaged` (use `rescue_keystore`), `errors.NotAKeystore`,
        `errors.PasswordNotAllowed`, `errors.FileExists`, and `errors.FolderNotWritable`. There is then no new file.

        >>> import base64
        >>> from pathlib import Path
        >>> import ehtoolkit
        >>> size = Path("mailed.txt").write_bytes(base64.encodebytes(asked.keystore.read_bytes()))
        >>> written = ehtoolkit.convert_keystore("mailed.txt", "Kine-2026", "from-mail.p12")
        >>> print(written.keys, ehtoolkit.diagnose(written.path, "Kine-2026").opened)
        2 True
        """
        return self._rewritten(keystore, password, output, new_password, profile, salvage=False)

    def rescue_keystore(
        self,
        keystore: PathLike,
        password: Password,
        output: PathLike,
        *,
        new_password: Password | None = None,
        profile: EncryptionProfile | str = "compatible",
    ) -> WrittenKeystore:
        """Save the keys and certificates of a damaged keystore that are proven intact in a new PKCS#12 file. ``lost``
        of the result lists the rest. The damaged file is not changed.

        The arguments are those of `convert_keystore`.

        Raises `errors.KeystoreDamaged` when nothing can be saved, and what `convert_keystore` raises.

        >>> from pathlib import Path
        >>> import ehtoolkit
        >>> whole = asked.keystore.read_bytes()
        >>> size = Path("half.p12").write_bytes(whole[: len(whole) * 3 // 4])
        >>> rescued = ehtoolkit.rescue_keystore("half.p12", "Kine-2026", "rescued.p12")
        >>> print(rescued.keys, [lost.kind for lost in rescued.lost])
        2 ['certificates', 'rest']
        """
        return self._rewritten(keystore, password, output, new_password, profile, salvage=True)

    def _rewritten(
        self,
        keystore: PathLike,
        password: Password,
        output: PathLike,
        new_password: Password | None,
        profile: EncryptionProfile | str,
        *,
        salvage: bool,
    ) -> WrittenKeystore:
        path, target = path_of("keystore", keystore), path_of("output", output)
        old, new = secret_of("password", password), optional_secret_of("new_password", new_password)
        chosen = _profile_of(profile)
        self._toolkit.require_openable(path)
        folders = (self._toolkit.context.keystores,) if salvage else ()
        made = rewrite_file(path, old, target, new, chosen, salvage=salvage, folders=folders)
        return WrittenKeystore.of(target, made)


def _profile_of(profile: object) -> EncryptionProfile:
    return EncryptionProfile(checked_choice("profile", profile, EncryptionProfile))
