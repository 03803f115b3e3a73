"""Is the certificate that was delivered the one that was asked for? Key, name, and the order of its chain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName


def public_key_identifier(public_key: CertificatePublicKeyTypes) -> str:
    """What the platform calls a key by: SHA-1 of the subjectPublicKey bits (RFC 5280, method 1), 40
    hexadecimal digits in upper case."""
    return x509.SubjectKeyIdentifier.from_public_key(public_key).digest.hex().upper()


def check_delivered(
    chain: Sequence[x509.Certificate], public_key: CertificatePublicKeyTypes, holder: DistinguishedName | None
) -> None:
    """The first certificate must be for ``public_key`` and for ``holder`` (by type, number and application
    id; None: nobody remembers whom it was asked for), and each must be signed by the next one.

    Raises `errors.ResponseUntrusted` with reason ``chain_order`` (ours, but not first; or a link does not hold:
    a reversed chain ruins a Java keystore without a word), ``key`` or ``name``.
    """
    try:
        _check_key(chain, public_key)
        _check_links(chain)
        if holder is not None and not DistinguishedName.of_name(chain[0].subject).same_holder(holder):
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
