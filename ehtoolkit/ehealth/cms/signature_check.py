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
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.der import SET, Data
from ehtoolkit.crypto.keys import verify
from ehtoolkit.ehealth.cms.structure import LIMITS, KeyName

SALT: Final = 32
"""Bytes of salt that every receiver takes; others refuse signatures with more."""

# As asn1crypto names them.
_PKCS1, _PSS, _ECDSA = "rsassa_pkcs1v15", "rsassa_pss", "ecdsa"
_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = MappingProxyType(
    {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
)
"""The accepted digests: neither MD5 nor SHA-1."""
_READ: Final = frozenset(("content_type", "message_digest", "signing_time"))


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
        key: how the signer's key is named.
        digest: name of the digest as hashlib has it; None for one that does not count.
        algorithm: object identifier of the signature.
        method: what asn1crypto calls the signature without its hash.
        hash_name: what the signature is computed over; None for an algorithm that does not count.
        salt: bytes of salt of RSASSA-PSS; None for other algorithms.
        attributes: the signed attributes as a DER SET in the order of the file; None without any.
        content_type: from these, in DER; None without.
        message_digest: from these; None without.
        signing_time: from these, aware; None without.
        signature: as it was sent.
    """

    key: KeyName
    digest: str | None
    algorithm: str
    method: str
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
        name = {_PKCS1: "RSA", _PSS: "RSASSA-PSS", _ECDSA: "ECDSA"}[self.method]
        return f"{name}, {(self.hash_name or '').upper().replace('SHA', 'SHA-')}"

    def certificate_in(self, certificates: Iterable[Certificate]) -> Certificate | None:
        """Return the first of ``certificates`` that is named here; None without."""
        return next((certificate for certificate in certificates if self.key.is_of(certificate)), None)


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
    kind = EllipticCurvePublicKey if signer.method == _ECDSA else RSAPublicKey
    if not isinstance(key, kind):
        return False
    algorithm = _HASHES[signer.hash_name]
    return verify(key, signer.signature, digest, algorithm, salt=signer.salt, prehashed=True) is True


def _read(encoded: bytes) -> SignerFields:
    info = cms.SignerInfo.load(encoded, strict=True)
    digest = _accepted(info["digest_algorithm"])
    algorithm = info["signature_algorithm"]
    method, hash_name, salt = _method(algorithm, digest)
    attributes = info["signed_attrs"]
    has_attributes = bool(attributes.contents)
    values = _values(attributes) if has_attributes else {}
    return SignerFields(
        key=KeyName.of(info["sid"]),
        digest=digest,
        algorithm=algorithm["algorithm"].dotted,
        method=method,
        hash_name=hash_name,
        salt=salt,
        attributes=der.value(SET, bytes(attributes.contents)) if has_attributes else None,
        content_type=values["content_type"].dump() if "content_type" in values else None,
        message_digest=bytes(values["message_digest"].native) if "message_digest" in values else None,
        signing_time=_moment(values["signing_time"].native) if "signing_time" in values else None,
        signature=bytes(info["signature"].native),
    )


def _accepted(algorithm: Any) -> str | None:
    """Return the name of an accepted digest, else None."""
    name = algorithm["algorithm"].native
    return name if name in _HASHES else None


def _method(algorithm: Any, digest: str | None) -> tuple[str, str | None, int | None]:
    """Return the method, its hash and the length of the salt; no hash for what does not count."""
    name = algorithm["algorithm"].native
    if name == _PSS:
        parameters = algorithm["parameters"]
        mask, salt = parameters["mask_gen_algorithm"], int(parameters["salt_length"].native)
        hash_name = _accepted(parameters["hash_algorithm"])
        is_usual = mask["algorithm"].native == "mgf1" and _accepted(mask["parameters"]) == hash_name
        return (_PSS, hash_name, salt) if is_usual and 0 <= salt < 1_000 else (_PSS, None, None)
    if name in (_PKCS1, _ECDSA):  # so Java writes it: the digest tells the hash
        return name, digest, None
    hash_name, _, method = name.partition("_")
    known = {"rsa": _PKCS1, "ecdsa": _ECDSA}
    is_known = method in known and hash_name in _HASHES
    return (known[method], hash_name, None) if is_known else ("", None, None)


def _values(attributes: Any) -> dict[str, Any]:
    """Return the three attributes that are read, each of which is there once with one value, or not at all."""
    found: dict[str, Any] = {}
    for attribute in attributes:
        name = attribute["type"].native
        if name in _READ:
            (value,) = attribute["values"]
            if name in found:
                raise ValueError("an attribute twice")
            found[name] = value
    return found


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("not a point in time")
    return value


def _sorted(attributes: bytes) -> bytes:
    """Return a SET OF in the order of DER (X.690, 11.6)."""
    values = der.parse(der.BerElement, attributes, 0, LIMITS, 1).children
    return der.set_of(*sorted(attributes[value.start : value.end] for value in values))
