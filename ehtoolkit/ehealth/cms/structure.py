"""CMS structures (RFC 5652) in BER: their limits, their faults, SignedData and EnvelopedData."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from asn1crypto import cms
from asn1crypto.core import ObjectIdentifier, OctetString
from asn1crypto.core import Sequence as AnySequence
from asn1crypto.x509 import Name
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate, SubjectKeyIdentifier

from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import UNREADABLE, extension_of
from ehtoolkit.crypto.der import (
    CONTEXT,
    OCTET_STRING,
    SEQUENCE,
    SET,
    BerElement,
    BerError,
    BerLimitExceeded,
    Data,
)

LIMITS: Final = der.Limits(nesting=32, values=50_000, free_octets=64)
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
        whole = der.parse(BerElement, data, 0, LIMITS, _FIELDS, partial=partial)
    except BerError as error:
        raise BerError(error.reason if _begins_as(data, kind) else "structure") from error
    identifier, explicit = whole.parts(SEQUENCE, 2)[:2]
    if identifier.der() != kind:
        raise BerError("structure")
    return explicit.parts(CONTEXT, 1)[0].parts(SEQUENCE), whole.end


def _begins_as(data: Data, kind: bytes) -> bool:
    """Return whether as much as there is of a ContentInfo has this type."""
    try:
        _, _, begin = der.header(data, 0)
    except (BerError, IndexError):
        return False
    return kind.startswith(bytes(data[begin : begin + len(kind)]))


def deepen(field: BerElement, levels: int | None = None) -> BerElement:
    """Return ``field`` with so many levels of children, None for all."""
    return der.parse(BerElement, field.data, field.start, LIMITS, levels, partial=field.is_cut_off)


def children_of(field: BerElement, limit: int, reason: str) -> Sequence[BerElement]:
    """Return the children of a SET or SEQUENCE, without theirs, and without one that is cut off. Raises
    `BerLimitExceeded` over ``limit``."""
    found = [child for child in deepen(field, 1).children if not child.is_cut_off]
    if len(found) > limit:
        raise BerLimitExceeded(reason, limit)
    return found


def encoded(value: BerElement, limit: int) -> bytes:
    """Return a value with lengths as DER has them. Raises `BerLimitExceeded` over ``limit`` bytes."""
    if value.size > limit:
        raise BerLimitExceeded("size", limit)
    return deepen(value).der()


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

    Raises `MalformedCms`, also for a structure of another type.
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
                certificates += (encoded(child, _CERTIFICATE) for child in found)
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


# ── EnvelopedData ──────────────────────────────────────────────────────────────────────────────────────
ENVELOPED_DATA: Final = der.object_identifier("1.2.840.113549.1.7.3")
RSA_PKCS1: Final = "1.2.840.113549.1.1.1"
"""Key transport by RSAES-PKCS1-v1_5."""

_ALGORITHM: Final = 1_000
"""Bytes of an algorithm with its parameters."""
_RECIPIENT: Final = 20_000
"""Bytes of one recipient: 485 with a key of 2048 bits."""
RECIPIENTS: Final = 1_000
_ENCRYPTED_CONTENT: Final = 0x80


@dataclass(frozen=True, slots=True)
class KeyTransport:
    """The content key for one recipient.

    Attributes:
        key: how the recipient's key is named.
        algorithm: object identifier of the key transport.
        encrypted_key: as it was sent.
    """

    key: KeyName
    algorithm: str
    encrypted_key: bytes = field(repr=False)

    def content_key(self, key: RSAPrivateKey) -> bytes | None:
        """Decrypt the content key; None for another algorithm. OpenSSL gives random bytes for what was encrypted for
        another key, and no error: their length tells, and else the padding of the content."""
        if self.algorithm != RSA_PKCS1:
            return None
        try:
            return key.decrypt(self.encrypted_key, PKCS1v15())
        except UNREADABLE:
            return None


@dataclass(frozen=True, slots=True)
class EnvelopedData:
    """An EnvelopedData.

    Attributes:
        recipients: those with a public key.
        symmetric_key_ids: identifiers of keys that are shared beforehand (KEK), as the KGSS gives them out.
        others: recipients of kinds that eHealth does not use.
        algorithm: object identifier of the content encryption; empty for one that cannot be read.
        initialisation_vector: of the cipher; empty where the parameters are something else.
        content: encrypted; None where it is somewhere else.
    """

    recipients: tuple[KeyTransport, ...]
    symmetric_key_ids: tuple[bytes, ...]
    others: int
    algorithm: str = ""
    initialisation_vector: bytes = field(default=b"", repr=False)
    content: Data | None = field(default=None, repr=False)


def read_enveloped_data(data: Data, layer: str) -> EnvelopedData:
    """Read an EnvelopedData, BER or DER; bytes that follow it are ignored. ``layer``: its name in errors.

    Raises `MalformedCms`, also for a structure of another type.
    """
    with reading(layer):
        recipients, *rest = _fields(data)
        if not rest:
            raise BerError("structure")
        _, algorithm, *content = deepen(rest[0]).parts(SEQUENCE, 2)
        name, initialisation_vector = _algorithm(encoded(algorithm, _ALGORITHM))
        there = bool(content) and content[0].tag in (_ENCRYPTED_CONTENT, CONTEXT)
        return replace(
            _envelope(recipients),
            algorithm=name,
            initialisation_vector=initialisation_vector,
            content=octets(content[0], _ENCRYPTED_CONTENT) if there else None,
        )


def read_recipients(data: Data, layer: str) -> EnvelopedData:
    """Read the recipients of an EnvelopedData that is cut off, as far as they are whole, and nothing else of it.

    Raises as `read_enveloped_data` does.
    """
    with reading(layer):
        return _envelope(_fields(data, partial=True)[0])


def _fields(data: Data, *, partial: bool = False) -> Sequence[BerElement]:
    """Return the fields from the recipients on."""
    fields, _ = read_content_info(data, ENVELOPED_DATA, partial=partial)
    # The first field is the version. Certificates of the sender, for key agreement, may follow.
    has_originator = len(fields) > 1 and fields[1].tag == CONTEXT
    fields = fields[2:] if has_originator else fields[1:]
    if not fields or fields[0].tag != SET:
        raise BerError("structure")
    return fields


def _envelope(recipients: BerElement) -> EnvelopedData:
    transports, symmetric_key_ids, others = list[KeyTransport](), list[bytes](), 0
    for child in children_of(recipients, RECIPIENTS, "recipients"):
        found = _recipient(encoded(child, _RECIPIENT))
        if isinstance(found, KeyTransport):
            transports.append(found)
        elif found is not None:
            symmetric_key_ids.append(found)
        else:
            others += 1
    return EnvelopedData(tuple(transports), tuple(symmetric_key_ids), others)


def _recipient(info: bytes) -> KeyTransport | bytes | None:
    """Return a recipient with a public key, the identifier of a shared key, or None for another kind."""
    try:
        recipient = cms.RecipientInfo.load(info, strict=True)
        found = recipient.chosen
        if recipient.name == "kekri":
            return bytes(found["kekid"]["key_identifier"].native)
        if recipient.name != "ktri":
            return None
        return KeyTransport(
            key=KeyName.of(found["rid"]),
            algorithm=found["key_encryption_algorithm"]["algorithm"].dotted,
            encrypted_key=bytes(found["encrypted_key"].native),
        )
    except BerError:  # of a serial number that is too long
        raise
    except UNREADABLE:
        return None


def _algorithm(info: bytes) -> tuple[str, bytes]:
    """Return the object identifier and the initialisation vector of a cipher; empty where they cannot be read."""
    name = ""
    try:
        algorithm = AnySequence.load(info, strict=True)
        name = ObjectIdentifier.load(algorithm[0].dump()).dotted
        return name, OctetString.load(algorithm[1].dump()).native
    except UNREADABLE:
        return name, b""
