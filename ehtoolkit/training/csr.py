"""Looks at the keys and certificate requests that clients send: fit for use, and proving possession?"""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.training.refusals import Refusal

KEY_BITS: Final = range(2048, 8193)
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def check_csr(der: bytes, dn: DistinguishedName) -> RSAPublicKey:
    """The key of a PKCS#10 request, which must be signed by that key and have the subject ``dn``, compared by
    its attributes. Raises `Refusal`."""
    try:
        csr = x509.load_der_x509_csr(der)
        key = csr.public_key()
        signed = csr.is_signature_valid and isinstance(csr.signature_hash_algorithm, _HASHES)
        subject = DistinguishedName.of_name(csr.subject)
    except errors.DistinguishedNameInvalid as error:
        raise Refusal("CSR_SUBJECT_MISMATCH") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refusal("CSR_INVALID") from error
    if not signed:
        raise Refusal("CSR_SIGNATURE_INVALID")
    if subject != dn:
        raise Refusal("CSR_SUBJECT_MISMATCH", Expected=dn.text)
    return require_fit(key)


def read_public_key(der: bytes) -> RSAPublicKey:
    """The key in a SubjectPublicKeyInfo. Raises `Refusal`."""
    try:
        return require_fit(load_der_public_key(der))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refusal("KEY_UNFIT") from error


def require_fit(key: object) -> RSAPublicKey:
    """``key``, when it is RSA, long enough, and not with a toy exponent."""
    if not isinstance(key, RSAPublicKey) or key.key_size not in KEY_BITS:
        raise Refusal("KEY_UNFIT")
    if key.public_numbers().e < 65537:
        raise Refusal("KEY_UNFIT")
    return key


def spki(key: RSAPublicKey) -> bytes:
    """The SubjectPublicKeyInfo of a key as DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
