"""Encrypt and decrypt with the ciphers of PKCS#12 files: AES, 3DES, RC2, RC4."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ehtoolkit import errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm
    from cryptography.hazmat.primitives.ciphers.modes import Mode


# ── RC2 in CBC mode (RFC 2268) ───────────────────────────────────────────────────────────────────────────
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


def decrypt_rc2(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks of 8 bytes; the effective key length is that of ``key``. No padding is removed."""
    blocks = len(data) // 8
    words = _expand_key(key)
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


def _expand_key(key: bytes) -> tuple[int, ...]:
    """Return the 64 words of the expanded key, for an effective length of as many bits as ``key`` has."""
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
    """Return ``column`` less ``amount``, lane by lane modulo 2**16. ``amount`` is below 2**17, so twice 2**16 keeps
    every lane from borrowing."""
    return (column + 0x20000 * every_lane - amount) & 0xFFFF * every_lane


def _packed(words: Sequence[int]) -> int:
    return int.from_bytes(struct.pack(f"<{len(words)}I", *words), "little")


def _unpacked(column: int, blocks: int) -> tuple[int, ...]:
    return struct.unpack(f"<{blocks}I", column.to_bytes(blocks * 4, "little"))


# ── Ciphers ──────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Cipher:
    """``key_length`` and ``block_length`` in bytes; the block, and the initialisation vector with it, is 0
    for ciphers that need no padding."""

    key_length: int
    block_length: int


CIPHERS: Final = {
    "aes128-cbc": Cipher(16, 16),
    "aes192-cbc": Cipher(24, 16),
    "aes256-cbc": Cipher(32, 16),
    "aes128-gcm": Cipher(16, 0),
    "aes192-gcm": Cipher(24, 0),
    "aes256-gcm": Cipher(32, 0),
    "des-ede3-cbc": Cipher(24, 8),
    "des-ede2-cbc": Cipher(16, 8),
    "rc2-128-cbc": Cipher(16, 8),
    "rc2-40-cbc": Cipher(5, 8),
    "rc4-128": Cipher(16, 0),
    "rc4-40": Cipher(5, 0),
}
"""The ciphers that are read, by name."""


def decrypt(cipher: str, key: bytes, iv: bytes, data: bytes, tag_length: int = 0) -> bytes | None:
    """Return the plain text, or None when its padding or its tag is wrong: another password, or damage. A cipher that
    has neither always gives something.

    Raises `errors.KeystoreUnsupported` where the cryptographic library was built without this cipher.
    """
    block = CIPHERS[cipher].block_length
    if tag_length:
        return _decrypted(cipher, key, iv, data, tag_length) if len(data) >= tag_length else None
    if not block:
        return _decrypted(cipher, key, iv, data)
    padded = _decrypted(cipher, key, iv, data) if data and len(data) % block == 0 else None
    if padded is None:
        return None
    padding = padded[-1]
    if not 1 <= padding <= block or padded[-padding:] != bytes([padding]) * padding:
        return None
    return padded[:-padding]


def decrypt_beginning(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return what can be read of a text whose end is missing or damaged: no padding or tag is looked at.

    Raises as `decrypt`.
    """
    block = CIPHERS[cipher].block_length or 1
    return _decrypted(cipher, key, iv, data[: len(data) // block * block]) or b""


def _algorithm(cipher: str, key: bytes) -> CipherAlgorithm:
    """Return the library's cipher, for all but RC2."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    if cipher.startswith("des"):
        return TripleDES(key if len(key) == 24 else key + key[:8])
    return ARC4(key) if cipher.startswith("rc4") else AES(key)


def _decrypted(cipher: str, key: bytes, iv: bytes, data: bytes, tag_length: int = 0) -> bytes | None:
    """Return whole blocks decrypted, with their padding; None where the tag at the end is wrong."""
    from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM

    if cipher.startswith("rc2"):
        return decrypt_rc2(key, iv, data)
    tag = data[-tag_length:] if tag_length else None
    mode: Mode | None = CBC(iv) if iv else None
    if cipher.endswith("-gcm"):
        mode = GCM(iv, tag, min_tag_length=tag_length or 16)
    try:
        primitive: Any = Primitive(_algorithm(cipher, key), mode)
        decryptor = primitive.decryptor()
        plain: bytes = decryptor.update(data[: len(data) - tag_length])
        # Of GCM without its tag there are the blocks alone.
        return plain if isinstance(mode, GCM) and tag is None else plain + decryptor.finalize()
    except InvalidTag:
        return None
    except UnsupportedAlgorithm as error:
        raise errors.KeystoreUnsupported(algorithm=cipher) from error


def encrypt(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Pad and encrypt with one of the two ciphers that are written, ``aes256-cbc`` and ``des-ede3-cbc``."""
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    padding = CIPHERS[cipher].block_length - len(data) % CIPHERS[cipher].block_length
    encryptor = Primitive(_algorithm(cipher, key), CBC(iv)).encryptor()
    return encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
