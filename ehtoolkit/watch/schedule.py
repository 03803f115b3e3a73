"""Have the operating system run the watches: a systemd timer, a task of Windows, or an agent of launchd."""

from __future__ import annotations

import plistlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import Final
from xml.etree import ElementTree as ET

from ehtoolkit.system.files import create_file, make_folder, replace_file

NAME: Final = "ehtoolkit-watch"
_LONGEST_RUN: Final = "6h"
"""After which systemd ends a run: a service of type oneshot has no limit of its own."""
LABEL: Final = "be.ehtoolkit.watch"
_TASK: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"


class Scheduler(StrEnum):
    """What starts programs at a time of day."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    WINDOWS = "windows"

    @classmethod
    def here(cls) -> Scheduler:
        """Return the scheduler of this computer."""
        return {"win32": cls.WINDOWS, "darwin": cls.LAUNCHD}.get(sys.platform, cls.SYSTEMD)


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A file that is to be written.

    Attributes:
        text: as it is shown; ``data``: as it is written.
    """

    path: Path
    text: str
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        return self.text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """Files, and the command that makes the operating system read them."""

    files: tuple[ScheduleFile, ...]
    command: str

    def write(self) -> None:
        """Write each file, over one that an earlier version of this wrote. Raises what `replace_file` raises."""
        for file in self.files:
            make_folder(file.path.parent)
            if file.path.exists():
                replace_file(file.path, file.data)
            else:
                create_file(file.path, file.data)


def plan_schedule(
    scheduler: Scheduler,
    program: Sequence[str],
    at: time,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> SchedulePlan:
    """Return the plan by which ``program`` runs every day ``at``, by the clock of the computer.

    environment: variables for it; no secret. folder: where the files go; None: where this user's are.
    """
    make = {
        Scheduler.SYSTEMD: _systemd,
        Scheduler.LAUNCHD: _launchd,
        Scheduler.WINDOWS: _windows,
    }[scheduler]
    return make(program, at, environment, folder)


# ── systemd ──────────────────────────────────────────────────────────────────────────────────────────────
def _systemd(
    program: Sequence[str], at: time, environment: Mapping[str, str], folder: Path | None
) -> SchedulePlan:
    """Return the plan for systemd, a service and its timer. A run that missed its time, since the computer was off, is
    made up for. ``program`` has to be Python with ``-m`` and a module."""
    place = folder or Path.home() / ".config" / "systemd" / "user"
    variables = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items())
    # The manager of a user does not know when the network is there.
    network = "" if folder is None else "Wants=network-online.target\nAfter=network-online.target\n"
    python, _, module, *arguments = program
    command = " ".join([_quoted(python), *map(_argument, ["-c", _unless_due(module), *arguments])])
    service = (
        f"[Unit]\nDescription=Watches of ehtoolkit\n{network}\n"
        f"[Service]\nType=oneshot\nTimeoutStartSec={_LONGEST_RUN}\n{variables}ExecStart={command}\n"
    )
    timer = (
        f"[Unit]\nDescription=Watches of ehtoolkit, every day\n\n[Timer]\nOnCalendar=*-*-* {at:%H:%M}:00\n"
        "Persistent=true\nRandomizedDelaySec=300\n\n[Install]\nWantedBy=timers.target\n"
    )
    files = (
        ScheduleFile(place / f"{NAME}.service", service),
        ScheduleFile(place / f"{NAME}.timer", timer),
    )
    user = "--user " if folder is None else ""
    return SchedulePlan(files, f"systemctl {user}daemon-reload && systemctl {user}enable --now {NAME}.timer")


def _unless_due(module: str) -> str:
    """Return the lines of Python that do what ``-m`` with ``module`` does, and end with 0 where that ends with 1:
    something is due, and was sent. Python itself ends with 1 where the module, or one that it needs, is not there."""
    return (
        f"import runpy, sys\ntry:\n    runpy.run_module({module!r}, run_name='__main__', alter_sys=True)\n"
        "except SystemExit as end:\n    sys.exit(0 if end.code == 1 else end.code)\n"
    )


