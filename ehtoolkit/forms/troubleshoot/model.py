"""The model of the Troubleshoot page, without a widget. A file that was handed over stays in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.ehealth.revocation_answers import revocation_finding
from ehtoolkit.finding import Finding
from ehtoolkit.forms.due.next_steps import Item, to_choose
from ehtoolkit.forms.engine.production_guard import is_production
from ehtoolkit.forms.start_obstacles import items_of
from ehtoolkit.forms.troubleshoot.examined_file import ActionResult, Archived, ExaminedFile, Plan
from ehtoolkit.forms.troubleshoot.platform_check import ask, handed_over, prove
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.diagnosis.archival import plan_archival
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.lost_items import with_copies
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.rewrite import (
    NewKeystore,
    RewriteResult,
    change_password,
    new_keystore,
    rewrite,
    save_to_folder,
    seal_again,
)
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, find_keystore, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import rename_keystore
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.archive import MovedKeystores, archive_keystores, move_records
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.certificate_test import CertificateTest
from ehtoolkit.procedures.result import record_answer
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable
from ehtoolkit.toolkit import Toolkit, revocation_asker

MOST: Final = 40
"""Files that the page looks at together."""

_PASSWORD: Final = ("password_wrong", "rescue_nothing", "password_hint_")
"""How findings begin that are about the password."""
_SAVED: Final = ("rescuable", "rescuable_all", "rescuable_whole")


class TroubleshootModel:
    """The files in the order in which they came, each as it is known now.

    What takes long (`look_at`, `open`, `ask`, and what makes or moves files) changes nothing here, so that a thread
    can do it: its result is put in by `keep`. ``may_ask``: whether the platform may be turned to; in production, once
    that was confirmed.
    """

    def __init__(self, toolkit: Toolkit, chosen: Path | None = None) -> None:
        """Begin without any file. ``chosen``: the keystore that the page's address names."""
        self.toolkit = toolkit
        self.only = toolkit.allowed_keystores
        self.folder = toolkit.context.keystores
        self.chosen = chosen
        self.may_ask = toolkit.context.environment is not Environment.PRODUCTION
        self._examined: dict[int, ExaminedFile] = {}
        self._numbers = count(1)

    # ── which files ──────────────────────────────────────────────────────────────────────────────────────
    @property
    def examined_files(self) -> tuple[ExaminedFile, ...]:
        return tuple(self._examined.values())

    @property
    def room(self) -> int:
        """How many more files can be looked at."""
        return max(0, MOST - len(self._examined))

    def find(self, number: int) -> ExaminedFile | None:
        return self._examined.get(number)

    def in_folder(self) -> tuple[FoundKeystore, ...]:
        """Return the keystores of the folder, newest first. Raises `errors.FileUnreadable`."""
        return find_keystores(self.folder)

    def offered(self) -> tuple[Item, ...]:
        """Return the keystores of the folder as they stand, what serves first. Raises `errors.FileUnreadable`."""
        return to_choose(items_of(self.toolkit.context))

    def keep(self, examined: ExaminedFile) -> None:
        """Put in what a look has shown."""
        self._examined[examined.number] = examined

    def forget(self, number: int) -> None:
        """Take a file off, with its bytes and its password."""
        self._examined.pop(number, None)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────
    def hand_over(self, name: str, content: bytes) -> ExaminedFile:
        """Look at bytes; the same ones under the same name are the same file. Raises `errors.KeystoreNotIssued`."""
        if self.only is not None and not self.only.includes(content):
            raise errors.KeystoreNotIssued(path=name)
        for examined in self.examined_files:
            if examined.path is None and (examined.name, examined.content) == (name, content):
                return examined
        diagnosis = self._diagnosis(content, name, None)
        return self._opened_without(
            self._placed(ExaminedFile(next(self._numbers), name, None, content, diagnosis))
        )

    def take(self, name: str) -> ExaminedFile:
        """Look at a keystore of the folder; only the name of a file counts. Raises `errors.KeystoreNotFound`."""
        return self.look_at(find_keystore(self.folder, name).path)

    def look_at(self, path: Path, secret: Secret | None = None) -> ExaminedFile:
        """Look at a file of the folder, again when it is there; ``secret`` opens it, else what opened it before. Raises
        `errors.KeystoreNotIssued`."""
        self.toolkit.require_openable(path)
        known = next((file for file in self.examined_files if file.path == path), None)
        number = next(self._numbers) if known is None else known.number
        examined = self._placed(
            ExaminedFile(number, path.name, path, b"", self._diagnosis(path, path.name, None))
        )
        key = secret if secret is not None or known is None else known.secret
        opened = None if key is None else self.open(examined, key)
        return opened if isinstance(opened, ExaminedFile) else self._opened_without(examined)

    def open(self, examined: ExaminedFile, secret: Secret) -> ExaminedFile | tuple[Finding, ...]:
        """Open a file with a password, and return it with what that shows; or the findings that say why, the worst
        first, when the password opens nothing of it."""
        source = examined.content if examined.path is None else examined.path
        diagnosis = self._diagnosis(source, examined.name, secret)
        if not diagnosis.opened and not any(diagnosis.has(key) for key in _SAVED):
            reasons = (found for found in diagnosis.findings if found.key.startswith(_PASSWORD))
            return tuple(reasons) or diagnosis.findings[:1]
        return self._placed(examined.with_secret(secret, diagnosis))

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────
    def confirm(self, typed: str) -> bool:
        """Let the real platform be asked once its name was typed. Return whether it may be asked."""
        self.may_ask = self.may_ask or is_production(typed)
        return self.may_ask

    def ask(self, examined: ExaminedFile) -> ExaminedFile:
        """Return the file with what platform and depot say of it. Raises as `platform_check.ask`, `errors.FileBusy` as
        `remake`, and `errors.Cancelled` before production is confirmed."""
        if not self.may_ask:
            raise errors.Cancelled
        with examined.opens_still():
            return replace(examined, platform_status=ask(examined, self.toolkit.context))

    def prove(self, examined: ExaminedFile) -> CertificateTest:
        """Put the keystore to the test. Raises as `ask`."""
        if not self.may_ask:
            raise errors.Cancelled
        with examined.opens_still(), revocation_asker(self.toolkit.settings) as ask_issuer:
            return prove(examined, self.toolkit.context, ask_issuer)

    def ask_revocation(self, examined: ExaminedFile) -> ExaminedFile:
        """Return the file with what the issuer of its certificate says: whether it is revoked. Nothing but the
        certificate's serial number goes there. Raises nothing of ours: an issuer that does not answer is a finding."""
        diagnosis = examined.diagnosis
        with revocation_asker(self.toolkit.settings) as ask_issuer:
            found = ask_issuer(diagnosis.chain, diagnosis.environment)
        context = self.toolkit.context
        answer = record_answer(diagnosis.key_id, found, context.notes, context.clock.now())
        return replace(examined, diagnosis=diagnosis.with_answer(revocation_finding(found), answer))

    # ── doing ────────────────────────────────────────────────────────────────────────────────────────────
    def remake(self, examined: ExaminedFile, new: Secret | None, profile: EncryptionProfile) -> ActionResult:
        """Make a new keystore of all that is sound in the file, which stays as it is. Raises as `rewrite`, and
        `errors.FileBusy` (reason ``changed``) when the password opens it no more."""
        old = examined.opened_by
        secret = old if new is None else new
        with examined.opens_still():
            data = examined.read()
            made = rewrite(data, old, new, profile, salvage=True)
            made = replace(made, lost=with_copies(made.lost, [self.folder], data, examined.path))
            named = self._named(made, secret, examined)
        return ActionResult(secret, named, other_password=secret != old)

    def protect(self, examined: ExaminedFile, new: Secret | None, profile: EncryptionProfile) -> ActionResult:
        """Put the same keystore under another protection: a file of the folder in its place, with a copy of before;
        else as a new file. Raises as `ehtoolkit.keystore.rewrite.change_password` and as `remake`."""
        if examined.path is None:
            return self.remake(examined, new, profile)
        old = examined.opened_by
        secret = old if new is None else new
        with examined.opens_still():
            changed = change_password(examined.path, old, secret, profile)
        return ActionResult(secret, None, changed.path, changed.backup, other_password=secret != old)

    def merge(self, examined: ExaminedFile, old: ExaminedFile, old_secret: Secret) -> ActionResult:
        """Carry the decryption keys of ``old`` into the file: of the folder in its place, with a copy of before;
        else as a new file. Nothing is written where nothing is missing.

        Raises `errors.HoldersDiffer`, `errors.CertificateMissing`, what reading and writing raises;
        `errors.KeystorePasswordWrong` is about ``old``.
        """
        older = Keystore.of(recover(old.read(), old_secret).contents)
        secret, file = examined.opened_by, None
        if examined.path is None:
            present = Keystore.of(recover(examined.content, secret).contents)
        else:
            with examined.opens_still():
                file = KeystoreFile.open(examined.path, secret)
            present = file.keystore
        merged = merge_old_keys(present, older)
        added = len(merged.encryption) - len(present.encryption)
        if merged == present:
            return ActionResult(secret, path=examined.path, added=added)
        if file is not None:
            return ActionResult(secret, None, examined.path, file.save(merged), added)
        made = seal_again(merged.contents, secret)
        return ActionResult(secret, self._named(made, secret, examined), added=added)

    def _named(self, made: RewriteResult, secret: Secret, examined: ExaminedFile) -> NewKeystore:
        now, environment = self._now(examined), self.toolkit.context.environment
        return new_keystore(made, secret, examined.name, now=now, environment=environment)

    def rename(self, examined: ExaminedFile) -> ExaminedFile:
        """Give a file of the folder the name that other programs read. Raises `errors.KeystoreNotFound`, and as
        `ehtoolkit.keystore.storage.moving.rename_keystore` and `move_in_registry`; then it is called what it was."""
        proper = examined.diagnosis.proper_name
        if examined.path is None or proper is None:
            raise errors.KeystoreNotFound(path=examined.name)
        path = rename_keystore(examined.path, proper)
        done = move_records(
            MovedKeystores(((examined.path, path),)), self.toolkit.settings, self.toolkit.context
        )
        if done.failure is not None:
            raise done.failure
        found = self.look_at(path, examined.secret)
        return replace(found, number=examined.number, platform_status=examined.platform_status)

    def plan_archive(self, examined: ExaminedFile) -> Plan:
        """Return what could be put away, seen from a file of the folder: by content where the password is known, and by
        what was noted of the other files. Raises `errors.KeystoreNotFound` for a file that is not there, and what
        `plan_archival` raises."""
        path, known = examined.path, CachedStates.read(self.toolkit.context.notes)
        secrets = {file.path: file.secret for file in self.examined_files}
        decisions = (
            () if path is None else plan_archival(path.parent, self._now(examined), secrets.get, known)
        )
        mine = next((decision for decision in decisions if decision.path == path), None)
        if mine is None:
            raise errors.KeystoreNotFound(path=examined.name if path is None else str(path))
        if mine.successor is not None:
            return Plan((mine,), None)
        return Plan(tuple(decision for decision in decisions if decision.successor == mine.path), mine.stays)

    def archive(self, examined: ExaminedFile, agreed: Collection[Path]) -> Archived:
        """Put away those of ``agreed`` that can still be, judged again. Raises as `plan_archive`, as
        `archive_keystore` and `move_in_registry` when not even the first could be moved, and `errors.FileBusy` (reason
        ``changed``) where none is left."""
        paths = [goe.path for goe in self.plan_archive(examined).goes if goe.path in agreed]
        if not paths:
            raise errors.FileBusy(path=examined.name, reason="changed")
        before = {file.number: file.read() for file in self.examined_files if file.path in paths}
        done = archive_keystores(paths, self.toolkit.settings, self.toolkit.context)
        if done.failure is not None and not done.moved:
            raise done.failure
        gone = {old for old, _ in done.moved}
        return Archived(done, tuple(self._after_archive(gone, before)))

    def _after_archive(self, gone: Collection[Path], before: Mapping[int, bytes]) -> Iterator[ExaminedFile]:
        for file in self.examined_files:
            if file.path in gone:
                data = before[file.number]
                diagnosis = self._diagnosis(data, file.name, file.secret)
                yield self._placed(replace(file, path=None, content=data, diagnosis=diagnosis))
            elif file.path is not None:
                with suppress(errors.EhToolkitError):  # one that was removed meanwhile stays as it was seen
                    yield replace(self.look_at(file.path), platform_status=file.platform_status)

    def put_into_folder(self, made: NewKeystore) -> Path:
        """Save as a new file of the keystore folder, and return its path. Raises as `save_to_folder`."""
        return save_to_folder(self.folder, made, self.toolkit.context.clock.now())

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _diagnosis(self, source: Path | bytes, name: str, secret: Secret | None) -> Diagnosis:
        """Return the diagnosis of a file by the clock of training for its own keystores, else by that of the
        computer."""
        notes = self.toolkit.settings.notes
        known = CachedStates.read(notes)
        ours = isinstance(source, Path) and self.toolkit.settings.is_of_training(source)

        def look(now: datetime) -> Diagnosis:
            listing = None if isinstance(source, bytes) else HolderFiles.listed(source.parent, notes, now)
            return diagnose(source, secret, now, name=name, listing=listing, known=known)

        found = look(self._clock(ours=ours))
        if self.toolkit.training is not None and not ours and found.environment is Environment.TRAINING:
            return look(self._clock(ours=True))
        return found

    def _placed(self, examined: ExaminedFile) -> ExaminedFile:
        """Return a file with whether it is of another environment than the page. What is damaged is so in every one."""
        if not examined.diagnosis.is_readable:
            return replace(examined, elsewhere=None)
        found = examined.diagnosis.found_keystore()
        if examined.path is None:
            found = replace(found, path=handed_over(examined.name, self.folder))
        try:
            require_environment(found, self.toolkit.context)
        except errors.WrongEnvironment as error:
            return replace(examined, elsewhere=error.with_facts(path=printable(examined.name)))
        return replace(examined, elsewhere=None)

    def _opened_without(self, examined: ExaminedFile) -> ExaminedFile:
        """Return a file without any protection as open already, and any other as it is."""
        opened = examined.diagnosis.opened
        return examined.with_secret(Secret(""), examined.diagnosis) if opened else examined

    def _now(self, examined: ExaminedFile) -> datetime:
        ours = examined.diagnosis.environment is Environment.TRAINING
        return self._clock(
            ours=ours or (examined.path is not None and self.toolkit.settings.is_of_training(examined.path))
        )

    def _clock(self, *, ours: bool) -> datetime:
        return self.toolkit.context.clock.now() if ours else SystemClock().now()
