"""``training trust``: accept cards under another root certificate."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.argument("certificate", type=click.Path(dir_okay=False, path_type=Path))
@shared()
def trust(session: Session, certificate: Path) -> int:
    try:
        subject = session.training.trust(certificate.read_bytes())
    except OSError as error:
        raise errors.FileUnreadable(path=str(certificate)) from error
    session.result({"trusted": subject}, "cli.training.trusted", subject=subject)
    return 0
