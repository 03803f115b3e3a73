"""Decrypts RC2 in CBC mode (RFC 2268): the certificates in most files that Java programs wrote.

`cryptography` has no RC2 with 40 bits, and libcrypto only where its legacy provider is installed. In CBC mode
every block is decrypted by itself, so all blocks of a text go through the rounds together: each of the four
16-bit words of a block is a column, and a column is one large number with a lane of 32 bits per block.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

_SHIFTS: Final = (1, 2, 3, 5)
_PI: Final = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)
# Round by round from the last: "mix" and, before the 11th and the 5th mixing round, "mash" (RFC 2268, section
# 4).
_ROUNDS: Final = ("mix",) * 5 + ("mash",) + ("mix",) * 6 + ("mash",) + ("mix",) * 5


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks of 8 bytes; the effective key length is that of ``key``. No padding is removed."""
    blocks = len(data) // 8
    words = expand_key(key)
    every_lane = int.from_bytes(b"\1\0\0\0" * blocks, "little")
    cipher_words = struct.unpack(f"<{blocks * 4}H", data)
    columns = [_packed(cipher_words[place::4]) for place in range(4)]
    step = 64
    for kind in _ROUNDS:
        for place in (3, 2, 1, 0):
            before = columns[place - 1]
            if kind == "mix":
                step -= 1
                columns[place] = _unmix(columns, place, words[step], every_lane)
            else:
                taken = _packed([words[word & 63] for word in _unpacked(before, blocks)])
                columns[place] = _subtract(columns[place], taken, every_lane)
    by_place = [_unpacked(column, blocks) for column in columns]
    plain = struct.pack(f"<{blocks * 4}H", *(word for block in zip(*by_place, strict=True) for word in block))
    chain = (iv + data)[: len(data)]
    return (int.from_bytes(plain, "big") ^ int.from_bytes(chain, "big")).to_bytes(len(data), "big")


def expand_key(key: bytes) -> tuple[int, ...]:
    """The 64 words of the expanded key, for an effective length of as many bits as ``key`` has."""
    expanded = bytearray(key)
    for at in range(len(key), 128):
        expanded.append(_PI[(expanded[at - 1] + expanded[at - len(key)]) & 0xFF])
    expanded[128 - len(key)] = _PI[expanded[128 - len(key)]]
    for at in range(127 - len(key), -1, -1):
        expanded[at] = _PI[expanded[at + 1] ^ expanded[at + len(key)]]
    return struct.unpack("<64H", expanded)


def _unmix(columns: Sequence[int], place: int, word: int, every_lane: int) -> int:
    """Undo one step of a mixing round (``place`` 3 to 0; negative indices wrap round, as the rounds do)."""
    shift, mask = _SHIFTS[place], 0xFFFF * every_lane
    turned = (columns[place] >> shift | columns[place] << 16 - shift) & mask
    first, second, third = columns[place - 1], columns[place - 2], columns[place - 3]
    mixed = (first & second) + ((first ^ mask) & third) + word * every_lane
    return _subtract(turned, mixed, every_lane)


def _subtract(column: int, amount: int, every_lane: int) -> int:
    """Lane by lane modulo 2**16; ``amount`` is below 2**17, so twice 2**16 keeps every lane from
    borrowing."""
    return (column + 0x20000 * every_lane - amount) & 0xFFFF * every_lane


def _packed(words: Sequence[int]) -> int:
    return int.from_bytes(struct.pack(f"<{len(words)}I", *words), "little")


def _unpacked(column: int, blocks: int) -> tuple[int, ...]:
    return struct.unpack(f"<{blocks}I", column.to_bytes(blocks * 4, "little"))
