"""The kind of a key is read from its DER, whatever it is, before a library computes with it."""

from __future__ import annotations

import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.crypto.keys import KeyFault, kind_of, kind_of_private_key, kind_of_public_key
from ehtoolkit.keystore.key_pairs import key_id_of_pkcs8, load_private_key
from tests.support.unfit_keys import FAULTS, pkcs8, rsa_of

KINDS = {
    "RSA-2048": lambda: pkcs8(rsa.generate_private_key(65537, 2048)),
    "EC P-256": lambda: pkcs8(ec.generate_private_key(ec.SECP256R1())),
    "EC P-384": lambda: pkcs8(ec.generate_private_key(ec.SECP384R1())),
    "EC P-521": lambda: pkcs8(ec.generate_private_key(ec.SECP521R1())),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_a_keystore(kind: str) -> None:
    stored = KINDS[kind]()
    found, key = kind_of_private_key(stored), load_private_key(stored)
    assert (str(found), found.fault, found.loadable) == (kind, None, True)
    assert kind_of(key) == kind_of(key.public_key()) == found
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert kind_of_public_key(spki) == found


@pytest.mark.parametrize("kind", FAULTS)
def test_every_other_kind_is_named_and_not_computed_with(kind: str) -> None:
    fault, make = FAULTS[kind]
    stored = make()
    found = kind_of_private_key(stored)
    assert (str(found), found.fault) == (kind, fault)
    with pytest.raises(errors.KeyUnfit) as unfit:
        load_private_key(stored)
    assert unfit.value.facts == {"kind": kind, "reason": str(fault)}


def test_diffie_hellman_is_named() -> None:
    algorithm = der.sequence(der.object_identifier("1.2.840.113549.1.3.1"))
    stored = der.sequence(der.integer(0), algorithm, der.octet_string(der.integer(5)))
    found = kind_of_private_key(stored)
    assert (found.algorithm, found.fault, found.loadable) == ("DH", KeyFault.ALGORITHM, False)
    assert key_id_of_pkcs8(stored) is None


def test_a_long_key_costs_nothing() -> None:
    stored = rsa_of(200_000)
    begin = time.process_time()
    assert key_id_of_pkcs8(stored) is None
    with pytest.raises(errors.KeyUnfit):
        load_private_key(stored)
    assert time.process_time() - begin < 0.2


@pytest.mark.parametrize("place", ["point", "number"])
def test_a_point_that_is_not_its_own(place: str) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    stored, numbers = pkcs8(key), key.private_numbers()
    number = numbers.private_value if place == "number" else numbers.public_numbers.y
    octets = number.to_bytes(48, "big")
    assert stored.count(octets) == 1
    spoilt = stored.replace(octets, (number ^ 1).to_bytes(48, "big"))
    with pytest.raises(errors.KeystoreDamaged) as damage:
        load_private_key(spoilt)
    assert damage.value.facts == {"reason": "key_point"}


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"junk" * 30])
def test_what_is_no_key(data: bytes) -> None:
    for read in (kind_of_private_key, kind_of_public_key):
        with pytest.raises(ValueError, match="not a p"):
            read(data)
    assert key_id_of_pkcs8(data) is None
