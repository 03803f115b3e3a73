"""``ehtoolkit serve``: the pages on the configured environment."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD_CHOICE, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.page_server import announcing, page_options
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@page_options
@shared(CARD_CHOICE, PLATFORM)
def serve(session: Session, port: int, no_browser: bool) -> int:
    from ehtoolkit.voila.server import start

    session.confirm_environment()
    start(session.settings, port, not no_browser, announce=announcing(session))
    return 0
