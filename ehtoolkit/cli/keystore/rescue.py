"""``keystore rescue``: save the sound content of a damaged keystore."""

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
def rescue(session: Session, file: Path, output: Path, profile: str) -> int:
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.keystore.rewrite import rewrite_file

    session.confirm_environment()
    require_answers(session, file, output.parent)
    password = session.password_of(file)
    new, wanted = new_password(session), EncryptionProfile(profile)
    rescued = with_key_password(
        session, lambda key: rewrite_file(file, password, output, new, wanted, salvage=True, key_password=key)
    )
    keys, certificates = len(rescued.contents.keys), len(rescued.contents.certificates)
    lost = [
        {"kind": lost_item.kind, "reason": lost_item.reason, "alias": lost_item.alias}
        for lost_item in rescued.lost
    ]
    value = {"keystore": str(output), "keys": keys, "certificates": certificates, "lost": lost}
    session.result(value, f"cli.keystore.{'rescued' if lost else 'written'}", **{**value, "lost": len(lost)})
    for lost_item in rescued.lost:
        if lost_item.reason == "password":
            session.say("cli.keystore.lost_key", alias=lost_item.alias)
    return 1 if lost else 0
