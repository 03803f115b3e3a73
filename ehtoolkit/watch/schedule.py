"""Have the operating system run the watches: a systemd timer, a task of Windows, or an agent of launchd.

The files for systemd and Windows are filled in from ``schedule_files``.
"""

from __future__ import annotations

import plistlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from importlib.resources import files
from pathlib import Path, PureWindowsPath
from string import Template
from subprocess import list2cmdline
from typing import Final
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from ehtoolkit.system.files import make_folder, put_file

NAME: Final = "ehtoolkit-watch"
LABEL: Final = "be.ehtoolkit.watch"


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
    """Files, and the command that makes the operating system read them.

    Attributes:
        undo: the command that makes it forget them, once they are gone.
        links: to the files, which ``command`` makes beside them.
    """

    files: tuple[ScheduleFile, ...]
    command: str
    undo: str
    links: tuple[Path, ...] = ()

    def write(self) -> None:
        """Write each file, over one that an earlier version of this wrote. Raises what `put_file` raises."""
        for file in self.files:
            make_folder(file.path.parent)
            put_file(file.path, file.data)


def plan_schedule(
    scheduler: Scheduler,
    program: Sequence[str],
    at: time,
    environment: Mapping[str, str],
    folder: Path | None = None,
    account: str | None = None,
) -> SchedulePlan:
    """Return the plan by which ``program`` runs every day ``at``, by the clock of the computer.

    Args:
        program: Python with ``-m``, a module and its arguments.
        environment: variables for it; no secret.
        folder: where the files go; None: where this user's are.
        account: of Windows, under which the task runs at any time; None: the user's, while the user is logged on.
    """
    match scheduler:
        case Scheduler.SYSTEMD:
            return _systemd(program, at, environment, folder)
        case Scheduler.LAUNCHD:
            return _launchd(program, at, environment, folder)
    return _windows(program, at, environment, folder, account)


def _filled(name: str, **values: str) -> str:
    """Return the file ``name`` of ``schedule_files`` with ``values`` in it."""
    template = files("ehtoolkit.watch").joinpath("schedule_files", name).read_text(encoding="utf-8")
    return Template(template).substitute(values)


# ── systemd ──────────────────────────────────────────────────────────────────────────────────────────────
def _systemd(
    program: Sequence[str], at: time, environment: Mapping[str, str], folder: Path | None
) -> SchedulePlan:
    """Return the plan for systemd, a service and its timer. systemd makes up for a run that the computer missed."""
    place = folder or Path.home() / ".config" / "systemd" / "user"
    python, *arguments = program
    variables = (_quoted(f"{name}={value}") for name, value in environment.items())
    service = _filled(
        f"{NAME}.service",
        # The manager of a user does not know when the network is there.
        network="" if folder is None else "Wants=network-online.target\nAfter=network-online.target\n",
        environment="".join(f"Environment={variable}\n" for variable in variables),
        # In words after the first, systemd interprets ``$`` as well.
        command=" ".join(map(_quoted, (python, *(word.replace("$", "$$") for word in arguments)))),
    )
    timer = _filled(f"{NAME}.timer", time=f"{at:%H:%M}")
    units = (ScheduleFile(place / f"{NAME}.service", service), ScheduleFile(place / f"{NAME}.timer", timer))
    systemctl = "systemctl --user" if folder is None else "systemctl"
    return SchedulePlan(
        units,
        f"{systemctl} daemon-reload && {systemctl} enable --now {NAME}.timer",
        # Not "disable", which wants the file.
        f"{systemctl} stop {NAME}.timer; {systemctl} daemon-reload",
        (place / "timers.target.wants" / f"{NAME}.timer",),
    )


def _quoted(text: str) -> str:
    """Return ``text`` as one word of a unit file, in which systemd interprets ``%`` and backslashes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


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
    return SchedulePlan(
        (ScheduleFile(place, text),),
        f'launchctl bootstrap gui/$(id -u) "{place}"',
        f"launchctl bootout gui/$(id -u)/{LABEL}",
    )


# ── Windows ──────────────────────────────────────────────────────────────────────────────────────────────
def _windows(
    program: Sequence[str], at: time, environment: Mapping[str, str], folder: Path | None, account: str | None
) -> SchedulePlan:
    """Return the plan for Windows, a task: without ``account`` while the user is logged on, else at any time, with the
    password of the account that schtasks asks for. Its first day is in the past: only the time counts. A task has no
    variables: where some are needed, Python sets them itself, since a shell would interpret ``&`` and ``^`` in
    them."""
    place = (folder or Path.home()) / f"{NAME}.xml"
    python, *arguments = program
    if environment:
        _, module, *rest = arguments
        arguments = ["-c", _start(module, environment), *rest]
    text = _filled(
        f"{NAME}.xml",
        time=f"{at:%H:%M}",
        account="" if account is None else f"      <UserId>{escape(account)}</UserId>\n",
        logon="InteractiveToken" if account is None else "Password",
        program=escape(python),
        arguments=escape(list2cmdline(arguments)),
    )
    run_as = "" if account is None else f' /RU "{account}" /RP *'
    shown = PureWindowsPath(place) if sys.platform == "win32" else place
    return SchedulePlan(
        (ScheduleFile(place, text, "utf-16"),),
        f'schtasks /Create /TN "{NAME}" /XML "{shown}"{run_as}',
        f'schtasks /Delete /TN "{NAME}"',
    )


def _start(module: str, environment: Mapping[str, str]) -> str:
    """Return the lines of Python that set ``environment`` and then do what ``-m`` with ``module`` does, without a
    percent or dollar sign: the scheduler replaces ``%NAME%`` and ``$(NAME)`` with its own variables, and neither sign
    can be escaped."""
    code = (
        f"import os, runpy; os.environ.update({dict(environment)!r}); "
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    return _without_variables(code)


def _without_variables(code: str) -> str:
    return code.replace("%", r"\x25").replace("$", r"\x24")


# ── Whose files they are ─────────────────────────────────────────────────────────────────────────────────
HOME: Final = "EHTOOLKIT_HOME"
"""The variable that says where the watches are."""


def is_of_home(scheduler: Scheduler, file: ScheduleFile, home: Path) -> bool:
    """Return whether the file that is in the place of ``file``, the first of a plan, runs the watches of ``home``, also
    where someone has changed other lines of it; False where none can be read."""
    try:
        text = file.path.read_bytes().decode(file.encoding)
    except (OSError, UnicodeError):
        return False
    match scheduler:
        case Scheduler.SYSTEMD:
            return f"Environment={_quoted(f'{HOME}={home}')}\n" in text
        case Scheduler.LAUNCHD:
            try:
                agent = plistlib.loads(text.encode())
                return bool(agent["EnvironmentVariables"][HOME] == str(home))
            except (plistlib.InvalidFileException, ExpatError, KeyError, TypeError, ValueError):
                return False
    return escape(_without_variables(f"{HOME!r}: {str(home)!r}").replace('"', '\\"')) in text
