"""``audit``: folders of keystores and the registry of providers, and what is wrong with them."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.signals import stopping_on_signals

if TYPE_CHECKING:  # pandas takes its time, which --help does not need
    from ehtoolkit.audit import Audit

_STEP: Final = 250
"""Files between two words on how far it is."""


class Days(click.ParamType[timedelta]):
    """``90d``, or 90."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d{1,5})d?", str(value), re.ASCII)
        if match is None:
            self.fail("90d", param, ctx)
        return timedelta(days=int(match[1]))


@click.command(
    help="What is in folders of keystores and in the registry of providers, and what is wrong: the most urgent first. "
    "Passwords by --passwords or --password-file; without, what shows without. Exit code 1 when something is due."
)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option(
    "--table",
    type=click.Choice(["findings", "keystores", "providers", "merged"]),
    default="merged",
    help="Which table CSV has; merged: provider by keystore.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file that is not there yet."
)
@click.option("--due-within", type=Days(), default="90d", metavar="90d", help="When an end is near.")
@click.option("--full", is_flag=True, help="Whole NISS numbers in CSV and JSON.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, help="At a time; 2 without it.")
@shared
def audit(
    session: Session,
    folders: tuple[Path, ...],
    form: str,
    table: str,
    output: Path | None,
    due_within: timedelta,
    full: bool,
    processes: int,
) -> int:
    from ehtoolkit import errors
    from ehtoolkit.cli.keystore.looking import shown

    if output is not None and output.exists():
        raise errors.FileExists(path=str(output))
    with stopping_on_signals():
        found = _audit(session, folders, due_within, processes)
    form = "json" if session.options.as_json else form
    text = _text(session, found, form, table, full)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text, mark=form == "csv")
        session.say("cli.audit.written", file=shown(output))
    return 1 if found.is_due else 0


def _audit(session: Session, folders: tuple[Path, ...], due_within: timedelta, processes: int) -> Audit:
    from ehtoolkit.audit import Wish, audit_folder, audit_providers
    from ehtoolkit.cli.keystore.looking import known_passwords
    from ehtoolkit.cli.provider.opened import opened
    from ehtoolkit.clock import SystemClock
    from ehtoolkit.identity import Environment
    from ehtoolkit.providers.types import type_table

    settings = session.settings
    clock = session.training.clock if settings.environment == "training" else SystemClock()

    def progress(done: int, of: int) -> None:
        if done % _STEP == 0 and sys.stderr.isatty():
            session.say("cli.audit.progress", done=done, of=of)

    wish = Wish(
        now=clock.now(),
        environment=Environment(settings.environment),
        due_within=due_within,
        cache=settings.home / "audit",
        processes=processes,
        progress=progress,
        language=session.texts.language,
        types=type_table(settings.provider_types),
    )
    passwords = known_passwords(session)
    if settings.provider_database is None and not settings.provider_file.exists():
        return audit_folder(folders, passwords, wish)  # an audit makes no registry where there is none
    with opened(session) as at:
        return audit_providers(at.registry, folders, passwords, wish)


def _text(session: Session, found: Audit, form: str, table: str, full: bool) -> str:
    from ehtoolkit.audit.exporting import csv_text, json_text, told

    if form == "csv":
        return csv_text(getattr(found, table), full=full)
    if form == "json":
        return json_text(found, full=full)
    return told(found, session.texts, full=full)


def _write(path: Path, text: str, *, mark: bool) -> None:
    """For its owner alone; CSV with the mark by which Excel knows UTF-8."""
    from ehtoolkit.keystore import disk

    with disk.border(path):
        disk.write_exclusively(path, text.encode("utf-8-sig" if mark else "utf-8"))
