"""The fields of a file on the chip: tag, length, value, one after the other.

A tag is one byte. A length is the sum of its bytes, which end with the first that is not 255. Tag 0 is a field
of its own at the beginning alone (the version of the structure); anywhere else it begins the padding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ehtoolkit import errors

_MORE: Final = 0xFF
"""A byte of a length after which another one follows."""


def parse_fields(content: bytes) -> dict[int, bytes]:
    """The values by tag, in the order of the file; of a tag that comes twice, the last.

    Raises `errors.CardFault` (code ``files``) when the file ends within a field.
    """
    fields: dict[int, bytes] = {}
    position = 0
    while position < len(content):
        tag = content[position]
        if tag == 0 and position > 0:
            break
        length, begin = _length(content, position + 1)
        position = begin + length
        if position > len(content):
            raise errors.CardFault(code="files")
        fields[tag] = content[begin:position]
    return fields


def encode_fields(fields: Mapping[int, bytes]) -> bytes:
    """The file with these fields (tags 0 to 255, of which 0 may only come first), without padding."""
    encoded = bytearray()
    for tag, value in fields.items():
        if tag == 0 and encoded:
            raise ValueError("tag 0 can only be the first")
        whole, rest = divmod(len(value), _MORE)
        encoded += bytes([tag, *[_MORE] * whole, rest]) + value
    return bytes(encoded)


def _length(content: bytes, position: int) -> tuple[int, int]:
    """The length that begins at ``position``, and where it ends."""
    length = 0
    while position < len(content):
        byte = content[position]
        length += byte
        position += 1
        if byte != _MORE:
            return length, position
    raise errors.CardFault(code="files")
