"""Checks the encryption certificate that a holder makes himself: his authentication key is its issuer."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.training.pki import key_usage
from ehtoolkit.training.refusals import Refusal

_USAGE: Final = key_usage("key_encipherment", "data_encipherment")


def read_encryption_certificate(der: bytes) -> x509.Certificate:
    """The certificate in ``der``, which must be its only encoding. Raises `Refusal`."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="form") from error
    if certificate.public_bytes(Encoding.DER) != der:
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="form")
    return certificate


def check_encryption_certificate(encryption: x509.Certificate, authentication: x509.Certificate) -> None:
    """Look at subject, issuer, usage, validity and signature. Raises `Refusal`."""
    if {encryption.subject, encryption.issuer} != {authentication.subject}:
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="subject")
    if not _usage_is_right(encryption):
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="keyUsage")
    if (
        encryption.not_valid_before_utc < authentication.not_valid_before_utc
        or encryption.not_valid_after_utc > authentication.not_valid_after_utc
        or encryption.not_valid_after_utc <= encryption.not_valid_before_utc
    ):
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="validity")
    if not _signed_by(encryption, authentication):
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="signature")


def _usage_is_right(certificate: x509.Certificate) -> bool:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return extension.critical and extension.value == _USAGE


def _signed_by(certificate: x509.Certificate, authentication: x509.Certificate) -> bool:
    """By hand, since the issuer is no authority and every path validator would refuse it."""
    key = authentication.public_key()
    algorithm = certificate.signature_hash_algorithm
    if not isinstance(key, RSAPublicKey) or not isinstance(algorithm, hashes.SHA256):
        return False
    try:
        key.verify(
            certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA256()
        )
    except InvalidSignature:
        return False
    return True
