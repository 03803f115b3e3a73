"""``provider add``, ``change``, ``remove`` and ``assign``: the records of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS, PATH, several
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.identity import Environment
from ehtoolkit.providers.provider import Provider, TypeTable
from ehtoolkit.providers.table_file import read_date, read_type

WHO: Final = click.argument("who", metavar="WHO")

_record_options = several(
    click.option("--name"),
    click.option("--first-names"),
    click.option("--niss"),
    click.option("--inami"),
    click.option("--recognition-number"),
    click.option("--enterprise-number"),
    click.option("--practice"),
    click.option("--birth-date", "birth_date", metavar="DATE"),
    click.option("--language", type=click.Choice(["fr", "nl", "de", "en"])),
    click.option("--type", "types", multiple=True, metavar="TYPE"),
)


def _apply_options(record: Provider, given: Mapping[str, Any], table: TypeTable) -> Provider:
    """Return ``record`` with the values that were given; None stands for an option that was not given.

    Raises `errors.RecordInvalid`, `errors.ProviderTypeUnknown`.
    """
    known = {name: value for name, value in given.items() if value is not None and name != "types"}
    if "birth_date" in known:
        known["birth_date"] = read_date(known["birth_date"])
    if given["types"]:
        known["types"] = tuple(read_type(kind, table) for kind in given["types"])
    return replace(record, **known)


@command(ENVIRONMENT)
@_record_options
def add(session: Session, /, **given: object) -> None:
    with open_registry_session(session) as at:
        record = at.registry.add(_apply_options(Provider(""), given, at.types))
        at.print_changed(record, "cli.provider.added")


@command(ENVIRONMENT)
@WHO
@_record_options
def change(session: Session, /, who: str, **given: object) -> None:
    with open_registry_session(session) as at:
        at.save(_apply_options(at.registry.find(who), given, at.types))


@command(ENVIRONMENT)
@WHO
@click.option("--yes", is_flag=True)
def remove(session: Session, who: str, yes: bool) -> None:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        if not yes and not session.confirm("--yes", "cli.provider.ask_remove", name=record.full_name):
            raise errors.Cancelled
        at.registry.remove(record.id or 0)
    session.result({"removed": record.id}, "cli.provider.removed", name=record.full_name)


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER)
@WHO
@click.argument("keystore", required=False, type=PATH)
@click.option("--remove", is_flag=True)
@click.option("--insist", is_flag=True)
def assign(session: Session, who: str, keystore: Path | None, remove: bool, insist: bool) -> None:
    from ehtoolkit.cli.keystore.inspected_files import known_password
    from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
    from ehtoolkit.procedures.archive import assign_keystore, current_of

    environment = Environment(session.settings.environment)
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        if remove:
            at.print_changed(at.registry.unassign(record.id or 0), "cli.provider.unassigned")
            return
        folder, notes = session.settings.keystores, session.settings.notes
        path = keystore or current_of(record, HolderFiles.in_folder(folder, notes, at.now), environment)
        if path is None:
            raise errors.NotAssignable(path=str(session.settings.keystores), reason="none")
        password = known_password(session)(path)
        record = assign_keystore(
            at.registry, record, path, password, now=at.now, environment=environment, insist=insist
        )
        at.print_changed(record, "cli.provider.assigned")
