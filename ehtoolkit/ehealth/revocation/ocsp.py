"""One certificate's state from its issuer's responder: question and answer of RFC 6960."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.signatures import verify
from ehtoolkit.ehealth.revocation.result import (
    Inconclusive,
    RevocationResult,
    RevocationStatus,
    require_current,
)

REQUEST_TYPE: Final = "application/ocsp-request"
ANSWER_LIMIT: Final = 100_000
"""Bytes; answers have two to four thousand."""

_NONCE_SIZE: Final = 16
_LONGEST: Final = timedelta(days=1)
"""How old an answer may be that does not say until when it holds."""


_STANDINGS: Final = {
    ocsp.OCSPCertStatus.GOOD: RevocationStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED: RevocationStatus.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: RevocationStatus.UNKNOWN,
}


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
        require_current(now, single.this_update_utc, single.next_update_utc, _LONGEST)
        standing = _STANDINGS[single.certificate_status]
        return RevocationResult(
            standing,
            since=single.revocation_time_utc,
            as_of=single.this_update_utc,
            until=single.next_update_utc,
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
        if not responder.not_valid_before_utc <= now <= responder.not_valid_after_utc:
            return False
        try:
            responder.verify_directly_issued_by(self._issuer)
            usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (InvalidSignature, x509.ExtensionNotFound, *UNREADABLE):
            return False
        return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _has_signed(signer: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    key, digest = signer.public_key(), response.signature_hash_algorithm
    if digest is None:
        return False
    return verify(key, response.signature, response.tbs_response_bytes, digest) is True
