"""Inspect files for keystore commands: which ones, with which passwords, by which clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.terminal import display_path, echo
from ehtoolkit.clock import SystemClock
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.content import FileFacts, inspect_bytes
from ehtoolkit.keystore.diagnosis.diagnose import PASSWORD_WRONG, diagnose, diagnose_with_first, unanswered
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, archived_files, find_keystores
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.keystore.storage.user_profiles import ProfileFolder, keystore_folders
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard, require_answer
from ehtoolkit.system.text_safety import printable

TRIED: Final = Finding("password_needed", Severity.WARNING, variant="tried")
"""The finding about a file that no password opens that was meant for other files too."""


@dataclass(frozen=True, slots=True)
class InspectedFiles:
    """What ``keystore show`` and ``keystore diagnose`` know of files.

    Attributes:
        keystores: one a file.
        profiles: the folders of all users; None if they were not asked for.
    """

    keystores: Sequence[Diagnosis]
    profiles: Sequence[ProfileFolder] | None


def inspect_files(session: Session, files: Sequence[Path], all_profiles: bool) -> InspectedFiles:
    """Inspect the files that are named, in their order; without any, those in the keystore folder. With
    ``all_profiles`` those in the folder of every user follow as well, newest first. Each is inspected with the other
    files of its folder in view, and without a password where none is given.

    A file whose drive does not answer in time is not opened.

    Raises `errors.FileUnreadable` for a keystore folder that may not be listed, or does not answer.
    """
    passwords_of, known = known_passwords(session), CachedStates.read(session.settings.notes)
    profiles = keystore_folders() if all_profiles else None
    with TimeoutGuard(session.settings.file_timeout) as patience:
        if not files or all_profiles:
            require_answer(session.settings.keystores, patience)
            files = (*files, *_found(session.settings.keystores, profiles or ()))
        listed = cache(partial(_listed, session, patience, known))
        keystores = [_inspect(session, file, passwords_of, listed, patience, known) for file in files]
    if session.options.verbose:
        for file, found in zip(files, keystores, strict=True):
            _tell_details(session, found, len(passwords_of(file)))
    say_idle(session, files)
    for profile in profiles or ():
        if not profile.readable:
            session.say(
                "cli.keystore.profile_closed", user=printable(profile.user), folder=display_path(profile.path)
            )
    return InspectedFiles(keystores, profiles)


def require_answers(session: Session, *paths: Path) -> None:
    """Check that the drives of these files and folders answer within the time limit.

    Raises `errors.FileUnreadable` (reason ``drive``).
    """
    with TimeoutGuard(session.settings.file_timeout) as guard:
        for path in paths:
            require_answer(path, guard)


def _inspect(
    session: Session,
    file: Path,
    passwords_of: Callable[[Path], Sequence[Secret]],
    listed: Callable[[Path], HolderFiles | None],
    patience: TimeoutGuard,
    known: CachedStates,
) -> Diagnosis:
    """Read a file once, and return its diagnosis."""
    try:
        read = patience.call(file.parent, lambda: inspect_bytes(file))
    except TimedOut:
        return unanswered(file, SystemClock().now())  # nothing is judged, and the drive is not asked again
    return _look_at(session, file, read, passwords_of(file), listed(file.parent), known)


def _listed(
    session: Session, patience: TimeoutGuard, known: CachedStates, folder: Path
) -> HolderFiles | None:
    """Return the keystores in ``folder``, each of which is read when it is looked at, with what is ``known`` of them;
    none for a folder that may not be listed. None where listing takes too long."""

    def recalled(file: FoundKeystore) -> FoundKeystore:
        return guarded(file.recalled(known, session.now_at(file.path)))

    def guarded(file: FoundKeystore) -> FoundKeystore:
        return replace(file, look=lambda: patience.attempt(file.path.parent, file.look))

    def listed() -> HolderFiles:
        try:
            found = find_keystores(folder)
        except errors.FileUnreadable:
            return HolderFiles(())
        return HolderFiles(map(recalled, found), map(guarded, archived_files(folder)))

    return patience.attempt(folder, listed)


def say_idle(session: Session, files: Sequence[Path]) -> None:
    """Name the lines of --passwords that fit no file: they were mistyped, or the files are somewhere else."""
    idle = session.passwords.idle(files)
    if idle:
        session.say("cli.passwords.idle", patterns=", ".join(map(printable, idle)))


def _look_at(
    session: Session,
    file: Path,
    read: tuple[FileFacts, bytes],
    passwords: Sequence[Secret],
    listing: HolderFiles | None,
    known: CachedStates,
) -> Diagnosis:
    """Return the diagnosis of a file that was ``read`` with the first of ``passwords`` that opens it. Certificates of
    training are judged by the training clock, others by the computer's, wherever their file is. A password that was
    meant for other files too, and does not open this one, is no fault of the file."""
    now, key_password = session.now_at(file), session.key_password()

    def look(each: Secret | None, moment: datetime) -> Diagnosis:
        return diagnose(read, each, moment, listing=listing, key_password=key_password, known=known)

    found, place = diagnose_with_first(passwords, lambda each: look(each, now))
    password = passwords[place] if passwords else None
    guessed = session.options.password_file is None and not session.passwords.names(file)
    if found.has(PASSWORD_WRONG) and guessed:
        found, password = look(None, now).with_finding(TRIED), None
    trains = found.environment is Environment.TRAINING
    if found.environment is not None and trains != session.settings.is_by_training_clock(file):
        again = look(password, (session.training.clock if trains else SystemClock()).now())
        return again.with_finding(TRIED) if TRIED in found.findings else again
    return found


def ask_about_revocation(
    session: Session, inspected: InspectedFiles, *, without: Collection[Path]
) -> InspectedFiles:
    """Return ``inspected`` with what the issuers of the certificates say about revocation, each asked in its own
    environment, and keep it; nothing is asked about the files in ``without``."""
    from ehtoolkit.ehealth.revocation_answers import revocation_finding
    from ehtoolkit.procedures.result import record_answer
    from ehtoolkit.toolkit import revocation_asker

    with revocation_asker(session.settings) as ask:

        def asked(found: Diagnosis) -> Diagnosis:
            said = ask(found.chain, found.environment)
            answer = record_answer(found.key_id, said, session.settings.notes, found.now)
            return found.with_answer(revocation_finding(said), answer)

        keystores = [found if found.file.path in without else asked(found) for found in inspected.keystores]
    return replace(inspected, keystores=keystores)


def known_passwords(session: Session) -> Callable[[Path], Sequence[Secret]]:
    """Return a function that gives the passwords of a file as far as they were given, in the order in which they are
    tried; the user is not asked. For a file that has one it raises what `Session.require_openable` raises. Raises
    itself what `Session.passwords` and `Session.read_secret` raise."""
    given = session.read_secret(session.options.password_file)
    table, everywhere = session.passwords, () if given is None else (given,)

    def passwords_of(file: Path) -> Sequence[Secret]:
        found = (*table.all_of(file), *everywhere)
        if found:
            session.require_openable(file)
        return found

    return passwords_of


def known_password(session: Session) -> Callable[[Path], Secret | None]:
    """Return a function that gives, of the `known_passwords` of a file, the one that `Session.fitting` chooses: the
    first that opens it."""
    passwords_of = known_passwords(session)
    return lambda file: session.fitting(file, passwords_of(file))


def _tell_details(session: Session, diagnosis: Diagnosis, passwords: int) -> None:
    """Write details for troubleshooting to standard error."""
    line = session.texts.get(
        "cli.keystore.details",
        file=diagnosis.file.shown,
        kind=diagnosis.file.kind,
        size=diagnosis.file.size or 0,
        passwords=passwords,
        now=diagnosis.now,
        findings=", ".join(finding.key for finding in diagnosis.findings),
    )
    echo(line, err=True)


def _found(configured: Path, profiles: Sequence[ProfileFolder]) -> list[Path]:
    """Return the keystores in the configured folder and those of the profiles, each once; newest first, whichever
    folder they are in."""
    found = list(find_keystores(configured))
    for folder in (profile.path for profile in profiles if profile.readable):
        if folder.resolve() != configured.resolve():
            with suppress(errors.FileUnreadable):  # it could be read a moment ago
                found += find_keystores(folder)
    return [file.path for file in sorted(found, key=lambda file: (file.moment, file.path.name), reverse=True)]
