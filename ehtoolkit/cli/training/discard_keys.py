"""``training discard-keys`` and ``return-keys``: delete the old keys of a renewed keystore, and restore them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, FILE, KEYSTORE_FOLDER, PASSWORDS

if TYPE_CHECKING:
    from ehtoolkit.training.lessons.discarded_keys import DiscardedKeys


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER)
@FILE
def discard_keys(session: Session, file: Path) -> None:
    gone = open_discarded_keys(session).discard(file, session.password_of(file))
    thrown_away = [{"file": discarded.path, "keys": discarded.keys} for discarded in gone]
    value = {"file": file, "thrown_away": thrown_away}
    session.result(value, "cli.training.discarded", file=file, count=len(gone))


@command(ENVIRONMENT, KEYSTORE_FOLDER)
def return_keys(session: Session) -> None:
    back = open_discarded_keys(session).bring_back()
    lines = (session.texts.get("cli.training.returned", count=len(back)), *map(str, back))
    session.result_lines({"returned": back}, lines)


def open_discarded_keys(session: Session) -> DiscardedKeys:
    keystores = session.settings.keystores if session.settings.environment == "training" else None
    return session.training.discarded_keys(keystores)
