"""Encryption tokens: good ones as several programs write them, and those that are not ours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.ehealth.etk import check_etk, encryption_certificate, read_etk

SERIAL = 2**127 + 5


@pytest.fixture
def encryption(holder, rsa_keys) -> bytes:
    return encryption_certificate(rsa_keys[0], holder.chain[0], rsa_keys[1].public_key(), SERIAL)


@pytest.fixture(params=["rsa", "p384"])
def token_signer(request: pytest.FixtureRequest, issuing, rsa_keys, ec_key):
    return issuing.issue(issuing.chain[0].subject, rsa_keys[2] if request.param == "rsa" else ec_key)


@pytest.fixture
def seal(holder, issuing, ec_key) -> Callable[..., bytes]:
    def cms_of(content: bytes, signer=None, *options: pkcs7.PKCS7Options, algorithm=None) -> bytes:
        signer = signer or issuing.issue(issuing.chain[0].subject, ec_key)
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(signer.chain[0], signer.key, algorithm or hashes.SHA256())
        for certificate in holder.chain:
            builder = builder.add_certificate(certificate)
        return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])

    return cms_of


@pytest.fixture
def good(encryption: bytes, seal: Callable[..., bytes]) -> bytes:
    return seal(encryption)


def indefinite(tag: int, *parts: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


def as_bouncy_castle(der: bytes) -> bytes:
    """The same token with indefinite lengths, and the content in segments."""
    info = cms.ContentInfo.load(der)
    data = info["content"]
    content = bytes(data["encap_content_info"]["content"])
    segments = [content[n : n + 500] for n in range(0, len(content), 500)]
    octets = indefinite(
        0x24, *(b"\x04\x82" + len(segment).to_bytes(2, "big") + segment for segment in segments)
    )
    return indefinite(
        0x30,
        info["content_type"].dump(),
        indefinite(
            0xA0,
            indefinite(
                0x30,
                data["version"].dump(),
                data["digest_algorithms"].dump(),
                indefinite(0x30, data["encap_content_info"]["content_type"].dump(), indefinite(0xA0, octets)),
                indefinite(0xA0, data["certificates"].contents),
                data["signer_infos"].dump(),
            ),
        ),
    )


@pytest.mark.parametrize("attributes", [True, False])
@pytest.mark.parametrize("ber", [True, False])
def test_a_good_token(attributes: bool, ber: bool, seal, encryption, token_signer, holder, rsa_keys) -> None:
    options = [] if attributes else [pkcs7.PKCS7Options.NoAttributes]
    token = seal(encryption, token_signer, *options)
    if ber:
        token = as_bouncy_castle(token)
    etk = check_etk(token, rsa_keys[1].public_key(), holder.chain[0])
    assert etk.serial == SERIAL
    assert etk.signer == token_signer.chain[0]
    assert etk.encryption_certificate.public_bytes(Encoding.DER) == encryption
    assert set(etk.certificates) == {token_signer.chain[0], *holder.chain}
    assert etk.authentication_certificate == holder.chain[0]


@pytest.mark.parametrize("algorithm", [hashes.SHA384(), hashes.SHA512()])
def test_longer_hashes(algorithm, seal, encryption, token_signer) -> None:
    assert read_etk(seal(encryption, token_signer, algorithm=algorithm)).serial == SERIAL


@pytest.mark.interop
@pytest.mark.parametrize(
    "arguments", [[], ["-noattr"], ["-stream"], ["-keyid"], ["-stream", "-noattr", "-keyid"]]
)
def test_tokens_of_openssl(arguments: list[str], encryption, rsa_keys, tmp_path: Path) -> None:
    key = rsa_keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "content").write_bytes(encryption)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    openssl("req", "-x509", "-key", "key.pem", "-subj", "/CN=ETK-RA", "-days", "9", "-out", "signer.pem")
    openssl(
        *("cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-in", "content", "-outform", "DER"),
        *("-signer", "signer.pem", "-inkey", "key.pem", "-out", "etk", *arguments),
    )
    etk = read_etk((tmp_path / "etk").read_bytes())
    assert etk.serial == SERIAL
    assert etk.signer.subject.rfc4514_string() == "CN=ETK-RA"
    assert etk.authentication_certificate is None


def refused(token: bytes, holder, rsa_keys) -> None:
    with pytest.raises(errors.ResponseUntrusted) as caught:
        check_etk(token, rsa_keys[1].public_key(), holder.chain[0])
    assert caught.value.facts == {"reason": "etk"}


def test_a_token_for_another_key(seal, holder, rsa_keys) -> None:
    other = encryption_certificate(rsa_keys[0], holder.chain[0], rsa_keys[2].public_key(), SERIAL)
    refused(seal(other), holder, rsa_keys)


def test_a_certificate_that_our_key_did_not_sign(seal, holder, rsa_keys) -> None:
    forged = encryption_certificate(rsa_keys[2], holder.chain[0], rsa_keys[1].public_key(), SERIAL)
    refused(seal(forged), holder, rsa_keys)


def test_a_certificate_for_another_subject(seal, holder, issuing, rsa_keys) -> None:
    other = issuing.issue(issuing.chain[0].subject, rsa_keys[0]).chain[0]
    refused(
        seal(encryption_certificate(rsa_keys[0], other, rsa_keys[1].public_key(), SERIAL)), holder, rsa_keys
    )


def test_content_that_is_no_certificate(seal, holder, rsa_keys) -> None:
    refused(seal(b"junk"), holder, rsa_keys)
    refused(seal(b""), holder, rsa_keys)


@pytest.mark.parametrize("attributes", [True, False])
def test_content_changed_after_signing(attributes: bool, seal, encryption, holder, rsa_keys) -> None:
    options = [] if attributes else [pkcs7.PKCS7Options.NoAttributes]
    token = seal(encryption, None, *options)
    other = encryption_certificate(rsa_keys[0], holder.chain[0], rsa_keys[1].public_key(), SERIAL + 1)
    refused(token.replace(encryption, other), holder, rsa_keys)


def test_a_signer_who_did_not_sign(seal, encryption, issuing, holder, rsa_keys) -> None:
    class Impostor:
        chain = issuing.issue(issuing.chain[0].subject, rsa_keys[2]).chain
        key = rsa_keys[1]

    refused(seal(encryption, Impostor), holder, rsa_keys)


def test_without_the_certificate_of_the_signer(good: bytes, holder, rsa_keys) -> None:
    info = cms.ContentInfo.load(good)
    info["content"]["certificates"] = cms.CertificateSet(
        [
            certificate
            for certificate in info["content"]["certificates"]
            if certificate.chosen.subject.native != {}
        ][:1]
    )
    token = info.dump(force=True)
    refused(token, holder, rsa_keys)


def test_two_signers(encryption: bytes, issuing, holder, rsa_keys, ec_key) -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(encryption)
    for key in (rsa_keys[2], ec_key):
        certificate = issuing.issue(issuing.chain[0].subject, key).chain[0]
        builder = builder.add_signer(certificate, key, hashes.SHA256())
    refused(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]), holder, rsa_keys)


def test_a_detached_signature(seal, encryption, holder, rsa_keys) -> None:
    refused(seal(encryption, None, pkcs7.PKCS7Options.DetachedSignature), holder, rsa_keys)


def test_sha1_is_refused(good: bytes, holder, rsa_keys) -> None:
    sha256, sha1 = bytes.fromhex("608648016503040201"), bytes.fromhex("2b0e03021a")
    info = cms.ContentInfo.load(good)
    info["content"]["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}
    token = info.dump(force=True)
    assert sha1 in token
    assert sha256 in token
    refused(token, holder, rsa_keys)


@pytest.mark.parametrize("token", [b"", b"\x30\x03\x02\x01\x01", b"\x30\x80" * 5000, b"<ETK/>", b"\xff" * 50])
def test_junk(token: bytes, holder, rsa_keys) -> None:
    refused(token, holder, rsa_keys)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_of_the_signed_part_may_change(
    data: st.DataObject, good, encryption, holder, rsa_keys
) -> None:
    start = good.index(encryption)
    position = data.draw(st.integers(start, start + len(encryption) - 1))
    bit = data.draw(st.integers(0, 7))
    refused(good[:position] + bytes([good[position] ^ 1 << bit]) + good[position + 1 :], holder, rsa_keys)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gives_a_token_or_our_error(data: st.DataObject, good: bytes) -> None:
    position = data.draw(st.integers(0, len(good) - 1))
    piece = data.draw(st.binary(max_size=3))
    damaged = good[:position] + piece + good[position + data.draw(st.integers(0, 3)) :]
    try:
        assert isinstance(read_etk(damaged).encryption_certificate, x509.Certificate)
    except errors.ResponseUntrusted:
        return
