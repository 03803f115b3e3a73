"""Put keystores that were replaced into the archive; the records of providers follow."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.diagnosis.archival import archivable
from ehtoolkit.keystore.storage.holder_file import HolderFile
from ehtoolkit.keystore.storage.holder_files import archived_files
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.move import archive_keystore, move
from ehtoolkit.keystore.storage.state_cache import CachedStates
from ehtoolkit.procedures.context import Context
from ehtoolkit.settings import Settings
from ehtoolkit.system.locks import folder_lock


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
        judged = archivable(own.parent, context.clock.now(), lambda _: None, CachedStates.read(context.notes))
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
    from ehtoolkit.procedures.checks.provider_keystore import move_in_registry  # it takes the database along

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
    from ehtoolkit.procedures.checks.provider_keystore import move_in_registry  # it takes the database along

    own = keystore.resolve()
    holder = HolderFile.at_path(own).holder
    if holder is None:
        return
    gone = [each.path for each in archived_files(own.parent) if each.holder == holder]
    moved = [(own.parent / path.name, path) for path in gone if not (own.parent / path.name).exists()]
    if moved:
        move_in_registry(moved, settings, context.clock, context.environment)
