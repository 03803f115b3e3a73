"""Complete a request: install the certificate, make the encryption token, prove that the depot holds it; activate it.

Every step is read from the file and from the platform, so the procedure goes on wherever an earlier run stopped:
nothing that was sent exists only in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, generate_key
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, EtkStatus, require_understood
from ehtoolkit.ehealth.certra import check_delivered
from ehtoolkit.ehealth.etk import check_etk, encryption_certificate, solve_challenge
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import key_lock
from ehtoolkit.procedures.archive import replaced_files
from ehtoolkit.procedures.authorization import (
    requested_name,
    require_environment,
    require_holder,
    signer_of,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.procedures.result import ProcedureResult, Progress, Stage, record_state
from ehtoolkit.procedures.send_once import send_once
from ehtoolkit.procedures.state.observe import Purpose, fetch_depot_token, observe
from ehtoolkit.procedures.state.requests import (
    KeyAnswer,
    RequestStatus,
    ended,
    fetch_request_status,
    open_validation,
    refusal_of,
)
from ehtoolkit.procedures.state.situation import (
    Situation,
    TokenMatch,
    require_activatable,
    require_newest,
)
from ehtoolkit.result_display import Displayed


def complete(file: KeystoreFile, context: Context, *, progress: Progress = lambda _: None) -> ProcedureResult:
    """Complete a request as far as the platform allows; an undelivered certificate is an outcome, not an error. How far
    it went is kept for the first page. A file that needs nothing is proven again (``already``).

    Raises `errors.RequestWaiting` (reason ``old``), `errors.AlreadyRenewed` (reason ``old``) and `errors.NeverSent` for
    a file that needs nothing while a newer one of its holder takes its place: the newer one was meant.
    Raises `errors.NeverSent` when the platform does not know the key, `errors.RequestRefused` when it will not make
    the certificate and `errors.ValidationOverdue` when the holder did not confirm it in time, `errors.RequestUnclear`
    and `errors.StatusUnclear` when its answer is not understood, `errors.WrongEnvironment` for a keystore of another
    environment, and as `working_on` and `make_etk` do.
    """
    require_environment(file, context)
    with working_on(file, context):
        return complete_locked(file, context, progress)


@contextmanager
def working_on(file: KeystoreFile, context: Context) -> Iterator[None]:
    """Hold the lock of the keystore's holder, so that of two processes only one makes or activates a token; and take in
    what another process wrote to the file before. A keystore that does not say whose it is has a lock of its key.

    Raises `errors.RequestRunning` when another page or process holds the lock, and as `KeystoreFile.reread` does.
    """
    name = file.keystore.holder or requested_name(file, context)
    if name is not None:
        lock = holder_lock(name, context)
    else:
        lock = key_lock(context.locks, context.environment, file.keystore.key_id)
    with lock:
        file.reread()
        yield


def complete_locked(file: KeystoreFile, context: Context, progress: Progress) -> ProcedureResult:
    """Complete as `complete` does, while `working_on` the keystore."""
    try:
        outcome = _complete(file, context, progress)
    except (errors.RequestRefused, errors.ValidationOverdue):
        record_state(file, context, None if file.keystore.installed else State.REFUSED)
        raise
    except errors.EhToolkitError:
        record_state(file, context)  # what was installed stays so
        raise
    record_state(file, context, outcome.state)
    return outcome


def _complete(file: KeystoreFile, context: Context, progress: Progress) -> ProcedureResult:
    installed = file.keystore.installed and file.keystore.has_sound_chain
    if not installed:
        progress(Stage.ASK)
        delivery = install_certificate(file, context)
        if not delivery.delivered:
            return replace(
                ProcedureResult.of(file, State.WAITING),
                not_before=delivery.not_before,
                validation=open_validation(file, context),
            )
    progress(Stage.ETK)
    situation = None
    if installed or file.keystore.current_encryption:  # else there was no certificate to register a key of
        situation = _registered(file, context, Purpose.ACTIVATION if installed else Purpose.REGISTRATION)
    already = installed and situation is not None
    if situation is None:
        to_activate = make_etk(file, context)
    else:
        to_activate = bool(situation.require_known().token_waits)
        if already:
            require_holder(file)
            require_newest(situation)
    if not to_activate:
        progress(Stage.PROVE)
        prove_etk(file, context)
    state = State.TO_ACTIVATE if to_activate else State.COMPLETE
    return replace(ProcedureResult.of(file, state), already=already)


def install_certificate(file: KeystoreFile, context: Context) -> RequestStatus:
    """Fetch the chain, prove that it is for our key and name, and put it where the dummy or a faulty chain was. Return
    what the platform says; nothing is installed while the certificate is not delivered.

    Raises `errors.NeverSent`, `errors.RequestRefused`, `errors.ValidationOverdue`, `errors.RequestUnclear` and
    `errors.ResponseUntrusted`; the file is then unchanged.
    """
    keystore = file.keystore
    delivery = fetch_request_status(keystore.key_id, context)
    if delivery.meaning is not KeyAnswer.KNOWN:
        raise refusal_of(delivery, file, context) from delivery.failure
    if delivery.delivered:
        key = keystore.authentication.key.public_key()
        check_delivered(delivery.chain, key, requested_name(file, context))
        file.save(keystore.with_chain(delivery.chain))
    return delivery


def _registered(file: KeystoreFile, context: Context, purpose: Purpose) -> Situation | None:
    """Return what is observed of the certificate, where the platform has the token of the encryption key in the file;
    else None. Keys that were carried over from an older keystore are of another certificate and do not count. Raises
    `errors.StatusUnclear` where it is not understood whether there is a token."""
    situation = observe(file, context, purpose)
    known = require_understood(situation.require_known())
    return situation if known.has_token and file.keystore.current_encryption else None


def make_etk(file: KeystoreFile, context: Context) -> bool:
    """Make the encryption pair, write it and its certificate to the file, and register the certificate. Returns True
    when the token waits for activation.

    An encryption key in the file that the platform does not have (`_registered`) was made by an earlier run that was
    stopped: its certificate is registered. Where the platform refuses that, the key stays beside a new pair.

    Raises one of `errors.OUTCOME_UNKNOWN` only when asking the platform does not help either, and when it refuses:
    `errors.WrongState` (state ``expired`` or ``revoked``: request a new one) for a certificate that is over, and
    `errors.EtkKeyMissing` where it has a token whose key is not here.
    """
    if file.keystore.current_encryption:
        with suppress(errors.PlatformRefused):
            return _register(file, context)
    keystore = file.keystore
    signer = signer_of(file)
    pair = generate_key(NewKeyKind.RSA_2048)
    try:
        challenge = context.platform.etkra.start_registration(pair.public_key(), signer)
    except errors.PlatformRefused as refused:
        info = context.platform.certra.get_certificate_info(signer)
        over = ended(info)
        if over is not None:
            raise errors.WrongState(path=str(file.path), state=over) from refused
        if keystore.current_encryption or info.has_token is not True:
            raise
        raise errors.EtkKeyMissing(path=str(file.path)) from refused
    serial = solve_challenge(challenge, pair)
    certificate = encryption_certificate(
        keystore.authentication.key, keystore.chain[0], pair.public_key(), serial
    )
    file.save(keystore.with_encryption(pair, load_der_x509_certificate(certificate)))
    return _register(file, context)


def _register(file: KeystoreFile, context: Context) -> bool:
    """Register the certificate of the newest encryption key in the file, whose token the platform does not have. Raises
    and returns as `make_etk` does."""
    keystore, signer = file.keystore, signer_of(file)
    own = keystore.current_encryption[-1]
    registered = send_once(
        lambda: context.platform.etkra.complete_registration(own.chain[0].public_bytes(Encoding.DER), signer),
        lambda: _info_where(signer, context, lambda info: bool(info.has_token)),
    )
    if isinstance(registered, CertificateInfo):
        return bool(registered.token_waits)
    check_etk(registered.etk, own.key.public_key(), keystore.chain[0])
    return registered.to_be_activated


def _info_where(
    signer: KeySigner, context: Context, is_done: Callable[[CertificateInfo], bool]
) -> CertificateInfo | None:
    """Return the platform's words about a certificate when ``is_done`` of them; None when not. Raises
    `errors.StatusUnclear` for words that are not understood."""
    info = require_understood(context.platform.certra.get_certificate_info(signer))
    return info if is_done(info) else None


def prove_etk(file: KeystoreFile, context: Context) -> None:
    """Check that the depot's current token is one of this keystore's own.

    Raises `errors.ResponseUntrusted`: reason ``depot`` when it is not, or when the depot has none; reason ``name`` when
    the keystore has no holder.
    """
    holder = file.keystore.holder
    if holder is None:
        raise errors.ResponseUntrusted(reason="name")
    if fetch_depot_token(file.keystore, holder, context).ours is not TokenMatch.CURRENT:
        raise errors.ResponseUntrusted(reason="depot")


# ── Activate the token of a renewed keystore ───────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, repr=False)
class ActivationResult(Displayed):
    """What an activation leaves behind.

    Attributes:
        already: it was active before, and was only proven.
        retired: older files of the holder, whose decryption keys are all in this one: they may be put away once this
            one is loaded everywhere.
    """

    outcome: ProcedureResult
    already: bool
    retired: tuple[Path, ...] = ()

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("state", self.outcome.state), ("keystore", self.outcome.keystore))
        yield from (("already", self.already), ("retired", self.retired))


def activate(
    file: KeystoreFile, context: Context, *, progress: Progress = lambda _: None
) -> ActivationResult:
    """Activate the encryption token of a keystore, unless that was done, and prove with the depot that its token is
    this keystore's own.

    Raises `errors.WrongState` (state ``prepared`` or ``no_etk``: complete it first; ``expired``, ``revoked``),
    `errors.AlreadyRenewed` for the old file of a renewal, whose token is not the one to activate, or
    `errors.RequestWaiting` (reason ``old``) and `errors.NeverSent` while the new one is not complete,
    `errors.EtkKeyMissing` before a token is activated whose key is missing, `errors.WrongEnvironment`,
    `errors.ResponseUntrusted` (reason ``not_switched``: activated, and the depot still gives out another one),
    one of `errors.OUTCOME_UNKNOWN` only when asking the platform does not help either; and as `working_on` does.
    """
    require_environment(file, context)
    with working_on(file, context):
        return activate_locked(file, context, progress)


def activate_locked(file: KeystoreFile, context: Context, progress: Progress) -> ActivationResult:
    """Activate as `activate` does, while `working_on` the keystore."""
    holder = require_holder(file)
    progress(Stage.ASK)
    situation = observe(file, context, Purpose.ACTIVATION)
    already = not require_activatable(situation).token_waits
    if not already:
        progress(Stage.ACTIVATE)
        _activate_once(file, context)
    progress(Stage.PROVE)
    ours = fetch_depot_token(file.keystore, holder, context).ours is TokenMatch.CURRENT
    if not ours:
        raise errors.ResponseUntrusted(reason="not_switched")
    outcome = ProcedureResult.of(file, State.ACTIVE)
    record_state(file, context, outcome.state)
    return ActivationResult(outcome, already, replaced_files(file, context))


def _activate_once(file: KeystoreFile, context: Context) -> None:
    """Activate the token. The request is never sent twice: after a lost answer the platform is asked whether it was
    done."""
    signer = signer_of(file)
    send_once(
        lambda: context.platform.etkra.activate(signer),
        lambda: _info_where(signer, context, lambda info: info.known_token is EtkStatus.VALID_ACTIVE),
    )