def _quoted(text: str) -> str:
    """Return ``text`` as one word of a unit file: systemd takes ``%`` and backslashes for its own."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


def _argument(text: str) -> str:
    """Return ``text`` as one word of a command line after the first, in which ``$`` is systemd's own as well."""
    return _quoted(text.replace("$", "$$"))


# ── launchd ──────────────────────────────────────────────────────────────────────────────────────────────
def _launchd(
    program: Sequence[str], at: time, environment: Mapping[str, str], folder: Path | None
) -> SchedulePlan:
    place = (folder or Path.home() / "Library" / "LaunchAgents") / f"{LABEL}.plist"
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(program),
        "EnvironmentVariables": dict(environment),
        "StartCalendarInterval": {"Hour": at.hour, "Minute": at.minute},
        "ProcessType": "Background",
    }
    text = plistlib.dumps(agent, sort_keys=False).decode()
    return SchedulePlan((ScheduleFile(place, text),), f'launchctl bootstrap gui/$(id -u) "{place}"')


# ── Windows ──────────────────────────────────────────────────────────────────────────────────────────────
def _windows(
    program: Sequence[str], at: time, environment: Mapping[str, str], folder: Path | None
) -> SchedulePlan:
    """Return the plan for Windows, a task. It has no variables of its own: where some are needed, ``program``, which
    has to be Python with ``-m`` and a module, sets them itself. A shell would take ``&`` and ``^`` in them for its
    own."""
    place = (folder or Path.home()) / f"{NAME}.xml"
    task = ET.Element("Task", {"version": "1.2", "xmlns": _TASK})
    _put(task, "RegistrationInfo/Description", "Watches of ehtoolkit, every day")
    trigger = ET.SubElement(ET.SubElement(task, "Triggers"), "CalendarTrigger")
    # Any day that is over; what counts is the time of day.
    _put(trigger, "StartBoundary", f"{date(2026, 1, 1)}T{at:%H:%M}:00")
    _put(trigger, "ScheduleByDay/DaysInterval", "1")
    principal = ET.SubElement(ET.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    _put(principal, "LogonType", "InteractiveToken")
    _put(principal, "RunLevel", "LeastPrivilege")
    settings = ET.SubElement(task, "Settings")
    for name, value in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("StartWhenAvailable", "true"),
        ("RunOnlyIfNetworkAvailable", "false"),
        ("ExecutionTimeLimit", "PT4H"),
        ("Enabled", "true"),
    ):
        _put(settings, name, value)
    actions = ET.SubElement(task, "Actions", {"Context": "Author"})
    execute = ET.SubElement(actions, "Exec")
    python, *arguments = program
    if environment:
        _, module, *rest = arguments
        arguments = ["-c", _start(module, environment), *rest]
    _put(execute, "Command", python)
    _put(execute, "Arguments", _command_line(arguments))
    ET.indent(task)
    text = f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(task, encoding="unicode")}\n'
    shown = PureWindowsPath(place) if sys.platform == "win32" else place
    return SchedulePlan(
        (ScheduleFile(place, text, "utf-16"),), f'schtasks /Create /TN "{NAME}" /XML "{shown}"'
    )


def _put(parent: ET.Element, path: str, text: str) -> None:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = text


def _start(module: str, environment: Mapping[str, str]) -> str:
    """Return the lines of Python that set ``environment`` and then do what ``-m`` with ``module`` does, without a
    percent or dollar sign: the scheduler puts the values of its own variables in place of ``%NAME%`` and ``$(NAME)``,
    and has no sign that keeps it from doing so."""
    code = (
        f"import os, runpy; os.environ.update({dict(environment)!r}); "
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    return code.replace("%", r"\x25").replace("$", r"\x24")


def _command_line(arguments: Sequence[str]) -> str:
    import subprocess  # for its rules of quoting alone

    return subprocess.list2cmdline(arguments)
