"""Put the training platform, or one person of it, back to the beginning, without touching anything real."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.storage.moving import move
from ehtoolkit.system.files import make_private_folder, map_os_errors
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import AUTHORITIES_FOLDER, CARDS_FOLDER, EmbeddedPlatform
from ehtoolkit.training.keystores.issued_keystores import is_file_of, issued_key_ids
from ehtoolkit.training.state.database import DATABASE_FILE
from ehtoolkit.training.state.invented_people import TrainingPerson

_REAL: Final = ("ehealth", "keystore")
ASIDE_FOLDER: Final = "set-aside"
"""In the folder of the platform."""


@dataclass(frozen=True, slots=True)
class FreshStart:
    """What was done.

    Attributes:
        certificates: how many certificates and requests the platform forgot.
        files: where the keystores and notes are now.
        folder: that they were moved to, with a copy of the platform's database as it was before.
    """

    certificates: int
    files: tuple[Path, ...]
    folder: Path


def reset_training(
    platform: EmbeddedPlatform, also: Sequence[Path], real_folders: Iterable[Path]
) -> FreshStart:
    """Forget every request, mail and moved clock, and move the cards aside, and the keystores, backups and notes in the
    platform's folder and the folders ``also`` whose certificate this platform was asked for.

    Nothing is deleted: the files, the cards and a copy of the platform's database are in a new folder under
    `ASIDE_FOLDER`. A keystore that was never sent stays where it is, and so does one that has a key which this platform
    does not know, or does not show all of its keys, and every other file. The authorities stay: another process may
    have them in use.

    Raises `errors.ResetRefused` when one of the ``real_folders``, the usual folder of real keystores, or a folder that
    is called ``ehealth/keystore`` lies inside one of them, `errors.FileBusy`, and what moving a file raises. Then
    everything is where it was, and nothing is forgotten.
    """
    _refuse_real((platform.folder, *also), real_folders)
    with _set_aside(platform, "reset") as aside:
        key_ids = [row["key_id"] for row in platform.database.rows("SELECT key_id FROM certificate")]
        aside.take_files(key_ids, also)
        files = aside.files
        if platform.cards.is_dir():
            aside.take(platform.cards)
        platform.database.clear()
    return FreshStart(len(key_ids), files, aside.folder)


def _refuse_real(folders: Sequence[Path], real_folders: Iterable[Path]) -> None:
    """Raise `errors.ResetRefused` when one of the ``real_folders``, the usual folder of real keystores, or a folder
    that is called ``ehealth/keystore`` lies inside one of ``folders``."""
    real = [path.resolve() for path in (Path.home().joinpath(*_REAL), *real_folders) if path.exists()]
    for folder in folders:
        inside = folder.resolve()
        named = [Path(at, name) for at, names, _ in os.walk(inside) for name in names]
        for candidate in (*real, *(path for path in named if path.parts[-2:] == _REAL)):
            if candidate.is_relative_to(inside):
                raise errors.ResetRefused(path=str(candidate))


def start_afresh(
    platform: EmbeddedPlatform,
    person: TrainingPerson,
    also: Sequence[Path],
    real_folders: Iterable[Path],
) -> FreshStart:
    """Let the platform forget what ``person`` asked for, and move keystores, backups and notes of it, in the platform's
    folder and the folders ``also``, aside.

    Nothing is deleted: the files and a copy of the platform's database are in a new folder under `ASIDE_FOLDER`. Files
    on other computers stay.

    Raises `errors.ResetRefused` as `reset_training` does, and what moving a file raises; then the platform has
    forgotten nothing.
    """
    _refuse_real((platform.folder, *also), real_folders)
    ssin = person.person.niss.digits
    with _set_aside(platform, person.name) as aside:
        key_ids = [
            record.key_id
            for record in certificate_register.all_records(platform)
            if record.signer == ssin or record.holder.dn.identifier.value == ssin
        ]
        aside.take_files(key_ids, also)
        for key_id in key_ids:
            certificate_register.forget(platform, key_id)
    return FreshStart(len(key_ids), aside.files, aside.folder)


class _Aside:
    """A new folder under `ASIDE_FOLDER`, and what was moved into it."""

    def __init__(self, platform: EmbeddedPlatform, folder: Path) -> None:
        self._platform = platform
        self._moved: list[tuple[Path, Path]] = []
        self.folder = folder

    @property
    def files(self) -> tuple[Path, ...]:
        """Where what was moved is now."""
        return tuple(now for _, now in self._moved)

    def take_files(self, key_ids: Sequence[str], also: Sequence[Path]) -> None:
        """Move the keystores, backups and notes of these keys, in the platform's folder and the folders ``also``."""
        known = issued_key_ids(self._platform.database)
        for path in _files_below((self._platform.folder, *also), self._platform):
            if is_file_of(path, key_ids, known):
                self.take(path)

    def take(self, path: Path) -> None:
        """Move a file or a folder of the platform. Raises what `move` raises, and `errors.FolderNotWritable`."""
        target = free_path(self.folder / path.name)
        if path.is_dir():
            try:
                path.rename(target)
            except OSError as error:
                raise errors.FolderNotWritable(folder=str(path.parent)) from error
        else:
            move(path, target)
        self._moved.append((path, target))

    def put_back(self) -> None:
        """Move everything back to where it was, and delete the folder."""
        for path, now in reversed(self._moved):
            with suppress(errors.EhToolkitError, OSError):
                now.rename(path) if now.is_dir() else move(now, path)
        with suppress(OSError):  # what could not be moved back stays there
            (self.folder / DATABASE_FILE).unlink(missing_ok=True)
            self.folder.rmdir()


