"""What a file says of its ciphers and its MAC: read, refused by name, or damaged."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.protection import (
    Encryption,
    Mac,
    UnsupportedAlgorithm,
    read_encryption,
    read_mac,
)
from ehtoolkit.keystore.codec.structure import parse

PBES2, PBKDF2, PBMAC1 = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12", "1.2.840.113549.1.5.14"
SHA256, AES128 = "1.2.840.113549.2.9", "2.16.840.1.101.3.4.1.2"


def algorithm(oid: str, *parameters: bytes) -> bytes:
    return der.sequence(der.object_identifier(oid), *parameters)


def pbkdf2(length: int | None) -> bytes:
    stated = b"" if length is None else der.integer(length)
    return algorithm(
        PBKDF2, der.sequence(der.octet_string(bytes(8)), der.integer(1000), stated, algorithm(SHA256))
    )


def mac(length: int) -> Mac | UnsupportedAlgorithm:
    info = der.sequence(
        algorithm(PBMAC1, der.sequence(pbkdf2(length), algorithm(SHA256))), der.octet_string(bytes(32))
    )
    return read_mac(parse(der.sequence(info, der.octet_string(b""))))


def encryption(length: int | None) -> Encryption | UnsupportedAlgorithm:
    scheme = algorithm(AES128, der.octet_string(bytes(16)))
    return read_encryption(parse(algorithm(PBES2, der.sequence(pbkdf2(length), scheme))))


@pytest.mark.parametrize("length", [1, 8, 19])
def test_a_mac_with_a_short_key_is_rejected(length: int) -> None:
    assert mac(length) == UnsupportedAlgorithm(f"PBMAC1, keyLength {length}")


@pytest.mark.parametrize("length", [20, 32])
def test_a_mac_with_a_long_key_is_accepted(length: int) -> None:
    found = mac(length)
    assert isinstance(found, Mac)
    assert found.key.length == length


def test_a_key_longer_than_its_cipher_takes() -> None:
    """NSS' ``TestOldAES128CA.p12``, which NSS and GnuTLS read and Java does not: no damage, a way that we do not go."""
    assert encryption(32) == UnsupportedAlgorithm("PBKDF2, keyLength 32")
    for length in (None, 16):
        found = encryption(length)
        assert isinstance(found, Encryption)
        assert found.key.length == 16


@pytest.mark.parametrize("length", [0, 257])
def test_a_mac_key_of_no_length(length: int) -> None:
    with pytest.raises(errors.KeystoreDamaged):
        mac(length)
