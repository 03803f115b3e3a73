"""Names, key identifiers and usages of certificates."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ehtoolkit.crypto.certificates import (
    common_name,
    common_names,
    is_authority,
    key_identifier,
    may_sign,
    only_common_name,
)
from tests.ehealth.composing import world


@pytest.mark.parametrize(
    ("values", "first", "only"), [((), "", None), (("A",), "A", "A"), (("A", "B"), "A", None)]
)
def test_common_names(values: tuple[str, ...], first: str, only: str | None) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, value) for value in values])
    assert (common_names(name), common_name(name), only_common_name(name)) == (values, first, only)


def test_a_key_identifier_is_the_sha1_of_the_bits_of_the_key() -> None:
    key = world().elliptic.certificate.public_key()
    bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert key_identifier(key) == hashlib.sha1(bits, usedforsecurity=False).digest()


@pytest.mark.parametrize(
    ("usage", "signs"),
    [("digital_signature", True), ("content_commitment", True), ("key_encipherment", False), (None, False)],
)
def test_who_may_sign_documents(usage: str | None, signs: bool) -> None:
    assert may_sign(world().issue("X", world().spare_key, usage=usage)) is signs


def test_who_may_sign_certificates() -> None:
    made = world()
    assert [is_authority(certificate) for certificate in made.rsa.chain] == [False, True, True]
    assert not is_authority(made.issue("Bold", made.spare_key, usage="key_cert_sign"))
