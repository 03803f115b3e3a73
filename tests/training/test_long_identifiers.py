"""A long object identifier in what a client sends: the training platform does not compute with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from ehtoolkit.crypto import der
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training.authority.request_checks import (
    check_csr,
    read_encryption_certificate,
    read_encryption_key,
)
from ehtoolkit.training.authority.status_responder import ocsp_answer
from ehtoolkit.training.state.refusal_reasons import Refusal
from tests.support.identifier_cost import BOUND, LONG, longest_identifier

if TYPE_CHECKING:
    from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform

NULL, BITS = der.NULL, der.bit_string(b"1")
NAME = der.sequence(der.set_of(der.sequence(der.object_identifier("2.5.4.3"), der.utf8_string("x"))))
SHA256_RSA = der.sequence(der.object_identifier("1.2.840.113549.1.1.11"), NULL)
KEY = der.sequence(der.sequence(LONG, NULL), BITS)
DN = DistinguishedName(Identifier("SITE", "1234"), "x")


def csr(name: bytes = NAME, key: bytes = KEY, algorithm: bytes = SHA256_RSA) -> bytes:
    return der.sequence(der.sequence(der.integer(0), name, key, der.value(0xA0)), algorithm, BITS)


CSRS = {
    "key": csr(),
    "subject": csr(name=der.sequence(der.set_of(der.sequence(LONG, der.utf8_string("x"))))),
    "algorithm": csr(algorithm=der.sequence(LONG, NULL)),
}


@pytest.mark.parametrize("place", CSRS)
def test_in_a_request_for_a_certificate(place: str) -> None:
    assert longest_identifier(lambda: check_csr(CSRS[place], DN), Refusal) <= BOUND
    with pytest.raises(Refusal) as refusal:
        check_csr(CSRS[place], DN)
    assert refusal.value.code == "CSR_INVALID"


@pytest.mark.parametrize("read", [read_encryption_key, read_encryption_certificate])
def test_in_a_key(read: Callable[[bytes], object]) -> None:
    assert longest_identifier(lambda: read(KEY), Refusal) <= BOUND


def test_in_a_revocation_query() -> None:
    """Its length is bounded: in an extension, identifiers are out of sight."""
    platform = cast("EmbeddedPlatform", None)  # a request that cannot be read asks nothing of it
    hidden = der.octet_string(der.sequence(der.value(der.OBJECT_IDENTIFIER, b"\x2a" * 5_000)))
    extension = der.sequence(der.object_identifier("1.3.6.1.5.5.7.48.1.4"), hidden)
    certificate = der.sequence(
        der.sequence(der.object_identifier("1.3.14.3.2.26"), NULL),
        *(der.octet_string(b"1"), der.octet_string(b"1"), der.integer(1)),
    )
    asked = der.sequence(der.sequence(certificate))
    request = der.sequence(der.sequence(asked, der.explicit(2, der.sequence(extension))))
    answers: list[bytes] = []
    assert longest_identifier(lambda: answers.append(ocsp_answer(platform, request))) == 0
    assert answers == [der.sequence(der.enumerated(1))]  # malformedRequest
