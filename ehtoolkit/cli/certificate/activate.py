"""``certificate activate``: make the depot give out the encryption token of a renewed keystore."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_result
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="Activate the encryption token (ETK) of a renewed keystore, and prove it with the depot.")
@KEYSTORE
@shared
def activate(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.activate import Step
    from ehtoolkit.procedures.activate import activate as procedure
    from ehtoolkit.procedures.remembering import remember

    parts = session.toolkit.parts

    def progress(step: Step) -> None:
        session.say(f"procedure.activate.{step}")

    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    done = procedure(file, parts, progress=progress)
    remember(file, parts, done.outcome.state)
    more = {"already": done.already, "retired": [str(path) for path in done.retired]}
    code = report_result(
        session, done.outcome, "activate", variant="already" if done.already else None, more=more
    )
    if done.retired:
        session.say("cli.activate.retired", files=", ".join(path.name for path in done.retired))
    return code
