"""``keystore convert``, ``rescue``, ``import`` and ``export``: make a new file from others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.keystore.inspected_files import require_answers
from ehtoolkit.cli.options import (
    CONFIRMATION,
    ENVIRONMENT,
    FILE,
    KEY_PASSWORD,
    KEYSTORE_FOLDER,
    NEW_PASSWORD,
    PASSWORDS,
    PATH,
    EnumChoice,
)
from ehtoolkit.cli.terminal import display_path, is_interactive
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.repair.key_import import read_source, write_combined
from ehtoolkit.keystore.repair.lost_items import LostItem, advise_on_lost, describe_lost
from ehtoolkit.keystore.repair.merging import ImportSource, combine_sources
from ehtoolkit.keystore.repair.pem import CertificateFormat, ExportedPart, export_certificates
from ehtoolkit.keystore.rewrite import RewriteResult, rewrite_file
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import map_os_errors, require_new

_OUTPUT: Final = click.option("-o", "--output", type=PATH, required=True)
_PROFILE: Final = click.option(
    "--profile", type=EnumChoice(EncryptionProfile), default="compatible", show_default=True
)
Result = TypeVar("Result")


@command(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
@FILE
@_OUTPUT
@_PROFILE
def convert(session: Session, file: Path, output: Path, profile: EncryptionProfile) -> None:
    _, value = _rewrite(session, file, output, profile, salvage=False)
    session.result(value, "cli.keystore.written", **value)


@command(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
@FILE
@_OUTPUT
@_PROFILE
def rescue(session: Session, file: Path, output: Path, profile: EncryptionProfile) -> int:
    rescued, value = _rewrite(session, file, output, profile, salvage=True)
    lost = [_described(part) for part in rescued.lost]
    key = f"cli.keystore.{'rescued' if lost else 'written'}"
    lines = [session.texts.get(key, **value)]
    for part in rescued.lost:
        what, *then = describe_lost(part, session.texts)
        lines += [f"- {what}", *(f"  {line}" for line in then)]
    lines += [session.texts.get("keystore.lost.kept", alias=name) for name in rescued.unproven]
    lines += advise_on_lost(rescued.lost, session.texts)
    session.result_lines({**value, "lost": lost, "unproven": list(rescued.unproven)}, lines)
    return 1 if lost else 0


def _described(part: LostItem) -> dict[str, object]:
    return {
        "kind": part.kind,
        "reason": part.reason,
        "alias": part.alias,
        "key_id": part.key_id,
        "purpose": part.purpose,
        "copies": [str(path) for path in part.copies],
    }


def _rewrite(
    session: Session, file: Path, output: Path, profile: EncryptionProfile, *, salvage: bool
) -> tuple[RewriteResult, dict[str, object]]:
    """Write the content of ``file`` to ``output``, and return it, with what JSON has of it."""
    session.confirm_environment()
    require_answers(session, file, output.parent)
    password = session.password_of(file)
    new = session.given_new_password()
    folders = []
    with suppress(errors.FileUnreadable):  # a drive that does not answer: lost keys are not looked for there
        require_answers(session, session.settings.keystores)
        folders.append(session.settings.keystores)
    made = with_key_password(
        session,
        lambda key: rewrite_file(
            file, password, output, new, profile, salvage=salvage, key_password=key, folders=folders
        ),
    )
    keys, certificates = len(made.contents.keys), len(made.contents.certificates)
    return made, {"keystore": str(output), "keys": keys, "certificates": certificates}


@command(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PATH)
@_OUTPUT
@click.option("--alias", metavar="NAME")
@_PROFILE
def import_(
    session: Session, files: tuple[Path, ...], output: Path, alias: str | None, profile: EncryptionProfile
) -> None:
    session.confirm_environment()
    require_answers(session, *files, output.parent)
    require_new(output)

    def read(file: Path) -> ImportSource:
        session.require_openable(file)
        return with_key_password(
            session, lambda key: read_source(file, lambda: [session.password_of(file)], key)
        )

    combined = combine_sources([read(file) for file in files], alias)
    password = session.given_new_password() or combined.password or session.new_password()
    contents = write_combined(output, combined, password, profile)
    value = {
        "keystore": str(output),
        "keys": len(contents.keys),
        "certificates": len(contents.certificates),
        "aliases": [key.alias for key in contents.keys],
        "authentication_missing": combined.lacks_authentication,
        "holders": list(combined.holders),
        "unencrypted": [display_path(source.path) for source in combined.sources if source.open_keys],
    }
    session.result(value, "cli.keystore.written", **value)
    if combined.lacks_authentication:
        aliases = ", ".join(key.alias or "–" for key in contents.keys)
        session.say("cli.keystore.authentication_missing", aliases=aliases)
    if len(combined.holders) > 1:
        session.say("cli.keystore.import_holders", holders=", ".join(combined.holders))
    for source in combined.sources:
        if source.open_keys:
            session.say("cli.keystore.import_clear", file=display_path(source.path))


@command(PASSWORDS, KEYSTORE_FOLDER)
@FILE
@click.option("--certificate", "part", flag_value="certificate", default=True)
@click.option("--chain", "part", flag_value="chain")
@click.option("--etk", "part", flag_value="etk")
@click.option("--form", type=EnumChoice(CertificateFormat), default="pem", show_default=True)
@click.option("-o", "--output", type=PATH)
def export(
    session: Session, file: Path, part: ExportedPart, form: CertificateFormat, output: Path | None
) -> None:
    require_answers(session, file, *([] if output is None else [output.parent]))
    keystore = open_keystore(file, session.password_of(file))
    data = export_certificates(keystore, part, form)
    if output is None and not session.options.as_json:
        sys.stdout.buffer.write(data)
        return
    if output is None:
        raise errors.OptionMissing(option="-o", reason="needed")
    with map_os_errors(output), output.open("xb") as target:
        target.write(data)
    session.result({"file": str(output)}, "cli.keystore.exported", file=output)


def with_key_password(session: Session, work: Callable[[Secret | None], Result]) -> Result:
    """Return what ``work`` makes with the password from --key-password-file. Where a key turns out to need one and
    there is a terminal, ask for it."""
    given = session.key_password()
    try:
        return work(given)
    except errors.KeyPasswordWrong as error:
        if error.reason is not None or not is_interactive():
            raise
        return work(session.ask_key_password(error.alias))
