"""Gives the public parts of a keystore: its certificate, the chain, the encryption certificates."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.keystore.certificates import encoded
from ehtoolkit.keystore.keystore import Keystore


class CertificateFormat(StrEnum):
    """How certificates are written: ``pem`` as text, one after the other; ``der`` binary, several of them
    together in a PKCS#7 message without a signature (``.p7b``)."""

    PEM = "pem"
    DER = "der"


def export_certificate(keystore: Keystore, form: CertificateFormat = CertificateFormat.PEM) -> bytes:
    """Return the authentication certificate, written as ``form`` says. Raises `errors.CertificateMissing` without
    it."""
    return _written(_chain(keystore)[:1], form)


def export_chain(keystore: Keystore, form: CertificateFormat = CertificateFormat.PEM) -> bytes:
    """Return the authentication certificate and its issuers, leaf first, written as ``form`` says. Raises as
    `export_certificate`."""
    return _written(_chain(keystore), form)


def export_encryption(
    keystore: Keystore, form: CertificateFormat = CertificateFormat.PEM, *, current: bool = False
) -> bytes:
    """Return the encryption certificates, newest first, written as ``form`` says; with ``current``, the newest of the
    authentication certificate's own alone. Raises `errors.CertificateMissing` (reason ``no_etk``) when there is
    none."""
    found = [key.chain[0] for key in keystore.encryption if key.chain]
    found.sort(key=lambda certificate: certificate.not_valid_before_utc, reverse=True)
    if current:
        found = [key.chain[0] for key in keystore.current_encryption[-1:]]
    if not found:
        raise errors.CertificateMissing(reason="no_etk")
    return _written(found, form)


def _chain(keystore: Keystore) -> Sequence[Certificate]:
    if not keystore.chain:
        raise errors.CertificateMissing
    return keystore.chain


def _written(certificates: Sequence[Certificate], form: CertificateFormat) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

    if form is CertificateFormat.PEM:
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
    if len(certificates) == 1:
        return encoded(certificates[0])
    return serialize_certificates(list(certificates), Encoding.DER)
