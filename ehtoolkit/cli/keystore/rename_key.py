"""``keystore rename-key``: give a private key in a keystore another name."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CONFIRMATION, ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.keystore.arguments import FILE, require_answers
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command("rename-key", cls=LocalisedCommand)
@FILE
@click.argument("old", metavar="OLD|#NUMBER|KEY_ID")
@click.argument("new", metavar="NEW")
@shared(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
def rename_key(session: Session, file: Path, old: str, new: str) -> int:
    from ehtoolkit.keystore.repair.key_names import check_alias
    from ehtoolkit.keystore.repair.key_names import rename_key as rename_key_in_file

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
    return 0
