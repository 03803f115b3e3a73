"""``watch add``: what a watch audits, and where its messages go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, PASSWORDS
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.watch.stored_watches import check_watch, describe_watch, shown_targets, watch_store
from ehtoolkit.cli.watch.targets import mail_target, target_options, webhook_target


@click.command(cls=LocalisedCommand)
@click.argument("name")
@click.option("--folder", "folders", multiple=True, required=True, type=click.Path(path_type=Path))
@click.option("--practice", metavar="NAME")
@click.option("--no-registry", is_flag=True)
@click.option("--revocation", is_flag=True)
@target_options
@shared(ENVIRONMENT, PASSWORDS)
def add(session: Session, /, name: str, folders: tuple[Path, ...], **options: Any) -> int:
    from ehtoolkit.watch import WatchConfig
    from ehtoolkit.watch.configuration import check_name

    given, settings = session.options, session.settings
    made = WatchConfig(
        name=check_name(name),
        folders=tuple(folder.absolute() for folder in folders),
        practice=options["practice"],
        passwords=tuple(Path(table).absolute() for table in given.passwords),
        password_file=None if given.password_file is None else given.password_file.absolute(),
        environment=settings.environment if "environment" in settings.model_fields_set else None,
        language=session.texts.language,
        revocation=options["revocation"],
        registry=not options["no_registry"],
        mail=mail_target(options),
        webhook=webhook_target(options),
    )
    check_watch(session, made)
    watch_store(session).add(made)
    session.result(describe_watch(made), "watch.added", name=name, targets=shown_targets(session, made))
    return 0
