"""``certificate complete``: install the certificate and make its encryption token (ETK)."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_result
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import PASSWORDS, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.procedures.result import State


@click.command(cls=LocalisedCommand)
@KEYSTORE
@shared(PASSWORDS, PLATFORM)
def complete(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.complete import complete as procedure
    from ehtoolkit.procedures.result import Stage

    context = session.toolkit.context

    sentences = {
        Stage.ASK: "finish.busy.install",
        Stage.ETK: "finish.busy.etk",
        Stage.PROVE: "procedure.activate.prove",
    }

    def progress(step: Stage) -> None:
        session.say(sentences[step])

    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    outcome = procedure(file, context, progress=progress)
    validation = outcome.validation
    variant = "already" if outcome.already and outcome.state is State.COMPLETE else None
    if validation is not None:
        variant = "to_confirm_by_mail" if validation.url is None else "to_confirm"
    return report_result(session, outcome, "complete", variant=variant, more={"already": outcome.already})
