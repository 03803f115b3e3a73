"""What the operating system was given to run the watches: noted when it is written, and removed with the last watch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ehtoolkit.system.files import make_folder, map_os_errors, put_file
from ehtoolkit.watch.schedule import SchedulePlan, Scheduler, is_of_home, plan_schedule

_FILE: Final = "schedule.json"
"""In the folder of the watches."""


class ScheduleNote(BaseModel):
    """Where files were written.

    Attributes:
        folder: that was named; None: where the files of the user are.
    """

    model_config = ConfigDict(frozen=True)

    scheduler: Scheduler
    folder: Path | None = None

    @property
    def plan(self) -> SchedulePlan:
        """The same files, with other content."""
        return plan_schedule(self.scheduler, ("", "-m", ""), time(), {}, self.folder)


_NOTES: Final = TypeAdapter(tuple[ScheduleNote, ...])


def note_schedule(watches: Path, scheduler: Scheduler, folder: Path | None) -> None:
    """Note in ``watches``, the folder of the watches, what was written. Raises what `make_folder` and `put_file`
    raise."""
    note, known = ScheduleNote(scheduler=scheduler, folder=folder), _read(watches)
    if note not in known:
        make_folder(watches)
        put_file(watches / _FILE, _NOTES.dump_json((*known, note), indent=1))


def remove_schedules(watches: Path, home: Path) -> Iterator[tuple[list[Path], str]]:
    """Remove the files by which the operating system runs the watches of ``home``, also those that an earlier version
    wrote where the user's are. Files that another home has written over them since stay.

    Yields, for each scheduler, the files that are gone, and the command that makes the system forget them. Raises what
    `map_os_errors` raises; then the notes stay.
    """
    for note in dict.fromkeys((*_read(watches), ScheduleNote(scheduler=Scheduler.here()))):
        plan = note.plan
        if is_of_home(note.scheduler, plan.files[0], home):
            places = (*(file.path for file in plan.files), *plan.links)
            present = [path for path in places if os.path.lexists(path)]
            for path in reversed(present):  # what says whose they are comes last
                with map_os_errors(path):
                    path.unlink()
            yield present, plan.undo
    with map_os_errors(watches / _FILE):
        (watches / _FILE).unlink(missing_ok=True)


def _read(watches: Path) -> tuple[ScheduleNote, ...]:
    """Return what was noted; nothing where that cannot be read."""
    try:
        return _NOTES.validate_json((watches / _FILE).read_bytes())
    except (OSError, ValidationError):
        return ()
