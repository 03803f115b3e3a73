"""``certificate complete``: install the certificate and make its encryption token."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_result
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="Install the certificate and make its encryption token (ETK).")
@KEYSTORE
@shared
def complete(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.complete import Step
    from ehtoolkit.procedures.complete import complete as procedure
    from ehtoolkit.procedures.remembering import remember

    parts = session.toolkit.parts

    def progress(step: Step) -> None:
        session.say(f"procedure.complete.{step}")

    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    outcome = procedure(file, parts, progress=progress)
    remember(file, parts, outcome.state)
    validation = outcome.validation
    variant = None
    if validation is not None:
        variant = "to_confirm_by_mail" if validation.url is None else "to_confirm"
    return report_result(session, outcome, "complete", variant=variant)
