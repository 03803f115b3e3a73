"""Encrypts and decrypts with the ciphers of PKCS#12 files: blocks in CBC mode, RC4, AES-GCM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import rc2

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm

Decrypt = Callable[[bytes, bytes, bytes], bytes]
"""Key, initialisation vector, text → text. Of blocks: only whole ones come, and their padding stays."""


@dataclass(frozen=True, slots=True)
class Cipher:
    """``key_length`` and ``block_length`` in bytes; the block, and the initialisation vector with it, is 0
    for ciphers that need no padding."""

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


def _rc4_decrypt(key: bytes, _: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive

    decryptor = Primitive(ARC4(key), mode=None).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _gcm_decrypt(key: bytes, nonce: bytes, data: bytes) -> bytes:
    """Counts the blocks alone; `decrypt` sees to the tag."""
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    return Primitive(_aes(key), GCM(nonce)).decryptor().update(data)


CIPHERS: Final[Mapping[str, Cipher]] = MappingProxyType(
    {
        "aes128-cbc": Cipher(16, 16, _cbc_decrypt(_aes)),
        "aes192-cbc": Cipher(24, 16, _cbc_decrypt(_aes)),
        "aes256-cbc": Cipher(32, 16, _cbc_decrypt(_aes)),
        "aes128-gcm": Cipher(16, 0, _gcm_decrypt),
        "aes192-gcm": Cipher(24, 0, _gcm_decrypt),
        "aes256-gcm": Cipher(32, 0, _gcm_decrypt),
        "des-ede3-cbc": Cipher(24, 8, _cbc_decrypt(_triple_des)),
        "des-ede2-cbc": Cipher(16, 8, _cbc_decrypt(_triple_des)),
        "rc2-128-cbc": Cipher(16, 8, rc2.decrypt_cbc),
        "rc2-40-cbc": Cipher(5, 8, rc2.decrypt_cbc),
        "rc4-128": Cipher(16, 0, _rc4_decrypt),
        "rc4-40": Cipher(5, 0, _rc4_decrypt),
    }
)
"""The ciphers that are read, by name."""

_WRITTEN: Final[Mapping[str, Callable[[bytes], BlockCipherAlgorithm]]] = MappingProxyType(
    {"aes256-cbc": _aes, "des-ede3-cbc": _triple_des}
)


def decrypt(cipher: str, key: bytes, iv: bytes, data: bytes, tag_length: int = 0) -> bytes | None:
    """The plain text, or None when its padding or its tag is wrong: another password, or damage. A cipher
    that has neither always gives something.

    Raises `errors.KeystoreUnsupported` where the cryptographic library was built without this cipher.
    """
    from cryptography.exceptions import UnsupportedAlgorithm

    block = CIPHERS[cipher].block_length
    try:
        if tag_length:
            return _decrypt_with_tag(key, iv, data, tag_length)
        if not block:
            return CIPHERS[cipher].decrypt(key, iv, data)
        if not data or len(data) % block:
            return None
        padded = CIPHERS[cipher].decrypt(key, iv, data)
    except UnsupportedAlgorithm as error:
        raise errors.KeystoreUnsupported(algorithm=cipher) from error
    padding = padded[-1]
    if not 1 <= padding <= block or padded[-padding:] != bytes([padding]) * padding:
        return None
    return padded[:-padding]


def decrypt_beginning(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    """What can be read of a text whose end is missing or damaged: no padding or tag is looked at.

    Raises as `decrypt`.
    """
    from cryptography.exceptions import UnsupportedAlgorithm

    whole = len(data) // (CIPHERS[cipher].block_length or 1) * (CIPHERS[cipher].block_length or 1)
    try:
        return CIPHERS[cipher].decrypt(key, iv, data[:whole])
    except UnsupportedAlgorithm as error:
        raise errors.KeystoreUnsupported(algorithm=cipher) from error


def encrypt(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    """Pad and encrypt with one of the two ciphers that are written, ``aes256-cbc`` and ``des-ede3-cbc``."""
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    padding = CIPHERS[cipher].block_length - len(data) % CIPHERS[cipher].block_length
    encryptor = Primitive(_WRITTEN[cipher](key), CBC(iv)).encryptor()
    return encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()


def _decrypt_with_tag(key: bytes, nonce: bytes, data: bytes, tag_length: int) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    if len(data) < tag_length:
        return None
    mode = GCM(nonce, data[-tag_length:], min_tag_length=tag_length)
    decryptor = Primitive(_aes(key), mode).decryptor()
    try:
        return decryptor.update(data[:-tag_length]) + decryptor.finalize()
    except InvalidTag:
        return None
