"""``training discard-keys``: delete the old keys of a renewed keystore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.training.discarded import PATH, open_discarded_keys

if TYPE_CHECKING:
    from ehtoolkit.training.lessons.discarded_keys import DiscardedFile


@click.command("discard-keys", cls=LocalisedCommand)
@click.argument("file", type=PATH)
@shared(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER)
def discard_keys(session: Session, file: Path) -> int:
    gone = open_discarded_keys(session).discard(file, session.password_of(file))
    facts = {"file": str(file), "count": len(gone)}
    session.result({"file": str(file), "thrown_away": _files(gone)}, "cli.training.discarded", **facts)
    return 0


def _files(gone: tuple[DiscardedFile, ...]) -> list[dict[str, Any]]:
    return [{"file": str(file.path), "keys": list(file.keys)} for file in gone]
