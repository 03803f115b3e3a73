"""Ciphers: RC2 by its RFC, padding, and what is written against what is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.keystore.codec.ciphers import CIPHERS, decrypt, encrypt
from ehtoolkit.keystore.codec.rc2 import decrypt_cbc

# RFC 2268, section 5: those whose effective length is the key's.
RC2 = [
    ("ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"),
    ("3000000000000000", "1000000000000001", "30649edf9be7d2c2"),
    ("88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"),
]


@pytest.mark.parametrize(("key", "plain", "encrypted"), RC2)
def test_rc2_by_the_vectors_of_the_rfc(key: str, plain: str, encrypted: str) -> None:
    assert decrypt_cbc(bytes.fromhex(key), bytes(8), bytes.fromhex(encrypted)).hex() == plain


def test_rc2_chains_its_blocks() -> None:
    key, block = bytes.fromhex("ff" * 8), bytes.fromhex("278b27e42e2f0d49")
    first, second = b"\xff" * 8, bytes(a ^ b for a, b in zip(b"\xff" * 8, block, strict=True))
    assert decrypt_cbc(key, bytes(8), block * 2) == first + second
    assert decrypt_cbc(key, b"\x0f" * 8, block) == b"\xf0" * 8


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
    plain = decrypt(
        cipher, bytes(range(CIPHERS[cipher].key_length)), bytes(CIPHERS[cipher].block_length), data
    )
    assert plain is None or len(plain) < len(data)
