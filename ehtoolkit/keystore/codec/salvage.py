"""Finds keys and certificates in what is left of a file, without its password.

Lengths and frames may be damaged or missing, so nothing is read from the top: what counts is where an
algorithm, a certificate or a plain key begins, which their object identifiers tell, and what follows there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.crypto.der import CONTEXT, INDEFINITE, OCTET_STRING, SEQUENCE, SET, BerError, header
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, KeyOrCertificate, Plain
from ehtoolkit.keystore.codec.protection import PBES2, Encrypted, UnsupportedAlgorithm, read_encryption
from ehtoolkit.keystore.codec.structure import KEY, X509, Element, is_private_key, parse, read_attributes

_PBES1: Final = der.object_identifier("1.2.840.113549.1.12.1.1")[:-1]
_PBES2: Final = der.object_identifier(PBES2)
_OLD: Final = tuple(der.object_identifier(f"1.2.840.113549.1.5.{arc}") for arc in (1, 3, 4, 6, 10, 11))
"""Of PKCS#5 1.5, with DES and RC2 of 64 bits: never opened, but what is under them is found, and said to be lost."""
_X509: Final = der.object_identifier(X509)
_KEY: Final = der.object_identifier(KEY)
_SEGMENTED: Final = 0x24
_SEGMENTS: Final = bytes([_SEGMENTED, 0x80, OCTET_STRING])
"""How a string of segments begins."""
_SEALED: Final = (0x80, 0xA0)
_LATIN: Final = "\u024f"
"""The last letter of Latin alphabets."""
_DEPTH: Final = 4
"""Layers of segments: the file, its safes, what is in them, and one more."""
_PLACES: Final = 200
"""Parts and strings that are looked at in a file: a keystore has two dozen."""
_MOST_SEGMENTS: Final = 2_000
"""Segments of one string; BouncyCastle's have 1000 bytes."""
_ELEMENTS: Final = 64
"""Values in one of the parts that are looked at."""


Part = Encrypted | CertificateBag | Key
"""`Encrypted`: bags together."""


def find_parts(data: bytes) -> tuple[Part, ...]:
    """Return what begins in ``data`` and can be read as far as it goes, in its order."""
    return tuple(part for _, part in _Search().parts(data, _DEPTH))


