"""Ask for a certificate: qualities, contract, key pair on disk, signed request, which is sent once.

`ask_qualities`, `fetch_contract`, `sign`, `write_keystore` and `submit` are the procedure; `request` runs them in order
for the command line and for Python, and a form calls them one by one, since people read and type between them.

A request that was never sent is taken up again or archived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSigner, PinPrompt, PinSource, check_holder, pin_for
from ehtoolkit.crypto.keys import NewKeyKind, PrivateKey, generate_key, kind_of, new_kind_of
from ehtoolkit.ehealth.certra import RequestReceipt, certificate_request, public_key_identifier
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.identity import Actor, ContactData, DistinguishedName, Person
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.repair.merging import carry_old_keys
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.keystore.storage.records import (
    RequestRecord,
    actor_lock,
    read_request_record,
    sha256_of_file,
    write_request_record,
)
from ehtoolkit.procedures.authorization import (
    ask_qualities,
    check_not_reused,
    require_environment,
    require_requested_for,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.organisation_types import BASE_SERVICES, organisation_types
from ehtoolkit.procedures.request_preconditions import (
    ApplicantInfo,
    check_preconditions,
    fetch_applicant_info,
    unclear_or_listed,
)
from ehtoolkit.procedures.result import ProcedureResult, record_state
from ehtoolkit.procedures.send_once import send_once
from ehtoolkit.procedures.state.requests import (
    KeyAnswer,
    RequestStatus,
    arrived_request,
    fetch_request_status,
)
from ehtoolkit.secret import Secret

Accepted = TypeVar("Accepted")


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """The signer, the holder, and their contact data. ``base_services``: of eHealth, which are told
    of the new certificate; None: all that there are for this holder, as the proven client does."""

    signer: Person
    actor: Actor
    contact: ContactData
    application_id: str | None = None
    base_services: tuple[str, ...] | None = None

    @property
    def name(self) -> DistinguishedName:
        """The distinguished name that the certificate will have, as far as type, number and application id."""
        return DistinguishedName.for_actor(self.actor, self.application_id)


def fetch_contract(requested: CertificateRequest, context: Context) -> Contract:
    """Return the platform's contract for ``requested``, which has to be shown before it is signed."""
    return context.platform.certra.generate_contract(
        requested.signer, requested.actor, requested.contact, requested.application_id
    )


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that is signed and not sent yet: the key pair, the message that asks for its certificate, and the
    record to write before it is sent."""

    pair: PrivateKey
    message: Element
    record: RequestRecord


def sign(
    contract: Contract,
    requested: CertificateRequest,
    card: Card,
    pin: PinSource,
    context: Context,
    pair: PrivateKey | None = None,
    *,
    replaced: Keystore | None = None,
) -> PreparedRequest:
    """Sign the contract, with the second PIN, together with a request for a new key pair (or for ``pair``, to resume).

    Args:
        replaced: the keystore of a request that was refused, and that this one replaces: its base services are named.

    The new key pair is of the kind that ``context`` names. Nothing is written or sent, so that a wrong PIN leaves
    nothing behind. Raises `errors.DifferentCardHolder` when the card was exchanged for another person's.
    """
    check_holder(card, requested.signer)
    resumed = None if pair is None else public_key_identifier(pair.public_key())
    resumed = resumed if replaced is None else replaced.key_id
    services = _base_services(requested, resumed, context)
    pair = pair or generate_key(context.new_key_kind(requested.signer.niss))
    message = context.platform.certra.sign_certificate_request(
        certificate_request(pair, contract.distinguished_name),
        contract,
        requested.contact,
        CardSigner(card, CardKey.SIGNATURE, pin_for(CardKey.SIGNATURE, pin)),
        BASE_SERVICES if services is None else services,
    )
    record = request_record(pair, contract.dn, requested.contact, context, base_services=services)
    return PreparedRequest(pair, message, record)


def _base_services(
    requested: CertificateRequest, resumed: str | None, context: Context
) -> tuple[str, ...] | None:
    """Return the base services to name: those of the record of the key ``resumed``, else those of ``requested``, else
    those that the platform allows; None, which stands for all, when it does not say."""
    record = None if resumed is None else read_request_record(context.notes, resumed)
    if record is not None and record.base_services is not None:
        return record.base_services
    if requested.base_services is not None:
        return requested.base_services
    holder = requested.actor.identifier
    return BASE_SERVICES if holder.is_person else organisation_types(context).allowed_services(holder.type)


def write_keystore(
    signed: PreparedRequest,
    password: Secret,
    name: DistinguishedName,
    context: Context,
    *,
    replaced: Keystore | None = None,
) -> KeystoreFile:
    """Write the key pair into a new keystore on disk, and the note beside it, before anything is sent.

    Args:
        name: of the holder, for the name of the file.
        replaced: the keystore of a request that was refused, and that this one replaces: its decryption keys come
            along, as a renewal has them.

    Raises `errors.PasswordNotAllowed`, and what writing a keystore raises.
    """
    check_new_password(password, names_in(name))
    old = () if replaced is None else (replaced,)
    return write_new_keystore(signed.pair, signed.record, name, password, context, replaced=old)


def submit(
    file: KeystoreFile, signed: PreparedRequest, context: Context, *, retry: bool = False
) -> ProcedureResult:
    """Send what was signed, once. After a lost answer, or one that does not say what was done, the platform is asked
    what it has. ``retry``: it was tried before and may have arrived, so that the platform is asked first.

    Raises one of `errors.OUTCOME_UNKNOWN` only when asking does not help either: `complete` then finds out later.
    Raises `errors.NewKeyRefused` where the platform may have refused the kind of the key: the file stays as it is. With
    ``retry`` raises `errors.RequestUnclear` when the platform's answer is not understood: then nothing was sent.
    """
    certra, key_id = context.platform.certra, signed.record.key_id
    accepted = send_request(
        file, context, lambda: certra.generate_certificate(signed.message, key_id), retry=retry
    )
    by_person = isinstance(accepted, RequestReceipt) and not accepted.automatically_validated
    state = State.VALIDATING if by_person else State.WAITING
    record_state(file, context, state)
    return ProcedureResult.of(file, state)


def request(
    requested: CertificateRequest,
    card: Card,
    pin: PinPrompt,
    password: Secret,
    context: Context,
    *,
    show: Callable[[Contract], None],
    insist: bool = False,
    applicant: ApplicantInfo | None = None,
    kind: NewKeyKind | None = None,
) -> ProcedureResult:
    """Ask for a certificate: the whole procedure. A request of the same holder that was prepared under this password
    and never sent is sent now, with its own key pair. ``show`` presents the contract and raises to stop.

    Args:
        insist: a new one, whatever stands in the way or has the application id. A file whose request the platform may
            have is put into the archive when the new one is sent.
        applicant: of the holder, where that was done already.
        kind: of the key, where it is to be this one: a request that was prepared with another and never sent is put
            into the archive when the new one is sent.

    Raises, unless ``insist``, what stands in the way: see `RequestPreconditions`.
    """
    check_new_password(password, names_in(requested.name))
    context = context.asking_for(kind)
    with holder_lock(requested.name, context):
        checked = check_preconditions(
            requested.name,
            context,
            lambda: applicant or fetch_applicant_info(card, pin, context),
            password=password,
            insist=insist,
        )
        unsent, unfit = fit_and_unfit(checked.unsent, kind)
        qualities = checked.applicant.qualities
        check_not_reused(password, requested.signer, requested.actor, qualities, context)
        if unsent is not None:
            signed = sign_shown(requested, card, pin, context, show, unsent)
            return _send_prepared(unsent, signed, context)
        signed = sign_shown(requested, card, pin, context, show)
        file = write_keystore(signed, password, requested.name, context)
        outcome = submit_new(file, signed, context, insist=insist)
        archive_unfit(unfit)
        archive_given_up(checked.unclear)
        return outcome


def submit_new(
    file: KeystoreFile, signed: PreparedRequest, context: Context, *, insist: bool, retry: bool = False
) -> ProcedureResult:
    """Send a request for a keystore that was just made. When the platform refuses what the user insisted on, the
    keystore goes into the archive: it would not be resumed, and the next try would make another. Raises as `submit`
    does."""
    try:
        return submit(file, signed, context, retry=retry)
    except errors.PlatformRefused as refused:
        if insist and refused.reason is None and not isinstance(refused, errors.NewKeyRefused):
            archive_refused(file, context)
        raise


def resume(
    file: KeystoreFile,
    requested: CertificateRequest,
    card: Card,
    pin: PinPrompt,
    context: Context,
    *,
    show: Callable[[Contract], None],
) -> ProcedureResult:
    """Send a request whose key pair is on disk and which never reached the platform: same pair, new contract.

    Works on a renewed keystore too: the decryption keys of the older one are in it. When the platform's answer about
    the key is not understood, nothing is sent, and its list for the card is asked.

    Raises as `require_resumable` does, and `errors.DifferentKeystoreHolder` when the pair was made for another holder
    than that of ``requested``.
    """
    with holder_lock(requested.name, context):
        status = require_may_resume(file, context)
        require_requested_for(file, requested.name, context)
        if status.is_unclear:
            applicant = fetch_applicant_info(card, pin, context)
            raise unclear_or_listed(file.path, file.keystore.key_id, status, applicant)
        ask_qualities(card, pin, context)
        return _send_prepared(file, sign_shown(requested, card, pin, context, show, file), context)


def sign_shown(
    requested: CertificateRequest,
    card: Card,
    pin: PinPrompt,
    context: Context,
    show: Callable[[Contract], None],
    prepared: KeystoreFile | None = None,
) -> PreparedRequest:
    """Have the contract drawn up and shown, then sign as `sign` does: for a new key pair, or that of ``prepared``."""
    contract = fetch_contract(requested, context)
    show(contract)
    pair = None if prepared is None else prepared.keystore.authentication.key
    return sign(contract, requested, card, pin, context, pair)


def _send_prepared(file: KeystoreFile, signed: PreparedRequest, context: Context) -> ProcedureResult:
    """Send the request for the key pair of ``file``, which was never sent."""
    write_request_record(context.notes, signed.record)
    return submit(file, signed, context)


# ── A request is sent once ───────────────────────────────────────────────────────────────────────────────
_NOT_THE_KEY: Final = (
    "SIGNER_",
    "CONTRACT_",
    "CONTACT_",
    "CERT_",
    "ACTOR_",
    "NAME_",
    "IDENTIFIER_",
    "APPLICATION_",
    "BASE_",
    "REQUEST_",
    "SIGNATURE_",
    "SSIN_",
    "CSR_SUBJECT",
)
"""Beginnings of codes that name another reason. What the real platform answers to a key that it does not want was not
seen, so every code that is not known may be about the key."""


def holder_lock(name: DistinguishedName, context: Context) -> AbstractContextManager[None]:
    """Hold the holder's lock, from the contract to the written answer: one request per environment, actor and
    application id.

    Raises `errors.RequestRunning` when another page or process holds it.
    """
    return actor_lock(context.locks, context.environment, name.identifier, name.application_id)


def request_record(
    key: PrivateKey,
    name: str,
    contact: ContactData,
    context: Context,
    *,
    base_services: tuple[str, ...] | None = None,
    without_card: bool = False,
) -> RequestRecord:
    """Return the record of what is requested now for a key. ``name``: the distinguished name, as the contract has
    it."""
    return RequestRecord(
        public_key_identifier(key.public_key()),
        name,
        context.environment,
        context.clock.now(),
        **asdict(contact),
        without_card=without_card,
        base_services=base_services,
    )


def write_new_keystore(
    key: PrivateKey,
    record: RequestRecord,
    name: DistinguishedName,
    password: Secret,
    context: Context,
    *,
    replaced: Iterable[Keystore] = (),
    folder: Path | None = None,
) -> KeystoreFile:
    """Write ``key`` into a new keystore on disk, then the record, before anything is sent. In this order, so that there
    are never contact data without a keystore.

    Args:
        name: of the holder, for the name of the file.
        replaced: keystores whose decryption keys come along.
        folder: None is the keystore folder.

    Raises what writing a keystore raises; then there is neither.
    """
    moment = context.clock.now()
    keystore = reduce(carry_old_keys, replaced, Keystore.prepare(key, moment))
    path = keystore_path(
        folder or context.keystores, name.identifier, name.application_id, moment, context.environment
    )
    file = KeystoreFile.create(path, keystore, password, context.profile)
    try:
        write_request_record(context.notes, replace(record, requested_at=moment))  # as the file's name says
    except errors.EhToolkitError:
        with suppress(OSError):  # the next try makes another one, and nothing was sent for this key
            file.path.unlink()
        raise
    return file


def send_request(
    file: KeystoreFile, context: Context, send: Callable[[], Accepted], *, retry: bool = False
) -> Accepted | RequestStatus:
    """Send a request for the key of ``file`` as `send_once` does, and return the answer, or what the platform says of
    the request that it has.

    Raises `errors.NewKeyRefused` instead of a refusal that may be for the kind of the key, unless the clock of
    this computer is the reason; and as `send_once` and `arrived_request`.
    """
    kind = new_kind_of(kind_of(file.keystore.authentication.key))
    try:
        return send_once(send, lambda: arrived_request(file, context), retry=retry)
    except (errors.RequestRefused, errors.ValidationOverdue):
        record_state(file, context, State.REFUSED)
        raise
    except errors.PlatformRefused as refused:
        if kind is None or refused.reason is not None or refused.code.startswith(_NOT_THE_KEY):
            raise
        raise errors.NewKeyRefused(
            code=refused.code,
            detail=refused.detail,
            correlation_id=refused.correlation_id,
            kind=str(kind.kind),
            other=str(kind.other.kind),
            option=kind.other.value,
        ) from refused


# ── Requests that were never sent, or refused ─────────────────────────────────────────────────────────
def require_resumable(file: KeystoreFile, context: Context, applicant: ApplicantInfo | None = None) -> None:
    """Check that a request was never sent and can be.

    Args:
        applicant: whose list of the platform counts when its answer about the key is not understood; None: not asked.

    Raises `errors.RequestUnclear` when the platform's answer is not understood, and as `require_may_resume`.
    """
    status = require_may_resume(file, context)
    if status.is_unclear:
        raise unclear_or_listed(file.path, file.keystore.key_id, status, applicant)


def require_may_resume(file: KeystoreFile, context: Context) -> RequestStatus:
    """Return what the platform says of a key for which a request may still have to be sent: that it does not know the
    key, or an answer that is not understood. Raises `errors.WrongState` when the keystore has its certificate,
    `errors.RequestWaiting` when the platform knows its key already, `errors.RequestRefused` when it refused to make the
    certificate, `errors.WrongEnvironment` when it was made in another environment."""
    require_environment(file, context)
    if file.keystore.installed:
        raise errors.WrongState(path=str(file.path), state=State.NO_ETK)
    status = fetch_request_status(file.keystore.key_id, context, even_faults=True)
    if status.state is State.REFUSED:
        raise errors.RequestRefused(path=str(file.path), code=status.code, detail=status.refusal)
    if status.meaning is KeyAnswer.KNOWN:
        raise errors.RequestWaiting(path=str(file.path))
    return status


def fit_and_unfit(
    unsent: KeystoreFile | None, kind: NewKeyKind | None
) -> tuple[KeystoreFile | None, KeystoreFile | None]:
    """Return a request that was prepared and never sent, first where its key may be sent, second where it is of another
    kind than the one that is wanted now; None in the other place."""
    if unsent is None or kind is None or kind_of(unsent.keystore.authentication.key) == kind.kind:
        return unsent, None
    return None, unsent


def archive_unfit(unfit: KeystoreFile | None) -> None:
    """Move a keystore into the archive whose request was never accepted, after another was, so that it is not resumed.
    Where that fails it stays, and does no harm."""
    if unfit is not None:
        with suppress(errors.KeystoreError):
            archive_keystore(unfit.path)


def archive_given_up(paths: Iterable[Path]) -> None:
    """Move the keystores of requests that the platform may have into the archive, after another was accepted: from
    there they can be completed or resumed. One that cannot be moved stays, and does no harm."""
    for path in paths:
        with suppress(errors.KeystoreError):
            archive_keystore(path)


def archive_refused(file: KeystoreFile, context: Context) -> None:
    """Move a keystore whose request was refused into the archive, once the platform says that it does not know the key,
    and while the file is as it was written. Otherwise, and after any other answer, it stays."""
    with suppress(errors.PlatformError, errors.KeystoreError, errors.FileUnreadable):
        status = fetch_request_status(file.keystore.key_id, context)
        if status.meaning is KeyAnswer.NOT_KNOWN and sha256_of_file(file.path) == file.content:
            archive_keystore(file.path)
