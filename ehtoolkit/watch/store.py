"""Keep watches: a folder for each, with its configuration, its last state, and messages that are still to be sent.

::

    EHTOOLKIT_HOME/watch/NAME/watch.json    the watch
                              state.json    what was seen last, and what was said of it
                              report.json   the report of the last run
                              outbox/       messages that were not sent yet
                              missed/       runs that could not start, see `ehtoolkit.watch.missed`

All of it is for its owner alone: it has names and numbers of people.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ehtoolkit import errors
from ehtoolkit.system.files import create_file, make_folder, map_os_errors, put_file
from ehtoolkit.system.locks import folder_lock
from ehtoolkit.watch.configuration import WatchConfig, check_name

WATCH: Final = "watch.json"
STATE: Final = "state.json"
REPORT: Final = "report.json"
OUTBOX: Final = "outbox"
MISSED: Final = "missed"
STATUSES: Final = ("fine", "due", "failed")
"""What a report may have as its status."""


class WatchStore:
    """The watches of one home.

    Attributes:
        folder: made when the first one is added.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of the watches, in order."""
        return sorted(file.parent.name for file in self.folder.glob(f"*/{WATCH}"))

    def folder_of(self, name: str) -> Path:
        return self.folder / check_name(name)

    def load(self, name: str) -> WatchConfig:
        """Return the watch ``name``. Raises `errors.WatchUnknown`, and `errors.FileUnreadable` for one whose file is
        damaged."""
        path = self.folder_of(name) / WATCH
        if not path.exists():
            raise errors.WatchUnknown(name=name, known=", ".join(self.names()))
        try:
            return WatchConfig.model_validate_json(path.read_bytes())
        except (OSError, ValidationError, errors.WatchInvalid) as error:
            raise errors.FileUnreadable(path=str(path)) from error

    def add(self, watch: WatchConfig) -> None:
        """Store ``watch`` under its name. Raises `errors.WatchExists`, and what `create_file` raises."""
        folder = self.folder_of(watch.name)
        make_folder(folder)
        try:
            create_file(folder / WATCH, watch.model_dump_json(indent=1).encode())
        except errors.FileExists as error:
            raise errors.WatchExists(name=watch.name) from error

    def replace(self, watch: WatchConfig) -> None:
        """Store ``watch`` in place of the one of its name. Raises what `put_file` raises."""
        put_file(self.folder_of(watch.name) / WATCH, watch.model_dump_json(indent=1).encode())

    def remove(self, name: str) -> None:
        """Remove the watch ``name``, with everything that it kept. Raises `errors.WatchUnknown` and
        `errors.WatchRunning`."""
        folder = self.folder_of(name)
        if not (folder / WATCH).exists():
            raise errors.WatchUnknown(name=name, known=", ".join(self.names()))
        with self.locked(name), map_os_errors(folder):
            # First what another watch of this name would take for its own.
            for kept in (OUTBOX, MISSED):
                with suppress(FileNotFoundError):
                    shutil.rmtree(folder / kept)
            for kept in (STATE, REPORT, WATCH):
                (folder / kept).unlink(missing_ok=True)
        with map_os_errors(folder):
            shutil.rmtree(folder)

    def last_run(self, name: str) -> tuple[datetime, str] | None:
        """Return when the watch ``name`` ran last, and the status of its report; None when it has not run. Raises
        `errors.FileUnreadable` when that report is damaged."""
        path = self.folder_of(name) / REPORT
        if not path.exists():
            return None
        report = load_json(path) or {}
        try:
            at, status = datetime.fromisoformat(report["at"]), report["status"]
            if status not in STATUSES:
                raise ValueError(status)
            return at, status
        except (KeyError, TypeError, ValueError) as error:
            raise errors.FileUnreadable(path=str(path)) from error

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the lock of the watch ``name`` while it runs. Raises `errors.WatchRunning` at once when another process
        holds it."""
        try:
            with folder_lock(self.folder_of(name), 0.0):
                yield
        except errors.FileBusy as error:
            if error.reason != "folder":
                raise
            raise errors.WatchRunning(name=name) from error


def set_aside(path: Path) -> Path:
    """Rename a damaged file, so that it is neither read again nor lost, and return its new path, which no earlier
    damaged file has. The lock of the watch is held. Raises what `map_os_errors` raises."""
    aside, number = path.with_name(f"{path.name}.damaged"), 1
    with map_os_errors(path):
        while os.path.lexists(aside):
            number += 1
            aside = path.with_name(f"{path.name}.damaged-{number}")
        path.replace(aside)
    return aside


def load_json(path: Path) -> dict[str, Any] | None:
    """Return what was saved; None where there is nothing, or nothing that can be read."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):  # the last: thousands of brackets
        return None
    return value if isinstance(value, dict) else None
