"""``keystore merge``: copy decryption keys from an older keystore."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CONFIRMATION, ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.keystore.arguments import (
    require_answers,
)
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--from", "old", type=click.Path(path_type=Path), required=True)
@shared(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
def merge(session: Session, new: Path, old: Path) -> int:
    """Carry the decryption keys of ``old`` over into ``new``. Both open with --password-file, or each with its pattern
    in --passwords."""
    from ehtoolkit.keystore.repair.merging import merge_old_keys
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore

    session.confirm_environment()
    require_answers(session, new, old)
    file = KeystoreFile.open(new, session.password_of(new))
    merged = merge_old_keys(file.keystore, open_keystore(old, session.password_of(old)))
    added = len(merged.encryption) - len(file.keystore.encryption)
    backup = None if merged == file.keystore else file.save(merged)
    value = {"keystore": str(new), "added": added, "backup": None if backup is None else str(backup)}
    session.result(value, "cli.keystore.merged", **value)
    return 0
