"""``training validate``: the trainer does what a holder without card does when he logs in and confirms his request."""

from __future__ import annotations

import click

from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(help="Confirm a request without card, in the place of its holder: by its address or its key.")
@click.argument("request", metavar="URL|KEY_ID")
@shared
def validate(session: Session, request: str) -> int:
    foreigners = session.training.foreigners
    record = foreigners.validate(foreigners.find(request).key_id)
    value = {"key_id": record.key_id, "ready": record.deliver_at.isoformat()}
    session.result(value, "cli.training.validated", key_id=record.key_id, ready=record.deliver_at)
    return 0
