"""Places on this computer where a keystore may lie, and the bounded search of one."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final, Literal

from platformdirs import user_desktop_path, user_documents_path, user_downloads_path

from ehtoolkit.auditing.scan.discovery import look_into
from ehtoolkit.forms.copies.drives import PATIENCE, drives, name_of_drive
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE
from ehtoolkit.keystore.storage.user_profiles import KEYSTORE_FOLDER, home_folders
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard

PlaceKind = Literal["downloads", "desktop", "documents", "ehealth", "archive", "profile", "drive", "recent"]

MOST_FILES: Final = 40
MOST_FOLDERS: Final = 3_000
"""Folders of a place that are looked into; a drive may have a hundred thousand."""
LONGEST: Final = 15.0
"""Seconds that a search goes on."""
_SYSTEM: Final = re.compile(
    r"\.|\$|(appdata|node_modules|program\sfiles|programdata|system\svolume\sinformation|windows)\b",
    re.IGNORECASE,
)
"""How hidden folders begin, and those of programs: many, and never with a keystore that people put there."""


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """A folder to be searched with all within. ``name``: of the drive or the user; empty for the usual ones."""

    kind: PlaceKind
    path: Path
    name: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The files that a search found.

    Attributes:
        files: the newest first.
        whole: whether the place was searched to its end, and all that is there is listed.
    """

    files: tuple[Path, ...]
    whole: bool


def find_places(
    keystores: Path, recent: Iterable[Path] = (), root: Path | None = None
) -> tuple[SearchPlace, ...]:
    """Return the places that are there, each once, the likeliest first. Never raises; what does not answer in
    `PATIENCE` seconds is no place.

    Args:
        keystores: the folder that a file would be copied into, whose own files need no copy.
        recent: folders of the last safety copies.
        root: where `home_folders` looks for the homes of other people.
    """
    found: dict[str, SearchPlace] = {os.path.realpath(keystores): SearchPlace("ehealth", keystores)}
    with TimeoutGuard(PATIENCE) as patience:
        for place in _candidates(keystores, recent, patience, root):
            real = patience.attempt(place.path, partial(_real_folder, place.path))
            if real is not None:
                found.setdefault(real, place)
    return tuple(found.values())[1:]


def _real_folder(path: Path) -> str | None:
    return os.path.realpath(path) if path.is_dir() else None


def _candidates(
    keystores: Path, recent: Iterable[Path], patience: TimeoutGuard, root: Path | None
) -> Iterator[SearchPlace]:
    yield SearchPlace("downloads", user_downloads_path())
    yield SearchPlace("desktop", user_desktop_path())
    yield SearchPlace("documents", user_documents_path())
    with suppress(RuntimeError):  # an account without a home
        yield SearchPlace("ehealth", Path.home() / KEYSTORE_FOLDER)
    yield SearchPlace("archive", keystores / ARCHIVE)
    yield from (SearchPlace("recent", folder) for folder in recent)
    found = patience.attempt(Path(), drives) or ()
    yield from (SearchPlace("drive", path, name_of_drive(path)) for path in found)
    homes = patience.attempt(Path(), partial(home_folders, root)) or ()
    yield from (SearchPlace("profile", path, user) for user, path in homes)


def search(
    place: Path,
    seconds: float,
    *,
    passing_over: Collection[Path] = (),
    now: Callable[[], float] = monotonic,
) -> SearchResult:
    """Return the keystores in a place, by their names or by their first bytes; near folders are looked into first.

    Args:
        seconds: how long looking into one folder may take: a drive that is gone does not answer.
        passing_over: folders that are left out, with all within.
        now: the clock that ends a search after `LONGEST` seconds.

    Never raises: what may not be looked into has nothing to offer, and what does not answer keeps the search from
    being whole.
    """
    waiting, seen, files = deque([place]), set[str](), dict[Path, float]()
    end, looks, silent = now() + LONGEST, 0, False
    # The drive may be gone at any moment: nothing is asked of it but through this.
    with TimeoutGuard(seconds) as patience:
        for folder in passing_over:
            real = patience.attempt(folder, partial(os.path.realpath, folder))
            seen.update([] if real is None else [real])
        while waiting and looks < MOST_FOLDERS and now() < end:
            folder = waiting.popleft()
            try:
                real = patience.call(folder, partial(os.path.realpath, folder))
                if real in seen:
                    continue
                seen.add(real)
                looks += 1
                within, here = patience.call(folder, partial(_look_into, folder))
            except TimedOut:
                silent = True
            except (OSError, ValueError):
                continue  # it may not be looked into
            else:
                waiting.extend(sorted(folder for folder in within if not _SYSTEM.match(folder.name)))
                files |= here
    newest = sorted(files, key=files.__getitem__, reverse=True)
    whole = not waiting and not silent and len(newest) <= MOST_FILES
    return SearchResult(tuple(newest[:MOST_FILES]), whole)


def _look_into(folder: Path) -> tuple[list[Path], dict[Path, float]]:
    """Return the folders in ``folder``, and the keystores with the moment when each was written."""
    within, files, _ = look_into(folder)
    return within, {file: _written(file) for file in files}


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
