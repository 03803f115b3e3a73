"""``provider add``: a new record in the registry."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import apply_options, record_options
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.providers import Provider


@click.command(cls=LocalisedCommand)
@record_options
@shared(ENVIRONMENT)
def add(session: Session, /, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.add(apply_options(Provider(""), given, at.types))
        return at.tell(record, "cli.provider.added")
