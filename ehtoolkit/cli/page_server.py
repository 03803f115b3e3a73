"""Options and announcement of the commands that serve pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

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
