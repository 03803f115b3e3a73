"""``keystore passwd``, ``merge`` and ``rename-key``: change the content of a keystore."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.keystore.inspected_files import require_answers
from ehtoolkit.cli.options import (
    CONFIRMATION,
    ENVIRONMENT,
    FILE,
    KEYSTORE_FOLDER,
    NEW_PASSWORD,
    PASSWORDS,
    PATH,
    EnumChoice,
)
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.repair.key_names import check_alias
from ehtoolkit.keystore.repair.key_names import rename_key as rename_key_in_file
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore


@command(ENVIRONMENT, PASSWORDS, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
@FILE
@click.option("--profile", type=EnumChoice(EncryptionProfile))
def passwd(session: Session, file: Path, profile: EncryptionProfile | None) -> None:
    session.confirm_environment()
    require_answers(session, file)
    changed = change_password(file, session.password_of(file), session.new_password(), profile)
    value = {"keystore": str(changed.path), "backup": str(changed.backup)}
    session.result(value, "cli.keystore.changed", **value)


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
@click.argument("new", type=PATH)
@click.option("--from", "old", type=PATH, required=True)
def merge(session: Session, new: Path, old: Path) -> None:
    """Carry the decryption keys of ``old`` over into ``new``. Both open with --password-file, or each with its pattern
    in --passwords."""
    session.confirm_environment()
    require_answers(session, new, old)
    file = KeystoreFile.open(new, session.password_of(new))
    merged = merge_old_keys(file.keystore, open_keystore(old, session.password_of(old)))
    added = len(merged.encryption) - len(file.keystore.encryption)
    backup = None if merged == file.keystore else file.save(merged)
    value = {"keystore": str(new), "added": added, "backup": None if backup is None else str(backup)}
    session.result(value, "cli.keystore.merged", **value)


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
@FILE
@click.argument("old", metavar="OLD|#NUMBER|KEY_ID")
@click.argument("new", metavar="NEW")
def rename_key(session: Session, file: Path, old: str, new: str) -> None:
    check_alias(new)
    session.confirm_environment()
    require_answers(session, file)
    renamed = rename_key_in_file(file, session.password_of(file), old, new)
    value = {
        "keystore": str(file),
        "backup": None if renamed.backup is None else str(renamed.backup),
        "old_alias": renamed.old,
        "alias": renamed.new,
        "key_id": renamed.key_id,
        "authentication_missing": renamed.authentication_missing,
    }
    key = "key_named" if renamed.backup is None else "key_renamed"
    session.result(value, f"cli.keystore.{key}", **{**value, "old_alias": renamed.old or "–"})
    if renamed.authentication_missing:
        session.say("cli.keystore.authentication_renamed", alias=renamed.new)
