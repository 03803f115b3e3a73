"""``keystore convert``: make a PKCS#12 keystore from another format."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import (
    CONFIRMATION,
    ENVIRONMENT,
    KEY_PASSWORD,
    KEYSTORE_FOLDER,
    NEW_PASSWORD,
    PASSWORDS,
)
from ehtoolkit.cli.keystore.arguments import (
    FILE,
    OUTPUT,
    PROFILE,
    new_password,
    require_answers,
    with_key_password,
)
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@FILE
@OUTPUT
@PROFILE
@shared(ENVIRONMENT, PASSWORDS, KEY_PASSWORD, NEW_PASSWORD, KEYSTORE_FOLDER, CONFIRMATION)
def convert(session: Session, file: Path, output: Path, profile: str) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.rewrite import rewrite_file

    session.confirm_environment()
    require_answers(session, file, output.parent)
    password = session.password_of(file)
    new, wanted = new_password(session), EncryptionProfile(profile)
    made = with_key_password(
        session, lambda key: rewrite_file(file, password, output, new, wanted, key_password=key)
    )
    contents = made.contents
    value = {"keystore": str(output), "keys": len(contents.keys), "certificates": len(contents.certificates)}
    session.result(value, "cli.keystore.written", **value)
    return 0
