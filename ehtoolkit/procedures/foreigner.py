"""Ask for a certificate without an identity card: for people who live abroad and have a BIS number.

The request is not signed. The platform gives a web address at which the holder logs in and confirms; `complete` goes on
from there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, PrivateKey, generate_key
from ehtoolkit.ehealth.certra import ForeignRequest, certificate_request
from ehtoolkit.identity import ContactData, DistinguishedName, Niss, Person
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.found_keystore import holder_key
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedStates, RequestRecord, write_request_record
from ehtoolkit.procedures.authorization import require_requested_for
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.request import (
    archive_given_up,
    archive_unfit,
    fit_and_unfit,
    holder_lock,
    request_record,
    require_resumable,
    send_request,
    write_new_keystore,
)
from ehtoolkit.procedures.request_preconditions import RequestPreconditions
from ehtoolkit.procedures.result import ProcedureResult, Validation, record_state
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class ForeignerRequest:
    """For whom the certificate is, with the names as the holder writes them, and how he is reached.

    Raises `errors.IdentifierInvalid` (kind ``niss``) for a number whose check digits do not hold, and (reason
    ``not_bis``) for one of the national register.
    """

    person: Person
    contact: ContactData

    def __post_init__(self) -> None:
        if not Niss.parse(self.person.niss.digits).is_bis:
            raise errors.IdentifierInvalid(kind="niss", reason="not_bis")

    @property
    def name(self) -> DistinguishedName:
        """The distinguished name, which the client makes: no contract names it. Last name first."""
        return DistinguishedName.for_person(self.person)


def request_foreign(
    requested: ForeignerRequest,
    password: Secret,
    context: Context,
    *,
    insist: bool = False,
    kind: NewKeyKind | None = None,
) -> ProcedureResult:
    """Ask for a certificate for a person without an identity card: the whole procedure. A request that was prepared
    under this password and never sent is sent now, with its own key pair.

    Args:
        insist: a new one, although a keystore of the same holder waits, or may wait.
        kind: of the key, where it is to be this one, as in `ehtoolkit.procedures.request.request`.

    Raises `errors.PasswordNotAllowed`, `errors.RequestWaiting`, `errors.RequestUnclear`, `errors.NeverSent` (for one
    under another password), `errors.RequestRunning`, what writing a keystore raises, and what `submit` raises; the key
    pair is then on disk.
    """
    check_new_password(password, names_in(requested.name))
    with holder_lock(requested.name, context):
        unclear = unclear_files(requested, context) if insist else ()
        file, unfit = keystore_for(requested, password, context, insist=insist, kind=kind)
        outcome = submit(file, requested, context)
        archive_unfit(unfit)
        archive_given_up(unclear)
        return outcome


def check_no_pending(requested: ForeignerRequest, context: Context) -> RequestPreconditions:
    """Return what is there for the person. Raises `errors.RequestWaiting` while another request of theirs waits,
    `errors.CertificateInForce` (reason ``without_card``) while a certificate of theirs cannot be renewed yet, and
    `errors.RequestUnclear` while one may wait: the platform's list needs a card, so that the files alone tell."""
    preconditions = RequestPreconditions.look(requested.name, context)
    preconditions.refuse_waiting()
    _refuse_second(requested.name, context)
    preconditions.refuse_in_force(())
    preconditions.refuse_unclear(None)
    return preconditions


def _refuse_second(name: DistinguishedName, context: Context) -> None:
    """Raise `errors.CertificateInForce` where a keystore of the folder is known to be in force and not yet to be
    renewed: the platform refuses another request until then."""
    files = HolderFiles.in_folder(context.keystores, context.notes, context.clock.now())
    there = files.in_force(holder_key(name.identifier, name.application_id), context.environment)
    if there is None or there.key_id is None:
        return
    seen = CachedStates.read(context.notes).of_key(there.key_id)
    raise errors.CertificateInForce(
        path=str(there.path),
        key_id=there.key_id,
        until=None if seen is None else seen.not_after,
        reason="without_card",
    )


def unclear_files(requested: ForeignerRequest, context: Context) -> tuple[Path, ...]:
    """Return the keystores of requests of the person that the platform may have: they go into the archive once another
    request is accepted that the user insists on."""
    return RequestPreconditions.look(requested.name, context, lenient=True).given_up(())


def keystore_for(
    requested: ForeignerRequest,
    password: Secret,
    context: Context,
    *,
    insist: bool = False,
    kind: NewKeyKind | None = None,
) -> tuple[KeystoreFile, KeystoreFile | None]:
    """Return the keystore to send the request for: a new one, or one that was prepared under this password and never
    sent, with a new note; and the one to `archive_unfit` afterwards. Raises as `request_foreign` does."""
    unsent = None if insist else check_no_pending(requested, context).unsent(password)
    file, unfit = fit_and_unfit(unsent, kind)
    if file is None:
        return write_keystore(requested, password, context.asking_for(kind)), unfit
    write_request_record(context.notes, _record_of(file.keystore.authentication.key, requested, context))
    return file, None


def resume_foreign(file: KeystoreFile, requested: ForeignerRequest, context: Context) -> ProcedureResult:
    """Send a request whose key pair is on disk and which never reached the platform.

    Raises as `require_resumable` does, and `errors.DifferentKeystoreHolder`.
    """
    with holder_lock(requested.name, context):
        require_resumable(file, context)
        require_requested_for(file, requested.name, context)
        write_request_record(context.notes, _record_of(file.keystore.authentication.key, requested, context))
        return submit(file, requested, context)


def write_keystore(requested: ForeignerRequest, password: Secret, context: Context) -> KeystoreFile:
    """Write a new key pair into a new keystore on disk, and the note beside it, before anything is sent.

    Raises `errors.PasswordNotAllowed`, and what writing a keystore raises.
    """
    check_new_password(password, names_in(requested.name))
    key = generate_key(context.new_key_kind(requested.person.niss))
    record = _record_of(key, requested, context)
    return write_new_keystore(key, record, requested.name, password, context)


def submit(
    file: KeystoreFile, requested: ForeignerRequest, context: Context, *, retry: bool = False
) -> ProcedureResult:
    """Send the request, once, and note where it is confirmed. After a lost answer the platform is asked whether it has
    the request; the address is then in its e-mail alone. ``retry``: it was tried before and may have arrived, so that
    the platform is asked first.

    Raises one of `errors.OUTCOME_UNKNOWN` only when the platform does not know the key, or cannot be asked either, and
    `errors.NewKeyRefused` where it may have refused the kind of the key.
    """
    key, certra = file.keystore.authentication.key, context.platform.certra
    csr = certificate_request(key, requested.name)
    asked = send_request(
        file,
        context,
        lambda: certra.submit_csr_for_foreigner(requested.person, requested.contact, csr),
        retry=retry,
    )
    validation = Validation()
    if isinstance(asked, ForeignRequest):
        validation = Validation(asked.validation_url, asked.expires)
        record = replace(
            _record_of(key, requested, context), validation_url=validation.url, expires=validation.until
        )
        with suppress(errors.KeystoreError):  # a full disk: the address is shown now, and comes by e-mail
            write_request_record(context.notes, record)
    record_state(file, context, State.WAITING)
    return replace(ProcedureResult.of(file, State.WAITING), validation=validation)


def _record_of(key: PrivateKey, requested: ForeignerRequest, context: Context) -> RequestRecord:
    return request_record(key, requested.name.text, requested.contact, context, without_card=True)
