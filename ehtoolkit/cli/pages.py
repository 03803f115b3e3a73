"""``ehtoolkit serve``, ``demo`` and ``lab``: the pages, on the configured environment or with everything embedded, and
the notebooks in JupyterLab.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import CARD_CHOICE, FOLDER_PATH, KEYSTORE_FOLDER, PLATFORM, TRACE, several
from ehtoolkit.settings import load_settings

if TYPE_CHECKING:
    from ehtoolkit.lab import NotebookCopy

_page_options = several(
    click.option("--port", type=click.IntRange(0, 65535), default=0),
    click.option("--no-browser", is_flag=True),
)
_ELSEWHERE: Final = {"platform_url", "keystore_folder"}
"""Settings that lead out of what is embedded: to a server, and to the keystores of a practice."""


def announcing(session: Session) -> Callable[[str], None]:
    """Return the function that tells the address of the pages once they are served."""
    from ehtoolkit.voila.server import say

    return (lambda url: session.print_json({"url": url})) if session.options.as_json else say


@command(CARD_CHOICE, PLATFORM)
@_page_options
def serve(session: Session, port: int, no_browser: bool) -> None:
    from ehtoolkit.voila.server import start

    session.confirm_environment()
    start(session.settings, port, not no_browser, announce=announcing(session))


@command(CARD_CHOICE, TRACE, KEYSTORE_FOLDER)
@_page_options
def demo(session: Session, port: int, no_browser: bool) -> None:
    from ehtoolkit.voila.server import start

    given = session.settings.model_dump(exclude=_ELSEWHERE)
    sample = True if given["sample"] is None else given["sample"]
    # They would hold all the same, here and in the kernels of the pages.
    variables = {f"EHTOOLKIT_{name.upper()}" for name in _ELSEWHERE}
    for name in [name for name in os.environ if name.upper() in variables]:
        del os.environ[name]
    own = {"environment": "training", "sample": sample, "keystore_folder": session.options.keystore_folder}
    start(load_settings(**{**given, **own}), port, not no_browser, announce=announcing(session))


LAB_FOLDER: Final = "ehtoolkit-notebooks"
"""In the user's home: a second start finds the notebooks of the first, wherever it is typed."""


@command(CARD_CHOICE, PLATFORM)
@click.option("--folder", type=FOLDER_PATH)
@_page_options
def lab(session: Session, folder: Path | None, port: int, no_browser: bool) -> None:
    from ehtoolkit.lab import copy_notebooks, launcher_cards, serve_lab
    from ehtoolkit.voila import notebooks_folder

    session.confirm_environment()
    place = (folder or Path.home() / LAB_FOLDER).absolute()
    copies = copy_notebooks(notebooks_folder(), place, session.texts)
    _say_copies(session, place, copies)
    cards = launcher_cards((copied.path for copied in copies), session.texts)
    serve_lab(session.settings, place, cards, port, open_browser=not no_browser, announce=announcing(session))


def _say_copies(session: Session, folder: Path, copies: tuple[NotebookCopy, ...]) -> None:
    """Say how many notebooks were copied, and which were kept, with the reason."""
    from ehtoolkit.lab import KEPT, CopyState

    counts = {str(state): sum(copied.state is state for copied in copies) for state in CopyState}
    session.say("lab.copied", folder=folder, **counts)
    kept = [copied for copied in copies if copied.state in KEPT]
    for copied in kept:
        session.say(f"lab.kept.{copied.state}", file=copied.path.name)
    if kept:
        session.say("lab.kept.next")
