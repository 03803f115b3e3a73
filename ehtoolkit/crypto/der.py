"""DER: write the few shapes that PKCS#12 files and the directory files of a card are made of, and cut one value."""

from __future__ import annotations

from datetime import datetime
from typing import Final

NULL: Final = b"\x05\x00"

_BOOLEAN: Final = 0x01
_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_OCTET_STRING: Final = 0x04
_OBJECT_IDENTIFIER: Final = 0x06
_ENUMERATED: Final = 0x0A
_UTF8_STRING: Final = 0x0C
_PRINTABLE_STRING: Final = 0x13
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_CONTEXT: Final = 0x80
_CONTEXT_CONSTRUCTED: Final = 0xA0


def value(tag: int, *content: bytes) -> bytes:
    """Return one value: its tag (a single byte), its length in the shortest form, its content."""
    length = sum(map(len, content))
    if length < 0x80:
        header = bytes((tag, length))
    else:
        octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
        header = bytes((tag, 0x80 | len(octets))) + octets
    return b"".join((header, *content))


def sequence(*items: bytes) -> bytes:
    return value(_SEQUENCE, *items)


def set_of(*items: bytes) -> bytes:
    """Return a SET OF with its parts in the order given, which for what others wrote is theirs, not DER's."""
    return value(_SET, *items)


def octet_string(content: bytes) -> bytes:
    return value(_OCTET_STRING, content)


def integer(number: int) -> bytes:
    """Return an INTEGER with a number that is not negative."""
    return value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def enumerated(number: int) -> bytes:
    """Return an ENUMERATED with one of less than 128 possibilities."""
    return value(_ENUMERATED, bytes((number,)))


def boolean(truth: bool) -> bytes:
    return value(_BOOLEAN, b"\xff" if truth else b"\x00")


def printable_string(text: str) -> bytes:
    return value(_PRINTABLE_STRING, text.encode("ascii"))


def time(moment: datetime) -> bytes:
    """Return a moment in UTC as certificates have it (RFC 5280, section 4.1.2.5)."""
    if moment.year < 2050:
        return value(_UTC_TIME, f"{moment:%y%m%d%H%M%SZ}".encode())
    return value(_GENERALIZED_TIME, f"{moment:%Y%m%d%H%M%SZ}".encode())


def bit_string(octets: bytes) -> bytes:
    """Return a BIT STRING of whole octets."""
    return value(_BIT_STRING, b"\0" + octets)


def utf8_string(text: str) -> bytes:
    return value(_UTF8_STRING, text.encode())


def named_bits(*bits: int) -> bytes:
    """Return a BIT STRING with these bits set, by their numbers, and no zeros after the last of them (X.690,
    11.2.2)."""
    length = max(bits, default=-1) + 1
    unused = -length % 8
    number = sum(1 << (length - 1 - bit) for bit in bits) << unused
    return value(_BIT_STRING, bytes((unused,)) + number.to_bytes((length + unused) // 8))


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
    """Return ``inner`` as ``[number] EXPLICIT``."""
    return value(_CONTEXT_CONSTRUCTED | number, inner)


def implicit_octets(number: int, content: bytes) -> bytes:
    """Return ``content`` as ``[number] IMPLICIT OCTET STRING``."""
    return value(_CONTEXT | number, content)


def content(encoded: bytes) -> bytes:
    """Return what is inside one DER value; the inverse of `value`."""
    if encoded[1] < 0x80:
        return encoded[2:]
    return encoded[2 + (encoded[1] & 0x7F) :]


def first_value(data: bytes) -> bytes:
    """Return the value that ``data`` begins with, without what follows it; ``data`` itself where it is shorter than its
    length says."""
    octets = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
    length = int.from_bytes(data[2 : 2 + octets]) if octets else int.from_bytes(data[1:2])
    return data[: 2 + octets + length]
