"""What tests rely on that are dealt RSA keys: each key once, and those that another worker has made."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.keys import KeyPack


def moduli(pack: KeyPack, count: int) -> list[int]:
    keys: list[RSAPrivateKey] = [pack.deal(65537, 2048) for _ in range(count)]
    return [key.public_key().public_numbers().n for key in keys]


def test_workers_deal_the_same_keys_each_once(tmp_path: Path) -> None:
    first, second = KeyPack(tmp_path), KeyPack(tmp_path)

    two, three = moduli(first, 2), moduli(second, 3)

    assert three[:2] == two
    assert len(set(three)) == 3
    assert moduli(first, 1) == three[2:]


def test_what_is_taken_up_is_dealt_anew(tmp_path: Path) -> None:
    pack = KeyPack(tmp_path)
    before = moduli(pack, 2)

    pack.take_up()

    assert moduli(pack, 2) == before


def test_without_a_folder_keys_are_its_own() -> None:
    assert moduli(KeyPack(), 1) != moduli(KeyPack(), 1)
