"""``keystore archive``: what a newer keystore has replaced, out of the way of other programs."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.keystore.arguments import DRY_RUN
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session


@click.command(
    help="Move keystores that a newer sound one of the same holder has replaced into the folder 'archive' "
    "beside it. Without FOLDER: in the keystore folder."
)
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(path_type=Path))
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="This one, although nobody can see that another one has replaced it. Can be repeated.",
)
@DRY_RUN
@shared
def archive(session: Session, folders: tuple[Path, ...], files: tuple[Path, ...], dry_run: bool) -> int:
    from ehtoolkit.cli.keystore.archive_report import ArchiveReport
    from ehtoolkit.cli.keystore.inspection import known_password
    from ehtoolkit.keystore.storage.archival import Verdict, judge, require_archivable
    from ehtoolkit.keystore.storage.archive import archive_keystore, archive_place

    if not dry_run:
        session.confirm_environment()
    for folder in folders:
        if not folder.is_dir():
            raise errors.FileUnreadable(path=str(folder))
    folders = folders or (() if files else (session.settings.keystores,))
    password_of = known_password(session)
    put_away = archive_place if dry_run else archive_keystore
    tidied = ArchiveReport(dry_run)
    for file in files:
        with tidied.refusals.of(file):
            require_archivable(file, session.now_at(file), password_of)
            tidied.archived.append((Verdict(file), put_away(file)))
    named = {verdict.path.absolute() for verdict, _ in tidied.archived}  # in a dry run they are still there
    for folder in folders:
        for verdict in judge(folder, session.now_at(folder), password_of):
            with tidied.refusals.of(verdict.path):
                if verdict.path.absolute() in named:
                    continue
                if verdict.successor is None:
                    tidied.left.append(verdict)
                else:
                    tidied.archived.append((verdict, put_away(verdict.path)))
    if session.options.as_json:
        session.result(tidied.described(session), "cli.keystore.shown")
    else:
        tidied.tell(session)
    return 1 if tidied.refusals.errors else 0
