"""Encrypts and decrypts with the ciphers of PKCS#12 files, all in CBC mode with PKCS#7 padding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ehtoolkit.keystore.codec import rc2

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm

Decrypt = Callable[[bytes, bytes, bytes], bytes]
"""Key, initialisation vector, whole blocks → whole blocks."""


@dataclass(frozen=True, slots=True)
class Cipher:
    """``key_length`` and ``block_length`` in bytes; ``decrypt`` without padding."""

    key_length: int
    block_length: int
    decrypt: Decrypt


def _aes(key: bytes) -> BlockCipherAlgorithm:
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    return AES(key)


def _triple_des(key: bytes) -> BlockCipherAlgorithm:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

    return TripleDES(key if len(key) == 24 else key + key[:8])


def _cbc_decrypt(algorithm: Callable[[bytes], BlockCipherAlgorithm]) -> Decrypt:
    def decrypt_blocks(key: bytes, iv: bytes, data: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        decryptor = Primitive(algorithm(key), CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    return decrypt_blocks


CIPHERS: Final[Mapping[str, Cipher]] = MappingProxyType(
    {
        "aes128-cbc": Cipher(16, 16, _cbc_decrypt(_aes)),
        "aes192-cbc": Cipher(24, 16, _cbc_decrypt(_aes)),
        "aes256-cbc": Cipher(32, 16, _cbc_decrypt(_aes)),
        "des-ede3-cbc": Cipher(24, 8, _cbc_decrypt(_triple_des)),
        "des-ede2-cbc": Cipher(16, 8, _cbc_decrypt(_triple_des)),
        "rc2-128-cbc": Cipher(16, 8, rc2.decrypt_cbc),
        "rc2-40-cbc": Cipher(5, 8, rc2.decrypt_cbc),
    }
)
"""The ciphers that are read, by name."""

_WRITTEN: Final[Mapping[str, Callable[[bytes], BlockCipherAlgorithm]]] = MappingProxyType(
    {"aes256-cbc": _aes, "des-ede3-cbc": _triple_des}
)


def decrypt(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes | None:
    """The plain text, or None when its padding is wrong: another password, or damage."""
    block = CIPHERS[cipher].block_length
    if not data or len(data) % block:
        return None
    padded = CIPHERS[cipher].decrypt(key, iv, data)
    padding = padded[-1]
    if not 1 <= padding <= block or padded[-padding:] != bytes([padding]) * padding:
        return None
    return padded[:-padding]


def encrypt(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Pad and encrypt with one of the two ciphers that are written, ``aes256-cbc`` and ``des-ede3-cbc``."""
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    padding = CIPHERS[cipher].block_length - len(data) % CIPHERS[cipher].block_length
    encryptor = Primitive(_WRITTEN[cipher](key), CBC(iv)).encryptor()
    return encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
