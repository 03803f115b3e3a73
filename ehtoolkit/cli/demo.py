"""``ehtoolkit demo``: the pages with everything embedded."""

from __future__ import annotations

import os
from typing import Final

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD_CHOICE, KEYSTORE_FOLDER, TRACE
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.serve import announcing, page_options
from ehtoolkit.cli.session import Session

_ELSEWHERE: Final = {"platform_url", "keystore_folder"}
"""Settings that lead out of what is embedded: to a server, and to the keystores of a practice."""


@click.command(cls=LocalisedCommand)
@page_options
@shared(CARD_CHOICE, TRACE, KEYSTORE_FOLDER)
def demo(session: Session, port: int, no_browser: bool) -> int:
    from ehtoolkit.settings import load_settings
    from ehtoolkit.voila.server import start

    given = session.settings.model_dump(exclude=_ELSEWHERE)
    sample = True if given["sample"] is None else given["sample"]
    # They would hold all the same, here and in the kernels of the pages.
    variables = {f"EHTOOLKIT_{name.upper()}" for name in _ELSEWHERE}
    for name in [name for name in os.environ if name.upper() in variables]:
        del os.environ[name]
    own = {"environment": "training", "sample": sample, "keystore_folder": session.options.keystore_folder}
    start(load_settings(**{**given, **own}), port, not no_browser, announce=announcing(session))
    return 0
