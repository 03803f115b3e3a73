"""CertRA's methods: what they send, what they check."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.ehealth.certra import certificate_request, public_key_identifier
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.soap.signature import verify_element
from ehtoolkit.ehealth.soap.xml import unwrap
from ehtoolkit.identity import DistinguishedName

SUCCESS = '<c:Status><c:StatusCode Value="urn:be:fgov:ehealth:2.0:status:Success"/></c:Status>'


@pytest.fixture
def reply(soap) -> Callable[..., bytes]:
    def message(name: str, content: str = "") -> bytes:
        return soap(
            f'<p:{name} xmlns:p="urn:be:fgov:ehealth:certra:protocol:v2" '
            'xmlns:k="urn:be:fgov:ehealth:certra:core:v2" xmlns:c="urn:be:fgov:ehealth:commons:core:v2" '
            f'Id="_1" IssueInstant="2026-11-24T15:00:00Z">{SUCCESS}{content}</p:{name}>'
        )

    return message


@pytest.fixture
def contract_reply(reply) -> Callable[..., bytes]:
    def message(
        name: DistinguishedName, person, extra: str = "", operation: str = "GenerateContract"
    ) -> bytes:
        dn = name.text.replace("&", "&amp;")
        return reply(
            f"{operation}Response",
            f'<p:Contract><k:DN>{dn}</k:DN><k:Signer><c:Id Type="SSIN">{person.niss.digits}</c:Id>'
            f"<c:FirstName>{person.first_names}</c:FirstName><c:Name>{person.name}</c:Name></k:Signer>"
            f'{extra}<k:Text><k:Value xml:lang="fr">Texte</k:Value></k:Text></p:Contract>',
        )

    return message


def signed_by(wire, signer) -> None:
    message = unwrap(wire.requests[-1][1])
    assert verify_element(message).certificate == signer.chain[0]


def test_actor_qualities(platform, wire, reply, person, card_signer) -> None:
    wire.answer = reply(
        "GetActorQualitiesResponse", "<p:NaturalPersonAuthorization>0</p:NaturalPersonAuthorization>"
    )
    qualities = platform.certra.get_actor_qualities(person, card_signer)
    assert (qualities.natural_person, qualities.organisations) == (False, ())
    signed_by(wire, card_signer)


def test_a_contract_for_oneself_and_for_an_organisation(
    platform, wire, contract_reply, person, pharmacy, contact
) -> None:
    own = DistinguishedName.for_person(person)
    wire.answer = contract_reply(own, person)
    assert platform.certra.generate_contract(person, person, contact).distinguished_name == own
    shop = DistinguishedName.for_organisation(pharmacy, "app-1")
    wire.answer = contract_reply(shop, person)
    contract = platform.certra.generate_contract(person, pharmacy, contact, "app-1")
    assert contract.distinguished_name == shop
    assert b">APP-1</core:ApplicationId>" in wire.requests[-1][1]


def test_a_contract_for_another_person(platform, wire, contract_reply, person, pharmacy, contact) -> None:
    wire.answer = contract_reply(DistinguishedName.for_organisation(pharmacy), person)
    for actor, application_id in ((person, None), (pharmacy, "APP")):
        with pytest.raises(errors.ResponseUntrusted) as caught:
            platform.certra.generate_contract(person, actor, contact, application_id)
        assert caught.value.facts == {"reason": "contract"}


def test_a_certificate(platform, wire, reply, contract_reply, person, contact, rsa_keys, card_signer) -> None:
    name = DistinguishedName.for_person(person)
    wire.answer = contract_reply(name, person)
    contract = platform.certra.generate_contract(person, person, contact)
    csr = certificate_request(rsa_keys[0], contract.distinguished_name)
    key_id = public_key_identifier(rsa_keys[0].public_key())
    wire.answer = reply(
        "GenerateCertificateResponse",
        f"<p:PublicKeyIdentifier>{key_id.lower()}</p:PublicKeyIdentifier>"
        "<p:AutomaticallyValidated>false</p:AutomaticallyValidated>"
        f"<p:ReplacesCertificate>{'ab' * 20}</p:ReplacesCertificate>",
    )
    signed = platform.certra.sign_certificate_request(csr, contract, contact, card_signer, ["tsa"])
    assert len(wire.requests) == 1
    accepted = platform.certra.generate_certificate(signed, key_id)
    assert (accepted.key_id, accepted.automatically_validated, accepted.replaces) == (
        key_id,
        False,
        "AB" * 20,
    )
    signed_by(wire, card_signer)
    body = wire.requests[-1][1]
    assert rb"CN=SSIN\=79031421872, OU=eHealth-platform Belgium" in body
    assert base64.b64encode(csr.public_bytes(Encoding.DER)) in body
    assert b">tsa</core:BaseServiceUsage>" in body

    wire.answer = reply(
        "GenerateCertificateResponse",
        f"<p:PublicKeyIdentifier>{'00' * 20}</p:PublicKeyIdentifier>"
        "<p:AutomaticallyValidated>true</p:AutomaticallyValidated>",
    )
    with pytest.raises(errors.ResponseUntrusted) as caught:
        platform.certra.generate_certificate(signed, key_id)
    assert caught.value.facts == {"reason": "key"}


def test_a_lost_answer(platform, wire, contract_reply, person, contact, rsa_keys, card_signer) -> None:
    wire.answer = contract_reply(DistinguishedName.for_person(person), person)
    contract = platform.certra.generate_contract(person, person, contact)
    csr = certificate_request(rsa_keys[0], contract.distinguished_name)
    signed = platform.certra.sign_certificate_request(csr, contract, contact, card_signer)
    wire.answer = errors.PlatformUnreachable(host="h", reason="cut", sent=True)
    with pytest.raises(errors.ResponseLost):
        platform.certra.generate_certificate(signed, public_key_identifier(csr.public_key()))
    assert len(wire.requests) == 2


def test_a_chain(platform, wire, reply, holder) -> None:
    content = "".join(
        f"<p:X509Certificate>\r\n{base64.encodebytes(certificate.public_bytes(Encoding.DER)).decode()}</p:X509Certificate>"
        for certificate in holder.chain[:2]
    )
    wire.answer = reply("GetCertificateResponse", content)
    assert platform.certra.get_certificate("ab" * 20) == holder.chain[:2]
    assert b">ABABABABABABABABABABABABABABABABABABABAB<" in wire.requests[-1][1]


def test_not_yet(platform, wire, reply) -> None:
    refusal = (
        '<c:Status><c:StatusCode Value="urn:no"/><c:StatusDetail><e:EteeStatusDetail '
        'xmlns:e="urn:be:fgov:ehealth:etee:commons:core:v2"><Errors><Code>CERT_NOT_YET_DELIVERED</Code>'
        "<Message>Later</Message></Errors></e:EteeStatusDetail></c:StatusDetail></c:Status>"
    )
    wire.answer = reply("GetCertificateResponse").replace(SUCCESS.encode(), refusal.encode())
    with pytest.raises(errors.NotYetDelivered) as caught:
        platform.certra.get_certificate("ab" * 20)
    assert caught.value.facts == {"not_before": None}


def info(key_id: str, status: str = "VALID_ACTIVE", extra: str = "") -> str:
    return (
        "<p:CertificateInfo><k:RequestedDate>2026-11-24T15:00:00.1234567</k:RequestedDate>"
        f"<k:PublicKeyIdentifier>{key_id}</k:PublicKeyIdentifier><k:CertificateEntity><k:CertificateIdentifier>"
        '<k:Actor><c:Id Type="NEW-TYPE">1</c:Id><c:Name>X</c:Name></k:Actor><k:ApplicationId>A</k:ApplicationId>'
        f"</k:CertificateIdentifier></k:CertificateEntity><k:AuthenticationCertificateStatus>{status}"
        "</k:AuthenticationCertificateStatus><k:ETKStatus>NEW</k:ETKStatus><k:AutomaticallyValidated>1"
        f"</k:AutomaticallyValidated>{extra}<k:Revocable>true</k:Revocable><k:Replaceable>true</k:Replaceable>"
        "<k:ReplacementPeriodStartDate>2029-08-24T15:00:00Z</k:ReplacementPeriodStartDate><k:ContactData>"
        "<k:EmailPrivate>odd address</k:EmailPrivate><k:PhonePrivate>-</k:PhonePrivate></k:ContactData>"
        "<k:BaseServiceUsage>tsa</k:BaseServiceUsage></p:CertificateInfo>"
    )


def test_certificate_info(platform, wire, reply, signer) -> None:
    key_id = public_key_identifier(signer.chain[0].public_key())
    details = (
        "<k:AuthenticationCertificateDetails><k:SerialNumber>12</k:SerialNumber><k:DN>CN=a</k:DN>"
        "<k:IssuerDN>CN=b</k:IssuerDN><k:ValidNotBefore>2026-11-24T15:00:00Z</k:ValidNotBefore>"
        "<k:ValidNotAfter>2029-11-24T15:00:00Z</k:ValidNotAfter></k:AuthenticationCertificateDetails>"
    )
    name = "GetCertificateInfoForAuthenticationCertificateResponse"
    wire.answer = reply(name, info(key_id, "SOMETHING_NEW", details))
    found = platform.certra.get_certificate_info(signer)
    assert (found.status, found.etk_status, found.key_id) == ("SOMETHING_NEW", "NEW", key_id)
    assert found.requested_at.isoformat() == "2026-11-24T15:00:00.123456+01:00"
    assert [str(found.not_before), str(found.not_after)] == [
        "2026-11-24 15:00:00+00:00",
        "2029-11-24 15:00:00+00:00",
    ]
    assert found.replaceable_from is not None
    assert found.replaceable_from.isoformat() == "2029-08-24T15:00:00+00:00"
    assert (found.holder.type, found.holder.application_id, found.base_services) == (
        "NEW-TYPE",
        "A",
        ("tsa",),
    )
    signed_by(wire, signer)

    wire.answer = reply(name, info("00" * 20))
    with pytest.raises(errors.ResponseUntrusted) as caught:
        platform.certra.get_certificate_info(signer)
    assert caught.value.facts == {"reason": "key"}


def test_all_certificates_of_a_person(platform, wire, reply, card_signer) -> None:
    wire.answer = reply("GetCertificateInfoForCitizenResponse", info("00" * 20) + info("AA" * 20, "REVOKED"))
    found = platform.certra.get_certificate_info_for_citizen(card_signer)
    assert [(key.key_id, key.status) for key in found] == [
        ("00" * 20, "VALID_ACTIVE"),
        ("AA" * 20, "REVOKED"),
    ]
    signed_by(wire, card_signer)


def test_revocation(platform, wire, reply, contract_reply, person, card_signer) -> None:
    name = DistinguishedName.for_person(person)
    reason = "<k:RevocationReason>superseded</k:RevocationReason>"
    wire.answer = contract_reply(name, person, reason, "GenerateRevocationContract")
    arguments = ("ab" * 20, person, RevocationReason.SUPERSEDED)
    contract = platform.certra.generate_revocation_contract(*arguments, name)
    wire.answer = reply("RevokeResponse")
    platform.certra.revoke("ab" * 20, contract, card_signer)
    signed_by(wire, card_signer)
    assert b"CN=SSIN=79031421872, OU=" in wire.requests[-1][1]

    wire.answer = contract_reply(name, person, reason, "GenerateRevocationContract")
    with pytest.raises(errors.ResponseUntrusted):
        platform.certra.generate_revocation_contract("ab" * 20, person, RevocationReason.KEY_COMPROMISE, name)


def test_a_foreigner(platform, wire, reply, person, contact, rsa_keys) -> None:
    wire.answer = reply(
        "SubmitCSRForForeignerResponse",
        "<p:ValidationUrl>https://x.example/1</p:ValidationUrl>"
        "<p:ExpirationDate>2026-12-24T15:00:00Z</p:ExpirationDate>",
    )
    csr = certificate_request(rsa_keys[0], DistinguishedName.for_person(person))
    found = platform.certra.submit_csr_for_foreigner(person, contact, csr)
    assert found.validation_url == "https://x.example/1"


def test_application_ids_come_without_a_status(platform, wire, reply, pharmacy) -> None:
    wire.answer = reply("GetExistingApplicationIdsResponse", "<p:ApplicationId>A</p:ApplicationId>").replace(
        SUCCESS.encode(), b""
    )
    assert platform.certra.get_existing_application_ids(pharmacy.identifier) == ("A",)
