"""Ciphers: RC2 by its RFC, padding, and what is written against what is read."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.keystore.codec.ciphers import CIPHERS, decrypt, decrypt_beginning, decrypt_rc2, encrypt

# RFC 2268, section 5: those whose effective length is the key's.
RC2 = [
    ("ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"),
    ("3000000000000000", "1000000000000001", "30649edf9be7d2c2"),
    ("88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"),
]


@pytest.mark.parametrize(("key", "plain", "encrypted"), RC2)
def test_rc2_by_the_vectors_of_the_rfc(key: str, plain: str, encrypted: str) -> None:
    assert decrypt_rc2(bytes.fromhex(key), bytes(8), bytes.fromhex(encrypted)).hex() == plain


def test_rc2_chains_its_blocks() -> None:
    key, block = bytes.fromhex("ff" * 8), bytes.fromhex("278b27e42e2f0d49")
    first, second = b"\xff" * 8, bytes(a ^ b for a, b in zip(b"\xff" * 8, block, strict=True))
    assert decrypt_rc2(key, bytes(8), block * 2) == first + second
    assert decrypt_rc2(key, b"\x0f" * 8, block) == b"\xf0" * 8


@given(
    cipher=st.sampled_from(["aes256-cbc", "des-ede3-cbc"]),
    data=st.binary(max_size=100),
    seed=st.binary(min_size=32, max_size=32),
)
def test_what_is_written_is_read(cipher: str, data: bytes, seed: bytes) -> None:
    key, iv = seed[: CIPHERS[cipher].key_length], seed[: CIPHERS[cipher].block_length]
    encrypted = encrypt(cipher, key, iv, data)
    assert decrypt(cipher, key, iv, encrypted) == data
    assert decrypt(cipher, key, iv, encrypted[:-1]) is None


def test_two_keys_of_des_are_three_of_which_two_are_equal() -> None:
    key = bytes(range(16))
    encrypted = encrypt("des-ede3-cbc", key + key[:8], bytes(8), b"text")
    assert decrypt("des-ede2-cbc", key, bytes(8), encrypted) == b"text"


@pytest.mark.parametrize("cipher", sorted(CIPHERS))
@given(data=st.binary(max_size=64))
def test_no_input_breaks_a_cipher(cipher: str, data: bytes) -> None:
    key, gcm = bytes(range(CIPHERS[cipher].key_length)), cipher.endswith("gcm")
    iv = bytes(12 if gcm else CIPHERS[cipher].block_length)
    plain = decrypt(cipher, key, iv, data, 16 if gcm else 0)
    assert plain is None or len(plain) < len(data) or cipher.startswith("rc4")
    beginning = decrypt_beginning(cipher, key, iv, data)
    assert len(data) - 16 < len(beginning) <= len(data)


def test_rc4_by_a_published_vector() -> None:
    """RFC 6229: the first bytes of the key stream."""
    key = bytes.fromhex("0102030405060708090a0b0c0d0e0f10")
    assert decrypt("rc4-128", key, b"", bytes(8)).hex() == "9ac7cc9a609d1ef7"  # type: ignore[union-attr]
    assert decrypt("rc4-40", key[:5], b"", bytes(8)).hex() == "b2396305f03dc027"  # type: ignore[union-attr]


def test_gcm_notices_what_was_changed() -> None:
    key, nonce = bytes.fromhex("feffe9928665731c6d6a8f9467308308"), bytes.fromhex("cafebabefacedbaddecaf888")
    encrypted = AESGCM(key).encrypt(nonce, b"plain text", None)
    assert decrypt("aes128-gcm", key, nonce, encrypted, 16) == b"plain text"
    assert decrypt("aes128-gcm", key, nonce, encrypted[:-4], 12) == b"plain text"
    assert decrypt_beginning("aes128-gcm", key, nonce, encrypted[:5]) == b"plain"
    changed = bytes([encrypted[0] ^ 1]) + encrypted[1:]
    assert decrypt("aes128-gcm", key, nonce, changed, 16) is None
    assert decrypt("aes128-gcm", key, nonce, encrypted[:3], 16) is None
