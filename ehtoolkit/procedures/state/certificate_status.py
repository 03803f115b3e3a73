"""The status of a certificate: file, platform and depot, asked without a card and compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.certificate_info import CertificateInfo, CertStatus, EtkStatus
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.finding import Finding, Severity, sort_by_severity
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import NextAction, ProcedureResult, State, next_action
from ehtoolkit.procedures.state.depot import fetch_depot_token
from ehtoolkit.procedures.state.history import record_state
from ehtoolkit.procedures.state.request_status import RequestStatus, fetch_request_status
from ehtoolkit.procedures.state.standing import (
    Standing,
    before_installation,
    finding,
    of_depot,
    of_file,
    of_newer,
    of_platform,
    over_since,
)
from ehtoolkit.procedures.state.successors import Successor, find_successors, successors
from ehtoolkit.procedures.state.validation import (
    is_foreign,
    is_overdue,
    open_validation,
    to_confirm,
    validation_of,
)

_BY_CERTIFICATE: Final[dict[str, State]] = {
    CertStatus.IN_PROGRESS: State.WAITING,
    CertStatus.REFUSED: State.REFUSED,
    CertStatus.REVOKED: State.REVOKED,
    CertStatus.EXPIRED: State.EXPIRED,
}
_BY_ETK: Final[dict[str, State]] = {
    EtkStatus.NOT_REQUESTED: State.NO_ETK,
    EtkStatus.IN_REQUEST: State.NO_ETK,
    EtkStatus.WAIT_FOR_ACTIVATION: State.TO_ACTIVATE,
    EtkStatus.REVOKED: State.NO_ETK,
    EtkStatus.EXPIRED: State.NO_ETK,
}


def status(file: KeystoreFile, parts: Context) -> Standing:
    """Compare the keystore with what the platform and the depot say; signed by the keystore itself, where it can.

    A platform that does not answer, or whose answer makes no sense, is no error here: the standing then says what
    the file alone says, and why that was not checked. Raises `errors.WrongEnvironment` alone. What the platform said
    is kept for the first page.
    """
    require_environment(file, parts)
    try:
        found = _installed(file, parts) if file.keystore.installed else _before_installation(file, parts)
    except errors.PlatformError as error:
        found = _unchecked(file, error, parts)
    start = None if found.info is None else found.info.replaceable_from
    record_state(file, parts, found.state if found.checked else None, start)
    return found


def state_of(info: CertificateInfo, *, has_encryption_key: bool) -> tuple[State, NextAction | None]:
    """Return state and next step by the platform's words; words that we do not know give ``unknown``."""
    state = _state_of(info, has_encryption_key)
    return state, next_action(state)


def ended(info: CertificateInfo) -> State | None:
    """Return the state ``expired`` or ``revoked`` of a certificate that is over; None while it is neither."""
    over = (CertStatus.EXPIRED, CertStatus.REVOKED)
    return _BY_CERTIFICATE.get(info.status) if info.status in over else None


def _state_of(info: CertificateInfo, has_encryption_key: bool) -> State:
    if not info.is_active:
        return _BY_CERTIFICATE.get(info.status, State.UNKNOWN)
    if info.etk_status != EtkStatus.VALID_ACTIVE:
        return _BY_ETK.get(info.etk_status, State.UNKNOWN)
    if not has_encryption_key:
        return State.NO_ETK
    return State.RENEWABLE if info.replaceable else State.ACTIVE


def _installed(file: KeystoreFile, parts: Context) -> Standing:
    keystore = file.keystore
    signer = KeySigner(keystore.authentication.key, keystore.chain)
    try:
        info = parts.platform.certra.get_certificate_info(signer)
    except errors.PlatformRefused as refused:
        return _refused(file, refused, parts)
    state, _ = state_of(info, has_encryption_key=bool(keystore.current_encryption))
    newer = _newer(file, info, parts)
    findings = [*of_platform(info, file), *of_newer(newer), *_of_depot(file, info, newer, parts)]
    if state is State.EXPIRED:
        findings += _expired(file, parts)
    return Standing(_outcome(file, state), sort_by_severity(findings), info)


def _of_depot(
    file: KeystoreFile, info: CertificateInfo, newer: tuple[Successor, ...], parts: Context
) -> Iterator[Finding]:
    holder = file.keystore.holder
    if holder is None or not info.is_active:
        return
    try:
        yield from of_depot(fetch_depot_token(file.keystore, holder, parts), info, newer)
    except errors.ResponseUntrusted:
        yield finding("depot_untrusted", Severity.ERROR)
    except errors.PlatformError:
        yield finding("depot_unchecked", Severity.WARNING)


