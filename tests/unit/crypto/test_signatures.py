"""Signatures: of which key, over which data, and in which form."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from ehtoolkit.crypto.keys import der_signature, raw_signature, sign, verify

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["RSA", "EC"])
def test_a_signature_is_by_one_key_over_one_content_and_digest(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> None:
    signature, public = sign(key, SHA256(), b"data"), key.public_key()
    other = (EC_KEY if key is RSA_KEY else RSA_KEY).public_key()
    assert verify(public, signature, b"data", SHA256()) is True
    assert verify(public, signature, hashlib.sha256(b"data").digest(), SHA256(), prehashed=True) is True
    assert verify(public, signature, b"other", SHA256()) is False
    assert verify(public, signature, b"data", SHA384()) is False
    assert verify(other, signature, b"data", SHA256()) is False


def test_the_salt_of_pss_counts() -> None:
    signature = RSA_KEY.sign(b"data", PSS(MGF1(SHA256()), 32), SHA256())
    found = [verify(RSA_KEY.public_key(), signature, b"data", SHA256(), salt=salt) for salt in (32, 20, None)]
    assert found == [True, False, False]


def test_what_cannot_be_verified_is_neither_true_nor_false() -> None:
    assert verify(ed25519.Ed25519PrivateKey.generate().public_key(), b"x" * 64, b"data", SHA256()) is None
    assert verify(RSA_KEY.public_key(), b"x" * 256, b"short", SHA256(), prehashed=True) is None


def test_the_two_forms_of_an_ecdsa_signature() -> None:
    signature = sign(EC_KEY, SHA256(), b"data")
    raw = raw_signature(signature, EC_KEY.key_size)
    assert (len(raw), der_signature(raw)) == (96, signature)
