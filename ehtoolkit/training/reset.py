"""Puts the training platform back to its beginning, without touching anything that is real."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.training.state.database import TrainingDatabase

_SIZE_LIMIT: Final = 1_000_000
_REAL: Final = ("ehealth", "keystore")


def reset_training(
    folders: Sequence[Path],
    database: TrainingDatabase,
    *,
    cards: Path,
    authorities: Path,
    real_folders: Iterable[Path],
) -> list[Path]:
    """Forget every request, mail and moved clock, take back the ``cards``, and delete the keystores, backups
    and notes inside ``folders`` whose certificate this platform was asked for. Returns what was deleted.

    Keystores are known by the identifier of their key, which is readable without a password, so that a file
    that came from elsewhere stays, and so does one that was never sent. The ``authorities`` stay: another
    process may have them in use. Raises `errors.ResetRefused` when one of the ``real_folders``, or a folder
    that is called ``ehealth/keystore``, lies inside one of them, and `errors.FolderNotWritable`.
    """
    for folder in folders:
        refuse_real(folder, real_folders)
    with database.reading() as connection:
        key_ids = [row[0] for row in connection.execute("SELECT key_id FROM certificate")]
    left_alone = (cards, authorities)
    found = {path for folder in folders for path in files_in(folder, left_alone, database.path)}
    issued = sorted(path for path in found if holds_any_of(path, key_ids))
    try:
        for path in issued:
            path.unlink(missing_ok=True)
        if cards.is_dir():
            shutil.rmtree(cards)
    except OSError as error:
        raise errors.FolderNotWritable(folder=str(folders[0])) from error
    database.clear()
    return issued


def refuse_real(folder: Path, real_folders: Iterable[Path]) -> None:
    """Raise `errors.ResetRefused` when one of the ``real_folders``, or a folder that is called ``ehealth/keystore``,
    lies inside ``folder``."""
    inside = folder.resolve()
    candidates = [path.resolve() for path in real_folders if path.exists()]
    for current, names, _ in os.walk(inside):
        candidates += [Path(current, name) for name in names if Path(current, name).parts[-2:] == _REAL]
    for candidate in candidates:
        if candidate.is_relative_to(inside):
            raise errors.ResetRefused(path=str(candidate))


def files_in(folder: Path, left_alone: Sequence[Path], database: Path) -> Iterator[Path]:
    """Yield the files of ``folder`` in which a keystore or a note may be. The folders ``left_alone`` and the files of
    the database are left out; links are not followed."""
    for current, names, files in os.walk(folder):
        names[:] = [name for name in names if Path(current, name) not in left_alone]
        for name in files:
            path = Path(current, name)
            if not path.is_symlink() and not name.startswith(database.name):
                yield path


def holds_any_of(path: Path, key_ids: Sequence[str]) -> bool:
    """Return whether a key identifier is in the file: as bytes in a keystore, as digits in a note."""
    try:
        if not path.is_file() or path.stat().st_size > _SIZE_LIMIT:  # a pipe would never end
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return any(bytes.fromhex(key_id) in data or key_id.encode() in data.upper() for key_id in key_ids)
