"""Bags that were encrypted in blocks of eight bytes, without the initialisation vector that PKCS#12's function makes.

In CBC mode the vector tells in the first block alone. There, bags have two tags and two lengths, and the rest says
which lengths: so the vector, which costs as much to derive as a key, need not be derived to read them.
"""

from __future__ import annotations

import struct
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import ber

_BLOCK: Final = 8
_HEADER: Final = 4
"""Bytes of a tag, the octet that says that two octets of length follow, and these."""
_CERTIFICATE_BAG: Final = bytes.fromhex("060b2a864886f70d010c0a0103")
"""The object identifier with which a bag of a certificate begins (RFC 7292, section 4.2.3)."""
_LENGTHS: Final = range(0x100, 0x10000)


def with_first_block(plain: bytes) -> bytes | None:
    """``plain``, of which the first eight bytes do not count, with those that it must have had.

    None where that is not certain: the first bag is no certificate, a length has not two octets, or the values do not
    end where they should.
    """
    if not plain.startswith(_CERTIFICATE_BAG, _BLOCK):
        return None
    try:
        end = _end(plain, _BLOCK + len(_CERTIFICATE_BAG), ber.CONTEXT)
        if plain[end : end + 1] == bytes([ber.SET]):  # its attributes
            end = _end(plain, end, ber.SET)
    except (errors.KeystoreDamaged, IndexError):
        return None
    whole, first = len(plain) - _HEADER, end - _BLOCK
    if whole not in _LENGTHS or first not in _LENGTHS or end > len(plain):
        return None
    return struct.pack(">BBHBBH", ber.SEQUENCE, 0x82, whole, ber.SEQUENCE, 0x82, first) + plain[_BLOCK:]


def _end(data: bytes, position: int, tag: int) -> int:
    """Where the value at ``position`` ends. Raises `errors.KeystoreDamaged`, IndexError when it is none of ``tag``."""
    found, length, content = ber.header(data, position)
    if found != tag or length is None:
        raise errors.KeystoreDamaged(reason="structure")
    return content + length
