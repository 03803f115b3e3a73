"""Writes DER: the few shapes that a PKCS#12 file is made of."""

from __future__ import annotations

from typing import Final

NULL: Final = b"\x05\x00"

_INTEGER: Final = 0x02
_OCTET_STRING: Final = 0x04
_OBJECT_IDENTIFIER: Final = 0x06
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_CONTEXT: Final = 0x80
_CONTEXT_CONSTRUCTED: Final = 0xA0


def value(tag: int, content: bytes) -> bytes:
    """One value: its tag (a single byte), its length in the shortest form, its content."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return value(_SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """A SET OF with its parts in the order given, which for what others wrote is theirs, not DER's."""
    return value(_SET, b"".join(parts))


def octet_string(content: bytes) -> bytes:
    return value(_OCTET_STRING, content)


def integer(number: int) -> bytes:
    """A number that is not negative."""
    return value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def object_identifier(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *others):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return value(_OBJECT_IDENTIFIER, bytes(content))


def explicit(number: int, inner: bytes) -> bytes:
    """``[number] EXPLICIT``."""
    return value(_CONTEXT_CONSTRUCTED | number, inner)


def implicit_octets(number: int, content: bytes) -> bytes:
    """``[number] IMPLICIT OCTET STRING``."""
    return value(_CONTEXT | number, content)


def content(encoded: bytes) -> bytes:
    """What is inside one DER value; the inverse of `value`."""
    if encoded[1] < 0x80:
        return encoded[2:]
    return encoded[2 + (encoded[1] & 0x7F) :]
