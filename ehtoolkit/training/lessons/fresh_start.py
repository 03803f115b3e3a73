"""A trainee starts afresh: the platform forgets one person's certificates, and the files of these are moved aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit.keystore.storage.moving import move
from ehtoolkit.system.private_folder import make_private_folder
from ehtoolkit.training.authority import register
from ehtoolkit.training.authority.platform import EmbeddedPlatform
from ehtoolkit.training.reset import files_in, holds_any_of, refuse_real
from ehtoolkit.training.state.database import DATABASE_FILE
from ehtoolkit.training.state.invented_people import TrainingPerson


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
    *,
    folders: Sequence[Path],
    left_alone: Sequence[Path],
    aside: Path,
    real_folders: Iterable[Path],
) -> FreshStart:
    """Let the platform forget what ``person`` asked for, and move keystores, backups and notes of it aside.

    Nothing is deleted: the files and a copy of the platform's database are in a new folder under ``aside``. Files on
    other computers stay.

    Args:
        folders: where keystores and notes may be, with all folders inside.
        left_alone: folders that nothing is moved from.

    Raises `errors.ResetRefused` when one of the ``real_folders`` lies inside ``folders``, and what moving a file
    raises; then the platform has forgotten nothing.
    """
    for folder in folders:
        refuse_real(folder, real_folders)
    ssin = person.person.niss.digits
    key_ids = [
        record.key_id
        for record in register.all_records(platform)
        if record.signer == ssin or record.holder.dn.identifier.value == ssin
    ]
    target = _new_folder(aside, f"{platform.clock.now():%Y%m%d-%H%M%S} {person.name}")
    _copy_database(platform, target / DATABASE_FILE)
    found = {
        path
        for folder in folders
        for path in files_in(folder, (*left_alone, aside), platform.database.path)
        if holds_any_of(path, key_ids)
    }
    moved = tuple(_move_into(path, target) for path in sorted(found))
    with platform.database.writing():
        for key_id in key_ids:
            register.forget(platform, key_id)
    return FreshStart(len(key_ids), moved, target)


def _new_folder(parent: Path, name: str) -> Path:
    folder, number = parent / name, 2
    while folder.exists():
        folder, number = parent / f"{name} ({number})", number + 1
    make_private_folder(folder)
    return folder


def _copy_database(platform: EmbeddedPlatform, path: Path) -> None:
    """Copy the platform's database, without the names of trainees."""
    with platform.database.reading() as connection, closing(sqlite3.connect(path)) as copy:
        connection.backup(copy)
        copy.execute("DELETE FROM trainee")
        copy.commit()
    path.chmod(0o600)


def _move_into(path: Path, folder: Path) -> Path:
    target, number = folder / path.name, 2
    while target.exists():
        target, number = folder / f"{path.stem} ({number}){path.suffix}", number + 1
    move(path, target)
    return target
