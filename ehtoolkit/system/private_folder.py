"""Folders and files that only their owner may read."""

from __future__ import annotations

import os
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
    for one in reversed(missing):
        one.mkdir(mode=OWNER_ALONE, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; readers see the old content or the new one. Raises ``OSError``."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
    temporary.replace(path)
