"""``keystore rename``: their normal name for keystores that were renamed or copied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CONFIRMATION, ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS
from ehtoolkit.cli.keystore.arguments import DRY_RUN
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo

if TYPE_CHECKING:
    from ehtoolkit.secret import Secret


@click.command(cls=LocalisedCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@DRY_RUN
@shared(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
def rename(session: Session, files: tuple[Path, ...], dry_run: bool) -> int:
    from ehtoolkit.cli.keystore.arguments import FileErrors, require_answers
    from ehtoolkit.cli.keystore.inspection import display_path, known_password
    from ehtoolkit.keystore.storage.moving import rename_keystore

    if not dry_run:
        session.confirm_environment()
        session.require_registry()
    password_of, refusals = known_password(session), FileErrors()
    planned: list[tuple[Path, Path]] = []
    try:
        for file in files:
            with refusals.of(file):
                require_answers(session, file)
                name = _proper_name(session, file, password_of(file), [path for _, path in planned])
                planned.append((file, file.with_name(name) if dry_run else rename_keystore(file, name)))
    finally:  # Ctrl+C: what was renamed by then is renamed
        renamed = [(file, path) for file, path in planned if path != file]
        session.move_in_registry([] if dry_run else renamed)
    unchanged = [file for file, path in planned if path == file]
    if session.options.as_json:
        value = {
            "renamed": [
                {"file": display_path(file), "keystore": display_path(path)} for file, path in renamed
            ],
            "unchanged": [display_path(file) for file in unchanged],
            "refused": refusals.described(session),
            "dry_run": dry_run,
        }
        session.result(value, "cli.keystore.shown")
    else:
        key = f"cli.keystore.{'renamable' if dry_run else 'renamed'}"
        for file, path in renamed:
            echo(session.texts.get(key, file=display_path(file), name=path.name))
        for file in unchanged:
            echo(session.texts.get("cli.keystore.name_right", file=display_path(file)))
        refusals.tell(session)
    return 1 if refusals.errors else 0


def _proper_name(session: Session, file: Path, password: Secret | None, planned: list[Path]) -> str:
    """Return the name that the official program would give the file.

    Raises `errors.KeystoreNotFound`, and `errors.WrongState` (reason ``nameless``) if its holder is unknown.
    """
    from ehtoolkit import errors
    from ehtoolkit.keystore.diagnosis.diagnose import diagnose
    from ehtoolkit.keystore.storage.folder import HolderFiles
    from ehtoolkit.system.files import require_file

    require_file(file)
    listing = HolderFiles.listed(file.parent)
    taken = {
        path.name.lower() for path in planned if path.parent == file.parent
    }  # not there yet in a dry run
    listing.names |= taken
    name = diagnose(file, password, session.now_at(file), listing=listing).proper_name
    if name is None:
        raise errors.WrongState(path=str(file), reason="nameless")
    return name
