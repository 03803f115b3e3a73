"""The undocumented parts of signxml are there, and mean what `signxml_internals` takes them for."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner, processor
from signxml.algorithms import SignatureMethod

from ehtoolkit.ehealth.soap.signxml_internals import LOGGER, ForeignKey, log_no_messages
from ehtoolkit.ehealth.soap.xml import Element

START = datetime(2026, 1, 1, tzinfo=UTC)


def signature_value(key: ForeignKey, method: SignatureMethod) -> bytes:
    """Return the signature value by ``key``; signxml does not check that the certificate belongs to it."""
    one = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.public_key(one.public_key()).not_valid_before(START).not_valid_after(START)
    signer = XMLSigner(signature_algorithm=method)
    signed = signer.sign(etree.fromstring("<a/>"), key=key, cert=[builder.sign(one, hashes.SHA256())])
    value = signed.findtext(".//{*}SignatureValue")
    assert value is not None
    return base64.b64decode(value)


def test_a_foreign_rsa_key_signs() -> None:
    asked: list[bytes] = []

    def sign(data: bytes) -> bytes:
        asked.append(data)
        return b"signature"

    assert signature_value(ForeignKey(sign, 2048, elliptic=False), SignatureMethod.RSA_SHA256) == b"signature"
    assert b"SignedInfo" in asked[0]


def test_a_foreign_ecdsa_key_is_asked_for_der() -> None:
    """signxml makes r‖s of it, each half as long as ``key_size`` says."""
    both = bytes(31) + b"\x01" + bytes(31) + b"\x02"
    key = ForeignKey(lambda _: both, 256, elliptic=True)
    assert utils.decode_dss_signature(key.sign(b"", signature_algorithm=ec.ECDSA(hashes.SHA256()))) == (1, 2)
    assert signature_value(key, SignatureMethod.ECDSA_SHA256) == both


def test_messages_are_logged_by_that_logger() -> None:
    assert processor.logger.name.partition(".")[0] == LOGGER
    log_no_messages()
    assert not processor.logger.isEnabledFor(logging.DEBUG)


def test_elements_are_of_the_type_that_lxml_does_not_name() -> None:
    assert isinstance(etree.fromstring("<a/>"), Element)


def test_the_arguments_of_cryptography_are_accepted() -> None:
    key = ForeignKey(lambda _: b"x", 2048, elliptic=False)
    assert key.sign(b"", padding=padding.PKCS1v15(), algorithm=hashes.SHA256()) == b"x"
