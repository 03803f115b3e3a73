"""``provider change``: what a record says."""

from __future__ import annotations

import click

from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO, apply_options, record_options
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session


@click.command(
    help="Change what a record says; what is not named stays. WHO: NISS, INAMI number, #ID, or words."
)
@WHO
@record_options
@shared
def change(session: Session, /, who: str, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.save(apply_options(at.registry.find(who), given, at.types))
        return at.tell(record, "cli.provider.changed")
