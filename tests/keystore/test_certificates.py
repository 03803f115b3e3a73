"""The stand-in certificate, and subjects as Java prints them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from asn1crypto import core
from asn1crypto import x509 as raw
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from ehtoolkit import errors
from ehtoolkit.keystore.key_pairs import (
    certificate_key_id,
    encoded,
    entry_name_of,
    is_placeholder,
    key_id_of,
    load_certificate,
    placeholder_certificate,
)

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

# Each RDN is a list of (type, kind of string, value); the order is the certificate's.
Rdn = list[tuple[str, type[core.Asn1Value], object]]


def name_der(rdns: list[Rdn]) -> bytes:
    class Value(core.Sequence):
        _fields = [("type", core.ObjectIdentifier), ("value", core.Any)]  # noqa: RUF012

    class Values(core.SetOf):
        _child_spec = Value

    class Rdns(core.SequenceOf):
        _child_spec = Values

    encoded_name: bytes = Rdns(
        [
            Values([Value({"type": oid, "value": core.Any(kind(value))}) for oid, kind, value in rdn])
            for rdn in rdns
        ]
    ).dump()
    return encoded_name


def certificate_of(keystore_maker: KeystoreMaker, subject: bytes) -> bytes:
    certificate = raw.Certificate.load(encoded(keystore_maker.chain[0]))
    certificate["tbs_certificate"]["subject"] = raw.Name.load(subject)
    der: bytes = certificate.dump(force=True)
    return der


def test_an_entry_is_called_by_the_subject_of_its_certificate(keystore_maker: KeystoreMaker) -> None:
    rdns: list[Rdn] = [
        [("2.5.4.6", core.PrintableString, "BE")],
        [("2.5.4.3", core.UTF8String, "SSIN=79031421872, A")],
    ]
    assert entry_name_of(certificate_of(keystore_maker, name_der(rdns))) == r"CN=SSIN=79031421872\, A,C=BE"


def test_an_entry_without_a_subject_is_called_by_its_key(keystore_maker: KeystoreMaker) -> None:
    assert (
        entry_name_of(certificate_of(keystore_maker, name_der([])))
        == key_id_of(keystore_maker.chain[0]).hex()
    )


def test_the_stand_in(keystore_maker: KeystoreMaker) -> None:
    key = keystore_maker.keys["authentication"]
    now = datetime(2026, 11, 24, 16, 0, 0, 123, tzinfo=timezone(timedelta(hours=1)))
    der = placeholder_certificate(key, now)
    assert is_placeholder(der)
    assert load_certificate(der) is None
    assert certificate_key_id(der) == key_id_of(keystore_maker.chain[0])
    assert entry_name_of(der) == certificate_key_id(der).hex()
    certificate = raw.Certificate.load(der, strict=True)
    signed = certificate["tbs_certificate"]
    assert signed["serial_number"].native == 0
    assert signed["version"].native == "v3"
    assert signed["issuer"] == signed["subject"]
    assert signed["validity"]["not_after"].native == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert signed["validity"]["not_before"].native == datetime(2026, 11, 23, 14, 59, tzinfo=UTC)
    assert [extension["extn_id"].native for extension in signed["extensions"]] == ["key_usage"]
    assert certificate.key_usage_value.native == {"key_encipherment", "data_encipherment"}
    assert "key_usage" in certificate.critical_extensions
    assert certificate["signature_algorithm"]["algorithm"].native == "sha256_rsa"
    key.public_key().verify(certificate.signature, signed.dump(), PKCS1v15(), SHA256())


def test_the_stand_in_after_2049(keystore_maker: KeystoreMaker) -> None:
    der = placeholder_certificate(keystore_maker.keys["authentication"], datetime(2055, 1, 2, tzinfo=UTC))
    assert raw.Certificate.load(der)["tbs_certificate"]["validity"]["not_after"].name == "general_time"


def test_other_certificates_are_no_stand_in(keystore_maker: KeystoreMaker) -> None:
    assert not is_placeholder(encoded(keystore_maker.chain[0]))
    assert not is_placeholder(b"")
    assert not is_placeholder(b"\x30\x00")
    zero = raw.Certificate.load(encoded(keystore_maker.chain[2]))
    zero["tbs_certificate"]["serial_number"] = 0
    assert not is_placeholder(zero.dump(force=True))
    assert load_certificate(zero.dump(force=True)) is None  # an old root


def test_what_is_no_certificate() -> None:
    for der in (b"", b"\x30\x00", b"text"):
        with pytest.raises(errors.KeystoreDamaged):
            load_certificate(der)
