"""Answer revocation queries: OCSP, CRLs, and the issuers' own certificates, without a login."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from ehtoolkit.crypto.certificates import UNREADABLE, hash_for
from ehtoolkit.crypto.keys import sign
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.pki import ISSUERS, LISTS, OCSP_PATH, Issuer, number_of

if TYPE_CHECKING:
    from cryptography.x509.ocsp import OCSPRequest

    from ehtoolkit.training.state.certificate_record import CertificateRecord

_VALID: Final = timedelta(hours=12)
"""How long an answer holds, as those of real responders do."""
_MOST: Final = 20
"""Certificates in one request."""
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
        queries = [ocsp.load_der_ocsp_request(single) for single in _single_requests(request)]
        issuers = [_issuer_of(platform, query) for query in queries]
        values = [extension.value for extension in queries[0].extensions]
        nonces = [value for value in values if isinstance(value, x509.OCSPNonce)]
    except (NotImplementedError, *UNREADABLE):
        return _refused(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    issuer = issuers[0]
    if issuer is None or any(other is not issuer for other in issuers):
        return _refused(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    answers = [_signed_status(platform, query, issuer, nonces) for query in queries]
    return answers[0] if len(answers) == 1 else _joined(answers, issuer)


def _issuer_of(platform: EmbeddedPlatform, query: OCSPRequest) -> Issuer | None:
    named = (issuer for issuer in platform.authorities.issuers if _is_of(query, issuer))
    return next(named, None)


def _signed_status(
    platform: EmbeddedPlatform, asked: OCSPRequest, issuer: Issuer, nonces: Sequence[x509.OCSPNonce]
) -> bytes:
    """Return the answer about one certificate of ``issuer``."""
    record = _of_serial(platform, asked.serial_number, issuer)
    now = platform.clock.now().replace(microsecond=0)
    status = ocsp.OCSPCertStatus.UNKNOWN if record is None else ocsp.OCSPCertStatus.GOOD
    since, reason = None, None
    if record is not None and record.revoked_at is not None:
        status, since, reason = ocsp.OCSPCertStatus.REVOKED, record.revoked_at, _reason(record)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            asked.issuer_name_hash,
            asked.issuer_key_hash,
            asked.serial_number,
            asked.hash_algorithm,
            status,
            now,
            now + _VALID,
            since,
            reason,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    )
    for nonce in nonces:
        builder = builder.add_extension(nonce, critical=False)
    return builder.sign(issuer.key, hash_for(issuer.key)).public_bytes(Encoding.DER)


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


def _of_serial(platform: EmbeddedPlatform, serial: int, issuer: Issuer) -> CertificateRecord | None:
    found = (
        record for record, certificate in _delivered(platform, issuer) if certificate.serial_number == serial
    )
    return next(found, None)


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


def _refused(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _single_requests(request: bytes) -> list[bytes]:
    """Return a request about several certificates as requests about one, which are all that `cryptography` reads.
    Raises ValueError for none and for too many."""
    from asn1crypto.ocsp import OCSPRequest, Requests

    asked = OCSPRequest.load(request, strict=True)["tbs_request"]["request_list"]
    if not 0 < len(asked) <= _MOST:
        raise ValueError("too many certificates")
    if len(asked) == 1:
        return [request]
    singles = []
    for certificate in asked:
        single = OCSPRequest.load(request)
        single["tbs_request"]["request_list"] = Requests([certificate])
        singles.append(single.dump(force=True))
    return singles


def _joined(answers: Sequence[bytes], issuer: Issuer) -> bytes:
    """Return the answers about certificates of ``issuer`` as one."""
    from asn1crypto.ocsp import OCSPResponse, Responses

    loaded = [OCSPResponse.load(answer) for answer in answers]
    found = [status for response in loaded for status in response.response_data["responses"]]
    whole = loaded[0]
    basic = whole.basic_ocsp_response
    basic["tbs_response_data"]["responses"] = Responses(found)
    content = basic["tbs_response_data"].dump(force=True)
    basic["signature"] = sign(issuer.key, hash_for(issuer.key), content)
    whole["response_bytes"]["response"] = basic
    return bytes(whole.dump(force=True))


def _is_of(asked: OCSPRequest, issuer: Issuer) -> bool:
    """Return whether the request names ``issuer``, by the hashes of the issuer's name and of the bits of its key."""
    from asn1crypto.keys import PublicKeyInfo

    encoded = issuer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_bits = bytes(PublicKeyInfo.load(encoded)["public_key"].contents)[1:]
    named = (issuer.certificate.subject.public_bytes(), key_bits)
    digests = tuple(hashlib.new(asked.hash_algorithm.name, data).digest() for data in named)
    return (asked.issuer_name_hash, asked.issuer_key_hash) == digests


def _reason(record: CertificateRecord) -> x509.ReasonFlags:
    """Return why a certificate was revoked: the platform's four reasons are called as those of RFC 5280. Without one of
    them, unspecified."""
    try:
        return x509.ReasonFlags(record.revocation_reason)
    except ValueError:
        return x509.ReasonFlags.unspecified
