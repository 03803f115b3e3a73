"""``keystore convert``: a sound PKCS#12 keystore of another format."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.keystore.arguments import FILE, OUTPUT, PROFILE, new_password
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="Make a sound PKCS#12 keystore of a JKS or JCEKS file, or of a mangled one.")
@FILE
@OUTPUT
@PROFILE
@shared
def convert(session: Session, file: Path, output: Path, profile: str) -> int:
    from ehtoolkit.keystore import EncryptionProfile
    from ehtoolkit.keystore import convert as procedure

    session.confirm_environment()
    password = session.password_of(file)
    contents = procedure(file, password, output, new_password(session), EncryptionProfile(profile))
    value = {"keystore": str(output), "keys": len(contents.keys), "certificates": len(contents.certificates)}
    session.result(value, "cli.keystore.written", **value)
    return 0
