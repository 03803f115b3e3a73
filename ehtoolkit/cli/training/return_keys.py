"""``training return-keys``: put back the deleted keys."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, KEYSTORE_FOLDER
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.cli.training.discarded import open_discarded_keys


@click.command("return-keys", cls=LocalisedCommand)
@shared(ENVIRONMENT, KEYSTORE_FOLDER)
def return_keys(session: Session) -> int:
    back = open_discarded_keys(session).bring_back()
    session.result({"returned": [str(path) for path in back]}, "cli.training.returned", count=len(back))
    for path in back if not session.options.as_json else ():
        echo(str(path))
    return 0
