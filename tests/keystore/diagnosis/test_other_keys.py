"""A key of any other kind in a keystore is a finding of its own, which names it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key

from ehtoolkit.crypto import der
from ehtoolkit.finding import Severity
from ehtoolkit.keystore.codec.contents import Pkcs12Contents, Plain
from tests.keystore.diagnosis.conftest import Maker
from tests.support.unfit_keys import FAULTS, pkcs8

DIFFIE_HELLMAN = der.sequence(
    der.integer(0),
    der.sequence(der.object_identifier("1.2.840.113549.1.3.1")),
    der.octet_string(der.integer(5)),
)
SAID = {
    "curve": ("key_curve", "kind"),
    "parameters": ("key_parameters", None),
    "short": ("key_short", "kind"),
    "long": ("key_long", "kind"),
    "algorithm": ("key_unsupported", "algorithm"),
}
OTHERS = {name: (str(fault), make) for name, (fault, make) in FAULTS.items()}
OTHERS["DH"] = ("algorithm", lambda: DIFFIE_HELLMAN)


def holding(maker: Maker, stored: bytes) -> Pkcs12Contents:
    """A file whose authentication key is ``stored`` (PKCS#8), with the certificates of another."""
    contents = maker.keystore_maker.installed.contents
    return replace(contents, keys=tuple(replace(bag, material=Plain(stored)) for bag in contents.keys))


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_key_is_named(maker: Maker, name: str) -> None:
    fault, make = OTHERS[name]
    key, fact = SAID[fault]
    found = maker.look(holding(maker, make()))
    (said,) = (finding for finding in found.findings if finding.key.startswith(("key_", "damaged_")))
    assert (said.key, said.severity) == (key, Severity.ERROR)
    assert fact is None or said.facts[fact] == name
    assert not {finding.key for finding in found.findings} & {
        "state_complete",
        "state_no_etk",
        "key_elliptic",
    }


def test_a_point_that_is_not_on_the_curve(maker: Maker) -> None:
    elliptic = generate_private_key(SECP384R1())
    stored, y = pkcs8(elliptic), elliptic.private_numbers().public_numbers.y.to_bytes(48, "big")
    spoilt = stored.replace(y, bytes(47) + b"\1")
    assert spoilt != stored
    found = maker.keys(holding(maker, spoilt))
    assert {key for key in found if key.startswith(("key_", "damaged_"))} == {"damaged_key_point"}


def test_a_certificate_for_a_key_of_another_kind(maker: Maker) -> None:
    found = maker.look(holding(maker, pkcs8(generate_private_key(SECP384R1()))))
    (said,) = (finding for finding in found.findings if finding.key == "key_kind_mismatch")
    assert (said.facts["kind"], said.facts["other"]) == ("EC P-384", "RSA-2048")
