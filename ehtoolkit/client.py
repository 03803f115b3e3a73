"""A connection to one environment, which is set up once for many calls; `ehtoolkit.connect` returns it.

The functions of the same names, for example `ehtoolkit.request_certificate`, describe the arguments, results and errors
of the methods. Each function is one call over a connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import closing, nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, overload

from ehtoolkit import errors
from ehtoolkit.api_arguments import (
    Password,
    Passwords,
    PathLike,
    Paths,
    Pin,
    function_of,
    is_single_path,
    optional_secret_of,
    passwords_of,
    path_of,
    paths_of,
    pin_of,
    recipients_of,
    secret_of,
)
from ehtoolkit.bootstrap import Toolkit, open_toolkit, open_training_platform, revocation_asker
from ehtoolkit.card.port import Card, CardIdentity, CardKey
from ehtoolkit.clock import DUE_WITHIN, Clock, SystemClock
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.ehealth.sealing.message import TrustedAuthorities
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.identity import ContactData, Environment, Organisation, Person
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.diagnosis.diagnose import diagnose, diagnose_with_first
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import FolderListing
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.key_import import combine_sources, read_source, write_combined
from ehtoolkit.keystore.repair.key_names import RenamedKey, rename_key
from ehtoolkit.keystore.rewrite import Changed, WrittenKeystore, change_password, rewrite_file
from ehtoolkit.keystore.storage.folder import PasswordsOf, find_keystores
from ehtoolkit.keystore.storage.holder_file import HolderFile
from ehtoolkit.procedures.activate import ActivationResult, activate
from ehtoolkit.procedures.certificate_list import ListedCertificate, by_key, list_certificates
from ehtoolkit.procedures.certificate_test import CertificateTest, prove_certificate
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.finish import FinishResult, archive_replaced, finish
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.procedures.messages import (
    OpenedFile,
    SealedFile,
    authorities_in_files,
    open_file,
    own_recipient,
    seal_file,
    token_at_depot,
    token_in_file,
)
from ehtoolkit.procedures.renew import registered_contact, renew
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.revoke import CompletedRevocation, reason_of, revoke
from ehtoolkit.procedures.state.certificate_status import status
from ehtoolkit.procedures.state.depot import save_token
from ehtoolkit.procedures.state.standing import Standing
from ehtoolkit.result_display import ResultTuple
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.system.files import require_new
from ehtoolkit.type_errors import checked_choice, instance_of, optional_instance_of, wrong_type

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.providers import Registry
    from ehtoolkit.training import TrainingPlatform

Agree = Callable[[Contract], None]
"""Shows a contract; raises `errors.TermsNotAccepted` to stop."""


class Client:
    """A connection to one environment. Close it, or use it in a ``with`` block.

    ``settings``: the settings of the connection. Threads may share a connection.

    >>> import ehtoolkit
    >>> eh = ehtoolkit.connect()
    >>> eh
    <ehtoolkit connection: training>
    >>> eh.close()
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open: Toolkit | None = open_toolkit(settings)

    # ── the connection ───────────────────────────────────────────────────────────────────────────────────
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        closed = "" if self._open else ", closed"
        return f"<ehtoolkit connection: {self.settings.environment}{closed}>"

    def close(self) -> None:
        """Close the connections to the platform and to the training database; a second call does nothing."""
        toolkit, self._open = self._open, None
        if toolkit is not None:
            toolkit.close()

    @property
    def training(self) -> TrainingPlatform:
        """The embedded training platform: ``training.clock.move("+1d")`` moves its clock.

        Raises `RuntimeError` in the real environments, which have none.
        """
        if (training := self._toolkit.training) is None:
            raise RuntimeError(f"there is no training platform in {self.settings.environment}")
        return training

    @property
    def keystores(self) -> Path:
        """The keystore folder of this environment."""
        return self.settings.keystores

    @property
    def clock(self) -> Clock:
        """What time it is in this environment."""
        return self._toolkit.context.clock

    @property
    def _toolkit(self) -> Toolkit:
        if self._open is None:
            raise RuntimeError("this connection is closed; ehtoolkit.connect() makes another")
        return self._open

    def _card(self, card: str | None) -> closing[Card]:
        if optional_instance_of("card", card, str) == "":
            raise ValueError("card is empty; None is the card of the settings")
        return closing(self._toolkit.open_card(card))

    # ── cards and certificates ───────────────────────────────────────────────────────────────────────────
    def read_card(self, card: str | None = None) -> CardIdentity:
        """Return the identity of the card's holder: see `ehtoolkit.read_card`."""
        with self._card(card) as reader:
            return reader.identity()

    def request_certificate(
        self,
        contact: ContactData,
        *,
        password: Password,
        agree: Agree,
        pin: Pin = None,
        card: str | None = None,
        organisation: Organisation | None = None,
        application_id: str | None = None,
    ) -> ProcedureResult:
        """Request a certificate for the card's holder, or for ``organisation``: see `ehtoolkit.request_certificate`."""
        instance_of("contact", contact, ContactData)
        organisation = optional_instance_of("organisation", organisation, Organisation)
        application_id = optional_instance_of("application_id", application_id, str)
        if application_id is not None and organisation is None:
            raise TypeError("application_id has to be given with organisation")
        secret, ask, show = secret_of("password", password), pin_of("pin", pin), function_of("agree", agree)
        with self._card(card) as reader:
            person = reader.identity().person
            wanted = CertificateRequest(person, organisation or person, contact, application_id)
            return request(wanted, reader, ask, secret, self._toolkit.context, show=show)

    def request_foreign_certificate(
        self, person: Person, contact: ContactData, password: Password
    ) -> ProcedureResult:
        """Request a certificate for a person without a card: see `ehtoolkit.request_foreign_certificate`."""
        wanted = ForeignerRequest(
            instance_of("person", person, Person), instance_of("contact", contact, ContactData)
        )
        return request_foreign(wanted, secret_of("password", password), self._toolkit.context)

    def complete_certificate(self, keystore: PathLike, password: Password) -> ProcedureResult:
        """Install the certificate and make its encryption token: see `ehtoolkit.complete_certificate`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        return complete(self._toolkit.open_keystore(path, secret), self._toolkit.context)

    def finish_certificate(
        self, keystore: PathLike, password: Password, *, archive: bool = False
    ) -> FinishResult:
        """Install the certificate, make and activate its token, and test it: see `ehtoolkit.finish_certificate`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        file, context = self._toolkit.open_keystore(path, secret), self._toolkit.context
        with revocation_asker(self.settings) as ask:
            done = finish(file, context, ask_revocation=ask)
        if not archive:
            return done
        moved = archive_replaced(done, self.settings, context)
        if moved.failure is not None:
            raise moved.failure
        return done.after(moved)

    def renew_certificate(
        self,
        keystore: PathLike,
        password: Password,
        *,
        agree: Agree,
        pin: Pin = None,
        contact: ContactData | None = None,
        new_password: Password | None = None,
        card: str | None = None,
    ) -> ProcedureResult:
        """Renew the certificate of a keystore, in a new file beside it: see `ehtoolkit.renew_certificate`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        new = optional_secret_of("new_password", new_password)
        ask, show = pin_of("pin", pin), function_of("agree", agree)
        optional_instance_of("contact", contact, ContactData)
        change = registered_contact if contact is None else lambda _: contact
        with self._card(card) as reader:
            file = self._toolkit.open_keystore(path, secret)
            context = self._toolkit.context
            return renew(file, reader, ask, new or secret, context, show=show, contact=change, present=secret)

    def activate_etk(self, keystore: PathLike, password: Password) -> ActivationResult:
        """Activate the token (ETK) of a renewed keystore at the depot: see `ehtoolkit.activate_etk`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        return activate(self._toolkit.open_keystore(path, secret), self._toolkit.context)

    def certificate_status(self, keystore: PathLike, password: Password) -> Standing:
        """Return the state of a keystore's certificate: see `ehtoolkit.certificate_status`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        return status(self._toolkit.open_keystore(path, secret), self._toolkit.context)

    def test_certificate(  # named as its command
        self, keystore: PathLike, password: Password, *, offline: bool = False
    ) -> CertificateTest:
        """Check that a keystore works: see `ehtoolkit.test_certificate`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        file = self._toolkit.open_keystore(path, secret)
        with revocation_asker(self.settings) as ask:
            return prove_certificate(file, self._toolkit.context, offline=offline, ask_revocation=ask)

    def list_certificates(
        self, *, pin: Pin = None, card: str | None = None
    ) -> ResultTuple[ListedCertificate]:
        """Return the certificates that the platform has for the card's holder: see `ehtoolkit.list_certificates`."""
        ask = pin_of("pin", pin)
        with self._card(card) as reader:
            return ResultTuple(list_certificates(reader, ask(CardKey.AUTHENTICATION), self._toolkit.context))

    def revoke_certificate(
        self, key_id: str, reason: str, *, agree: Agree, pin: Pin = None, card: str | None = None
    ) -> CompletedRevocation:
        """Revoke a certificate of the card's holder, or of an organisation: see `ehtoolkit.revoke_certificate`."""
        why = reason_of(instance_of("reason", reason, str))
        pick = by_key(instance_of("key_id", key_id, str))
        ask, show = pin_of("pin", pin), function_of("agree", agree)
        with self._card(card) as reader:
            return revoke(reader, ask, pick, why, self._toolkit.context, show=show)

    # ── keystores ────────────────────────────────────────────────────────────────────────────────────────
    def open_keystore(self, keystore: PathLike, password: Password) -> Keystore:
        """Return the contents of a keystore: see `ehtoolkit.open_keystore`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        return self._toolkit.open_keystore(path, secret).keystore

    def change_password(
        self,
        keystore: PathLike,
        password: Password,
        new_password: Password,
        *,
        profile: EncryptionProfile | str | None = None,
    ) -> Changed:
        """Encrypt a keystore with another password: see `ehtoolkit.change_password`."""
        path, old = path_of("keystore", keystore), secret_of("password", password)
        new = secret_of("new_password", new_password)
        chosen = (
            None
            if profile is None
            else EncryptionProfile(checked_choice("profile", profile, EncryptionProfile))
        )
        self._toolkit.require_openable(path)
        return change_password(path, old, new, chosen)

    def rename_key(self, keystore: PathLike, password: Password, key: str, new_name: str) -> RenamedKey:
        """Give a private key of a keystore another name: see `ehtoolkit.rename_key`."""
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        self._toolkit.require_openable(path)
        return rename_key(path, secret, instance_of("key", key, str), instance_of("new_name", new_name, str))

    def import_keys(
        self,
        sources: Paths,
        output: PathLike,
        new_password: Password | None = None,
        *,
        passwords: Passwords = None,
        key_password: Password | None = None,
        alias: str | None = None,
        profile: EncryptionProfile | str = "compatible",
    ) -> Keystore:
        """Make one keystore of private keys and certificates in files: see `ehtoolkit.import_keys`."""
        files, target = paths_of("sources", sources), path_of("output", output)
        given, found = optional_secret_of("new_password", new_password), passwords_of("passwords", passwords)
        secret = optional_secret_of("key_password", key_password)
        name = optional_instance_of("alias", alias, str)
        chosen = EncryptionProfile(checked_choice("profile", profile, EncryptionProfile))
        require_new(target)
        for file in files:
            self._toolkit.require_openable(file)
        combined = combine_sources([read_source(file, partial(found, file), secret) for file in files], name)
        password = given or combined.password
        if password is None:
            raise TypeError("new_password has to be given: the sources do not have one password")
        return Keystore.of(write_combined(target, combined, password, chosen))

    def convert_keystore(
        self,
        keystore: PathLike,
        password: Password,
        output: PathLike,
        *,
        new_password: Password | None = None,
        profile: EncryptionProfile | str = "compatible",
    ) -> WrittenKeystore:
        """Write a keystore of another format as a PKCS#12 file: see `ehtoolkit.convert_keystore`."""
        return self._rewritten(keystore, password, output, new_password, profile, salvage=False)

    def rescue_keystore(
        self,
        keystore: PathLike,
        password: Password,
        output: PathLike,
        *,
        new_password: Password | None = None,
        profile: EncryptionProfile | str = "compatible",
    ) -> WrittenKeystore:
        """Save the intact keys and certificates of a damaged keystore: see `ehtoolkit.rescue_keystore`."""
        return self._rewritten(keystore, password, output, new_password, profile, salvage=True)

    def _rewritten(
        self,
        keystore: PathLike,
        password: Password,
        output: PathLike,
        new_password: Password | None,
        profile: EncryptionProfile | str,
        *,
        salvage: bool,
    ) -> WrittenKeystore:
        path, target = path_of("keystore", keystore), path_of("output", output)
        old, new = secret_of("password", password), optional_secret_of("new_password", new_password)
        chosen = EncryptionProfile(checked_choice("profile", profile, EncryptionProfile))
        self._toolkit.require_openable(path)
        return WrittenKeystore.of(target, rewrite_file(path, old, target, new, chosen, salvage=salvage))

    def find_keystores(self, folder: Paths | None = None) -> ResultTuple[HolderFile]:
        """Return the files in the keystore folder, or in ``folder``, whose names are those of keystores: see
        `ehtoolkit.find_keystores`."""
        folders = (self.keystores,) if folder is None else paths_of("folder", folder)
        return ResultTuple(keystore for path in folders for keystore in find_keystores(path))

    @overload  # a str is one path, although it could be many letters
    def diagnose(  # type: ignore[overload-overlap]
        self, keystore: PathLike, password: Passwords = None
    ) -> Diagnosis: ...
    @overload
    def diagnose(
        self, keystore: Iterable[PathLike], password: Passwords = None
    ) -> ResultTuple[Diagnosis]: ...
    def diagnose(self, keystore: Paths, password: Passwords = None) -> Diagnosis | ResultTuple[Diagnosis]:
        """Return what a file is and what is wrong with it: see `ehtoolkit.diagnose`."""
        files, passwords = paths_of("keystore", keystore), passwords_of("password", password)
        listing = {folder: FolderListing.in_folder(folder) for folder in {file.parent for file in files}}
        found = ResultTuple(self._diagnosed(file, passwords(file), listing[file.parent]) for file in files)
        return found[0] if is_single_path(keystore) else found

    def _diagnosed(self, file: Path, passwords: Sequence[Secret], listing: FolderListing) -> Diagnosis:
        """Return the diagnosis of ``file`` with the first of ``passwords`` that opens it, else with the first."""
        if passwords:
            self._toolkit.require_openable(file)
        return diagnose_with_first(passwords, lambda password: self._diagnosed_with(file, password, listing))[
            0
        ]

    def _diagnosed_with(self, file: Path, password: Secret | None, listing: FolderListing) -> Diagnosis:
        """Return the diagnosis of ``file``. The training clock applies to certificates of training, in any folder."""
        trains = self.settings.is_of_training(file)
        now = self._training_now() if trains else SystemClock().now()
        found = diagnose(file, password, now, listing=listing)
        if found.environment is Environment.TRAINING and not trains:
            return diagnose(file, password, self._training_now(), listing=listing)
        return found

    def _training_now(self) -> datetime:
        if self._toolkit.training is not None:
            return self._toolkit.training.clock.now()
        with closing(open_training_platform(self.settings)) as training:
            return training.clock.now()

    # ── messages ─────────────────────────────────────────────────────────────────────────────────────────
    def save_etk(self, holder: str, output: PathLike) -> Path:
        """Write the signed token of a holder to a new file: see `ehtoolkit.save_etk`."""
        path = path_of("output", output)
        save_token(instance_of("holder", holder, str), path, self._toolkit.context)
        return path

    def seal(
        self,
        content: PathLike,
        output: PathLike,
        keystore: PathLike,
        password: Password,
        *,
        recipients: Iterable[PathLike] = (),
        to_self: bool = False,
        authorities: Iterable[PathLike] = (),
    ) -> SealedFile:
        """Seal a file for one or more holders of encryption tokens: see `ehtoolkit.seal`."""
        source, target = path_of("content", content), path_of("output", output)
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        wanted, trusted_files = recipients_of("recipients", recipients), paths_of("authorities", authorities)
        context, sender = self._toolkit.context, self._toolkit.open_keystore(path, secret).keystore
        trusted = self._authorities(trusted_files).adding(sender.chain)
        now = context.clock.now()
        found = [
            token_in_file(recipient, trusted, now)
            if isinstance(recipient, Path)
            else token_at_depot(recipient, context, trusted)
            for recipient in wanted
        ]
        if to_self:
            found.append(own_recipient(sender))
        return seal_file(source, target, found, sender, now)

    def unseal(
        self,
        message: PathLike,
        keystore: PathLike,
        password: Password,
        output: PathLike | None = None,
        *,
        unproven: bool = False,
        online: bool = False,
        authorities: Iterable[PathLike] = (),
    ) -> OpenedFile:
        """Open a sealed message and check all of it: see `ehtoolkit.unseal`."""
        source = path_of("message", message)
        target = None if output is None else path_of("output", output)
        path, secret = path_of("keystore", keystore), secret_of("password", password)
        trusted_files = paths_of("authorities", authorities)
        reader = self._toolkit.open_keystore(path, secret).keystore
        with revocation_asker(self.settings) if online else nullcontext() as ask:
            return open_file(
                source,
                reader,
                self._authorities(trusted_files),
                self.clock.now(),
                output=target,
                unproven=unproven,
                ask_revocation=ask,
            )

    def _authorities(self, files: Sequence[Path]) -> TrustedAuthorities:
        return self._toolkit.context.message_authorities().with_anchors(authorities_in_files(files).anchors)

    # ── practices ────────────────────────────────────────────────────────────────────────────────────────
    def open_registry(self) -> Registry:
        """Open the registry of providers of this environment, which the caller closes; a missing one is created."""
        from ehtoolkit.providers import open_registry

        return open_registry(self.settings, self.clock)

    def audit(
        self,
        folder: Paths | None = None,
        passwords: Passwords = None,
        *,
        providers: Registry | bool = False,
        practice: str | None = None,
        due_within: timedelta | int = DUE_WITHIN,
        now: datetime | None = None,
        online: bool = False,
        language: str | None = None,
        processes: int = 2,
        executor: Executor | None = None,
    ) -> Audit:
        """Return what is in folders of keystores and what is wrong with it: see `ehtoolkit.audit`."""
        from ehtoolkit.auditing.audit import run_audit
        from ehtoolkit.auditing.options import AuditOptions
        from ehtoolkit.providers import Registry

        if folder is None:  # before the first request there is no such folder, and nothing is wrong with that
            folder = [self.keystores] if self.keystores.is_dir() else []
        folders, given = paths_of("folder", folder), self._passwords(passwords)
        if not isinstance(providers, Registry | bool):
            raise wrong_type("providers", "a registry or bool", providers)
        if not isinstance(due_within, timedelta):
            due_within = timedelta(days=instance_of("due_within", due_within, int))
        if due_within < timedelta(0):
            raise ValueError("due_within has to be 0 or more")
        if instance_of("processes", processes, int) < 1:
            raise ValueError("processes has to be 1 or more")
        given_registry = providers if isinstance(providers, Registry) else None
        with revocation_asker(self.settings, anew=False) if online else nullcontext() as ask:
            options = AuditOptions.of(
                self.settings,
                folders,
                registry=given_registry or bool(providers),
                training_now=self._training_now,
                now=optional_instance_of("now", now, datetime),
                due_within=due_within,
                cache=None,
                processes=processes,
                language=None if language is None else checked_choice("language", language, LANGUAGES),
                ask_revocation=ask,
                practice=optional_instance_of("practice", practice, str),
                executor=optional_instance_of("executor", executor, Executor),
            )
            opened = self.open_registry if given_registry is None else lambda: nullcontext(given_registry)
            return run_audit(folders, given, options, opened)

    def _passwords(self, passwords: Passwords) -> PasswordsOf:
        """Return the function that gives the passwords of a file; none where that file may not be opened on a shared
        server."""
        given = passwords_of("passwords", passwords)

        def openable(file: Path) -> Sequence[Secret]:
            try:
                self._toolkit.require_openable(file)
            except errors.KeystoreNotIssued:
                return ()
            return given(file)

        return openable


def connect(environment: str | None = None, *, settings: Settings | None = None, **others: object) -> Client:
    """Open a connection to ``training`` (the default), ``acceptance`` or ``production``. Use it in a ``with`` block.

    Args:
        others: any setting by its name, a field of `Settings`, for example ``home="…"``. The ``EHTOOLKIT_*`` variables
            give the rest.
        settings: all settings, instead of single ones.

    Raises `errors.SettingInvalid`, and `TypeError` when both are given.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect(environment="training") as eh:
    ...     identity = eh.read_card("training:elise")
    ...     _ = eh.training.clock.move("+1d")
    >>> identity.person.full_name
    'Élise Marie Vandamme'
    """
    if settings is None:
        return Client(load_settings(environment=environment, **others))
    if environment is not None or others:
        raise TypeError("settings has to be given alone, or single settings without it")
    return Client(instance_of("settings", settings, Settings))
