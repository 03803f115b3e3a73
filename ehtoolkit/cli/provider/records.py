"""Change records: ``provider add``, ``change``, ``remove`` and ``assign``."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO, apply_options, record_options
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.identity import Environment
from ehtoolkit.providers import Provider


@click.command(
    cls=LocalisedCommand, help="Put a provider into the registry. Wrong numbers are kept, and told."
)
@record_options
@shared
def add(session: Session, /, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.add(apply_options(Provider(""), given, at.types))
        return at.tell(record, "cli.provider.added")


# ── provider change ──────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Change what a record says; what is not named stays. WHO: NISS, INAMI number, #ID, or words.",
)
@WHO
@record_options
@shared
def change(session: Session, /, who: str, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.save(apply_options(at.registry.find(who), given, at.types))
        return at.tell(record, "cli.provider.changed")


# ── provider remove ──────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Take a record out of the registry, with its periods and history. Keystores stay.",
)
@WHO
@click.option("--yes", is_flag=True, help="Do not ask.")
@shared
def remove(session: Session, who: str, yes: bool) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        if not yes and not session.confirm("--yes", "cli.provider.ask_remove", name=record.full_name):
            raise errors.Cancelled
        at.registry.remove(record.id or 0)
    session.result({"removed": record.id}, "cli.provider.removed", name=record.full_name)
    return 0


# ── provider assign ──────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Say which keystore is a provider's. Without KEYSTORE: the current one of the keystore folder that has his "
    "NISS; after a renewal the new one, once it is complete and active. With its password (--password-file, "
    "--passwords) whose it is and until when it is good are seen, and kept; the password is not.",
)
@WHO
@click.argument("keystore", required=False, type=click.Path(path_type=Path))
@click.option("--remove", is_flag=True, help="The provider has none any more; the file stays.")
@click.option("--insist", is_flag=True, help="Although it does not fit.")
@shared
def assign(session: Session, who: str, keystore: Path | None, remove: bool, insist: bool) -> int:
    from ehtoolkit.cli.keystore.inspection import known_password
    from ehtoolkit.keystore.storage.holder_files import HolderFiles
    from ehtoolkit.procedures.checks.provider_keystore import assign_keystore, current_of

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
