"""Read a SignedData: its content, and who signed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ehtoolkit.crypto import der
from ehtoolkit.crypto.ber import CONTEXT, SEQUENCE, SET, BerElement, BerError, Data
from ehtoolkit.ehealth.cms.layer import children_of, deepen, encoded, octets, read_content_info, reading

SIGNED_DATA: Final = der.object_identifier("1.2.840.113549.1.7.2")
DATA: Final = der.object_identifier("1.2.840.113549.1.7.1")
HASHES: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        der.object_identifier("2.16.840.1.101.3.4.2.1"): "sha256",
        der.object_identifier("2.16.840.1.101.3.4.2.2"): "sha384",
        der.object_identifier("2.16.840.1.101.3.4.2.3"): "sha512",
    }
)
"""The accepted digests, by their identifiers in DER: neither MD5 nor SHA-1."""

_CERTIFICATE: Final = 100_000
"""Bytes of a certificate."""
_SIGNER: Final = 500_000
"""Bytes of a signer, with time stamps and answers of responders about the signature."""
CERTIFICATES: Final = 50
"""Certificates in one layer."""
SIGNERS: Final = 20


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData. Its content is not proven before the signature is.

    Attributes:
        content_type: object identifier of what was signed, in DER.
        content: what was signed; None where it is somewhere else (detached).
        certificates: DER, in their order, without attribute certificates and other kinds.
        signers: each SignerInfo as DER.
        trailing: bytes that follow the structure.
    """

    content_type: bytes
    content: Data | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    signers: tuple[bytes, ...] = field(repr=False)
    trailing: int


def read_signed_data(data: Data, layer: str = "", *, partial: bool = False) -> SignedData:
    """Read a SignedData.

    Args:
        data: BER or DER.
        layer: its name in errors.
        partial: read what there is of one that is cut off, with the beginning of its content.

    Raises `ehtoolkit.ehealth.cms.layer.MalformedCms`, also for a structure of another type.
    """
    with reading(layer):
        fields, end = read_content_info(data, SIGNED_DATA, partial=partial)
        if len(fields) < 3:
            raise BerError("structure")
        content_type, content = _encapsulated(deepen(fields[2]))
        certificates, signers = list[bytes](), list[bytes]()
        for part in fields[3:]:  # what is neither are revocation lists
            if part.tag == CONTEXT:
                certificates += _encoded(part, CERTIFICATES, "certificates", _CERTIFICATE)
            elif part.tag == SET:
                signers += _encoded(part, SIGNERS, "values", _SIGNER)
        return SignedData(
            content_type=content_type,
            content=content,
            certificates=tuple(certificate for certificate in certificates if certificate[0] == SEQUENCE),
            signers=tuple(signers),
            trailing=max(0, len(data) - end),
        )


def _encapsulated(info: BerElement) -> tuple[bytes, Data | None]:
    content_type, *content = info.parts(SEQUENCE, 1)
    if not content:
        return content_type.der(), None
    return content_type.der(), octets(content[0].parts(CONTEXT, 1)[0])


def _encoded(part: BerElement, most: int, reason: str, size: int) -> list[bytes]:
    return [encoded(child, size) for child in children_of(part, most, reason)]
