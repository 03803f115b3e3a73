"""Decrypts RC2 in CBC mode (RFC 2268): the certificates in most files that Java programs wrote.

`cryptography` has no RC2 with 40 bits, and libcrypto only where its legacy provider is installed. In CBC mode
every block is decrypted by itself, so all blocks of a text go through the rounds together: each of the four
16-bit words of a block is a column, and a column is one large number with a lane of 32 bits per block.
"""

from __future__ import annotations

import struct
from array import array
from functools import cache
from typing import Final

_WORD: Final = 0xFFFF
_LANE_BYTES: Final = 4
_SHIFTS: Final = (1, 2, 3, 5)
# Round by round from the last: "mix" and, before the 11th and the 5th mixing round, "mash" (RFC 2268, section 4).
_ROUNDS: Final = ("mix",) * 5 + ("mash",) + ("mix",) * 6 + ("mash",) + ("mix",) * 5


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks of 8 bytes; the effective key length is that of ``key``. No padding is removed."""
    blocks = len(data) // 8
    words = expand_key(key)
    lanes = _lanes(blocks)
    cipher_words = struct.unpack(f"<{blocks * 4}H", data)
    columns = [_pack(cipher_words[place::4]) for place in range(4)]
    step = 63
    for kind in _ROUNDS:
        if kind == "mix":
            for place in (3, 2, 1, 0):
                columns[place] = _unmix(columns, place, words[step], lanes)
                step -= 1
        else:
            for place in (3, 2, 1, 0):
                columns[place] = _unmash(columns, place, words, lanes, blocks)
    plain = array("H", bytes(len(data)))
    for place in range(4):
        plain[place::4] = array("H", _unpack(columns[place], blocks))
    decrypted = struct.pack(f"<{blocks * 4}H", *plain)
    chained = int.from_bytes(decrypted, "big") ^ int.from_bytes((iv + data)[: len(data)], "big")
    return chained.to_bytes(len(data), "big")


def expand_key(key: bytes) -> tuple[int, ...]:
    """The 64 words of the expanded key, for an effective length of as many bits as ``key`` has."""
    table = _pi_table()
    expanded = bytearray(key)
    for at in range(len(key), 128):
        expanded.append(table[(expanded[at - 1] + expanded[at - len(key)]) & 0xFF])
    expanded[128 - len(key)] = table[expanded[128 - len(key)]]
    for at in range(127 - len(key), -1, -1):
        expanded[at] = table[expanded[at + 1] ^ expanded[at + len(key)]]
    return struct.unpack("<64H", expanded)
