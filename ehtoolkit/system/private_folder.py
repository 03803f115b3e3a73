"""Folders that only their owner may read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

OWNER_ALONE: Final = 0o700


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and those above it that are missing, each for its owner alone; one that is there stays as it is.

    `Path.mkdir` gives its mode to the last one only, and the others what the umask leaves. Raises ``OSError``,
    ``FileExistsError`` where a file is in the way.
    """
    missing = []
    place = folder
    while not place.is_dir():
        missing.append(place)
        if place.parent == place:
            break
        place = place.parent
    for place in reversed(missing):
        place.mkdir(mode=OWNER_ALONE, exist_ok=True)
