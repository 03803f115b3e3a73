"""``ehtoolkit keystore``: what a file called ``.p12`` is, what is in it, what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.lazy import LazyGroup
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.keystore.diagnosis import Diagnosis, Neighbours, Severity, describe_diagnosis, diagnose
from ehtoolkit.secret import Secret

_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))


_WRITING = "ehtoolkit.cli.keystore_files"

keystore = LazyGroup(
    {
        "show": (__name__, "show", "What is in keystores, with or without their password."),
        "diagnose": (__name__, "diagnose_files", "What is wrong with keystores, and what to do."),
        "passwd": (_WRITING, "passwd", "Another password, or another protection."),
        "convert": (_WRITING, "convert_file", "Make a sound keystore of another format."),
        "rescue": (_WRITING, "rescue", "Save what is sound in a damaged file."),
        "merge": (_WRITING, "merge", "Carry old decryption keys over."),
        "export": (_WRITING, "export", "Write certificate, chain or ETK certificates."),
    },
    name="keystore",
    help="Look into keystores, repair them and change their password.",
)


@keystore.command(
    help="What is in keystores: holder, state, keys, dates; without a password what can be seen."
)
@_FILES
@shared
def show(session: Session, files: tuple[Path, ...]) -> int:
    found = _look(session, files)
    if session.options.as_json:
        session.result(
            {"keystores": [_without_findings(session, one) for one in found]}, "cli.keystore.shown"
        )
    else:
        for one in found:
            click.echo(_outline(session, one))
    return 0 if all(one.outline is not None for one in found) else 1


@click.command("diagnose", help="What is wrong with keystores, and what to do about it.")
@_FILES
@shared
def diagnose_files(session: Session, files: tuple[Path, ...]) -> int:
    found = _look(session, files)
    if session.options.as_json:
        keystores = [describe_diagnosis(one, session.texts) for one in found]
        session.result({"keystores": keystores}, "cli.keystore.shown")
    else:
        for one in found:
            click.echo(_outline(session, one))
            for finding in one.findings:
                severity = session.texts.get(f"cli.severity.{finding.severity}")
                click.echo(f"  {severity}: {finding.message(session.texts)}")
                next_step = finding.next_step(session.texts)
                if next_step and finding.severity is not Severity.OK:
                    click.echo(f"    → {next_step}")
    return 1 if any(one.severity is Severity.ERROR for one in found) else 0


def _look(session: Session, files: tuple[Path, ...]) -> list[Diagnosis]:
    """One diagnosis a file, in the order of the command line; each with the other files of its folder in view."""
    options = session.options
    everywhere = Secret.from_file(options.password_file) if options.password_file is not None else None
    folders = {file.parent: Neighbours.in_folder(file.parent) for file in files}
    return [
        diagnose(
            file,
            session.passwords.of(file) or everywhere,
            session.now_at(file),
            neighbours=folders[file.parent],
        )
        for file in files
    ]


def _without_findings(session: Session, diagnosis: Diagnosis) -> dict[str, object]:
    return {
        name: value
        for name, value in describe_diagnosis(diagnosis, session.texts).items()
        if name != "findings"
    }


def _outline(session: Session, diagnosis: Diagnosis) -> str:
    """Two or three lines: the file; whose and in which state; its keys."""
    get, owner = session.texts.get, diagnosis.owner
    lines = [diagnosis.file.shown or ""]
    if diagnosis.outline is not None:
        state = "unknown" if diagnosis.state is None else str(diagnosis.state)
        holder = diagnosis.subject if owner is None else f"{owner.name}, {owner.identifier.text}"
        lines.append("  " + get(f"cli.keystore.state.{state}", holder=holder or get("cli.keystore.nobody")))
        if diagnosis.not_after is not None:
            lines.append("  " + get("cli.keystore.until", date=diagnosis.not_after, days=diagnosis.days_left))
        aliases = ", ".join(key.alias or "–" for key in diagnosis.keys)
        lines.append("  " + get("cli.keystore.keys", count=len(diagnosis.keys), aliases=aliases))
    return "\n".join(lines)
