"""Put the training platform, or one person of it, back to the beginning, without touching anything real."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.storage.moving import move
from ehtoolkit.system.files import make_private_folder
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import AUTHORITIES_FOLDER, CARDS_FOLDER, EmbeddedPlatform
from ehtoolkit.training.state.database import DATABASE_FILE
from ehtoolkit.training.state.invented_people import TrainingPerson

_SIZE_LIMIT: Final = 1_000_000
_REAL: Final = ("ehealth", "keystore")
ASIDE_FOLDER: Final = "set-aside"
"""In the folder of the platform."""


def reset_training(
    platform: EmbeddedPlatform, also: Sequence[Path], real_folders: Iterable[Path]
) -> list[Path]:
    """Forget every request, mail and moved clock, take back the cards, and delete the keystores, backups and notes in
    the platform's folder and the folders ``also`` whose certificate this platform was asked for. Returns what was
    deleted.

    Keystores are known by the identifier of their key, which is readable without a password, so that a file
    that came from elsewhere stays, and so does one that was never sent. The authorities stay: another process may have
    them in use. Raises `errors.ResetRefused` when one of the ``real_folders``, the usual folder of real keystores, or a
    folder that is called ``ehealth/keystore`` lies inside one of them, and `errors.FolderNotWritable`.
    """
    folders, database = (platform.folder, *also), platform.database
    _refuse_real(folders, real_folders)
    key_ids = [row["key_id"] for row in database.rows("SELECT key_id FROM certificate")]
    issued = _files_with(key_ids, folders, platform)
    try:
        for path in issued:
            path.unlink(missing_ok=True)
        if platform.cards.is_dir():
            shutil.rmtree(platform.cards)
    except OSError as error:
        raise errors.FolderNotWritable(folder=str(platform.folder)) from error
    database.clear()
    return issued


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


def _files_with(key_ids: Sequence[str], folders: Sequence[Path], platform: EmbeddedPlatform) -> list[Path]:
    """Return the keystores, backups and notes in ``folders`` with one of these keys, without the platform's cards, its
    authorities, its database and what was set aside; links are not followed."""
    left_alone = [platform.folder / name for name in (CARDS_FOLDER, AUTHORITIES_FOLDER, ASIDE_FOLDER)]
    found = set()
    for folder in folders:
        for current, names, files in os.walk(folder):
            names[:] = [name for name in names if Path(current, name) not in left_alone]
            paths = (Path(current, name) for name in files if not name.startswith(DATABASE_FILE))
            found |= {path for path in paths if not path.is_symlink() and holds_any_of(path, key_ids)}
    return sorted(found)


def holds_any_of(path: Path, key_ids: Sequence[str]) -> bool:
    """Return whether a key identifier is in the file: as bytes in a keystore, as digits in a note."""
    try:
        if not path.is_file() or path.stat().st_size > _SIZE_LIMIT:  # a pipe would never end
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return any(bytes.fromhex(key_id) in data or key_id.encode() in data.upper() for key_id in key_ids)


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
    folders = (platform.folder, *also)
    _refuse_real(folders, real_folders)
    ssin = person.person.niss.digits
    key_ids = [
        record.key_id
        for record in certificate_register.all_records(platform)
        if record.signer == ssin or record.holder.dn.identifier.value == ssin
    ]
    target = free_path(platform.folder / ASIDE_FOLDER / f"{platform.clock.now():%Y%m%d-%H%M%S} {person.name}")
    make_private_folder(target)
    _copy_database(platform, target / DATABASE_FILE)
    found = _files_with(key_ids, folders, platform)
    moved = tuple(move_into(path, target) for path in found)
    with platform.database.writing():
        for key_id in key_ids:
            certificate_register.forget(platform, key_id)
    return FreshStart(len(key_ids), moved, target)


def free_path(path: Path) -> Path:
    """Return ``path``, with a number where it exists."""
    free, number = path, 2
    while free.exists():
        free, number = path.with_name(f"{path.stem} ({number}){path.suffix}"), number + 1
    return free


def _copy_database(platform: EmbeddedPlatform, path: Path) -> None:
    """Copy the platform's database, without the names of trainees."""
    with platform.database.reading() as connection, closing(sqlite3.connect(path)) as copy:
        connection.backup(copy)
        copy.execute("DELETE FROM trainee")
        copy.commit()
    path.chmod(0o600)


def move_into(path: Path, folder: Path) -> Path:
    target = free_path(folder / path.name)
    move(path, target)
    return target
