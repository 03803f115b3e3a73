"""``watch remove``: delete a watch."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.watch.stored_watches import watch_store


@click.command(cls=LocalisedCommand)
@click.argument("name")
@shared()
def remove(session: Session, name: str) -> int:
    watch_store(session).remove(name)
    session.result({"removed": name}, "watch.removed", name=name)
    return 0
