"""``keystore archive`` and ``rename``: move keystores, with the records of providers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.keystore.inspected_files import known_password, require_answers
from ehtoolkit.cli.options import CONFIRMATION, ENVIRONMENT, KEYSTORE_FOLDER, PASSWORDS, PATH
from ehtoolkit.cli.terminal import describe_error, display_path, echo
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, plan_archival, require_archivable
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.system.files import require_file

if TYPE_CHECKING:
    from ehtoolkit.secret import Secret

_DRY_RUN: Final = click.option("--dry-run", is_flag=True)


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=PATH)
@click.option("--file", "files", multiple=True, type=PATH)
@_DRY_RUN
def archive(session: Session, folders: tuple[Path, ...], files: tuple[Path, ...], dry_run: bool) -> int:
    from ehtoolkit.keystore.storage.moving import archive_keystore, archive_place
    from ehtoolkit.keystore.storage.records import CachedStates

    if not dry_run:
        session.confirm_environment()
        _move_in_registry(session, ())  # it has to be usable before a keystore is moved
    for folder in folders:
        _require_folder(session, folder)
    folders = folders or (() if files else (session.settings.keystores,))
    password_of = known_password(session)
    put_away = archive_place if dry_run else archive_keystore
    tidied, known = ArchiveReport(dry_run), CachedStates.read(session.settings.notes)
    try:
        for file in files:
            with tidied.refusals.of(file):
                require_answers(session, file)
                require_archivable(file, session.now_at(file), password_of)
                tidied.archived.append((ArchiveDecision(file), put_away(file)))
        # In a dry run they are still there.
        named = {verdict.path.absolute() for verdict, _ in tidied.archived}
        for folder in folders:
            plan: tuple[ArchiveDecision, ...] = ()
            with tidied.refusals.of(folder):  # the others go on
                require_answers(session, folder)
                require_answers(session, *(found.path for found in find_keystores(folder)))
                plan = plan_archival(folder, session.now_at(folder), password_of, known)
            for verdict in plan:
                with tidied.refusals.of(verdict.path):
                    if verdict.path.absolute() in named:
                        continue
                    if verdict.successor is None:
                        tidied.left.append(verdict)
                    else:
                        tidied.archived.append((verdict, put_away(verdict.path)))
    finally:  # Ctrl+C: what was moved by then is moved
        if tidied.moved:
            _move_in_registry(session, tidied.moved)
    session.result_lines(tidied.described(session), tidied.lines(session.texts))
    tidied.refusals.tell(session)
    return 1 if tidied.refusals.errors else 0


def _move_in_registry(session: Session, moved: Sequence[tuple[Path, Path]]) -> None:
    """Let the records of providers follow keystores that were moved, from where to where. Raises as
    `ehtoolkit.procedures.archive.move_in_registry`."""
    from ehtoolkit.procedures.archive import move_in_registry

    move_in_registry(moved, session.settings, session.clock, Environment(session.settings.environment))


def _require_folder(session: Session, folder: Path) -> None:
    """Check that there is a folder that may be looked at, and answers. Raises `errors.FolderMissing` and
    `errors.FileUnreadable`."""
    require_answers(session, folder)
    try:
        if folder.is_dir():
            return
    except OSError as error:
        raise errors.FileUnreadable(path=str(folder)) from error
    raise errors.FolderMissing(folder=str(folder))


# ── Files of several for which a command failed ──────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class FileErrors:
    """``errors``: by file, in their order."""

    errors: list[tuple[Path, errors.EhToolkitError]] = field(default_factory=list)

    @contextmanager
    def of(self, file: Path) -> Iterator[None]:
        """Run the body, and keep an error of ours that ends it, with ``file``, for the end of the command."""
        try:
            yield
        except errors.EhToolkitError as error:
            self.errors.append((file, error))

    def described(self, session: Session) -> list[dict[str, object]]:
        """Return an object for each error: ``file`` and, as for a command that fails, ``error``, ``message``, ``next``,
        ``facts``."""
        return [
            {
                "file": display_path(file),
                **describe_error(error, session.texts),
                "next": session.texts.next_step(error),
            }
            for file, error in self.errors
        ]

    def tell(self, session: Session) -> None:
        """Print each error with its file and its next step on standard error; not with --json, whose object has
        them."""
        for error in self.described(session) if not session.options.as_json else ():
            file, message = str(error["file"]), str(error["message"])
            about = message if file in message else session.texts.labelled(file, message)
            echo(f"{about}\n{error['next']}", err=True)


# ── What was archived, or would be, as JSON and in sentences ─────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What ``keystore archive`` did.

    Attributes:
        archived: with where each file is then; one that was named has a verdict without a successor.
        left: those that stay.
    """

    dry_run: bool
    archived: list[tuple[ArchiveDecision, Path]] = field(default_factory=list)
    left: list[ArchiveDecision] = field(default_factory=list)
    refusals: FileErrors = field(default_factory=FileErrors)

    @property
    def moved(self) -> list[tuple[Path, Path]]:
        """From where to where; none in a dry run."""
        return [] if self.dry_run else [(verdict.path, place) for verdict, place in self.archived]

    def described(self, session: Session) -> dict[str, object]:
        return {
            "archived": [_archived(verdict, place) for verdict, place in self.archived],
            "left": [_left(verdict) for verdict in self.left],
            "refused": self.refusals.described(session),
            "dry_run": self.dry_run,
        }

    def lines(self, texts: Translator) -> Iterator[str]:
        """Yield a line for each file but those that stay as the newest of their holder, and how to undo the
        archival."""
        for verdict, place in self.archived:
            yield texts.get(self._key(verdict), **_archived(verdict, place))
            if verdict.lost:
                keys = texts.get("cli.keystore.archived_keys", count=len(verdict.lost), archive=place)
                yield f"  {keys}"
        if not self.archived:
            yield texts.get("cli.keystore.archive_none")
        elif not self.dry_run:
            yield texts.get("cli.keystore.archive_undo")
        for verdict in self.left:
            key = f"cli.keystore.left.{verdict.stays}"
            if texts.has(key):
                yield texts.get(key, file=verdict.path)

    def _key(self, verdict: ArchiveDecision) -> str:
        key = f"cli.keystore.{'archivable' if self.dry_run else 'archived'}"
        return f"{key}_named" if verdict.successor is None else key


