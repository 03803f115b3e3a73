"""Read an EnvelopedData: its recipients and the encrypted content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from asn1crypto import cms
from asn1crypto.core import ObjectIdentifier, OctetString
from asn1crypto.core import Sequence as AnySequence
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.der import CONTEXT, SEQUENCE, SET, BerElement, BerError, Data
from ehtoolkit.ehealth.cms.structure import (
    KeyName,
    children_of,
    deepen,
    encoded,
    octets,
    read_content_info,
    reading,
)

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


def read_enveloped_data(data: Data, layer: str = "") -> EnvelopedData:
    """Read an EnvelopedData, BER or DER; bytes that follow it are ignored. ``layer``: its name in errors.

    Raises `ehtoolkit.ehealth.cms.structure.MalformedCms`, also for a structure of another type.
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


def read_recipients(data: Data, layer: str = "") -> EnvelopedData:
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
