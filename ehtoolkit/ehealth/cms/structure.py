"""CMS structures (RFC 5652) in BER: their limits, their faults, and a SignedData."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto.x509 import Name
from cryptography.x509 import Certificate, SubjectKeyIdentifier

from ehtoolkit.crypto import ber, der
from ehtoolkit.crypto.ber import (
    CONTEXT,
    OCTET_STRING,
    SEQUENCE,
    SET,
    BerElement,
    BerError,
    BerLimitExceeded,
    Data,
)
from ehtoolkit.crypto.certificates import UNREADABLE, extension_of

LIMITS: Final = ber.Limits(nesting=32, values=50_000, free_octets=64)
"""A certificate has a dozen levels; Java writes octet strings in segments of 1,000 bytes."""
SERIAL_BITS: Final = 512
"""Bits of a serial number; standards allow 160, and Python writes no number of some thousand digits."""
_FIELDS: Final = 3
"""Levels down to the fields of the content."""


class MalformedCms(ValueError):
    """Bytes that are not CMS or not all of it, or a structure that no sound message has.

    Attributes:
        layer: name of the structure, as its reader was given it.
        fault: what is wrong; of a `BerLimitExceeded` the reason may be ``size``, ``recipients`` or ``certificates``,
            too.
    """

    def __init__(self, layer: str, fault: BerError | BerLimitExceeded) -> None:
        super().__init__(layer)
        self.layer = layer
        self.fault = fault

    @property
    def truncated(self) -> bool:
        """Whether the bytes end before the structure does."""
        return self.fault.reason == "truncated"


@contextmanager
def reading(layer: str) -> Iterator[None]:
    """Raise `MalformedCms` for what the body finds wrong with a structure."""
    try:
        yield
    except (BerError, BerLimitExceeded) as fault:
        raise MalformedCms(layer, fault) from fault


def read_content_info(data: Data, kind: bytes, *, partial: bool = False) -> tuple[Sequence[BerElement], int]:
    """Return the fields of the content of a ContentInfo, and where it ends. Their own children are not kept: a list of
    revoked certificates can be very long.

    Args:
        data: BER or DER.
        kind: the content type, in DER.
        partial: return the fields of one that is cut off, as far as they go.

    Raises `BerError` for another type, `BerLimitExceeded`.
    """
    if data[:1] != bytes((SEQUENCE,)):
        raise BerError("structure")
    try:
        whole = ber.parse(BerElement, data, 0, LIMITS, _FIELDS, partial=partial)
    except BerError as error:
        raise BerError(error.reason if _begins_as(data, kind) else "structure") from error
    identifier, explicit = whole.parts(SEQUENCE, 2)[:2]
    if identifier.der() != kind:
        raise BerError("structure")
    return explicit.parts(CONTEXT, 1)[0].parts(SEQUENCE), whole.end


def _begins_as(data: Data, kind: bytes) -> bool:
    """Return whether as much as there is of a ContentInfo has this type."""
    try:
        _, _, begin = ber.header(data, 0)
    except (BerError, IndexError):
        return False
    return kind.startswith(bytes(data[begin : begin + len(kind)]))


def deepen(field: BerElement, levels: int | None = None) -> BerElement:
    """Return ``field`` with so many levels of children, None for all."""
    return ber.parse(BerElement, field.data, field.start, LIMITS, levels, partial=field.is_cut_off)


def children_of(field: BerElement, limit: int, reason: str) -> Sequence[BerElement]:
    """Return the children of a SET or SEQUENCE, without theirs, and without one that is cut off. Raises
    `BerLimitExceeded` over ``limit``."""
    found = [child for child in deepen(field, 1).children if not child.is_cut_off]
    if len(found) > limit:
        raise BerLimitExceeded(reason, limit)
    return found


def encoded(value: BerElement, limit: int) -> bytes:
    """Return a value with lengths as DER has them. Raises `BerLimitExceeded` over ``limit`` bytes."""
    _check_size(value, limit)
    return deepen(value).der()


def _whole(value: BerElement, limit: int) -> bytes:
    """Return a value as it is. Raises `BerLimitExceeded` over ``limit`` bytes."""
    _check_size(value, limit)
    return bytes(value.data[value.start : value.end])


def _check_size(value: BerElement, limit: int) -> None:
    if value.size > limit:
        raise BerLimitExceeded("size", limit)


def octets(value: BerElement, tag: int = OCTET_STRING) -> Data:
    """Return the content of an OCTET STRING; it is copied only where it is in segments.

    ``tag``: of the primitive form, where it is tagged implicitly. Raises `BerError`.
    """
    return value.view if value.tag == tag else value.octets(tag)


@dataclass(frozen=True, slots=True)
class KeyName:
    """How a message names a key: by the issuer and the serial number of its certificate, or by its identifier.

    Attributes:
        serial: None where the key is named by its identifier.
        issuer: as an asn1crypto name; None likewise.
        key_identifier: the subjectKeyIdentifier; None where the certificate is named.
    """

    serial: int | None
    issuer: Any = field(repr=False)
    key_identifier: bytes | None

    @classmethod
    def of(cls, choice: Any) -> KeyName:
        """Read a SignerIdentifier or a RecipientIdentifier of asn1crypto. Raises `BerError` for a serial number that is
        too long."""
        if choice.name != "issuer_and_serial_number":
            return cls(None, None, bytes(choice.chosen.native))
        serial = choice.chosen["serial_number"].native
        if serial.bit_length() > SERIAL_BITS:
            raise BerError("structure")
        return cls(serial, choice.chosen["issuer"], None)

    def is_of(self, certificate: Certificate) -> bool:
        """Return whether the key of ``certificate`` is named."""
        try:
            if self.serial is None:
                named = extension_of(certificate, SubjectKeyIdentifier)
                return named is not None and named.digest == self.key_identifier
            if certificate.serial_number != self.serial:
                return False
            issuer = certificate.issuer.public_bytes()
            # By value, too: writers copy names with other types of strings.
            return issuer == self.issuer.dump() or bool(Name.load(issuer) == self.issuer)
        except UNREADABLE:
            return False


# ── SignedData ─────────────────────────────────────────────────────────────────────────────────────────
SIGNED_DATA: Final = der.object_identifier("1.2.840.113549.1.7.2")
DATA: Final = der.object_identifier("1.2.840.113549.1.7.1")

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
        certificates: as they are (DER), in their order, without attribute certificates and other kinds.
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

    Raises `ehtoolkit.ehealth.cms.structure.MalformedCms`, also for a structure of another type.
    """
    with reading(layer):
        fields, end = read_content_info(data, SIGNED_DATA, partial=partial)
        if len(fields) < 3:
            raise BerError("structure")
        content_type, content = _encapsulated(deepen(fields[2]))
        certificates, signers = list[bytes](), list[bytes]()
        for part in fields[3:]:  # what is neither are revocation lists
            if part.tag == CONTEXT:
                found = children_of(part, CERTIFICATES, "certificates")
                certificates += (_whole(child, _CERTIFICATE) for child in found)
            elif part.tag == SET:
                signers += (encoded(child, _SIGNER) for child in children_of(part, SIGNERS, "values"))
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
