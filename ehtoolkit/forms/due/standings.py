"""How keystores stand wherever they lie, by their paths: each beside the other files of its folder.

A folder is read when the first of its files is asked about, and once more when something in it has changed: a list of
thousands of providers reads no file twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Severity
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.due.keystores import Due, due_file, due_keystores
from ehtoolkit.forms.due.next_steps import item_of
from ehtoolkit.forms.html import Severity as Look
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import Standing, without_file
from ehtoolkit.keystore.state import FileState
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, HolderFiles, archived_files
from ehtoolkit.keystore.storage.records import SEEN_FOLDER
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, call_in_time

_OFF: Final = frozenset({FileState.CLOSED, FileState.ELSEWHERE, FileState.REPLACED})
"""States that look like nothing, as long as they are not urgent."""
_Mark = frozenset[tuple[str, int, int, int]]
"""What tells whether files have changed: their names, times, sizes and numbers."""


def look_of(standing: Standing) -> Look:
    """Return how a keystore looks that stands so."""
    severity = standing.severity
    return "off" if standing.state in _OFF and severity is Severity.INFO else LOOKS[severity]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was in a folder. ``marks``: of it, its archive and the notes when that was read."""

    marks: tuple[_Mark, ...]
    due: tuple[Due, ...]
    archived: tuple[FoundKeystore, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """The files of a folder at a moment, by their paths, and what they are to each other."""

    due: Mapping[Path, Due]
    at: Mapping[Path, FoundKeystore]
    files: HolderFiles


class KeystoreStandings:
    """How keystores stand at the moment of the last `look_again`."""

    def __init__(
        self, notes: Path, environment: Environment, now: datetime, *, patience: float = SECONDS
    ) -> None:
        """Make it for the moment ``now`` (aware).

        Args:
            notes: what is remembered of keystores.
            environment: that is worked in.
            patience: seconds in which a folder has to be read.
        """
        self._patience = patience
        self._notes = notes
        self._environment = environment
        self._now = now
        self._read: dict[Path, _Read] = {}
        self._placed: dict[Path, _Placed] = {}
        self._unread: dict[Path, errors.FileUnreadable] = {}
        self._found: dict[Path, Standing] = {}

    def look_again(self, now: datetime) -> None:
        """Judge for the moment ``now`` (aware) from here on, by the files as they are then."""
        self._now = now
        self._placed.clear()
        self._unread.clear()
        self._found.clear()

    def of(self, path: Path | None) -> Standing:
        """Return how the keystore at ``path`` stands; with None, how it stands without one. A folder that cannot be
        listed, or does not answer in time, leaves its files unreadable."""
        if path is None:
            return without_file(FileState.NONE)
        if path not in self._found:
            self._found[path] = self._judge(path)
        return self._found[path]

    def files_of(self, folder: Path) -> HolderFiles:
        """Return the keystores of a folder as those of their holders. Raises `errors.FileUnreadable` for one that may
        not be listed, or does not answer in time."""
        return self._folder(folder).files

    def _judge(self, path: Path) -> Standing:
        try:
            placed = self._folder(path.parent)
            if path not in placed.due:
                placed = self._alone(path)
        except FileNotFoundError:
            return without_file(FileState.MISSING)
        except (errors.FileUnreadable, OSError, ValueError):  # ValueError: a name that no system takes
            return without_file(FileState.UNREADABLE)
        return item_of(placed.due[path], placed.at[path], placed.files, self._now, self._environment).standing

    def _alone(self, path: Path) -> _Placed:
        """Return a file that is not called like a keystore. Raises `FileNotFoundError` where it is not there."""
        path.stat()
        return self._place([due_file(path, self._notes)])

    def _folder(self, folder: Path) -> _Placed:
        if folder in self._unread:  # asked for each of its files, one that hangs would take for ever
            raise self._unread[folder]
        if folder not in self._placed:
            try:
                read = self._reading(folder)
            except errors.FileUnreadable as error:
                self._unread[folder] = error
                raise
            self._placed[folder] = self._place(read.due, read.archived)
        return self._placed[folder]

    def _place(self, due: Iterable[Due], archived: Iterable[FoundKeystore] = ()) -> _Placed:
        by_path = {each.file.path: each for each in due}
        at = {path: each.at(self._now) for path, each in by_path.items()}
        return _Placed(by_path, at, HolderFiles(at.values(), archived))

    def _reading(self, folder: Path) -> _Read:
        """Return what is in a folder, read again only where something has changed."""

        def read() -> _Read:
            notes = self._notes
            marks = tuple(map(_mark, (folder, folder / ARCHIVE, notes, notes / SEEN_FOLDER)))
            known = self._read.get(folder)
            if known is not None and known.marks == marks:
                return known
            return _Read(marks, due_keystores(folder, notes), archived_files(folder))

        try:
            self._read[folder] = call_in_time(read, self._patience)
        except TimedOut as hangs:
            raise errors.FileUnreadable(path=str(folder)) from hangs
        return self._read[folder]


def _mark(folder: Path) -> _Mark:
    """Return what changes with each change of a file in ``folder``; nothing for one that cannot be listed."""
    return frozenset(_entries(folder))


def _entries(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        with os.scandir(folder) as found:
            for file in found:
                seen = file.stat()
                yield file.name, seen.st_mtime_ns, seen.st_size, seen.st_ino
    except OSError:
        return
