"""``provider assign``: record which keystore is a provider's."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.identity import Environment


@click.command(cls=LocalisedCommand)
@WHO
@click.argument("keystore", required=False, type=click.Path(path_type=Path))
@click.option("--remove", is_flag=True)
@click.option("--insist", is_flag=True)
@shared(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER)
def assign(session: Session, who: str, keystore: Path | None, remove: bool, insist: bool) -> int:
    from ehtoolkit.cli.keystore.inspection import known_password
    from ehtoolkit.keystore.storage.folder import HolderFiles
    from ehtoolkit.procedures.archive import assign_keystore, current_of

    environment = Environment(session.settings.environment)
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        if remove:
            return at.tell(at.registry.unassign(record.id or 0), "cli.provider.unassigned")
        folder, notes = session.settings.keystores, session.settings.notes
        path = keystore or current_of(record, HolderFiles.in_folder(folder, notes, at.now), environment)
        if path is None:
            raise errors.NotAssignable(path=str(session.settings.keystores), reason="none")
        record = assign_keystore(
            at.registry,
            record,
            path,
            known_password(session)(path),
            now=at.now,
            environment=environment,
            insist=insist,
        )
        return at.tell(record, "cli.provider.assigned")
