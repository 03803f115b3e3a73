"""The results of revocation checks, read from the answers of responders (OCSP) and from lists (CRL)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import AwareDatetime, Field

from ehtoolkit.crypto.certificates import UNREADABLE, extension_of, validity_fault
from ehtoolkit.crypto.keys import verify
from ehtoolkit.finding import Finding, error, info, ok, warning
from ehtoolkit.identity import Environment

TOLERANCE: Final = timedelta(minutes=5)
"""By how much clocks may differ."""


LONGEST: Final = timedelta(days=8)
"""How long an answer is used at most, however long it claims to hold."""


class RevocationStatus(StrEnum):
    """GOOD: not revoked; REVOKED (on hold included); UNKNOWN: its responder does not know it; NOWHERE: it names no
    address; SILENT: there was no answer; UNTRUSTED: what was answered is not to be trusted."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOWHERE = "nowhere"
    SILENT = "silent"
    UNTRUSTED = "untrusted"


class IssuerAnswer(StrEnum):
    """What a result comes to. UNASKABLE: it names no service to ask; UNASKED: no usable answer."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    UNASKABLE = "unaskable"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class RevocationResult:
    """What an issuer says of a certificate, or why it says nothing.

    Attributes:
        since: when it was revoked.
        compromised: whether its key, or that of an authority above it, was compromised, so that no signing time can be
            relied on. False also where no reason is given.
        host: who said so, or did not.
        reason: of an answer that is not to be trusted, see `Inconclusive`.
        as_of, until: from when to when the answer holds; None if it does not say.
    """

    status: Annotated[RevocationStatus, Field(alias="standing")]
    host: str = ""
    since: AwareDatetime | None = None
    reason: Annotated[str, Field(exclude=True)] = ""
    as_of: AwareDatetime | None = field(default=None, compare=False)
    until: AwareDatetime | None = field(default=None, compare=False)
    compromised: bool = field(default=False, compare=False)

    @property
    def answer(self) -> IssuerAnswer:
        """What it comes to; without the moment that it is about, it is of no use."""
        match self.status:
            case RevocationStatus.GOOD if self.as_of is not None:
                return IssuerAnswer.GOOD
            case RevocationStatus.REVOKED if self.since is not None:
                return IssuerAnswer.REVOKED
            case RevocationStatus.UNKNOWN:
                return IssuerAnswer.UNKNOWN
            case RevocationStatus.NOWHERE:
                return IssuerAnswer.UNASKABLE
            case _:
                return IssuerAnswer.UNASKED

    def holds(self, now: datetime) -> bool:
        """Return whether the answer may be used at ``now`` (aware)."""
        if self.as_of is None or self.until is None:
            return False
        return self.as_of <= now < min(self.until, self.as_of + LONGEST)


AskRevocation = Callable[[Sequence[x509.Certificate], Environment | None], RevocationResult]
"""Ask whether the first certificate of a chain, of an environment, is revoked; see
`ehtoolkit.ehealth.revocation.check_revocation`."""


def revocation_finding(result: RevocationResult) -> Finding:
    """Return a result of `ehtoolkit.ehealth.revocation.check_revocation` as a finding."""
    match result.answer:
        case IssuerAnswer.GOOD if result.as_of is not None:
            return ok("revocation_good", host=result.host, date=result.as_of)
        case IssuerAnswer.REVOKED if result.since is not None:
            return error("revocation_revoked", host=result.host, date=result.since)
        case IssuerAnswer.UNKNOWN:
            return warning("revocation_unknown", host=result.host)
        case IssuerAnswer.UNASKABLE:
            return info("revocation_unaskable")
        case _:
            return warning("revocation_unasked", host=result.host)


class Inconclusive(Exception):
    """An answer that is not to be trusted; stays in this package.

    ``reason``: form, refused, signer, signature, serial, nonce, time, scope, critical, too_large.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require_current(now: datetime, issued: datetime, until: datetime | None, longest: timedelta) -> None:
    """Require an answer that holds now.

    Raises `Inconclusive` (``time``) for one from the future, one that is over, and one without an end that is older
    than ``longest``.
    """
    end = issued + longest if until is None else until
    if issued > now + TOLERANCE or end < now - TOLERANCE:
        raise Inconclusive("time")


# ── The answer of a responder (RFC 6960) ───────────────────────────────────────────────────────────────
_COMPROMISED: Final = (
    x509.ReasonFlags.key_compromise,
    x509.ReasonFlags.ca_compromise,
    x509.ReasonFlags.aa_compromise,
)

OCSP_TYPE: Final = "application/ocsp-request"
OCSP_LIMIT: Final = 100_000
"""Bytes; answers have two to four thousand."""

_NONCE_SIZE: Final = 16
_LONGEST_OCSP: Final = timedelta(days=1)
"""How old an answer may be that does not say until when it holds."""


