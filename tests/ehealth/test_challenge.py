"""The challenge, right and wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.ehealth.etk import solve_challenge

SERIAL = bytes.fromhex("f0e1d2c3b4a5968778695a4b3c2d1e0f")


@pytest.fixture
def make(rsa_keys: tuple[RSAPrivateKey, ...]) -> Callable[..., bytes]:
    def challenge(plaintext: bytes = SERIAL, digest_of: bytes = SERIAL) -> bytes:
        return rsa_keys[1].public_key().encrypt(plaintext, PKCS1v15()) + hashlib.sha256(digest_of).digest()

    return challenge


@pytest.mark.parametrize("serial", [SERIAL, b"\xff" * 16, b"\0" * 15 + b"\x01", b"\x01" + b"\0" * 15])
def test_the_serial_is_unsigned_and_big_endian(serial: bytes, make, rsa_keys) -> None:
    assert solve_challenge(make(serial, serial), rsa_keys[1]) == int(serial.hex(), 16)


def test_what_follows_the_first_sixteen_bytes_does_not_count(make, rsa_keys) -> None:
    assert solve_challenge(make(SERIAL + b"more"), rsa_keys[1]) == int(SERIAL.hex(), 16)


def one_bit_changed(challenge: bytes) -> bytes:
    return bytes([challenge[0] ^ 1]) + challenge[1:]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda make: make(digest_of=SERIAL[::-1]),
        lambda make: make(SERIAL[:15], SERIAL[:15]),
        lambda make: make(b"", b""),
        lambda make: make(b"\0" * 16, b"\0" * 16),
        lambda make: make()[:-1],
        lambda make: make() + b"\0",
        lambda make: make()[1:],
        lambda make: one_bit_changed(make()),
        lambda make: b"\xff" * 288,
        lambda make: b"\0" * 288,
        lambda _: b"",
        lambda make: make()[:256],
    ],
)
def test_what_does_not_check(spoil, make, rsa_keys) -> None:
    with pytest.raises(errors.ResponseUntrusted) as caught:
        solve_challenge(spoil(make), rsa_keys[1])
    assert caught.value.facts == {"reason": "challenge"}


def test_another_key_gets_random_bytes_which_the_hash_refuses(make, rsa_keys) -> None:
    with pytest.raises(errors.ResponseUntrusted):
        solve_challenge(make(), rsa_keys[2])
