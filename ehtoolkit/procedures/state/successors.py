"""The other keystores of the same holder in the folder: which is newer than this one, and how far it is.

Old and new are told apart by what the platform says of their keys, which can be asked without a password; the
names of files are hints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.state import state_at
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.holder_file import LONG_AGO, HolderFile
from ehtoolkit.keystore.storage.holder_files import HolderFiles, archived_files
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.move import folder_in_use
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.state.request_status import RequestStatus, fetch_request_status

_COMPLETE: Final = (State.COMPLETE, State.RENEWABLE, State.NOT_YET_VALID)
_ON_THE_WAY: Final = (State.PREPARED, State.WAITING, State.NO_ETK)


@dataclass(frozen=True, slots=True)
class Successor:
    """A keystore that takes the place of the one that was asked about.

    Attributes:
        state: Prepared, with our decryption keys and a key that the platform does not know: a renewal that was never
            sent; waiting; no_etk, once the platform has delivered; or complete, with the states that follow.
    """

    path: Path
    key_id: str
    state: State
    aliases: frozenset[str]

    @property
    def is_complete(self) -> bool:
        return self.state in _COMPLETE


def find_successors(file: KeystoreFile, holder: DistinguishedName, parts: Context) -> tuple[Successor, ...]:
    """Return the keystores of the holder that take the place of ``file``, the newest first.

    Looks at the folder of ``file`` (and where it leads, when it is a link), at the folder around it when it is in an
    archive, and at the keystore folder, and asks the platform about each key. Files whose key cannot be seen without a
    password are passed over: other programs write such. Raises `errors.FileUnreadable` for a folder that may not be
    listed, and `errors.PlatformError`.
    """
    this, others = _this(file, holder, parts), _others(file, parts)
    seen = HolderFiles([this, *others.of_holder(this.holder)], others.archived)
    heard = [
        one
        for found in seen.others(this)
        if found.key_id is not None and not found.is_copy_of(this)
        for one in (_as_heard(found, bool(set(seen.own_serials(found)) - set(this.serials)), this, parts),)
    ]
    files = HolderFiles([this, *heard])
    return tuple(
        Successor(one.path, one.key_id or "", one.state, frozenset(key.alias or "" for key in one.keys))
        for one in files.others(this)
        if one.state in (*_ON_THE_WAY, *_COMPLETE)
        and files.takes_place_of(one, this)
        and _is_renewal_of(one, file)
    )


def _this(file: KeystoreFile, holder: DistinguishedName, parts: Context) -> HolderFile:
    """Return the opened file; it is of the environment of ``parts``, which every procedure proves first."""
    keystore = file.keystore
    entries = (keystore.authentication, *keystore.encryption)
    keys = tuple(KeyOutline(entry.alias, entry.key_id.hex().upper()) for entry in entries)
    return HolderFile(
        file.path.resolve(),
        file.named,
        file.named.moment or LONG_AGO,
        lambda: keys,
        owner=holder,
        environment=parts.environment,
        not_before=keystore.not_before,
        state=keystore.state(parts.clock.now()),
        content_key_id=keystore.key_id,
        opened=True,
    )


def _others(file: KeystoreFile, parts: Context) -> HolderFiles:
    """Return all that lies beside the file and in the keystore folder, archives too, but the file itself."""
    own = file.path.resolve()
    folders = dict.fromkeys(
        (file.path.parent.resolve(), own.parent, folder_in_use(own), parts.keystores.resolve())
    )
    found = (one for folder in folders for one in find_keystores(folder) if one.path.resolve() != own)
    archived = (one for folder in folders for one in archived_files(folder))
    return HolderFiles(found, archived)


def _as_heard(found: HolderFile, has_token: bool, this: HolderFile, parts: Context) -> HolderFile:
    """Return the file with what the platform says of its key."""
    heard = fetch_request_status(found.key_id or "", parts)
    if not heard.delivered:
        return replace(found, state=heard.state)
    life = _life(heard, this.owner)
    if life is None:
        return replace(found, state=State.UNKNOWN)
    state = state_at(parts.clock.now(), life, has_encryption_key=has_token)
    owned = replace(found, owner=this.owner, environment=parts.environment, opened=True)
    return replace(owned, state=state, not_before=life[0])


def _life(heard: RequestStatus, holder: DistinguishedName | None) -> tuple[datetime, datetime] | None:
    """Return the first and last moment of the certificate that was delivered; None where it is not the holder's."""
    if not heard.chain or holder is None:
        return None
    try:
        named = DistinguishedName.of_subject(heard.chain[0].subject)
    except (errors.DistinguishedNameInvalid, ValueError):  # ValueError: a name that is no name
        return None
    leaf = heard.chain[0]
    return (leaf.not_valid_before_utc, leaf.not_valid_after_utc) if named.same_holder(holder) else None


def _is_renewal_of(newer: HolderFile, file: KeystoreFile) -> bool:
    """Return whether ``newer`` stands in the way of a renewal of ``file``. A request that was never sent does only when
    it is one: it has every encryption key of the old file."""
    ids = {key.key_id for key in newer.keys}
    carries = all(entry.key_id.hex().upper() in ids for entry in file.keystore.encryption)
    return newer.state is not State.PREPARED or carries
