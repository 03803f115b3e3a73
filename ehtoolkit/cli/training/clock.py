"""``training clock``: show or move the training clock."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.argument("move", required=False)
@shared()
def clock(session: Session, move: str | None) -> int:
    if move is not None:
        session.training.clock.move(move)
    now = session.training.clock.now()
    session.result({"now": now.isoformat()}, "cli.training.clock", now=now)
    return 0
