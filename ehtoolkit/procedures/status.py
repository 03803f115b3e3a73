"""Where a certificate stands: the file, the platform and the depot, asked without a card."""

from __future__ import annotations

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info import CertificateInfo
from ehtoolkit.ehealth.signature import KeySigner
from ehtoolkit.keystore import KeystoreFile
from ehtoolkit.procedures.complete import waiting_outcome
from ehtoolkit.procedures.outcome import Next, Outcome, State
from ehtoolkit.procedures.parts import Parts

_BY_CERTIFICATE = {
    "IN_PROGRESS": (State.WAITING, Next.COMPLETE),
    "REFUSED": (State.REFUSED, Next.REQUEST),
    "REVOKED": (State.REVOKED, Next.REQUEST),
    "EXPIRED": (State.EXPIRED, Next.REQUEST),
}
_BY_ETK = {
    "NOT_REQUESTED": (State.NO_ETK, Next.COMPLETE),
    "IN_REQUEST": (State.NO_ETK, Next.COMPLETE),
    "WAIT_FOR_ACTIVATION": (State.TO_ACTIVATE, Next.ACTIVATE),
    "REVOKED": (State.NO_ETK, Next.COMPLETE),
    "EXPIRED": (State.NO_ETK, Next.COMPLETE),
}


def status(file: KeystoreFile, parts: Parts) -> Outcome:
    """What the platform says of this keystore's certificate; signed by the keystore itself where it can sign."""
    keystore = file.keystore
    if not keystore.installed:
        return _before_installation(file, parts)
    signer = KeySigner(keystore.authentication.key, keystore.chain)
    info = parts.platform.certra.get_certificate_info(signer)
    state, next_step = state_of(info, has_encryption_key=bool(keystore.encryption))
    return Outcome(file.path, keystore.key_id, state, next_step, not_after=keystore.not_after)


def state_of(info: CertificateInfo, *, has_encryption_key: bool) -> tuple[State, Next | None]:
    """State and next step from the platform's words; words that we do not know give ``unknown``."""
    if info.status in _BY_CERTIFICATE:
        return _BY_CERTIFICATE[info.status]
    if info.status != "VALID_ACTIVE":
        return State.UNKNOWN, None
    if info.etk_status in _BY_ETK:
        return _BY_ETK[info.etk_status]
    if info.etk_status != "VALID_ACTIVE":
        return State.UNKNOWN, None
    if not has_encryption_key:
        return State.NO_ETK, Next.COMPLETE
    return (State.RENEWABLE, Next.RENEW) if info.replaceable else (State.ACTIVE, Next.USE)


def _before_installation(file: KeystoreFile, parts: Parts) -> Outcome:
    key_id = file.keystore.key_id
    try:
        parts.platform.certra.get_certificate(key_id)
    except errors.NotYetDelivered as waiting:
        return waiting_outcome(file, waiting)
    except errors.PlatformRefused:
        return Outcome(file.path, key_id, State.PREPARED, Next.RESUME)
    return Outcome(file.path, key_id, State.WAITING, Next.COMPLETE)
