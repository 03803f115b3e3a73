"""Put keystores that were replaced into the archive; the records of providers follow. Assign keystores to providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.identity import PERSON_TYPE, Environment
from ehtoolkit.keystore.diagnosis.archival import plan_archival
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, HolderFiles, archived_files
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore, move
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.context import Context
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.system.locks import folder_lock

if TYPE_CHECKING:
    from ehtoolkit.providers import Assignment, Provider, Registry


@dataclass(frozen=True, slots=True)
class MovedKeystores:
    """Keystores that were moved or renamed.

    Attributes:
        moved: from where to where.
        failure: why the next one was not moved; None when all were.
    """

    moved: tuple[tuple[Path, Path], ...]
    failure: errors.EhToolkitError | None = None


def replaced_files(file: KeystoreFile, context: Context) -> tuple[Path, ...]:
    """Return the files beside ``file`` that it has replaced, and whose decryption keys it has; none when the folder may
    not be listed."""
    own = file.path.resolve()
    try:
        judged = plan_archival(
            own.parent, context.clock.now(), lambda _: None, CachedStates.read(context.notes)
        )
    except errors.FileUnreadable:
        return ()
    return tuple(each.path for each in judged if each.successor == own and not each.lost)


def archive_keystores(paths: Iterable[Path], settings: Settings, context: Context) -> MovedKeystores:
    """Move each file into the archive, with the records of providers, up to the first that cannot be moved."""
    moved: list[tuple[Path, Path]] = []
    failure: errors.EhToolkitError | None = None
    for path in paths:
        try:
            moved.append((path, archive_keystore(path)))
        except errors.EhToolkitError as error:
            failure = error
            break
    return move_records(MovedKeystores(tuple(moved), failure), settings, context)


def move_records(done: MovedKeystores, settings: Settings, context: Context) -> MovedKeystores:
    """Let the records of providers follow files that were moved. A file that its records cannot follow is moved back,
    with those after it, so that the same can be done again. Return what was moved for good."""
    for place, pair in enumerate(done.moved):
        try:
            move_in_registry([pair], settings, context.clock, context.environment)
        except errors.EhToolkitError as failure:
            for old, new in done.moved[place:]:
                with suppress(errors.EhToolkitError), folder_lock(old.parent):
                    move(new, old)
            return MovedKeystores(done.moved[:place], failure)
    return done


def catch_up_records(keystore: Path, settings: Settings, context: Context) -> None:
    """Let the records of providers follow the files of the same holder that were moved into the archive beside
    ``keystore`` before an interruption. Raises as `move_in_registry`."""
    own = keystore.resolve()
    holder = FoundKeystore.at_path(own).holder
    if holder is None:
        return
    gone = [each.path for each in archived_files(own.parent) if each.holder == holder]
    moved = [(own.parent / path.name, path) for path in gone if not (own.parent / path.name).exists()]
    if moved:
        move_in_registry(moved, settings, context.clock, context.environment)


# ── Keystores of providers ─────────────────────────────────────────────────────────────────────────────
_UNFIT: Final[Mapping[State, errors.UnassignableReason]] = {
    State.PREPARED: "waiting",
    State.NO_ETK: "no_etk",
    State.EXPIRED: "expired",
}


def assign_keystore(
    registry: Registry,
    record: Provider,
    path: Path,
    password: Secret | None,
    *,
    now: datetime,
    environment: Environment,
    insist: bool = False,
) -> Provider:
    """Assign a keystore to the provider of ``record``, as it is on disk now. Without ``password`` what can be seen of
    the file counts, and its name; of the file that is assigned already, what its password has shown before stays.
    ``insist``: although it does not fit.

    Raises `errors.KeystorePasswordWrong`, `errors.KeystoreNotFound`, `errors.NotAssignable` (reason ``other``: someone
    else's, ``waiting``, ``no_etk``, ``expired``, ``environment``; never to be insisted on: ``unreadable``), and what
    `Registry.assign` raises. Then nothing was changed.
    """
    diagnosis = diagnose(path, password, now)
    require_readable(path, diagnosis, password)
    reason = rejection_reason(record, diagnosis, environment)
    if reason is not None and not insist:
        raise errors.NotAssignable(path=str(path), reason=reason)
    found, present = assignment_of(path, diagnosis), record.keystore
    is_present = present is not None and present.path == found.path and found.key_id in (None, present.key_id)
    return record if is_present and not diagnosis.opened else registry.assign(record.id or 0, found)


def require_readable(path: Path, diagnosis: Diagnosis, password: Secret | None) -> None:
    """Check that the file is there and readable, and that ``password``, if there is one, opens it. Raises what
    `assign_keystore` raises about the file itself."""
    if not path.is_file():
        raise errors.KeystoreNotFound(path=str(path))
    if diagnosis.outline is None:
        raise errors.NotAssignable(path=str(path), reason="unreadable")
    if password is not None and not diagnosis.opened:
        raise errors.KeystorePasswordWrong


def rejection_reason(
    record: Provider, diagnosis: Diagnosis, environment: Environment
) -> errors.UnassignableReason | None:
    """Return why this keystore is not to be the provider's; None where nothing speaks against it.

    An organisation's certificate does not say whether the provider works for it; the rules compare its
    number with the record's.
    """
    named = diagnosis.file.named
    holder = named.identifier if diagnosis.owner is None and named is not None else None
    if diagnosis.owner is not None:
        holder = diagnosis.owner.identifier
    if holder is not None and holder.is_person and record.niss and holder.value != record.niss:
        return "other"
    if diagnosis.environment is not None and diagnosis.environment is not environment:
        return "environment"
    return None if diagnosis.state is None else _UNFIT.get(diagnosis.state)


def assignment_of(path: Path, diagnosis: Diagnosis) -> Assignment:
    """Return what is kept of a keystore: nothing that its password protects but the public parts of the certificate."""
    from ehtoolkit.providers import Assignment

    return Assignment(
        path=str(path.absolute()),
        key_id=diagnosis.key_id,
        holder=None if diagnosis.owner is None else diagnosis.owner.identifier.text,
        not_after=diagnosis.not_after,
    )


# ── A keystore that was moved ────────────────────────────────────────────────────────────────────────────
def move_in_registry(
    moved: Iterable[tuple[Path, Path]], settings: Settings, clock: Clock, environment: Environment
) -> None:
    """Let the records of providers follow keystores that were moved or renamed, from where to where. Instead of
    one that was put into the archive, a provider gets the one that has replaced it, where that is the provider's and
    whole.

    A registry that is not there yet is not made. Raises what `open_registry` and its methods raise; the files stay
    where they are then, and the same call goes on.
    """
    from ehtoolkit.providers import open_registry  # it takes the database along
    from ehtoolkit.providers.database import location_of

    place = location_of(settings).path
    if place is not None and not place.exists():
        return
    with open_registry(settings, clock) as registry:
        for old, new in moved:
            for record in registry.relocate(str(old.absolute()), str(new.absolute())):
                if new.parent.name == ARCHIVE:
                    _assign_successor(registry, record, old.parent, settings.notes, clock.now(), environment)


def _assign_successor(
    registry: Registry, record: Provider, folder: Path, notes: Path, now: datetime, environment: Environment
) -> None:
    from ehtoolkit.providers import Assignment

    path = newer_than_assigned(record, HolderFiles.in_folder(folder, notes, now), environment)
    if path is None or record.id is None:
        return
    diagnosis = CachedStates.read(notes).of_file(path)
    if diagnosis is not None and diagnosis.name is not None:
        known = Assignment(
            str(path.absolute()), diagnosis.key_id, diagnosis.name.identifier.text, diagnosis.not_after
        )
        registry.assign(record.id, known)
        return
    with suppress(errors.NotAssignable):  # the record shows which one it had
        assign_keystore(registry, record, path, None, now=now, environment=environment)


def current_of(record: Provider, files: HolderFiles, environment: Environment) -> Path | None:
    """Return the file that the provider's software is to read: after a renewal the new one, once it is complete.
    Without one that serves, the newest that is called like a keystore of this provider; None without any. ``files``: of
    the folder."""
    current = files.current((f"{PERSON_TYPE}={record.niss}", None), environment)
    return None if current is None else current.path


def newer_than_assigned(record: Provider, files: HolderFiles, environment: Environment) -> Path | None:
    """Return the current file of this provider where none is assigned, or, to be proposed after a renewal, where
    another one is that is older or has no moment in its name; else None."""
    current = files.current((f"{PERSON_TYPE}={record.niss}", None), environment)
    if current is None or record.keystore is None:
        return None if current is None else current.path
    path = Path(record.keystore.path)
    if current.path.absolute() == path:
        return None
    beside = (other for other in files.others(current) if other.path.absolute() == path)
    assigned = next(beside, None) or FoundKeystore(path, parse_name(path.name), LONG_AGO, lambda: None)
    return current.path if assigned.name.moment is None or current.is_newer_than(assigned) else None
