"""The other keystores of the same holder in the folder: which is newer than this one, and how far it is.

Old and new are distinguished by what the platform says of their keys, which can be asked without a password; the
names of files are hints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.state import State, state_at
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, archived_files, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import folder_in_use
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import RequestStatus, fetch_request_status

_COMPLETE: Final = (State.COMPLETE, State.RENEWABLE, State.NOT_YET_VALID)
_PENDING: Final = (State.PREPARED, State.WAITING, State.NO_ETK)


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


def find_successors(file: KeystoreFile, holder: DistinguishedName, context: Context) -> tuple[Successor, ...]:
    """Return the keystores of the holder that take the place of ``file``, the newest first.

    Looks at the folder of ``file`` (and where it leads, when it is a link), at the folder around it when it is in an
    archive, and at the keystore folder, and asks the platform about each key. Files whose key cannot be seen without a
    password are passed over: other programs write such. Raises `errors.FileUnreadable` for a folder that may not be
    listed, and `errors.PlatformError`.
    """
    this, others = _this(file, holder, context), _others(file, context)
    known = HolderFiles([this, *others.of_holder(this.holder)], others.archived)
    asked = (
        _with_status(other, bool(set(known.own_serials(other)) - set(this.serials)), this, context)
        for other in known.others(this)
        if other.key_id is not None and not other.is_copy_of(this)
    )
    files = HolderFiles([this, *asked])
    return tuple(
        Successor(each.path, each.key_id or "", each.state, frozenset(key.alias or "" for key in each.keys))
        for each in files.others(this)
        if each.state in (*_PENDING, *_COMPLETE)
        and files.takes_place_of(each, this)
        and _is_renewal_of(each, file)
    )


def _this(file: KeystoreFile, holder: DistinguishedName, context: Context) -> FoundKeystore:
    """Return the opened file; it is of the environment of ``context``, which every procedure proves first."""
    keystore = file.keystore
    entries = (keystore.authentication, *keystore.encryption)
    keys = tuple(KeyOutline(key.alias, key.key_id.hex().upper()) for key in entries)
    return FoundKeystore(
        file.path.resolve(),
        file.named,
        file.named.moment or LONG_AGO,
        lambda: keys,
        owner=holder,
        environment=context.environment,
        not_before=keystore.not_before,
        state=keystore.state(context.clock.now()),
        content_key_id=keystore.key_id,
        opened=True,
    )


def _others(file: KeystoreFile, context: Context) -> HolderFiles:
    """Return all that lies beside the file and in the keystore folder, archives too, but the file itself."""
    own = file.path.resolve()
    folders = dict.fromkeys(
        (file.path.parent.resolve(), own.parent, folder_in_use(own), context.keystores.resolve())
    )
    found = (
        keystore
        for folder in folders
        for keystore in find_keystores(folder)
        if keystore.path.resolve() != own
    )
    archived = (each for folder in folders for each in archived_files(folder))
    return HolderFiles(found, archived)


def _with_status(
    found: FoundKeystore, has_token: bool, this: FoundKeystore, context: Context
) -> FoundKeystore:
    """Return the file with what the platform says of its key."""
    status = fetch_request_status(found.key_id or "", context)
    if not status.delivered:
        return replace(found, state=status.state)
    validity = _validity(status, this.owner)
    if validity is None:
        return replace(found, state=State.UNKNOWN)
    state = state_at(context.clock.now(), *validity, has_encryption_key=has_token)
    owned = replace(found, owner=this.owner, environment=context.environment, opened=True)
    return replace(owned, state=state, not_before=validity[0])


def _validity(status: RequestStatus, holder: DistinguishedName | None) -> tuple[datetime, datetime] | None:
    """Return the first and last moment of the certificate that was delivered; None where it is not the holder's."""
    if not status.chain or holder is None:
        return None
    leaf = status.chain[0]
    named = DistinguishedName.of_holder(leaf)
    if named is None or not named.same_holder(holder):
        return None
    return leaf.not_valid_before_utc, leaf.not_valid_after_utc


def _is_renewal_of(newer: FoundKeystore, file: KeystoreFile) -> bool:
    """Return whether ``newer`` stands in the way of a renewal of ``file``. A request that was never sent does only when
    it is one: it has every encryption key of the old file."""
    ids = {key.key_id for key in newer.keys}
    carries = all(key.key_id.hex().upper() in ids for key in file.keystore.encryption)
    return newer.state is not State.PREPARED or carries
