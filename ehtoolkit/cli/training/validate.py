"""``training validate``: confirm a request made without a card."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.argument("request", metavar="URL|KEY_ID")
@shared()
def validate(session: Session, request: str) -> int:
    record = session.training.confirm_request(session.training.find_request(request).key_id)
    value = {"key_id": record.key_id, "ready": record.deliver_at.isoformat()}
    session.result(value, "cli.training.validated", key_id=record.key_id, ready=record.deliver_at)
    return 0
