"""Is the delivered certificate ours?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.ehealth.certra import check_delivered, public_key_identifier
from ehtoolkit.identity import DistinguishedName


def reason(
    chain: Sequence[x509.Certificate], key: CertificatePublicKeyTypes, holder: DistinguishedName | None
) -> object:
    with pytest.raises(errors.ResponseUntrusted) as caught:
        check_delivered(chain, key, holder)
    return caught.value.facts["reason"]


def test_ours(holder, rsa_keys, person) -> None:
    key = rsa_keys[0].public_key()
    name = DistinguishedName.for_person(person)
    check_delivered(holder.chain[:2], key, name)
    check_delivered(holder.chain, key, name)
    check_delivered(holder.chain[:2], key, None)


def test_names_in_another_order_are_the_same_holder(holder, rsa_keys, person) -> None:
    name = DistinguishedName(person.identifier, "ZOE ELODIE VAN DEN BOSSCHE")
    check_delivered(holder.chain, rsa_keys[0].public_key(), name)


def test_another_key(holder, rsa_keys) -> None:
    assert reason(holder.chain, rsa_keys[1].public_key(), None) == "key"
    assert reason([], rsa_keys[0].public_key(), None) == "key"


def test_another_name(holder, rsa_keys, pharmacy, person) -> None:
    key = rsa_keys[0].public_key()
    assert reason(holder.chain, key, DistinguishedName.for_organisation(pharmacy)) == "name"
    assert reason(holder.chain, key, DistinguishedName(person.identifier, "X", "APP")) == "name"


def test_an_application_id_in_the_common_name_alone(issuing, rsa_keys, pharmacy) -> None:
    """Some certificates in the field are so: their keystores can be completed, and no others."""
    name = DistinguishedName.for_organisation(pharmacy, "APP")
    subject = x509.Name([part for part in name.to_name() if part.value != "APP"])
    chain, key = issuing.issue(subject, rsa_keys[0]).chain, rsa_keys[0].public_key()
    check_delivered(chain, key, name)
    assert reason(chain, key, DistinguishedName.for_organisation(pharmacy)) == "name"
    assert reason(chain, key, DistinguishedName.for_organisation(pharmacy, "OTHER")) == "name"


def test_a_name_that_is_not_of_ehealth(issuing, rsa_keys, person) -> None:
    strange = issuing.issue(x509.Name([]), rsa_keys[0])
    assert reason(strange.chain, rsa_keys[0].public_key(), DistinguishedName.for_person(person)) == "name"


def test_a_reversed_chain(holder, rsa_keys) -> None:
    assert reason(holder.chain[::-1], rsa_keys[0].public_key(), None) == "chain_order"


def test_a_link_that_is_missing_or_of_another_family(holder, rsa_keys, issuing) -> None:
    key = rsa_keys[0].public_key()
    leaf, ca, root = holder.chain
    assert reason([leaf, root], key, None) == "chain_order"
    assert reason([leaf, root, ca], key, None) == "chain_order"
    forged = issuing.issue(ca.subject, rsa_keys[2], ca=True).chain[0]
    assert reason([leaf, forged], key, None) == "chain_order"


def test_a_signature_of_another_algorithm_than_the_certificate_names(holder, issuing, rsa_keys) -> None:
    """RFC 5280, 4.1.1.2 wants them equal. One that is signed anew with both equal is accepted."""
    leaf, *above = holder.chain
    inside, other = (der.sequence(der.object_identifier(f"1.2.840.10045.4.3.{n}")) for n in (2, 3))

    def signed(content: bytes) -> x509.Certificate:
        signature = issuing.key.sign(content, ec.ECDSA(hashes.SHA384()))
        return x509.load_der_x509_certificate(der.sequence(content, other, der.bit_string(signature)))

    content, key = leaf.tbs_certificate_bytes, rsa_keys[0].public_key()
    assert content.count(inside) == 1
    check_delivered([signed(content.replace(inside, other)), *above], key, None)
    assert reason([signed(content), *above], key, None) == "chain_order"


def test_the_key_identifier_is_sha1_of_the_bits(holder) -> None:
    parsed = asn1.Certificate.load(holder.chain[0].public_bytes(Encoding.DER))
    bits = parsed["tbs_certificate"]["subject_public_key_info"]["public_key"].contents[1:]
    digest = hashlib.sha1(bits, usedforsecurity=False).hexdigest().upper()
    assert public_key_identifier(holder.chain[0].public_key()) == digest
