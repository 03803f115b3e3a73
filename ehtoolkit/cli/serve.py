"""``ehtoolkit serve``: the pages on the configured environment; and what ``demo`` and ``lab`` share with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD_CHOICE, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.system.text_safety import json_text


def announcing(session: Session) -> Callable[[str], None]:
    """Return the function that tells the address of the pages once they are served."""
    from ehtoolkit.voila.server import say

    if not session.options.as_json:
        return say
    return lambda url: echo(json_text({"url": url}))


def page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    port = click.option("--port", type=click.IntRange(0, 65535), default=0)
    browser = click.option("--no-browser", is_flag=True)
    return port(browser(command))


@click.command(cls=LocalisedCommand)
@page_options
@shared(CARD_CHOICE, PLATFORM)
def serve(session: Session, port: int, no_browser: bool) -> int:
    from ehtoolkit.voila.server import start

    session.confirm_environment()
    start(session.settings, port, not no_browser, announce=announcing(session))
    return 0
