"""The old keys of a renewed keystore, thrown away and brought back, for the lesson on why they are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.key_pairs import certificate_key_id, key_id_of_pkcs8
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import move
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import make_folder, make_private_folder
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.reset import free_path, move_into
from ehtoolkit.training.state.certificate_record import CertificateRecord


@dataclass(frozen=True, slots=True)
class DiscardedFile:
    """Something that was thrown away. ``keys``: the serial numbers by which its old keys are called."""

    path: Path
    keys: tuple[str, ...]


class DiscardedKeys:
    """Does what people do who think that the old file is of no use.

    Args:
        folder: of the keystores.
        bin_: where what was thrown away lies meanwhile.
    """

    def __init__(self, platform: EmbeddedPlatform, folder: Path, bin_: Path) -> None:
        self._platform = platform
        self._folder = folder
        self._bin = bin_

    def discard(self, path: Path, password: Secret) -> tuple[DiscardedFile, ...]:
        """Take every old key out of a keystore, and its holder's older files out of the folder and its archive.

        The keystore keeps its certificate and the keys of that. What is gone opens with the password that it had.

        Raises `errors.NoOldKey` (``none``: there is nothing old; ``foreign``: this platform was not asked for the
        certificate), `errors.CertificateMissing`, and what opening, writing and moving a keystore raise.
        """
        file = KeystoreFile.open(path, password)
        keystore = file.keystore
        current = certificate_register.get(self._platform, keystore.key_id)
        if current is None:
            raise errors.NoOldKey(path=path.name, reason="foreign")
        if not keystore.installed:
            raise errors.CertificateMissing
        kept = {key.alias for key in keystore.current_encryption}
        old = tuple(key.alias or "" for key in keystore.encryption if key.alias not in kept)
        older = [found for found in self._others(path) if self._is_older(found, current)]
        if not old and not older:
            raise errors.NoOldKey(path=path.name, reason="none")
        make_private_folder(self._bin)
        if old:
            before = file.save(_without(keystore, old))
            if before is not None and not set(old) <= {alias for found in older for alias in _serials(found)}:
                move(before, free_path(self._bin / path.name))
            elif before is not None:
                before.unlink(missing_ok=True)
        for found in older:
            move_into(found.path, self._bin)
        return self.files()

    def files(self) -> tuple[DiscardedFile, ...]:
        """Return what was thrown away and not brought back, newest first."""
        return tuple(DiscardedFile(found.path, _serials(found)) for found in find_keystores(self._bin))

    def bring_back(self) -> tuple[Path, ...]:
        """Put everything that was thrown away back into the folder, under its name, or with a number where that is
        taken, and return the files."""
        files = self.files()
        if files:
            make_folder(self._folder)
        return tuple(move_into(file.path, self._folder) for file in files)

    def _others(self, path: Path) -> list[FoundKeystore]:
        there = (*find_keystores(self._folder), *find_keystores(self._folder / ARCHIVE))
        return [found for found in there if found.path.resolve() != path.resolve()]

    def _is_older(self, found: FoundKeystore, current: CertificateRecord) -> bool:
        """Return whether a file is of an earlier certificate of the same holder."""
        record = certificate_register.get(self._platform, found.authentication_id or "")
        return (
            record is not None
            and record.holder.dn.same_holder(current.holder.dn)
            and record.requested_at < current.requested_at
        )


def _serials(found: FoundKeystore) -> tuple[str, ...]:
    return tuple(key.alias for key in found.keys if key.alias is not None and key.alias.isdecimal())


def _without(keystore: Keystore, aliases: tuple[str, ...]) -> Keystore:
    """Return the keystore without these encryption keys and their certificates."""
    gone = {key.key_id for key in keystore.encryption if (key.alias or "") in aliases}
    contents = keystore.contents
    return Keystore.of(
        replace(
            contents,
            keys=tuple(key for key in contents.keys if key_id_of_pkcs8(key.pkcs8) not in gone),
            certificates=tuple(
                certificate
                for certificate in contents.certificates
                if certificate_key_id(certificate.der) not in gone
            ),
        )
    )
