"""Check what a SignerInfo says: the digest of the content, and the signature by a certificate's key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from asn1crypto import cms
from asn1crypto.x509 import Name
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, ExtensionNotFound, SubjectKeyIdentifier

from ehtoolkit.crypto import ber, der
from ehtoolkit.crypto.ber import SET, Data
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.signatures import verify
from ehtoolkit.ehealth.cms.structure import HASHES, LIMITS, SERIAL_BITS

SALT: Final = 32
"""Bytes of salt that every receiver takes; others refuse signatures with more."""

_RSASSA_PSS: Final = "1.2.840.113549.1.1.10"
_MGF1: Final = "1.2.840.113549.1.1.8"
# None: the algorithm does not tell its hash, the digest does then; so Java writes it.
_RSASSA_PKCS1: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "1.2.840.113549.1.1.1": None,
        "1.2.840.113549.1.1.11": "sha256",
        "1.2.840.113549.1.1.12": "sha384",
        "1.2.840.113549.1.1.13": "sha512",
    }
)
_ECDSA: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "1.2.840.10045.4": None,
        "1.2.840.10045.4.3.2": "sha256",
        "1.2.840.10045.4.3.3": "sha384",
        "1.2.840.10045.4.3.4": "sha512",
    }
)
_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = MappingProxyType(
    {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
)
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"


class SignatureFault(StrEnum):
    """Why a signature does not prove a content."""

    ALGORITHM = "algorithm"
    CONTENT = "content"
    """The digest that was signed is that of another content."""
    CONTENT_TYPE = "content_type"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class SignerFields:
    """A SignerInfo.

    Attributes:
        serial: of the signer's certificate; None where the key is named by its identifier.
        issuer: of that certificate, as an asn1crypto name; None likewise.
        key_identifier: the subjectKeyIdentifier; None where the certificate is named.
        digest: name of the digest as hashlib has it; None for one that does not count.
        algorithm: object identifier of the signature.
        hash_name: what the signature is computed over; None for an algorithm that does not count.
        salt: bytes of salt of RSASSA-PSS; None for other algorithms.
        attributes: the signed attributes as a DER SET in the order of the file; None without any.
        content_type: from these, in DER; None without.
        message_digest: from these; None without.
        signing_time: from these, aware; None without.
        signature: as it was sent.
    """

    serial: int | None
    issuer: Any = field(repr=False)
    key_identifier: bytes | None
    digest: str | None
    algorithm: str
    hash_name: str | None
    salt: int | None
    attributes: bytes | None = field(repr=False)
    content_type: bytes | None
    message_digest: bytes | None
    signing_time: datetime | None
    signature: bytes = field(repr=False)

    @property
    def scheme(self) -> str:
        """What the signature is made with, for a reader: ``RSASSA-PSS, SHA-256``."""
        name = (
            "ECDSA"
            if self.algorithm in _ECDSA
            else "RSA"
            if self.algorithm in _RSASSA_PKCS1
            else "RSASSA-PSS"
        )
        return f"{name}, {(self.hash_name or '').upper().replace('SHA', 'SHA-')}"

    def certificate_in(self, certificates: Iterable[Certificate]) -> Certificate | None:
        """Return the first of ``certificates`` that is named here; None without."""
        return next((certificate for certificate in certificates if self._names(certificate)), None)

    def _names(self, certificate: Certificate) -> bool:
        try:
            if self.serial is None:
                extension = certificate.extensions.get_extension_for_class(SubjectKeyIdentifier)
                return extension.value.digest == self.key_identifier
            if certificate.serial_number != self.serial:
                return False
            # By value: writers copy names with other types of strings.
            return bool(Name.load(certificate.issuer.public_bytes()) == self.issuer)
        except (ExtensionNotFound, *UNREADABLE):
            return False


def read_signer(encoded: bytes) -> SignerFields:
    """Read a SignerInfo (DER). Raises ValueError for what is none."""
    try:
        return _read(encoded)
    except UNREADABLE as error:
        raise ValueError("not a SignerInfo") from error


def check_signature(
    signer: SignerFields, certificate: Certificate, content: Data, content_type: bytes
) -> SignatureFault | None:
    """Return why ``signer`` does not prove the content by the key of ``certificate``; None when it does.

    Args:
        signer: what was signed, and how.
        certificate: one whose key is bounded (`ehtoolkit.crypto.certificates.read_certificate`).
        content: what the signature should be over.
        content_type: of the content, in DER.
    """
    if signer.hash_name is None or signer.digest is None:
        return SignatureFault.ALGORITHM
    digest = hashlib.new(signer.digest, content).digest()
    if signer.attributes is None:
        if signer.hash_name != signer.digest:
            return SignatureFault.ALGORITHM
        return None if _verifies(signer, certificate, digest) else SignatureFault.SIGNATURE
    if signer.message_digest is None or not hmac.compare_digest(signer.message_digest, digest):
        return SignatureFault.CONTENT
    if signer.content_type != content_type:
        return SignatureFault.CONTENT_TYPE
    # As DER has it, the attributes in order; some writers sign them as they wrote them.
    for signed in dict.fromkeys((_sorted(signer.attributes), signer.attributes)):
        if _verifies(signer, certificate, hashlib.new(signer.hash_name, signed).digest()):
            return None
    return SignatureFault.SIGNATURE


def _verifies(signer: SignerFields, certificate: Certificate, digest: bytes) -> bool:
    assert signer.hash_name is not None  # noqa: S101  # the caller has looked
    try:
        key = certificate.public_key()
    except UNREADABLE:
        return False
    kind = EllipticCurvePublicKey if signer.algorithm in _ECDSA else RSAPublicKey
    if not isinstance(key, kind):
        return False
    algorithm = _HASHES[signer.hash_name]
    return verify(key, signer.signature, digest, algorithm, salt=signer.salt, prehashed=True) is True


def _read(encoded: bytes) -> SignerFields:
    info = cms.SignerInfo.load(encoded, strict=True)
    named = info["sid"].name == "issuer_and_serial_number"
    chosen = info["sid"].chosen
    serial = chosen["serial_number"].native if named else None
    if serial is not None and serial.bit_length() > SERIAL_BITS:
        raise ValueError("serial number")
    digest = HASHES.get(info["digest_algorithm"]["algorithm"].dump())
    algorithm = info["signature_algorithm"]
    dotted = algorithm["algorithm"].dotted
    hash_name, salt = _scheme(algorithm, dotted, digest)
    attributes = info["signed_attrs"]
    has_attributes = bool(attributes.contents)
    values = _values(attributes) if has_attributes else {}
    return SignerFields(
        serial=serial,
        issuer=chosen["issuer"] if named else None,
        key_identifier=None if named else bytes(chosen.native),
        digest=digest,
        algorithm=dotted,
        hash_name=hash_name,
        salt=salt,
        attributes=der.value(SET, bytes(attributes.contents)) if has_attributes else None,
        content_type=values[_CONTENT_TYPE].dump() if _CONTENT_TYPE in values else None,
        message_digest=bytes(values[_MESSAGE_DIGEST].native) if _MESSAGE_DIGEST in values else None,
        signing_time=_moment(values[_SIGNING_TIME].native) if _SIGNING_TIME in values else None,
        signature=bytes(info["signature"].native),
    )


def _scheme(algorithm: Any, dotted: str, digest: str | None) -> tuple[str | None, int | None]:
    """Return the hash and the length of the salt; no hash for what does not count."""
    if dotted in _RSASSA_PKCS1:
        return _RSASSA_PKCS1[dotted] or digest, None
    if dotted in _ECDSA:
        return _ECDSA[dotted] or digest, None
    if dotted != _RSASSA_PSS:
        return None, None
    parameters = algorithm["parameters"]
    name = HASHES.get(parameters["hash_algorithm"]["algorithm"].dump())
    mask = parameters["mask_gen_algorithm"]
    salt = int(parameters["salt_length"].native)
    if (
        mask["algorithm"].dotted != _MGF1
        or HASHES.get(mask["parameters"]["algorithm"].dump()) != name
        or not 0 <= salt < 1_000
    ):
        return None, None
    return name, salt


def _values(attributes: Any) -> dict[str, Any]:
    """Return the three attributes that are read, each of which is there once with one value, or not at all."""
    found: dict[str, Any] = {}
    for attribute in attributes:
        dotted = attribute["type"].dotted
        if dotted in (_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME):
            (value,) = attribute["values"]
            if dotted in found:
                raise ValueError("an attribute twice")
            found[dotted] = value
    return found


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("not a point in time")
    return value


def _sorted(attributes: bytes) -> bytes:
    """Return a SET OF in the order of DER (X.690, 11.6)."""
    values = ber.parse(ber.BerElement, attributes, 0, LIMITS, 1).children
    return der.set_of(*sorted(attributes[value.start : value.end] for value in values))
