"""What is given to systemd, launchd and Windows, as they read it."""

from __future__ import annotations

import json
import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest
from lxml import etree

from ehtoolkit.cli.run import run
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.settings import load_settings
from ehtoolkit.watch.schedule import SchedulePlan, Scheduler, plan_schedule

PROGRAM = ("/opt/my programs/100%/py$thon", "-m", "ehtoolkit", "watch", "run", "--scheduled", "--quiet")
VARIABLES = {"EHTOOLKIT_HOME": '/srv/a b/50%/"x"'}
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def plan(scheduler: Scheduler, folder: Path, variables: dict[str, str] = VARIABLES) -> SchedulePlan:
    made = plan_schedule(scheduler, PROGRAM, time(7, 30), variables, folder)
    made.write()
    made.write()  # once more: a newer version writes over an older one's
    assert [file.path.read_bytes() for file in made.files] == [file.data for file in made.files]
    return made


@pytest.mark.interop
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here (Debian package systemd)")
    program = tmp_path / "my programs" / "100%" / "py$thon"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    made = plan_schedule(Scheduler.SYSTEMD, (str(program), *PROGRAM[1:]), time(7, 30), VARIABLES, tmp_path)
    made.write()
    files = [str(file.path) for file in made.files]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if "ehtoolkit-watch" in line]
    assert (done.returncode, ours) == (0, [])
    calendar = re.search(r"^OnCalendar=(.*)$", made.files[1].text, re.MULTILINE)
    assert calendar
    done = subprocess.run(
        ["systemd-analyze", "calendar", calendar[1]], capture_output=True, text=True, timeout=60
    )
    assert "Normalized form: *-*-* 07:30:00" in done.stdout


def test_systemd_ends_a_run_that_hangs(tmp_path: Path) -> None:
    service = plan(Scheduler.SYSTEMD, tmp_path).files[0].text
    assert "[Service]\nType=oneshot\nTimeoutStartSec=6h\n" in service


def test_systemd_obeys_nothing_in_a_path(tmp_path: Path) -> None:
    service = plan(Scheduler.SYSTEMD, tmp_path).files[0].text
    assert 'Environment="EHTOOLKIT_HOME=/srv/a b/50%%/\\"x\\""\n' in service
    assert (
        'ExecStart="/opt/my programs/100%%/py$thon" "-m" "ehtoolkit" "watch" "run" "--scheduled"' in service
    )


