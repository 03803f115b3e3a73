"""``ehtoolkit watch install``: files by which the operating system runs all watches every day."""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ehtoolkit.cli.command import ParsedValue, UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import FOLDER_PATH
from ehtoolkit.cli.terminal import echo
from ehtoolkit.cli.watch.stored_watches import watch_store

if TYPE_CHECKING:
    from ehtoolkit.settings import Settings

_ACCOUNT: Final = re.compile(r"[^\"%/\[\]:;|=,+*?<>\x00-\x1f]{1,104}")
"""What the name of an account of Windows cannot have is left out; ``%`` would be a variable of the command prompt."""
_LEFT_OUT: Final = {"platform_token", "trace", "environment", "language", "card"}


def _read_account(typed: str) -> str:
    """Check that ``typed`` is an account of Windows: ``NAME``, ``COMPUTER\\NAME`` or ``NAME@DOMAIN``."""
    if _ACCOUNT.fullmatch(typed) is None:
        raise ValueError(typed)
    return typed


_TIME: Final = ParsedValue("time", lambda typed: datetime.strptime(typed, "%H:%M").time())


@command()
@click.option("--for", "scheduler", type=click.Choice(["systemd", "launchd", "windows"]))
@click.option("--at", type=_TIME, default="07:30", metavar="HH:MM")
@click.option("--into", type=FOLDER_PATH)
@click.option("--account", type=ParsedValue("account", _read_account), metavar="NAME")
@click.option("--dry-run", is_flag=True)
@click.option("--yes", is_flag=True)
def install(
    session: Session,
    scheduler: str | None,
    at: time,
    into: Path | None,
    account: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    from ehtoolkit.watch.schedule import Scheduler, plan_schedule
    from ehtoolkit.watch.scheduled import note_schedule

    chosen = Scheduler.here() if scheduler is None else Scheduler(scheduler)
    if account is not None and chosen is not Scheduler.WINDOWS:
        raise UsageProblem("watch_account")
    program = (sys.executable, "-m", "ehtoolkit", "watch", "run", "--scheduled", "--quiet")
    place = None if into is None else into.absolute()
    plan = plan_schedule(chosen, program, at, _carried(session.settings), place, account)
    if not session.options.as_json:
        for file in plan.files:
            echo(f"── {file.path}\n{file.text}")
    if not watch_store(session).names():  # those of another account, perhaps, as with sudo
        session.say("watch.none")
    if account is not None:
        session.say("watch.account", account=account, home=session.settings.home.absolute())
    elif chosen is Scheduler.WINDOWS:
        session.say("watch.logged_on")
    written = not dry_run and (yes or session.confirm("--yes", "watch.ask"))
    if written:
        plan.write()
        note_schedule(watch_store(session).folder, chosen, place)
    answer = {
        "files": [{"path": str(file.path), "text": file.text} for file in plan.files],
        "command": plan.command,
        "written": written,
    }
    session.result(answer, "watch.written" if written else "watch.shown", command=plan.command)


def _carried(settings: Settings) -> dict[str, str]:
    """Return the variables for the settings of this shell that a run needs, too; not those that are secrets, or of a
    single command. Paths are absolute: a run begins in another folder. The place of the watches is always one: without
    the variable it depends on others of this shell."""
    from ehtoolkit.watch.schedule import HOME

    found = {HOME: str(settings.home.absolute())}
    for field in type(settings).model_fields.keys() - _LEFT_OUT:
        name = f"EHTOOLKIT_{field.upper()}"
        if name in os.environ:
            value = os.environ[name]
            found[name] = str(Path(value).absolute()) if isinstance(getattr(settings, field), Path) else value
    return dict(sorted(found.items()))
