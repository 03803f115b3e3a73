"""``keystore rescue``: what is sound in a damaged keystore, in a new file."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.keystore.arguments import FILE, OUTPUT, PROFILE, new_password
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(
    help="Save what is sound in a damaged keystore into a new file; exit 1 when something was lost."
)
@FILE
@OUTPUT
@PROFILE
@shared
def rescue(session: Session, file: Path, output: Path, profile: str) -> int:
    from ehtoolkit.keystore import EncryptionProfile, rescue_file

    session.confirm_environment()
    password = session.password_of(file)
    rescued = rescue_file(file, password, output, new_password(session), EncryptionProfile(profile))
    keys, certificates = len(rescued.contents.keys), len(rescued.contents.certificates)
    lost = [{"kind": one.kind, "reason": one.reason, "alias": one.alias} for one in rescued.lost]
    value = {"keystore": str(output), "keys": keys, "certificates": certificates, "lost": lost}
    session.result(value, f"cli.keystore.{'rescued' if lost else 'written'}", **{**value, "lost": len(lost)})
    return 1 if lost else 0
