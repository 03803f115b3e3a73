"""``keystore show`` and ``diagnose``: the content of keystores and their findings, as JSON, lines or a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.finding_lines import print_brief, print_findings
from ehtoolkit.cli.keystore.inspected_files import TRIED, InspectedFiles, ask_about_revocation, inspect_files
from ehtoolkit.cli.keystore.other_environments import (
    Elsewhere,
    next_step,
    of_other_environments,
    one_for_each,
)
from ehtoolkit.cli.options import ENVIRONMENT, KEY_PASSWORD, KEYSTORE_FOLDER, PASSWORDS, PATH
from ehtoolkit.cli.table import TableCell, TableColumn, print_table, state_word
from ehtoolkit.cli.terminal import display_path, echo
from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis.diagnose import PASSWORD_WRONG
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis, describe_diagnosis
from ehtoolkit.system.text_safety import printable

_FILES: Final = click.argument("files", nargs=-1, metavar="[FILE]...", type=PATH)
_ALL_PROFILES: Final = click.option("--all-profiles", is_flag=True)
_DOUBTS: Final = frozenset(("file_jceks", "file_jks", "key_in_clear", "key_unprotected", "mac_missing"))
"""What a user has to know of the whole file: nothing in it shows that it is as it was written, its keys lie open, or
practice software does not read its format."""
_CLOSED: Final = (PASSWORD_WRONG, "key_password_other")


@command(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, KEYSTORE_FOLDER)
@_FILES
@_ALL_PROFILES
def show(session: Session, files: tuple[Path, ...], all_profiles: bool) -> int:
    inspected = inspect_files(session, files, all_profiles)
    print_diagnosis(session, inspected, findings=False)
    return 1 if any(map(closed, inspected.keystores)) else 0


@command(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, KEYSTORE_FOLDER)
@_FILES
@_ALL_PROFILES
@click.option("--online", is_flag=True)
def diagnose(session: Session, files: tuple[Path, ...], all_profiles: bool, online: bool) -> int:
    inspected = inspect_files(session, files, all_profiles)
    elsewhere = of_other_environments(session, inspected, files)
    if online:
        inspected = ask_about_revocation(session, inspected, without=elsewhere)
    print_diagnosis(session, inspected, findings=True, elsewhere=elsewhere)
    if elsewhere and not session.options.as_json:
        *others, last = one_for_each(elsewhere)
        for problem in others:
            echo(f"{session.texts.error(problem.error)}\n{next_step(session, problem)}", err=True)
        raise last
    if elsewhere:
        return ExitCode.USAGE
    return 1 if any(diagnosis.severity is Severity.ERROR for diagnosis in inspected.keystores) else 0


def print_diagnosis(
    session: Session,
    inspected: InspectedFiles,
    *,
    findings: bool,
    elsewhere: Elsewhere = MappingProxyType({}),
) -> None:
    """Print what was seen, as JSON, as some lines for each file, or as a table of several. With ``findings`` what is
    wrong follows, and with --quiet nothing of what is fine is printed; without, why a file cannot be opened, or
    why what is said of it is unsure. ``elsewhere``: the files of other environments."""
    if session.options.as_json:
        session.print_json(_described(session, inspected, findings, elsewhere))
        return
    table = not findings and not session.options.verbose and len(inspected.keystores) > 1
    if table:
        print_table(_columns(session.texts), inspected.keystores)
    for diagnosis in inspected.keystores:
        doubts = (finding for finding in diagnosis.findings if finding.key in _DOUBTS)
        reported = diagnosis.findings if findings else (*_obstacle(diagnosis), *doubts)
        if findings and session.options.quiet and diagnosis.severity.rank > Severity.WARNING.rank:
            continue
        if table and not reported:
            continue
        details = not findings or session.options.verbose
        echo(diagnosis.file.shown or "" if table else _outline(session, diagnosis, details=details))
        if findings:
            print_brief(session, reported)
        else:
            print_findings(session, reported)
    if not inspected.keystores:
        key = "cli.keystore.none" if inspected.profiles is None else "cli.keystore.none_anywhere"
        session.print_text(key, folder=display_path(session.settings.keystores))


def _outline(session: Session, diagnosis: Diagnosis, *, details: bool) -> str:
    """Return some lines about a keystore: the file; its holder, its state and its end; its keys, with ``details``."""
    get = session.texts.get
    lines = [diagnosis.file.shown or ""]
    if diagnosis.is_readable:
        state = state_word(diagnosis.standing().state, session.texts)
        lines.append("  " + get("cli.keystore.stands", holder=_holder(diagnosis, session.texts), state=state))
        end, days = diagnosis.not_after, diagnosis.days_left
        if end is not None and days is not None:
            over = (
                session.texts.counted("cli.keystore.ended", -days, date=end) if end < diagnosis.now else None
            )
            lines.append("  " + (over or get("cli.keystore.until", date=end, days=days)))
        if details:
            aliases = ", ".join(f"{key.alias or '–'} {key.kind or ''}".rstrip() for key in diagnosis.keys)
            lines.append("  " + get("cli.keystore.keys", count=len(diagnosis.keys), aliases=aliases))
    return "\n".join(lines)


def _holder(diagnosis: Diagnosis, texts: Translator) -> str:
    owner = diagnosis.owner
    name = diagnosis.subject if owner is None else f"{owner.name}, {owner.identifier.text}"
    return name or texts.get("cli.keystore.nobody")


def closed(diagnosis: Diagnosis) -> bool:
    """Return whether the file cannot be opened, or not with the password that was given."""
    return not diagnosis.is_readable or diagnosis.refused or bool(_obstacle(diagnosis))


def _obstacle(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """Return why a file is `closed`."""
    if not diagnosis.is_readable or diagnosis.refused:
        return diagnosis.findings[:1]
    return tuple(finding for finding in diagnosis.findings if finding.key in _CLOSED or finding == TRIED)


def _columns(texts: Translator) -> Sequence[TableColumn[Diagnosis]]:
    """Return the columns of the table of keystores: the holder, the state, until when it is valid, the file."""
    get = texts.get

    def state(diagnosis: Diagnosis) -> TableCell:
        serious = Severity.ERROR if closed(diagnosis) else diagnosis.severity
        return TableCell(state_word(diagnosis.standing().state, texts), serious)

    return (
        TableColumn(get("export.column.holder"), lambda diagnosis: _holder(diagnosis, texts), 16),
        TableColumn(get("export.column.state"), state, 12),
        TableColumn(get("export.column.not_after"), lambda diagnosis: brussels_day(diagnosis.not_after), 10),
        TableColumn(get("export.column.days_left"), lambda diagnosis: diagnosis.days_left, 6, 2, right=True),
        TableColumn(get("export.column.file"), lambda diagnosis: diagnosis.file.shown, 20, 1),
    )


def _described(
    session: Session,
    inspected: InspectedFiles,
    findings: bool,
    elsewhere: Elsewhere,
) -> dict[str, object]:
    texts = session.texts
    keystores = [describe_diagnosis(diagnosis, texts) for diagnosis in inspected.keystores]
    for values, diagnosis in zip(keystores, inspected.keystores, strict=True):
        problem = None if diagnosis.file.path is None else elsewhere.get(diagnosis.file.path)
        if problem is not None:
            values["error"] = problem.error.key
            values |= {"message": texts.error(problem.error), "next": next_step(session, problem)}
    if not findings:
        for values, diagnosis in zip(keystores, inspected.keystores, strict=True):
            del values["findings"]
            for finding in _obstacle(diagnosis):
                values["error"] = finding.key
                values |= {"message": finding.message(texts), "next": finding.next_step(texts)}
    value: dict[str, object] = {"keystores": keystores}
    if inspected.profiles is not None:
        value["profiles"] = [
            {
                "user": printable(profile.user),
                "folder": display_path(profile.path),
                "readable": profile.readable,
            }
            for profile in inspected.profiles
        ]
    return value