def _newer(file: KeystoreFile, info: CertificateInfo, parts: Context) -> tuple[Successor, ...]:
    """Return the newer files; none where they cannot be read: the state of this one does not depend on them."""
    holder = file.keystore.holder
    if holder is None:
        return ()
    try:
        return successors(find_successors(file, holder, parts), info)
    except (errors.FileUnreadable, errors.PlatformError):
        return ()


def _refused(file: KeystoreFile, refused: errors.PlatformRefused, parts: Context) -> Standing:
    """Return the standing after a refusal: the platform does not know this certificate, or does not answer one that is
    over (assumed)."""
    expired = file.keystore.state(parts.clock.now()) is CertificateState.EXPIRED
    findings = [finding("unknown", Severity.ERROR, refusal=refused.words)]
    if expired:
        findings += _expired(file, parts)
    return Standing(_outcome(file, State.EXPIRED if expired else State.UNKNOWN), sort_by_severity(findings))


def _expired(file: KeystoreFile, parts: Context) -> Iterator[Finding]:
    """Yield since when the certificate is expired; nothing where the computer's clock does not know it yet."""
    return (one for one in of_file(file, parts.clock.now()) if one.severity is Severity.ERROR)


def _before_installation(file: KeystoreFile, parts: Context) -> Standing:
    heard, key_id = fetch_request_status(file.keystore.key_id, parts), file.keystore.key_id
    state = heard.state
    if state is State.WAITING and not heard.delivered:
        validation = open_validation(file, parts)
        outcome = ProcedureResult(
            file.path, key_id, state, next_action(state), not_before=heard.not_before, validation=validation
        )
        return Standing(outcome, sort_by_severity([*before_installation(heard), *to_confirm(validation)]))
    if not heard.delivered and is_overdue(validation_of(file, parts), parts):
        outcome = ProcedureResult(file.path, key_id, State.REFUSED, next_action(State.REFUSED))
        return Standing(outcome, (finding("overdue", Severity.ERROR),))
    if heard.delivered and _was_revoked(file, heard, parts):
        outcome = ProcedureResult(file.path, key_id, State.REVOKED, next_action(State.REVOKED))
        return Standing(outcome, (finding("revoked_before", Severity.ERROR),))
    end, now = heard.chain[0].not_valid_after_utc if heard.chain else None, parts.clock.now()
    if end is not None and end < now:  # nobody fetched it in all its life
        outcome = ProcedureResult(file.path, key_id, State.EXPIRED, next_action(State.EXPIRED), not_after=end)
        return Standing(outcome, (over_since(end, now),))
    outcome = ProcedureResult(file.path, key_id, state, next_action(state), not_before=heard.not_before)
    return Standing(outcome, sort_by_severity(before_installation(heard)))


def _was_revoked(file: KeystoreFile, heard: RequestStatus, parts: Context) -> bool:
    """Return whether a certificate that was delivered and never installed was revoked meanwhile. It is given out all
    the same; signed with what was given out, the question about it has an answer."""
    key = file.keystore.authentication.key
    try:
        if not heard.chain or heard.chain[0].public_key() != key.public_key():
            return False
    except UNREADABLE:  # a key is read when it is asked for; completing refuses it
        return False
    try:
        info = parts.platform.certra.get_certificate_info(KeySigner(key, heard.chain))
    except errors.PlatformRefused:
        return False
    return ended(info) is State.REVOKED


def _unchecked(file: KeystoreFile, error: errors.PlatformError, parts: Context) -> Standing:
    keystore, now = file.keystore, parts.clock.now()
    state = keystore.state(now)
    if state is CertificateState.NOT_YET_VALID:  # a word of the file's alone; its ETK is there or not
        state = State.COMPLETE if keystore.current_encryption else State.NO_ETK
    # Whether a prepared request was ever sent, only the platform knows: completing asks it, and leads on.
    step = NextAction.COMPLETE if state is State.PREPARED else next_action(state)
    outcome = ProcedureResult(
        file.path, keystore.key_id, state, step, not_before=keystore.not_before, not_after=keystore.not_after
    )
    findings = [finding("unchecked", Severity.WARNING), *of_file(file, now)]
    return Standing(outcome, sort_by_severity(findings), unchecked=error)


def _outcome(file: KeystoreFile, state: State) -> ProcedureResult:
    keystore = file.keystore
    step = next_action(state)
    if step is NextAction.RENEW and keystore.holder is not None and is_foreign(keystore.holder):
        step = NextAction.REQUEST  # a renewal is signed with a card
    return ProcedureResult(
        file.path, keystore.key_id, state, step, not_before=keystore.not_before, not_after=keystore.not_after
    )
