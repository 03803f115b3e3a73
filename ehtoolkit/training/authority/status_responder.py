"""Answer revocation queries: OCSP, CRLs, and the issuers' own certificates, without a login."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote

from asn1crypto.core import Null
from asn1crypto.keys import PublicKeyInfo
from asn1crypto.ocsp import (
    BasicOCSPResponse,
    CertStatus,
    OCSPRequest,
    OCSPResponse,
    ResponderId,
    ResponseData,
    SingleResponse,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.crypto.certificates import UNREADABLE, hash_for
from ehtoolkit.crypto.keys import sign
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.pki import ISSUERS, LISTS, OCSP_PATH, Issuer, number_of
from ehtoolkit.training.authority.request_checks import spki
from ehtoolkit.training.state.certificate_record import CertificateRecord

_VALID: Final = timedelta(hours=12)
"""How long an answer holds, as those of real responders do."""
_MOST: Final = 20
"""Certificates in one request."""
_LONGEST: Final = 5_000
"""Bytes of a request: one about twenty certificates has 2,000."""
_OCSP_ANSWER: Final = "application/ocsp-response"
_MISSING: Final = Response(404)


def answer_status(platform: EmbeddedPlatform, path: str, body: bytes | None) -> Response:
    """Return what is at ``path``; ``body``: of a POST, None for a GET."""
    if path == OCSP_PATH and body is not None:
        return _found(_OCSP_ANSWER, ocsp_answer(platform, body))
    if path.startswith(f"{OCSP_PATH}/") and body is None:
        try:
            asked = base64.b64decode(unquote(path.removeprefix(f"{OCSP_PATH}/")), validate=True)
        except ValueError:  # of base64, and of text that is not ASCII
            asked = b""
        return _found(_OCSP_ANSWER, ocsp_answer(platform, asked))
    for issuer in platform.authorities.issuers if body is None else ():
        if path == f"{LISTS}{number_of(issuer)}.crl":
            return _found("application/pkix-crl", _revocation_list(platform, issuer))
        if path == f"{ISSUERS}{number_of(issuer)}.crt":
            return _found("application/pkix-cert", issuer.certificate.public_bytes(Encoding.DER))
    return _MISSING


def ocsp_answer(platform: EmbeddedPlatform, request: bytes) -> bytes:
    """Return the answer (DER) to a request of RFC 6960, signed by the issuer of its certificates.

    Two answers are not signed: ``malformedRequest`` to a request that cannot be read, and ``unauthorized`` to one
    about certificates of another issuer or of several, for which no single signature can answer.
    """
    try:
        if len(request) > _LONGEST:
            raise ValueError("too long")
        asked = OCSPRequest.load(request, strict=True)["tbs_request"].native
        certificates = [single["req_cert"] for single in asked["request_list"]]
        if not 0 < len(certificates) <= _MOST:
            raise ValueError("no certificate, or too many")
        issuers = [_issuer_of(platform, certificate) for certificate in certificates]
        extensions = asked["request_extensions"] or ()
        nonces = [extension for extension in extensions if extension["extn_id"] == "nonce"]
    except UNREADABLE:
        return bytes(OCSPResponse({"response_status": "malformed_request"}).dump())
    issuer = issuers[0]
    if issuer is None or any(other is not issuer for other in issuers):
        return bytes(OCSPResponse({"response_status": "unauthorized"}).dump())
    now = platform.clock.now().replace(microsecond=0)
    content = ResponseData(
        {
            "responder_id": ResponderId("by_key", hashlib.sha1(_key_bits(issuer)).digest()),  # noqa: S324  # by RFC 6960
            "produced_at": now,
            "responses": [_status_of(platform, certificate, issuer, now) for certificate in certificates],
            "response_extensions": [{**nonce, "critical": False} for nonce in nonces] or None,
        }
    )
    digest, algorithm = hash_for(issuer.key), "rsa" if isinstance(issuer.key, RSAPrivateKey) else "ecdsa"
    signed = BasicOCSPResponse(
        {
            "tbs_response_data": content,
            "signature_algorithm": {"algorithm": f"{digest.name}_{algorithm}"},
            "signature": sign(issuer.key, digest, content.dump()),
        }
    )
    answer = {"response_type": "basic_ocsp_response", "response": signed}
    return bytes(OCSPResponse({"response_status": "successful", "response_bytes": answer}).dump())


def _issuer_of(platform: EmbeddedPlatform, asked: Mapping[str, Any]) -> Issuer | None:
    """Return the authority that ``asked`` (a CertID) names by the hashes of its name and of the bits of its key."""
    algorithm = asked["hash_algorithm"]["algorithm"]
    named = (asked["issuer_name_hash"], asked["issuer_key_hash"])
    for issuer in platform.authorities.issuers:
        hashed = (issuer.certificate.subject.public_bytes(), _key_bits(issuer))
        if tuple(hashlib.new(algorithm, data).digest() for data in hashed) == named:
            return issuer
    return None


def _key_bits(issuer: Issuer) -> bytes:
    return bytes(PublicKeyInfo.load(spki(issuer.key.public_key()))["public_key"].contents)[1:]


def _status_of(
    platform: EmbeddedPlatform, asked: Mapping[str, Any], issuer: Issuer, now: datetime
) -> SingleResponse:
    """Return the answer about one certificate of ``issuer``."""
    serial = asked["serial_number"]
    records = (record for record, found in _delivered(platform, issuer) if found.serial_number == serial)
    record = next(records, None)
    status = CertStatus("unknown" if record is None else "good")
    if record is not None and record.revoked_at is not None:
        revoked_at, reason = record.revoked_at.replace(microsecond=0), _reason(record).name
        status = CertStatus("revoked", {"revocation_time": revoked_at, "revocation_reason": reason})
    algorithm = {"algorithm": asked["hash_algorithm"]["algorithm"], "parameters": Null()}
    named = {**asked, "hash_algorithm": algorithm}
    return SingleResponse(
        {"cert_id": named, "cert_status": status, "this_update": now, "next_update": now + _VALID}
    )


def _revocation_list(platform: EmbeddedPlatform, issuer: Issuer) -> bytes:
    """Return the list (DER) of the certificates of ``issuer`` that are revoked."""
    now = platform.clock.now().replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + _VALID)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for record, certificate in _delivered(platform, issuer):
        if record.revoked_at is not None:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(certificate.serial_number)
                .revocation_date(record.revoked_at)
                .add_extension(x509.CRLReason(_reason(record)), critical=False)
                .build()
            )
    return builder.sign(issuer.key, hash_for(issuer.key)).public_bytes(Encoding.DER)


def _delivered(
    platform: EmbeddedPlatform, issuer: Issuer
) -> list[tuple[CertificateRecord, x509.Certificate]]:
    every = ((record, record.certificate) for record in certificate_register.all_records(platform))
    return [
        (record, certificate)
        for record, certificate in every
        if certificate is not None and certificate.issuer == issuer.certificate.subject
    ]


def _found(content_type: str, body: bytes) -> Response:
    return Response(200, {"Content-Type": content_type}, body)


def _reason(record: CertificateRecord) -> x509.ReasonFlags:
    """Return why a certificate was revoked: the platform's four reasons are called as those of RFC 5280. Without one of
    them, unspecified."""
    try:
        return x509.ReasonFlags(record.revocation_reason)
    except ValueError:
        return x509.ReasonFlags.unspecified
