"""One certificate's state from its issuer's list of revoked certificates (RFC 5280, 5 and 6.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.revocation.result import (
    Inconclusive,
    RevocationResult,
    RevocationStatus,
    require_current,
)

ANSWER_LIMIT: Final = 24_000_000
"""Bytes; the lists of authorities with millions of cards have several millions."""

_LONGEST: Final = timedelta(days=8)
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
    require_current(now, listed.last_update_utc, listed.next_update_utc, _LONGEST)
    for extension in listed.extensions:
        _require_whole(extension, certificate)
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        standing, since = RevocationStatus.GOOD, None
    else:
        standing, since = RevocationStatus.REVOKED, entry.revocation_date_utc
    return RevocationResult(standing, since=since, as_of=listed.last_update_utc, until=listed.next_update_utc)


def _require_whole(extension: x509.Extension[x509.ExtensionType], certificate: x509.Certificate) -> None:
    """Check that ``extension`` does not make the list one that leaves something out, which proves nothing by silence.
    Raises `Inconclusive` (``scope``, and ``critical`` for a critical extension of another kind)."""
    value = extension.value
    if isinstance(value, x509.DeltaCRLIndicator):
        raise Inconclusive("scope")
    if isinstance(value, x509.IssuingDistributionPoint):
        authority = _is_authority(certificate)
        left_out = value.only_contains_user_certs if authority else value.only_contains_ca_certs
        if left_out or value.only_contains_attribute_certs or value.only_some_reasons or value.indirect_crl:
            raise Inconclusive("scope")
    elif extension.critical:
        raise Inconclusive("critical")


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
