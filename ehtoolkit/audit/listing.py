"""Which files a scan looks at: all that are called like keystores, in folders and the folders within."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.archive import FOLDER as ARCHIVE
from ehtoolkit.keystore.backups import FOLDER as BACKUPS
from ehtoolkit.keystore.names import ENDINGS

LEFT_OUT: Final = (ARCHIVE, BACKUPS)
"""Folders that the toolkit itself has put files into which nobody uses any more."""

Stop = Callable[[], bool]
"""Whether the scan is to end."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder that could not be looked into. ``reason``: ``missing``, ``unreadable``, or ``loop``: a link that leads
    back to a folder above it."""

    path: Path
    reason: str


def list_files(
    places: Sequence[Path], stop: Stop = lambda: False
) -> tuple[tuple[Path, ...], tuple[Unlisted, ...]]:
    """The files in ``places`` (folders; a file is taken as it is) in the order of their paths, each path once, and
    the folders that could not be looked into. What is called like a keystore counts as a file whatever it is, a pipe
    or a dead link too: it gets its row.

    Raises `errors.Cancelled`.
    """
    files: dict[Path, None] = {}
    unlisted: list[Unlisted] = []
    seen: set[tuple[int, int]] = set()
    for place in places:
        for found in _walk(place, (), seen):
            if stop():
                raise errors.Cancelled
            if isinstance(found, Unlisted):
                unlisted.append(found)
            else:
                files[found] = None
    return tuple(sorted(files)), tuple(unlisted)


def _walk(
    place: Path, above: tuple[tuple[int, int], ...], seen: set[tuple[int, int]]
) -> Iterator[Path | Unlisted]:
    try:
        status = place.stat()
        if above == () and not place.is_dir():
            yield place
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            yield Unlisted(place, "loop")
        if here in seen:
            return
        seen.add(here)
        with os.scandir(place) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        yield Unlisted(place, "missing")
        return
    except (OSError, ValueError):  # ValueError: a name that no system takes
        yield Unlisted(place, "unreadable")
        return
    for entry in found:
        if _is_folder(entry):
            if entry.name not in LEFT_OUT:
                yield from _walk(Path(entry.path), (*above, here), seen)
        elif entry.name.lower().endswith(ENDINGS) and not entry.name.startswith("."):
            yield Path(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
