"""``training discard-keys`` and ``return-keys``: delete the old keys of a renewed keystore, and restore them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.help.command import command
from ehtoolkit.cli.options import ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.terminal import echo

if TYPE_CHECKING:
    from ehtoolkit.training.lessons.discarded_keys import DiscardedFile, DiscardedKeys


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER)
@click.argument("file", type=click.Path(path_type=Path))
def discard_keys(session: Session, file: Path) -> None:
    gone = open_discarded_keys(session).discard(file, session.password_of(file))
    facts = {"file": str(file), "count": len(gone)}
    session.result({"file": str(file), "thrown_away": _files(gone)}, "cli.training.discarded", **facts)


def _files(gone: tuple[DiscardedFile, ...]) -> list[dict[str, Any]]:
    return [{"file": str(file.path), "keys": list(file.keys)} for file in gone]


@command(ENVIRONMENT, KEYSTORE_FOLDER)
def return_keys(session: Session) -> None:
    back = open_discarded_keys(session).bring_back()
    session.result({"returned": [str(path) for path in back]}, "cli.training.returned", count=len(back))
    for path in back if not session.options.as_json else ():
        echo(str(path))


def open_discarded_keys(session: Session) -> DiscardedKeys:
    keystores = session.settings.keystores if session.settings.environment == "training" else None
    return session.training.discarded_keys(keystores)
