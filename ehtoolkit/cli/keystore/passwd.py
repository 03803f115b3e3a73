"""``keystore passwd``: another password, or another protection."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.keystore.arguments import FILE, KEPT_PROFILE
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="Give a keystore another password; its copy still opens with the old one.")
@FILE
@KEPT_PROFILE
@shared
def passwd(session: Session, file: Path, profile: str | None) -> int:
    from ehtoolkit.keystore import EncryptionProfile, change_password

    session.confirm_environment()
    wanted = None if profile is None else EncryptionProfile(profile)
    changed = change_password(file, session.password_of(file), session.new_password(), wanted)
    value = {"keystore": str(changed.path), "backup": str(changed.backup)}
    session.result(value, "cli.keystore.changed", **value)
    return 0
