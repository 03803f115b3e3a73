"""Check keys, certificate requests and encryption certificates that clients send."""

from __future__ import annotations

from typing import Final

from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, is_signed_by, read_certificate
from ehtoolkit.crypto.der import BerElement, BerLimitExceeded, Limits, parse
from ehtoolkit.crypto.keys import PublicKey, kind_of_public_key
from ehtoolkit.crypto.parse_warnings import parse_warnings_ignored
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.training.authority.pki import key_usage
from ehtoolkit.training.state.refusal_reasons import Refusal

_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_LEAST_EXPONENT: Final = 65537
_CSR: Final = Limits(nesting=16, values=1_000)


def check_csr(der: bytes, dn: DistinguishedName) -> PublicKey:
    """Check a PKCS#10 request, and return its key. The request must be signed by that key, over SHA-256, SHA-384 or
    SHA-512, and have the subject ``dn``, compared by its attributes. Raises `Refusal`."""
    try:
        key = _fit(_key_in(der))  # before anything is computed with it
        with parse_warnings_ignored():  # of names that break a rule
            csr = x509.load_der_x509_csr(der)
            signed = csr.is_signature_valid and isinstance(csr.signature_hash_algorithm, _HASHES)
            subject = DistinguishedName.of_name(csr.subject)
    except errors.DistinguishedNameInvalid as error:
        raise Refusal("CSR_SUBJECT_MISMATCH") from error
    except UNREADABLE as error:
        raise Refusal("CSR_INVALID") from error
    if not signed:
        raise Refusal("CSR_SIGNATURE_INVALID")
    if subject != dn:
        raise Refusal("CSR_SUBJECT_MISMATCH", Expected=dn.text)
    return key


def _key_in(csr: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) in a PKCS#10 request. Raises ValueError."""
    try:
        return parse(BerElement, csr, 0, _CSR).parts(least=3)[0].parts(least=3)[2].der()
    except BerLimitExceeded as error:
        raise ValueError("beyond the limits of a request") from error


def read_encryption_key(der: bytes) -> RSAPublicKey:
    """Return the key in a SubjectPublicKeyInfo, which must be RSA: messages are encrypted with it. Raises `Refusal`."""
    try:
        key = _fit(der)
    except ValueError as error:
        raise Refusal("KEY_UNFIT") from error
    if not isinstance(key, RSAPublicKey):
        raise Refusal("KEY_UNFIT")
    return key


def spki(key: PublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo of a key as DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _fit(der: bytes) -> PublicKey:
    """Return the key in a SubjectPublicKeyInfo, which must be of a kind that eHealth keystores have, and RSA only with
    an exponent of 65537 or more; the kind is read from the DER, before a library computes. Raises `Refusal`, and
    ValueError for what is no key."""
    if kind_of_public_key(der).fault is not None:
        raise Refusal("KEY_UNFIT")
    try:
        key = load_der_public_key(der)
    except (UnsupportedAlgorithm, InternalError) as error:
        raise Refusal("KEY_UNFIT") from error
    if isinstance(key, RSAPublicKey) and key.public_numbers().e >= _LEAST_EXPONENT:
        return key
    if isinstance(key, EllipticCurvePublicKey):
        return key
    raise Refusal("KEY_UNFIT")


# ── Encryption certificates ──────────────────────────────────────────────────────────────────────────────
_USAGE: Final = key_usage("key_encipherment", "data_encipherment")


def read_encryption_certificate(der: bytes) -> tuple[x509.Certificate, RSAPublicKey]:
    """Return the certificate in ``der``, which must be its only encoding, and its key. Raises `Refusal`, also for a key
    that is not fit."""
    certificate = read_certificate(der)
    if certificate is None or certificate.public_bytes(Encoding.DER) != der:
        raise Refusal("ETK_CERTIFICATE_INVALID", Reason="form")
    return certificate, read_encryption_key(
        Certificate.load(der)["tbs_certificate"]["subject_public_key_info"].dump()
    )


def check_encryption_certificate(encryption: x509.Certificate, authentication: x509.Certificate) -> None:
    """Check subject, issuer, usage, validity and signature of an encryption certificate. Raises `Refusal`."""
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
    """Return whether the key of ``authentication`` has signed ``certificate``. This is checked by hand, since the
    issuer is no authority and every path validator would refuse it. RSA: over SHA-256. EC: over the hash that signed
    the authentication certificate, as Java clients do."""
    key = authentication.public_key()
    wanted = hashes.SHA256() if isinstance(key, RSAPublicKey) else authentication.signature_hash_algorithm
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None or wanted is None or algorithm.name != wanted.name:
        return False
    return isinstance(key, RSAPublicKey | EllipticCurvePublicKey) and is_signed_by(certificate, key)