@pytest.mark.parametrize(("code", "returned"), [("0", 0), ("6", 6), ("absent", 1)])
def test_systemd_gets_the_exit_code(tmp_path: Path, code: str, returned: int) -> None:
    """Python ends with 1 when it does not find the module."""
    if code != "absent":
        (tmp_path / "told.py").write_text(f"import sys\nprint(__name__, sys.argv[1:])\nsys.exit({code})\n")
    program = (sys.executable, "-m", "told", "run", "a b", "50%", "$HOME")
    service = plan_schedule(Scheduler.SYSTEMD, program, time(7, 30), {}, tmp_path).files[0].text
    assert "SuccessExitStatus" not in service
    line = next(line_ for line_ in service.splitlines() if line_.startswith("ExecStart="))
    done = subprocess.run(as_systemd_splits(line), capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == returned, done.stderr
    assert done.stdout == ("" if code == "absent" else "__main__ ['run', 'a b', '50%', '$HOME']\n")


def as_systemd_splits(line: str) -> list[str]:
    """The words of ``ExecStart=``, each in quotation marks, by the rules of systemd.service(5)."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', line.removeprefix("ExecStart="))
    plain = [re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), word) for word in words]
    return [word.replace("%%", "%").replace("$$", "$") for word in plain]


def test_launchd_reads_its_agent(tmp_path: Path) -> None:
    (file,) = plan(Scheduler.LAUNCHD, tmp_path).files
    agent = plistlib.loads(file.path.read_bytes())
    assert agent["Label"] == file.path.stem == "be.ehtoolkit.watch"
    assert agent["ProgramArguments"] == list(PROGRAM)
    assert agent["EnvironmentVariables"] == VARIABLES
    assert agent["StartCalendarInterval"] == {"Hour": 7, "Minute": 30}


ORDER = {
    # taskType is xs:all; triggers and actions are sequences, in this order (MS-TSCH, 2.5 and 3).
    "Task": {"RegistrationInfo", "Triggers", "Principals", "Settings", "Actions", "Data"},
    "CalendarTrigger": ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit",
                        "RandomDelay", "ScheduleByDay"],
    "ScheduleByDay": ["DaysInterval"],
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
    "Settings": {
        "AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries",
        "AllowHardTerminate", "StartWhenAvailable", "NetworkProfileName", "RunOnlyIfNetworkAvailable",
        "WakeToRun", "Enabled", "Hidden",
        "DeleteExpiredTaskAfter", "IdleSettings", "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle",
    },
}  # fmt: skip
"""The elements that the schema of tasks has within others; of those in a list, the order too."""


@pytest.mark.parametrize("variables", [{}, VARIABLES])
def test_windows_reads_its_task(tmp_path: Path, variables: dict[str, str]) -> None:
    (file,) = plan(Scheduler.WINDOWS, tmp_path, variables).files
    data = file.path.read_bytes()
    assert data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as schtasks wants it
    task = etree.fromstring(data)
    assert (task.tag, task.get("version")) == (f"{TASK}Task", "1.2")
    for element in task.iter(etree.Element):
        name, within = element.tag.removeprefix(TASK), [child.tag.removeprefix(TASK) for child in element]
        allowed = ORDER.get(name)
        if allowed is not None:
            assert set(within) <= set(allowed), name
        if isinstance(allowed, list):
            assert within == sorted(within, key=allowed.index), name
    start = task.findtext(f".//{TASK}StartBoundary")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT07:30:00", start or "")
    (principal,) = task.iter(f"{TASK}Principal")
    (actions,) = task.iter(f"{TASK}Actions")
    assert principal.get("id") == actions.get("Context")
    command, arguments = task.findtext(f".//{TASK}Command"), task.findtext(f".//{TASK}Arguments") or ""
    assert command == PROGRAM[0]
    if not variables:
        assert arguments == "-m ehtoolkit watch run --scheduled --quiet"


def test_windows_runs_a_task_with_an_account_at_any_time(tmp_path: Path) -> None:
    """MS-TSCH, 2.5.3: LogonType and UserId of a principal; schtasks asks for the password with ``/RP *``."""
    alone = plan(Scheduler.WINDOWS, tmp_path)
    with_account = plan_schedule(
        Scheduler.WINDOWS, PROGRAM, time(7, 30), {}, tmp_path, "PRACTICE\\R&D backup"
    )
    for made, logon, user in (
        (alone, "InteractiveToken", None),
        (with_account, "Password", "PRACTICE\\R&D backup"),
    ):
        (principal,) = etree.fromstring(made.files[0].data).iter(f"{TASK}Principal")
        assert (principal.findtext(f"{TASK}LogonType"), principal.findtext(f"{TASK}UserId")) == (logon, user)
        assert {child.tag.removeprefix(TASK) for child in principal} <= set(ORDER["Principal"])
    assert "/RU" not in alone.command
    assert with_account.command.endswith(' /RU "PRACTICE\\R&D backup" /RP *')


def test_windows_gives_the_program_its_variables_as_they_are(tmp_path: Path) -> None:
    """The arguments are taken apart as Windows does, and run by a Python that is here."""
    (tmp_path / "told.py").write_text(
        "import json, os, sys\n"
        "ours = {name: os.environ[name] for name in os.environ if name.startswith('EHTOOLKIT_')}\n"
        "print(json.dumps([__name__, ours, sys.argv[1:]]))\n"
        "sys.exit(7)\n"
    )
    variables = {
        "EHTOOLKIT_HOME": "C:\\R&D\\50%\\%PATH%\\^x\\",
        "EHTOOLKIT_PROVIDER_TYPES": '{"osteopath": ["5"], "a\\"b\'c": []}',
        "EHTOOLKIT_PROVIDER_DATABASE": "postgresql://an%40na@server/$(Arg0)?x=1|2<3>4",
        "EHTOOLKIT_KEYSTORE_FOLDER": "D:\\Zoë\n",
    }
    program = ("C:\\R&D\\py thon.exe", "-m", "told", "run", "a b", "")
    (file,) = plan_schedule(Scheduler.WINDOWS, program, time(7, 30), variables, tmp_path).files
    task = etree.fromstring(file.data)
    assert task.findtext(f".//{TASK}Command") == program[0]
    line = task.findtext(f".//{TASK}Arguments") or ""
    assert "%" not in line  # else the scheduler would put values of its own variables there
    assert "$(" not in line
    others = {name: value for name, value in os.environ.items() if not name.startswith("EHTOOLKIT_")}
    done = subprocess.run(
        [sys.executable, *as_windows_splits(line)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=others | {"PYTHONPATH": str(tmp_path)},
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert json.loads(done.stdout) == ["__main__", variables, ["run", "a b", ""]]


def as_windows_splits(line: str) -> list[str]:
    """The arguments in a command line, by the rules of Microsoft's C runtime: backslashes count in front of quotation
    marks alone, where two are one, and an odd one makes the mark a character."""
    found: list[str] = []
    word: str | None = None
    quoted = False
    for slashes, character in re.findall(r"(\\*)([^\\]|$)", line):
        if slashes:
            word = (word or "") + (slashes if character != '"' else slashes[: len(slashes) // 2])
        if character == '"' and len(slashes) % 2 == 0:
            word, quoted = word or "", not quoted
        elif character in (" ", "\t", "") and not quoted:
            found += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + character
    return found


INSTALL = Path(__file__).parents[2] / "docs" / "INSTALL.md"


@pytest.mark.parametrize("scheduler", Scheduler)
def test_what_is_installed_is_what_the_page_about_removing_names(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    page = INSTALL.read_text(encoding="utf-8").partition("## Remove ehtoolkit")[2].partition("\n## ")[0]
    made = plan_schedule(scheduler, PROGRAM, time(7, 30), VARIABLES)
    for file in made.files:
        assert file.path.name in page
        folder = file.path.parent.relative_to(tmp_path).as_posix()
        assert folder == "." or f"~/{folder}" in page
    started = {
        Scheduler.SYSTEMD: r"enable --now (\S+)",
        Scheduler.LAUNCHD: r"bootstrap (gui/\S+)",
        Scheduler.WINDOWS: r"/TN (\S+)",
    }[scheduler]
    name = re.search(started, made.command)
    assert name
    assert name[1] in page


def test_the_list_of_providers_is_kept_as_the_page_about_removing_says(tmp_path: Path) -> None:
    """Not that of training, which the command has without an environment."""
    (command,) = re.findall(r"^ +ehtoolkit (provider .*)$", INSTALL.read_text(encoding="utf-8"), re.MULTILINE)
    real = load_settings(environment="production")
    with open_registry(real) as registry:
        registry.add(Provider(name="Vandamme", first_names="Élise"))
    kept = tmp_path / "providers.csv"
    assert run(shlex.split(command.replace("providers.csv", str(kept)))) == 0
    assert "Vandamme" in kept.read_text(encoding="utf-8-sig")
