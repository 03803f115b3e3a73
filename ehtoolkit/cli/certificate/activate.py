"""``certificate activate``: activate the encryption token (ETK) of a renewed keystore."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_result
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import PASSWORDS, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@KEYSTORE
@shared(PASSWORDS, PLATFORM)
def activate(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.complete import activate as procedure
    from ehtoolkit.procedures.result import Stage

    context = session.toolkit.context

    def progress(step: Stage) -> None:
        session.say(f"procedure.activate.{step}")

    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    done = procedure(file, context, progress=progress)
    more = {"already": done.already, "retired": [str(path) for path in done.retired]}
    code = report_result(
        session, done.outcome, "activate", variant="already" if done.already else None, more=more
    )
    if done.retired:
        session.say("cli.activate.retired", files=", ".join(path.name for path in done.retired))
    return code
