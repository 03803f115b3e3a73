"""``training reset``: delete everything that the training platform issued."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, KEYSTORE_FOLDER
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.option("--providers", is_flag=True)
@shared(ENVIRONMENT, KEYSTORE_FOLDER)
def reset(session: Session, providers: bool) -> int:
    from ehtoolkit.training.sample import Sample

    settings = session.settings
    real = () if settings.environment == "training" else (settings.keystores,)
    session.training.reset(also=(settings.home / "notes" / "training",), real_folders=real)
    sample = Sample(settings, session.training)
    kept = 0
    if providers:
        sample.clear()
    else:
        sample.remove()
        kept = sample.state().own
    session.result({"reset": True, "providers_kept": kept}, "cli.training.reset")
    if kept:
        session.say("cli.training.reset.kept", count=kept)
    return 0