class OcspQuestion:
    """A question about ``certificate``, which ``issuer`` has signed, with a nonce of its own."""

    def __init__(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        self._issuer = issuer
        self._nonce = secrets.token_bytes(_NONCE_SIZE)
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())  # noqa: S303  # names a
        # certificate and proves nothing: the one hash that every responder has to know
        self._request = builder.add_extension(x509.OCSPNonce(self._nonce), critical=False).build()

    @property
    def body(self) -> bytes:
        return self._request.public_bytes(Encoding.DER)

    def read(self, answer: bytes, now: datetime) -> RevocationResult:
        """Return what is said, without who said it. Raises `Inconclusive`."""
        try:
            return self._read(ocsp.load_der_ocsp_response(answer), now)
        except UNREADABLE as error:
            raise Inconclusive("form") from error

    def _read(self, response: ocsp.OCSPResponse, now: datetime) -> RevocationResult:
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Inconclusive("refused")
        self._require_signed(response, now)
        self._require_nonce(response)
        single = self._ours(response)
        require_current(now, single.this_update_utc, single.next_update_utc, _LONGEST_OCSP)
        standing = RevocationStatus[single.certificate_status.name]
        return RevocationResult(
            standing,
            since=single.revocation_time_utc,
            as_of=single.this_update_utc,
            until=single.next_update_utc,
            compromised=single.revocation_reason in _COMPROMISED,
        )

    def _ours(self, response: ocsp.OCSPResponse) -> ocsp.OCSPSingleResponse:
        """Return the part about the certificate that was asked about; an answer may have more. Raises `Inconclusive`
        (``serial``) without one."""
        asked = self._request
        for each in response.responses:
            if (
                each.serial_number == asked.serial_number
                and isinstance(each.hash_algorithm, SHA1)
                and each.issuer_name_hash == asked.issuer_name_hash
                and each.issuer_key_hash == asked.issuer_key_hash
            ):
                return each
        raise Inconclusive("serial")

    def _require_nonce(self, response: ocsp.OCSPResponse) -> None:
        """Check that the answer has no other nonce than the question. A responder may leave it out, as those do that
        sign their answers beforehand. Raises `Inconclusive` (``nonce``)."""
        try:
            nonce = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        except x509.ExtensionNotFound:
            return
        if not hmac.compare_digest(nonce, self._nonce):
            raise Inconclusive("nonce")

    def _require_signed(self, response: ocsp.OCSPResponse, now: datetime) -> None:
        """Check that the answer is signed by the issuer itself, or by a responder that the issuer has entitled (RFC
        6960, 4.2.2.2). Raises `Inconclusive` (``signer``, ``signature``)."""
        entitled = [
            self._issuer,
            *(certificate for certificate in response.certificates if self._is_entitled(certificate, now)),
        ]
        if any(_has_signed(each, response) for each in entitled):
            return
        if any(_has_signed(certificate, response) for certificate in response.certificates):
            raise Inconclusive("signer")
        raise Inconclusive("signature")

    def _is_entitled(self, responder: x509.Certificate, now: datetime) -> bool:
        if validity_fault(responder, now):
            return False
        try:
            responder.verify_directly_issued_by(self._issuer)
        except (InvalidSignature, *UNREADABLE):
            return False
        return ExtendedKeyUsageOID.OCSP_SIGNING in (extension_of(responder, x509.ExtendedKeyUsage) or ())


def _has_signed(signer: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    key, digest = signer.public_key(), response.signature_hash_algorithm
    if digest is None:
        return False
    return verify(key, response.signature, response.tbs_response_bytes, digest) is True


# ── A list (RFC 5280, 5 and 6.3) ───────────────────────────────────────────────────────────────────────
LIST_LIMIT: Final = 24_000_000
"""Bytes; the lists of authorities with millions of cards have several millions."""

_LONGEST_LIST: Final = timedelta(days=8)
"""How old a list may be that does not say when the next one comes."""


def read_list(
    answer: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> RevocationResult:
    """Return what the list in ``answer`` (DER or PEM) says of ``certificate``.

    Raises `Inconclusive`: also for a list of another issuer, and for one that covers only some certificates or reasons.
    """
    try:
        pem = answer.lstrip().startswith(b"-----BEGIN")
        listed = x509.load_pem_x509_crl(answer) if pem else x509.load_der_x509_crl(answer)
        return _read(listed, certificate, issuer, now)
    except UNREADABLE as error:
        raise Inconclusive("form") from error


def _read(
    listed: x509.CertificateRevocationList,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> RevocationResult:
    if listed.issuer != issuer.subject:
        raise Inconclusive("signer")
    if not listed.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]  # other kinds: a TypeError
        raise Inconclusive("signature")
    require_current(now, listed.last_update_utc, listed.next_update_utc, _LONGEST_LIST)
    for extension in listed.extensions:
        _require_whole(extension, certificate)
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    known = RevocationResult(
        RevocationStatus.GOOD, as_of=listed.last_update_utc, until=listed.next_update_utc
    )
    if entry is None:
        return known
    return replace(
        known,
        status=RevocationStatus.REVOKED,
        since=entry.revocation_date_utc,
        compromised=_is_compromised(entry),
    )


def _is_compromised(entry: x509.RevokedCertificate) -> bool:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason in _COMPROMISED
    except x509.ExtensionNotFound:
        return False


def _require_whole(extension: x509.Extension[x509.ExtensionType], certificate: x509.Certificate) -> None:
    """Check that ``extension`` does not make the list one that leaves something out, which proves nothing by silence.
    Raises `Inconclusive` (``scope``, and ``critical`` for a critical extension of another kind)."""
    value = extension.value
    if isinstance(value, x509.DeltaCRLIndicator):
        raise Inconclusive("scope")
    if isinstance(value, x509.IssuingDistributionPoint):
        constraints = extension_of(certificate, x509.BasicConstraints)
        authority = constraints is not None and constraints.ca
        left_out = value.only_contains_user_certs if authority else value.only_contains_ca_certs
        if left_out or value.only_contains_attribute_certs or value.only_some_reasons or value.indirect_crl:
            raise Inconclusive("scope")
    elif extension.critical:
        raise Inconclusive("critical")
