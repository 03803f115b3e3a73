"""``ehtoolkit demo``, ``serve`` and ``lab``: the pages, and the notebooks in JupyterLab, in the browser."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session
from ehtoolkit.system.text_safety import json_text

if TYPE_CHECKING:
    from ehtoolkit.lab import NotebookCopy

LAB_FOLDER: Final = "ehtoolkit-notebooks"
"""In the user's home: a second start finds the notebooks of the first, wherever it is typed."""
_ELSEWHERE: Final = {"platform_url", "keystore_folder"}
"""Settings that lead out of what is embedded: to a server, and to the keystores of a practice."""


def _announcing(session: Session) -> Callable[[str], None]:
    """Return the function that tells the address of the pages once they are served."""
    from ehtoolkit.voila.server import say

    if not session.options.as_json:
        return say
    return lambda url: echo(json_text({"url": url}))


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

    given = session.settings.model_dump(exclude=_ELSEWHERE)
    sample = True if given["sample"] is None else given["sample"]
    # They would hold all the same, here and in the kernels of the pages.
    variables = {f"EHTOOLKIT_{name.upper()}" for name in _ELSEWHERE}
    for name in [name for name in os.environ if name.upper() in variables]:
        del os.environ[name]
    own = {"environment": "training", "sample": sample, "keystore_folder": session.options.keystore_folder}
    start(load_settings(**{**given, **own}), port, not no_browser, announce=_announcing(session))
    return 0


@click.command(cls=LocalisedCommand, help="The pages on the configured environment.")
@_page_options
@shared
def serve(session: Session, port: int, no_browser: bool) -> int:
    from ehtoolkit.voila.server import start

    session.confirm_environment()
    start(session.settings, port, not no_browser, announce=_announcing(session))
    return 0


@click.command(cls=LocalisedCommand, help="The notebooks in JupyterLab, as copies that you may change.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the copies are; ehtoolkit-notebooks in your home without it.",
)
@_page_options
@shared
def lab(session: Session, folder: Path | None, port: int, no_browser: bool) -> int:
    from ehtoolkit.lab import copy_notebooks, launcher_cards, serve_lab
    from ehtoolkit.voila import notebooks_folder

    session.confirm_environment()
    place = (folder or Path.home() / LAB_FOLDER).absolute()
    copies = copy_notebooks(notebooks_folder(), place, session.texts)
    _say_copies(session, place, copies)
    cards = launcher_cards((one.path for one in copies), session.texts)
    serve_lab(
        session.settings, place, cards, port, open_browser=not no_browser, announce=_announcing(session)
    )
    return 0


def _say_copies(session: Session, folder: Path, copies: tuple[NotebookCopy, ...]) -> None:
    """Say how many notebooks were copied, and which were kept, with the reason."""
    from ehtoolkit.lab import KEPT, CopyState

    count = {state: sum(one.state is state for one in copies) for state in CopyState}
    session.say(
        "lab.copied",
        folder=folder,
        copied=count[CopyState.COPIED],
        updated=count[CopyState.UPDATED],
        current=count[CopyState.CURRENT],
    )
    for one in copies:
        if one.state in KEPT:
            session.say(f"lab.kept.{one.state}", file=one.path.name)
    if any(one.state in KEPT for one in copies):
        session.say("lab.kept.next")
