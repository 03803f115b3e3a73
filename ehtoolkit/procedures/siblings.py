"""The other keystores of the same holder in the folder: which is newer than this one, and how far it is.

Old and new are told apart by what the platform says of their keys, which can be asked without a password; the
names of files are hints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import FoundKeystore, Keystore, KeystoreFile, find_keystores
from ehtoolkit.procedures.parts import Parts
from ehtoolkit.procedures.waiting import Heard, Word, authentication_id, hear_of, is_of, own_serials


class Stage(StrEnum):
    """How far a newer keystore is."""

    UNSENT = "unsent"
    """It has our decryption keys and a key that the platform does not know: a renewal that was never sent."""
    WAITING = "waiting"
    READY = "ready"
    """The platform has delivered; the file has no encryption key of its own yet."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Newer:
    """A keystore that takes the place of the one that was asked about."""

    path: Path
    key_id: str
    stage: Stage
    aliases: frozenset[str]


def newer_than(file: KeystoreFile, holder: DistinguishedName, parts: Parts) -> tuple[Newer, ...]:
    """The keystores of the holder that take the place of ``file``, the newest first.

    Looks at the folder of ``file`` (and where it leads, when it is a link) and at the keystore folder, and asks the
    platform about each key. Files whose key cannot be seen without a password are passed over: other programs write
    such. Raises `errors.FileUnreadable` for a folder that may not be listed, and `errors.PlatformError`.
    """
    newer = []
    files = tuple(_files(file, holder, parts))
    for place, found in enumerate(files):
        key_id = authentication_id(found)
        if key_id is None or key_id == file.keystore.key_id:
            continue
        stage = _stage(found, hear_of(key_id, parts), file, holder, files[place + 1 :])
        if stage is not None:
            aliases = frozenset(key.alias for key in found.keys)
            newer.append(Newer(found.path, key_id, stage, aliases))
    return tuple(newer)


def successors(newer: tuple[Newer, ...], info: CertificateInfo) -> tuple[Newer, ...]:
    """The newer keystores that count, by the platform's words about the older one. When it lets that certificate be
    replaced, one that was delivered since is none any more: it was revoked, which does not show on its file."""
    if info.status == "VALID_ACTIVE" and info.replaceable:
        return tuple(one for one in newer if one.stage in (Stage.UNSENT, Stage.WAITING))
    return newer


def leading_on(file: KeystoreFile, newer: Newer) -> errors.KeystoreError:
    """The error that leads on to the file that takes the place of ``file``: `errors.NeverSent` (resume it),
    `errors.RequestWaiting` (complete it) or `errors.AlreadyRenewed` (use it)."""
    match newer.stage:
        case Stage.UNSENT:
            return errors.NeverSent(path=str(newer.path), key_id=newer.key_id)
        case Stage.WAITING | Stage.READY:
            return errors.RequestWaiting(path=str(newer.path), reason="renewal")
        case Stage.DONE:
            return errors.AlreadyRenewed(path=str(file.path), newer=str(newer.path))


def _files(file: KeystoreFile, holder: DistinguishedName, parts: Parts) -> Iterator[FoundKeystore]:
    """The files of the holder, newest first in each folder."""
    own = file.path.resolve()
    folders = dict.fromkeys((file.path.parent.resolve(), own.parent, parts.keystores.resolve()))
    for folder in folders:
        for found in find_keystores(folder):
            if is_of(found, holder) and found.path.resolve() != own:
                yield found


def _stage(
    found: FoundKeystore,
    heard: Heard,
    file: KeystoreFile,
    holder: DistinguishedName,
    older: tuple[FoundKeystore, ...],
) -> Stage | None:
    """How far ``found`` is on its way to take the place of ``file``; None when it does not."""
    match heard.word:
        case Word.UNKNOWN if _carries_keys_of(file.keystore, found) and not _is_older(found, file):
            return Stage.UNSENT
        case Word.WAITING:
            return Stage.WAITING
        case Word.DELIVERED if _is_newer_certificate(heard, file.keystore, holder):
            ours = {entry.alias for entry in file.keystore.encryption}
            return Stage.DONE if own_serials(found, older) - ours else Stage.READY
        case _:
            return None


def _is_newer_certificate(heard: Heard, keystore: Keystore, holder: DistinguishedName) -> bool:
    if not heard.chain or keystore.not_before is None:
        return False
    try:
        named = DistinguishedName.of_subject(heard.chain[0].subject)
    except (errors.DistinguishedNameInvalid, ValueError):  # ValueError: a name that is no name
        return False
    return named.same_holder(holder) and heard.chain[0].not_valid_before_utc > keystore.not_before


def _carries_keys_of(keystore: Keystore, found: FoundKeystore) -> bool:
    """Whether a file has every encryption key of ``keystore``, as a renewal of it has."""
    ids = {key.key_id for key in found.keys}
    return all(entry.key_id.hex().upper() in ids for entry in keystore.encryption)


def _is_older(found: FoundKeystore, file: KeystoreFile) -> bool:
    """By the times in the names: both are as old as their request."""
    moment = file.named.moment
    return moment is not None and found.moment < moment
