"""The certificate request."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import SignatureAlgorithmOID

from ehtoolkit.ehealth.certra import certificate_request
from ehtoolkit.identity import DistinguishedName, Person


@pytest.mark.parametrize("application_id", [None, "APP-1"])
def test_a_request(application_id: str | None, rsa_keys, pharmacy) -> None:
    name = DistinguishedName.for_organisation(pharmacy, application_id)
    request = certificate_request(rsa_keys[0], name)
    assert request.is_signature_valid
    assert request.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA256
    assert isinstance(request.signature_hash_algorithm, hashes.SHA256)
    assert request.public_key() == rsa_keys[0].public_key()
    assert request.subject.public_bytes() == name.to_name().public_bytes()
    assert DistinguishedName.of_name(request.subject) == name
    assert list(request.extensions) == []
    assert list(request.attributes) == []


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [
        (ec.SECP256R1(), SignatureAlgorithmOID.ECDSA_WITH_SHA256),
        (ec.SECP384R1(), SignatureAlgorithmOID.ECDSA_WITH_SHA384),
        (ec.SECP521R1(), SignatureAlgorithmOID.ECDSA_WITH_SHA512),
    ],
)
def test_an_elliptic_key_signs_with_the_hash_of_its_curve(
    curve: ec.EllipticCurve, algorithm: x509.ObjectIdentifier, person: Person
) -> None:
    request = certificate_request(ec.generate_private_key(curve), DistinguishedName.for_person(person))
    assert request.is_signature_valid
    assert request.signature_algorithm_oid == algorithm


def test_the_name_of_the_captured_contract_gives_the_captured_subject(vectors, rsa_keys) -> None:
    from ehtoolkit.ehealth.contract import read_contract
    from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, octets, parse, unwrap

    for asked, sent in (("015", "016"), ("024", "025"), ("026", "027")):
        (answer,) = vectors.glob(f"{asked}-*.resp.xml")
        (request,) = vectors.glob(f"{sent}-*.soap.xml")
        name = read_contract(parse(answer.read_bytes())).distinguished_name
        (element,) = unwrap(request.read_bytes()).iter(CERTRA_CORE("CSR"))
        captured = x509.load_der_x509_csr(octets(element))
        assert (
            certificate_request(rsa_keys[0], name).subject.public_bytes() == captured.subject.public_bytes()
        )
