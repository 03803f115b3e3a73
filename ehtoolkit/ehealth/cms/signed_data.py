"""Read a SignedData from a stream: its content in pieces, then who signed it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from ehtoolkit.crypto import der
from ehtoolkit.ehealth.cms.ber_stream import (
    CONTEXT_0,
    SEQUENCE,
    SET,
    BerStream,
    CmsLimitExceeded,
    MalformedCms,
)

SIGNED_DATA: Final = der.object_identifier("1.2.840.113549.1.7.2")
DATA: Final = der.object_identifier("1.2.840.113549.1.7.1")
HASHES: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        der.object_identifier("2.16.840.1.101.3.4.2.1"): "sha256",
        der.object_identifier("2.16.840.1.101.3.4.2.2"): "sha384",
        der.object_identifier("2.16.840.1.101.3.4.2.3"): "sha512",
    }
)
"""The digests that count, by their identifiers in DER: neither MD5 nor SHA-1."""

_SMALL: Final = 1_000
"""Bytes of a version, an object identifier or an algorithm."""
_DIGESTS: Final = 10
"""Algorithms of digests in one message."""
_CERTIFICATE: Final = 100_000
"""Bytes of a certificate."""
_SIGNER: Final = 500_000
"""Bytes of a signer, with what others have attested of the signature: time stamps, answers of responders."""
CERTIFICATES: Final = 50
"""Certificates in one layer."""
SIGNERS: Final = 20


class SignedDataReader:
    """Reads one after the other: `open`, then all of `content`, then `finish`.

    Attributes:
        content_type: object identifier of what was signed, in DER.
        has_content: False where the content is somewhere else (detached).
        digests: of the content, by the names of hashlib, once all of it was read.
        certificates: DER, in their order, after `finish`.
        signers: each SignerInfo as DER, after `finish`.
    """

    def __init__(self, stream: BerStream) -> None:
        self._stream = stream
        self._hashes: dict[str, Any] = {}
        self.content_type = b""
        self.has_content = False
        self.certificates: list[bytes] = []
        self.signers: list[bytes] = []

    @property
    def digests(self) -> dict[str, bytes]:
        return {name: computed.digest() for name, computed in self._hashes.items()}

    def open(self) -> None:
        """Read up to the content. Raises `MalformedCms`, also for a message of another type."""
        stream = self._stream
        stream.enter(SEQUENCE)
        if stream.element(_SMALL) != SIGNED_DATA:
            raise MalformedCms(stream.layer)
        stream.enter(CONTEXT_0)
        stream.enter(SEQUENCE)
        stream.element(_SMALL)  # the version follows from the rest
        names = {"sha256"}  # some writers leave the set empty
        for identifier in self._each(SET, _DIGESTS, "values", self._algorithm):
            if identifier in HASHES:
                names.add(HASHES[identifier])
        self._hashes = {name: hashlib.new(name) for name in sorted(names)}
        stream.enter(SEQUENCE)
        self.content_type = stream.element(_SMALL)
        self.has_content = stream.peek() == CONTEXT_0
        if self.has_content:
            stream.enter(CONTEXT_0)

    def content(self) -> Iterator[bytes]:
        """Read the content in pieces, with its digests. None of it is proven before the signature is."""
        if not self.has_content:
            return
        for piece in self._stream.octets():
            for computed in self._hashes.values():
                computed.update(piece)
            yield piece

    def finish(self) -> None:
        """Read what follows the content. Raises `MalformedCms`."""
        stream = self._stream
        for _ in range(2 if self.has_content else 1):
            stream.leave()
        while (tag := stream.peek()) is not None:
            if tag == CONTEXT_0:
                self.certificates += self._each(CONTEXT_0, CERTIFICATES, "certificates", self._certificate)
            elif tag == SET:
                self.signers += self._each(SET, SIGNERS, "values", lambda: stream.element(_SIGNER))
            else:
                stream.skip()  # revocation lists
        for _ in range(3):
            stream.leave()

    def _each(self, tag: int, most: int, reason: str, read: Callable[[], bytes]) -> list[bytes]:
        stream, found = self._stream, list[bytes]()
        stream.enter(tag)
        while stream.peek() is not None:
            if len(found) == most:
                raise CmsLimitExceeded(stream.layer, reason, most)
            found.append(read())
        stream.leave()
        return [one for one in found if one]

    def _certificate(self) -> bytes:
        """Read a certificate; empty for an attribute certificate or another kind."""
        found = self._stream.element(_CERTIFICATE)
        return found if found[0] == SEQUENCE else b""

    def _algorithm(self) -> bytes:
        self._stream.enter(SEQUENCE)
        identifier = self._stream.element(_SMALL)
        self._stream.leave()
        return identifier
