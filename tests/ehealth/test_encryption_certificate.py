"""The certificate of an encryption key."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import SignatureAlgorithmOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit.ehealth.etk import belongs_to, encryption_certificate

SERIAL = 0xF0E1D2C3B4A5968778695A4B3C2D1E0F


@pytest.fixture
def made(holder, rsa_keys) -> bytes:
    return encryption_certificate(rsa_keys[0], holder.chain[0], rsa_keys[1].public_key(), SERIAL)


def raw(der: bytes, *fields: str) -> list[bytes]:
    tbs = asn1.Certificate.load(der)["tbs_certificate"]
    return [tbs[field].dump() for field in fields]


def test_what_is_in_it(made: bytes, holder, rsa_keys) -> None:
    certificate = x509.load_der_x509_certificate(made)
    assert certificate.version is x509.Version.v3
    assert certificate.serial_number == SERIAL
    assert certificate.public_key() == rsa_keys[1].public_key()
    # The authentication certificate is signed with ECDSA; this one is not.
    assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA256
    (extension,) = certificate.extensions
    assert extension.critical
    usage = extension.value
    assert isinstance(usage, x509.KeyUsage)
    assert (usage.key_encipherment, usage.data_encipherment) == (True, True)
    assert not any(
        (
            usage.digital_signature,
            usage.content_commitment,
            usage.key_agreement,
            usage.key_cert_sign,
            usage.crl_sign,
        )
    )
    assert belongs_to(certificate, holder.chain[0])


@pytest.mark.parametrize(
    ("digest", "algorithm"),
    [
        (hashes.SHA256(), SignatureAlgorithmOID.ECDSA_WITH_SHA256),
        (hashes.SHA384(), SignatureAlgorithmOID.ECDSA_WITH_SHA384),
    ],
    ids=["SHA-256", "SHA-384, as issuing CA 002"],
)
def test_an_elliptic_key_signs_with_the_hash_that_signed_its_certificate(
    digest: hashes.SHA256 | hashes.SHA384,
    algorithm: x509.ObjectIdentifier,
    holder,
    issuing,
    rsa_keys,
    ec_key,
) -> None:
    source = holder.chain[0]
    authentication = (
        x509.CertificateBuilder()
        .subject_name(source.subject)
        .issuer_name(source.issuer)
        .public_key(ec_key.public_key())
        .serial_number(1)
        .not_valid_before(source.not_valid_before_utc)
        .not_valid_after(source.not_valid_after_utc)
        .sign(issuing.key, digest)
    )
    made = encryption_certificate(ec_key, authentication, rsa_keys[1].public_key(), SERIAL)
    certificate = x509.load_der_x509_certificate(made)
    assert certificate.signature_algorithm_oid == algorithm
    assert belongs_to(certificate, authentication)


def test_names_and_validity_are_the_bytes_of_the_authentication_certificate(made: bytes, holder) -> None:
    source = holder.chain[0].public_bytes(Encoding.DER)
    subject, validity = raw(source, "subject", "validity")
    assert raw(made, "issuer", "subject", "validity") == [subject, subject, validity]


def test_a_serial_with_the_top_bit_set_takes_seventeen_bytes(made: bytes) -> None:
    (serial,) = raw(made, "serial_number")
    assert serial == b"\x02\x11\x00" + SERIAL.to_bytes(16, "big")


@pytest.mark.parametrize("string_type", ["bmp_string", "teletex_string", "utf8_string"])
def test_odd_string_types_stay(string_type: str, issuing, rsa_keys) -> None:
    common_name = {"type": "common_name", "value": asn1.DirectoryString(string_type, "SSIN=1")}
    subject = asn1.RDNSequence([asn1.RelativeDistinguishedName([common_name])]).dump()
    odd = issuing.issue(x509.Name.from_bytes(subject), rsa_keys[0])
    made = encryption_certificate(rsa_keys[0], odd.chain[0], rsa_keys[1].public_key(), 1)
    assert raw(made, "subject") == raw(odd.chain[0].public_bytes(Encoding.DER), "subject")
    assert belongs_to(x509.load_der_x509_certificate(made), odd.chain[0])


def test_not_of_another_certificate(made: bytes, issuing, holder, rsa_keys, ec_key) -> None:
    certificate = x509.load_der_x509_certificate(made)
    other_key = issuing.issue(holder.chain[0].subject, rsa_keys[2]).chain[0]
    other_name = issuing.issue(issuing.chain[0].subject, rsa_keys[0]).chain[0]
    ec_holder = issuing.issue(holder.chain[0].subject, ec_key).chain[0]
    for other in (other_key, other_name, ec_holder, certificate):
        assert not belongs_to(certificate, other)


def test_a_certificate_with_another_usage_is_none(holder, rsa_keys) -> None:
    assert not belongs_to(holder.chain[0], holder.chain[0])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(serial=st.integers(1, 2**128 - 1))
def test_any_serial(serial: int, holder, rsa_keys) -> None:
    made = encryption_certificate(rsa_keys[0], holder.chain[0], rsa_keys[1].public_key(), serial)
    assert x509.load_der_x509_certificate(made).serial_number == serial


@pytest.mark.interop
def test_openssl_reads_it(made: bytes, tmp_path: Path) -> None:
    file = tmp_path / "encryption.der"
    file.write_bytes(made)
    command = ["openssl", "x509", "-inform", "DER", "-in", str(file), "-noout", "-text"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Signature Algorithm: sha256WithRSAEncryption" in text
    assert "Key Encipherment, Data Encipherment\n" in text
    assert "X509v3 Key Usage: critical" in text