class _Search:
    """Counts what it looks at: a file that was made to be searched for ever is not.

    Parts may overlap, since a length that is damaged swallows what comes next; all together they are no longer than a
    file may be.
    """

    def __init__(self) -> None:
        self._left = _PLACES
        self._octets = limits.SIZE

    def parts(self, data: bytes, depth: int) -> list[tuple[int, Part]]:
        """Return each part with the place where it begins, in their order."""
        found: list[tuple[int, Part]] = []
        strings = list(self._strings(data)) if depth else []
        for begin, _, joined in strings:  # parts are cut there by the headers of segments
            found += [(begin, part) for _, part in self.parts(joined, depth - 1)]
        for mark in _MARKS.finditer(data):
            if self._left <= 0:
                break
            self._left -= 1
            place = mark.start()
            if not any(begin < place < end for begin, end, _ in strings):
                part = _part_at(data, place, _READERS[mark[0]])
                if part is not None and (octets := _octets_of(part)) <= self._octets:
                    self._octets -= octets
                    found.append((place, part))
        return sorted(found, key=lambda item: item[0])

    def _strings(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Yield begin, end and content of each string of segments; those in it are not looked for."""
        position, end = -1, 0
        while self._left > 0:
            position = data.find(_SEGMENTS, max(position + 1, end))
            if position < 0:
                return
            self._left -= 1
            joined, end = _join(data, position + 2)
            yield position, end, joined


def _octets_of(part: Part) -> int:
    if isinstance(part, CertificateBag):
        return len(part.der)
    material = part.material if isinstance(part, Key) else part
    return len(material.data if isinstance(material, Encrypted) else material.pkcs8)


def _join(data: bytes, position: int) -> tuple[bytes, int]:
    """Return the content of the segments from ``position`` on, joined, and where they end."""
    segments: list[bytes] = []
    while (
        position < len(data) and data[position : position + 2] != b"\0\0" and len(segments) < _MOST_SEGMENTS
    ):
        try:
            tag, length, begin = header(data, position)
        except (BerError, IndexError):
            break
        if tag != OCTET_STRING or length == INDEFINITE:
            break
        segments.append(data[begin : begin + length])
        position = begin + length
    return b"".join(segments), position


def _part_at(data: bytes, place: int, read: _Reader) -> Part | None:
    """Return the part whose object identifier is at ``place``; None when it cannot be read."""
    try:
        return read(data, place)
    except (BerError, IndexError, errors.KeystoreDamaged, errors.LimitExceeded):
        return None


def _certificate_at(data: bytes, place: int) -> CertificateBag:
    content = parse(data, place + len(_X509), _ELEMENTS)
    octets = content.parts(CONTEXT, least=1)[0].octets()
    return _with_attributes(CertificateBag(octets), data, content.end)


def _key_at(data: bytes, place: int) -> Key:
    content = parse(data, place + len(_KEY), _ELEMENTS)
    pkcs8 = content.parts(CONTEXT, least=1)[0].der()
    if not is_private_key(pkcs8):
        raise errors.KeystoreDamaged(reason="key")
    return _with_attributes(Key(Plain(pkcs8)), data, content.end)


def _encrypted_at(data: bytes, place: int) -> Encrypted | Key:
    """Return what is encrypted at ``place``, behind its algorithm: bags together, or a private key."""
    oid = parse(data, place, _ELEMENTS)
    parameters = parse(data, oid.end, _ELEMENTS)
    end = parameters.end
    algorithm = Element(data, SEQUENCE, place, place, end, end, (oid, parameters))
    try:
        encryption = read_encryption(algorithm)
    except errors.LimitExceeded as error:  # it is found, and is not opened
        encryption = UnsupportedAlgorithm(error.reason)
    # Inside an AlgorithmIdentifier without a length, two zero bytes end it.
    begin = parameters.end if any(data[parameters.end : parameters.end + 2]) else parameters.end + 2
    tag, length, content = header(data, begin)
    if tag not in (OCTET_STRING, _SEGMENTED, *_SEALED):
        raise errors.KeystoreDamaged(reason="structure")
    is_key = tag not in _SEALED
    if tag & 0x20:
        octets, end = _join(data, content)
        whole = end + 2 <= len(data) if length == INDEFINITE else end >= content + length
        end += 2 if length == INDEFINITE else 0
    else:
        end = content + max(length, 0)
        octets, whole = data[content:end], end <= len(data)
    if len(octets) > limits.SIZE:
        raise errors.KeystoreDamaged(reason="structure")
    part = Encrypted(encryption, octets, whole)
    if not is_key:
        return part
    return _with_attributes(Key(part), data, end) if whole else Key(part)


def _with_attributes(bag: KeyOrCertificate, data: bytes, position: int) -> KeyOrCertificate:
    """Return a bag whose value ends at ``position`` with its attributes; as it is when something else is there."""
    while position < len(data) and not any(data[position : position + 2]):  # ends of values without a length
        position += 2
    try:
        element = parse(data, position, _ELEMENTS)
        named = replace(bag, attributes=read_attributes(element)) if element.tag == SET else bag
        return named if all(map(_is_plausible, named.alias or "")) else bag
    except (errors.KeystoreDamaged, errors.LimitExceeded):
        return bag


def _is_plausible(character: str) -> bool:
    """Return whether a name may have this character: what damaged text decrypts to is full of others."""
    return character.isprintable() and character <= _LATIN


_Reader = Callable[[bytes, int], Part]
_READERS: Final[Mapping[bytes, _Reader]] = MappingProxyType(
    {
        **dict.fromkeys((_PBES1, _PBES2, *_OLD), _encrypted_at),
        _X509: _certificate_at,
        _KEY: _key_at,
    }
)
"""What each object identifier begins."""
_MARKS: Final = re.compile(b"|".join(map(re.escape, _READERS)))
