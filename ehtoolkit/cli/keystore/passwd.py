"""``keystore passwd``: change a keystore's password."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import (
    CONFIRMATION,
    ENVIRONMENT,
    KEYSTORE_FOLDER,
    NEW_PASSWORD,
    PASSWORDS,
)
from ehtoolkit.cli.keystore.arguments import (
    FILE,
    KEPT_PROFILE,
    require_answers,
)
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@FILE
@KEPT_PROFILE
@shared(ENVIRONMENT, PASSWORDS, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
def passwd(session: Session, file: Path, profile: str | None) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.rewrite import change_password

    session.confirm_environment()
    require_answers(session, file)
    wanted = None if profile is None else EncryptionProfile(profile)
    changed = change_password(file, session.password_of(file), session.new_password(), wanted)
    value = {"keystore": str(changed.path), "backup": str(changed.backup)}
    session.result(value, "cli.keystore.changed", **value)
    return 0