@contextmanager
def _set_aside(platform: EmbeddedPlatform, name: str) -> Iterator[_Aside]:
    """Hold the database in one transaction, in which the body moves files aside and forgets them. Whatever raises,
    everything is back in its place."""
    folder = free_path(platform.folder / ASIDE_FOLDER / f"{platform.clock.now():%Y%m%d-%H%M%S} {name}")
    aside = _Aside(platform, folder)
    try:
        with platform.database.writing():  # first: another process may hold it too long
            with map_os_errors(folder):
                make_private_folder(folder)
            _copy_database(platform, folder / DATABASE_FILE)
            yield aside
    except BaseException:
        aside.put_back()
        raise


def _files_below(folders: Sequence[Path], platform: EmbeddedPlatform) -> list[Path]:
    """Return the files in ``folders``, without the platform's cards, its authorities, its database and what was set
    aside; links are not followed."""
    left_alone = [platform.folder / name for name in (CARDS_FOLDER, AUTHORITIES_FOLDER, ASIDE_FOLDER)]
    found = set()
    for folder in folders:
        for current, names, files in os.walk(folder):
            names[:] = [name for name in names if Path(current, name) not in left_alone]
            paths = (Path(current, name) for name in files if not name.startswith(DATABASE_FILE))
            found |= {path for path in paths if not path.is_symlink()}
    return sorted(found)


def free_path(path: Path) -> Path:
    """Return ``path``, with a number where it exists."""
    free, number = path, 2
    while free.exists():
        free, number = path.with_name(f"{path.stem} ({number}){path.suffix}"), number + 1
    return free


def _copy_database(platform: EmbeddedPlatform, path: Path) -> None:
    """Copy the platform's database as it was before this transaction, without the names of trainees."""
    with platform.database.as_stored() as stored, closing(sqlite3.connect(path)) as copy:
        stored.backup(copy)
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute("DELETE FROM trainee")
        copy.commit()
    path.chmod(0o600)


def move_into(path: Path, folder: Path) -> Path:
    target = free_path(folder / path.name)
    move(path, target)
    return target
