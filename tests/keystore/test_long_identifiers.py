"""A long object identifier anywhere in a file: no library computes with it."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from asn1crypto.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import read_certificate
from ehtoolkit.crypto.keys import kind_of_private_key, kind_of_public_key
from ehtoolkit.keystore import key_pairs
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.repair.pem import read_pem, read_private_key
from ehtoolkit.keystore.repair.recovery import recover
from tests.keystore.parsing_cost import PASSWORD
from tests.keystore.shapes import bare, certificate, curve, with_certificates
from tests.support.identifier_cost import BOUND, LONG, longest_identifier
from tests.support.keystores import load_any

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
PLAIN = certificate()
BITS = der.bit_string(b"1")
TEXT = der.utf8_string("x")


def with_parts(new: Mapping[int, bytes]) -> bytes:
    """`PLAIN` with other parts: 1 serial number, 2 algorithm, 3 issuer, 5 subject, 6 key, 7 extensions."""
    parsed = Certificate.load(PLAIN)
    signed = parsed["tbs_certificate"]
    parts = [signed[index].dump() for index in range(len(signed))]
    parts = [new.get(place, part) for place, part in enumerate(parts)]
    behind = parsed["signature_algorithm"].dump() + parsed["signature_value"].dump()
    return der.sequence(der.sequence(*filter(None, parts)), behind)


def name(kind: bytes) -> bytes:
    return der.sequence(der.set_of(der.sequence(kind, TEXT)))


def key(*algorithm: bytes) -> bytes:
    return der.sequence(der.sequence(*algorithm), BITS)


EC = der.object_identifier("1.2.840.10045.2.1")
EXPLICIT = der.sequence(der.integer(1), der.sequence(LONG, der.integer(7)))

CERTIFICATES = {
    "algorithm of the signature": with_parts({2: der.sequence(LONG, der.NULL)}),
    "issuer": with_parts({3: name(LONG)}),
    "subject": with_parts({5: name(LONG)}),
    "algorithm of the key": with_parts({6: key(LONG, der.NULL)}),
    "curve": with_parts({6: key(EC, LONG)}),
    "field of a curve": with_parts({6: key(EC, EXPLICIT)}),
    "extension": with_parts({7: der.explicit(3, der.sequence(der.sequence(LONG, der.octet_string(b""))))}),
    "serial number zero, subject": with_parts({1: der.integer(0), 5: name(LONG)}),
}
KEYS = {
    "algorithm": der.sequence(der.integer(0), der.sequence(LONG, der.NULL), der.octet_string(b"1")),
    "curve": der.sequence(der.integer(0), der.sequence(EC, LONG), der.octet_string(b"1")),
}


def pem(label: str, data: bytes) -> bytes:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode()


def java_store(data: bytes) -> bytes:
    """A JKS file with one certificate, and no digest."""
    entry = struct.pack(">IH1sQH5sI", 2, 1, b"a", 0, 5, b"X.509", len(data)) + data
    return struct.pack(">III", 0xFEEDFEED, 2, 1) + entry


def doors(data: bytes) -> dict[str, Callable[[], object]]:
    return {
        "diagnose": lambda: diagnose(data, PASSWORD, NOW),
        "open": lambda: load_any(data, PASSWORD),
        "rescue": lambda: recover(data, PASSWORD),
        "rescue of a part": lambda: recover(data[:-40], PASSWORD),
    }


@pytest.mark.parametrize("place", CERTIFICATES)
def test_in_a_certificate(place: str) -> None:
    data = CERTIFICATES[place]
    works = {
        **doors(write_pkcs12(with_certificates([PLAIN, data]), PASSWORD)),
        "PEM": lambda: read_pem(pem("CERTIFICATE", data), lambda: (PASSWORD,)),
        "JKS": lambda: diagnose(java_store(data), PASSWORD, NOW),
        "read": lambda: read_certificate(data),
        "stand-in": lambda: key_pairs.is_placeholder(data),
        "key identifier": lambda: key_pairs.certificate_key_id(data),
        "kind of its key": lambda: key_pairs.certificate_key_kind(data),
    }
    for door, work in works.items():
        key_pairs.load_certificate.cache_clear()
        assert longest_identifier(work, errors.EhToolkitError) <= BOUND, door


@pytest.mark.parametrize("place", CERTIFICATES)
def test_such_a_certificate_is_damaged(place: str) -> None:
    with pytest.raises(errors.KeystoreDamaged) as damage:
        key_pairs.load_certificate(CERTIFICATES[place])
    assert damage.value.facts == {"reason": "certificate"}


@pytest.mark.parametrize("place", KEYS)
def test_in_a_private_key(place: str) -> None:
    data = KEYS[place]
    works = {
        **doors(bare(data)),
        "PEM": lambda: read_pem(pem("PRIVATE KEY", data), lambda: (PASSWORD,)),
        "DER": lambda: read_private_key(data, lambda: (PASSWORD,)),
    }
    for door, work in works.items():
        assert longest_identifier(work, errors.EhToolkitError) <= BOUND, door
    with pytest.raises(ValueError, match="not a private key"):
        kind_of_private_key(data)


def test_an_identifier_of_the_bound_is_read() -> None:
    whole = der.value(der.OBJECT_IDENTIFIER, b"\x2a" * BOUND)
    assert kind_of_public_key(key(whole)).algorithm.count(".") == BOUND
    with pytest.raises(ValueError, match="not a public key"):
        kind_of_public_key(key(der.value(der.OBJECT_IDENTIFIER, b"\x2a" * (BOUND + 1))))


def test_a_curve_that_is_given_by_parameters_has_no_identifier() -> None:
    assert kind_of_public_key(key(EC, der.sequence(der.integer(1)))).curve == "explicit"
    assert kind_of_private_key(curve("1.3.132.0.34", b"\1" * 48)).curve == "P-384"
