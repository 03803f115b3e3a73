"""``certificate status``: what file, platform and depot say of a keystore's certificate, no card needed."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_status
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="What the platform and the depot say of a keystore's certificate; no card needed.")
@KEYSTORE
@shared
def status(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.remembering import remember
    from ehtoolkit.procedures.status import status as procedure

    parts = session.toolkit.parts
    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    standing = procedure(file, parts)
    remember(file, parts, standing.state if standing.checked else None)
    return report_status(session, standing)
