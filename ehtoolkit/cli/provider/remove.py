"""``provider remove``: delete a record from the registry."""

from __future__ import annotations

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@WHO
@click.option("--yes", is_flag=True)
@shared(ENVIRONMENT)
def remove(session: Session, who: str, yes: bool) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        if not yes and not session.confirm("--yes", "cli.provider.ask_remove", name=record.full_name):
            raise errors.Cancelled
        at.registry.remove(record.id or 0)
    session.result({"removed": record.id}, "cli.provider.removed", name=record.full_name)
    return 0
