"""``certificate status``: what the platform and the depot say of a keystore."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_status
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import PASSWORDS, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@KEYSTORE
@shared(PASSWORDS, PLATFORM)
def status(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.state.standing import status as procedure

    context = session.toolkit.context
    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    standing = procedure(file, context)
    return report_status(session, standing)
