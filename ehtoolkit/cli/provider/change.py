"""``provider change``: change a record of the registry."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO, apply_options, record_options
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@WHO
@record_options
@shared(ENVIRONMENT)
def change(session: Session, /, who: str, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.save(apply_options(at.registry.find(who), given, at.types))
        return at.tell(record, "cli.provider.changed")
