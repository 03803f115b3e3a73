"""Decide which keystores of a folder may be archived, and why others stay.

By the one rule of `ehtoolkit.keystore.storage.holder_keystores`, on contents where their passwords are given. In doubt
a file stays: the software that reads it would find nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import (
    HolderFiles,
    PasswordOf,
    archived_files,
    find_keystores,
)
from ehtoolkit.keystore.storage.records import UNKNOWN, CachedStates
from ehtoolkit.system.files import require_file


class KeepReason(StrEnum):
    """Why a file stays where it is."""

    NEWEST = "newest"
    """No newer sound file of this holder is there."""
    WAITING = "waiting"
    """Its certificate is yet to come; or its password is needed to know that it has come."""
    MISNAMED = "misnamed"
    """It wants its normal name first; then it is seen whether another one has replaced it."""
    KEYS = "keys"
    """It has decryption keys that the newer file of the same certificate lacks."""
    UNJUDGED = "unjudged"
    """Damaged, closed to the password that was given, or of an unknown holder."""


@dataclass(frozen=True, slots=True)
class ArchiveDecision:
    """Whether a file goes into the archive.

    Attributes:
        successor: the file that has replaced it, None when it ``stays``.
        lost: serial numbers of the decryption keys that it has and its successor lacks.
        proper_name: what it should be called; None if unknown.
    """

    path: Path
    successor: Path | None = None
    stays: KeepReason | None = None
    lost: tuple[str, ...] = ()
    proper_name: str | None = None


def plan_archival(
    folder: Path, now: datetime, password_of: PasswordOf, known: CachedStates = UNKNOWN
) -> tuple[ArchiveDecision, ...]:
    """Return a verdict on each file in ``folder`` that is called like a keystore, newest first.

    Args:
        now: aware.
        known: what files showed when they were opened before, and the platform's last word of them.

    A successor stays itself. Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    looked = _look(folder, now, password_of, known)
    files = HolderFiles(looked, archived_files(folder))
    return tuple(_verdict(file, looked[file], files) for file in looked)


def require_archivable(path: Path, now: datetime, password_of: PasswordOf) -> None:
    """Raise `errors.WrongState` for a file that has to stay, although someone named it: one that waits for its
    certificate (state ``prepared``) or may do so (reason ``closed``), and the last one of its holder that is
    neither damaged nor over (reason ``only``). Raises `errors.KeystoreNotFound`."""
    require_file(path)
    found = list(_look(path.parent, now, password_of, UNKNOWN))
    this = next((file for file in found if file.path.name == path.name), None)
    this = this or _inspect(path, now, password_of, None, UNKNOWN)[0]
    if this.state is not None and this.state.is_pending:
        raise errors.WrongState(path=str(path), state=this.state)
    if not this.is_whole or (this.state is not None and this.state.is_over):
        return
    files = HolderFiles(found, archived_files(path.parent))
    if files.waits(this) is not False:
        raise errors.WrongState(path=str(path), reason="closed")
    useful = (other for other in files.others(this) if _opens(other, files) and other.same_environment(this))
    if this.holder is not None and not any(useful):
        raise errors.WrongState(path=str(path), reason="only")


def _look(
    folder: Path, now: datetime, password_of: PasswordOf, known: CachedStates
) -> dict[FoundKeystore, str | None]:
    """Return the files in ``folder``, newest first, each with its proper name."""
    found = find_keystores(folder)
    listing = HolderFiles(found)
    return dict(_inspect(file.path, now, password_of, listing, known) for file in found)


def _inspect(
    path: Path,
    now: datetime,
    password_of: PasswordOf,
    listing: HolderFiles | None,
    known: CachedStates,
) -> tuple[FoundKeystore, str | None]:
    password = password_of(path)
    diagnosis = diagnose(path, password, now, listing=listing, known=known)
    file = diagnosis.found_keystore(closed=password is not None and not diagnosis.opened)
    return file.recalled(known, now), diagnosis.proper_name


def _opens(file: FoundKeystore, files: HolderFiles) -> bool:
    """Return whether software finds ``file`` and can open it, for all that can be seen."""
    return file.is_whole and not (file.closed or file.is_misnamed) and files.waits(file) is False


def _verdict(file: FoundKeystore, proper_name: str | None, files: HolderFiles) -> ArchiveDecision:
    stays = _stays(file, files)
    successor = None if stays is not None else files.successor(file)
    if successor is None:
        return ArchiveDecision(file.path, stays=stays or KeepReason.NEWEST, proper_name=proper_name)
    lost = successor.lacks(file)
    if lost and successor.is_copy_of(file):
        return ArchiveDecision(file.path, stays=KeepReason.KEYS, lost=lost, proper_name=proper_name)
    return ArchiveDecision(file.path, successor.path, lost=lost, proper_name=proper_name)


def _stays(file: FoundKeystore, files: HolderFiles) -> KeepReason | None:
    """Return why a file stays because of what it is itself; None where that gives no reason."""
    if file.is_misnamed and file.is_whole:
        return KeepReason.MISNAMED
    waits = files.waits(file)
    if waits or (file.is_judged and waits is None):
        return KeepReason.WAITING
    return None if file.is_judged else KeepReason.UNJUDGED
