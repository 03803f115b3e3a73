"""The whole road, driven by our own clients, for every kind of card and authority; answers valid by schema."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.certra import check_delivered
from ehtoolkit.ehealth.etk import TokenName, check_etk
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.identity import Identifier, Organisation
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority.pki import key_usage
from ehtoolkit.training.state.clock import add_months

if TYPE_CHECKING:
    from tests.training.conftest import Client

    MakeClient = Callable[..., Client]


@pytest.mark.parametrize("name", ["elise", "karl", "claire", "ines"])
def test_request_wait_complete_and_look_up(
    name: str, client: MakeClient, training: TrainingPlatform, platform: Platform
) -> None:
    person = client(name)
    qualities = platform.certra.get_actor_qualities(person.person, person.signer(CardKey.AUTHENTICATION))
    assert qualities.natural_person

    accepted = person.request()
    assert accepted.automatically_validated
    assert accepted.replaces is None
    with pytest.raises(errors.NotYetDelivered):
        platform.certra.get_certificate(accepted.key_id)
    asked_at = training.clock.now()

    training.clock.move("+1d")
    person.chain = platform.certra.get_certificate(accepted.key_id)
    leaf = person.chain[0]
    check_delivered(person.chain, person.key.public_key(), person.contract().distinguished_name)
    assert len(person.chain) == 2
    issuer = person.chain[1]
    assert issuer.subject != issuer.issuer
    elliptic = isinstance(issuer.public_key(), EllipticCurvePublicKey)
    assert elliptic is (name == "claire")
    identifier = leaf.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert identifier.hex().upper() == accepted.key_id
    assert abs(leaf.not_valid_before_utc - asked_at - timedelta(hours=1)) < timedelta(seconds=5)
    assert leaf.not_valid_after_utc == add_months(leaf.not_valid_before_utc, 36)
    found = {type(extension.value): (extension.critical, extension.value) for extension in leaf.extensions}
    assert found.pop(x509.BasicConstraints) == (True, x509.BasicConstraints(ca=False, path_length=None))
    usage = key_usage("digital_signature", "content_commitment", "key_encipherment")
    assert found.pop(x509.KeyUsage) == (True, usage)
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    assert found.pop(x509.ExtendedKeyUsage) == (False, x509.ExtendedKeyUsage(purposes))
    assert set(found) == {
        *(x509.CertificatePolicies, x509.AuthorityInformationAccess, x509.CRLDistributionPoints),
        *(x509.AuthorityKeyIdentifier, x509.SubjectKeyIdentifier),
    }

    info = platform.certra.get_certificate_info(person.holder)
    assert (info.status, info.etk_status) == ("VALID_ACTIVE", "NOT_REQUESTED")
    number = person.person.identifier
    assert platform.depot.get_etk(number) is None

    registered = person.register()
    assert not registered.to_be_activated
    etk = check_etk(registered.etk, person.encryption_key.public_key(), leaf)
    assert etk.signer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "ETK-RA TRAINING"
    assert etk.authentication_certificate == leaf
    assert set(person.chain) < set(etk.certificates)
    assert platform.certra.get_certificate_info(person.holder).etk_status == "VALID_ACTIVE"
    assert platform.depot.get_etk(number) == registered.etk


def test_the_list_of_a_citizen_has_his_certificates_from_the_request_on(
    client: MakeClient, training: TrainingPlatform, platform: Platform
) -> None:
    person = client()
    signer = person.signer(CardKey.AUTHENTICATION)
    assert platform.certra.get_certificate_info_for_citizen(signer) == ()
    key_id = person.request().key_id
    (waiting,) = platform.certra.get_certificate_info_for_citizen(signer)
    assert (waiting.key_id, waiting.status) == (key_id, "IN_PROGRESS")
    training.clock.move("+2h")
    (delivered,) = platform.certra.get_certificate_info_for_citizen(signer)
    assert delivered.status == "VALID_ACTIVE"
    assert not delivered.replaceable


def test_replacement_only_in_the_last_three_months(
    client: MakeClient, training: TrainingPlatform, platform: Platform
) -> None:
    old = client()
    old.deliver()
    first = old.register()
    new = client(first=2)
    with pytest.raises(errors.PlatformRefused) as refused:
        new.request()
    assert refused.value.facts["code"] == "CERT_ALREADY_ACTIVE"

    training.clock.move("+32mo")
    assert not platform.certra.get_certificate_info(old.holder).replaceable
    training.clock.move("+2mo")
    assert platform.certra.get_certificate_info(old.holder).replaceable
    accepted = new.request()
    assert accepted.replaces == platform.certra.get_certificate_info(old.holder).key_id
    assert not platform.certra.get_certificate_info(old.holder).replaceable

    training.clock.move("+2h")
    new.chain = platform.certra.get_certificate(accepted.key_id)
    second = new.register()
    assert second.to_be_activated
    number = new.person.identifier
    assert platform.certra.get_certificate_info(new.holder).etk_status == "WAIT_FOR_ACTIVATION"
    assert platform.depot.get_etk(number) == first.etk
    platform.etkra.activate(new.holder)
    assert platform.depot.get_etk(number) == second.etk

    training.clock.move("+3mo")
    assert platform.certra.get_certificate_info(old.holder).status == "EXPIRED"
    with pytest.raises(errors.PlatformRefused) as expired:
        old.register()
    assert expired.value.facts["code"] == "SIGNER_CERTIFICATE_EXPIRED"


def test_an_organisation_with_two_application_ids(
    client: MakeClient, training: TrainingPlatform, platform: Platform
) -> None:
    pharmacist = client("ines")
    qualities = platform.certra.get_actor_qualities(
        pharmacist.person, pharmacist.signer(CardKey.AUTHENTICATION)
    )
    assert [organisation.type for organisation in qualities.organisations] == ["NIHII-PHARMACY", "CBE"]
    identifier = Identifier(qualities.organisations[0].type, qualities.organisations[0].number)
    pharmacy = Organisation(identifier, qualities.organisations[0].names["fr"])

    other = client("ines", first=2)
    for applicant, application_id in ((pharmacist, None), (other, "APP-1")):
        accepted = applicant.request(applicant.contract(pharmacy, application_id))
        assert accepted.automatically_validated
        training.clock.move("+2h")
        applicant.chain = platform.certra.get_certificate(accepted.key_id)
        applicant.register()
    assert set(platform.certra.get_existing_application_ids(identifier)) == {None, "APP-1"}

    bare = platform.depot.search(TokenName(identifier.type, identifier.value, None))
    named = platform.depot.search(TokenName(identifier.type, identifier.value, "APP-1"))
    assert bare.etk is not None
    assert named.etk is not None
    assert bare.etk != named.etk
    assert platform.depot.get_etk(identifier, "APP-2") is None


def test_what_the_registers_do_not_know_waits_for_a_person(
    client: MakeClient, training: TrainingPlatform, platform: Platform
) -> None:
    secretary = client("wim")
    accepted = secretary.request()
    assert not accepted.automatically_validated
    training.clock.move("+9d")
    with pytest.raises(errors.NotYetDelivered):
        platform.certra.get_certificate(accepted.key_id)
    training.clock.move("+2d")
    assert platform.certra.get_certificate(accepted.key_id)


def test_the_types_of_organisations_are_listed(platform: Platform) -> None:
    types = platform.certra.get_generic_organization_types()
    pharmacy = next(type_ for type_ in types if type_.type == "NIHII-PHARMACY")
    assert pharmacy.pattern == "[0-9]{8}"
    assert pharmacy.names == {"fr": "Pharmacie", "nl": "Apotheek"}
    assert "SSIN" not in [type_.type for type_ in types]
