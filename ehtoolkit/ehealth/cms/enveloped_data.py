"""Read an EnvelopedData from a stream: for whom it is, then the encrypted content in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.cms.ber_stream import (
    CONTEXT_0,
    SEQUENCE,
    SERIAL_BITS,
    SET,
    BerStream,
    CmsLimitExceeded,
    MalformedCms,
)

ENVELOPED_DATA: Final = der.object_identifier("1.2.840.113549.1.7.3")
RSA_PKCS1: Final = "1.2.840.113549.1.1.1"
"""Key transport by RSAES-PKCS1-v1_5."""

_SMALL: Final = 1_000
_RECIPIENT: Final = 20_000
"""Bytes of one recipient: 485 with a key of 2048 bits."""
RECIPIENTS: Final = 1_000
_ENCRYPTED_CONTENT: Final = 0x80


@dataclass(frozen=True, slots=True)
class KeyTransport:
    """The content key for one recipient.

    Attributes:
        serial: of the recipient's certificate; None where the key is named by its identifier.
        issuer: of that certificate, as an asn1crypto name; None likewise.
        key_identifier: SHA-1 of the recipient's public key; None where the certificate is named.
        algorithm: object identifier of the key transport.
        encrypted_key: as it was sent.
    """

    serial: int | None
    issuer: Any = field(repr=False)
    key_identifier: bytes | None
    algorithm: str
    encrypted_key: bytes = field(repr=False)


class EnvelopedDataReader:
    """Reads one after the other: `open`, then all of `content`, then `finish`.

    Attributes:
        recipients: those with a public key.
        symmetric_key_ids: identifiers of keys that are shared beforehand (KEK), as the KGSS gives them out.
        others: recipients of kinds that eHealth does not use.
        algorithm: object identifier of the content encryption; empty for one that cannot be read.
        initialisation_vector: of the cipher; empty where the parameters are something else.
        has_content: False where the encrypted content is somewhere else.
    """

    def __init__(self, stream: BerStream) -> None:
        self._stream = stream
        self.recipients: list[KeyTransport] = []
        self.symmetric_key_ids: list[bytes] = []
        self.others = 0
        self.algorithm = ""
        self.initialisation_vector = b""
        self.has_content = False

    def open(self) -> None:
        """Read up to the encrypted content. Raises `MalformedCms`, also for a message of another type."""
        stream = self._stream
        stream.enter(SEQUENCE)
        if stream.element(_SMALL) != ENVELOPED_DATA:
            raise MalformedCms(stream.layer)
        stream.enter(CONTEXT_0)
        stream.enter(SEQUENCE)
        stream.element(_SMALL)  # the version follows from the rest
        if stream.peek() == CONTEXT_0:  # certificates of the sender, for key agreement
            stream.skip()
        stream.enter(SET)
        number = 0
        while stream.peek() is not None:
            if number == RECIPIENTS:
                raise CmsLimitExceeded(stream.layer, "recipients", RECIPIENTS)
            number += 1
            self._take(stream.element(_RECIPIENT))
        stream.leave()
        stream.enter(SEQUENCE)
        stream.element(_SMALL)
        self._take_algorithm(stream.element(_SMALL))
        self.has_content = stream.peek() in (_ENCRYPTED_CONTENT, CONTEXT_0)

    def content(self) -> Iterator[bytes]:
        """Read the encrypted content in pieces."""
        if self.has_content:
            yield from self._stream.octets(_ENCRYPTED_CONTENT)

    def finish(self) -> None:
        """Read what follows the content, unprotected attributes. Raises `MalformedCms`."""
        for _ in range(4):
            self._stream.leave()

    def _take(self, encoded: bytes) -> None:
        from asn1crypto import cms

        transport: KeyTransport | None = None
        try:
            info = cms.RecipientInfo.load(encoded, strict=True)
            if info.name == "ktri":
                transport = _key_transport(info.chosen)
            elif info.name == "kekri":
                self.symmetric_key_ids.append(bytes(info.chosen["kekid"]["key_identifier"].native))
            else:
                self.others += 1
        except UNREADABLE:
            self.others += 1
        if transport is None:
            return
        if transport.serial is not None and transport.serial.bit_length() > SERIAL_BITS:
            raise MalformedCms(self._stream.layer)
        self.recipients.append(transport)

    def _take_algorithm(self, encoded: bytes) -> None:
        from asn1crypto.core import ObjectIdentifier, OctetString, Sequence

        try:
            algorithm = Sequence.load(encoded, strict=True)
            self.algorithm = ObjectIdentifier.load(algorithm[0].dump()).dotted
            self.initialisation_vector = OctetString.load(algorithm[1].dump()).native
        except UNREADABLE:
            return


def _key_transport(info: Any) -> KeyTransport:
    named = info["rid"].name == "issuer_and_serial_number"
    chosen = info["rid"].chosen
    return KeyTransport(
        serial=chosen["serial_number"].native if named else None,
        issuer=chosen["issuer"] if named else None,
        key_identifier=None if named else bytes(chosen.native),
        algorithm=info["key_encryption_algorithm"]["algorithm"].dotted,
        encrypted_key=bytes(info["encrypted_key"].native),
    )
