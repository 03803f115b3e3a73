"""Find the files of a scan: named like keystores, or keystores under another name.

Folders are searched with all folders within.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.storage.backups import BACKUP_FOLDER as BACKUPS
from ehtoolkit.keystore.storage.filenames import ENDINGS
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE
from ehtoolkit.system.files import is_inside
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, TimeoutGuard

if TYPE_CHECKING:  # it loads the registry's database, which most pages do not need
    from ehtoolkit.auditing.options import Stop

LEFT_OUT: Final = (ARCHIVE, BACKUPS)
"""Folders in which the toolkit keeps files that are no longer in use."""

_MAYBE: Final = frozenset(
    {".pfx", ".jks", ".jceks", ".keystore", ".ks", ".bks", ".bcfks", ".bak", ".old", ".orig", ".copy"}
)
"""Endings of files of which the content says whether they are keystores: those of Windows and Java, and of copies."""
_KEYSTORES: Final = frozenset({None, "jks", "jceks", "bks", "bcfks", "uber"})
"""What they have to be by their first bytes (`ehtoolkit.keystore.codec.file_type`)."""
_BEGINNING: Final = 4_096

_Mark = tuple[int, int]
"""Device and number of a folder: what it is, whatever path has led to it."""


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder that was not looked into.

    ``reason``: ``missing``, ``unreadable``, ``hangs`` (it did not answer in time), ``loop`` (a link that leads back to
    a folder above it), or ``link``: a link, of a file too, that leads out of the folders.
    """

    path: Path
    reason: str


def path_order(file: str) -> list[str]:
    """Return the key by which absolute paths sort as path objects do, in less than half of the time."""
    return os.path.normcase(file).split(os.sep)  # noqa: PTH206  # making path objects is what takes the time


class DiscoveredFiles(NamedTuple):
    """What was found.

    Attributes:
        files: their paths, in order, each once; as text, which takes a quarter of the memory.
        unlisted: folders that were not looked into.
        passed_over: how many other files there are; they are not read.
        behind_links: those of ``files`` that a link out of the folders led to.
        empty: the folders that were asked for in which there is no keystore, and nothing that was not looked into.
    """

    files: tuple[str, ...]
    unlisted: tuple[UnreadableFolder, ...]
    passed_over: int
    behind_links: frozenset[str] = frozenset()
    empty: tuple[Path, ...] = ()


def list_files(
    places: Sequence[Path],
    stop: Stop = lambda: False,
    seconds: float = SECONDS,
    *,
    follow_links: bool = False,
) -> DiscoveredFiles:
    """List the keystores in ``places`` (folders; a file is taken as it is). What is called like a keystore counts as a
    file of any kind, a pipe or a dead link too, gets its row.

    Args:
        seconds: how long looking into one folder may take.
        follow_links: also those that lead out of ``places``. Whoever may write to a folder could have the auditor read
            what they may not read themselves.

    Raises `errors.Cancelled`.
    """
    files, behind = set[str](), set[str]()
    unlisted: list[UnreadableFolder] = []
    passed_over = 0
    seen: set[_Mark] = set()
    listed: set[Path] = set()
    with TimeoutGuard(seconds) as patience:
        waiting = [(place, files) for place in places]
        for place, found_here in waiting:  # links that are followed are added at the end
            for found in _walk(place, places, seen, patience):
                if stop():
                    raise errors.Cancelled
                if isinstance(found, _ListedFolder):
                    found_here.update(map(str, found.files))
                    listed.add(place)
                    passed_over += len(found.others)
                elif follow_links and found.reason == "link":
                    waiting.append((found.path, behind))
                else:
                    unlisted.append(found)
    behind -= files
    ordered = tuple(sorted(files | behind, key=path_order))
    empty = tuple(_empty(places, listed, (*ordered, *(str(folder.path) for folder in unlisted))))
    return DiscoveredFiles(ordered, tuple(unlisted), passed_over, frozenset(behind), empty)


def _empty(places: Sequence[Path], listed: Set[Path], found: Sequence[str]) -> Iterator[Path]:
    """Yield those of ``places`` that have nothing of what was ``found``. One that another path had led to before is not
    ``listed`` again, and has nothing of its own unless it lies in one that was."""
    for place in dict.fromkeys(places):
        within = os.path.join(place, "")  # noqa: PTH118  # with one separator at its end, also of a root
        if any(place.is_relative_to(other) for other in listed) and not any(
            file == str(place) or file.startswith(within) for file in found
        ):
            yield place