def _archived(verdict: ArchiveDecision, place: Path) -> dict[str, object]:
    return {
        "file": display_path(verdict.path),
        "archive": display_path(place),
        "successor": None if verdict.successor is None else display_path(verdict.successor),
        "lost_keys": verdict.lost,
    }


def _left(verdict: ArchiveDecision) -> dict[str, object]:
    return {
        "file": display_path(verdict.path),
        "reason": verdict.stays,
        "proper_name": verdict.proper_name,
        "lost_keys": verdict.lost,
    }


@command(ENVIRONMENT, PASSWORDS, KEYSTORE_FOLDER, CONFIRMATION)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PATH)
@_DRY_RUN
def rename(session: Session, files: tuple[Path, ...], dry_run: bool) -> int:
    from ehtoolkit.keystore.storage.moving import rename_keystore

    if not dry_run:
        session.confirm_environment()
        _move_in_registry(session, ())  # it has to be usable before a keystore is moved
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
        if renamed and not dry_run:
            _move_in_registry(session, renamed)
    unchanged = [file for file, path in planned if path == file]
    value = {
        "renamed": [{"file": display_path(file), "keystore": display_path(path)} for file, path in renamed],
        "unchanged": [display_path(file) for file in unchanged],
        "refused": refusals.described(session),
        "dry_run": dry_run,
    }
    get, key = session.texts.get, f"cli.keystore.{'renamable' if dry_run else 'renamed'}"
    lines = (
        *(get(key, file=file, name=path.name) for file, path in renamed),
        *(get("cli.keystore.name_right", file=file) for file in unchanged),
    )
    session.result_lines(value, lines)
    refusals.tell(session)
    return 1 if refusals.errors else 0


def _proper_name(session: Session, file: Path, password: Secret | None, planned: list[Path]) -> str:
    """Return the name that the official program would give the file.

    Raises `errors.KeystoreNotFound`, and `errors.WrongState` (reason ``nameless``) if its holder is unknown.
    """
    from ehtoolkit.keystore.diagnosis.diagnose import diagnose
    from ehtoolkit.keystore.storage.holder_keystores import HolderFiles

    require_file(file)
    listing = HolderFiles.listed(file.parent)
    # In a dry run they are not there yet.
    listing.names |= {path.name.lower() for path in planned if path.parent == file.parent}
    name = diagnose(file, password, session.now_at(file), listing=listing).proper_name
    if name is None:
        raise errors.WrongState(path=str(file), reason="nameless")
    return name
