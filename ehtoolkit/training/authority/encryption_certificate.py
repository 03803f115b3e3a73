"""Checks the encryption certificate that a holder makes himself: his authentication key is its issuer."""

from __future__ import annotations

from typing import Final

from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.crypto.certificate_signature import is_signed_by
from ehtoolkit.crypto.certificates import read_certificate
from ehtoolkit.training.authority.csr import read_encryption_key
from ehtoolkit.training.authority.pki import key_usage
from ehtoolkit.training.service.refusals import Refusal

_USAGE: Final = key_usage("key_encipherment", "data_encipherment")


def read_encryption_certificate(der: bytes) -> x509.Certificate:
    """The certificate in ``der``, which must be its only encoding. Raises `Refusal`."""
    certificate = read_certificate(der)
    if certificate is None or certificate.public_bytes(Encoding.DER) != der:
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="form")
    return certificate


def public_key_of(encryption: x509.Certificate) -> RSAPublicKey:
    """The key of an encryption certificate. Raises `Refusal` for one that is not fit."""
    der = encryption.public_bytes(Encoding.DER)
    return read_encryption_key(Certificate.load(der)["tbs_certificate"]["subject_public_key_info"].dump())


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
    """By hand, since the issuer is no authority and every path validator would refuse it. With an EC key by the hash
    that signed the authentication certificate, as Java clients do."""
    key = authentication.public_key()
    wanted = hashes.SHA256() if isinstance(key, RSAPublicKey) else authentication.signature_hash_algorithm
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None or wanted is None or algorithm.name != wanted.name:
        return False
    return isinstance(key, RSAPublicKey | EllipticCurvePublicKey) and is_signed_by(certificate, key)
