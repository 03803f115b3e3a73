"""``provider assign``: which keystore is a provider's."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.identity import Environment


@click.command(
    help="Say which keystore is a provider's. Without KEYSTORE: the newest of the keystore folder that has his NISS. "
    "With its password (--password-file, --passwords) whose it is and until when it is good are seen, and kept; the "
    "password is not."
)
@WHO
@click.argument("keystore", required=False, type=click.Path(path_type=Path))
@click.option("--remove", is_flag=True, help="The provider has none any more; the file stays.")
@click.option("--insist", is_flag=True, help="Although it does not fit.")
@shared
def assign(session: Session, who: str, keystore: Path | None, remove: bool, insist: bool) -> int:
    from ehtoolkit.cli.keystore.inspection import known_password
    from ehtoolkit.procedures.provider_keystore import newest_of, set_up

    with open_registry_session(session) as at:
        record = at.registry.find(who)
        if remove:
            return at.tell(at.registry.unassign(record.id or 0), "cli.provider.unassigned")
        path = keystore or newest_of(record, session.settings.keystores)
        if path is None:
            raise errors.NotAssignable(path=str(session.settings.keystores), reason="none")
        record = set_up(
            at.registry,
            record,
            path,
            known_password(session)(path),
            now=at.now,
            environment=Environment(session.settings.environment),
            insist=insist,
        )
        return at.tell(record, "cli.provider.assigned")
