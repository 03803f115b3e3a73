"""What tests rely on that are dealt RSA keys: each key once, and those that another worker has made."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from tests.support.keys import KeyPack


def moduli(pack: KeyPack, count: int) -> list[int]:
    keys: list[RSAPrivateKey] = [pack.deal(65537, 2048) for _ in range(count)]
    return [key.public_key().public_numbers().n for key in keys]


def test_workers_deal_the_same_keys_each_once(tmp_path: Path) -> None:
    first, second = KeyPack(tmp_path), KeyPack(tmp_path)

    two, three = moduli(first, 2), moduli(second, 3)

    assert three[:2] == two
    assert len(set(three)) == 3
    assert moduli(first, 1) == three[2:]


def test_many_keys_of_few_primes_are_sound_and_each_another_one(tmp_path: Path) -> None:
    pack = KeyPack(tmp_path)

    found = moduli(pack, 28)

    assert len(set(found)) == 28
    assert len(pack.primes) == 8
    assert len(list(tmp_path.iterdir())) == 4
    assert found[-3:] == moduli(KeyPack(tmp_path), 28)[-3:]
    for key in pack.keys:
        # OpenSSL looks whether all numbers of a key belong together.
        load_der_private_key(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), None)
        signature = key.sign(b"text", PKCS1v15(), SHA256())
        key.public_key().verify(signature, b"text", PKCS1v15(), SHA256())
        assert key.private_numbers().p > key.private_numbers().q


def test_returned_keys_are_dealt_again(tmp_path: Path) -> None:
    pack = KeyPack(tmp_path)
    before = moduli(pack, 2)

    pack.take_up()

    assert moduli(pack, 2) == before


def test_without_a_folder_keys_are_its_own() -> None:
    assert moduli(KeyPack(), 1) != moduli(KeyPack(), 1)
