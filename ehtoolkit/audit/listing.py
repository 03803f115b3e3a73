"""Which files a scan looks at: all that are called like keystores, in folders and the folders within."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.audit.patience import SECONDS, Hangs, Patience
from ehtoolkit.keystore.archive import FOLDER as ARCHIVE
from ehtoolkit.keystore.backups import FOLDER as BACKUPS
from ehtoolkit.keystore.names import ENDINGS

LEFT_OUT: Final = (ARCHIVE, BACKUPS)
"""Folders that the toolkit itself has put files into which nobody uses any more."""

_Mark = tuple[int, int]
"""Device and number of a folder: what it is, whatever path has led to it."""

Stop = Callable[[], bool]
"""Whether the scan is to end."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder that could not be looked into. ``reason``: ``missing``, ``unreadable``, ``hangs`` (it did not answer in
    time), or ``loop``: a link that leads back to a folder above it."""

    path: Path
    reason: str


def list_files(
    places: Sequence[Path], stop: Stop = lambda: False, seconds: float = SECONDS
) -> tuple[tuple[Path, ...], tuple[Unlisted, ...]]:
    """The files in ``places`` (folders; a file is taken as it is) in the order of their paths, each path once, and
    the folders that could not be looked into. What is called like a keystore counts as a file whatever it is, a pipe
    or a dead link too: it gets its row. ``seconds``: how long looking into one folder may take.

    Raises `errors.Cancelled`.
    """
    files: dict[Path, None] = {}
    unlisted: list[Unlisted] = []
    seen: set[_Mark] = set()
    with Patience(seconds) as patience:
        for place in places:
            for found in _walk(place, seen, patience):
                if stop():
                    raise errors.Cancelled
                if isinstance(found, Unlisted):
                    unlisted.append(found)
                else:
                    files[found] = None
    return tuple(sorted(files)), tuple(unlisted)


def _walk(place: Path, seen: set[_Mark], patience: Patience) -> Iterator[Path | Unlisted]:
    """Not recursive: folders within folders may be deeper than calls within calls."""
    try:
        if patience.call(place, lambda: _is_file(place)):
            yield place
            return
    except Hangs:
        yield Unlisted(place, "hangs")
        return
    waiting: list[tuple[Path, frozenset[_Mark]]] = [(place, frozenset())]
    while waiting:
        folder, above = waiting.pop()
        try:
            here = patience.call(folder, partial(_mark, folder))
            if here in above:
                yield Unlisted(folder, "loop")
            if here in seen:
                continue
            seen.add(here)
            within, files = patience.call(folder, partial(_content, folder))
        except Hangs:
            yield Unlisted(folder, "hangs")
        except (FileNotFoundError, NotADirectoryError):
            yield Unlisted(folder, "missing")
        except (OSError, ValueError):  # ValueError: a name that no system takes
            yield Unlisted(folder, "unreadable")
        else:
            waiting += [(one, above | {here}) for one in within]
            yield from files


def _mark(folder: Path) -> _Mark:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _content(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folders in it, and the files that are called like keystores."""
    within, files = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_folder(entry):
                if entry.name not in LEFT_OUT:
                    within.append(Path(entry.path))
            elif entry.name.lower().endswith(ENDINGS) and not entry.name.startswith("."):
                files.append(Path(entry.path))
    return within, files


def _is_file(place: Path) -> bool:
    try:
        return place.exists() and not place.is_dir()
    except (OSError, ValueError):
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
