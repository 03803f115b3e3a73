"""A long object identifier in a sealed message: it is refused before a library computes with it."""

from __future__ import annotations

import pytest

from ehtoolkit.crypto import der
from ehtoolkit.ehealth.cms.signature_check import read_signer
from ehtoolkit.ehealth.cms.structure import (
    ENVELOPED_DATA,
    SIGNED_DATA,
    MalformedCms,
    read_enveloped_data,
    read_signed_data,
)
from tests.support.identifier_cost import BOUND, LONG, longest_identifier

ALGORITHM = der.sequence(der.object_identifier("2.16.840.1.101.3.4.2.1"), der.NULL)
NAMED = der.sequence(der.sequence(der.set_of(der.sequence(LONG, der.utf8_string("x")))), der.integer(1))
BY_KEY = der.implicit_octets(0, b"1")
DATA = der.sequence(der.object_identifier("1.2.840.113549.1.7.1"))


def signer(*, digest: bytes = ALGORITHM, sid: bytes = BY_KEY, attribute: bytes = b"") -> bytes:
    attributes = der.value(0xA0, attribute) if attribute else b""
    return der.sequence(der.integer(3), sid, digest, attributes, ALGORITHM, der.octet_string(b"signature"))


SIGNERS = {
    "digest": signer(digest=der.sequence(LONG)),
    "name": signer(sid=NAMED),
    "attribute": signer(attribute=der.sequence(LONG, der.set_of(der.NULL))),
}


@pytest.mark.parametrize("place", SIGNERS)
def test_in_a_signer(place: str) -> None:
    data = der.sequence(
        SIGNED_DATA,
        der.explicit(0, der.sequence(der.integer(1), der.set_of(), DATA, der.set_of(SIGNERS[place]))),
    )

    def read() -> None:
        for each in read_signed_data(data).signers:
            read_signer(each)

    assert longest_identifier(read, MalformedCms, ValueError) <= BOUND
    with pytest.raises(MalformedCms):
        read_signed_data(data)


def recipient(rid: bytes, algorithm: bytes) -> bytes:
    return der.sequence(der.integer(0), rid, algorithm, der.octet_string(b"key"))


ENVELOPES = {
    "recipient": (recipient(NAMED, ALGORITHM), ALGORITHM),
    "key transport": (recipient(BY_KEY, der.sequence(LONG)), ALGORITHM),
    "cipher": (recipient(BY_KEY, ALGORITHM), der.sequence(LONG, der.octet_string(b"1"))),
}


@pytest.mark.parametrize("place", ENVELOPES)
def test_in_an_envelope(place: str) -> None:
    known, cipher = ENVELOPES[place]
    content = der.sequence(
        der.object_identifier("1.2.840.113549.1.7.1"), cipher, der.implicit_octets(0, b"1")
    )
    data = der.sequence(
        ENVELOPED_DATA, der.explicit(0, der.sequence(der.integer(0), der.set_of(known), content))
    )
    assert longest_identifier(lambda: read_enveloped_data(data, "x"), MalformedCms) <= BOUND
    with pytest.raises(MalformedCms):
        read_enveloped_data(data, "x")
