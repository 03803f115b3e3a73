"""``ehtoolkit demo`` and ``ehtoolkit serve``: the pages in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


def _page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    port = click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=0,
        help="This one, or none at all. Without it, any that is free.",
    )
    browser = click.option("--no-browser", is_flag=True, help="Only print the address.")
    return port(browser(command))


@click.command(cls=LocalisedCommand, help="Everything embedded, with invented people; opens the pages.")
@_page_options
@shared
def demo(session: Session, port: int, no_browser: bool) -> int:
    from ehtoolkit.settings import load_settings
    from ehtoolkit.voila.server import start

    given = session.settings.model_dump()
    sample = True if given["sample"] is None else given["sample"]
    settings = load_settings(**{**given, "environment": "training", "platform_url": None, "sample": sample})
    start(settings, port, not no_browser)
    return 0


@click.command(cls=LocalisedCommand, help="The pages on the configured environment.")
@_page_options
@shared
def serve(session: Session, port: int, no_browser: bool) -> int:
    from ehtoolkit.voila.server import start

    session.confirm_environment()
    start(session.settings, port, not no_browser)
    return 0
