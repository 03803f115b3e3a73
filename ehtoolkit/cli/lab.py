"""``ehtoolkit lab``: the notebooks in JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD_CHOICE, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.serve import announcing, page_options
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from ehtoolkit.lab import NotebookCopy

LAB_FOLDER: Final = "ehtoolkit-notebooks"
"""In the user's home: a second start finds the notebooks of the first, wherever it is typed."""


@click.command(cls=LocalisedCommand)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path))
@page_options
@shared(CARD_CHOICE, PLATFORM)
def lab(session: Session, folder: Path | None, port: int, no_browser: bool) -> int:
    from ehtoolkit.lab import copy_notebooks, launcher_cards, serve_lab
    from ehtoolkit.voila import notebooks_folder

    session.confirm_environment()
    place = (folder or Path.home() / LAB_FOLDER).absolute()
    copies = copy_notebooks(notebooks_folder(), place, session.texts)
    _say_copies(session, place, copies)
    cards = launcher_cards((copied.path for copied in copies), session.texts)
    serve_lab(session.settings, place, cards, port, open_browser=not no_browser, announce=announcing(session))
    return 0


def _say_copies(session: Session, folder: Path, copies: tuple[NotebookCopy, ...]) -> None:
    """Say how many notebooks were copied, and which were kept, with the reason."""
    from ehtoolkit.lab import KEPT, CopyState

    count = {state: sum(copied.state is state for copied in copies) for state in CopyState}
    session.say(
        "lab.copied",
        folder=folder,
        copied=count[CopyState.COPIED],
        updated=count[CopyState.UPDATED],
        current=count[CopyState.CURRENT],
    )
    for copied in copies:
        if copied.state in KEPT:
            session.say(f"lab.kept.{copied.state}", file=copied.path.name)
    if any(copied.state in KEPT for copied in copies):
        session.say("lab.kept.next")