def list_passed_over(places: Sequence[Path]) -> list[Path]:
    """Return the other files in ``places``, in the order of their paths: those that `list_files` counts alone."""
    seen: set[_Mark] = set()
    with TimeoutGuard() as patience:
        return sorted(
            found.path / name
            for place in places
            for found in _walk(place, places, seen, patience)
            if isinstance(found, _ListedFolder)
            for name in found.others
        )


class _ListedFolder(NamedTuple):
    """A folder, the keystores in it, and the names of its other files."""

    path: Path
    files: list[Path]
    others: list[str]


def _walk(
    place: Path, places: Sequence[Path], seen: set[_Mark], patience: TimeoutGuard
) -> Iterator[_ListedFolder | UnreadableFolder]:
    """Yield ``place`` and all folders within, and the links that lead out of ``places``. Not recursive: folders within
    folders may be deeper than calls within calls."""
    try:
        if patience.call(place, lambda: _is_file(place)):
            yield _ListedFolder(place.parent, [place], [])
            return
    except TimedOut:
        yield UnreadableFolder(place, "hangs")
        return
    waiting: list[tuple[Path, frozenset[_Mark]]] = [(place, frozenset())]
    while waiting:
        folder, above = waiting.pop()
        try:
            here = patience.call(folder, partial(_mark, folder))
            if here in above:
                yield UnreadableFolder(folder, "loop")
            if here in seen:
                continue
            seen.add(here)
            within, files, others, away = patience.call(folder, partial(_look_inside, folder, places))
        except TimedOut:
            yield UnreadableFolder(folder, "hangs")
        except (FileNotFoundError, NotADirectoryError):
            yield UnreadableFolder(folder, "missing")
        except (OSError, ValueError):  # ValueError: a name that no system takes
            yield UnreadableFolder(folder, "unreadable")
        else:
            waiting += [(folder, above | {here}) for folder in within]
            yield _ListedFolder(folder, files, others)
            yield from (UnreadableFolder(link, "link") for link in away)


def _mark(folder: Path) -> _Mark:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _look_inside(
    folder: Path, places: Sequence[Path]
) -> tuple[list[Path], list[Path], list[str], list[Path]]:
    """Return what `look_into` returns, and the links that lead out of ``places``, which are none of it."""
    away: list[Path] = []

    def leads_away(link: Path) -> bool:
        if link.exists() and not any(is_inside(link, place) for place in places):
            away.append(link)
            return True
        return False

    return (*look_into(folder, leads_away), away)


def look_into(
    folder: Path, leave_out: Callable[[Path], bool] = lambda _: False
) -> tuple[list[Path], list[Path], list[str]]:
    """Return the folders in ``folder``, the files that are keystores by their name or content, and the names of the
    others; without the folders of `LEFT_OUT` and files whose names begin with a dot. ``leave_out``: asked about each
    link to a folder or to a keystore, before the file is read.

    Raises `OSError`, and `ValueError` for a name that no system takes.
    """
    within, files, others = [], [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink() and _may_matter(entry) and leave_out(Path(entry.path)):
                continue
            if _is_folder(entry):
                if entry.name not in LEFT_OUT:
                    within.append(Path(entry.path))
            elif entry.name.startswith("."):
                continue
            elif entry.name.lower().endswith(ENDINGS) or _is_keystore(entry):
                files.append(Path(entry.path))
            else:
                others.append(entry.name)
    return within, files, others


def _may_matter(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder, or a file that may be a keystore by its name."""
    if _is_folder(entry):
        return entry.name not in LEFT_OUT
    return not entry.name.startswith(".") and (entry.name.lower().endswith(ENDINGS) or _is_open(entry.name))


def _is_open(name: str) -> bool:
    """Return whether the name of a file leaves open whether it is a keystore."""
    ending = Path(name).suffix.lower()
    return not ending or ending in _MAYBE or ".p12" in name.lower()


def _is_keystore(entry: os.DirEntry[str]) -> bool:
    """Return whether a file that is called otherwise is one, by its first bytes: only those are opened whose name
    leaves it open, and no pipe or device."""
    if not _is_open(entry.name):
        return False
    try:
        if not entry.is_file() or entry.stat().st_size == 0:
            return False
        with Path(entry.path).open("rb") as file:
            return detect_file_type(file.read(_BEGINNING)) in _KEYSTORES
    except (OSError, ValueError):
        return False


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
