"""``keystore merge``: the decryption keys of an older keystore, for old messages."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="Carry the decryption keys of an older keystore of the same holder into a newer one.")
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--from", "old", type=click.Path(path_type=Path), required=True, help="The older keystore.")
@shared
def merge(session: Session, new: Path, old: Path) -> int:
    """Both open with --password-file, or each with its pattern in --passwords."""
    from ehtoolkit.keystore import KeystoreFile, merge_old_keys, open_keystore

    session.confirm_environment()
    file = KeystoreFile.open(new, session.password_of(new))
    merged = merge_old_keys(file.keystore, open_keystore(old, session.password_of(old)))
    added = len(merged.encryption) - len(file.keystore.encryption)
    backup = None if merged == file.keystore else file.save(merged)
    value = {"keystore": str(new), "added": added, "backup": None if backup is None else str(backup)}
    session.result(value, "cli.keystore.merged", **value)
    return 0
