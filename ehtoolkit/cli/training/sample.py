"""``training sample``: forty invented providers with keystores."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.option("--anew", is_flag=True)
@click.option("--remove", is_flag=True)
@shared()
def sample(session: Session, anew: bool, remove: bool) -> int:
    from ehtoolkit.training.sample import Sample

    found = Sample(session.settings, session.training)
    if remove:
        found.remove()
        session.result({"removed": True}, "cli.training.sample.removed")
        return 0
    made = found.make() if anew or not found.is_there else 0
    facts = {
        "folder": str(found.folder),
        "patterns": str(found.patterns),
        "password": found.password,
        "moment": found.made_at,
    }
    described = {
        "made": made,
        "made_at": found.made_at,
        "folders": [str(folder) for folder in found.folders],
        "passwords": str(found.patterns),
        "password": found.password,
    }
    session.result(described, f"cli.training.sample.{'made' if made else 'there'}", count=made, **facts)
    return 0
