"""Request a certificate: PKCS#10, the challenge of the ETK registration, and checks of what is delivered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import key_identifier
from ehtoolkit.crypto.signatures import hash_for
from ehtoolkit.identity import DistinguishedName

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey


def public_key_identifier(public_key: CertificatePublicKeyTypes) -> str:
    """Return what the platform calls a key by: SHA-1 of the subjectPublicKey bits (RFC 5280, method 1), 40
    hexadecimal digits in upper case."""
    return key_identifier(public_key).hex().upper()


def check_delivered(
    chain: Sequence[x509.Certificate], public_key: CertificatePublicKeyTypes, holder: DistinguishedName | None
) -> None:
    """Check that the first certificate of ``chain`` is for ``public_key`` and for ``holder``, and that each is signed
    by the next one. ``holder`` is compared by type, number and application id; None where it is not known whom it was
    asked for.

    Raises `errors.ResponseUntrusted` with reason ``chain_order`` (ours, but not first; or a link does not hold: a
    reversed chain ruins a Java keystore without a word), ``key``, ``name`` or ``certificate`` (a key or a name cannot
    be read).
    """
    try:
        _check_key(chain, public_key)
        _check_links(chain)
        if holder is not None and not DistinguishedName.of_subject(chain[0].subject).same_holder(holder):
            raise errors.ResponseUntrusted(reason="name")
    except errors.DistinguishedNameInvalid as error:
        raise errors.ResponseUntrusted(reason="name") from error
    except (ValueError, UnsupportedAlgorithm) as error:  # pyca reads keys and names when they are asked for
        raise errors.ResponseUntrusted(reason="certificate") from error


def _check_key(chain: Sequence[x509.Certificate], public_key: CertificatePublicKeyTypes) -> None:
    ours = [_bits(certificate.public_key()) == _bits(public_key) for certificate in chain]
    if not any(ours):
        raise errors.ResponseUntrusted(reason="key")
    if not ours[0]:
        raise errors.ResponseUntrusted(reason="chain_order")


def _check_links(chain: Sequence[x509.Certificate]) -> None:
    for certificate, issuer in pairwise(chain):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise errors.ResponseUntrusted(reason="chain_order") from error


def _bits(public_key: CertificatePublicKeyTypes) -> bytes:
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


# ── PKCS#10 ──────────────────────────────────────────────────────────────────────────────────────────────
def certificate_request(key: PrivateKey, name: DistinguishedName) -> x509.CertificateSigningRequest:
    """Make a request for ``name``, which is the one in the contract, without extensions.

    Signed with SHA256withRSA, or SHA384withECDSA for P-384.
    """
    return x509.CertificateSigningRequestBuilder().subject_name(name.to_name()).sign(key, hash_for(key))


# ── The challenge of an ETK registration ─────────────────────────────────────────────────────────────────
SERIAL_LENGTH: Final = 16
_HASH_LENGTH: Final = 32


def solve_challenge(challenge: bytes, key: RSAPrivateKey) -> int:
    """Return the serial number for the encryption certificate, 1 to 2**128 - 1.

    ``challenge`` is an RSA PKCS#1 v1.5 ciphertext and the SHA-256 of the serial; the serial is the first 16
    bytes of the plaintext, unsigned and big-endian. A wrong key gives no error but random bytes (implicit
    rejection, against Bleichenbacher's attack), so it is the hash that decides. Raises
    `errors.ResponseUntrusted` (reason ``challenge``).
    """
    length = (key.key_size + 7) // 8
    ciphertext, digest = challenge[:length], challenge[length:]
    if len(digest) != _HASH_LENGTH:
        raise errors.ResponseUntrusted(reason="challenge")
    try:
        serial = key.decrypt(ciphertext, PKCS1v15())[:SERIAL_LENGTH]
    except ValueError as error:
        raise errors.ResponseUntrusted(reason="challenge") from error
    matches = hmac.compare_digest(hashlib.sha256(serial).digest(), digest)
    if len(serial) != SERIAL_LENGTH or not any(serial) or not matches:
        raise errors.ResponseUntrusted(reason="challenge")
    return int.from_bytes(serial, "big")
